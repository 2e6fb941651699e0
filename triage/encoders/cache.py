"""Sentence vectors that are kept: a text that was encoded once is not encoded again, in this process or from a file.

Encoding is what training and trying out cost (10 ms a text), and between two trainings hardly a text changes. Vectors
are kept as they came, to the last bit, so that a model is the same with and without a cache.
"""

from __future__ import annotations

import hashlib
import sqlite3
import weakref
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from triage.encoders.folder import Manifest, read_manifest
from triage.encoders.sentence import SentenceEncoder
from triage.errors import EncoderError, InputError, StorageError

Vectors = NDArray[np.float32]

APPLICATION = 0x74726776
"""``trgv``: what SQLite's header says of our files."""
FORMAT = 1
PART = 500
"""Texts that are encoded between two savings: what a killed training loses at most."""
_TABLE = """CREATE TABLE vectors (
    encoder TEXT NOT NULL, text BLOB NOT NULL, vector BLOB NOT NULL, crc INTEGER NOT NULL, PRIMARY KEY (encoder, text)
) WITHOUT ROWID"""


class Encoder(Protocol):
    """What is cached: a `SentenceEncoder`."""

    @property
    def fingerprint(self) -> str:
        """A digest of everything that decides a vector."""

    @property
    def dimension(self) -> int:
        """The length of a vector."""

    def encode(self, texts: Sequence[str], progress: Callable[[int, int], None] | None = None, /) -> Vectors:
        """Texts → (n, dimension) float32, in order."""


class CachedEncoder:
    """A sentence encoder that looks a text up before it encodes it, and can be given wherever one is wanted.

    With `path` the vectors are kept in an SQLite file, which several encoders may share and which grows by 1.9 KB a
    text (384 numbers); without, in this process. A file holds digests of texts, and no text; but vectors tell what
    texts are about, so keep it as you keep the cases. Safe to use from several threads; a copy is the same encoder.

    Raises EncoderError for a file that is no such cache or is damaged, StorageError if it cannot be written.
    """

    def __init__(self, encoder: Encoder, path: str | Path | None = None) -> None:
        self._encoder = encoder
        self._lock = Lock()
        self.path = None if path is None else Path(path)
        self._connection = _opened(self.path)
        weakref.finalize(self, self._connection.close)

    @property
    def encoder(self) -> Encoder:
        """The encoder that is asked for what is not kept."""
        return self._encoder

    @property
    def fingerprint(self) -> str:
        """The encoder's: vectors of another are never mixed up with these."""
        return self._encoder.fingerprint

    @property
    def folder(self) -> Path | None:
        """The encoder's folder, if it stands in one."""
        return getattr(self._encoder, "folder", None)

    @property
    def dimension(self) -> int:
        """The length of a vector."""
        return self._encoder.dimension

    @property
    def manifest(self) -> Manifest:
        """What the encoder's folder says of itself."""
        manifest: Manifest = self._encoder.manifest  # type: ignore[attr-defined]
        return manifest

    def encode(self, texts: Sequence[str], progress: Callable[[int, int], None] | None = None) -> Vectors:
        """As `SentenceEncoder.encode`; what is known is looked up, and the rest is encoded and kept, a part at a time.

        `progress` is called with the number of different texts that are done and that there are.
        """
        rows: dict[str, int] = {}
        index = np.array([rows.setdefault(text, len(rows)) for text in texts], np.intp)
        different = list(rows)
        vectors = np.empty((len(different), self.dimension), np.float32)
        missing = self._look_up(different, vectors)
        known = len(different) - len(missing)
        if progress is not None and different:
            progress(known, len(different))
        # Long texts first, as the encoder itself would take them.
        missing.sort(key=lambda row: -len(different[row]))
        for start in range(0, len(missing), PART):
            some = missing[start : start + PART]
            ahead = known + start
            tell = None if progress is None else lambda done, _, ahead=ahead: progress(ahead + done, len(different))
            made = self._encoder.encode([different[row] for row in some], tell)
            vectors[some] = made
            self._keep([different[row] for row in some], made)
        return vectors[index]

    def __len__(self) -> int:
        """How many vectors of this encoder are kept."""
        with self._asking() as connection:
            (count,) = connection.execute(
                "SELECT count(*) FROM vectors WHERE encoder = ?", (self.fingerprint,)
            ).fetchone()
        return int(count)

    def close(self) -> None:
        """Let go of the file. What was kept in this process is gone."""
        self._connection.close()

    def __deepcopy__(self, memo: dict[int, Any]) -> CachedEncoder:
        """The same: scikit-learn copies the parameters of an estimator for every fold."""
        return self

    def _look_up(self, texts: Sequence[str], vectors: Vectors) -> list[int]:
        """Fill in what is known; the rows that are not."""
        missing = []
        with self._asking() as connection:
            for row, text in enumerate(texts):
                found = connection.execute(
                    "SELECT vector, crc FROM vectors WHERE encoder = ? AND text = ?", (self.fingerprint, _digest(text))
                ).fetchone()
                if found is None:
                    missing.append(row)
                elif len(found[0]) != 4 * self.dimension or zlib.crc32(found[0]) != found[1]:
                    raise EncoderError(f"{self.path}: a vector was changed. Remove the file; it is made anew.")
                else:
                    vectors[row] = np.frombuffer(found[0], "<f4")
        return missing

    def _keep(self, texts: Sequence[str], vectors: Vectors) -> None:
        blobs = [np.ascontiguousarray(vector, "<f4").tobytes() for vector in vectors]
        entries = [
            (self.fingerprint, _digest(text), blob, zlib.crc32(blob)) for text, blob in zip(texts, blobs, strict=True)
        ]
        with self._asking() as connection, connection:
            connection.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?, ?, ?)", entries)

    @contextmanager
    def _asking(self) -> Iterator[sqlite3.Connection]:
        """One thread at a time; what SQLite says, in our words."""
        with self._lock, _told(self.path):
            yield self._connection


def cached_encoder(folder: str | Path, cache: str | Path | None = None) -> CachedEncoder:
    """The encoder of a folder with a cache, opened once in this process: the same folder and file give the same object,
    until the folder is built anew.

    Raises EncoderError and StorageError as `SentenceEncoder.load` and `CachedEncoder` do.
    """
    place = Path(folder).resolve()
    return _shared(place, read_manifest(place).fingerprint, None if cache is None else Path(cache).resolve())


@lru_cache(maxsize=4)
def _shared(folder: Path, _fingerprint: str, cache: Path | None) -> CachedEncoder:
    return CachedEncoder(SentenceEncoder.load(folder), cache)


def _digest(text: str) -> bytes:
    """What a text is looked up by. Half a surrogate pair counts as the encoder reads it."""
    return hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=16).digest()


def _opened(path: Path | None) -> sqlite3.Connection:
    """The database, made if there is none."""
    with _told(path):
        if path is not None and path.is_dir():
            raise InputError(f"{path}: is a folder; the cache is a file.")
        connection = sqlite3.connect(":memory:" if path is None else path, timeout=60.0, check_same_thread=False)
        try:
            connection.execute("PRAGMA trusted_schema = OFF")
            # Of a new file: usual pages hold two vectors and waste a fifth.
            connection.execute("PRAGMA page_size = 16384")
            with connection:  # one transaction: two that open a new file at once do not both make the table
                connection.execute("BEGIN IMMEDIATE")
                _made_or_checked(connection, path)
        except BaseException:
            connection.close()
            raise
    return connection


def _made_or_checked(connection: sqlite3.Connection, path: Path | None) -> None:
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    names = [name for (name,) in connection.execute("SELECT name FROM sqlite_schema")]
    if not names and not application:
        connection.execute(_TABLE)
        connection.execute(f"PRAGMA application_id = {APPLICATION}")
        connection.execute(f"PRAGMA user_version = {FORMAT}")
    elif application != APPLICATION:
        raise EncoderError(f"{path}: is no cache of sentence vectors. Name another file.")
    elif version != FORMAT or names != ["vectors"]:
        raise EncoderError(f"{path}: format {version}, this version of triage reads {FORMAT}. Name another file.")


@contextmanager
def _told(path: Path | None) -> Iterator[None]:
    try:
        yield
    except sqlite3.OperationalError as error:
        raise StorageError(
            f"{path}: the cache of sentence vectors cannot be opened or written ({error}). Is the folder there and "
            "writable, the disk full, the file in use?"
        ) from error
    except sqlite3.DatabaseError as error:
        raise EncoderError(
            f"{path}: is no cache of sentence vectors, or damaged ({error}). Name another file."
        ) from error
