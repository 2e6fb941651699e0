"""A workbook as it came back: each sheet's cells by place, merged ones filled, formulas as they came out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date as Date
from pathlib import Path
from typing import Any

from triage.errors import InputError
from triage.sheets import cell_text, opened_workbook

MAX_BYTES = 1 << 30

Place = tuple[int, int]
"""Row and column, from 1."""


@dataclass(frozen=True, slots=True)
class Page:
    """One sheet. `rows` hold the cells that are not empty, by row and column; `merged` names the range (A5:A7) of each
    cell that belongs to one; `broken` says why a cell has no value to read; `days` are cells that hold a date.
    """

    title: str
    rows: Mapping[int, Mapping[int, str]]
    merged: Mapping[Place, str]
    broken: Mapping[Place, str]
    days: frozenset[Place]

    def address(self, row: int, column: int) -> str:
        """交办表!N12."""
        from openpyxl.utils import get_column_letter

        return f"{self.title}!{get_column_letter(column)}{row}"

    def below(self, row: int) -> list[int]:
        """The rows under one that hold anything, broken cells too, in order."""
        return sorted({*self.rows, *(line for line, _ in self.broken)} - set(range(row + 1)))


def read_pages(path: Path) -> tuple[Page, ...]:
    """The sheets of a workbook, hidden ones too.

    Raises InputError for a file that is missing, no workbook, damaged, encrypted or too large, and one that cannot be
    read.
    """
    if path.suffix.lower() != ".xlsx":
        raise InputError(f"{path}: ending {path.suffix!r}; a meeting sheet is an .xlsx workbook. Save it as .xlsx.")
    try:
        if not path.is_file():
            raise InputError(f"{path}: no such file. Give the meeting sheet.")
        if (size := path.stat().st_size) > MAX_BYTES:
            raise InputError(
                f"{path}: {size:,} bytes, the limit is {MAX_BYTES:,}.",
                zh=f"文件有{size:,}字节，上限为{MAX_BYTES:,}字节，请拆分交办表",
            )
        with opened_workbook(path, streamed=False, formulas=True) as book:
            sheets = book.worksheets
        calculated = any(cell.data_type == "f" for sheet in sheets for cell in _stored(sheet).values())
        values = _values(path) if calculated else {}
    except OSError as error:
        told = error.strerror or error
        raise InputError(
            f"{path}: cannot be read ({told}). Close the program that holds it, or mend its rights."
        ) from error
    return tuple(_page(sheet, values.get(sheet.title, {})) for sheet in sheets)


def _stored(sheet: Any) -> Mapping[Place, Any]:
    """The cells that the file has. openpyxl's own walk makes one for every empty place up to the last: with a stray
    format in the last row that is a million rows.
    """
    stored: Mapping[Place, Any] = sheet._cells  # noqa: SLF001 - see above
    return stored


def _values(path: Path) -> dict[str, dict[Place, Any]]:
    """What the formulas came to when the file was last saved by a program that computes."""
    with opened_workbook(path, streamed=False) as book:
        sheets = {sheet.title: _stored(sheet) for sheet in book.worksheets}
    return {title: {place: cell.value for place, cell in cells.items()} for title, cells in sheets.items()}


def _page(sheet: Any, values: Mapping[Place, Any]) -> Page:
    rows: dict[int, dict[int, str]] = {}
    broken: dict[Place, str] = {}
    days: set[Place] = set()
    for (row, column), cell in sorted(_stored(sheet).items()):
        value = values.get((row, column)) if cell.data_type == "f" else cell.value
        if cell.data_type == "f" and (value is None or str(value).startswith("#")):
            broken[row, column] = "holds a formula that came to nothing; write the value itself"
        elif cell.data_type == "e":
            broken[row, column] = f"holds the error {value}; write the value itself"
        elif text := cell_text(value):
            rows.setdefault(row, {})[column] = text
            if isinstance(value, Date):
                days.add((row, column))
    return Page(sheet.title, rows, _merged(sheet, rows), broken, frozenset(days))


def _merged(sheet: Any, rows: dict[int, dict[int, str]]) -> dict[Place, str]:
    """The range of each merged cell, down to the last row that holds anything; its value is put into all of them."""
    last = max(rows, default=0)
    merged: dict[Place, str] = {}
    for area in sheet.merged_cells.ranges:
        text = rows.get(area.min_row, {}).get(area.min_col, "")
        for row in range(area.min_row, min(area.max_row, max(last, area.min_row)) + 1):
            for column in range(area.min_col, area.max_col + 1):
                merged[row, column] = area.coord
                if text:
                    rows.setdefault(row, {})[column] = text
    return merged
