"""A report as it is before it is a file: titles, sentences, tables and pictures, each number with the rows behind it.

What makes one is in this folder; what writes one as xlsx, html or docx is in `paper`, and knows only this file. All
words are Chinese, as they are printed. Of a confidential suggestion there is its id and nothing of its wording.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date as Date
from typing import Any, Literal

Cell = str | int | float | None
"""What stands in a table. None: it cannot be told; printed as a dash, never as 0."""

Form = Literal["text", "count", "share", "score"]
"""How a column is printed: as it is; as a whole number; as per cent (the cell holds 0.25 for 25 %); with a decimal."""

ChartKind = Literal["bar", "line", "stacked"]

UNTOLD = "—"
"""How a cell that cannot be told is printed."""


@dataclass(frozen=True, slots=True)
class Timespan:
    """The days that a report is about, both included; None is open. `words` says it: 「2025年1月1日至3月31日」."""

    first: Date | None = None
    last: Date | None = None
    words: str = ""

    def to_dict(self) -> dict[str, Any]:
        """As plain JSON types; days as ISO 8601, None where it is open."""
        first, last = (day.isoformat() if day else None for day in (self.first, self.last))
        return {"first": first, "last": last, "words": self.words}


@dataclass(frozen=True, slots=True)
class Link:
    """A number of a sentence, its characters from `start` to `end` (past the last), and the ids of the rows it counts.

    Where the number is a share or a change, the rows are those of its numerator.
    """

    start: int
    end: int
    rows: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence. A `notice` tells what could not be told and why, or what was left out: to be set apart in print."""

    text: str
    links: tuple[Link, ...] = ()
    notice: bool = False

    def __post_init__(self) -> None:
        last = 0
        for link in self.links:
            if not last <= link.start < link.end <= len(self.text):
                raise ValueError(f"a link from {link.start} to {link.end} in a sentence of {len(self.text)} characters")
            last = link.end

    def to_dict(self) -> dict[str, Any]:
        """As plain JSON types."""
        links = [{"start": one.start, "end": one.end, "rows": list(one.rows)} for one in self.links]
        return {"text": self.text, "links": links, "notice": self.notice}


@dataclass(frozen=True, slots=True)
class Table:
    """A table. `forms` and `widths` (in characters) hold one value a column, or nothing: text, and as wide as needed.

    `links`, where it is not empty, has the shape of `rows`: the ids of the rows of the appendix that each cell counts.
    `note` is a line to be printed below.
    """

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    links: tuple[tuple[tuple[str, ...], ...], ...] = ()
    forms: tuple[Form, ...] = ()
    widths: tuple[float, ...] = ()
    note: str = ""

    def __post_init__(self) -> None:
        columns = len(self.header)
        if any(len(row) != columns for row in self.rows):
            raise ValueError(f"the table {self.title!r} has {columns} columns and a row of another length")
        if self.links and [len(row) for row in self.links] != [columns] * len(self.rows):
            raise ValueError(f"the links of the table {self.title!r} have not the shape of its rows")
        for name in ("forms", "widths"):
            if len(getattr(self, name)) not in {0, columns}:
                raise ValueError(f"the table {self.title!r} has {columns} columns and other {name}")

    def linked(self, row: int, column: int) -> tuple[str, ...]:
        """The ids behind a cell; empty where there are none."""
        return self.links[row][column] if self.links else ()

    def form(self, column: int) -> Form:
        """How a column is printed."""
        return self.forms[column] if self.forms else "text"

    def to_dict(self) -> dict[str, Any]:
        """As plain JSON types: a form for each column, and `links` in the shape of `rows`, or none."""
        return {
            "title": self.title,
            "header": list(self.header),
            "rows": [list(row) for row in self.rows],
            "links": [[list(cell) for cell in row] for row in self.links],
            "forms": [self.form(column) for column in range(len(self.header))],
            "note": self.note,
        }


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture of counts: a value for each label in each named series, in `unit` (件, 倍 …; % for values up to 100).

    `stacked` bars stand on each other, a series each; a `line` runs along labels that are days or years.
    """

    title: str
    kind: ChartKind
    labels: tuple[str, ...]
    series: tuple[tuple[str, tuple[float, ...]], ...]
    unit: str = "件"

    def __post_init__(self) -> None:
        for name, values in self.series:
            if len(values) != len(self.labels):
                raise ValueError(f"{name!r} of {self.title!r} has {len(values)} values, {len(self.labels)} labels")

    def to_dict(self) -> dict[str, Any]:
        """As plain JSON types."""
        return {
            "title": self.title,
            "kind": self.kind,
            "labels": list(self.labels),
            "series": [{"name": name, "values": list(values)} for name, values in self.series],
            "unit": self.unit,
        }


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a report: sentences first, then tables, then pictures."""

    title: str
    sentences: tuple[Sentence, ...] = ()
    tables: tuple[Table, ...] = ()
    charts: tuple[Chart, ...] = ()

    def to_dict(self, links: bool = True) -> dict[str, Any]:
        """As plain JSON types; without `links` the numbers alone."""
        sentences = self.sentences if links else [replace(one, links=()) for one in self.sentences]
        tables = self.tables if links else [replace(one, links=()) for one in self.tables]
        return {
            "title": self.title,
            "sentences": [one.to_dict() for one in sentences],
            "tables": [one.to_dict() for one in tables],
            "charts": [one.to_dict() for one in self.charts],
        }


@dataclass(frozen=True, slots=True)
class Report:
    """A report. `kind` is one of `triage.reports.KINDS`, `office` who signs it (may be empty).

    `rows` is the appendix that numbers link to: its first column is the id of a suggestion, each once. `footer` holds
    what brings the same report out again: file, filters, seed, method, versions.
    """

    kind: str
    title: str
    office: str
    period: Timespan
    sections: tuple[Section, ...]
    footer: tuple[str, ...]
    rows: Table

    def __post_init__(self) -> None:
        known = {row[0] for row in self.rows.rows}
        if len(known) != len(self.rows.rows):
            raise ValueError("a row stands twice in the appendix")
        lost = next((one for one in self.linked() if one not in known), None)
        if lost is not None:
            raise ValueError(f"a number links to the row {lost!r}, which the appendix lacks")

    def to_dict(self, links: bool = True) -> dict[str, Any]:
        """As plain JSON types; without `links` the numbers alone, and no rows for them to link to."""
        rows = self.rows if links else replace(self.rows, rows=(), links=())
        return {
            "kind": self.kind,
            "title": self.title,
            "office": self.office,
            "period": self.period.to_dict(),
            "sections": [one.to_dict(links) for one in self.sections],
            "footer": list(self.footer),
            "rows": rows.to_dict(),
        }

    def linked(self) -> Iterator[str]:
        """The ids of all links, in order, with repeats."""
        for section in self.sections:
            for sentence in section.sentences:
                for link in sentence.links:
                    yield from link.rows
            for table in section.tables:
                for row in table.links:
                    for cell in row:
                        yield from cell
