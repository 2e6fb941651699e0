"""Brings the tables of the memory up to date, and says whether they are. The steps: `service.store.migrations`."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, text

from service.store.errors import StoreBusy, StoreFailed
from service.store.store import Store, told

if TYPE_CHECKING:
    from alembic.config import Config
    from alembic.script import ScriptDirectory

FOLDER = Path(__file__).resolve().parent / "migrations"
WAIT_SECONDS = 600.0
"""How long one starter waits for another that is migrating."""
LOCK = 0x7472_6961_6765
"""Number of the advisory lock in PostgreSQL under which one process at a time migrates."""


def upgrade(store: Store, step: str = "") -> None:
    """Make the tables, or bring them up to date: all steps in one transaction, by one process at a time; no further
    than to `step`, if one is named.

    Further processes that start meanwhile wait and then find nothing to do. Raises StoreBusy after ten minutes of
    waiting, StoreFailed if the tables are of a newer release or a step fails; then nothing was changed.
    """
    if store.is_sqlite:
        _make_file(Path(store.url.database or ""))
    until = time.monotonic() + WAIT_SECONDS
    while True:
        try:
            with told(), _alone(store) as connection:
                _run(connection, step)
            return
        except StoreBusy:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)


def check(store: Store) -> None:
    """Raise StoreFailed, which says what to do, unless the tables are those of this release."""
    from alembic.runtime.migration import MigrationContext

    place = f"{store.url.database}: " if store.is_sqlite else ""
    none = f"{place}the memory has no tables yet. `triage serve` makes them when it starts."
    if store.is_sqlite and not Path(store.url.database or "").is_file():
        raise StoreFailed(none)
    with store.read() as session:
        found = MigrationContext.configure(session.connection()).get_current_revision()
    wanted, known = revision(), steps()
    if found == wanted:
        return
    if found is None:
        raise StoreFailed(none)
    if found not in known:
        raise StoreFailed(_newer(found))
    raise StoreFailed(
        f"the tables of the memory are at step {found}, this release needs {wanted}. "
        "Make a backup, stop all that use the memory, then start `triage serve`: it brings them up to date."
    )


def revision() -> str:
    """The step that the tables of this release are at."""
    return _scripts().get_current_head() or ""


def steps() -> set[str]:
    """All steps that this release knows."""
    return {step.revision for step in _scripts().walk_revisions()}


def _newer(found: str) -> str:
    return (
        f"the tables of the memory are at step {found}, which this release does not know: a newer one wrote them. "
        "Install that release, or restore a backup into an empty database."
    )


def _config() -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    return config


def _scripts() -> ScriptDirectory:
    from alembic.script import ScriptDirectory

    return ScriptDirectory.from_config(_config())


def _run(connection: Connection, step: str) -> None:
    from alembic import command
    from alembic.runtime.migration import MigrationContext

    wanted = step or revision()
    found = MigrationContext.configure(connection).get_current_revision()
    if found == wanted:
        return
    if found is not None and found not in steps():
        raise StoreFailed(_newer(found))
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, wanted)


@contextmanager
def _alone(store: Store) -> Iterator[Connection]:
    """A transaction that no other migrating process is in."""
    with store.engine.connect() as connection:
        if not store.is_sqlite:
            with connection.begin():
                connection.execute(text(f"SET LOCAL lock_timeout = '{int(WAIT_SECONDS)}s'"))
                connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
                yield connection
            return
        # A table that is made anew is dropped for a moment; with its keys watched its rows' children would go with it.
        watched = connection.connection.cursor()
        watched.execute("PRAGMA foreign_keys=OFF")
        try:
            with connection.execution_options(immediate=True).begin():
                yield connection
                if connection.exec_driver_sql("PRAGMA foreign_key_check").first() is not None:
                    raise StoreFailed("a step would leave rows that belong to nothing. Nothing was changed.")
        finally:
            watched.execute("PRAGMA foreign_keys=ON")
            watched.close()


def _make_file(path: Path) -> None:
    """The file, readable by its owner alone; SQLite gives the files beside it the same rights."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        raise StoreFailed(f"{path}: the memory cannot be written there ({error.strerror}).") from None
