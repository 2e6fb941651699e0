"""The SQLite file under the duplicate index: its tables, how it is opened, and what its errors mean.

A file that comes from elsewhere is not trusted: its first bytes are read before SQLite sees it, its tables must be
exactly ours, and nothing in it can run (no triggers, views or extensions). Rollback journal and synchronous EXTRA: a
kill or a power cut at any moment leaves the old or the new state (sqlite.org/atomiccommit.html).
"""

from __future__ import annotations

import os
import secrets
import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from functools import cache
from pathlib import Path

from triage.bundle import storage_error
from triage.errors import DamagedIndex, ForeignIndex, IndexFileError, InputError, NewerIndex, StorageError, TriageError

FORMAT = 2
"""2: sentence vectors as the encoder gives them; 1 had them around the centres of titles and of letters."""
APPLICATION = int.from_bytes(b"TrDu", "big")
MAGIC = b"SQLite format 3\0"
BUSY_SECONDS = 5.0
LONGEST = 1 << 28  # bytes of one value: a damaged length must not ask for all memory

# Slim tables: a scan over all vectors must not read the texts, and a comparison reads a profile and no text. SQLite
# checks its pages' structure and the indexed columns; what is inside the rest, a `crc` covers.
SCHEMA = (
    "CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
    """CREATE TABLE entries (row INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, key BLOB,
 source TEXT NOT NULL, session TEXT NOT NULL, date TEXT)""",
    "CREATE INDEX entries_key ON entries (key) WHERE key IS NOT NULL",
    "CREATE INDEX entries_source ON entries (source)",
    "CREATE INDEX entries_session ON entries (session)",
    "CREATE INDEX entries_date ON entries (date)",
    "CREATE TABLE areas (area TEXT NOT NULL, row INTEGER NOT NULL, PRIMARY KEY (area, row)) WITHOUT ROWID",
    "CREATE INDEX areas_row ON areas (row)",
    "CREATE TABLE records (row INTEGER PRIMARY KEY, crc INTEGER NOT NULL, record TEXT NOT NULL)",
    "CREATE TABLE profiles (row INTEGER PRIMARY KEY, crc INTEGER NOT NULL, profile TEXT NOT NULL, dense BLOB)",
    "CREATE TABLE vectors (row INTEGER PRIMARY KEY, crc INTEGER NOT NULL, vector BLOB NOT NULL)",
    """CREATE TABLE arrays (name TEXT PRIMARY KEY, crc INTEGER NOT NULL, dtype TEXT NOT NULL, shape TEXT NOT NULL,
 data BLOB NOT NULL)""",
)

_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_FORMAT}
_REMEDIES = {
    sqlite3.SQLITE_FULL: "The disk is full. Make room and try again.",
    sqlite3.SQLITE_BUSY: "Another program is writing to it. Wait for it to end and try again.",
    sqlite3.SQLITE_LOCKED: "Another program is writing to it. Wait for it to end and try again.",
    sqlite3.SQLITE_READONLY: "It may not be written. Choose another place or ask for the right to write.",
}


def connect(path: Path | None) -> sqlite3.Connection:
    """A connection to the file, or to memory, with everything off that a file could make run."""
    name = ":memory:" if path is None else f"{path.absolute().as_uri()}?mode=rw"
    connection = sqlite3.connect(
        name, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False, cached_statements=64, uri=True
    )
    try:
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LONGEST)
        connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
        for pragma in (
            "trusted_schema=OFF",
            "cell_size_check=ON",
            "mmap_size=0",
            "synchronous=EXTRA",
            "secure_delete=ON",  # a text that is removed is gone from the file
            "temp_store=MEMORY",
            "cache_size=-32768",
        ):
            connection.execute(f"PRAGMA {pragma}")
        connection.create_function("crc", -1, crc, deterministic=True)
    except BaseException:
        connection.close()
        raise
    return connection


def crc(*values: str | bytes | None) -> int:
    """A checksum of the values: not against a forger, but against a disk that lies."""
    found = 0
    for value in values:
        found = zlib.crc32(value.encode() if isinstance(value, str) else value or b"", found)
    return found


def lay_out(connection: sqlite3.Connection) -> None:
    """Make the tables in an empty database, inside the caller's transaction."""
    for statement in SCHEMA:
        connection.execute(statement)
    connection.execute(f"PRAGMA application_id={APPLICATION}")
    connection.execute(f"PRAGMA user_version={FORMAT}")


def check_first_bytes(path: Path) -> None:
    """Refuse what is no index of ours before SQLite reads it.

    Raises IndexFileError if there is no such file, ForeignIndex, NewerIndex or DamagedIndex.
    """
    try:
        if not path.is_file():
            raise IndexFileError(f"{path}: there is no such file. Build an index first, or name another file.")
        with path.open("rb") as file:
            header = file.read(100)
    except OSError as error:
        raise IndexFileError(f"{path}: cannot be read ({error.strerror or error}).") from error
    if not header.startswith(MAGIC[: max(1, len(header))]):
        raise ForeignIndex(f"{path}: is no duplicate index of triage and is left as it is. Name another file.")
    if len(header) < 100:
        raise DamagedIndex(f"{path}: is cut off after {len(header)} bytes. Take a copy of it or build the index anew.")
    if int.from_bytes(header[68:72], "big") != APPLICATION:
        raise ForeignIndex(f"{path}: is a database of another program and is left as it is. Name another file.")
    found = int.from_bytes(header[60:64], "big")
    if found > FORMAT:
        raise NewerIndex(f"{path}: has format {found}; this version of triage reads up to {FORMAT}. Update triage.")
    if found < FORMAT:
        raise ForeignIndex(
            f"{path}: was made by an earlier version of triage, which compared otherwise (format {found}). "
            "Build the index anew."
        )


def check_tables(connection: sqlite3.Connection, name: str) -> None:
    """Refuse a file whose tables, indexes, views or triggers are not exactly ours. Raises ForeignIndex."""
    if _tables(connection) != _expected():
        raise ForeignIndex(f"{name}: its tables are not those of a duplicate index of triage. Build the index anew.")


def check_size(connection: sqlite3.Connection, path: Path) -> None:
    """Refuse a file that is shorter than it says; SQLite forgives a last page that is cut. Raises DamagedIndex."""
    pages, size = (connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "page_size"))
    if path.stat().st_size < pages * size:
        raise damaged(str(path))


def check_pages(connection: sqlite3.Connection, name: str, *, thorough: bool) -> None:
    """SQLite's own check of every page, `thorough` with the indexes against the tables. Raises DamagedIndex."""
    check = "integrity_check" if thorough else "quick_check"
    if connection.execute(f"PRAGMA {check}(1)").fetchone() != ("ok",):
        raise damaged(name)


@contextmanager
def appearing(path: Path) -> Iterator[Path]:
    """A temporary file beside `path` that takes its place by one rename when the block ends well.

    Raises StorageError when the system refuses, or where a crashed program left a journal for `path`.
    """
    temporary = path.parent / f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}.part"
    if _journal(path).exists():
        raise StorageError(f"{_journal(path)}: belongs to an index that is gone or in use. Move it away and try again.")
    try:
        temporary.touch(exist_ok=False)
        yield temporary
        _sync(temporary)
        os.replace(temporary, path)
        with suppress(OSError):  # some systems cannot flush a folder
            _sync(path.parent)
    except OSError as error:
        raise storage_error(path, error) from error
    finally:
        for left in (temporary, _journal(temporary)):
            with suppress(OSError):
                left.unlink(missing_ok=True)


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Keep other programs from writing an index of ours while it is replaced. What a crash left is rolled back."""
    check_first_bytes(path)
    with opened(path) as connection:
        connection.execute("BEGIN EXCLUSIVE")
        check_tables(connection, str(path))
        _journal(path).unlink(missing_ok=True)  # of a change that had hardly begun: SQLite has used it if it could
        yield
        connection.execute("ROLLBACK")


@contextmanager
def opened(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection to the file that is closed when the block ends."""
    with translated(str(path)), closing(connect(path)) as connection:
        yield connection


@contextmanager
def translated(name: str) -> Iterator[None]:
    """Let SQLite's errors leave as ours. Its messages can quote a text and are not repeated."""
    try:
        yield
    except sqlite3.Error as error:
        raise _meaning(name, error) from error
    except UnicodeDecodeError as error:  # Python's, of a message that quotes broken bytes
        raise damaged(name) from error


def damaged(name: str) -> DamagedIndex:
    """The one message for a file whose content does not fit together."""
    return DamagedIndex(f"{name}: the index file is damaged. Take a copy of it or build the index anew.")


def _meaning(name: str, error: sqlite3.Error) -> TriageError:
    code = getattr(error, "sqlite_errorcode", None)
    if code is None or code & 0xFF in _DAMAGED:  # without a code: bytes that are no UTF-8
        return damaged(name)
    if code & 0xFF == sqlite3.SQLITE_TOOBIG:
        return InputError(f"{name}: a value is longer than the {LONGEST >> 20} MiB that an index holds.")
    remedy = _REMEDIES.get(code & 0xFF, "Is the disk there, and may it be written? Then try again.")
    return StorageError(f"{name}: cannot be used ({error.sqlite_errorname}). {remedy} Nothing was changed.")


def _tables(connection: sqlite3.Connection) -> set[tuple[str | None, ...]]:
    return set(connection.execute("SELECT type, name, tbl_name, sql FROM sqlite_master"))


@cache
def _expected() -> set[tuple[str | None, ...]]:
    with closing(connect(None)) as connection:
        lay_out(connection)
        return _tables(connection)


def _journal(path: Path) -> Path:
    return path.with_name(f"{path.name}-journal")


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
