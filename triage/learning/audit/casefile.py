"""A file of handled cases with all that stands in it: a few cells are changed, and the rest stays as it is."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from triage.datasets import MANY, MAX_CELL, known_columns, read_cases, read_raw, read_table, split_many
from triage.errors import InputError
from triage.records import Case
from triage.sheets import cell_text, opened_workbook
from triage.tabular import Raw

Values = Mapping[str, tuple[str, ...]]
"""New values of a case, by field (lead, co, topic)."""
Edits = Mapping[int, Values]
"""The same by the line in the file."""

_MARKS = ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"), (b"\xef\xbb\xbf", "utf-8"))


@dataclass(frozen=True, slots=True)
class CaseFile:
    """Handled cases as a file has them: helpers as they are written, a lead among them too.

    `lines` says where each case stands; `digest` is that of all known columns, so that a sheet is known to be about
    these very cases.
    """

    path: Path
    cases: tuple[Case, ...]
    lines: Mapping[str, int]
    digest: str

    @classmethod
    def read(cls, path: str | Path) -> CaseFile:
        """Read a csv, xlsx or jsonl file with the column lead. Raises InputError as `read_cases` does."""
        path = Path(path)
        table = read_table(path, ("lead",))
        cases = read_cases(path, required=())
        made = [
            replace(case, co=split_many(row.get("co", ""))) for case, (_, row) in zip(cases, table.rows, strict=True)
        ]
        lines = {case.suggestion.id: line for case, (line, _) in zip(cases, table.rows, strict=True)}
        content = [[row.get(column, "") for column in table.columns] for _, row in table.rows]
        plain = json.dumps([table.columns, content], ensure_ascii=False).encode("utf-8", "surrogatepass")
        return cls(path, tuple(made), lines, hashlib.sha256(plain).hexdigest()[:32])

    def rewritten(self, values: Mapping[str, Values]) -> bytes:
        """The file with new values in some cases (by id): the same format, encoding and columns, every other row as it
        was. Raises InputError where a field has no column, or the file cannot be read any more.
        """
        edits = {self.lines[name]: fields for name, fields in values.items() if fields}
        writers = {".csv": _csv, ".xlsx": _xlsx, ".jsonl": _jsonl}
        try:
            return writers[self.path.suffix.lower()](self.path, edits)
        except OSError as error:
            told = error.strerror or error
            raise InputError(f"{self.path}: cannot be read ({told}). Close the program that holds it.") from error


def _csv(path: Path, edits: Edits) -> bytes:
    data = path.read_bytes()
    mark, encoding = _encoding(data)
    header, places = _places(path, read_raw(path))
    parts = []
    for line, raw, cells in _records(data[len(mark) :].decode(encoding)):
        if line in edits:
            cells += [""] * (len(header) - len(cells))
            for field, value in edits[line].items():
                first, *further = _place(path, places, field)
                cells[first] = _joined(cells[first], value)
                for place in further:
                    cells[place] = ""
            buffer = io.StringIO(newline="")
            csv.writer(buffer, lineterminator=raw[len(raw.rstrip("\r\n")) :]).writerow(cells)
            raw = buffer.getvalue()
        parts.append(raw)
    return mark + "".join(parts).encode(encoding)


def _records(text: str) -> Iterator[tuple[int, str, list[str]]]:
    """Each record with its first line's number and its very characters."""
    taken: list[str] = []

    def lines() -> Iterator[str]:
        for line in io.StringIO(text, newline=""):
            taken.append(line)
            yield line

    # The limit is one for the whole process: put back, so that no other reader is changed.
    usual = csv.field_size_limit(MAX_CELL * 4)
    try:
        reader = csv.reader(lines(), strict=True)
        found, start = [], 1
        for cells in reader:
            found.append((start, "".join(taken), cells))
            taken.clear()
            start = reader.line_num + 1
        return iter(found)
    finally:
        csv.field_size_limit(usual)


def _encoding(data: bytes) -> tuple[bytes, str]:
    """The byte order mark and the encoding behind it, as `datasets.decode` reads them."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return mark, encoding
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return b"", "gb18030"
    return b"", "utf-8"


def _xlsx(path: Path, edits: Edits) -> bytes:
    with opened_workbook(path, streamed=False, formulas=True) as book:
        raw = read_raw(path)
        _, places = _places(path, raw)
        sheet = book[raw.sheet]
        for line, fields in edits.items():
            for field, value in fields.items():
                first, *further = _place(path, places, field)
                cell = sheet.cell(line, first + 1)
                cell.value = _joined(cell_text(cell.value), value)
                cell.data_type = "s"
                for place in further:
                    sheet.cell(line, place + 1).value = None
        buffer = io.BytesIO()
        book.save(buffer)
        return buffer.getvalue()


def _jsonl(path: Path, edits: Edits) -> bytes:
    data = path.read_bytes()
    mark, encoding = _encoding(data)
    lines = data[len(mark) :].decode(encoding).split("\n")
    for line, fields in edits.items():
        raw = lines[line - 1]
        record: dict[str, Any] = json.loads(raw)
        names = {known: name for name, known in known_columns(f"{path}:{line}", record).items()}
        for field, value in fields.items():
            name = names.get(field, field)
            old = record.get(name)
            record[name] = list(value) if isinstance(old, list) else _joined(str(old or ""), value)
        lines[line - 1] = json.dumps(record, ensure_ascii=False) + ("\r" if raw.endswith("\r") else "")
    return mark + "\n".join(lines).encode(encoding)


def _places(path: Path, raw: Raw) -> tuple[list[str], dict[str, list[int]]]:
    """The headers of a file, and in which places a column stands: a list of units may stand in several."""
    known = known_columns(f"{path}:{raw.line}", raw.header)
    places: dict[str, list[int]] = {}
    for number, name in enumerate(raw.header):
        if name in known:
            places.setdefault(known[name], []).append(number)
    return raw.header, places


def _place(path: Path, places: Mapping[str, list[int]], field: str) -> list[int]:
    if field not in places:
        raise InputError(f"{path}:1: there is no column {field} to write the correction into. Add it, and audit again.")
    return places[field]


def _joined(old: str, values: tuple[str, ...]) -> str:
    """Several values with the separator that the cell had."""
    met = MANY.search(old)
    return (met[0] if met else ";").join(values)
