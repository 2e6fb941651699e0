"""How texts get into the tables, change there and go. Each function runs inside the caller's transaction."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from triage.duplicates import lookup
from triage.duplicates.database import crc
from triage.duplicates.entry import Entry, case_to_json, pack_vector
from triage.errors import InputError
from triage.records import Case

TABLES = ("entries", "areas", "records", "profiles", "vectors")


class Packed(NamedTuple):
    """An entry as its columns, so that nothing is left to fail or to wait for once the file is locked."""

    id: str
    key: bytes | None
    source: str
    session: str
    date: str | None
    areas: tuple[str, ...]
    record: str
    profile: str
    dense: bytes | None
    vector: bytes


def pack(entries: Sequence[Entry], dimension: int, dense_dimension: int) -> list[Packed]:
    """Check and pack. Raises InputError for ids that are empty or come twice, ValueError for vectors."""
    ids = [entry.case.suggestion.id for entry in entries]
    if not all(ids):
        raise InputError("A text without an id cannot be stored. Give each text an id of its own.")
    if len(set(ids)) < len(ids):
        twice = Counter(ids).most_common(1)[0][0]
        raise InputError(f"The id {twice!r} comes twice. Give each text an id of its own.")
    return [_packed(entry, dimension, dense_dimension) for entry in entries]


def insert(writer: sqlite3.Connection, packed: Sequence[Packed]) -> range:
    """Put the texts in and return their rows. Raises InputError for an id that is stored already."""
    if known := lookup.rows_of(writer, (one.id for one in packed)):
        name = next(iter(known))
        raise InputError(f"The id {name!r} is stored already. Remove that text first, or give this one another id.")
    last = writer.execute("SELECT seq FROM sqlite_sequence WHERE name = 'entries'").fetchone()
    first = 1 + (int(last[0]) if last else 0)
    rows = range(first, first + len(packed))
    numbered = list(zip(rows, packed, strict=True))
    _put(writer, "entries", ((row, one.id, one.key, one.source, one.session, one.date) for row, one in numbered), 6)
    _put(writer, "areas", ((area, row) for row, one in numbered for area in dict.fromkeys(one.areas)), 2)
    _put(writer, "records", ((row, crc(one.record), one.record) for row, one in numbered), 3)
    profiles = ((row, crc(one.profile, one.dense), one.profile, one.dense) for row, one in numbered)
    _put(writer, "profiles", profiles, 4)
    _put(writer, "vectors", ((row, crc(one.vector), one.vector) for row, one in numbered), 3)
    return rows


def renew(writer: sqlite3.Connection, renewed: Mapping[int, Case]) -> None:
    """Replace the cases of rows. Raises KeyError for an unknown row or a case with another id."""
    for row, case in renewed.items():
        of = case.suggestion
        values = (of.source, of.session, None if of.date is None else of.date.isoformat(), int(row), of.id)
        statement = "UPDATE entries SET source = ?, session = ?, date = ? WHERE row = ? AND id = ?"
        if not writer.execute(statement, values).rowcount:
            raise KeyError(row)
        record = case_to_json(case)
        writer.execute("UPDATE records SET crc = ?, record = ? WHERE row = ?", (crc(record), record, int(row)))


def delete(writer: sqlite3.Connection, ids: Iterable[str]) -> int:
    """Take the texts out and return how many were there."""
    rows = list(lookup.rows_of(writer, ids).values())
    listed = json.dumps(rows)
    for table in TABLES:
        writer.execute(f"DELETE FROM {table} WHERE row IN (SELECT value FROM json_each(?))", (listed,))  # noqa: S608
    return len(rows)


def _packed(entry: Entry, dimension: int, dense_dimension: int) -> Packed:
    of = entry.case.suggestion
    packed = Packed(
        id=of.id,
        key=entry.key,
        source=of.source,
        session=of.session,
        date=None if of.date is None else of.date.isoformat(),
        areas=entry.areas,
        record=case_to_json(entry.case),
        profile=entry.profile,
        dense=None if entry.dense is None else pack_vector(entry.dense, dense_dimension),
        vector=pack_vector(entry.vector, dimension),
    )
    try:
        "".join((packed.id, packed.source, packed.session, packed.profile, *packed.areas)).encode()
    except UnicodeEncodeError:
        raise InputError(
            f"The text with the id {of.id!r} has half a character (a lone surrogate) in its id, source, session, area "
            "or profile. Repair the file that it is from."
        ) from None
    return packed


def _put(writer: sqlite3.Connection, table: str, values: Iterable[tuple[Any, ...]], columns: int) -> None:
    places = ", ".join("?" * columns)
    writer.executemany(f"INSERT INTO {table} VALUES ({places})", values)  # noqa: S608
