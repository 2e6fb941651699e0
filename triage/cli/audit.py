"""``triage audit``: what in a file of cases is likely wrong, a sheet to correct it, and the sheet applied."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table
from typer.core import TyperGroup

from triage.cli import screen
from triage.errors import InputError

if TYPE_CHECKING:
    from triage.learning.audit import Audit


class _CheckUnlessNamed(TyperGroup):
    """`triage audit FILE` is `triage audit check FILE`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put the usual command first where none is named."""
        if args and args[0] not in (*self.commands, "--help"):
            args = ["check", *args]
        return super().parse_args(ctx, args)


app = typer.Typer(
    cls=_CheckUnlessNamed,
    help="Likely wrong labels, inconsistent names, one matter with several leads: found, listed, corrected.",
    no_args_is_help=True,
)


@app.callback()
def group() -> None:
    """Likely wrong labels, inconsistent names, one matter with several leads: found, listed, corrected."""


@app.command("check")
def check(
    cases: Annotated[Path, typer.Argument(help="Handled cases: csv, xlsx or jsonl with title/text and lead.")],
    out: Annotated[Path, typer.Option("--out", help="The workbook (.xlsx) to correct.")],
    catalogue: Annotated[
        Path | None, typer.Option("--catalogue", help="The place's catalogue folder. Without it: names by each other.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", help="Write the findings to a .jsonl file, for programs.")
    ] = None,
    most: Annotated[int, typer.Option("--most", help="Doubted labels of a kind to list.", min=1)] = 200,
    encoder: Annotated[Path | None, typer.Option("--encoder", help="The sentence encoder's folder.")] = None,
    no_encoder: Annotated[bool, typer.Option("--no-encoder", help="Compare wording only.")] = False,
    cache: Annotated[
        Path | None, typer.Option("--cache", help="A file that keeps sentence vectors for the next training or audit.")
    ] = None,
) -> None:
    """Find what is likely wrong in CASES and write a workbook to correct it. CASES is not changed."""
    screen.check_targets((out, output), (cases, cache))
    _wants(out, ".xlsx")
    if output is not None:
        _wants(output, ".jsonl")
    from triage.catalogue import load_catalogue
    from triage.encoders.cache import CachedEncoder
    from triage.encoders.sentence import SentenceEncoder
    from triage.learning.audit import CaseFile, audit, check_cleanlab, workbook
    from triage.results import json_line, replace_file

    check_cleanlab()
    file = CaseFile.read(cases)
    place = load_catalogue(catalogue) if catalogue is not None else None
    folder = screen.encoder_or_warning(encoder, no_encoder)
    sentence = CachedEncoder(SentenceEncoder.load(folder), cache) if folder is not None else None
    with screen.progress("audit") as tell:
        found = audit(file.cases, catalogue=place, sentence=sentence, most=most, progress=tell)
    replace_file(out, workbook(found, file))
    if output is not None:
        lines = "".join(json_line(finding.to_dict()) + "\n" for finding in found.findings)
        replace_file(output, lines.encode())
    _report(found, out)


@app.command("apply")
def apply(
    cases: Annotated[Path, typer.Argument(help="The file of cases that was audited, as it was.")],
    sheet: Annotated[Path, typer.Argument(help="The workbook, corrected.")],
    out: Annotated[Path, typer.Option("--out", help="The corrected file to make, with the ending of CASES.")],
    changes: Annotated[
        Path | None,
        typer.Option("--changes", help="The list of changes (.csv, .xlsx, .jsonl). Default: beside --out."),
    ] = None,
) -> None:
    """Apply a corrected workbook: a new file of cases with every column, and a list of what was changed and why."""
    log = changes if changes is not None else out.with_name(f"{out.stem}.changes.csv")
    screen.check_targets((out, log), (cases, sheet))
    _wants(out, cases.suffix.lower())
    from triage.learning.audit import CaseFile, corrected, read_corrections
    from triage.results import file_content, replace_files

    file = CaseFile.read(cases)
    corrections = read_corrections(sheet, file)
    done = corrected(file, corrections)
    listed = file_content(log, (change.to_dict() for change in done.changes), [done.log()])
    replace_files({log: listed, out: done.content})
    touched = len({change.id for change in done.changes})
    told = f"{len(file.cases)} cases, {touched} changed; {log}: {len(done.changes)} changes"
    screen.output.print(f"{out}: {told}", markup=False)


def _wants(path: Path, ending: str) -> None:
    if path.suffix.lower() != ending:
        raise InputError(f"{path}: ending {path.suffix!r}; {ending} is wanted here.")


def _report(found: Audit, out: Path) -> None:
    from triage.learning.audit.findings import NAMES

    for notice in found.notices:
        screen.warn(notice.text)
    if found.counts:
        table = Table("finding", "", "number", title=f"{found.cases} cases")
        for kind, number in found.counts.items():
            table.add_row(kind.value, NAMES[kind], str(number))
        screen.output.print(table)
    screen.output.print(f"{out}: {len(found.findings)} findings to look through", markup=False)
