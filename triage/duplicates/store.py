"""The texts of a duplicate index, with all that belongs to them, in one SQLite file or in memory.

A `row` is a number that is given once and never again, growing with each text; the search structures know texts by it
alone. Every change is one transaction: a kill at any moment leaves the old or the new state.
"""

from __future__ import annotations

import json
import sqlite3
import uuid
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import nullcontext
from datetime import date as Date
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from triage.duplicates import database
from triage.duplicates.connection import Connection
from triage.duplicates.database import translated
from triage.duplicates.entry import (
    Candidates,
    Entry,
    case_from_json,
    case_to_json,
    pack_array,
    pack_vector,
    unpack_array,
)
from triage.errors import ForeignIndex, InputError, StorageError
from triage.records import Case

Rows = NDArray[np.int64]

DENSE_DIMENSION = 384
CHECKED_ON_OPENING = 64 << 20  # bytes; every page of a smaller file is checked when it is opened
BLOCK = 8192  # rows that are fetched or written at a time


class Store:
    """Texts, filters, vectors and settings of one index. Made by `create` or `open`; closed by `close` or `with`.

    Threads may share one store: one at a time reads or writes. A second program may read and write the same file, too;
    `generation` tells whether somebody has. Every method raises StorageError when the disk is full, the file is locked
    or not writable (then nothing was changed), DamagedIndex where the file is broken, ValueError after `close`.
    """

    def __init__(self, connection: sqlite3.Connection, path: Path | None) -> None:
        self.path = path
        self._connection = Connection(connection, "the index in memory" if path is None else str(path))
        with self._connection.reading() as reader:
            meta = dict(reader.execute("SELECT name, value FROM meta"))
        try:
            self.identity = str(meta["identity"])
            self.encoder = str(meta["encoder"])
            self.dimension = int(meta["dimension"])
            self.dense_dimension = int(meta["dense_dimension"])
        except (KeyError, ValueError) as error:
            raise database.damaged(self._connection.name) from error

    @classmethod
    def create(
        cls,
        path: str | Path | None,
        settings: Mapping[str, Any],
        *,
        dimension: int,
        dense_dimension: int = DENSE_DIMENSION,
        encoder: str = "",
    ) -> Self:
        """A new, empty store in a file, or in memory where `path` is None.

        `settings` is any JSON object, `encoder` the fingerprint of the sentence encoder (empty: none). Raises
        StorageError if `path` exists or cannot be written.
        """
        meta = {
            "settings": json.dumps(dict(settings)),
            "identity": uuid.uuid4().hex,
            "encoder": encoder,
            "dimension": str(dimension),
            "dense_dimension": str(dense_dimension),
            "generation": "0",
        }
        if path is None:
            connection = database.connect(None)
            _fill(connection, meta)
            return cls(connection, None)
        path = Path(path)
        if path.exists():
            raise StorageError(f"{path}: exists already and is left as it is. Name a new file or remove it first.")
        with database.appearing(path) as temporary, database.opened(temporary) as connection:
            _fill(connection, meta)
        return cls.open(path)

    @classmethod
    def open(cls, path: str | Path, *, encoder: str | None = None) -> Self:
        """The store in a file; with `encoder`, only if it was built with that one (its fingerprint).

        Raises IndexFileError (no such file), ForeignIndex, NewerIndex, DamagedIndex, or StorageError if it is locked.
        """
        path = Path(path)
        database.check_first_bytes(path)
        with translated(str(path)):
            connection = database.connect(path)
            try:
                connection.execute("PRAGMA journal_mode=DELETE").fetchone()
                database.check_tables(connection, str(path))
                if path.stat().st_size <= CHECKED_ON_OPENING:
                    database.check_pages(connection, str(path), thorough=False)
                store = cls(connection, path)
                if encoder is not None and store.encoder != encoder:
                    raise ForeignIndex(
                        f"{path}: was built with the sentence encoder {store.encoder or '(none)'}, and this one is "
                        f"{encoder or '(none)'}. Use that encoder or build the index anew."
                    )
            except BaseException:
                connection.close()
                raise
        return store

    def close(self) -> None:
        """Let go of the file. May be called twice."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __len__(self) -> int:
        with self._connection.reading() as reader:
            return int(reader.execute("SELECT count(*) FROM entries").fetchone()[0])

    # --- changing ---------------------------------------------------------------------------------------------------

    def add(self, entries: Sequence[Entry]) -> Rows:
        """Store the texts, all or none, and return their rows, which ascend.

        Raises InputError for an empty id, one that is stored already or comes twice, and ValueError for vectors of
        another dimension or with values that are no numbers.
        """
        ids = [entry.case.suggestion.id for entry in entries]
        if not all(ids):
            raise InputError("A text without an id cannot be stored. Give each text an id of its own.")
        if len(set(ids)) < len(ids):
            twice = Counter(ids).most_common(1)[0][0]
            raise InputError(f"The id {twice!r} comes twice. Give each text an id of its own.")
        vectors = [pack_vector(entry.vector, self.dimension) for entry in entries]
        dense = [None if entry.dense is None else pack_vector(entry.dense, self.dense_dimension) for entry in entries]
        texts = [case_to_json(entry.case) for entry in entries]
        with self._connection.writing() as writer:
            if known := self._known(writer, ids):
                raise InputError(
                    f"The id {known!r} is stored already. Remove that text first, or give this another id."
                )
            last = writer.execute("SELECT seq FROM sqlite_sequence WHERE name = 'entries'").fetchone()
            first = 1 + (int(last[0]) if last else 0)
            rows = range(first, first + len(entries))
            writer.executemany("INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?)", map(_columns, rows, entries))
            writer.executemany(
                "INSERT OR IGNORE INTO areas VALUES (?, ?)",
                ((area, row) for row, entry in zip(rows, entries, strict=True) for area in entry.areas),
            )
            writer.executemany("INSERT INTO records VALUES (?, ?)", zip(rows, texts, strict=True))
            profiles = (entry.profile for entry in entries)
            writer.executemany("INSERT INTO profiles VALUES (?, ?, ?)", zip(rows, profiles, dense, strict=True))
            writer.executemany("INSERT INTO vectors VALUES (?, ?)", zip(rows, vectors, strict=True))
        return np.arange(first, first + len(entries), dtype=np.int64)

    def remove(self, ids: Iterable[str]) -> int:
        """Take the texts out, all in one transaction, and return how many were there; unknown ids are passed over."""
        with self._connection.writing() as writer:
            rows = list(self._rows_of(writer, ids).values())
            listed = json.dumps(rows)
            for table in ("entries", "areas", "records", "profiles", "vectors"):
                writer.execute(f"DELETE FROM {table} WHERE row IN (SELECT value FROM json_each(?))", (listed,))  # noqa: S608
        return len(rows)

    def update_vectors(self, rows: Sequence[int] | Rows, vectors: NDArray[Any]) -> None:
        """Replace search vectors (n, dimension), as when they are sketched anew. Raises KeyError for an unknown row."""
        packed = [pack_vector(vector, self.dimension) for vector in vectors]
        with self._connection.writing() as writer:
            for row, vector in zip(_plain(rows), packed, strict=True):
                if not writer.execute("UPDATE vectors SET vector = ? WHERE row = ?", (vector, row)).rowcount:
                    raise KeyError(row)

    @property
    def settings(self) -> dict[str, Any]:
        """The settings, read from the file; assign a whole object to replace them."""
        return self._json("settings")

    @settings.setter
    def settings(self, settings: Mapping[str, Any]) -> None:
        text = json.dumps(dict(settings))
        with self._connection.writing() as writer:
            writer.execute("UPDATE meta SET value = ? WHERE name = 'settings'", (text,))

    def keep_arrays(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Keep numpy arrays beside the texts, instead of all that were kept: the state of a search structure.

        They follow from the texts, so `generation` does not grow. Raises ValueError for a dtype that is not plain.
        """
        kept = [(name, *pack_array(array)) for name, array in arrays.items()]
        with self._connection.writing(grows=False) as writer:
            writer.execute("DELETE FROM arrays")
            writer.executemany("INSERT INTO arrays VALUES (?, ?, ?, ?)", kept)

    # --- reading ----------------------------------------------------------------------------------------------------

    @property
    def generation(self) -> int:
        """A number that grows with each change, whoever made it. Read from the file."""
        with self._connection.reading() as reader:
            return int(reader.execute("SELECT value FROM meta WHERE name = 'generation'").fetchone()[0])

    def arrays(self) -> dict[str, NDArray[Any]]:
        """What `keep_arrays` kept; empty if nothing was."""
        with self._connection.reading() as reader:
            found = reader.execute("SELECT name, dtype, shape, data FROM arrays").fetchall()
        try:
            return {name: unpack_array(dtype, shape, data) for name, dtype, shape, data in found}
        except (ValueError, TypeError, RecursionError) as error:
            raise database.damaged(self._connection.name) from error

    def cases(self, rows: Sequence[int] | Rows) -> list[Case]:
        """The whole cases, in the order of `rows`. Raises KeyError for an unknown row."""
        wanted = _plain(rows)
        with self._connection.reading() as reader:
            found = dict(_fetched(reader, "SELECT row, record FROM records", wanted))
        return [case_from_json(found[row]) for row in wanted]

    def entries(self, rows: Sequence[int] | Rows, *, dense: bool = True) -> Candidates:
        """What a pair comparison needs, in the order of `rows`; rows that are no longer stored are left out."""
        wanted = _plain(rows)
        column = "p.dense" if dense else "NULL"
        query = f"SELECT p.row, e.id, p.profile, {column} FROM profiles p JOIN entries e USING (row)"  # noqa: S608
        with self._connection.reading() as reader:
            found = {row: rest for row, *rest in _fetched(reader, query, wanted)}
        kept = [row for row in wanted if row in found]
        matrix = self._dense([found[row][2] for row in kept]) if dense else None
        ids, profiles = [found[row][0] for row in kept], [found[row][1] for row in kept]
        return Candidates(np.array(kept, np.int64), ids, profiles, matrix)

    def ids(self, rows: Sequence[int] | Rows) -> list[str]:
        """The ids, in the order of `rows`. Raises KeyError for an unknown row."""
        wanted = _plain(rows)
        with self._connection.reading() as reader:
            found = dict(_fetched(reader, "SELECT row, id FROM entries", wanted))
        return [found[row] for row in wanted]

    def rows_of(self, ids: Iterable[str]) -> dict[str, int]:
        """The row of each id that is stored; unknown ids are missing from the answer."""
        with self._connection.reading() as reader:
            return self._rows_of(reader, ids)

    def rows_with_key(self, keys: Iterable[bytes], limit: int = -1) -> dict[bytes, list[int]]:
        """The rows of texts with the same hash, ascending, `limit` a key at most; keys without one are missing."""
        query = "SELECT row FROM entries WHERE key = ? ORDER BY row LIMIT ?"
        with self._connection.reading() as reader:
            found = {key: [row for (row,) in reader.execute(query, (key, limit))] for key in dict.fromkeys(keys)}
        return {key: rows for key, rows in found.items() if rows}

    def rows(self) -> Rows:
        """All rows, ascending."""
        return self.select()

    def select(
        self,
        *,
        source: str | Collection[str] | None = None,
        session: str | Collection[str] | None = None,
        since: Date | None = None,
        until: Date | None = None,
        area: str | Collection[str] | None = None,
    ) -> Rows:
        """The rows that fit every filter given, ascending; several values of one filter are alternatives.

        `since` and `until` are inclusive; a text without a date fits neither. A text fits an area that it was stored
        with.
        """
        conditions, values = [], []
        for column, wanted in (("source", source), ("session", session)):
            if wanted is not None:
                conditions.append(f"{column} IN (SELECT value FROM json_each(?))")  # noqa: S608
                values.append(_listed(wanted))
        if area is not None:
            conditions.append("row IN (SELECT row FROM areas WHERE area IN (SELECT value FROM json_each(?)))")
            values.append(_listed(area))
        for sign, day in ((">=", since), ("<=", until)):
            if day is not None:
                conditions.append(f"date {sign} ?")
                values.append(day.isoformat())
        query = f"SELECT row FROM entries {'WHERE ' if conditions else ''}{' AND '.join(conditions)}"  # noqa: S608
        with self._connection.reading() as reader:
            found = reader.execute(query, values).fetchall()
        return np.sort(np.fromiter((row for (row,) in found), np.int64, len(found)))

    def vectors(self, rows: Sequence[int] | Rows) -> NDArray[np.float32]:
        """The search vectors (n, dimension), in the order of `rows`. Raises KeyError for an unknown row."""
        wanted = _plain(rows)
        with self._connection.reading() as reader:
            found = dict(_fetched(reader, "SELECT row, vector FROM vectors", wanted))
        return self._matrix([found[row] for row in wanted], self.dimension).astype(np.float32)

    def all_vectors(self, dtype: type[np.float16 | np.float32] = np.float16) -> tuple[Rows, NDArray[Any]]:
        """All rows, ascending, and their search vectors (n, dimension), read into one array made beforehand."""
        with self._connection.snapshot() as reader:
            count = int(reader.execute("SELECT count(*) FROM entries").fetchone()[0])
            rows, matrix = np.empty(count, np.int64), np.empty((count, self.dimension), dtype)
            cursor = reader.execute("SELECT row, vector FROM vectors ORDER BY row")
            for start in range(0, count, BLOCK):
                found = cursor.fetchmany(min(BLOCK, count - start))
                if len(found) < min(BLOCK, count - start):
                    raise database.damaged(self._connection.name)
                rows[start : start + BLOCK] = [row for row, _ in found]
                matrix[start : start + BLOCK] = self._matrix([vector for _, vector in found], self.dimension)
        return rows, matrix

    # --- the file ---------------------------------------------------------------------------------------------------

    def save_as(self, path: str | Path) -> Path:
        """Write a copy into a file, by one rename; an older index of triage may be there. Onto itself: nothing to do.

        Raises StorageError when it cannot be written, and IndexFileError when there is something else in its place.
        """
        path = Path(path)
        if self.path is not None and path.exists() and path.samefile(self.path):
            return path
        held = database.held(path) if path.exists() else nullcontext()
        with (
            held,
            database.appearing(path) as temporary,
            self._connection.reading() as reader,
            database.opened(temporary) as copy,
        ):
            reader.backup(copy)
        return path

    def verify(self) -> None:
        """Check every page and that all parts of each text are there and fit. Raises DamagedIndex."""
        whole = (
            "SELECT count(*) FROM entries e JOIN records r USING (row) JOIN profiles p USING (row)"
            " JOIN vectors v USING (row) WHERE length(v.vector) = ? AND (p.dense IS NULL OR length(p.dense) = ?)"
            " AND json_valid(r.record) AND json_extract(r.record, '$.suggestion.id') = e.id"
        )
        with self._connection.reading() as reader:
            database.check_pages(reader, self._connection.name, thorough=True)
            sizes = {
                reader.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608
                for table in ("entries", "records", "profiles", "vectors")
            }
            fitting = reader.execute(whole, (2 * self.dimension, 2 * self.dense_dimension)).fetchone()[0]
            stray = reader.execute("SELECT 1 FROM areas WHERE row NOT IN (SELECT row FROM entries)").fetchone()
        if sizes != {fitting} or stray:
            raise database.damaged(self._connection.name)

    def info(self) -> dict[str, Any]:
        """What the index holds, as plain JSON types: texts by source and session, first and last date, size."""
        with self._connection.reading() as reader:
            first, last = reader.execute("SELECT min(date), max(date) FROM entries").fetchone()
            counted = {
                column: dict(reader.execute(f"SELECT {column}, count(*) FROM entries GROUP BY {column}"))  # noqa: S608
                for column in ("source", "session")
            }
            pages, size = (reader.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "page_size"))
        return {
            "texts": len(self),
            "sources": counted["source"],
            "sessions": counted["session"],
            "since": first,
            "until": last,
            "bytes": pages * size,
            "format": database.FORMAT,
            "encoder": self.encoder,
            "dimension": self.dimension,
            "identity": self.identity,
            "generation": self.generation,
        }

    # --- inside -----------------------------------------------------------------------------------------------------

    def _json(self, name: str) -> dict[str, Any]:
        with self._connection.reading() as reader:
            found = reader.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
        try:
            value = json.loads(found[0])
        except (TypeError, ValueError, RecursionError) as error:
            raise database.damaged(self._connection.name) from error
        if not isinstance(value, dict):
            raise database.damaged(self._connection.name)
        return value

    def _known(self, reader: sqlite3.Connection, ids: Sequence[str]) -> str | None:
        return next(iter(self._rows_of(reader, ids)), None)

    def _rows_of(self, reader: sqlite3.Connection, ids: Iterable[str]) -> dict[str, int]:
        found = {}
        for name in ids:
            if row := reader.execute("SELECT row FROM entries WHERE id = ?", (name,)).fetchone():
                found[name] = int(row[0])
        return found

    def _dense(self, blobs: list[bytes | None]) -> NDArray[np.float32]:
        nothing = bytes(2 * self.dense_dimension)
        return self._matrix([nothing if blob is None else blob for blob in blobs], self.dense_dimension).astype(
            np.float32
        )

    def _matrix(self, blobs: list[bytes], dimension: int) -> NDArray[np.float16]:
        if any(len(blob) != 2 * dimension for blob in blobs):
            raise database.damaged(self._connection.name)
        return np.frombuffer(b"".join(blobs), "<f2").reshape(len(blobs), dimension)


def _fill(connection: sqlite3.Connection, meta: Mapping[str, str]) -> None:
    connection.execute("BEGIN")
    database.lay_out(connection)
    connection.executemany("INSERT INTO meta VALUES (?, ?)", meta.items())
    connection.execute("COMMIT")


def _columns(row: int, entry: Entry) -> tuple[Any, ...]:
    of = entry.case.suggestion
    return row, of.id, entry.key, of.source, of.session, None if of.date is None else of.date.isoformat()


def _plain(rows: Sequence[int] | Rows) -> list[int]:
    plain: list[int] = np.asarray(rows, np.int64).tolist()
    return plain


def _listed(wanted: str | Collection[str]) -> str:
    return json.dumps([wanted] if isinstance(wanted, str) else list(wanted))


def _fetched(reader: sqlite3.Connection, query: str, rows: list[int]) -> sqlite3.Cursor:
    return reader.execute(f"{query} WHERE row IN (SELECT value FROM json_each(?))", (json.dumps(rows),))  # noqa: S608
