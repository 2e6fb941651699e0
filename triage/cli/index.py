"""``triage index``: the file of everything that was handed in, which later texts are compared with."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from triage.cli import screen
from triage.errors import InputError, StorageError
from triage.records import Case

if TYPE_CHECKING:
    from triage.duplicates.hits import Changed
    from triage.duplicates.store import Store

NAMED = 5
"""Ids that an error names; the rest is counted."""

app = typer.Typer(help="The duplicate index: earlier texts, to compare later ones with.", no_args_is_help=True)

Index = Annotated[Path, typer.Argument(metavar="INDEX", help="The index file.")]
Cases = Annotated[Path, typer.Argument(help="Suggestions or cases: csv, xlsx or jsonl, each row with an id.")]
Encoder = Annotated[Path | None, typer.Option("--encoder", help="The sentence encoder's folder.")]


@app.callback()
def group() -> None:
    """The duplicate index: earlier texts, to compare later ones with."""


@app.command("build")
def build(
    cases: Cases,
    out: Annotated[Path, typer.Option("--out", help="The index file to make. It must not exist.")],
    encoder: Encoder = None,
    no_encoder: Annotated[bool, typer.Option("--no-encoder", help="Compare wording only.")] = False,
) -> None:
    """Make an index of a file of cases, whole or not at all."""
    from triage.cli import history as past
    from triage.duplicates.building import build_index

    if out.exists():
        raise StorageError(f"{out}: exists already and is left as it is. Name a new file, or use `triage index add`.")
    read = _read(cases)
    sentence = past.sentence_encoder(encoder, no_encoder)
    with screen.progress("index") as tell:
        changed = build_index(out, read, sentence=sentence, progress=past.steps(tell, f"reading {cases.name}"))
    screen.output.print(f"{out}: {changed.new} texts", markup=False)


@app.command("add")
def add(index: Index, cases: Cases, encoder: Encoder = None) -> None:
    """Add cases to an index; those that are there with the same text are renewed."""
    from triage.cli import history as past
    from triage.duplicates.building import add_cases
    from triage.duplicates.index import DuplicateIndex

    sentence = past.sentence_encoder(encoder, False, _store_encoder(index))
    read = _read(cases)
    with screen.progress("index") as tell, DuplicateIndex.load(index, sentence=sentence) as there:
        changed = add_cases(there, read, past.steps(tell, f"reading {cases.name}"))
        total = len(there)
    screen.output.print(f"{index}: {_told(changed)}; {total} texts", markup=False)


@app.command("remove")
def remove(
    index: Index,
    ids: Annotated[list[str] | None, typer.Argument(metavar="[ID]...", help="Ids of texts to take out.")] = None,
    file: Annotated[
        Path | None, typer.Option("--ids", help="A file of ids: one a line (.txt), or the column id of a table.")
    ] = None,
) -> None:
    """Take texts out of an index, all of those that are named or none."""
    from triage.duplicates.store import Store

    wanted = list(dict.fromkeys([*(ids or []), *(_ids(file) if file is not None else [])]))
    if not wanted:
        raise InputError("nothing to remove: give ids as arguments or a file of them with --ids.")
    with Store.open(index) as store:
        there = store.rows_of(wanted)
        if missing := [name for name in wanted if name not in there]:
            more = f" and {len(missing) - NAMED} more" if len(missing) > NAMED else ""
            raise InputError(f"{index}: {', '.join(missing[:NAMED])}{more}: not in the index. Nothing was removed.")
        removed = store.remove(wanted)
        total = len(store)
    screen.output.print(f"{index}: {removed} removed; {total} texts", markup=False)


@app.command("rebuild")
def rebuild(
    data: Annotated[Path, typer.Option("--data", help="The service's data folder; its index is built anew.")],
    model: Annotated[
        Path, typer.Option("--model", help="The bundle folder or registry that the service answers with.")
    ],
    database: Annotated[
        str, typer.Option("--database", help="The database's URL. Default: the file service.db in the data folder.")
    ] = "",
    encoder: Encoder = None,
) -> None:
    """Build the service's index anew from its memory, beside the old one; a running service takes the new file."""
    try:
        from service.served.following import rebuild_from
        from service.settings import Settings
    except ModuleNotFoundError as error:
        raise InputError(
            f"the service needs the package {error.name}. Run `pip install 'suggestion-triage[service]'`."
        ) from error

    given = {"data": data, "database": database or None, "model": model, "encoder": encoder}
    with screen.progress("index") as tell:
        texts = rebuild_from(Settings.from_environment({}, **given), lambda done, total: tell("texts", done / total))
    screen.output.print(f"{data}: the index has {texts} texts", markup=False)


@app.command("info")
def info(
    index: Index,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    verify: Annotated[bool, typer.Option("--verify", help="Read everything and check it first.")] = False,
) -> None:
    """Say what an index holds."""
    from triage.duplicates.store import Store

    with Store.open(index) as store:
        if verify:
            store.verify()
        known = _info(store)
    if as_json:
        print(json.dumps(known, ensure_ascii=False, indent=1))
        return
    encoder = f"sentence encoder {known['encoder'][:12]}" if known["encoder"] else "wording alone"
    lines = [
        f"{known['texts']} texts, {known['different_texts']} different; {encoder}; {known['bytes'] / 1e6:.1f} MB",
        f"dates: {known['since'] or 'none'} to {known['until'] or 'none'}",
        f"sources: {_counted(known['sources'])}",
        f"sessions: {_counted(known['sessions'])}",
    ]
    if verify:
        lines.append("everything was read and fits")
    for line in lines:
        screen.output.print(line, markup=False)


def _info(store: Store) -> dict[str, Any]:
    from triage.duplicates.nearest import EXACT_LIMIT

    different = len(store.first_rows())
    search = "exact" if different <= EXACT_LIMIT else "approximate"
    return {**store.info(), "different_texts": different, "search": search}


def _counted(counts: dict[str, int]) -> str:
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{name or '(none)'} {count}" for name, count in ordered[:20]) or "none"


def _told(changed: Changed) -> str:
    return f"{changed.new} new, {changed.renewed} renewed, {changed.unchanged} unchanged"


def _store_encoder(index: Path) -> str:
    from triage.duplicates.store import Store

    with Store.open(index) as store:
        return store.encoder


def _read(path: Path) -> list[Case]:
    """The cases of a file; each needs an id, by which it is found and removed again."""
    from triage.cli.cases import handled_cases

    return handled_cases(path, required=("id",))


def _ids(path: Path) -> list[str]:
    from triage.datasets import read_table
    from triage.tabular import decode

    if path.suffix.lower() != ".txt":
        return [row["id"] for _, row in read_table(path, required=("id",)).rows if row.get("id")]
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror or error}).") from error
    return [line.strip() for line in decode(path, data).splitlines() if line.strip()]
