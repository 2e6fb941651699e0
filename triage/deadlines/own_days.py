"""The days of `days.csv` held against the official calendar: what it knows already need not be said."""

from __future__ import annotations

from datetime import date as Date

from triage.catalogue import Finding, Office, Severity
from triage.deadlines.working_days import Calendar

FILE = "days.csv"
_WEEKDAYS = "一二三四五六日"


def check_days(office: Office) -> tuple[Finding, ...]:
    """A warning for each day of the place's own that changes nothing, or that lies before the calendar begins.

    Days beyond what is officially announced are left alone: nobody knows yet what they will change.
    """
    official = Calendar()
    found: list[Finding] = []
    for exception in office.days:
        day = exception.day
        said = "班" if exception.working else "休"
        if day < official.first:
            message = f"day {day} lies before the calendar, which begins on {official.first}; leave it out"
        elif official.announced(day) and official.is_working(day) == exception.working:
            message = f"day {day} ({_weekday(day)}) is {said} in the official calendar too; leave it out"
        else:
            continue
        found.append(Finding(Severity.WARNING, FILE, exception.line, message))
    return tuple(found)


def _weekday(day: Date) -> str:
    return f"星期{_WEEKDAYS[day.weekday()]}"
