"""What a new version of the catalogue would do to suggestions that are not closed: looked at and counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from service.served.place import Place
from service.store import cases
from service.store.listing import Filter
from service.store.store import Store
from service.store.tables import DECIDED, OPEN, AnswerRow, SuggestionRow
from triage.records import Case

if TYPE_CHECKING:
    from service.served.model import Answering
    from triage.catalogue import Catalogue, Office

NOT_CLOSED = (OPEN, DECIDED)
LISTED = 50
"""Suggestions of each kind that are named; all of them are counted."""


@dataclass(frozen=True, slots=True)
class Named:
    """A unit that a suggestion names now, by its decision or, where there is none, as the first lead of its answer."""

    id: str
    role: str
    """``lead`` or ``co`` of the decision, ``suggested`` for the answer."""
    unit: str


def preview(now: Answering, store: Store, new: Place, *, most: int, confidential: bool) -> dict[str, Any]:
    """The difference between the catalogue in force and `new`, and what it does to the latest `most` suggestions that
    are not closed, as plain JSON types. Raises StoreError.
    """
    from triage.catalogue.difference import difference, told_of_model

    before, after = catalogues_of(now, now.place), catalogues_of(now, new)
    with store.read() as session:
        chosen = Filter(states=NOT_CLOSED)
        count = cases.count(session, chosen, confidential=confidential)
        looked_at = cases.latest(session, chosen, most, confidential=confidential)
        named = _named(session, looked_at)
    return {
        "difference": difference(before, after).to_dict(),
        "open": count,
        "looked_at": len(looked_at),
        "units": _moved(named, before[0], after[0]),
        "rules": _tagged(looked_at, before, after),
        "notices": list(told_of_model(now.triager.units, after[0])),
    }


def catalogues_of(now: Answering, place: Place) -> tuple[Catalogue, Office]:
    """The catalogue and the office of a place; the model's own, and a plain one, where it has none."""
    from triage.catalogue import Office

    return place.catalogue or now.triager.catalogue, place.office or Office()


def _named(session: Session, looked_at: Sequence[Case]) -> list[Named]:
    first = _first_leads(session, [case.suggestion.id for case in looked_at if not case.leads])
    found = []
    for case in looked_at:
        ref = case.suggestion.id
        found += [Named(ref, "lead", unit) for unit in case.leads] + [Named(ref, "co", unit) for unit in case.co]
        if not case.leads and first.get(ref):
            found.append(Named(ref, "suggested", first[ref]))
    return found


def _first_leads(session: Session, refs: Sequence[str]) -> dict[str, str]:
    """The first lead of the latest answer to each suggestion, by its id."""
    found: dict[str, str] = {}
    for start in range(0, len(refs), cases.PART):
        some = select(SuggestionRow.id).where(SuggestionRow.ref.in_(refs[start : start + cases.PART]))
        latest = (
            select(func.max(AnswerRow.id)).where(AnswerRow.suggestion_id.in_(some)).group_by(AnswerRow.suggestion_id)
        )
        query = select(SuggestionRow.ref, AnswerRow.answer).join(AnswerRow, AnswerRow.suggestion_id == SuggestionRow.id)
        for ref, answer in session.execute(query.where(AnswerRow.id.in_(latest))):
            leads = answer.get("lead") or []
            found[ref] = str(leads[0]["unit"]) if leads else ""
    return found


def _moved(named: Sequence[Named], before: Catalogue, after: Catalogue) -> dict[str, Any]:
    """Names that mean something else in the new catalogue, or nothing any more."""
    from triage.catalogue.difference import Today

    old, new = Today(before), Today(after)
    names = dict.fromkeys(one.unit for one in named)
    today = {name: new.names(name) for name in names if new.names(name) != old.names(name)}
    moved = [one for one in named if one.unit in today]
    return {
        "suggestions": len({one.id for one in moved}),
        "by_unit": [
            {"unit": unit, "today": list(today[unit] or ()), "suggestions": number}
            for unit, number in Counter(one.unit for one in moved).most_common()
        ],
        "listed": [
            {"id": one.id, "role": one.role, "unit": one.unit, "today": list(today[one.unit] or ())}
            for one in moved[:LISTED]
        ],
    }


def _tagged(
    looked_at: Sequence[Case], before: tuple[Catalogue, Office], after: tuple[Catalogue, Office]
) -> dict[str, Any]:
    """Rules that would newly tag a suggestion, or no longer, by what the pre-check says under each catalogue."""
    from triage.precheck.precheck import Precheck

    if (before[1].rules, before[0].areas, before[1].area) == (after[1].rules, after[0].areas, after[1].area):
        return {"newly": {}, "no_longer": {}, "listed": []}
    texts = [case.suggestion for case in looked_at]
    tags = [[{tag.rule for tag in checked.tags} for checked in Precheck(*one).check(texts)] for one in (before, after)]
    newly: Counter[str] = Counter()
    gone: Counter[str] = Counter()
    listed = []
    for text, old, new in zip(texts, *tags, strict=True):
        newly.update(new - old)
        gone.update(old - new)
        if old != new:
            listed.append({"id": text.id, "newly": sorted(new - old), "no_longer": sorted(old - new)})
    return {"newly": dict(newly), "no_longer": dict(gone), "listed": listed[:LISTED]}
