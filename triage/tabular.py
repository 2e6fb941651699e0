"""Rows of csv, xlsx and jsonl files, whatever their columns are called; `triage.datasets` knows what columns mean.

A file may come from anywhere: what it may hold is limited while it is read, not afterwards.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, islice, repeat
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


ENDINGS = (".csv", ".xlsx", ".jsonl")
MOST_COLUMNS = 1_000
"""Columns of a file: no office's table has so many, and each is looked through."""
HEADER_WITHIN = 20
"""Rows among which the header is looked for: offices write a title, a date and who filled it in above it."""

Known = Callable[[str], bool]
"""Whether a header names a column that will be read: in others a cell may hold anything."""
Rows = Iterator[tuple[int, dict[str, str]]]


@dataclass(frozen=True, slots=True)
class Raw:
    """A file as it is: its headers in their places, each once, empty for a column without one; the line in which they
    stand; and the rows below that are not blank, as (line number, header → text). Of a workbook also the sheet that was
    read, and the others that hold anything.
    """

    header: list[str]
    rows: Rows
    line: int = 1
    sheet: str = ""
    others: tuple[str, ...] = ()

    @property
    def named(self) -> str:
        """The headers as a message lists them."""
        return ", ".join(filter(None, self.header))


def decode(path: Path, data: bytes) -> str:
    """Text of a file in UTF-8 (with or without BOM), UTF-16 with BOM, or GB18030. Raises InputError with the line."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        try:
            return data.decode("utf-16")
        except UnicodeDecodeError:
            raise InputError(
                f"{path}: damaged UTF-16. Save the file as “CSV UTF-8”.", zh="文件编码已损坏，请另存为“CSV UTF-8”"
            ) from None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
    try:
        return data.decode("gb18030")
    except UnicodeDecodeError:
        raise InputError(
            f"{path}:{line}: neither UTF-8 nor GB18030. Save the file as “CSV UTF-8”.",
            zh="文件编码无法识别，请另存为“CSV UTF-8”",
        ) from None


def read_rows(path: Path, limits: Limits, known: Known, sheet: str = "") -> Raw:
    """The header of a file and its rows that are not blank, by its ending.

    The header is the first row; where that names nothing that is `known`, the row of the first `HEADER_WITHIN` that
    names most, and what stands above it is left out. A second row of headers below merged ones (承办单位 over 主办 and
    会办) is read with the first. Of a workbook the sheet with this name is read; without one the first that has such a
    header, hidden ones aside.

    Raises InputError for a missing or empty file, an unknown ending, an encoding that is neither UTF-8, UTF-16 nor
    GB18030, a row with more cells than the header, a formula without its value, a sheet that there is not, and what is
    beyond `limits`.
    """
    try:
        if not path.is_file():
            raise InputError(f"{path}: no such file. Give a csv, xlsx or jsonl file.")
        if (ending := path.suffix.lower()) not in ENDINGS:
            raise InputError(f"{path}: ending {path.suffix!r} is not known; allowed are {', '.join(ENDINGS)}.")
        if (size := path.stat().st_size) > limits.bytes:
            raise InputError(f"{path}: {size:,} bytes, the limit is {limits.bytes:,}. Split the file.")
        if ending == ".xlsx":
            return _read_xlsx(path, limits, known, sheet)
        return _read_csv(path, limits, known) if ending == ".csv" else _read_jsonl(path, limits, known)
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
            raise TooManyRows(
                f"{self._path}:{line}: more than {self._most:,} rows. Split the file.",
                zh=f"超过{self._most:,}行的上限，请拆分文件",
            )
        return True


def _header(rows: Sequence[Sequence[str]], known: Known) -> tuple[int, list[str]]:
    """How many of the first rows of a file are above its data, and the headers that they name, each once."""
    place = next((place for place, row in enumerate(rows) if any(row)), 0)
    if rows and not any(map(known, rows[place])):
        counts = [sum(map(known, row)) for row in rows]
        best = counts.index(max(counts))
        if counts[best] > 1 or (counts[best] == 1 and sum(map(bool, rows[best])) == 1):
            place = best
    header, below = list(rows[place]) if rows else [], rows[place + 1] if place + 1 < len(rows) else ()
    if _is_second(header, below, known):
        wider = max(len(header), len(below))
        pairs = zip(*([*row, *[""] * (wider - len(row))] for row in (header, below)), strict=True)
        return place + 2, _unique([second or first for first, second in pairs])
    return place + 1, _unique(header)


def _is_second(header: Sequence[str], below: Sequence[str], known: Known) -> bool:
    """Whether a row goes on with the headers above it: it names columns, some below a blank one, and nothing else."""
    named = [place for place, cell in enumerate(below) if cell]
    merged = any(place >= len(header) or not header[place] for place in named)
    return merged and all(known(below[place]) for place in named)


def _check_width(path: Path, columns: int) -> None:
    if columns > MOST_COLUMNS:
        raise InputError(
            f"{path}: {columns:,} columns; {MOST_COLUMNS:,} are allowed. Delete those that are not needed.",
            zh=f"共{columns:,}列，上限为{MOST_COLUMNS:,}列，请删去不用的列",
        )


def _unique(header: Sequence[str]) -> list[str]:
    """The headers, each once: of two that are written alike the second is told by its number."""
    seen: dict[str, int] = {}
    made = []
    for name in header:
        seen[name] = seen.get(name, 0) + 1
        made.append(f"{name} ({seen[name]})" if name and seen[name] > 1 else name)
    while made and not made[-1]:
        made.pop()
    return made


def _read_csv(path: Path, limits: Limits, known: Known) -> Raw:
    text, counted = decode(path, path.read_bytes()), _Counted(path, limits.rows)
    # The limit is one for the whole process: read at once and put it back, so that no other reader is changed.
    usual = csv.field_size_limit(limits.cell * 4)
    try:
        lines = _csv_lines(path, text)
        first = list(islice(lines, HEADER_WITHIN))
        above, header = _header([[unmarked(cell).strip() for cell in cells] for _, cells in first], known)
        if not any(header):
            raise InputError(
                f"{path}: empty. The first line must name the columns, e.g. id,title,text,lead,co.",
                zh="文件是空的，第一行应写明各列名称",
            )
        _check_width(path, len(header))
        rows = _csv_rows(path, header, chain(first[above:], lines))
        return Raw(header, iter([one for one in rows if counted.holds(one[0], one[1].values())]), first[above - 1][0])
    finally:
        csv.field_size_limit(usual)


def _csv_lines(path: Path, text: str) -> Iterator[tuple[int, list[str]]]:
    """Each row with the line in which it begins."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    line = 1
    while True:
        try:
            cells = next(reader, None)
        except csv.Error as error:
            if line == 1:
                raise InputError(
                    f"{path}:1: not a csv file ({error}).", zh="不是有效的 CSV 文件，请另存为“CSV UTF-8”"
                ) from error
            raise InputError(
                f"{path}:{line}: not a csv row ({error}). Is a quotation mark left open?",
                zh="不是有效的 CSV 行，请检查引号是否成对",
            ) from error
        if cells is None:
            return
        yield line, cells
        line = reader.line_num + 1


def _csv_rows(path: Path, header: Sequence[str], lines: Iterable[tuple[int, list[str]]]) -> Rows:
    for line, cells in lines:
        if len(cells) > len(header) and any(cell.strip() for cell in cells[len(header) :]):
            raise InputError(
                f"{path}:{line}: {len(cells)} cells below {len(header)} columns. Put texts with commas in quotation "
                "marks.",
                zh=f"有{len(cells)}格内容，而表头只有{len(header)}列；含逗号的内容请加英文双引号",
            )
        yield line, dict(zip(header, map(unmarked, cells), strict=False))


def _read_xlsx(path: Path, limits: Limits, known: Known, sheet: str) -> Raw:
    counted = _Counted(path, limits.rows)
    rows: list[tuple[int, dict[str, str]]] = []
    with opened_workbook(path, most=limits.unpacked) as book, _formulas(path) as written:
        page, others = _page(path, book, known, sheet)
        first = [[cell_text(value) for value in row] for row in islice(_cells(book, page), HEADER_WITHIN)]
        above, header = _header(first, known)
        if not any(header):
            raise InputError(
                f"{path}: the first row of the first sheet is empty; it must name the columns.",
                zh="工作表是空的，第一行应写明各列名称",
            )
        _check_width(path, len(header))
        wanted = [name if known(name) else "" for name in header]
        lines = zip(_cells(book, page), _cells(written, page) if written is not None else repeat(()), strict=False)
        for line, (values, as_written) in enumerate(islice(lines, above, None), start=above + 1):
            _check_formulas(f"{path}:{line}", wanted, values, as_written)
            cells = [(name, cell_text(value)) for name, value in zip(header, values, strict=False) if name]
            if counted.holds(line, (value for _, value in cells)):
                rows.append((line, dict(cells)))
    return Raw(header, iter(rows), above, page, others)


def _page(path: Path, book: Workbook, known: Known, wanted: str) -> tuple[str, tuple[str, ...]]:
    """The sheet to read, and the others that hold anything and can be seen."""
    shown = [page.title for page in book.worksheets if page.sheet_state == "visible"]
    shown = shown or [book.worksheets[0].title]
    filled = {
        title: [[cell_text(value) for value in row] for row in islice(_cells(book, title), HEADER_WITHIN)]
        for title in (shown if len(shown) > 1 else ())
    }
    there = [title for title, rows in filled.items() if any(map(any, rows))]
    if wanted and wanted not in shown:
        raise InputError(
            f"{path}: no sheet is called {wanted[:40]!r}; the workbook has {', '.join(shown)}.",
            zh=f"工作簿中没有名为“{wanted[:40]}”的工作表",
        )
    named = (title for title in there if any(map(known, _header(filled[title], known)[1])))
    page = wanted or next(named, there[0] if there else shown[0])
    return page, tuple(title for title in there if title != page)


def _cells(book: Workbook, title: str) -> Iterator[tuple[Any, ...]]:
    """The cells of a sheet, row by row from the first."""
    sheet = next(page for page in book.worksheets if page.title == title)
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
                "give that, or paste the values.",
                zh=f"“{name}”列是公式而没有数值，请用 Excel 或 WPS 打开并保存后重新上传，或粘贴为数值",
            )


def _read_jsonl(path: Path, limits: Limits, known: Known) -> Raw:
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
            raise InputError(
                f"{path}:{line}: not JSON ({error}). One object a line is expected.", zh="不是 JSON，每行应是一个对象"
            ) from error
        if not isinstance(record, dict):
            raise InputError(
                f"{path}:{line}: {type(record).__name__} where an object is expected.", zh="每行应是一个 JSON 对象"
            )
        cells = {str(key): _json(f"{path}:{line}", key, value, known) for key, value in record.items()}
        header.update(dict.fromkeys(cells))
        _check_width(path, len(header))
        empty = False
        if counted.holds(line, cells.values()):
            parsed.append((line, cells))
    if empty:
        raise InputError(f"{path}: empty. One JSON object a line is expected.", zh="文件是空的，每行应是一个 JSON 对象")
    return Raw(list(header), iter(parsed))


def _json(where: str, key: str, value: Any, known: Known) -> str:
    if value is None:
        return ""
    if isinstance(value, list) and all(isinstance(part, str) for part in value):
        return ";".join(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return str(value)
    if known(key):
        raise InputError(
            f"{where}: {key} is {type(value).__name__}; text, a number or a list of texts is expected.",
            zh=f"“{key[:40]}”应是文字、数字或文字列表",
        )
    return ""
