"""The texts of a duplicate index, with all that belongs to them, in one SQLite file or in memory.

A `row` is a number that is given once and never again, growing with each text; the search structures know texts by it
alone. Every change is one transaction: a kill at any moment leaves the old or the new state.
"""

from __future__ import annotations

import json
import sqlite3
import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import nullcontext
from datetime import date as Date
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from triage.duplicates import changes, database, lookup
from triage.duplicates.connection import Connection
from triage.duplicates.database import translated
from triage.duplicates.entry import Candidates, Entry, case_from_json, pack_array, unpack_array
from triage.errors import ForeignIndex, StorageError
from triage.records import Case

Rows = NDArray[np.int64]

DENSE_DIMENSION = 384
CHECKED_ON_OPENING = 64 << 20  # bytes; every page of a smaller file is checked when it is opened
WIDEST = 1 << 14  # numbers of a vector: a damaged dimension must not ask for all memory
BLOCK = 8192  # rows that are fetched or written at a time


class Store:
    """Texts, filters, vectors and settings of one index. Made by `create` or `open`; closed by `close` or `with`.

    Threads may share one store: one at a time reads or writes. A second program may read and write the same file, too;
    `generation` tells whether somebody has. Every method raises StorageError when the disk is full, the file is locked
    or not writable (then nothing was changed), DamagedIndex where the file is broken, ValueError after `close`.
    """

    def __init__(self, connection: sqlite3.Connection, path: Path | None, *, writes: bool = True) -> None:
        self.path = path
        self._writes = writes
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
        if not 0 < min(self.dimension, self.dense_dimension) <= max(self.dimension, self.dense_dimension) <= WIDEST:
            raise database.damaged(self._connection.name)

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
    def open(cls, path: str | Path, *, encoder: str | None = None, writes: bool = True) -> Self:
        """The store in a file; with `encoder`, only if it was built with that one (its fingerprint). Without `writes`
        every change is refused as in a file that may only be read.

        Raises IndexFileError (no such file), ForeignIndex, NewerIndex, DamagedIndex, or StorageError if it is locked.
        """
        path = Path(path)
        database.check_first_bytes(path)
        with translated(str(path)):
            connection = database.connect(path)
            try:
                connection.execute("PRAGMA journal_mode=DELETE").fetchone()
                connection.execute(f"PRAGMA query_only={'OFF' if writes else 'ON'}")
                database.check_tables(connection, str(path))
                database.check_size(connection, path)
                if path.stat().st_size <= CHECKED_ON_OPENING:
                    database.check_pages(connection, str(path), thorough=False)
                store = cls(connection, path, writes=writes)
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

    def reopen(self) -> None:
        """Open the file again after `close`, as a forked process must: SQLite cannot be carried across a fork. Raises
        what `open` raises, and ForeignIndex where another index has taken the file's place.
        """
        anew = type(self).open(self.path or "", writes=self._writes)
        if anew.identity != self.identity:
            anew.close()
            raise ForeignIndex(f"{self.path}: was built anew meanwhile. Load it again.")
        self._connection = anew._connection  # noqa: SLF001 - one of its own kind

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

        Raises InputError for an empty id, one that is stored already or comes twice, or letters that are no Unicode,
        and ValueError for vectors of another dimension or with values that are no numbers.
        """
        return self.change(entries, {})

    def change(
        self, entries: Sequence[Entry], renewed: Mapping[int, Case], *, gone: Collection[str] = (), mark: str = ""
    ) -> Rows:
        """`add`, and replace the cases of other rows, in the same transaction: their units, outcome, source and so on.
        Before that the texts of the ids `gone` are taken out, and after it `mark` is kept, if there is one.

        A renewed case keeps its id, its text and what follows from the text. Raises what `add` raises, and KeyError for
        an unknown row or one of another id.
        """
        packed = changes.pack(entries, self.dimension, self.dense_dimension)
        with self._connection.writing(grows=bool(packed or renewed or gone)) as writer:
            changes.delete(writer, gone)
            changes.renew(writer, renewed)
            rows = changes.insert(writer, packed)
            if mark:
                writer.execute("INSERT OR REPLACE INTO meta VALUES ('mark', ?)", (mark,))
        return np.arange(rows.start, rows.stop, dtype=np.int64)

    def remove(self, ids: Iterable[str]) -> int:
        """Take the texts out, all in one transaction, and return how many were there; unknown ids are passed over."""
        with self._connection.writing() as writer:
            return changes.delete(writer, ids)

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

        They follow from the texts, so `generation` does not grow. Without `writes` nothing is done. Raises ValueError.
        """
        if not self._writes:
            return
        kept = [(name, *pack_array(array)) for name, array in arrays.items()]
        with self._connection.writing(grows=False) as writer:
            writer.execute("DELETE FROM arrays")
            writer.executemany("INSERT INTO arrays VALUES (?1, crc(?2, ?3, ?4), ?2, ?3, ?4)", kept)

    # --- reading ----------------------------------------------------------------------------------------------------

    @property
    def generation(self) -> int:
        """A number that grows with each change, whoever made it. Read from the file."""
        with self._connection.reading() as reader:
            return int(reader.execute("SELECT value FROM meta WHERE name = 'generation'").fetchone()[0])

    @property
    def mark(self) -> str:
        """What the last change with a mark kept; empty where none has."""
        with self._connection.reading() as reader:
            found = reader.execute("SELECT value FROM meta WHERE name = 'mark'").fetchone()
            return "" if found is None else str(found[0])

    def arrays(self) -> dict[str, NDArray[Any]]:
        """What `keep_arrays` kept; empty if nothing was."""
        with self._connection.reading() as reader:
            found = reader.execute(
                "SELECT name, dtype, shape, data FROM arrays WHERE crc = crc(dtype, shape, data)"
            ).fetchall()
            if len(found) < reader.execute("SELECT count(*) FROM arrays").fetchone()[0]:
                raise database.damaged(self._connection.name)
        try:
            return {name: unpack_array(dtype, shape, data) for name, dtype, shape, data in found}
        except (ValueError, TypeError, RecursionError) as error:
            raise database.damaged(self._connection.name) from error

    def cases(self, rows: Sequence[int] | Rows) -> list[Case]:
        """The whole cases, in the order of `rows`. Raises KeyError for an unknown row."""
        wanted = _plain(rows)
        with self._connection.reading() as reader:
            found = dict(lookup.fetched(reader, "SELECT row, record FROM records", wanted))
        return [case_from_json(found[row]) for row in wanted]

    def entries(self, rows: Sequence[int] | Rows, *, dense: bool = True) -> Candidates:
        """What a pair comparison needs, in the order of `rows`; rows that are no longer stored are left out."""
        wanted = _plain(rows)
        column = "dense" if dense else "NULL"
        query = f"SELECT row, profile, {column} FROM profiles"  # noqa: S608
        with self._connection.reading() as reader:
            found = {row: rest for row, *rest in lookup.fetched(reader, query, wanted)}
        kept = [row for row in wanted if row in found]
        matrix = self._dense([found[row][1] for row in kept]) if dense else None
        return Candidates(np.array(kept, np.int64), [found[row][0] for row in kept], matrix)

    def ids(self, rows: Sequence[int] | Rows) -> list[str]:
        """The ids, in the order of `rows`. Raises KeyError for an unknown row."""
        wanted = _plain(rows)
        with self._connection.reading() as reader:
            found = dict(lookup.fetched(reader, "SELECT row, id FROM entries", wanted))
        return [found[row] for row in wanted]

    def rows_of(self, ids: Iterable[str]) -> dict[str, int]:
        """The row of each id that is stored; unknown ids are missing from the answer."""
        with self._connection.reading() as reader:
            return lookup.rows_of(reader, ids)

    def rows_with_key(self, keys: Iterable[bytes], limit: int = -1) -> dict[bytes, list[int]]:
        """The rows of texts with the same hash, ascending, `limit` a key at most; keys without one are missing."""
        with self._connection.reading() as reader:
            return lookup.rows_with_key(reader, keys, limit)

    def same_as(self, rows: Sequence[int] | Rows, limit: int = -1) -> list[list[int]]:
        """For each row those with the same hash, itself among them, ascending, `limit` at most. A row without a hash
        stands alone; for a row that is gone the list is empty.
        """
        with self._connection.reading() as reader:
            return lookup.same_as(reader, rows, limit)

    def first_rows(self) -> Rows:
        """One row for each different text, the first of its hash, ascending; texts without a hash are left out."""
        with self._connection.reading() as reader:
            return lookup.first_rows(reader)

    def sample_rows(self, limit: int) -> Rows:
        """The rows of at most `limit` texts that differ, chosen by hash, ascending."""
        with self._connection.reading() as reader:
            return lookup.sample_rows(reader, limit)

    def first_rows_of(self, rows: Sequence[int] | Rows) -> Rows:
        """The rows of `first_rows` that stand for these, each once, ascending."""
        with self._connection.reading() as reader:
            return lookup.first_rows_of(reader, rows)

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
        filters = {"source": source, "session": session, "since": since, "until": until, "area": area}
        with self._connection.reading() as reader:
            return lookup.selected(reader, filters)

    def vectors(self, rows: Sequence[int] | Rows) -> NDArray[np.float32]:
        """The search vectors (n, dimension), in the order of `rows`. Raises KeyError for an unknown row."""
        wanted = _plain(rows)
        matrix = np.empty((len(wanted), self.dimension), np.float32)
        with self._connection.snapshot() as reader:
            for start in range(0, len(wanted), BLOCK):
                block = wanted[start : start + BLOCK]
                found = dict(lookup.fetched(reader, "SELECT row, vector FROM vectors", block))
                matrix[start : start + BLOCK] = self._matrix([found[row] for row in block], self.dimension)
        return matrix

    def all_vectors(self, only: Rows | None = None) -> tuple[Rows, NDArray[np.float16]]:
        """All rows, ascending, and their search vectors (n, dimension), read into one array made beforehand.

        With `only`, ascending, the others are passed over, and so are rows of `only` that are gone.
        """
        with self._connection.snapshot() as reader:
            count = int(reader.execute("SELECT count(*) FROM entries").fetchone()[0])
            room = count if only is None else min(count, len(only))
            rows, matrix = np.empty(room, np.int64), np.empty((room, self.dimension), np.float16)
            cursor = reader.execute("SELECT row, vector FROM vectors ORDER BY row")
            start = 0
            while found := cursor.fetchmany(BLOCK):
                here = np.fromiter((row for row, _ in found), np.int64, len(found))
                block = self._matrix([vector for _, vector in found], self.dimension)
                if only is not None:
                    kept = np.isin(
                        here, only[np.searchsorted(only, here[0]) : np.searchsorted(only, here[-1], "right")]
                    )
                    here, block = here[kept], block[kept]
                stop = start + len(here)
                if stop > room:
                    raise database.damaged(self._connection.name)
                rows[start:stop], matrix[start:stop] = here, block
                start = stop
        return rows[:start], matrix[:start]

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
        whole = """
            SELECT count(*) FROM entries e
            JOIN records r USING (row) JOIN profiles p USING (row) JOIN vectors v USING (row)
            WHERE length(v.vector) = ? AND (p.dense IS NULL OR length(p.dense) = ?)
            AND r.crc = crc(r.record) AND p.crc = crc(p.profile, p.dense) AND v.crc = crc(v.vector)
            AND json_valid(r.record) AND json_extract(r.record, '$.suggestion.id') = e.id
        """
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

    def _dense(self, blobs: list[bytes | None]) -> NDArray[np.float32]:
        nothing = bytes(2 * self.dense_dimension)
        return self._matrix([nothing if blob is None else blob for blob in blobs], self.dense_dimension).astype(
            np.float32
        )

    def _matrix(self, blobs: list[bytes], dimension: int) -> NDArray[np.float16]:
        if any(len(blob) != 2 * dimension for blob in blobs):
            raise database.damaged(self._connection.name)
        matrix = np.frombuffer(b"".join(blobs), "<f2").reshape(len(blobs), dimension)
        if not np.isfinite(matrix).all():
            raise database.damaged(self._connection.name)
        return matrix


def _fill(connection: sqlite3.Connection, meta: Mapping[str, str]) -> None:
    connection.execute("BEGIN")
    database.lay_out(connection)
    connection.executemany("INSERT INTO meta VALUES (?, ?)", meta.items())
    connection.execute("COMMIT")


def _plain(rows: Sequence[int] | Rows) -> list[int]:
    plain: list[int] = np.asarray(rows, np.int64).tolist()
    return plain
