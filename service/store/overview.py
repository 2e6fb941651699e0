"""What many suggestions say together without their wording: advice on what is not decided, topics by day, returns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date as Date
from typing import Any

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from service.store.listing import Filter, conditions
from service.store.tables import OPEN, DecisionRow, ReturnRow, SuggestionRow
from triage.records import Case, Suggestion

REASONS = 10
"""Reasons that are told of one unit, the commonest ones."""
_HOLDING = and_(DecisionRow.suggestion_id == SuggestionRow.id, DecisionRow.number == SuggestionRow.decision)


@dataclass(frozen=True, slots=True)
class Advised:
    """What the latest advice says of a suggestion that nobody has decided."""

    leads: tuple[str, ...]
    co: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SentBack:
    """A return (退单), and of which suggestion. `by` is the key that recorded it."""

    suggestion: str
    title: str
    unit: str
    reason: str
    day: Date | None
    by: str


@dataclass(frozen=True, slots=True)
class Returner:
    """A unit that sent back: how often, and its reasons, the commonest first; an empty one is none."""

    unit: str
    count: int
    reasons: tuple[str, ...]


def advice_of(session: Session, chosen: Filter, *, confidential: bool) -> dict[str, Advised]:
    """The latest advice on the suggestions that wait for a decision, by id; those without advice are left out."""
    columns = (SuggestionRow.ref, SuggestionRow.advised_leads, SuggestionRow.advised_co)
    where = [*_where(chosen, confidential), SuggestionRow.state == OPEN, SuggestionRow.promise > 0]
    return {ref: Advised(tuple(leads), tuple(co)) for ref, leads, co in session.execute(select(*columns).where(*where))}


def topic_cases(session: Session, chosen: Filter, *, confidential: bool) -> Iterator[Case]:
    """Each suggestion as a case with its day and topics, those of the decision that holds, else the advised one, and
    nothing else. Erased suggestions count, too.
    """
    columns = (SuggestionRow.ref, SuggestionRow.day, SuggestionRow.advised_topic, DecisionRow.topics)
    asked = select(*columns).outerjoin(DecisionRow, _HOLDING).where(*_where(chosen, confidential))
    for ref, day, advised, topics in session.execute(asked.order_by(SuggestionRow.id)):
        yield Case(Suggestion(ref, date=day), topics=tuple(topics or ([advised] if advised else [])))


def returns(
    session: Session, chosen: Filter, units: tuple[str, ...], limit: int, *, confidential: bool
) -> list[SentBack]:
    """The last returns, the newest first, of suggestions that a filter chooses; with `units` only what these sent."""
    columns = (SuggestionRow.ref, SuggestionRow.title, ReturnRow.unit, ReturnRow.reason, ReturnRow.day, ReturnRow.actor)
    asked = select(*columns).join(SuggestionRow, SuggestionRow.id == ReturnRow.suggestion_id)
    asked = asked.where(*_where(chosen, confidential), *_sent_by(units)).order_by(ReturnRow.id.desc()).limit(limit)
    return [SentBack(*row) for row in session.execute(asked)]


def returners(session: Session, chosen: Filter, units: tuple[str, ...], *, confidential: bool) -> list[Returner]:
    """Who sent back how often and why, the unit with most returns first."""
    columns = (ReturnRow.unit, ReturnRow.reason, func.count())
    asked = select(*columns).join(SuggestionRow, SuggestionRow.id == ReturnRow.suggestion_id)
    asked = asked.where(*_where(chosen, confidential), *_sent_by(units)).group_by(ReturnRow.unit, ReturnRow.reason)
    counted: dict[str, Counter[str]] = {}
    for unit, reason, count in session.execute(asked):
        counted.setdefault(unit, Counter())[reason] += count
    found = [Returner(unit, reasons.total(), _commonest(reasons)) for unit, reasons in counted.items()]
    return sorted(found, key=lambda one: (-one.count, one.unit))


def _commonest(reasons: Counter[str]) -> tuple[str, ...]:
    ranked = sorted(reasons, key=lambda reason: (-reasons[reason], reason))
    return tuple(reason for reason in ranked if reason)[:REASONS]


def _sent_by(units: tuple[str, ...]) -> list[Any]:
    return [ReturnRow.unit.in_(units)] if units else []


def _where(chosen: Filter, confidential: bool) -> list[Any]:
    hidden = [] if confidential else [SuggestionRow.confidential.is_(False)]
    return [*conditions(chosen), *hidden]
