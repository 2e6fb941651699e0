"""One SQLite connection that threads take turns on, and transactions that happen whole or not at all."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from triage.duplicates.database import translated


class Connection:
    """A connection with its lock. `name` is what messages call the file.

    The methods raise ValueError after `close`, and what `database.translated` makes of SQLite's errors.
    """

    def __init__(self, connection: sqlite3.Connection, name: str) -> None:
        self.name = name
        self._connection: sqlite3.Connection | None = connection
        self._lock = threading.RLock()

    def close(self) -> None:
        """Let go of the file. May be called twice."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """The connection, for this thread alone while the block runs."""
        with self._lock, translated(self.name):
            if self._connection is None:
                raise ValueError(f"{self.name}: the store is closed")
            yield self._connection

    @contextmanager
    def snapshot(self) -> Iterator[sqlite3.Connection]:
        """The same, and nothing that another program writes shows while the block runs."""
        with self.reading() as reader:
            reader.execute("BEGIN")
            try:
                yield reader
            finally:
                with suppress(sqlite3.Error):
                    reader.execute("ROLLBACK")

    @contextmanager
    def writing(self, *, grows: bool = True) -> Iterator[sqlite3.Connection]:
        """One transaction: all that happens in the block, or nothing. The store's generation grows with it."""
        with self.reading() as writer:
            writer.execute("BEGIN IMMEDIATE")
            try:
                yield writer
                if grows:
                    writer.execute("UPDATE meta SET value = value + 1 WHERE name = 'generation'")
                writer.execute("COMMIT")
            except BaseException:
                with suppress(sqlite3.Error):  # SQLite may have rolled back by itself, as when the disk is full
                    writer.execute("ROLLBACK")
                raise
