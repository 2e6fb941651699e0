"""Counts over the suggestions that a filter chooses, made by the database."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, String, and_, cast, func, select
from sqlalchemy.orm import Session

from service.store.listing import Filter, conditions
from service.store.tables import CO, LEAD, Assignment, DecisionRow, OutcomeRow, ReturnRow, SuggestionRow

Counted = list[tuple[str, int]]
_FIRST = and_(DecisionRow.suggestion_id == SuggestionRow.id, DecisionRow.number == 1)


class Figures:
    """Counts in one transaction, over what `chosen` wants and the caller may see; erased suggestions count, too."""

    def __init__(self, session: Session, chosen: Filter, *, confidential: bool) -> None:
        self._session = session
        self._where: list[ColumnElement[bool]] = list(conditions(chosen))
        if not confidential:
            self._where.append(SuggestionRow.confidential.is_(False))

    def total(self) -> int:
        """How many suggestions there are."""
        return self._number(select(func.count(SuggestionRow.id)))

    def states(self) -> Counted:
        """By state."""
        return self._by(SuggestionRow.state)

    def sources(self) -> Counted:
        """By the body that they came through."""
        return self._by(SuggestionRow.source)

    def sessions(self) -> Counted:
        """By session (届次)."""
        return self._by(SuggestionRow.session)

    def topics(self) -> Counted:
        """By the first topic of the decision that holds."""
        return self._by(SuggestionRow.topic)

    def months(self) -> Counted:
        """By the month in which they were handed in, in order; those without a day first, under ``""``."""
        month = func.coalesce(func.substr(cast(SuggestionRow.day, String), 1, 7), "")
        return sorted(self._by(month))

    def leads(self) -> Counted:
        """By lead unit of the decision that holds."""
        return self._assigned(LEAD)

    def helpers(self) -> Counted:
        """By co-handling unit of the decision that holds."""
        return self._assigned(CO)

    def outcomes(self) -> Counted:
        """By the outcome that counts."""
        latest = select(func.max(OutcomeRow.id)).group_by(OutcomeRow.suggestion_id)
        chosen = select(OutcomeRow.outcome, func.count()).where(OutcomeRow.id.in_(latest))
        return self._counted(
            chosen.join(SuggestionRow, SuggestionRow.id == OutcomeRow.suggestion_id), OutcomeRow.outcome
        )

    def returns(self) -> Counted:
        """Returns by the unit that sent back."""
        chosen = select(ReturnRow.unit, func.count())
        return self._counted(chosen.join(SuggestionRow, SuggestionRow.id == ReturnRow.suggestion_id), ReturnRow.unit)

    def returned(self) -> int:
        """How many suggestions were sent back at least once."""
        chosen = select(func.count(ReturnRow.suggestion_id.distinct()))
        return self._number(chosen.join(SuggestionRow, SuggestionRow.id == ReturnRow.suggestion_id))

    def waits(self) -> Iterator[int]:
        """For each suggestion of which both are known, the days from being handed in to the first decision."""
        chosen = select(SuggestionRow.day, DecisionRow.day).join(DecisionRow, _FIRST)
        for handed_in, decided in self._session.execute(chosen.where(*self._where)):
            if handed_in and decided:
                yield (decided - handed_in).days

    def _by(self, column: Any) -> Counted:
        return self._counted(select(column, func.count()), column)

    def _assigned(self, role: str) -> Counted:
        chosen = select(Assignment.unit, func.count()).where(Assignment.role == role)
        return self._counted(chosen.join(SuggestionRow, SuggestionRow.id == Assignment.suggestion_id), Assignment.unit)

    def _counted(self, chosen: Any, column: Any) -> Counted:
        found: Sequence[Any] = self._session.execute(chosen.where(*self._where).group_by(column)).all()
        return sorted(((value, number) for value, number in found), key=lambda one: (-one[1], one[0]))

    def _number(self, chosen: Any) -> int:
        return self._session.scalar(chosen.where(*self._where)) or 0
