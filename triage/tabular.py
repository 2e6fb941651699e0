"""Rows of csv, xlsx and jsonl files, whatever their columns are called; `triage.datasets` knows what columns mean.

A file may come from anywhere: what it may hold is limited while it is read, not afterwards.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import repeat
from pathlib import Path
from typing import TYPE_CHECKING, Any

from triage.errors import InputError, TooManyRows
from triage.sheets import cell_text, has_formulas, opened_workbook, unmarked

if TYPE_CHECKING:
    from openpyxl import Workbook


@dataclass(frozen=True, slots=True)
class Limits:
    """What a file may hold at most: bytes, bytes that a workbook unpacks to, rows that are not blank, characters of a
    cell.
    """

    bytes: int
    unpacked: int
    rows: int
    cell: int


Raw = tuple[list[str], Iterator[tuple[int, dict[str, str]]]]
Reader = Callable[[Path, Limits, Collection[str]], Raw]


def decode(path: Path, data: bytes) -> str:
    """Text of a file in UTF-8 (with or without BOM), UTF-16 with BOM, or GB18030. Raises InputError with the line."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        try:
            return data.decode("utf-16")
        except UnicodeDecodeError:
            raise InputError(f"{path}: damaged UTF-16. Save the file as “CSV UTF-8”.") from None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
    try:
        return data.decode("gb18030")
    except UnicodeDecodeError:
        raise InputError(f"{path}:{line}: neither UTF-8 nor GB18030. Save the file as “CSV UTF-8”.") from None


def read_rows(path: Path, limits: Limits, known: Collection[str]) -> Raw:
    """The header of a file and its rows that are not blank, by its ending: (line number, header → text).

    `known` are the columns, casefolded, that will be read: in others a cell may hold anything. Raises InputError for a
    missing or empty file, an unknown ending, an encoding that is neither UTF-8, UTF-16 nor GB18030, a row with more
    cells than the header, a formula without its value, and what is beyond `limits`.
    """
    readers: dict[str, Callable[[Path, Limits, Collection[str]], Raw]] = {
        ".csv": _read_csv,
        ".xlsx": _read_xlsx,
        ".jsonl": _read_jsonl,
    }
    reader = readers.get(path.suffix.lower())
    try:
        if not path.is_file():
            raise InputError(f"{path}: no such file. Give a csv, xlsx or jsonl file.")
        if reader is None:
            raise InputError(f"{path}: ending {path.suffix!r} is not known; allowed are {', '.join(readers)}.")
        if (size := path.stat().st_size) > limits.bytes:
            raise InputError(f"{path}: {size:,} bytes, the limit is {limits.bytes:,}. Split the file.")
        return reader(path, limits, known)
    except OSError as error:
        told = error.strerror or error
        raise InputError(
            f"{path}: cannot be read ({told}). Close the program that holds it, or mend its rights."
        ) from error


class _Counted:
    """Counts the rows of a file that are not blank. Blank ones are free: some programs write a million of them."""

    def __init__(self, path: Path, most: int) -> None:
        self._path, self._most, self._found = path, most, 0

    def holds(self, line: int, values: Iterable[str]) -> bool:
        """Whether the row has anything in it. Raises InputError for one row too many."""
        if not any(value and not value.isspace() for value in values):
            return False
        self._found += 1
        if self._found > self._most:
            raise TooManyRows(f"{self._path}:{line}: more than {self._most:,} rows. Split the file.")
        return True


def _read_csv(path: Path, limits: Limits, _known: Collection[str]) -> Raw:
    text, counted = decode(path, path.read_bytes()), _Counted(path, limits.rows)
    # The limit is one for the whole process: read at once and put it back, so that no other reader is changed.
    usual = csv.field_size_limit(limits.cell * 4)
    try:
        header, rows = _csv_rows(path, text)
        return header, iter([(line, cells) for line, cells in rows if counted.holds(line, cells.values())])
    finally:
        csv.field_size_limit(usual)


def _csv_rows(path: Path, text: str) -> Raw:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = next(reader, None)
    except csv.Error as error:
        raise InputError(f"{path}:1: not a csv file ({error}).") from error
    if not header or not any(cell.strip() for cell in header):
        raise InputError(f"{path}: empty. The first line must name the columns, e.g. id,title,text,lead,co.")

    def rows() -> Iterator[tuple[int, dict[str, str]]]:
        line = reader.line_num + 1
        while True:
            try:
                cells = next(reader, None)
            except csv.Error as error:
                raise InputError(f"{path}:{line}: not a csv row ({error}). Is a quotation mark left open?") from error
            if cells is None:
                return
            if len(cells) > len(header) and any(cell.strip() for cell in cells[len(header) :]):
                raise InputError(
                    f"{path}:{line}: {len(cells)} cells below {len(header)} columns. Put texts with commas in "
                    "quotation marks."
                )
            yield line, dict(zip(header, map(unmarked, cells), strict=False))
            line = reader.line_num + 1

    return header, rows()


def _read_xlsx(path: Path, limits: Limits, known: Collection[str]) -> Raw:
    counted = _Counted(path, limits.rows)
    rows: list[tuple[int, dict[str, str]]] = []
    with opened_workbook(path, most=limits.unpacked) as book, _formulas(path) as written:
        lines = zip(_cells(book), _cells(written) if written is not None else repeat(()), strict=False)
        header = [cell_text(value) for value in next(lines, ((), ()))[0]]
        wanted = [name if name.strip().casefold() in known else "" for name in header]
        for line, (values, as_written) in enumerate(lines, start=2):
            _check_formulas(f"{path}:{line}", wanted, values, as_written)
            cells = [(name, cell_text(value)) for name, value in zip(header, values, strict=False) if name]
            if counted.holds(line, (value for _, value in cells)):
                rows.append((line, dict(cells)))
    if not any(header):
        raise InputError(f"{path}: the first row of the first sheet is empty; it must name the columns.")
    return [name for name in header if name], iter(rows)


def _cells(book: Workbook) -> Iterator[tuple[Any, ...]]:
    """The cells of the first sheet, row by row from the first."""
    sheet = book.worksheets[0]
    sheet.reset_dimensions()  # some programs write a size that is too small, and rows would be lost
    return sheet.iter_rows(values_only=True)


@contextmanager
def _formulas(path: Path) -> Iterator[Workbook | None]:
    """The workbook with its formulas as they are written, None where it has none."""
    if not has_formulas(path):
        yield None
        return
    with opened_workbook(path, formulas=True) as book:
        yield book


def _check_formulas(where: str, header: Sequence[str], values: Sequence[Any], written: Sequence[Any]) -> None:
    """A program that writes a formula without what it comes to would have us read an empty cell: a lost text."""
    for name, value, formula in zip(header, values, written, strict=False):
        if name and value is None and isinstance(formula, str) and formula.startswith("="):
            raise InputError(
                f"{where}: column {name} holds a formula without its value. Open the file in Excel or WPS, save it and "
                "give that, or paste the values."
            )


def _read_jsonl(path: Path, limits: Limits, known: Collection[str]) -> Raw:
    counted = _Counted(path, limits.rows)
    parsed: list[tuple[int, dict[str, str]]] = []
    header: dict[str, None] = {}
    empty = True
    # Not splitlines, which breaks at characters that may stand in a JSON text (U+2028, U+0085).
    for line, raw in enumerate(decode(path, path.read_bytes()).split("\n"), start=1):
        if not raw.strip():
            continue
        try:
            record = json.loads(raw)
        except (ValueError, RecursionError) as error:
            raise InputError(f"{path}:{line}: not JSON ({error}). One object a line is expected.") from error
        if not isinstance(record, dict):
            raise InputError(f"{path}:{line}: {type(record).__name__} where an object is expected.")
        cells = {str(key): _json(f"{path}:{line}", key, value, known) for key, value in record.items()}
        header.update(dict.fromkeys(cells))
        empty = False
        if counted.holds(line, cells.values()):
            parsed.append((line, cells))
    if empty:
        raise InputError(f"{path}: empty. One JSON object a line is expected.")
    return list(header), iter(parsed)


def _json(where: str, key: str, value: Any, known: Collection[str]) -> str:
    if value is None:
        return ""
    if isinstance(value, list) and all(isinstance(part, str) for part in value):
        return ";".join(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return str(value)
    if key.casefold() in known:
        raise InputError(f"{where}: {key} is {type(value).__name__}; text, a number or a list of texts is expected.")
    return ""
