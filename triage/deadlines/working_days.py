"""Working days: the official holiday calendar with the place's own exceptions, and periods that are counted in them.

The official calendar is that of the package chinesecalendar: statutory holidays and the weekends that are worked in
their place. It is announced year by year, each November for the next year. Beyond what is announced only weekends are
days off, and what is counted there is *provisional* (`Calendar.announced`).
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable
from datetime import date as Date
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from triage.catalogue.office import DayException, Period
from triage.errors import InputError

LAST_YEAR = 2100
"""A later year is taken for a slip of the pen."""

Days = NDArray[np.int64]


class Calendar:
    """Which days are worked. `days` are the place's own exceptions, which overrule the official calendar.

    Raises InputError where two of them contradict each other, with their lines.
    """

    def __init__(self, days: Iterable[DayException] = ()) -> None:
        official, self.first, self.last = _official()
        own: dict[Date, DayException] = {}
        for exception in days:
            known = own.setdefault(exception.day, exception)
            if known.working != exception.working:
                raise InputError(
                    f"days.csv:{exception.line}: {exception.day} is {_said(exception)}, and {_said(known)} in line "
                    f"{known.line}. Keep one."
                )
        self._set = {**official, **{day: exception.working for day, exception in own.items()}}
        self._years: dict[int, Days] = {}

    def announced(self, day: Date) -> bool:
        """Whether the official calendar of the day's year is announced; if not, only weekends and the place's own
        exceptions are known.
        """
        return day <= self.last

    def is_working(self, day: Date) -> bool:
        """Whether the day is worked. Raises InputError for a day before the calendar or after `LAST_YEAR`."""
        self._check(day)
        return self._set.get(day, day.weekday() < 5)

    def add(self, day: Date, working_days: int) -> Date:
        """The last of so many working days after a day, which itself is not counted; before it, if the number is
        negative; the day itself for 0.

        Raises InputError if the calendar does not reach so far.
        """
        self._check(day)
        left, year, number = working_days, day.year, day.toordinal()
        while left:
            days = self._of(year)
            days = days[days > number] if left > 0 else days[days < number]
            if abs(left) <= len(days):
                return Date.fromordinal(int(days[left - 1 if left > 0 else left]))
            left -= len(days) if left > 0 else -len(days)
            year += 1 if left > 0 else -1
            number = Date(year, 1, 1).toordinal() - 1 if left > 0 else Date(year, 12, 31).toordinal() + 1
        return day

    def between(self, start: Date, end: Date) -> int:
        """Working days after `start` up to and with `end`; from `end` to the day before `start`, and negative, where
        `end` is earlier. So ``between(day, add(day, n)) == n``.

        Raises InputError as `is_working` does.
        """
        self._check(start)
        self._check(end)
        if end < start:
            return -self._count(end.toordinal(), start.toordinal())
        return self._count(start.toordinal() + 1, end.toordinal() + 1)

    def working_from(self, day: Date) -> Date:
        """The day itself if it is worked, else the next one that is."""
        return day if self.is_working(day) else self.add(day, 1)

    def end(self, start: Date, period: Period) -> Date:
        """The last day of a period that begins with the day after `start`.

        Months end on the same day of the later month, or on its last day where it is shorter. A period in months or
        days that ends on a day off ends on the next working day. Raises InputError as `is_working` does.
        """
        if period.working_days:
            return self.add(start, period.working_days)
        if period.months:
            return self.working_from(_months_later(start, period.months))
        return self.working_from(_days_later(start, period.days))

    def notice(self, days: Iterable[Date]) -> str:
        """A Chinese sentence where some of the days lie beyond what is announced, else nothing."""
        if all(self.announced(day) for day in days):
            return ""
        return (
            f"官方节假日安排只公布到{self.last.year}年12月31日；此后的日期只扣除周末和本地设定的休息日，为暂定，"
            "待公布后请重新计算。"
        )

    def _check(self, day: Date) -> None:
        if day < self.first or day.year > LAST_YEAR:
            raise InputError(
                f"{day} lies outside the calendar, which begins on {self.first} and is announced until {self.last} "
                f"(provisional until {LAST_YEAR}). Is the year right?"
            )

    def _count(self, start: int, end: int) -> int:
        """Working days from one ordinal up to before another."""
        first, last = Date.fromordinal(start).year, Date.fromordinal(end - 1).year
        return sum(
            int(np.searchsorted(days, end) - np.searchsorted(days, start))
            for days in map(self._of, range(first, last + 1))
        )

    def _of(self, year: int) -> Days:
        """The working days of a year as ordinals, ascending."""
        if year not in self._years:
            self._check(Date(year, 1, 1))
            whole = map(Date.fromordinal, range(Date(year, 1, 1).toordinal(), Date(year, 12, 31).toordinal() + 1))
            self._years[year] = np.array([day.toordinal() for day in whole if self.is_working(day)], np.int64)
        return self._years[year]


@lru_cache(maxsize=8)
def calendar_of(days: tuple[DayException, ...]) -> Calendar:
    """The calendar with a place's exceptions, made once."""
    return Calendar(days)


def _official() -> tuple[dict[Date, bool], Date, Date]:
    """Days that differ from their weekday, by whether they are worked; the first and the last day of the years that
    are announced.
    """
    from chinese_calendar.constants import holidays, workdays

    days = {**dict.fromkeys(holidays, False), **dict.fromkeys(workdays, True)}
    return days, Date(min(days).year, 1, 1), Date(max(days).year, 12, 31)


def _said(exception: DayException) -> str:
    return "a working day" if exception.working else "a day off"


def _months_later(start: Date, months: int) -> Date:
    years, month = divmod(start.month - 1 + months, 12)
    year = start.year + years
    if year > LAST_YEAR:
        raise _too_far(start)
    return Date(year, month + 1, min(start.day, monthrange(year, month + 1)[1]))


def _days_later(start: Date, days: int) -> Date:
    try:
        return Date.fromordinal(start.toordinal() + days)
    except (ValueError, OverflowError):
        raise _too_far(start) from None


def _too_far(start: Date) -> InputError:
    return InputError(f"the period from {start} on goes beyond the year {LAST_YEAR}. Is the year right?")
