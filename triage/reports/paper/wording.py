"""How the cells, numbers and titles of a report are worded on every paper."""

from __future__ import annotations

import math
import re

from triage.reports.report import UNTOLD, Cell, Form, Report

# What XML cannot hold, and marks that turn the direction of all that follows.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufffe\uffff]")
_NUMBERED = re.compile(r"^\s*(?:第?[一二三四五六七八九十百]+[、章节部．.]|[(（]?[一二三四五六七八九十]+[)）])")
_DIGITS = "零一二三四五六七八九"


def printable(text: str) -> str:
    """The text as every paper can hold it: line breaks stay, control characters and halves of surrogates do not."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    return _UNPRINTABLE.sub("", text).encode("utf-8", "replace").decode()


def one_line(text: str) -> str:
    """A title on one line."""
    return " ".join(printable(text).split())


def told(cell: Cell) -> bool:
    """Whether a cell says something: what is not finite cannot be told either."""
    return cell is not None and not (isinstance(cell, float) and not math.isfinite(cell))


def shown(cell: Cell, form: Form) -> str:
    """A cell as it is read: a dash for what cannot be told."""
    if cell is None or not told(cell):
        return UNTOLD
    if isinstance(cell, str):
        return printable(cell)
    if form == "share":
        return f"{cell:.1%}"
    if form == "score":
        return f"{cell:.1f}"
    if isinstance(cell, float) and (form == "count" or cell.is_integer()):
        return f"{cell:.0f}"
    return f"{cell:g}" if isinstance(cell, float) else str(cell)


def is_number(form: Form) -> bool:
    """Whether a column stands right-aligned."""
    return form != "text"


def chinese_number(number: int) -> str:
    """1 to 99 as sections are counted: 一, 十, 十一, 二十; beyond that in digits."""
    if not 0 < number < 100:
        return str(number)
    tens, ones = divmod(number, 10)
    return ("" if not tens else "十" if tens == 1 else f"{_DIGITS[tens]}十") + (_DIGITS[ones] if ones else "")


def numbered(number: int, title: str) -> str:
    """A section's title with its number, unless it brings its own."""
    title = one_line(title)
    return title if _NUMBERED.match(title) else f"{chinese_number(number)}、{title}"


def about(report: Report) -> list[str]:
    """What stands below the title: the office, and the period unless the title says it."""
    title, office, period = (one_line(part) for part in (report.title, report.office, report.period.words))
    return [part for part in (office, "" if period in title else period) if part]
