"""``triage duplicates``: what each text of a file repeats, in the file and in history."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from triage.cli import screen
from triage.cli.screen import Form
from triage.records import LABELS, Duplicate, Grade, Suggestion
from triage.results import json_line, write_file
from triage.sheets import likely

if TYPE_CHECKING:
    from triage.catalogue import Catalogue
    from triage.duplicates.batch import Batch
    from triage.duplicates.groups import MergeProposal
    from triage.duplicates.guard import MeetingItem

COLOURS = {Grade.IDENTICAL: "red", Grade.REWRITTEN: "magenta", Grade.SAME_MATTER: "yellow", Grade.RELATED: "dim"}


def duplicates(  # noqa: PLR0913 - an option each
    file: Annotated[Path, typer.Argument(help="A csv, xlsx or jsonl file of suggestions or cases.")],
    history: Annotated[
        Path | None, typer.Option("--history", help="Earlier texts: an index file, or a csv, xlsx or jsonl file.")
    ] = None,
    output: Annotated[Path | None, typer.Option("--output", help="Write to a .jsonl, .csv or .xlsx file.")] = None,
    proposals: Annotated[
        Path | None, typer.Option("--proposals", help="Write the suggested merges to a .jsonl, .csv or .xlsx file.")
    ] = None,
    conflicts: Annotated[
        Path | None, typer.Option("--conflicts", help="Write matters with several leads to a .jsonl, .csv or .xlsx.")
    ] = None,
    form: Annotated[
        Form | None,
        typer.Option("--format", help="Without --output: text for readers, jsonl for programs. Default: by terminal."),
    ] = None,
    k: Annotated[int, typer.Option("--k", help="Tell at most so many for each text.", min=1, max=1000)] = 10,
    least: Annotated[
        str, typer.Option("--least", help="The loosest grade to tell: identical, rewritten, same-matter or related.")
    ] = Grade.RELATED.value,
    source: Annotated[list[str] | None, typer.Option("--source", help="Only texts of this source; repeatable.")] = None,
    session: Annotated[list[str] | None, typer.Option("--session", help="Only of this session; repeatable.")] = None,
    since: Annotated[str | None, typer.Option("--since", help="Only texts of this day or later.")] = None,
    until: Annotated[str | None, typer.Option("--until", help="Only texts of this day or earlier.")] = None,
    area: Annotated[list[str] | None, typer.Option("--area", help="Only texts that name this place.")] = None,
    catalogue: Annotated[
        Path | None, typer.Option("--catalogue", help="A catalogue folder, for units that were renamed or merged.")
    ] = None,
    encoder: Annotated[Path | None, typer.Option("--encoder", help="The sentence encoder's folder.")] = None,
    no_encoder: Annotated[bool, typer.Option("--no-encoder", help="Compare wording only.")] = False,
) -> None:
    """Say for each text what it repeats, how sure that is, and why. Nothing is merged or left out."""
    from triage.cli import history as past
    from triage.datasets import read_cases
    from triage.duplicates.batch import Batch

    screen.check_targets((output, proposals, conflicts), (file, history))
    shown = None if output is not None else screen.form_or_default(form)
    wanted, only = past.grade(least), past.filters(source, session, since, until, area)
    cases = read_cases(file, required=())
    units = units_of(catalogue)
    sentence = past.sentence_encoder(encoder, no_encoder, past.encoder_of(history))
    with screen.progress("duplicates") as tell, past.opened(history, sentence, tell) as index:
        batch = Batch(cases, history=index, sentence=sentence, progress=past.steps(tell, f"reading {file.name}"))
        with closing(batch):
            told = _Told(batch, batch.duplicates(k=k, least=wanted, only=only, progress=past.steps(tell, "comparing")))
            if shown is Form.TEXT or proposals or (output and output.suffix.lower() == ".xlsx"):
                told.merges = batch.proposals(past.steps(tell, "grouping"))
            if shown is Form.TEXT or conflicts or (output and output.suffix.lower() == ".xlsx"):
                told.conflicts = batch.conflicts(catalogue=units)
    _write(told, output, proposals, conflicts)
    if shown is Form.TEXT:
        _show(told)
    elif shown is Form.JSONL:
        for line in told.lines():
            print(json_line(line))


def units_of(folder: Path | None) -> Catalogue:
    """The catalogue that knows which units are one: the named one, else the starter's. Raises CatalogueError."""
    from triage.catalogue import load_catalogue, starter_catalogue

    return load_catalogue(folder) if folder is not None else starter_catalogue()


@dataclass(slots=True)
class _Told:
    """What was found: of each text what it repeats and, where they were asked for, merges and conflicts."""

    batch: Batch
    found: Sequence[tuple[Duplicate, ...]]
    merges: Sequence[MergeProposal] = ()
    conflicts: Sequence[MeetingItem] = ()

    @property
    def suggestions(self) -> list[Suggestion]:
        return [case.suggestion for case in self.batch.cases]

    def lines(self) -> Iterator[dict[str, Any]]:
        """A record for each text, in order."""
        for mine, hits in zip(self.suggestions, self.found, strict=True):
            yield {"id": mine.id, "duplicates": [asdict(hit) for hit in hits]}


def _write(told: _Told, output: Path | None, proposals: Path | None, conflicts: Path | None) -> None:
    from triage.duplicates.sheets import conflicts_sheet, merges_sheet, pairs_sheet

    merges, meeting = merges_sheet(told.merges), conflicts_sheet(told.conflicts)
    for path, records, sheets in (
        (output, told.lines(), [pairs_sheet(told.suggestions, told.found), merges, meeting]),
        (proposals, (proposal.to_dict() for proposal in told.merges), [merges]),
        (conflicts, (item.to_dict() for item in told.conflicts), [meeting]),
    ):
        if path is not None:
            write_file(path, records, sheets)
            counted = len(told.found) if path is output else len(sheets[0].rows)
            screen.errors.print(f"{path}: {counted} {'texts' if path is output else 'rows'}", markup=False)


def _show(told: _Told) -> None:
    """For a reader: the texts that repeat something, then merges and conflicts."""
    from triage.duplicates.sheets import called

    alone = 0
    for mine, hits in zip(told.suggestions, told.found, strict=True):
        if not hits:
            alone += 1
            continue
        screen.output.print(Text.assemble((f"【{mine.id}】", "bold cyan"), (called(mine), "bold")))
        for hit in hits:
            known = "，".join(filter(None, (hit.source, hit.session, hit.date)))
            line = Text.assemble(f"  {hit.id}：", (f"{LABELS[hit.grade]} {likely(hit.score)}", COLOURS[hit.grade]))
            line.append(f"　{hit.title}{f'（{known}）' if known else ''}")
            if hit.lead:
                line.append(f"　主办：{'、'.join(hit.lead)}{f'　结果：{hit.outcome}' if hit.outcome else ''}")
            screen.output.print(line)
            if hit.grade is not Grade.RELATED:
                screen.output.print(Text(f"    {hit.evidence.text}", style="dim"))
        screen.output.print()
    if alone:
        screen.output.print(Text(f"另有{alone}件未发现重复。\n"))
    for number, proposal in enumerate(told.merges, start=1):
        screen.output.print(Text.assemble((f"并案建议{number}", "bold green"), f"：{LABELS[proposal.grade]}"))
        for member in proposal.members:
            people = "、".join(member.proposers) or "提出人未登记"
            name = "（保密件）" if member.confidential else member.title or member.text[:40].replace("\n", " ")
            screen.output.print(Text(f"  {member.id}　{name}　{member.source}　{people}"))
        screen.output.print(Text(f"  {proposal.note}\n", style="dim"))
    for number, item in enumerate(told.conflicts, start=1):
        screen.output.print(Text.assemble((f"同事不同办{number}", "bold red"), f"：{item.text}\n"))
