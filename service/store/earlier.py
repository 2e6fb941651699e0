"""Backups of earlier releases: the tables as they were then, and their rows brought up to date.

The rows go into a temporary memory with the tables of their step; then the same steps run that bring an office's own
memory up to date (`service.store.migrate`). So nothing has to be known here of what a step does.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from sqlalchemy import DateTime, MetaData, Table, delete

from service.store import migrate, search
from service.store.columns import Moment
from service.store.errors import StoreError
from service.store.rows import add_rows, in_parts, rows_in
from service.store.store import Store, told
from triage.errors import StorageError

if TYPE_CHECKING:
    from service.store.archive import Progress, Reader

FILE = "earlier.db"
STEPS = "alembic_version"


class Migrated:
    """A backup of an earlier step whose rows are those of this release's tables; the rest as `Reader` has it."""

    def __init__(self, archive: Reader, store: Store) -> None:
        self.manifest, self.refused = archive.manifest, archive.refused
        self._store = store

    def rows(self, table: Table) -> Iterator[dict[str, Any]]:
        """The rows of a table of this release."""
        with self._store.snapshot() as session:
            yield from rows_in(session, table)


@contextmanager
def migrated(archive: Reader, progress: Progress) -> Iterator[Migrated]:
    """The backup with the tables of this release, while the context lasts.

    It works beside the backup, in a folder that only its owner can read and that is gone afterwards: a backup is
    confidential, and its owner chose where it lies. Raises StorageError where nothing can be written there, InputError
    for rows that are not what the manifest says or that a step cannot bring up to date, StoreFailed for rows that do
    not belong together.
    """
    place = archive.path.absolute().parent
    try:
        folder = TemporaryDirectory(dir=place, prefix=f".{archive.path.stem[:40]}.", ignore_cleanup_errors=True)
    except OSError as error:
        raise StorageError(
            f"{place}: a backup of an earlier release is brought up to date beside it, and nothing can be written "
            f"there ({error.strerror}). Copy the backup to a folder with room, of your own, and restore that."
        ) from None
    with folder as name, closing(Store(f"sqlite:///{Path(name) / FILE}")) as store:
        migrate.upgrade(store, archive.manifest.revision)
        _fill(store, archive, progress)
        _migrate(store, archive)
        yield Migrated(archive, store)


def tables_at(step: str) -> list[Table]:
    """The tables of the memory as a step left them, in the order in which rows can be added."""
    with TemporaryDirectory() as name, closing(Store(f"sqlite:///{Path(name) / FILE}")) as store:
        migrate.upgrade(store, step)
        return _tables(store)


def _tables(store: Store) -> list[Table]:
    found = MetaData()
    with told(), store.engine.connect() as connection:
        found.reflect(connection, only=lambda name, _: name != STEPS and not name.startswith(search.INDEX))
    for table in found.sorted_tables:
        for column in table.columns:
            if isinstance(column.type, DateTime):
                column.type = Moment()
    return found.sorted_tables


def _fill(store: Store, archive: Reader, progress: Progress) -> None:
    tables = _tables(store)
    total, done = max(sum(member.rows for member in archive.manifest.tables), 1), 0
    with told(), store.engine.connect().execution_options(immediate=True) as connection, connection.begin():
        for table in reversed(tables):
            connection.execute(delete(table))  # the steps made the head of a trail
        for table in tables:
            for part in in_parts(archive.rows(table)):
                add_rows(connection, table, part)
                done += len(part)
                progress(table.name, done / total)


def _migrate(store: Store, archive: Reader) -> None:
    """Run the steps. They read rows to fill columns, and a stranger's rows may not be what they expect."""
    try:
        migrate.upgrade(store)
    except StoreError:
        raise
    except Exception as error:
        raise archive.refused(
            f"its rows cannot be brought up to date from step {archive.manifest.revision} ({type(error).__name__}). "
            "The file is damaged or was changed."
        ) from error
