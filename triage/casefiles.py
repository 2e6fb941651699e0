"""Cases as a file that `triage.datasets` reads back unchanged, made a part at a time: csv, xlsx or jsonl."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from datetime import date as Date
from itertools import islice
from typing import IO, Any

from triage.datasets import COLUMNS
from triage.errors import InputError
from triage.records import Case
from triage.results import ENDINGS, json_line
from triage.sheets import LONGEST_CELL, MOST_ROWS, csv_lines, text_cell

PART = 500
"""Cases in one part of a csv or jsonl file."""
CHUNK = 1 << 20
"""Bytes in one part of a workbook."""


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
