"""The retention rules: how long what of which source is kept, as the setting ``retention``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, time, timedelta
from datetime import date as Date
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, not_, or_, select
from sqlalchemy.orm import Session

from service.store import values
from service.store.store import Writing
from service.store.tables import ERASED, DecisionRow, OutcomeRow, ReturnRow, SuggestionRow
from triage.errors import InputError

SETTING = "retention"
ANONYMISE, DELETE = "anonymise", "delete"
ACTIONS = (ANONYMISE, DELETE)
MOST_DAYS = 36_500
MOST_RULES = 100
_FIELDS = ("source", "after_days", "action")


@dataclass(frozen=True, slots=True)
class Rule:
    """After so many days without news, suggestions of this source are anonymised or deleted.

    An empty `source` means all that no rule names. The days count from the last that is known of a suggestion: its
    reply, a return, the handing out, else the day on which it was handed in.
    """

    source: str
    after_days: int
    action: str


def parsed(given: Any) -> tuple[Rule, ...]:
    """The rules of plain JSON types. Raises InputError that says which rule is wrong, what was met and what may be."""
    if not isinstance(given, list):
        raise InputError(f"the retention rules are a {type(given).__name__}; a list of rules is expected.")
    if len(given) > MOST_RULES:
        raise InputError(f"there are {len(given)} retention rules; {MOST_RULES} are allowed.")
    rules = tuple(_rule(number, one) for number, one in enumerate(given, start=1))
    seen: dict[tuple[str, str], int] = {}
    for number, rule in enumerate(rules, start=1):
        first = seen.setdefault((rule.source, rule.action), number)
        if first != number:
            said = f"source {rule.source!r}" if rule.source else "all other sources"
            raise InputError(f"rules {first} and {number} both {rule.action} {said}; keep one of them.")
    for rule in rules:
        later = next((one for one in rules if one.source == rule.source and one.action == DELETE), None)
        if rule.action == ANONYMISE and later is not None and later.after_days <= rule.after_days:
            raise InputError(
                f"source {rule.source!r}: deleted after {later.after_days} days and anonymised after "
                f"{rule.after_days}; to delete must come later, or alone."
            )
    return rules


def stored(session: Session) -> tuple[Rule, ...]:
    """The rules in force; none where none were set: then everything is kept."""
    return parsed(values.get(session, SETTING, []))


def put(writing: Writing, rules: Sequence[Rule]) -> None:
    """Put rules in force, instead of those before."""
    plain = [asdict(rule) for rule in rules]
    values.put(writing, SETTING, plain)
    writing.note("retention.changed", SETTING, rules=plain)


def counts(session: Session, rules: Sequence[Rule], today: Date, *, confidential: bool) -> list[int]:
    """How many suggestions each rule would touch today; without `confidential` those that are so are not counted."""
    found = []
    for rule in rules:
        chosen = select(func.count()).select_from(SuggestionRow).where(due(rule, rules, today))
        if not confidential:
            chosen = chosen.where(SuggestionRow.confidential.is_(False))
        found.append(session.scalar(chosen) or 0)
    return found


def due(rule: Rule, rules: Sequence[Rule], today: Date) -> ColumnElement[bool]:
    """The condition that a rule touches a suggestion today. Of two that do, the one that deletes goes first."""
    last = today - timedelta(days=rule.after_days)
    ends = datetime.combine(last + timedelta(days=1), time(), UTC)
    named = [one.source for one in rules if one.source]
    source = SuggestionRow.source == rule.source if rule.source else SuggestionRow.source.not_in(named)
    # A day that lies in the future is a slip: then the day counts on which it was written down.
    old = or_(SuggestionRow.day <= last, SuggestionRow.created_at < ends)
    news = [
        exists().where(
            table.suggestion_id == SuggestionRow.id, or_(table.day.is_(None), table.day > last), table.at >= ends
        )
        for table in (DecisionRow, ReturnRow, OutcomeRow)
    ]
    found = [source, old, *(not_(one) for one in news)]
    if rule.action == ANONYMISE:
        found.append(SuggestionRow.state != ERASED)
    first = next((one for one in rules if one.source == rule.source and one.action == DELETE), None)
    if rule.action == ANONYMISE and first is not None:
        found.append(not_(due(first, rules, today)))
    return and_(*found)


def _rule(number: int, given: Any) -> Rule:
    if not isinstance(given, dict):
        raise InputError(f"rule {number} is a {type(given).__name__}; an object with {', '.join(_FIELDS)} is expected.")
    unknown = [str(name)[:40] for name in given if name not in _FIELDS]
    if unknown:
        raise InputError(f"rule {number}: unknown field {unknown[0]!r}; allowed are {', '.join(_FIELDS)}.")
    source, days, action = given.get("source", ""), given.get("after_days"), given.get("action")
    if not isinstance(source, str) or len(source) > 200 or not source.isprintable():
        raise InputError(f"rule {number}: source is no name of up to 200 printable characters; empty means all others.")
    if type(days) is not int or not 1 <= days <= MOST_DAYS:
        raise InputError(
            f"rule {number}: after_days is {str(days)[:20]!r}; a whole number from 1 to {MOST_DAYS} is expected."
        )
    if action not in ACTIONS:
        raise InputError(f"rule {number}: action is {str(action)[:20]!r}; allowed are {' and '.join(ACTIONS)}.")
    return Rule(source, days, action)
