"""``triage audit``: what in a file of cases is likely wrong, corrected by a sheet; the service's trail, verified."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table
from typer.core import TyperGroup

from triage.cli import screen
from triage.cli.memory import Data, Database, opened
from triage.errors import InputError

if TYPE_CHECKING:
    from service.store.verification import Verified
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
    help="Of a file of cases: likely wrong labels, found and corrected. Of the service's memory: its trail, verified.",
    no_args_is_help=True,
)


@app.callback()
def group() -> None:
    """Of a file of cases: likely wrong labels, inconsistent names, one matter with several leads, found and corrected.
    Of the service's memory: its trail, verified.
    """


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


@app.command("verify")
def verify(
    data: Data = None,
    database: Database = None,
    kept: Annotated[
        str,
        typer.Option("--kept", help="NUMBER:DIGEST of an entry, as this command once printed it: is it still there?"),
    ] = "",
) -> None:
    """Verify the audit trail of the service's memory: every entry, and the wordings and decisions that it names.

    The service may run meanwhile. Exit code 1 and the first broken entry where something is not as it was noted.
    """
    entry = _entry(kept) if kept else None
    with opened(data, database) as store:
        from service.store.verification import verify as verified

        with screen.progress("verify") as tell, store.snapshot() as session:
            found = verified(session, tell, entry)
    _report_trail(found)
    if not found.whole:
        raise typer.Exit(1)


def _entry(kept: str) -> tuple[int, str]:
    number, _, digest = kept.partition(":")
    if not number.isdecimal() or len(digest) != 64:
        raise InputError(f"--kept {kept!r}: NUMBER:DIGEST is wanted, with the 64 digits of the digest.")
    return int(number), digest.lower()


def _report_trail(found: Verified) -> None:
    if found.broken is not None:
        place = f"entry {found.broken.seq}" if found.broken.seq is not None else "no entry"
        subject = f", {found.broken.subject}" if found.broken.subject else ""
        screen.output.print(f"BROKEN: {place}{subject}: {found.broken.reason}", markup=False)
        return
    rows = f"{found.wordings} wordings, {found.decisions} decisions"
    screen.output.print(f"whole: {found.entries} entries, {rows}", markup=False)
    screen.output.print(f"last entry: {found.head}:{found.digest}", markup=False)


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
