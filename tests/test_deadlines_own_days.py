"""Days of a place that the official calendar knows already."""

from __future__ import annotations

from datetime import date as Date

from triage.catalogue import DayException, Office, Severity
from triage.deadlines.own_days import check_days


def days_of(*days: tuple[Date, bool]) -> list[str]:
    exceptions = tuple(DayException(day, working, line=line) for line, (day, working) in enumerate(days, start=2))
    findings = check_days(Office(days=exceptions))
    assert all(finding.severity is Severity.WARNING for finding in findings)
    return [str(finding) for finding in findings]


def test_a_day_that_changes_nothing_is_told() -> None:
    assert days_of(
        (Date(2025, 3, 31), False),
        (Date(2025, 4, 19), True),
        (Date(2025, 4, 20), False),
        (Date(2025, 4, 21), True),
        (Date(2025, 10, 1), False),
        (Date(2025, 9, 28), True),
    ) == [
        "days.csv:4: day 2025-04-20 (星期日) is 休 in the official calendar too; leave it out",
        "days.csv:5: day 2025-04-21 (星期一) is 班 in the official calendar too; leave it out",
        "days.csv:6: day 2025-10-01 (星期三) is 休 in the official calendar too; leave it out",
        "days.csv:7: day 2025-09-28 (星期日) is 班 in the official calendar too; leave it out",
    ]


def test_before_the_calendar_and_beyond_what_is_announced() -> None:
    assert days_of((Date(1995, 5, 2), False), (Date(2090, 5, 6), False)) == [
        "days.csv:2: day 1995-05-02 lies before the calendar, which begins on 2004-01-01; leave it out"
    ]


def test_an_office_without_days() -> None:
    assert check_days(Office()) == ()
