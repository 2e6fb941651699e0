"""The door to the memory: transactions that read, transactions that write and leave an entry in the trail."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnection
from sqlalchemy.orm import Session
from sqlalchemy.pool import ConnectionPoolEntry

from service.store import trail
from service.store.errors import StoreBusy, StoreFailed
from service.store.tables_service import TrailHead
from triage.errors import InputError

BUSY_SECONDS = 10.0
"""How long a writer waits for another before it gives up."""

_LONGEST_REASON = 300
IDLE_SECONDS = 300.0
"""How long a writer whose process hangs may hold up the others, in PostgreSQL; SQLite frees the lock when it ends."""
ALIVE = {"tcp_keepalives_idle": 30, "tcp_keepalives_interval": 10, "tcp_keepalives_count": 3}
"""After a minute of silence the server lets go of what a machine held that lost its power."""


@dataclass(frozen=True, slots=True)
class Writing:
    """A transaction that writes. What it does is told by `note`, in the same transaction."""

    session: Session
    head: TrailHead
    actor: str

    def note(self, action: str, subject: str, **details: Any) -> int:
        """Add an entry to the trail; its number. `details` hold ids, numbers and names of units, never a text."""
        return trail.append(self.session, self.head, self.actor, action, subject, details)


class Store:
    """The memory behind a database URL: an SQLite file (WAL) or a PostgreSQL database.

    It is opened on first use; `service.store.migrate` brings the tables up to date. One store serves all threads of a
    process. After a fork the child calls `forked` before anything else.
    """

    def __init__(self, url: str, *, busy_seconds: float = BUSY_SECONDS, connections: int = 10) -> None:
        self.url = parse_url(url)
        self.busy_seconds = busy_seconds
        self.engine = _engine(self.url, busy_seconds, connections)

    @property
    def is_sqlite(self) -> bool:
        """Whether the memory is a file."""
        return self.url.get_backend_name() == "sqlite"

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A transaction that only reads. Raises StoreBusy, StoreFailed."""
        with told(), Session(self.engine) as session:
            yield session

    @contextmanager
    def snapshot(self) -> Iterator[Session]:
        """A transaction that only reads and sees one moment, however long it lasts and whoever writes meanwhile."""
        with told(), Session(self.engine) as session:
            if not self.is_sqlite:
                options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
                session.connection(execution_options=options)
            yield session

    @contextmanager
    def write(self, actor: str) -> Iterator[Writing]:
        """A transaction that writes in the name of `actor`: all of it, or nothing. Raises StoreBusy, StoreFailed.

        Writers come one after another: each holds the head of the trail until it is done. Do nothing slow inside.
        """
        with told(), Session(self.engine, expire_on_commit=False) as session:
            session.connection(execution_options={"immediate": True})
            yield Writing(session, trail.take_head(session), actor)
            with told(committing=True):
                session.commit()

    def forked(self) -> None:
        """Forget the connections of the parent process without closing them."""
        self.engine.dispose(close=False)

    def close(self) -> None:
        """Let go of all connections."""
        self.engine.dispose()


def parse_url(url: str) -> URL:
    """The database URL with the driver that is used. Raises InputError for what is none, or of another database."""
    allowed = "sqlite:///file.db, or postgresql://user@host/database"
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):  # the message may hold the password
        raise InputError(f"the database URL cannot be read; allowed are {allowed}.") from None
    backend = parsed.get_backend_name()
    if backend == "sqlite" and parsed.database and parsed.database != ":memory:":
        return parsed
    if backend == "postgresql":
        return parsed.set(drivername="postgresql+psycopg")
    raise InputError(f"the database {backend!r} is not served; allowed are {allowed}.")


def _engine(url: URL, busy_seconds: float, connections: int) -> Engine:
    options: dict[str, Any] = {"json_serializer": lambda value: json.dumps(value, ensure_ascii=False, allow_nan=False)}
    sqlite = url.get_backend_name() == "sqlite"
    if sqlite:
        options["connect_args"] = {"timeout": busy_seconds, "check_same_thread": False}
    else:
        waits = {"lock_timeout": busy_seconds * 1000, "idle_in_transaction_session_timeout": IDLE_SECONDS * 1000}
        chosen = " ".join(f"-c {name}={int(value)}" for name, value in (waits | ALIVE).items())
        told_to = {"connect_timeout": 10, "options": f"{chosen} -c timezone=UTC"}
        options |= {"connect_args": told_to, "pool_pre_ping": True}
    try:
        engine = create_engine(url, pool_size=connections, max_overflow=0, pool_timeout=busy_seconds, **options)
    except (ModuleNotFoundError, NoSuchModuleError) as error:
        remedy = "Run `pip install 'suggestion-triage[service,postgresql]'`."
        raise InputError(f"the database {url.get_backend_name()} needs a driver ({error}). {remedy}") from error
    if sqlite:
        event.listen(engine, "connect", _on_connect)
        event.listen(engine, "begin", _on_begin)
    return engine


def _on_connect(connection: sqlite3.Connection, _entry: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # transactions are begun by `_on_begin`, not by the driver
    # secure_delete: what is deleted is overwritten in the file, so that an erased text cannot be read back.
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _on_begin(connection: Connection) -> None:
    """A writer takes SQLite's lock at once: one that began as a reader could be refused in the middle."""
    immediate = connection.get_execution_options().get("immediate")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")


@contextmanager
def told(*, committing: bool = False) -> Iterator[None]:
    """Say what the database says in our words. Its own message may quote what was to be written.

    A server that is lost while it commits may have written everything or nothing.
    """
    try:
        yield
    except NoConnection:
        raise StoreBusy("no connection to the memory came free. Try again.") from None
    except DBAPIError as error:
        if committing and error.connection_invalidated:
            unsure = "Whether it was written is not known: look, or send it again with the same Idempotency-Key."
            raise StoreFailed(f"the memory was lost while it wrote ({_reason(error)}). {unsure}") from None
        if _is_busy(error):
            raise StoreBusy("the memory is held by another writer. Nothing was changed; try again.") from None
        if not committing and (why := _unreachable(error)):
            remedy = "Check its URL and whether it runs. Nothing was changed."
            raise StoreFailed(f"the database cannot be reached: {why}. {remedy}") from None
        what = "cannot be used" if isinstance(error, OperationalError) else "refused"
        raise StoreFailed(f"the memory {what} ({_reason(error)}). Nothing was changed.{_remedy(error)}") from None


def _is_busy(error: DBAPIError) -> bool:
    code = getattr(error.orig, "sqlite_errorcode", None)
    state = getattr(error.orig, "sqlstate", None)
    busy = code is not None and code & 0xFF in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
    return busy or state in {"55P03", "40001", "40P01"}  # lock not available, serialisation failure, deadlock


def _unreachable(error: DBAPIError) -> str:
    """Why a server let nobody in: its host, port, user or database. Before a statement there is nothing to quote."""
    if not isinstance(error, OperationalError) or error.statement is not None or isinstance(error.orig, sqlite3.Error):
        return ""
    return " ".join(str(error.orig).split())[:_LONGEST_REASON].rstrip(".")


_REMEDIES = {
    sqlite3.SQLITE_CORRUPT: "The file is damaged: stop the service and restore a backup into a new folder.",
    sqlite3.SQLITE_NOTADB: "The file is damaged or none of ours: restore a backup into a new folder.",
    sqlite3.SQLITE_FULL: "The disk is full: make room.",
    sqlite3.SQLITE_READONLY: "This user may not write the file and its folder: give it the right.",
    sqlite3.SQLITE_CANTOPEN: "The file cannot be opened: look at its folder and who may read and write there.",
}
"""What the operator can do about an error of SQLite, by its primary code."""


def _remedy(error: DBAPIError) -> str:
    remedy = _REMEDIES.get(getattr(error.orig, "sqlite_errorcode", 0) & 0xFF)
    return f" {remedy}" if remedy else ""


def _reason(error: DBAPIError) -> str:
    """A name for what happened that holds nothing of what was written."""
    name = getattr(error.orig, "sqlite_errorname", None) or getattr(error.orig, "sqlstate", None)
    return str(name or type(error.orig).__name__)
