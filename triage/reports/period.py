"""Which rows a report is about, and which it compares them with."""

from __future__ import annotations

import calendar
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date as Date

from triage.errors import InputError
from triage.records import Case
from triage.reports.report import Timespan

OPEN = "不限"
"""How a footer writes the open end of a period."""
_DAYS = re.compile(rf"时段：[^（]*（([\d-]+|{OPEN}) 至 ([\d-]+|{OPEN})）")


@dataclass(frozen=True, slots=True)
class Split:
    """The cases inside a period, those without a date and those outside."""

    inside: tuple[Case, ...]
    undated: tuple[Case, ...]
    outside: tuple[Case, ...]


def timespan(first: Date | None, last: Date | None) -> Timespan:
    """The period with its words. Raises InputError for one that ends before it begins."""
    if first is not None and last is not None and last < first:
        raise InputError(f"the period from {first} to {last} ends before it begins. Exchange the two days.")
    return Timespan(first, last, _words(first, last))


def within(cases: Sequence[Case], period: Timespan) -> Split:
    """The cases by where their date lies; a period without days takes all, those without a date too."""
    if period.first is None and period.last is None:
        return Split(tuple(cases), (), ())
    inside, undated, outside = [], [], []
    for case in cases:
        day = case.suggestion.date
        if day is None:
            undated.append(case)
        elif (period.first or Date.min) <= day <= (period.last or Date.max):
            inside.append(case)
        else:
            outside.append(case)
    return Split(tuple(inside), tuple(undated), tuple(outside))


def found_period(cases: Sequence[Case]) -> Timespan:
    """What the dates of the cases say of the period, where nobody chose one."""
    days = [case.suggestion.date for case in cases if case.suggestion.date is not None]
    if not days:
        return Timespan(words="全部来件（未注明日期）")
    return Timespan(min(days), max(days), _words(min(days), max(days)))


def year_before(period: Timespan) -> Timespan | None:
    """The same days of the year before (上年同期); None for a period that is open at an end."""
    if period.first is None or period.last is None or period.first.year <= 1:
        return None
    first, last = _year_back(period.first), _year_back(period.last)
    if period.last.month == 2 and period.last.day == calendar.monthrange(period.last.year, 2)[1]:
        last = Date(last.year, 2, calendar.monthrange(last.year, 2)[1])
    return Timespan(first, last, _words(first, last))


def days_told(period: Timespan) -> str:
    """The days of a period for a footer: 2025-01-01 至 2025-12-31; 不限 at an open end. `days_read` reads it back."""
    return f"{_iso(period.first)} 至 {_iso(period.last)}"


def days_read(line: str) -> Timespan | None:
    """The period that a line of a footer tells; None if it tells none."""
    found = _DAYS.search(line)
    if found is None:
        return None
    return timespan(*(None if day == OPEN else Date.fromisoformat(day) for day in found.groups()))


def _iso(day: Date | None) -> str:
    return OPEN if day is None else day.isoformat()


def _year_back(day: Date) -> Date:
    longest = calendar.monthrange(day.year - 1, day.month)[1]
    return Date(day.year - 1, day.month, min(day.day, longest))


def _words(first: Date | None, last: Date | None) -> str:
    """The period as an office writes it: 2025年, 2025年3月, 2025年1月1日至6月30日."""
    if first is None or last is None:
        if first is None and last is None:
            return "全部来件"
        return f"{_day(first)}以来" if first is not None else f"截至{_day(last)}" if last is not None else ""
    if (first.month, first.day, last.month, last.day) == (1, 1, 12, 31):
        return f"{first.year}年" if first.year == last.year else f"{first.year}年至{last.year}年"
    whole = first.day == 1 and last.day == calendar.monthrange(last.year, last.month)[1]
    if whole and (first.year, first.month) == (last.year, last.month):
        return f"{first.year}年{first.month}月"
    if first == last:
        return _day(first)
    return f"{_day(first)}至{f'{last.month}月{last.day}日' if first.year == last.year else _day(last)}"


def _day(day: Date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
