"""Which rows: questions that a store answers from its slim tables, by id, by hash, by filter.

Texts with the same hash are one *different text*; its first row stands for all of them. Every function takes a
connection that this thread holds.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date as Date
from typing import Any

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.int64]

BLOCK = 8192  # rows that are named in one question


def fetched(reader: sqlite3.Connection, query: str, rows: Sequence[int] | Rows) -> Iterator[Any]:
    """What `query`, a SELECT without conditions that has a column `row`, says of the rows; in no order."""
    plain = np.asarray(rows, np.int64).tolist()
    for start in range(0, len(plain), BLOCK):
        block = json.dumps(plain[start : start + BLOCK])
        yield from reader.execute(f"{query} WHERE row IN (SELECT value FROM json_each(?))", (block,))  # noqa: S608


def rows_of(reader: sqlite3.Connection, ids: Iterable[str]) -> dict[str, int]:
    """The row of each id that is stored."""
    found = {}
    for name in ids:
        try:
            if row := reader.execute("SELECT row FROM entries WHERE id = ?", (name,)).fetchone():
                found[name] = int(row[0])
        except UnicodeEncodeError:  # half a character: such an id is never stored
            continue
    return found


def rows_with_key(reader: sqlite3.Connection, keys: Iterable[bytes], limit: int) -> dict[bytes, list[int]]:
    """The rows of each hash, ascending, `limit` at most; -1 is no limit."""
    query = "SELECT row FROM entries WHERE key = ? ORDER BY row LIMIT ?"
    found = {key: [row for (row,) in reader.execute(query, (key, limit))] for key in dict.fromkeys(keys)}
    return {key: rows for key, rows in found.items() if rows}


def same_as(reader: sqlite3.Connection, rows: Sequence[int] | Rows, limit: int) -> list[list[int]]:
    """For each row those with the same hash, itself among them; alone where it has none, nothing where it is gone."""
    keys = dict(fetched(reader, "SELECT row, key FROM entries", rows))
    same = rows_with_key(reader, (key for key in keys.values() if key is not None), limit)
    plain = np.asarray(rows, np.int64).tolist()
    return [same.get(keys[row], [row]) if row in keys else [] for row in plain]


def first_rows(reader: sqlite3.Connection) -> Rows:
    """The first row of each hash, ascending. Rows without a hash are not among them."""
    found = reader.execute("SELECT min(row) FROM entries WHERE key IS NOT NULL GROUP BY key").fetchall()
    return _sorted(found)


def sample_rows(reader: sqlite3.Connection, limit: int) -> Rows:
    """The first rows of the `limit` smallest hashes, ascending: a sample that depends on the texts alone."""
    query = "SELECT min(row) FROM entries WHERE key IS NOT NULL GROUP BY key ORDER BY key LIMIT ?"
    return _sorted(reader.execute(query, (limit,)).fetchall())


def first_rows_of(reader: sqlite3.Connection, rows: Sequence[int] | Rows) -> Rows:
    """The rows that stand for these, each once, ascending."""
    first = "SELECT (SELECT min(f.row) FROM entries f WHERE f.key = e.key) FROM entries e"
    found = np.fromiter((row for (row,) in fetched(reader, first, rows) if row is not None), np.int64)
    return np.unique(found)


def selected(reader: sqlite3.Connection, filters: Mapping[str, Any]) -> Rows:
    """The rows that fit every filter that is not None, ascending: `source`, `session`, `area`, `since`, `until`."""
    conditions, values = [], []
    for column in ("source", "session"):
        if (wanted := filters.get(column)) is not None:
            conditions.append(f"{column} IN (SELECT value FROM json_each(?))")  # noqa: S608
            values.append(_listed(wanted))
    if (wanted := filters.get("area")) is not None:
        conditions.append("row IN (SELECT row FROM areas WHERE area IN (SELECT value FROM json_each(?)))")
        values.append(_listed(wanted))
    for name, sign in (("since", ">="), ("until", "<=")):
        day: Date | None = filters.get(name)
        if day is not None:
            conditions.append(f"date {sign} ?")
            values.append(day.isoformat())
    query = f"SELECT row FROM entries {'WHERE ' if conditions else ''}{' AND '.join(conditions)}"  # noqa: S608
    return _sorted(reader.execute(query, values).fetchall())


def _sorted(found: list[tuple[int]]) -> Rows:
    return np.sort(np.fromiter((row for (row,) in found), np.int64, len(found)))


def _listed(wanted: str | Collection[str]) -> str:
    return json.dumps([wanted] if isinstance(wanted, str) else list(wanted))
