"""Counts over the suggestions that a filter chooses, made by the database."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, String, and_, cast, func, select
from sqlalchemy.orm import Session, aliased

from service.store.decisions import WITHDRAWN
from service.store.listing import Filter, conditions
from service.store.tables import CO, LEAD, Assignment, DecisionRow, OutcomeRow, ReturnRow, SuggestionRow

if TYPE_CHECKING:
    from triage.meeting.figures import Compared

Counted = list[tuple[str, int]]
_HOLDING = and_(DecisionRow.suggestion_id == SuggestionRow.id, DecisionRow.number == SuggestionRow.decision)


def _first() -> ColumnElement[bool]:
    """The first decision that was not withdrawn: the next one after the last withdrawal."""
    later = aliased(DecisionRow)
    last = select(func.coalesce(func.max(later.number), 0)).where(
        later.suggestion_id == SuggestionRow.id, later.mode == WITHDRAWN
    )
    return and_(
        DecisionRow.suggestion_id == SuggestionRow.id,
        DecisionRow.number == last.correlate(SuggestionRow).scalar_subquery() + 1,
    )


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

    def co_units(self) -> Counted:
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
        chosen = select(SuggestionRow.day, DecisionRow.day).join(DecisionRow, _first())
        for handed_in, decided in self._session.execute(chosen.where(*self._where)):
            if handed_in and decided:
                yield (decided - handed_in).days

    def compared(self) -> dict[Compared, int]:
        """How the decisions that hold differ from what had been suggested, each way with how often it occurs."""
        from triage.meeting.figures import Compared

        kept = DecisionRow.shown["compared"]
        columns = (
            *(kept["lead"].as_string(), kept["co_added"].as_integer(), kept["co_dropped"].as_integer()),
            kept["decision"].as_string(),
        )
        numbered = [column.label(name) for column, name in zip(columns, Compared._fields, strict=True)]
        ways = select(*numbered).join(SuggestionRow, _HOLDING).where(columns[0].is_not(None), *self._where).subquery()
        found = self._session.execute(select(*ways.c, func.count()).group_by(*ways.c))
        return {Compared(*row[:-1]): row[-1] for row in found}

    def changes(self, most: int) -> list[tuple[str, str, int]]:
        """The commonest changes of lead: what was suggested, what was decided, how often."""
        way = DecisionRow.shown["compared"]["lead"].as_string()
        pair = (DecisionRow.suggested_lead, DecisionRow.lead)
        chosen = select(*pair, func.count()).join(SuggestionRow, _HOLDING).where(way != "kept", *self._where)
        found = [
            ("；".join(one), "；".join(other), times)
            for one, other, times in self._session.execute(chosen.group_by(*pair))
        ]
        return sorted(found, key=lambda change: (-change[2], *change[:2]))[:most]

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
