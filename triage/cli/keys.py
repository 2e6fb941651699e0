"""``triage keys``: the keys of the systems and people that call the service: add, list, rotate, revoke."""

from __future__ import annotations

import json
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape
from rich.table import Column, Table

from triage.cli import screen
from triage.cli.memory import Data, Database, opened, operator

if TYPE_CHECKING:
    from service.store.keys import MadeKey
    from service.store.tables_service import KeyRow

app = typer.Typer(help="The keys of those who call the service.", no_args_is_help=True)


class Scope(StrEnum):
    """What a key is for."""

    READ = "read"
    TRIAGE = "triage"
    DECIDE = "decide"
    ADMIN = "admin"


KeyId = Annotated[str, typer.Argument(metavar="ID", help="The key's id, as `triage keys list` shows it.")]


@app.callback()
def group() -> None:
    """The keys of those who call the service."""


@app.command("add")
def add(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Who calls with it: a system, a desk, a person.")],
    scopes: Annotated[list[Scope], typer.Option("--scope", help="What it is for; may be given several times.")],
    confidential: Annotated[bool, typer.Option("--confidential", help="It may see confidential suggestions.")] = False,
    expires: Annotated[
        int | None, typer.Option("--expires", help="Days after which it ends. Default: it does not.", min=1, max=3650)
    ] = None,
    rate: Annotated[
        int | None, typer.Option("--rate", help="Requests a minute; 0: any number. Default: TRIAGE_RATE.", min=0)
    ] = None,
    data: Data = None,
    database: Database = None,
) -> None:
    """Make a key and print it, once: only its digest is kept. A memory that is not there yet is made."""
    with opened(data, database, make=True) as store:
        from service.store import keys
        from service.store.columns import now

        ends = None if expires is None else now() + timedelta(days=expires)
        with store.write(operator()) as writing:
            rights: dict[str, Any] = {"confidential": confidential, "expires_at": ends, "per_minute": rate}
            made = keys.make(writing, name, [scope.value for scope in scopes], **rights)
    _show(made)


@app.command("list")
def list_(
    data: Data = None,
    database: Database = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List every key that was made, with its rights and whether it works. The keys themselves are not kept."""
    with opened(data, database) as store:
        from service.store import keys

        with store.read() as session:
            listed = [_listed(row) for row in keys.all_keys(session)]
    if as_json:
        print(json.dumps({"keys": listed}, ensure_ascii=False, indent=1))
        return
    table = Table(Column("id", no_wrap=True), "name", "scopes", "rights", Column("ends", no_wrap=True), "state")
    for key in listed:
        rate = [] if key["per_minute"] is None else [f"{key['per_minute'] or 'any'} a minute"]
        rights = ["confidential"] * key["confidential"] + rate
        state = f"{key['state']}, follows {key['follows']}" if key["follows"] else key["state"]
        ends = (key["expires"] or "")[:10]
        table.add_row(key["id"], escape(key["name"]), "\n".join(key["scopes"]), "\n".join(rights), ends, state)
    screen.output.print(table if listed else "no key yet. Make one with `triage keys add NAME --scope triage`.")


@app.command("rotate")
def rotate(
    key_id: KeyId,
    grace: Annotated[
        int, typer.Option("--grace", help="Hours in which the old key goes on working.", min=0, max=87_600)
    ] = 168,
    data: Data = None,
    database: Database = None,
) -> None:
    """Make a key in place of another, with its rights, and print it, once. The old one works on for a while."""
    with opened(data, database) as store:
        from service.store import keys

        with store.write(operator()) as writing:
            made = keys.rotate(writing, key_id, timedelta(hours=grace))
    _show(made)
    screen.errors.print(f"{key_id}: ends in {grace} hours" if grace else f"{key_id}: works no more", markup=False)


@app.command("revoke")
def revoke(key_id: KeyId, data: Data = None, database: Database = None) -> None:
    """End a key at once; a running service notices within two seconds."""
    with opened(data, database) as store:
        from service.store import keys

        with store.write(operator()) as writing:
            keys.revoke(writing, key_id)
    screen.output.print(f"{key_id}: works no more", markup=False)


def _show(made: MadeKey) -> None:
    """The key on standard output, for pipes; what to know about it beside."""
    print(made.token)
    ends = f", ends on {made.expires_at:%Y-%m-%d}" if made.expires_at else ""
    screen.errors.print(f"{made.id}: keep the key now, it is shown once{ends}.", markup=False)


def _listed(row: KeyRow) -> dict[str, Any]:
    from service.store import keys

    state = "works" if keys.works(row) else "revoked" if row.revoked_at else "expired"
    return {
        "id": row.id,
        "name": row.name,
        "scopes": list(row.scopes),
        "confidential": row.confidential,
        "per_minute": row.per_minute,
        "created": row.created_at.isoformat(timespec="seconds"),
        "expires": row.expires_at.isoformat(timespec="seconds") if row.expires_at else None,
        "state": state,
        "follows": row.follows,
    }
