"""``triage backup`` and ``triage restore``: the service's memory as one file, and back."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from triage.cli import screen
from triage.cli.memory import Data, Database, opened, operator
from triage.errors import InputError


def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The .zip to write; an older one is replaced.")],
    data: Data = None,
    database: Database = None,
) -> None:
    """Write the whole memory of the service to one file, while the service runs. The file is confidential."""
    _wants_zip(file)
    if not file.absolute().parent.is_dir():
        raise InputError(f"{file}: there is no folder {file.absolute().parent}. Make it first.")
    with opened(data, database) as store:
        from service.store.backup import back_up

        with screen.progress("backup") as tell:
            saved = back_up(store, file, tell)
    screen.output.print(f"{file}: {saved.rows} rows, confidential: it holds all texts and secrets", markup=False)
    screen.output.print(f"last entry of the trail: {saved.head}:{saved.digest}", markup=False)


def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The .zip that `triage backup` wrote.")],
    data: Data = None,
    database: Database = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="All that the memory holds now goes. Stop the service first.")
    ] = False,
    broken_too: Annotated[
        bool, typer.Option("--broken-too", help="Also a backup whose audit trail is broken, as it is.")
    ] = False,
) -> None:
    """Restore a backup into an empty memory, of either database: checked and verified, all of it or nothing."""
    try:
        from service.store.archive import Reader
    except ModuleNotFoundError as error:
        remedy = "Run `pip install 'suggestion-triage[service]'`."
        raise InputError(f"the memory needs the package {error.name}. {remedy}") from error
    with Reader(file) as archive, opened(data, database, make=True) as store:
        from service.store.backup import restore as restored

        with screen.progress("restore") as tell:
            saved = restored(store, archive, operator(), replace=replace, broken_too=broken_too, progress=tell)
    if saved.verified is not None and saved.verified.broken is not None:
        screen.warn(f"the trail is broken: {saved.verified.broken.reason}. `triage audit verify` says where.")
    screen.output.print(f"restored: {saved.rows} rows, the trail up to entry {saved.head}", markup=False)


def _wants_zip(path: Path) -> None:
    if path.suffix.lower() != ".zip":
        raise InputError(f"{path}: ending {path.suffix!r}; .zip is wanted here.")
