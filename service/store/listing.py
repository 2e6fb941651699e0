"""Lists of suggestions: chosen by a filter, in an order, a page at a time.

A cursor names the last row that was seen, not how many, so rows that come meanwhile neither repeat one nor hide one.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from datetime import date as Date
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, literal, or_, select, tuple_
from sqlalchemy.orm import Session, aliased, selectinload

from service.store import advice, search
from service.store.tables import CO, LEAD, STATES, Assignment, SuggestionRow
from triage.errors import InputError

NEWEST, OLDEST, CHANGED, RELEVANCE, UNSURE = "newest", "oldest", "changed", "relevance", "unsure"
ORDERS = (NEWEST, OLDEST, CHANGED, RELEVANCE, UNSURE)
"""newest and oldest: as they came in; changed: the one that was changed last comes last, for who follows; relevance:
those with the words in their title first, then the newest; unsure: those without advice first, then by what the advice
promises and how sure it is, the least sure first.
"""
MOST = 500
"""Rows of a page."""


@dataclass(frozen=True, slots=True)
class Filter:
    """Which suggestions are wanted: any one of each list; what is empty or None is no filter.

    `units` are those of the decision that holds, in `role` (lead, co; empty: either). `since` and `until` bound the day
    on which it was handed in. `words` are looked for in title and text (`service.store.search`). `confidential` asks
    for those that are, or are not; what a caller may see is no filter, and is asked for beside it. `advice`,
    `advised_units` (the first lead), `advised_topics` and `zones` are those of the latest advice, `batches` the jobs
    that stored it. `refs` are ids, where the wanted ones are known by name.
    """

    states: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    sessions: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    role: str = ""
    topics: tuple[str, ...] = ()
    since: Date | None = None
    until: Date | None = None
    words: str = ""
    confidential: bool | None = None
    advice: tuple[str, ...] = ()
    advised_units: tuple[str, ...] = ()
    advised_topics: tuple[str, ...] = ()
    zones: tuple[str, ...] = ()
    batches: tuple[str, ...] = ()
    refs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows, and the cursor of the next page; empty where there is none."""

    rows: list[SuggestionRow]
    next: str


def conditions(chosen: Filter) -> list[ColumnElement[bool]]:
    """What a row of `suggestions` fulfils if it is wanted. Raises InputError for a filter that nothing can fulfil."""
    _check(chosen)
    columns = {
        SuggestionRow.state: chosen.states,
        SuggestionRow.source: chosen.sources,
        SuggestionRow.session: chosen.sessions,
        SuggestionRow.topic: chosen.topics,
        SuggestionRow.advised_lead: chosen.advised_units,
        SuggestionRow.advised_topic: chosen.advised_topics,
        SuggestionRow.zone: chosen.zones,
        SuggestionRow.batch: chosen.batches,
        SuggestionRow.ref: chosen.refs,
    }
    found: list[ColumnElement[bool]] = [column.in_(values) for column, values in columns.items() if values]
    if chosen.advice:
        found.append(advice.chosen(chosen.advice))
    if chosen.units or chosen.role:
        found.append(_assigned(chosen))
    if chosen.since is not None:
        found.append(SuggestionRow.day >= chosen.since)
    if chosen.until is not None:
        found.append(SuggestionRow.day <= chosen.until)
    if chosen.words:
        found.append(search.matching(chosen.words))
    if chosen.confidential is not None:
        found.append(SuggestionRow.confidential.is_(chosen.confidential))
    return found


def page(
    session: Session, chosen: Filter, cursor: str = "", limit: int = 50, *, confidential: bool, order: str = NEWEST
) -> Page:
    """One page of the suggestions that are wanted; without `confidential` none that is so.

    Raises InputError for a filter, an order, a limit or a cursor that cannot be used.
    """
    if order not in ORDERS:
        raise InputError(f"the order {order!r} is not known; allowed are {', '.join(ORDERS)}.")
    if order == RELEVANCE and not chosen.words:
        raise InputError("the order relevance needs words to look for. Name some, or choose another order.")
    if not 1 <= limit <= MOST:
        raise InputError(f"a page of {limit} suggestions; allowed are 1 to {MOST}.")
    keys = _keys(order, chosen)
    query = select(SuggestionRow, *(key for key, _ in keys)).where(*conditions(chosen))
    if not confidential:
        query = query.where(SuggestionRow.confidential.is_(False))
    mark = _mark(order, chosen)
    if cursor:
        query = query.where(_after(keys, _read(cursor, mark, order)))
    query = query.order_by(*(key.desc() if down else key.asc() for key, down in keys)).limit(limit + 1)
    rows = session.execute(query.options(selectinload(SuggestionRow.assignments))).all()
    last = rows[limit - 1][1:] if len(rows) > limit else None
    return Page([row[0] for row in rows[:limit]], _written(mark, last) if last is not None else "")


def _check(chosen: Filter) -> None:
    unknown = [state for state in chosen.states if state not in STATES]
    if unknown:
        raise InputError(f"the state {unknown[0]!r} is not known; allowed are {', '.join(STATES)}.")
    strange = [name for name in chosen.advice if name not in advice.PROMISES]
    if strange:
        raise InputError(f"the advice {strange[0]!r} is not known; allowed are {', '.join(advice.PROMISES)}.")
    names = (*chosen.sources, *chosen.sessions, *chosen.units, *chosen.topics)
    names += (*chosen.advised_units, *chosen.advised_topics, *chosen.zones, *chosen.batches, *chosen.refs)
    if any("\x00" in name for name in names):
        raise InputError("a name to filter by holds the character U+0000; none that is kept does. Leave it out.")
    if chosen.role not in {"", LEAD, CO}:
        raise InputError(f"the role {chosen.role!r} is not known; allowed are {LEAD} and {CO}.")
    if chosen.since and chosen.until and chosen.until < chosen.since:
        raise InputError(f"the period from {chosen.since} to {chosen.until} has no day; exchange the two.")


def _assigned(chosen: Filter) -> ColumnElement[bool]:
    named = aliased(Assignment)  # by another name, so that the outer query may count assignments, too
    held = exists().where(named.suggestion_id == SuggestionRow.id)
    if chosen.units:
        held = held.where(named.unit.in_(chosen.units))
    return held.where(named.role == chosen.role) if chosen.role else held


Key = tuple[ColumnElement[Any], bool]


def _keys(order: str, chosen: Filter) -> list[Key]:
    """What the rows are ordered by, and whether downwards. The last is each row's own."""
    id_: ColumnElement[Any] = SuggestionRow.id.expression
    if order == CHANGED:
        return [(SuggestionRow.changed_at.expression, False), (id_, False)]
    if order == RELEVANCE:
        return [(search.in_title(chosen.words), True), (id_, True)]
    if order == UNSURE:
        unsure = (SuggestionRow.promise.expression, SuggestionRow.sureness.expression, id_)
        return [(key, False) for key in unsure]
    return [(id_, order == NEWEST)]


def _after(keys: Sequence[Key], last: Sequence[Any]) -> ColumnElement[bool]:
    """Rows that come after the one with these values."""
    if not any(down for _, down in keys):
        # As a whole, so that an index is asked from there on.
        seen = [literal(value, key.type) for (key, _), value in zip(keys, last, strict=True)]
        return tuple_(*(key for key, _ in keys)) > tuple_(*seen)
    steps = []
    for place, (key, down) in enumerate(keys):
        same = [earlier == value for (earlier, _), value in zip(keys[:place], last, strict=False)]
        steps.append(and_(*same, key < last[place] if down else key > last[place]))
    return or_(*steps)


def _mark(order: str, chosen: Filter) -> str:
    """A cursor belongs to one list."""
    asked = json.dumps([order, asdict(chosen)], ensure_ascii=False, default=str)
    return hashlib.sha256(asked.encode("utf-8", "surrogatepass")).hexdigest()[:12]


def _written(mark: str, last: Sequence[Any]) -> str:
    values = [value.isoformat() if isinstance(value, datetime) else value for value in last]
    return base64.urlsafe_b64encode(json.dumps([mark, *values]).encode()).decode().rstrip("=")


def _read(cursor: str, mark: str, order: str) -> list[Any]:
    """The values of the row after which the list goes on. Raises InputError for what is no cursor of this list."""
    remedy = "Use `next` of the page before with the same filter and order, or leave the cursor out."
    values: list[Any]
    try:
        found, *values = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if order == CHANGED:
            values[0] = datetime.fromisoformat(values[0])
            values[0].astimezone(UTC)  # a moment before the year 1 or after 9999 there is none that a row has
        kinds = {CHANGED: [datetime, int], RELEVANCE: [int, int], UNSURE: [int, float, int]}.get(order, [int])
        sound = [type(value) for value in values] == kinds and all(_fits(value) for value in values)
        if found != mark or not sound or (order == CHANGED and values[0].tzinfo is None):
            raise ValueError
    except (ValueError, TypeError, IndexError, OverflowError, binascii.Error):
        raise InputError(f"the cursor belongs to no list, or to another one. {remedy}") from None
    return values


def _fits(value: Any) -> bool:
    """Whether a database takes it."""
    if isinstance(value, float):
        return math.isfinite(value)
    return not isinstance(value, int) or abs(value) < 2**63
