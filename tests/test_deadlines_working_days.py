"""Working days: the official calendar, the place's own exceptions, months that end where there is no such day."""

from __future__ import annotations

from datetime import date as Date
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.catalogue.office import DayException, Period
from triage.deadlines import Calendar, calendar_of
from triage.deadlines.working_days import LAST_YEAR
from triage.errors import InputError

CALENDAR = Calendar()
DAYS = st.dates(Date(2006, 1, 1), Date(2040, 12, 31))


@pytest.mark.parametrize(
    ("day", "working"),
    [
        (Date(2026, 2, 16), False),  # Monday, the eve of the Spring Festival
        (Date(2026, 2, 14), True),  # Saturday that is worked in its place
        (Date(2026, 2, 28), True),
        (Date(2026, 3, 7), False),  # any Saturday
        (Date(2026, 10, 1), False),
        (Date(2026, 3, 9), True),
    ],
)
def test_holidays_and_the_weekends_worked_for_them(day: Date, working: bool) -> None:
    assert CALENDAR.is_working(day) is working
    assert CALENDAR.announced(day)


def test_own_exceptions_overrule_the_official_calendar() -> None:
    fair, worked = Date(2026, 3, 9), Date(2026, 3, 14)
    own = Calendar([DayException(fair, False, "地方节日", 2), DayException(worked, True, "补班", 3)])
    assert not own.is_working(fair)
    assert own.is_working(worked)
    assert own.add(Date(2026, 3, 6), 1) == Date(2026, 3, 10)
    assert own.between(Date(2026, 3, 6), Date(2026, 3, 14)) == 5


def test_a_window_of_seven_working_days_passes_the_spring_festival() -> None:
    # Thursday 12 February 2026: the 13th and 14th are worked, 15th to 23rd are off, then the 24th to 28th.
    assert CALENDAR.add(Date(2026, 2, 12), 7) == Date(2026, 2, 28)
    assert [CALENDAR.add(Date(2026, 3, 2), days) for days in (3, 7, 10, 15)] == [
        Date(2026, 3, 5),
        Date(2026, 3, 11),
        Date(2026, 3, 16),
        Date(2026, 3, 23),
    ]


@given(DAYS, st.integers(-400, 400))
def test_days_added_are_the_days_between(day: Date, count: int) -> None:
    there = CALENDAR.add(day, count)
    assert CALENDAR.between(day, there) == count
    assert not count or CALENDAR.is_working(there)


@given(DAYS, st.integers(0, 60))
def test_between_counts_each_working_day(start: Date, length: int) -> None:
    end = start + timedelta(length)
    later = [start + timedelta(step) for step in range(1, length + 1)]
    assert CALENDAR.between(start, end) == sum(map(CALENDAR.is_working, later))
    earlier = [start + timedelta(step) for step in range(length)]
    assert CALENDAR.between(end, start) == -sum(map(CALENDAR.is_working, earlier))


@pytest.mark.parametrize(
    ("start", "period", "end"),
    [
        (Date(2026, 3, 4), Period(months=1), Date(2026, 4, 7)),  # 4 April is a holiday, 7 April the day after it
        (Date(2026, 3, 10), Period(months=3), Date(2026, 6, 10)),
        (Date(2025, 11, 30), Period(months=3), Date(2026, 2, 28)),  # no 30th: the last day, a Saturday that is worked
        (Date(2024, 1, 31), Period(months=1), Date(2024, 2, 29)),
        (Date(2025, 12, 9), Period(months=1), Date(2026, 1, 9)),  # over the end of a year
        (Date(2025, 12, 31), Period(months=12), Date(2026, 12, 31)),
        (Date(2026, 3, 10), Period(days=11), Date(2026, 3, 23)),  # the 21st is a Saturday
        (Date(2026, 3, 10), Period(days=10), Date(2026, 3, 20)),
        (Date(2026, 3, 7), Period(working_days=3), Date(2026, 3, 11)),  # handed out on a Saturday
    ],
)
def test_periods_end_on_a_day_that_is_worked(start: Date, period: Period, end: Date) -> None:
    assert CALENDAR.end(start, period) == end


@given(DAYS, st.integers(1, 24))
def test_months_end_on_the_same_day_or_later_in_days_off(start: Date, months: int) -> None:
    end = CALENDAR.end(start, Period(months=months))
    assert CALENDAR.is_working(end)
    wanted = (start.year * 12 + start.month - 1 + months) // 12, (start.month - 1 + months) % 12 + 1
    first = Date(*wanted, 1)
    assert first + timedelta(min(start.day, 28) - 1) <= end <= first + timedelta(31 + 11)


def test_beyond_what_is_announced_only_weekends_are_off_and_it_says_so() -> None:
    new_year = Date(CALENDAR.last.year + 1, 1, 1)
    assert not CALENDAR.announced(new_year)
    assert CALENDAR.is_working(new_year) is (new_year.weekday() < 5)
    assert str(CALENDAR.last.year) in CALENDAR.notice((Date(2026, 1, 5), new_year))
    assert "暂定" in CALENDAR.notice((new_year,))
    assert CALENDAR.notice((CALENDAR.last,)) == ""
    known = Calendar([DayException(new_year, False, "", 2)])
    assert not known.is_working(new_year)


@pytest.mark.parametrize("day", [Date(2003, 12, 31), Date(1024, 3, 1), Date(LAST_YEAR + 1, 1, 1), Date.max])
def test_days_outside_the_calendar_are_refused(day: Date) -> None:
    for ask in (CALENDAR.is_working, lambda one: CALENDAR.add(one, 1), lambda one: CALENDAR.between(one, one)):
        with pytest.raises(InputError, match=f"{day}.*outside the calendar.*2004-01-01.*year right"):
            ask(day)


@pytest.mark.parametrize("period", [Period(months=3), Period(days=90), Period(working_days=60)])
def test_a_period_beyond_the_calendar_is_refused(period: Period) -> None:
    with pytest.raises(InputError, match="year right"):
        CALENDAR.end(Date(LAST_YEAR, 12, 1), period)


def test_a_period_that_no_date_can_hold_is_refused() -> None:
    with pytest.raises(InputError, match="beyond the year"):
        CALENDAR.end(Date(2026, 3, 2), Period(days=10**9))


def test_exceptions_that_contradict_each_other_are_refused_with_their_lines() -> None:
    day = Date(2026, 3, 9)
    twice = (DayException(day, True, "", 4), DayException(day, False, "", 9))
    with pytest.raises(InputError, match=r"days\.csv:9: 2026-03-09 is a day off, and a working day in line 4"):
        calendar_of(twice)
    assert not Calendar([DayException(day, False, "", 4), DayException(day, False, "", 9)]).is_working(day)
