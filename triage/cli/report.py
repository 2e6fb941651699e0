"""``triage report``: the office's reports, as a workbook, a page or a letter."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date as Date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from triage.cli import screen
from triage.errors import InputError

if TYPE_CHECKING:
    from triage.catalogue import Catalogue, Office
    from triage.records import Case, Triaged
    from triage.reports import Report, Timespan

CHUNK = 64
"""Suggestions that a model answers at a time."""


File = Annotated[Path, typer.Argument(help="A csv, xlsx or jsonl file of handled cases or new suggestions.")]
Kinds = Annotated[
    str,
    typer.Option(
        "--kind", help="overview, targets, hot, conflicts, workload, inspection, supervision, vote or yearly."
    ),
]
Out = Annotated[Path, typer.Option("--out", help="The .xlsx, .html, .docx or .json file to write.")]
Place = Annotated[
    Path | None, typer.Option("--catalogue", help="A catalogue folder: units, topics, areas, and office.toml.")
]
Since = Annotated[str | None, typer.Option("--from", help="The first day of the period.")]
Until = Annotated[str | None, typer.Option("--to", help="The last day of the period.")]
Previous = Annotated[
    Path | None, typer.Option("--previous", help="Compare with the cases of this csv, xlsx or jsonl file.")
]
PreviousSince = Annotated[
    str | None, typer.Option("--previous-from", help="Compare with this file's cases from this day on.")
]
PreviousUntil = Annotated[
    str | None, typer.Option("--previous-to", help="Compare with this file's cases up to this day.")
]
History = Annotated[
    Path | None, typer.Option("--history", help="Earlier texts: an index file, or a csv, xlsx or jsonl file.")
]
Bundle = Annotated[
    Path | None, typer.Option("--model", help="A bundle that suggests the lead and helpers of rows without a lead.")
]
Seed = Annotated[int, typer.Option("--seed", help="Draws the inspection sample.")]
Share = Annotated[float | None, typer.Option("--share", help="Share of the inspection sample. Default: the office's.")]
PerUnit = Annotated[
    bool | None,
    typer.Option("--per-unit/--no-per-unit", help="At least one case of every unit. Default: the office's."),
]
Above = Annotated[
    float, typer.Option("--above", help="Warn of units that lead more than this share.", min=0.0, max=1.0)
]
Most = Annotated[int, typer.Option("--most", help="Matters on a shortlist, at most.", min=1)]
Least = Annotated[int, typer.Option("--least", help="Texts that make a hot topic.", min=2)]
On = Annotated[str | None, typer.Option("--on", help="The day that overdue is seen from. Default: today.")]
Encoder = Annotated[Path | None, typer.Option("--encoder", help="The sentence encoder's folder.")]
NoEncoder = Annotated[bool, typer.Option("--no-encoder", help="Compare wording only.")]


def report(  # noqa: PLR0913 - an option each
    file: File,
    kind: Kinds,
    out: Out,
    catalogue: Place = None,
    since: Since = None,
    until: Until = None,
    previous: Previous = None,
    previous_since: PreviousSince = None,
    previous_until: PreviousUntil = None,
    history: History = None,
    model: Bundle = None,
    seed: Seed = 1,
    share: Share = None,
    per_unit: PerUnit = None,
    above: Above = 0.15,
    most: Most = 20,
    least: Least = 3,
    on: On = None,
    encoder: Encoder = None,
    no_encoder: NoEncoder = False,
) -> None:
    """Write a report of the office: what came, who handles it, what repeats, what to look at again."""
    from triage.cli import history as past
    from triage.datasets import read_cases
    from triage.reports import KINDS, Settings, make
    from triage.reports.paper import write_report

    _check(kind, out, (file, previous, history))
    period, compared = _period("--from", since, "--to", until), _compared(previous, previous_since, previous_until)
    settings = Settings(seed, share, per_unit, above, most, least, past.day("--on", on))
    compares = KINDS[kind].compares
    history = history if compares else None
    known, office = _place(catalogue)
    cases = read_cases(file, required=())
    earlier = compared or (read_cases(previous, required=()) if previous is not None else None)
    with screen.progress("report") as tell:
        cases, suggested = _suggested(cases, model, encoder, tell) if model is not None else (cases, ())
        sentence = past.sentence_encoder(encoder, no_encoder, past.encoder_of(history)) if compares else None
        with past.opened(history, sentence, tell) as index:
            made = make(
                kind,
                cases,
                office,
                known,
                period=period,
                previous=earlier,
                settings=settings,
                suggested=suggested,
                history=index,
                sentence=sentence,
                origin=_origin(file, previous, history, model, catalogue),
                progress=tell,
            )
        tell("writing", 0.99)
        write_report(made, out)
    _show(made, out)


def _check(kind: str, out: Path, read: Sequence[Path | None]) -> None:
    """Raise InputError, before any work is done, for an unknown kind, a paper that cannot be written, and one that
    would take the place of what it is made from.
    """
    from triage.reports import KINDS
    from triage.reports.paper import check_paper

    if kind not in KINDS:
        raise InputError(f"--kind is {kind!r}; allowed are {', '.join(KINDS)}.")
    check_paper(out)
    for other in read:
        if other is not None and (out == other or (out.exists() and other.exists() and out.samefile(other))):
            raise InputError(f"{out}: is also named as another file of this command. Give the report its own name.")


def _place(folder: Path | None) -> tuple[Catalogue | None, Office]:
    """The catalogue and the office's settings of a folder; without one, none and a plain office."""
    from triage.catalogue import Office, load_catalogue, load_office

    return (None, Office()) if folder is None else (load_catalogue(folder), load_office(folder))


def _period(first_name: str, first: str | None, last_name: str, last: str | None) -> Timespan | None:
    """The period that two options name; None where neither is given. Raises InputError."""
    from triage.cli import history as past
    from triage.reports import timespan

    if first is None and last is None:
        return None
    days: list[Date | None] = [past.day(first_name, first), past.day(last_name, last)]
    if days[0] is not None and days[1] is not None and days[1] < days[0]:
        raise InputError(
            f"{first_name} {days[0]} and {last_name} {days[1]}: the period ends before it begins. Swap them."
        )
    return timespan(*days)


def _compared(previous: Path | None, first: str | None, last: str | None) -> Timespan | None:
    if previous is not None and (first is not None or last is not None):
        raise InputError("--previous names a file and --previous-from or --previous-to days of FILE. Give one of them.")
    return _period("--previous-from", first, "--previous-to", last)


def _suggested(
    cases: list[Case], model: Path, encoder: Path | None, tell: Callable[[str, float], None]
) -> tuple[list[Case], tuple[str, ...]]:
    """The cases with a model's first lead, and the helpers it would propose, where they have no lead; and their ids."""
    from dataclasses import replace

    from triage.results import LEAST_HELPER
    from triage.triager import Triager

    open_ones = [case for case in cases if not case.leads]
    if not open_ones:
        screen.warn("--model is not used: every row has a lead")
        return cases, ()
    triager = Triager.load(model, encoder)
    answers: list[Triaged] = []
    for start in range(0, len(open_ones), CHUNK):
        answers += triager.triage([case.suggestion for case in open_ones[start : start + CHUNK]])
        tell("leads", len(answers) / len(open_ones))
    given = {
        case.suggestion.id: replace(
            case,
            leads=tuple(lead.unit for lead in answer.lead[:1]),
            co=case.co or tuple(one.unit for one in answer.co if one.score >= LEAST_HELPER),
        )
        for case, answer in zip(open_ones, answers, strict=True)
    }
    return [given.get(case.suggestion.id, case) for case in cases], tuple(given)


def _origin(
    file: Path, previous: Path | None, history: Path | None, model: Path | None, catalogue: Path | None
) -> tuple[str, ...]:
    """The files, by name: where they lie on this machine is nobody's business."""
    named = (("上期文件", previous), ("以往来件", history), ("模型", model), ("单位目录", catalogue))
    more = "".join(f"；{what}：{path.name}" for what, path in named if path is not None)
    return (f"来件文件：{file.name}{more}",)


def _show(made: Report, out: Path) -> None:
    """What could not be told, and where the report is."""
    for section in made.sections:
        for sentence in section.sentences:
            if sentence.notice:
                screen.errors.print(f"{section.title}：{sentence.text}", markup=False)
    screen.errors.print(f"{out}: {made.title}", markup=False)
