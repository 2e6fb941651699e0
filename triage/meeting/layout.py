"""Where things stand on a sheet that people have worked on: the header, wherever it is, and the cells of each row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from triage.meeting.form import GUIDE, INPUTS, READ, SHOWN, UNITS, column_of, plain
from triage.meeting.grid import Page

SEARCHED = 40
"""Rows in which the header is looked for: titles and notes may stand above it."""
_SEVERAL = ("lead", "co")
"""What may stand in several columns (确定会办, 确定会办2)."""


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands in a cell, and where."""

    text: str
    address: str


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the sheet. `cells` has each column that is not empty; `day` says that the id is a date."""

    page: Page
    row: int
    cells: dict[str, tuple[Cell, ...]]
    problems: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    day: bool = False

    def text(self, key: str) -> str:
        """The first that stands in a column of that meaning."""
        return next((cell.text for cell in self.cells.get(key, ())), "")

    def address(self, key: str = "id") -> str:
        """Where it stands; the row's first cell for a column that is empty."""
        return next((cell.address for cell in self.cells.get(key, ())), self.page.address(self.row, 1))


@dataclass(frozen=True, slots=True)
class Layout:
    """A sheet with its header: the columns that are known, by number. `problems` are columns that stand there twice."""

    page: Page
    row: int
    columns: dict[int, str]
    problems: tuple[str, ...] = field(default=())

    def lines(self) -> Iterator[Line]:
        """The rows below the header that hold anything; headings that run across the sheet are passed over."""
        first = {key: number for number, key in reversed(self.columns.items())}
        for row in self.page.below(self.row):
            joined = self.page.merged.get((row, first["id"]))
            if joined is not None and joined == self.page.merged.get((row, first["lead"])):
                continue
            if column_of(self.page.rows.get(row, {}).get(first["id"], "")) == "id":
                continue  # the header again, as it stands on every printed page
            line = self._line(row)
            if line.cells or line.problems:
                yield line

    def _line(self, row: int) -> Line:
        cells: dict[str, tuple[Cell, ...]] = {}
        problems, remarks = [], []
        for column, key in self.columns.items():
            address = self.page.address(row, column)
            if (row, column) in self.page.broken:
                problems.append(f"{address}: {self.page.broken[row, column]}")
            elif text := self.page.rows.get(row, {}).get(column, ""):
                cells[key] = (*cells.get(key, ()), Cell(text, address))
            if (row, column) in self.page.merged:
                problem, remark = self._merged(row, column, key)
                problems += problem
                remarks += remark
        day = any((row, column) in self.page.days for column, key in self.columns.items() if key == "id")
        return Line(self.page, row, cells, tuple(dict.fromkeys(problems)), tuple(remarks), day)

    def _merged(self, row: int, column: int, key: str) -> tuple[list[str], list[str]]:
        """What a merged cell means: one decision for all its rows, where it covers one column; else nothing sure."""
        area = self.page.merged[row, column]
        where = f"{self.page.title}!{area}"
        across = any(
            self.page.merged.get((row, other)) == area for other in (column - 1, column + 1) if other in self.columns
        )
        down = any(self.page.merged.get((other, column)) == area for other in (row - 1, row + 1))
        if across and key in INPUTS:
            return [f"{where}: merged cells over several columns; take the merging back"], []
        if down and key in ("id", "title", "text"):
            return [f"{where}: merged cells; each row needs its own, so take the merging back"], []
        if down and key in INPUTS and self.page.rows.get(row, {}).get(column):
            return [], [f"{where}: merged cells, taken for each of their rows"]
        return [], []


def layout_of(page: Page) -> Layout | None:
    """The sheet's header, which has at least 编号 and 确定主办; None where no row is one."""
    if page.title in (UNITS, GUIDE):
        return None
    for row in sorted(page.rows)[:SEARCHED]:
        known = {number: key for number, text in sorted(page.rows[row].items()) if (key := column_of(text))}
        if {"id", "lead"} <= set(known.values()):
            return _checked(page, row, known)
    return None


def _checked(page: Page, row: int, known: dict[int, str]) -> Layout:
    """Each column once, unless it may come several times under names of its own, or its header is merged."""
    wanted = {*READ, *INPUTS, *SHOWN}
    columns: dict[int, str] = {}
    met: dict[str, int] = {}
    problems = []
    for number, key in known.items():
        name = plain(page.rows[row][number]) if key in _SEVERAL else key
        before = met.setdefault(name, number)
        if before == number:
            columns[number] = key
            continue
        joined = page.merged.get((row, number))
        if joined is not None and joined == page.merged.get((row, before)):
            if key in _SEVERAL:
                columns[number] = key
        elif key not in SHOWN and key in wanted:
            problems.append(
                f"{page.address(row, before)} and {page.address(row, number)}: both columns are "
                f"{page.rows[row][number]}; delete one, or number them (确定会办2)"
            )
    return Layout(page, row, columns, tuple(problems))


def lacking(pages: Sequence[Page]) -> str:
    """Which header comes nearest to a meeting sheet's, in words, for a workbook that has none."""
    best: tuple[int, str] = (0, "no sheet has a header")
    for page in pages:
        for row in sorted(page.rows)[:SEARCHED]:
            keys = {column_of(text) for text in page.rows[row].values()} - {None}
            if len(keys) > best[0]:
                missing = [name for key, name in (("id", "编号"), ("lead", "确定主办")) if key not in keys]
                best = len(keys), f"{page.address(row, 1)}: the header lacks {' and '.join(missing)}"
    return best[1]
