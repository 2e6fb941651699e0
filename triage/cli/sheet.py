"""``triage sheet`` writes the meeting sheet (交办表), ``triage decided`` reads it back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from triage.cli import screen
from triage.errors import InputError
from triage.records import LABELS, Decision

if TYPE_CHECKING:
    from triage.catalogue import Catalogue
    from triage.meeting import MeetingFigures

CHUNK = 64
TOLD = 8
"""Changes and reasons that are shown; the file has all."""


def sheet(
    file: Annotated[Path, typer.Argument(help="A csv, xlsx or jsonl file of suggestions.")],
    model: Annotated[Path, typer.Option("--model", help="The bundle folder.")],
    out: Annotated[Path, typer.Option("--out", help="The workbook (.xlsx) to write.")],
    history: Annotated[
        Path | None, typer.Option("--history", help="Earlier texts: an index file, or a csv, xlsx or jsonl file.")
    ] = None,
    encoder: Annotated[Path | None, typer.Option("--encoder", help="The sentence encoder's folder.")] = None,
) -> None:
    """Write the meeting sheet (交办表): what is suggested and why, and columns to fill in at the meeting."""
    from triage.cli import history as past
    from triage.datasets import read_suggestions
    from triage.duplicates.sheets import conflicts_sheet, merges_sheet
    from triage.meeting import check_meeting_target, write_meeting
    from triage.meeting.write import PRECEDENTS
    from triage.triager import Triager

    screen.check_targets((out,), (file, history))
    check_meeting_target(out)
    suggestions = read_suggestions(file)
    triager = Triager.load(model, encoder)
    sentence = past.sentence_of(triager.sentence, history, encoder) if history or len(suggestions) > 1 else None
    precedents = []
    with screen.progress("triage") as tell, past.opened(history, sentence, tell) as index:
        done = triager.together(suggestions, history=index, sentence=sentence, progress=tell)
        for start in range(0, len(suggestions) if index is not None else 0, CHUNK):
            assert index is not None  # noqa: S101 - there is nothing to go through without it
            precedents += triager.precedents(suggestions[start : start + CHUNK], index, most=PRECEDENTS)
            tell("precedents", len(precedents) / len(suggestions))
    leads = {answer.id: tuple(lead.unit for lead in answer.lead[:1]) for answer in done.answers}
    more = [merges_sheet(done.proposals, leads)] if done.proposals else []
    more += [conflicts_sheet(done.conflicts)] if done.conflicts else []
    card, catalogue = triager.card, triager.catalogue
    write_meeting(out, suggestions, done.answers, catalogue, card=card, precedents=precedents, more=more)
    screen.errors.print(f"{out}: {len(suggestions)} suggestions", markup=False)


def decided(
    file: Annotated[Path, typer.Argument(metavar="SHEET", help="The meeting sheet as it came back (.xlsx).")],
    out: Annotated[
        Path | None, typer.Option("--out", help="Write the decided cases to a .csv, .xlsx or .jsonl file.")
    ] = None,
    source: Annotated[
        Path | None,
        typer.Option("--from", help="The file that the sheet was made from, for texts that it does not show in full."),
    ] = None,
    model: Annotated[Path | None, typer.Option("--model", help="Read the units by this bundle's catalogue.")] = None,
    catalogue: Annotated[Path | None, typer.Option("--catalogue", help="Read the units by this catalogue.")] = None,
    figures: Annotated[Path | None, typer.Option("--figures", help="Write the counts as JSON.")] = None,
) -> None:
    """Read a meeting sheet back: say how far the suggestions were followed, and write the cases to learn from."""
    from triage.cli.cases import show_notices
    from triage.datasets import read_suggestions
    from triage.meeting import meeting_figures, read_meeting, write_decided
    from triage.results import json_line, replace_file

    screen.check_targets((out,), (file, source, figures))
    if figures is not None and figures.suffix.lower() != ".json":
        raise InputError(f"{figures}: ending {figures.suffix!r}; the counts are written as .json.")
    texts = read_suggestions(source) if source is not None else []
    meeting = read_meeting(file, catalogue=_catalogue(model, catalogue), suggestions=texts)
    show_notices(meeting)
    counts = meeting_figures(meeting.rows)
    written = write_decided(out, meeting) if out is not None else None
    if figures is not None:
        told = {"model": meeting.model, "catalogue": meeting.catalogue, "day": str(meeting.day or "")}
        replace_file(figures, (json_line({**told, **counts.to_dict()}) + "\n").encode())
    _show(counts)
    if out is not None:
        screen.errors.print(f"{out}: {written} cases", markup=False)


def _catalogue(model: Path | None, folder: Path | None) -> Catalogue | None:
    if model is not None and folder is not None:
        raise InputError(
            "--model and --catalogue both name a catalogue. Give one of them, or none for the sheet's own."
        )
    if folder is not None:
        from triage.catalogue import load_catalogue

        return load_catalogue(folder)
    if model is None:
        return None
    from triage import bundle
    from triage.catalogue import Catalogue as Units

    # Only this part: to read names no encoder is needed.
    return Units.from_dict(bundle.load(model).parts["catalogue"].data["catalogue"])


def _show(counts: MeetingFigures) -> None:
    """How far the suggestions were followed."""
    say = screen.output.print
    say(f"{counts.rows} rows: {counts.decided} decided, {counts.undecided} not", markup=False)
    if not counts.compared:
        return
    say(
        f"lead as suggested {_share(counts.lead_kept, counts.compared)}, another of the candidates "
        f"{counts.lead_listed}, another unit {counts.lead_other}",
        markup=False,
    )
    say(
        f"helpers as suggested {_share(counts.co_kept, counts.compared)}; {counts.co_added} added, "
        f"{counts.co_dropped} left out; all as suggested {_share(counts.kept, counts.compared)}",
        markup=False,
    )
    for decision in Decision:
        followed = counts.promises[decision]
        if followed.decided:
            say(f"{LABELS[decision]}: lead as suggested {_share(followed.kept, followed.decided)}", markup=False)
    for suggested, chosen, times in counts.changes[:TOLD]:
        say(f"  {suggested} → {chosen}: {times}", markup=False)
    for reason, times in counts.reasons[:TOLD]:
        say(f"  原因 {times}: {reason}", markup=False)


def _share(part: int, whole: int) -> str:
    return f"{part} of {whole} ({part / whole:.0%})"
