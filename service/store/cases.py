"""The bridge from the memory to the library: suggestions with what became of them, as cases, in the order they came."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date as Date
from typing import Any

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from service.store.listing import Filter, conditions
from service.store.suggestions import suggestion_of
from service.store.tables import ERASED, DecisionRow, OutcomeRow, ReturnRow, SuggestionRow
from triage.records import Case

PART = 500
"""Suggestions that are read at once."""

_SUGGESTION = (
    *(SuggestionRow.id, SuggestionRow.ref, SuggestionRow.title, SuggestionRow.text, SuggestionRow.source),
    *(SuggestionRow.session, SuggestionRow.day, SuggestionRow.proposers, SuggestionRow.wish),
    *(SuggestionRow.confidential,),
)
_HOLDING = and_(DecisionRow.suggestion_id == SuggestionRow.id, DecisionRow.number == SuggestionRow.decision)


@dataclass(slots=True)
class _Later:
    """What became of the suggestions of one part, by their number."""

    decisions: dict[int, Any] = field(default_factory=dict)
    returns: defaultdict[int, list[str]] = field(default_factory=lambda: defaultdict(list))
    outcomes: dict[int, Any] = field(default_factory=dict)


def cases(session: Session, chosen: Filter, *, confidential: bool, erased: bool = False) -> Iterator[Case]:
    """Each suggestion with the decision that holds, the units that returned it and the outcome that counts.

    Topics are those that were decided, never a model's. Without `confidential` those that are so stay out; `erased`
    ones, which have units and dates and no wording, come only if asked for. They are read a part at a time, so that any
    number of them needs little memory.
    """
    last, where = 0, _where(chosen, confidential, erased)
    while part := _part(session, SuggestionRow.id > last, *where):
        yield from (case for _, case in part)
        last = part[-1][0]


def after(session: Session, number: int) -> list[tuple[int, Case]]:
    """The first `PART` cases with a wording that are not confidential, of suggestions past this number (their column
    `id`), each with its own: for who reads all of them without holding one transaction open.
    """
    return _part(session, SuggestionRow.id > number, *_where(Filter(), confidential=False, erased=False))


def latest(session: Session, chosen: Filter, most: int, *, confidential: bool) -> list[Case]:
    """Of the cases that `cases` would give the last `most`, in the order in which they came."""
    where = _where(chosen, confidential, erased=False)
    numbers = select(SuggestionRow.id).where(*where).order_by(SuggestionRow.id.desc()).limit(most)
    last = min(session.scalars(numbers), default=1) - 1
    found: list[Case] = []
    while part := _part(session, SuggestionRow.id > last, *where):
        found.extend(case for _, case in part)
        last = part[-1][0]
    return found[:most]


def named(session: Session, refs: Sequence[str]) -> list[Case]:
    """The cases of these ids that have a wording and are not confidential; the others are left out."""
    where = _where(Filter(), confidential=False, erased=False)
    found: list[Case] = []
    for start in range(0, len(refs), PART):
        some = SuggestionRow.ref.in_(refs[start : start + PART])
        found.extend(case for _, case in _part(session, some, *where))
    return found


def count(session: Session, chosen: Filter, *, confidential: bool, erased: bool = False) -> int:
    """How many cases `cases` would give."""
    counted = select(func.count()).select_from(SuggestionRow).where(*_where(chosen, confidential, erased))
    return session.scalar(counted) or 0


def last_day(session: Session, chosen: Filter, *, confidential: bool) -> Date | None:
    """The last day on which one of the cases that `cases` would give was handed in."""
    asked = select(func.max(SuggestionRow.day)).where(*_where(chosen, confidential, erased=False))
    return session.scalar(asked)


def _where(chosen: Filter, confidential: bool, erased: bool) -> list[Any]:
    where: list[Any] = list(conditions(chosen))
    if not confidential:
        where.append(SuggestionRow.confidential.is_(False))
    if not erased:
        where.append(SuggestionRow.state != ERASED)
    return where


def _part(session: Session, *where: Any) -> list[tuple[int, Case]]:
    rows = session.execute(select(*_SUGGESTION).where(*where).order_by(SuggestionRow.id).limit(PART)).all()
    later = _later(session, [row.id for row in rows])
    return [(row.id, _case(row, later)) for row in rows]


def _later(session: Session, ids: Sequence[int]) -> _Later:
    later = _Later()
    columns = (SuggestionRow.id, DecisionRow.lead, DecisionRow.co, DecisionRow.topics, DecisionRow.day)
    held = select(*columns).join(DecisionRow, _HOLDING).where(SuggestionRow.id.in_(ids))
    later.decisions = {row.id: row for row in session.execute(held)}
    sent = select(ReturnRow.suggestion_id, ReturnRow.unit).where(ReturnRow.suggestion_id.in_(ids))
    for number, unit in session.execute(sent.order_by(ReturnRow.id)):
        later.returns[number].append(unit)
    closing = (OutcomeRow.suggestion_id, OutcomeRow.outcome, OutcomeRow.reply, OutcomeRow.day)
    closed = select(*closing).where(OutcomeRow.suggestion_id.in_(ids))
    # The latest comes last, and stays.
    later.outcomes = {row.suggestion_id: row for row in session.execute(closed.order_by(OutcomeRow.id))}
    return later


def _case(row: Any, later: _Later) -> Case:
    decision, outcome = later.decisions.get(row.id), later.outcomes.get(row.id)
    return Case(
        suggestion_of(row),
        leads=tuple(decision.lead) if decision else (),
        co=tuple(decision.co) if decision else (),
        topics=tuple(decision.topics) if decision else (),
        reply=outcome.reply if outcome else "",
        outcome=outcome.outcome if outcome else "",
        returned=tuple(dict.fromkeys(later.returns.get(row.id, ()))),
        handed_out=decision.day if decision else None,
        replied=outcome.day if outcome else None,
    )
