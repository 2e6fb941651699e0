"""The latest answers and the decisions that hold, of many suggestions at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date as Date
from datetime import datetime
from typing import Any

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from service.store.tables import ERASED, AnswerRow, DecisionRow, SuggestionRow
from service.store.visibility import hidden_in, open_answer, without_hits

PART = 500
"""Suggestions that are read at once."""
_HOLDING = and_(DecisionRow.suggestion_id == SuggestionRow.id, DecisionRow.number == SuggestionRow.decision)


@dataclass(frozen=True, slots=True)
class Held:
    """How a suggestion stands: the number of its last decision (0: there was none), and the decision that holds, with
    no units where there is none. `answer` is the number of the latest advice and `model` the bundle that gave it.
    """

    title: str
    number: int
    lead: tuple[str, ...]
    co: tuple[str, ...]
    topics: tuple[str, ...]
    day: Date | None
    at: datetime | None
    answer: int
    model: str


def answers(
    session: Session, refs: Sequence[str], model: str, catalogue: str, *, confidential: bool
) -> dict[str, Mapping[str, Any]]:
    """By id the latest answer to the wording that stands, where this model and catalogue gave it, as its caller may see
    it.
    """
    wanted = select(SuggestionRow.ref, AnswerRow.answer).join(AnswerRow, AnswerRow.id == SuggestionRow.advised_answer)
    wanted = wanted.where(AnswerRow.version == SuggestionRow.version, AnswerRow.model == model)
    wanted = wanted.where(AnswerRow.catalogue == catalogue, SuggestionRow.state != ERASED)
    if not confidential:
        wanted = wanted.where(SuggestionRow.confidential.is_(False), open_answer())
    found: dict[str, Mapping[str, Any]] = {}
    for start in range(0, len(refs), PART):
        some = session.execute(wanted.where(SuggestionRow.ref.in_(refs[start : start + PART]))).all()
        hidden = hidden_in(session, [answer for _, answer in some], confidential=confidential)
        found |= {ref: without_hits(answer, hidden) for ref, answer in some}
    return found


def standing(session: Session, refs: Sequence[str], *, confidential: bool) -> dict[str, Held]:
    """By id how these suggestions stand; those that are not there, erased or hidden from the caller are left out."""
    columns = (
        *(SuggestionRow.ref, SuggestionRow.title, SuggestionRow.decision, DecisionRow.lead, DecisionRow.co),
        *(DecisionRow.topics, DecisionRow.day, DecisionRow.at, SuggestionRow.advised_answer, AnswerRow.model),
    )
    asked = select(*columns).outerjoin(DecisionRow, _HOLDING)
    asked = asked.outerjoin(AnswerRow, AnswerRow.id == SuggestionRow.advised_answer)
    asked = asked.where(SuggestionRow.state != ERASED)
    if not confidential:
        asked = asked.where(SuggestionRow.confidential.is_(False))
    found: dict[str, Held] = {}
    for start in range(0, len(refs), PART):
        for row in session.execute(asked.where(SuggestionRow.ref.in_(refs[start : start + PART]))):
            ref, title, number, lead, co, topics, day, at, answer, model = row
            units = (tuple(lead or ()), tuple(co or ()), tuple(topics or ()))
            found[ref] = Held(title, number, *units, day, at, answer, model or "")
    return found
