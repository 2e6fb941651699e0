"""What of many handed-out cases is due or soon on a day, by unit, the most urgent first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date as Date
from functools import lru_cache
from typing import Any

from triage.catalogue.office import Office
from triage.deadlines.due import DUTIES, STATES, Due, Duty, State, due
from triage.deadlines.working_days import Calendar, calendar_of
from triage.errors import InputError
from triage.records import Case

NOBODY = "（未填主办单位）"
"""Who has to act on a case that was handed out without a lead on record."""
URGENT = frozenset({State.SOON, State.OVERDUE})
DONE = frozenset({State.ANSWERED, State.ANSWERED_LATE, State.CLOSED})
_ORDER = {duty: place for place, duty in enumerate(DUTIES)}
TOLD = 20
"""Rows that one message complains of; the rest is counted."""


@dataclass(frozen=True, slots=True)
class Item:
    """One duty of one unit for one case, on the docket's day.

    `left` are the working days that remain, the last one included: 0 on the last day, negative when it has passed.
    `title` is empty where the case is confidential. `returned` are the units that sent the case back before.
    """

    unit: str
    duty: Duty
    state: State
    last_day: Date
    left: int
    id: str
    title: str
    source: str
    handed_out: Date
    returned: tuple[str, ...]
    confidential: bool
    provisional: bool

    @property
    def urgent(self) -> bool:
        """Whether it belongs on the list: it is due soon, or its day has passed."""
        return self.state in URGENT

    @property
    def done(self) -> bool:
        """Whether nothing is left to do."""
        return self.state in DONE

    @property
    def told(self) -> str:
        """The state as a clerk reads it."""
        return STATES[self.duty][self.state]

    def to_dict(self) -> dict[str, Any]:
        """As plain JSON types; days as ISO 8601, `state` and `duty` in English."""
        return {
            "unit": self.unit,
            "duty": self.duty.value,
            "state": self.state.value,
            "last_day": self.last_day.isoformat(),
            "left": self.left,
            "id": self.id,
            "title": self.title,
            "source": self.source,
            "handed_out": self.handed_out.isoformat(),
            "returned": list(self.returned),
            "provisional": self.provisional,
        }


@dataclass(frozen=True, slots=True)
class UnitDue:
    """One unit on the docket's day: what it leads, counted by the state of the reply; opinions that are due soon or
    should have come; cases that it may still send back.
    """

    unit: str
    leads: int
    overdue: int
    soon: int
    open: int
    answered: int
    answered_late: int
    opinions: int
    returnable: int


@dataclass(frozen=True, slots=True)
class Docket:
    """The duties of all units on a day.

    `items` holds all of them, by unit: the unit with the most pressing one first, and each unit's by urgency. `units`
    is in the same order. `waiting` counts cases that are not handed out on that day; `notices` are Chinese sentences.
    """

    on: Date
    items: tuple[Item, ...]
    units: tuple[UnitDue, ...]
    handed_out: int
    waiting: int
    notices: tuple[str, ...] = ()

    @property
    def urgent(self) -> tuple[Item, ...]:
        """The items that are due soon or whose day has passed."""
        return tuple(item for item in self.items if item.urgent)

    def pressing(self, within: int | None = None) -> tuple[Item, ...]:
        """What is due within so many working days, or overdue, of all units: what presses most first. Without a number,
        what the office's own warnings call urgent.
        """
        chosen = self.urgent if within is None else [one for one in self.items if not one.done and one.left <= within]
        return tuple(sorted(chosen, key=lambda item: (_pressing(item), item.unit, item.id)))


def docket(cases: Sequence[tuple[str, Case]], office: Office, on: Date, *, leave_out: bool = False) -> Docket:
    """The docket of cases on a day. Each comes with where it stands (``cases.csv:7``), for messages.

    Cases that are not handed out on that day wait, and replies of later days have not come yet: so a past day may be
    asked, too. Raises InputError with all rows whose days cannot be: handed out before filed, replied before handed
    out, replied and never handed out, outside the calendar; where no case was ever handed out; for days of
    the office that contradict each other. With `leave_out` such rows are left out, and notices say which; no case is no
    error then.
    """
    if not leave_out and not any(case.handed_out or case.replied for _, case in cases):
        raise InputError(
            f"nothing can be due: none of {len(cases)} cases has a day in handed_out (交办日期). Fill in that column."
        )
    calendar = calendar_of(office.days)
    notices = [calendar.notice((on,))]
    calendar.is_working(on)
    wrong = {where: told for where, case in cases if (told := _wrong(where, case, calendar))}
    if leave_out and wrong:
        notices.append(_left_out(list(wrong)))
        cases = [(where, case) for where, case in cases if where not in wrong]
    elif problems := [one for told in wrong.values() for one in told]:
        more = f"\n… and {len(problems) - TOLD} more" if len(problems) > TOLD else ""
        raise InputError("\n".join(problems[:TOLD]) + more)
    items: list[Item] = []
    waiting = 0
    for _, case in cases:
        if case.handed_out is None or case.handed_out > on:
            waiting += 1
            continue
        ends = due(office, case, calendar=calendar)
        notices += ends.notices
        items += _items(case, ends, on, calendar)
    ordered = _ordered(items)
    return Docket(
        on,
        ordered,
        _units(ordered),
        len(cases) - waiting,
        waiting,
        tuple(dict.fromkeys(notice for notice in notices if notice)),
    )


def _left_out(where: Sequence[str]) -> str:
    more = f"等{len(where)}件" if len(where) > TOLD else f"{len(where)}件"
    wrong = "的交办日期或答复日期不对（早于来件、早于交办或超出日历）"
    return f"{'、'.join(where[:TOLD])}{more}{wrong}，没有列入，请改正日期。"


def _wrong(where: str, case: Case, calendar: Calendar) -> list[str]:
    """What cannot be about the days of a case."""
    filed, handed, replied = case.suggestion.date, case.handed_out, case.replied
    found = []
    for name, day in (("handed_out (交办日期)", handed), ("replied (答复日期)", replied)):
        if day is not None:
            try:
                calendar.is_working(day)
            except InputError as error:
                found.append(f"{where}: {name}: {error}")
    if found:
        return found
    if handed is not None and filed is not None and handed < filed:
        found.append(f"{where}: handed_out (交办日期) {handed} is before date (日期) {filed}. Correct one of them.")
    if replied is not None and handed is None:
        found.append(
            f"{where}: replied (答复日期) {replied} without handed_out (交办日期). Fill in when it was handed out."
        )
    if replied is not None and handed is not None and replied < handed:
        found.append(
            f"{where}: replied (答复日期) {replied} is before handed_out (交办日期) {handed}. Correct one of them."
        )
    return found


def _items(case: Case, ends: Due, on: Date, calendar: Calendar) -> list[Item]:
    """A lead replies, and may send it back for a while; a helper gives its opinion."""
    leads = case.leads or (NOBODY,)
    wanted = [(unit, duty) for unit in leads for duty in (Duty.REPLY, Duty.RETURN)]
    wanted += [(unit, Duty.OPINION) for unit in case.co]
    return [_item(unit, duty, case, ends, on, calendar) for unit, duty in wanted]


def _item(unit: str, duty: Duty, case: Case, ends: Due, on: Date, calendar: Calendar) -> Item:
    suggestion, last = case.suggestion, ends.last_day(duty)
    return Item(
        unit,
        duty,
        ends.state(duty, on, case.replied),
        last,
        _left(calendar, on, last),
        suggestion.id,
        "" if suggestion.confidential else suggestion.title or suggestion.text[:40],
        suggestion.source,
        ends.handed_out,
        case.returned,
        suggestion.confidential,
        not calendar.announced(last),
    )


@lru_cache(maxsize=4_096)
def _left(calendar: Calendar, on: Date, last: Date) -> int:
    """Working days that remain: the same for all cases of one last day."""
    return calendar.between(on, last)


def _ordered(items: Sequence[Item]) -> tuple[Item, ...]:
    """By unit, and in each by what presses most: the urgent by their last day, then what is open, then what is done."""
    pressing = [_pressing(item) for item in items]
    first: dict[str, tuple[int, Date, int]] = {}
    for item, how in zip(items, pressing, strict=True):
        first[item.unit] = min(first.get(item.unit, how), how)
    order = sorted(
        range(len(items)), key=lambda row: (first[items[row].unit], items[row].unit, pressing[row], items[row].id)
    )
    return tuple(items[row] for row in order)


def _pressing(item: Item) -> tuple[int, Date, int]:
    """An opinion past its day may well have been given, so that it comes behind what surely presses."""
    unsure = item.duty is Duty.OPINION and item.state is State.OVERDUE
    rank = 3 if item.done else 2 if not item.urgent else 1 if unsure else 0
    return rank, item.last_day, _ORDER[item.duty]


def _units(items: Sequence[Item]) -> tuple[UnitDue, ...]:
    counted: dict[str, Counter[tuple[Duty, State]]] = {}
    for item in items:
        counted.setdefault(item.unit, Counter())[item.duty, item.state] += 1
    return tuple(_unit(unit, found) for unit, found in counted.items())


def _unit(unit: str, counted: Counter[tuple[Duty, State]]) -> UnitDue:
    replies = {state: counted[Duty.REPLY, state] for state in STATES[Duty.REPLY]}
    return UnitDue(
        unit,
        sum(replies.values()),
        replies[State.OVERDUE],
        replies[State.SOON],
        replies[State.OPEN],
        replies[State.ANSWERED],
        replies[State.ANSWERED_LATE],
        counted[Duty.OPINION, State.SOON] + counted[Duty.OPINION, State.OVERDUE],
        counted[Duty.RETURN, State.SOON] + counted[Duty.RETURN, State.OPEN],
    )
