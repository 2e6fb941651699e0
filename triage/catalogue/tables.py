"""One CSV file of a catalogue folder as rows of clean cells, with every defect of its form and the line it stands in.

A clerk's file comes from Excel, WPS or an editor: UTF-8 with or without a mark, or GB18030, with English or Chinese
headers. Nothing here knows what the cells mean.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from importlib.resources.abc import Traversable
from pathlib import Path

MAX_BYTES = 64 * 1024 * 1024
"""A catalogue of a whole province stays far below this; a larger file is a mistake."""

MAX_CELL = 20_000
"""Characters in one cell. The longest honest cell holds a unit's duties: some thousand characters."""

Folder = Path | Traversable
"""A folder of the file system, or one inside an installed package."""


class Severity(StrEnum):
    """Whether a finding stops the catalogue from loading."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Finding:
    """One defect of a catalogue folder, with its place and what to do. ``str()`` gives ``file:line: message``."""

    severity: Severity
    file: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}"


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns of one file: English name → Chinese names that mean the same, and which of them must be there."""

    file: str
    columns: dict[str, tuple[str, ...]]
    required: tuple[str, ...] = ("code", "name")


@dataclass(frozen=True, slots=True)
class Row:
    """One record: the line it begins in and its cells by English column name, stripped; absent cells are empty."""

    line: int
    cells: dict[str, str]


@dataclass(slots=True)
class Findings:
    """Collects the findings of one folder."""

    found: list[Finding] = field(default_factory=list)

    def error(self, file: str, line: int, message: str) -> None:
        """Note a defect that stops the catalogue from loading."""
        self.found.append(Finding(Severity.ERROR, file, line, message))

    def warning(self, file: str, line: int, message: str) -> None:
        """Note a defect that the catalogue can live with."""
        self.found.append(Finding(Severity.WARNING, file, line, message))


def read_rows(folder: Folder, layout: Layout, findings: Findings) -> list[Row] | None:
    """The rows of one file, ``None`` if it does not exist; defects go to `findings`."""
    if not (folder / layout.file).is_file():
        return None
    text = read_text(folder, layout.file, findings)
    return [] if text is None else list(_rows(text, layout, findings))


def read_text(folder: Folder, file: str, findings: Findings) -> str | None:
    """The text of one file, ``None`` if it cannot be read; why goes to `findings`."""
    try:
        data = (folder / file).read_bytes()
    except OSError as error:
        findings.error(file, 1, f"cannot be read ({error.strerror}); check its permissions and close it elsewhere")
        return None
    return _decoded(data, file, findings)


def _decoded(data: bytes, file: str, findings: Findings) -> str | None:
    """UTF-8 or GB18030, whichever most lines speak; bytes that fit neither are reported with their line."""
    if len(data) > MAX_BYTES:
        findings.error(
            file, 1, f"has {len(data):,} bytes, allowed are {MAX_BYTES:,}; a catalogue is far smaller: is it this file?"
        )
        return None
    if data.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        findings.error(
            file, 1, "is an Excel workbook under the name of a CSV file; save it as 'CSV UTF-8' from Excel or WPS"
        )
        return None
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        findings.error(file, 1, "is UTF-16 ('Unicode text'); save it as 'CSV UTF-8' from Excel or WPS")
        return None
    if b"\x00" in data:
        findings.error(
            file,
            data[: data.index(b"\x00")].count(b"\n") + 1,
            "holds a NUL byte; delete it or save the file anew as CSV",
        )
        return None
    data = data.removeprefix(b"\xef\xbb\xbf")
    lines = data.split(b"\n")
    foreign = [line for line in lines if not line.isascii()]
    utf8 = sum(_fits(line, "utf-8") for line in foreign)
    encoding = "utf-8" if 2 * utf8 >= len(foreign) else "gb18030"
    bad = [number for number, line in enumerate(lines, start=1) if not _fits(line, encoding)]
    for number in bad:
        findings.error(
            file,
            number,
            f"has bytes that are neither UTF-8 nor GB18030 where the rest is {encoding.upper()}; type the line anew",
        )
    return None if bad else data.decode(encoding)


def _fits(line: bytes, encoding: str) -> bool:
    try:
        line.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _rows(text: str, layout: Layout, findings: Findings) -> Iterator[Row]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    header: list[str] | None = None
    while True:
        line = reader.line_num + 1
        try:
            cells = [cell.strip() for cell in next(reader)]
        except StopIteration:
            break
        except csv.Error as error:
            findings.error(
                layout.file,
                line,
                f"is not proper CSV from here on ({error}); most often a double quote was opened and never closed",
            )
            return
        if not any(cells):
            continue
        if header is None:
            header = _header(cells, line, layout, findings)
            if header is None:
                return
            continue
        row = _row(cells, header, line, layout.file, findings)
        if row is not None:
            yield row
    if header is None:
        findings.error(
            layout.file, 1, f"is empty; the first line must name the columns, at least {', '.join(layout.required)}"
        )


def _header(cells: list[str], line: int, layout: Layout, findings: Findings) -> list[str] | None:
    """The English name of each column, empty for one that is not ours; ``None`` if the file cannot be used."""
    meaning = {name: column for column, names in layout.columns.items() for name in (column, *names)}
    header = [meaning.get(cell.lower().replace(" ", "_"), "") for cell in cells]
    usable = True
    for column in layout.required:
        if column not in header:
            usable = False
            chinese = "/".join(layout.columns[column])
            findings.error(
                layout.file, line, f"has no column {column!r} ({chinese}); its columns are {', '.join(cells)[:200]}"
            )
    for position, (cell, column) in enumerate(zip(cells, header, strict=True)):
        if column and column in header[:position]:
            usable = False
            findings.error(layout.file, line, f"has the column {column!r} twice; keep one")
        elif cell and not column:
            findings.warning(
                layout.file, line, f"column {cell[:40]!r} is not one of {', '.join(layout.columns)} and is not read"
            )
    return header if usable else None


def _row(cells: list[str], header: list[str], line: int, file: str, findings: Findings) -> Row | None:
    if any(cells[len(header) :]):
        findings.error(
            file,
            line,
            f"has {len(cells)} cells, the first line names {len(header)}; put a cell with commas in double quotes",
        )
        return None
    for column, cell in zip(header, cells, strict=False):
        if column and len(cell) > MAX_CELL:
            findings.error(
                file,
                line,
                f"cell {column!r} has {len(cell):,} characters, allowed are {MAX_CELL:,}; is a quote not closed?",
            )
            return None
    named = {column: cell for column, cell in zip(header, cells, strict=False) if column}
    return Row(line, {column: named.get(column, "") for column in header if column})
