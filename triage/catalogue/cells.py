"""What a cell of a catalogue file can hold beside plain words: several values, a day, a word of a list."""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterable, Mapping
from datetime import date as Date

from triage.catalogue.tables import Findings, Layout, Row

_SEPARATORS = re.compile("[;；]")
_DATE = re.compile(r"(\d{4})(?:[-/.年](\d{1,2})(?:[-/.月](\d{1,2}))?)?[年月日]?")


def complete_rows(rows: Iterable[Row] | None, layout: Layout, findings: Findings) -> list[Row]:
    """The rows that have what every row needs; the others are reported."""
    complete: list[Row] = []
    for row in rows or ():
        missing = [column for column in layout.required if not row.cells.get(column)]
        for column in missing:
            findings.error(
                layout.file, row.line, f"has an empty {column} ({layout.columns[column][0]}); every row needs one"
            )
        if not missing:
            complete.append(row)
    return complete


def several(cell: str) -> tuple[str, ...]:
    """The values of a cell that may hold several, without blanks and repeats, in order."""
    return tuple(dict.fromkeys(part for part in (part.strip() for part in _SEPARATORS.split(cell)) if part))


def first_day(value: str) -> Date | None:
    """The first day of the year, month or day that is named; ``None`` if none is."""
    match = _DATE.fullmatch(value)
    if match:
        year, month, day = (int(part) if part else 1 for part in match.groups())
        if year > 0 and 1 <= month <= 12 and 1 <= day <= calendar.monthrange(year, month)[1]:
            return Date(year, month, day)
    return None


def word_of(value: str, words: Mapping[str, str]) -> str:
    """The word of a list that a cell names by itself or by its other name, in any case; else the cell itself."""
    other = {name.lower(): word for word, name in words.items()}
    lower = value.lower()
    return other.get(lower, lower if lower in words else value)
