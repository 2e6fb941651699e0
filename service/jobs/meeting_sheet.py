"""The meeting sheet (交办表) of the memory or of a file, as ``triage sheet`` writes it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from typing import TYPE_CHECKING

from service.jobs.bench import Bench
from service.jobs.kinds import Paper
from service.jobs.papers import MEDIA_TYPES
from service.jobs.progress import HowFar, Steps
from service.jobs.sight import answers_seen, found_apart, hidden, items_seen
from service.jobs.sources import Order
from service.problems import Problem
from service.store.kept import answers as kept_answers
from triage.errors import InputError
from triage.records import Case, Suggestion, Triaged
from triage.sheets import Sheet, as_xlsx

if TYPE_CHECKING:
    from service.served.model import Answering
    from triage.duplicates.apart import Apart
    from triage.duplicates.precedents import HandledCase

MOST_ROWS = 20_000
"""Rows of a workbook: more of them would take minutes to write, and no meeting goes through them."""
CHUNK = 64
ANSWERED, COMPARED = 0.5, 0.8
"""Up to where the rows are answered, and compared; then the workbook is written."""


def sheet(bench: Bench, order: Order, cases: list[Case], far: HowFar) -> Paper:
    """The sheet of these rows. What the memory decided already stands in the columns that people fill in."""
    from triage.meeting import meeting_sheets

    if len(cases) > MOST_ROWS:
        detail = f"{len(cases):,} rows do not fit a sheet of {MOST_ROWS:,}. Narrow the filter, or split the file."
        detail_zh = f"{len(cases):,}件超过一张交办表的上限{MOST_ROWS:,}件，请缩小范围或拆分文件。"
        raise Problem("too-many-rows", detail, detail_zh=detail_zh)
    answering, suggestions = bench.answering(), [case.suggestion for case in cases]
    answers: Sequence[Triaged]
    precedents: list[tuple[HandledCase, ...]] = []
    if order.stored:
        answers = _kept(bench, order, answering, suggestions, far.steps(0.0, ANSWERED))
        more = (
            _compared(answering, cases, answers, found_apart(bench.store, order), far)
            if order.options.get("together")
            else []
        )
    else:
        answers, precedents, more = _sitting(bench, order, answering, suggestions, far)
    far.tell(COMPARED)
    sheets = meeting_sheets(
        suggestions,
        answers,
        answering.place.catalogue or answering.triager.catalogue,
        card=answering.triager.card,
        precedents=precedents,
        more=more,
        decided={case.suggestion.id: case for case in cases} if order.stored else None,
    )
    return Paper("sheet.xlsx", MEDIA_TYPES[".xlsx"], as_xlsx(sheets))


def _kept(
    bench: Bench, order: Order, answering: Answering, suggestions: Sequence[Suggestion], steps: Steps
) -> list[Triaged]:
    """The answers that are kept, and new ones where none is of this wording, this model and this catalogue."""
    from triage.kept import triaged

    model, catalogue = answering.triager.card["model"], answering.place.version
    with bench.store.snapshot() as session:
        refs = [one.id for one in suggestions]
        kept = kept_answers(session, refs, model, catalogue, confidential=order.confidential)
    found: dict[str, Triaged] = {}
    for ref, answer in kept.items():
        try:
            found[ref] = triaged(answer)
        except InputError:
            continue  # of an older release, and asked anew
    asked = [one for one in suggestions if one.id not in found]
    for start in range(0, len(asked), CHUNK):
        some = asked[start : start + CHUNK]
        told = answering.triager.triage(some, history=answering.index, precheck=answering.office)
        seen = answers_seen(bench.store, order, told, ())
        found |= {one.id: answer for one, answer in zip(some, seen, strict=True)}
        steps(start + len(some), len(asked))
    return [found[one.id] for one in suggestions]


def _compared(
    answering: Answering, cases: Sequence[Case], answers: Sequence[Triaged], apart: Apart, far: HowFar
) -> list[Sheet]:
    """Merges and conflicts among the rows, as sheets; none where there is nothing to tell."""
    from triage.duplicates.sheets import conflicts_sheet, merges_sheet

    leads = {answer.id: tuple(lead.unit for lead in answer.lead[:1]) for answer in answers}
    triager = answering.triager
    middle = (ANSWERED + COMPARED) / 2
    with closing(triager.duplicates(cases, progress=far.steps(ANSWERED, middle))) as batch:
        proposals = batch.proposals(far.steps(middle, COMPARED), apart=apart)
        conflicts = triager.conflicts(batch, decided=True, apart=apart)
    more = [merges_sheet(proposals, leads)] if proposals else []
    return [*more, *([conflicts_sheet(conflicts)] if conflicts else [])]


def _sitting(
    bench: Bench, order: Order, answering: Answering, suggestions: Sequence[Suggestion], far: HowFar
) -> tuple[Sequence[Triaged], list[tuple[HandledCase, ...]], list[Sheet]]:
    """Answers, precedents and further sheets of the rows of one sitting, as the command line makes them; of what the
    index holds only what the job may name.
    """
    from triage.duplicates.sheets import conflicts_sheet, merges_sheet
    from triage.meeting.write import PRECEDENTS

    index, sent = answering.index, {one.id for one in suggestions}
    progress = far.named({"reading": (0.0, 0.2), "comparing": (0.2, 0.3)}, (0.3, ANSWERED))
    done = answering.triager.together(suggestions, history=index, precheck=answering.office, progress=progress)
    answers = answers_seen(bench.store, order, done.answers, sent)
    conflicts = items_seen(bench.store, order, done.conflicts, sent)
    precedents: list[tuple[HandledCase, ...]] = []
    steps = far.steps(ANSWERED, COMPARED)
    for start in range(0, len(suggestions) if index is not None else 0, CHUNK):
        steps(start, len(suggestions))
        if index is not None:
            precedents += answering.triager.precedents(suggestions[start : start + CHUNK], index, most=PRECEDENTS)
    unseen = hidden(bench.store, order, {case.id for cases in precedents for case in cases})
    precedents = [tuple(case for case in cases if case.id not in unseen) for cases in precedents]
    leads = {answer.id: tuple(lead.unit for lead in answer.lead[:1]) for answer in answers}
    more = [merges_sheet(done.proposals, leads)] if done.proposals else []
    more += [conflicts_sheet(conflicts)] if conflicts else []
    return answers, precedents, more
