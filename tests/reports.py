"""Small cases for the tests of reports, counted by hand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date as Date
from typing import Any

from triage.records import Case, Suggestion
from triage.reports import Report, Section, Sentence, Table


def case(name: str, title: str = "", text: str = "", **known: Any) -> Case:
    """A case with what is named; a lead may be one name."""
    told = {
        field: known.pop(field)
        for field in ("source", "session", "date", "proposers", "confidential")
        if field in known
    }
    for field in ("leads", "co", "topics"):
        if isinstance(known.get(field), str):
            known[field] = tuple(known[field].split(";"))
    if isinstance(told.get("date"), str):
        told["date"] = Date.fromisoformat(told["date"])
    for field in ("handed_out", "replied"):
        if isinstance(known.get(field), str):
            known[field] = Date.fromisoformat(known[field])
    return Case(Suggestion(id=name, title=title or f"关于{name}的建议", text=text, **told), **known)


def section(report: Report, title: str) -> Section:
    """The section of that title."""
    return next(one for one in report.sections if one.title == title)


def table(report: Report, title: str) -> Table:
    """The table of that title."""
    return next(one for some in report.sections for one in some.tables if one.title == title)


def texts(sentences: Sequence[Sentence], notice: bool | None = None) -> list[str]:
    """The sentences as texts; only notices, or only others, where it is asked."""
    return [one.text for one in sentences if notice is None or one.notice is notice]


def figures(sentence: Sentence) -> dict[str, tuple[str, ...]]:
    """The linked numbers of a sentence with their rows; a number that comes twice must have the same rows."""
    found: dict[str, tuple[str, ...]] = {}
    for link in sentence.links:
        shown = sentence.text[link.start : link.end]
        assert found.setdefault(shown, link.rows) == link.rows
    return found
