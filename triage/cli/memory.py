"""The memory of the service, for the commands that work on it: where it is, and that it is there.

with opened(data, database) as store, store.write(operator()) as writing:
    keys.revoke(writing, key_id)
"""

from __future__ import annotations

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from triage.errors import InputError

if TYPE_CHECKING:
    from service.store.store import Store

Data = Annotated[
    Path | None, typer.Option("--data", help="The memory's folder, as `triage serve` has it. Default: TRIAGE_DATA.")
]
Database = Annotated[
    str | None, typer.Option("--database", help="The database's URL, instead of a file. Default: TRIAGE_DATABASE.")
]


@contextmanager
def opened(data: Path | None, database: str | None, *, make: bool = False) -> Iterator[Store]:
    """The memory that the options or the environment name, its tables those of this release.

    With `make` one that is not there yet is made. Raises InputError where none is named or none is there, StoreError.
    """
    try:
        from service.settings import Settings
        from service.store.migrate import check, upgrade
        from service.store.store import Store
    except ModuleNotFoundError as error:
        remedy = "Run `pip install 'suggestion-triage[service]'`."
        raise InputError(f"the memory needs the package {error.name}. {remedy}") from error
    url = Settings.from_environment(data=data, database=database).database_url
    if not url:
        raise InputError("no memory is named. Give --data its folder or --database its URL, as `triage serve` has it.")
    store = Store(url)
    try:
        missing = store.is_sqlite and not Path(store.url.database or "").exists()
        if missing and not make:
            raise InputError(f"{store.url.database}: there is no memory. `triage serve` or `triage keys add` makes it.")
        if make and _is_bare(store, missing):
            upgrade(store)
        check(store)
        yield store
    finally:
        store.close()


def operator() -> str:
    """The name of whoever works at this machine, for the trail."""
    try:
        return f"operator:{getpass.getuser()}"[:200]
    except (OSError, KeyError):  # a user without a name, as containers have
        return "operator"


def _is_bare(store: Store, missing: bool) -> bool:
    """Whether nothing has been made there yet; tables of an older release are left to `triage serve`."""
    from sqlalchemy import inspect

    if missing:
        return True
    with store.read() as session:
        return not inspect(session.connection()).has_table("trail_head")
