"""Jobs that compare all rows with each other: repeats, merges (并案), conflicts of lead, hot topics."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import asdict
from datetime import date as Date
from typing import TYPE_CHECKING, Any

from service.jobs.bench import Bench
from service.jobs.kinds import Tables
from service.jobs.progress import HowFar
from service.jobs.sight import answers_seen, found_apart, hidden, items_seen
from service.jobs.sources import Order
from triage.records import Case, Grade

if TYPE_CHECKING:
    from service.served.model import Answering
    from triage.duplicates.batch import Batch

READ, COMPARED = 0.5, 0.9
"""Up to where the rows are read, and compared."""


def together(bench: Bench, order: Order, cases: list[Case], far: HowFar) -> Tables:
    """Advice for the rows of one sitting, as ``triage recommend`` gives it: with what they repeat among themselves."""
    from triage.duplicates.sheets import conflicts_sheet, merges_sheet
    from triage.results import answers_sheet

    answering, suggestions = bench.answering(), [case.suggestion for case in cases]
    progress = far.named({"reading": (0.0, 0.2), "comparing": (0.2, 0.5)}, (0.5, 0.9))
    done = answering.triager.together(
        suggestions, history=answering.index, precheck=answering.office, progress=progress
    )
    sent = {one.id for one in suggestions}
    answers = answers_seen(bench.store, order, done.answers, sent)
    items = items_seen(bench.store, order, done.conflicts, sent)
    leads = {answer.id: tuple(lead.unit for lead in answer.lead[:1]) for answer in answers}
    sheets = [answers_sheet(suggestions, answers)]
    sheets += [merges_sheet(done.proposals, leads)] if done.proposals else []
    sheets += [conflicts_sheet(items)] if items else []
    return Tables([answer.to_dict() for answer in answers], sheets)


def duplicates(bench: Bench, order: Order, cases: list[Case], far: HowFar) -> Tables:
    """What each row repeats, among the rows and, for an upload, in the index; with merges and conflicts as sheets."""
    from triage.duplicates.sheets import conflicts_sheet, merges_sheet, pairs_sheet

    answering, asked = bench.answering(), order.options
    with closing(_batch(answering, order, cases, far)) as batch:
        least = Grade(asked.get("least", Grade.RELATED))
        found = batch.duplicates(k=asked.get("k", 10), least=least, progress=far.steps(READ, COMPARED))
        suggestions = [case.suggestion for case in batch.cases]
        sent = {one.id for one in suggestions}
        unseen = hidden(bench.store, order, {hit.id for hits in found for hit in hits} - sent)
        found = [tuple(hit for hit in hits if hit.id not in unseen) for hits in found]
        records = [
            {"id": mine.id, "duplicates": [asdict(hit) for hit in hits]}
            for mine, hits in zip(suggestions, found, strict=True)
        ]
        apart = found_apart(bench.store, order)
        items = answering.triager.conflicts(batch, decided=order.stored, apart=apart)
        meeting = conflicts_sheet(items_seen(bench.store, order, items, sent))
        merges = merges_sheet(batch.proposals(apart=apart))
        return Tables(records, [pairs_sheet(suggestions, found), merges, meeting])


def groups(bench: Bench, order: Order, cases: list[Case], far: HowFar) -> Tables:
    """Rows that could be merged (并案): every text and every proposer stays."""
    from triage.duplicates.sheets import merges_sheet

    with closing(_batch(bench.answering(), order, cases, far)) as batch:
        proposals = batch.proposals(far.steps(READ, COMPARED), apart=found_apart(bench.store, order))
    return Tables([proposal.to_dict() for proposal in proposals], [merges_sheet(proposals)])


def conflicts(bench: Bench, order: Order, cases: list[Case], far: HowFar) -> Tables:
    """Matters that were, or are about to be, given to different leads (同事不同办). What is not decided yet counts with
    the model's first lead.
    """
    from triage.duplicates.sheets import conflicts_sheet

    answering = bench.answering()
    with closing(_batch(answering, order, cases, far)) as batch:
        batch.pairs(far.steps(READ, COMPARED))
        found = answering.triager.conflicts(batch, decided=order.stored, apart=found_apart(bench.store, order))
        items = items_seen(bench.store, order, found, {case.suggestion.id for case in batch.cases})
    return Tables([item.to_dict() for item in items], [conflicts_sheet(items)])


def hot(bench: Bench, order: Order, cases: list[Case], far: HowFar) -> Tables:
    """What many rows ask for, and how that grew."""
    from triage.duplicates.sheets import hot_sheets

    asked = order.options
    with closing(_batch(bench.answering(), order, cases, far, history=False)) as batch:
        batch.pairs(far.steps(READ, COMPARED))
        topics = batch.hot(
            least=asked.get("least_texts", 3),
            since=_day(asked, "since"),
            until=_day(asked, "until"),
            period=asked.get("period"),
        )
    return Tables([topic.to_dict() for topic in topics], hot_sheets(topics))


def _batch(answering: Answering, order: Order, cases: Sequence[Case], far: HowFar, *, history: bool = True) -> Batch:
    """The rows to be compared. Stored ones stand in the index already, so it is asked for uploads only."""
    index = answering.index if history and not order.stored else None
    return answering.triager.duplicates(cases, history=index, progress=far.steps(0.0, READ))


def _day(options: Mapping[str, Any], name: str) -> Date | None:
    return Date.fromisoformat(options[name]) if options.get(name) else None
