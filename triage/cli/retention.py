"""``triage retention``: how long the service's memory keeps what, and doing it now."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from triage.cli import screen
from triage.cli.memory import Data, Database, opened, operator
from triage.errors import InputError

if TYPE_CHECKING:
    from service.store.rules import Rule

app = typer.Typer(help="How long the service's memory keeps what.", no_args_is_help=True)


@app.callback()
def group() -> None:
    """How long the service's memory keeps what."""


@app.command("show")
def show(
    data: Data = None,
    database: Database = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, as `set` reads it.")] = False,
) -> None:
    """Show the rules, and how many suggestions each would touch today."""
    with opened(data, database) as store:
        from service.store import rules
        from service.store.decisions import today

        with store.read() as session:
            found = rules.stored(session)
            counts = rules.counts(session, found, today(), confidential=True)
    if as_json:
        print(json.dumps({"rules": [asdict(rule) for rule in found]}, ensure_ascii=False, indent=1))
    else:
        _show(found, counts)


@app.command("set")
def set_(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help='JSON: {"rules": [{"source", "after_days", "action"}]}.')
    ],
    data: Data = None,
    database: Database = None,
) -> None:
    """Put the rules of a file in force, instead of those before. They are carried out once a day."""
    given = _read(file)
    with opened(data, database) as store:
        from service.store import rules
        from service.store.decisions import today

        parsed = rules.parsed(given)
        with store.write(operator()) as writing:
            rules.put(writing, parsed)
        with store.read() as session:
            counts = rules.counts(session, parsed, today(), confidential=True)
    _show(parsed, counts)


@app.command("run")
def run(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be touched.")] = False,
    data: Data = None,
    database: Database = None,
) -> None:
    """Carry out the rules now. What is erased does not come back; backups still hold it until they are replaced."""
    with opened(data, database) as store:
        from service.store import retention, rules
        from service.store.decisions import today

        if dry_run:
            with store.read() as session:
                found = rules.stored(session)
                counts = rules.counts(session, found, today(), confidential=True)
            _show(found, counts)
            return
        done = retention.apply(store, operator(), today())
    said = f"{done.anonymised} anonymised, {done.deleted} deleted; taken out of {done.cited} answers to others"
    screen.output.print(said, markup=False)


def _read(file: Path) -> Any:
    try:
        given = json.loads(file.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise InputError(f"{file}: cannot be read ({error.strerror}).") from error
    except ValueError as error:
        raise InputError(f"{file}: is not JSON in UTF-8 ({error}).") from error
    if not isinstance(given, dict) or set(given) != {"rules"}:
        raise InputError(
            f'{file}: an object with "rules" alone is expected, as `triage retention show --json` prints it.'
        )
    return given["rules"]


def _show(rules: tuple[Rule, ...], counts: list[int]) -> None:
    if not rules:
        screen.output.print("no rule: everything is kept", markup=False)
        return
    table = Table("source", "after days", "action", "suggestions today")
    for rule, count in zip(rules, counts, strict=True):
        table.add_row(rule.source or "(all others)", str(rule.after_days), rule.action, str(count))
    screen.output.print(table)
