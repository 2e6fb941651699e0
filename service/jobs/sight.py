"""What a job may name of what the index holds: nothing that is confidential now, unless the job may see it. The index
follows the memory a moment later, or not at all; so the memory itself is asked, as `service.web.sight` does.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from service.jobs.kinds import Answered
from service.jobs.sources import Order, Row
from service.store import apart, visibility
from service.store.quotes import cited
from service.store.store import Store
from triage.duplicates.apart import Apart
from triage.records import Suggestion, Triaged
from triage.sheets import Sheet

if TYPE_CHECKING:
    from triage.duplicates.guard import MeetingItem

Sheets = Callable[[Suggestion, dict[str, Any]], list[Sheet]]
"""The sheets of one answer, made anew of its record."""


def hidden(store: Store, order: Order, refs: Collection[str]) -> set[str]:
    """Which of these ids are those of suggestions that the job may not name. Raises StoreError."""
    if order.confidential or not refs:
        return set()
    with store.read() as session:
        return visibility.hidden(session, refs)


def rows_seen(
    store: Store, order: Order, rows: Sequence[Row], found: Sequence[Answered], sheets: Sheets
) -> list[Answered]:
    """The answers to rows without what the job may not name, the same ones where there is nothing of it."""
    refs = hidden(store, order, {ref for one in found for ref in cited(dict(one.record))})
    return [_without(row, one, refs, sheets) for row, one in zip(rows, found, strict=True)] if refs else list(found)


def answers_seen(store: Store, order: Order, answers: Sequence[Triaged], sent: Collection[str]) -> list[Triaged]:
    """The same for whole answers; the rows of the job itself (`sent`) may be named."""
    named = [{hit.id for hit in one.duplicates} | {item.case for item in one.evidence if item.case} for one in answers]
    refs = hidden(store, order, set().union(*named) - set(sent))
    return [
        one if refs.isdisjoint(ids) else triaged_of(visibility.without_hits(one.to_dict(), refs))
        for one, ids in zip(answers, named, strict=True)
    ]


def items_seen(store: Store, order: Order, items: Sequence[MeetingItem], sent: Collection[str]) -> list[MeetingItem]:
    """The matters that name nothing which the job may not name, beside its own rows."""
    named = [{text.id for holding in item.holdings for text in holding.members} - set(sent) for item in items]
    refs = hidden(store, order, set().union(*named))
    return [item for item, ids in zip(items, named, strict=True) if refs.isdisjoint(ids)]


def found_apart(store: Store, order: Order) -> Apart:
    """What was found of stored suggestions (`service.store.apart`). The rows of an upload may be others under the same
    ids, so nothing holds for them.
    """
    if not order.stored:
        return Apart()
    with store.read() as session:
        return apart.all_of(session)


def triaged_of(record: dict[str, Any]) -> Triaged:
    """The record of plain JSON types."""
    from pydantic import TypeAdapter

    return TypeAdapter(Triaged).validate_python(record)


def _without(row: Row, one: Answered, refs: Collection[str], sheets: Sheets) -> Answered:
    record = visibility.without_hits(dict(one.record), refs)
    if one.problem is not None or record == one.record:
        return one
    cells = [[list(line) for line in sheet.rows] for sheet in sheets(row.suggestion, record)]
    return replace(one, record=record, cells=cells)
