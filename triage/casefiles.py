"""Cases as a file that `triage.datasets` reads back unchanged, made a part at a time: csv, xlsx or jsonl; and a look at
a file that somebody hands in, before it is read.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date as Date
from itertools import islice
from pathlib import Path
from typing import IO, Any

from triage.columns import COLUMNS, choice_of, likely_column, recognised
from triage.datasets import Chosen, numbered_cases, read_raw, table_of, usual_limits
from triage.errors import InputError
from triage.records import Case
from triage.results import ENDINGS, json_line
from triage.sheets import LONGEST_CELL, MOST_ROWS, csv_lines, text_cell
from triage.tabular import Limits

PART = 500
"""Cases in one part of a csv or jsonl file."""
CHUNK = 1 << 20
"""Bytes in one part of a workbook."""
EXAMPLES = 3
SHOWN = 40
"""Cells of a column that a look at a file shows, and characters of each."""
JUDGED = 50
"""Cells by which a column without a plain header is judged."""


@dataclass(frozen=True, slots=True)
class SeenColumn:
    """A column of a file: its header, the column of a cases file that is read from it (empty: none), what it may well
    be where that is not sure, and the beginnings of the first cells that hold something.
    """

    header: str
    field: str
    likely: str
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SeenFile:
    """What a file looks like. `line` is that of its headers, `rows` counts those below that are not blank; of a
    workbook `sheet` was looked at, and `others` hold something too. `missing` are columns without which nothing can be
    read. `problems` are what would keep it from being read, each with the line that it is about, 0 for the whole file.
    """

    rows: int
    line: int
    sheet: str
    others: tuple[str, ...]
    columns: tuple[SeenColumn, ...]
    missing: tuple[str, ...]
    problems: tuple[tuple[int, InputError], ...]


def look_into(
    path: str | Path,
    columns: Chosen | None = None,
    *,
    sheet: str = "",
    limits: Limits | None = None,
    told: int = 20,
) -> SeenFile:
    """What the columns of a csv, xlsx or jsonl file mean, and which rows could not be read as suggestions, up to
    `told` of them.

    `columns` and `sheet` are those of `triage.datasets.read_table`: show what was found to whoever knows the file, and
    read it with what they chose. Raises InputError for a file that cannot be read at all, and a choice of a header or a
    column that there is not.
    """
    path, limits = Path(path), limits or usual_limits()
    raw = read_raw(path, limits, columns=columns, sheet=sheet)
    rows = list(raw.rows)
    chosen = choice_of(f"{path}:{raw.line}", raw.header, columns or {})
    found, clashes = recognised(raw.header, chosen)
    seen = tuple(_seen(header, found, header in chosen, rows) for header in raw.header if header)
    problems = list(_clashes(path, clashes))
    if not rows:
        problems.append((0, InputError(f"{path}: no rows below the header.", zh="表头下面没有内容")))
    missing = () if {"title", "text"} & set(found.values()) else ("title",)
    if missing:
        which = f"{path}: no column holds the title or the text. Say which one does; the file has {raw.named}."
        problems.append((0, InputError(which, zh="没有找到“标题”或“正文”列，请指定哪一列是它")))
    elif rows:
        plain = replace(raw, rows=iter(rows))
        table = table_of(path, plain, (), limits, {header: found.get(header) for header in raw.header})
        problems += numbered_cases(table, (), "line-", told)[1]
    return SeenFile(len(rows), raw.line, raw.sheet, raw.others, seen, missing, tuple(problems[:told]))


def _seen(
    header: str, found: Mapping[str, str], decided: bool, rows: Sequence[tuple[int, Mapping[str, str]]]
) -> SeenColumn:
    values = list(islice(filter(None, (cells.get(header, "").strip() for _, cells in rows)), JUDGED))
    examples = tuple(value if len(value) <= SHOWN else f"{value[:SHOWN]}…" for value in dict.fromkeys(values))[
        :EXAMPLES
    ]
    likely = "" if decided or header in found else likely_column(header, values)
    return SeenColumn(header, found.get(header, ""), likely, examples)


def _clashes(path: Path, clashes: Mapping[str, str]) -> Iterator[tuple[int, InputError]]:
    """For each column that several headers mean, that one of them must be chosen."""
    for name in dict.fromkeys(clashes.values()):
        headers = [header for header, meant in clashes.items() if meant == name]
        usual, listed = COLUMNS[name][0], "、".join(f"“{header}”" for header in headers)
        told = f"{path}: {len(headers)} columns mean {name} ({usual}): {', '.join(headers)}. Choose one."
        yield 0, InputError(told, zh=f"{listed}都像是“{usual}”，请确认用哪一列")


def case_file(cases: Iterable[Case], ending: str) -> Iterator[bytes]:
    """The parts of a cases file, by its ending (.csv, .xlsx, .jsonl), with every column that is known.

    Each case needs an id and a title or a text. What begins like a formula stays a text in Excel and WPS. Blanks around
    a text and characters that no file can hold are what reading drops, so they may be lost.
    A workbook is made whole before its first part comes: InputError for a text or a list that is longer than a cell
    holds, and for more cases than a sheet has rows. InputError for another ending.
    """
    if ending not in ENDINGS:
        raise InputError(
            f"a cases file with the ending {ending!r} cannot be written; allowed are {', '.join(ENDINGS)}."
        )
    return {".csv": _csv, ".xlsx": _xlsx, ".jsonl": _jsonl}[ending](cases)


def case_record(case: Case) -> dict[str, Any]:
    """A case under the column names of a cases file, as plain JSON types."""
    suggestion = case.suggestion
    return {
        "id": suggestion.id,
        "title": suggestion.title,
        "text": suggestion.text,
        "source": suggestion.source,
        "session": suggestion.session,
        "date": _day(suggestion.date),
        "proposers": list(suggestion.proposers),
        "wish": suggestion.wish,
        "confidential": suggestion.confidential,
        "topic": list(case.topics),
        "lead": list(case.leads),
        "co": list(case.co),
        "reply": case.reply,
        "outcome": case.outcome,
        "returned": list(case.returned),
        "handed_out": _day(case.handed_out),
        "replied": _day(case.replied),
        "area": case.area,
        "level": case.level,
    }


def _jsonl(cases: Iterable[Case]) -> Iterator[bytes]:
    for part in _parts(cases):
        yield "".join(json_line(case_record(case)) + "\n" for case in part).encode()


def _csv(cases: Iterable[Case]) -> Iterator[bytes]:
    yield csv_lines([_HEADERS]).encode("utf-8-sig")
    for part in _parts(cases):
        yield csv_lines(_cells(case) for case in part).encode(errors="replace")


def _parts(cases: Iterable[Case]) -> Iterator[list[Case]]:
    rest = iter(cases)
    while part := list(islice(rest, PART)):
        yield part


def _xlsx(cases: Iterable[Case]) -> Iterator[bytes]:
    with tempfile.TemporaryFile() as file:
        _write_book(cases, file)
        file.seek(0)
        while chunk := file.read(CHUNK):
            yield chunk


def _write_book(cases: Iterable[Case], file: IO[bytes]) -> None:
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    page = book.create_sheet("案例")
    page.freeze_panes = "A2"
    page.append([text_cell(page, name) for name in _HEADERS])
    try:
        for number, case in enumerate(cases, start=2):
            page.append([text_cell(page, cell) for cell in _fitting(number, case)])
    except BaseException:
        page.close()  # else openpyxl complains when it is forgotten half written
        raise
    book.save(file)


def _fitting(row: int, case: Case) -> list[str]:
    """The cells of a row of a workbook. Raises InputError for what it would lose."""
    if row > MOST_ROWS:
        raise InputError(f"more than {MOST_ROWS - 1:,} cases, which a sheet cannot hold. Write csv or jsonl.")
    cells = _cells(case)
    for name, cell in zip(COLUMNS, cells, strict=True):
        if len(cell.encode("utf-16-le", "replace")) > 2 * LONGEST_CELL:
            raise InputError(
                f"{case.suggestion.id!r}: {name} has {len(cell):,} characters, and a cell of a workbook holds "
                f"{LONGEST_CELL:,}. Write csv or jsonl, which keep every text whole."
            )
    return cells


_HEADERS = tuple(names[0] for names in COLUMNS.values())


def _cells(case: Case) -> list[str]:
    record = case_record(case) | {"confidential": "是" if case.suggestion.confidential else ""}
    return ["；".join(value) if isinstance(value := record[name], list) else value for name in COLUMNS]


def _day(day: Date | None) -> str:
    return day.isoformat() if day else ""
