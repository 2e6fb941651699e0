"""A memory that is locked, full, or away: it is said within the limit, nothing acknowledged is lost, and it goes on."""

from __future__ import annotations

import re
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select, text

from service.store import suggestions
from service.store.errors import StoreBusy, StoreFailed
from service.store.migrate import upgrade
from service.store.store import Store
from service.store.tables import SuggestionRow
from service.store.verification import verify
from triage.records import Suggestion

if TYPE_CHECKING:
    from tests.postgresql import PostgresServer

ROOT = Path(__file__).resolve().parent.parent


def url_of(store: Store) -> str:
    return store.url.render_as_string(hide_password=False)


def hand_in(store: Store, ref: str, words: str = "路灯不亮") -> None:
    with store.write("clerk") as writing:
        suggestions.create(writing, Suggestion(ref, words))


def kept(store: Store) -> set[str]:
    """The suggestions in the memory, whose trail is whole."""
    with store.snapshot() as session:
        found = verify(session)
        assert found.whole, found.broken
        return set(session.scalars(select(SuggestionRow.ref)))


def test_another_writer_is_waited_for_and_then_told(store: Store) -> None:
    hand_in(store, "before")
    hasty = Store(url_of(store), busy_seconds=0.4)
    with store.write("clerk") as writing:
        suggestions.create(writing, Suggestion("meanwhile", "增设公交站"))
        start = time.monotonic()
        with pytest.raises(StoreBusy, match="another writer"):
            hand_in(hasty, "refused")
        assert 0.2 < time.monotonic() - start < 5
        with hasty.read() as session:
            assert set(session.scalars(select(SuggestionRow.ref))) == {"before"}, "readers go on"
    hand_in(hasty, "after")
    assert kept(store) == {"before", "meanwhile", "after"}
    hasty.close()


def test_a_writer_that_is_done_in_time_is_waited_for(store: Store) -> None:
    holds, go = threading.Event(), threading.Event()

    def slow() -> None:
        with store.write("clerk") as writing:
            suggestions.create(writing, Suggestion("slow", "慢"))
            holds.set()
            go.wait(10)

    thread = threading.Thread(target=slow)
    thread.start()
    assert holds.wait(10)
    threading.Timer(0.3, go.set).start()
    hand_in(store, "patient")
    thread.join(10)
    assert kept(store) == {"slow", "patient"}


def test_a_file_that_another_program_holds_is_told(sqlite_store: Store) -> None:
    hand_in(sqlite_store, "before")
    hasty = Store(url_of(sqlite_store), busy_seconds=0.2)
    other = sqlite3.connect(sqlite_store.url.database or "", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(StoreBusy):
        hand_in(hasty, "refused")
    other.execute("ROLLBACK")
    other.close()
    hand_in(hasty, "after")
    assert kept(hasty) == {"before", "after"}
    hasty.close()


def test_no_connection_is_told(store: Store) -> None:
    narrow = Store(url_of(store), busy_seconds=0.2, connections=1)
    with narrow.read() as session:
        session.execute(text("SELECT 1"))
        with pytest.raises(StoreBusy, match="no connection"), narrow.read() as second:
            second.execute(text("SELECT 1"))
    with narrow.read() as session:
        assert session.execute(text("SELECT 1")).scalar_one() == 1
    narrow.close()


def test_a_file_that_may_not_grow_fails_whole_and_works_again(sqlite_store: Store) -> None:
    hand_in(sqlite_store, "before")
    with sqlite_store.engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
    small = Store(url_of(sqlite_store), connections=1)
    with small.engine.connect() as connection:
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages + 20}")
    acknowledged, refused = {"before"}, 0
    for number in range(200):
        try:
            hand_in(small, f"s{number}", f"第{number}件" * 50)
            acknowledged.add(f"s{number}")
        except StoreFailed as error:
            assert "SQLITE_FULL" in str(error)  # noqa: PT017 - how many are refused is not known before
            refused += 1
    assert len(acknowledged) > 1
    assert refused > 100
    assert kept(small) == acknowledged
    with small.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count=1000000")
    hand_in(small, "after")
    assert kept(sqlite_store) == acknowledged | {"after"}
    small.close()


# A process whose files may not grow: the write itself fails, in the write-ahead log, as on a full disk.
FULL = """
import resource, signal, sys
from pathlib import Path
from service.store import suggestions
from service.store.errors import StoreFailed
from service.store.store import Store
from triage.records import Suggestion

store, told = Store(sys.argv[1]), Path(sys.argv[2])
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

def attempt(ref):
    with store.write("clerk") as writing:
        suggestions.create(writing, Suggestion(ref, ref * 300))
    print(ref, flush=True)

attempt("before")
_, most = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (700_000, most))
refused = 0
for number in range(300):
    try:
        attempt(f"s{number}")
    except StoreFailed as error:
        refused += 1
        reason = str(error)
resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
attempt("after")
told.write_text(f"{refused} {reason}")
"""


def test_a_full_disk_loses_nothing_that_was_acknowledged(sqlite_store: Store, tmp_path: Path) -> None:
    command = [sys.executable, "-W", "error", "-c", FULL, url_of(sqlite_store), str(tmp_path / "told")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    refused, _, reason = (tmp_path / "told").read_text().partition(" ")
    assert int(refused) > 50
    assert "SQLITE_IOERR" in reason or "SQLITE_FULL" in reason
    acknowledged = set(done.stdout.split())
    assert {"before", "after"} < acknowledged
    assert kept(sqlite_store) == acknowledged


def test_a_folder_that_is_gone_is_told(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'nowhere' / 'service.db'}")
    with pytest.raises(StoreFailed, match="SQLITE_CANTOPEN"), store.read() as session:
        session.execute(text("SELECT 1"))
    store.close()


def test_no_message_repeats_what_was_to_be_written(store: Store) -> None:
    hand_in(store, "s1")
    with pytest.raises(StoreFailed) as raised, store.write("clerk") as writing:
        writing.session.add(SuggestionRow(ref="s1", title="东门外的路灯"))
    assert "路灯" not in str(raised.value)
    assert raised.value.__suppress_context__
    assert kept(store) == {"s1"}


def test_a_server_that_cuts_the_line_is_reached_again(postgresql: PostgresServer, postgresql_store: Store) -> None:
    store = postgresql_store

    def cut(ref: str, *, late: bool) -> None:
        with store.write("clerk") as writing:
            suggestions.create(writing, Suggestion(ref, "断"))
            writing.session.flush()
            postgresql.cut(url_of(store))
            if not late:
                writing.session.execute(text("SELECT 1"))

    hand_in(store, "before")
    with pytest.raises(StoreFailed, match="Nothing was changed"):
        cut("early", late=False)
    with pytest.raises(StoreFailed, match="Whether it was written is not known"):
        cut("late", late=True)
    hand_in(store, "after")
    assert kept(store) == {"before", "after"}
    postgresql.cut(url_of(store))
    assert kept(store) == {"before", "after"}, "who was idle meanwhile notices nothing"


def test_a_writer_that_hangs_holds_up_the_others_for_a_while_only(
    postgresql_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.store.store.IDLE_SECONDS", 0.5)
    hanging = Store(url_of(postgresql_store))

    def hang() -> None:
        with hanging.write("clerk") as writing:
            suggestions.create(writing, Suggestion("hanging", "停"))
            writing.session.flush()
            hand_in(postgresql_store, "patient")  # waits for the lock until the server takes it from us

    with pytest.raises(StoreFailed):
        hang()
    assert kept(postgresql_store) == {"patient"}
    hanging.close()


def test_a_server_that_goes_away_and_comes_back(tmp_path: Path) -> None:
    from tests.postgresql import MISSING, own_server, programs

    folder = programs()
    if folder is None:
        pytest.skip(MISSING)
    with own_server(folder) as server:
        store = Store(server.database(), busy_seconds=2)
        upgrade(store)
        hand_in(store, "before")
        server.stop()
        for _ in range(2):
            with pytest.raises(StoreFailed, match="Nothing was changed"):
                hand_in(store, "refused")
        server.start()
        hand_in(store, "after")
        assert kept(store) == {"before", "after"}
        store.close()


@pytest.mark.parametrize("address", ["postgresql://nobody@127.0.0.1:1/none", "postgresql://nobody@/none?host=/nowhere"])
def test_a_server_that_is_not_there_is_told(address: str) -> None:
    store = Store(address)
    with pytest.raises(StoreFailed, match=r"cannot be reached: .+\. Check its URL") as caught, store.read() as session:
        session.execute(text("SELECT 1"))
    assert re.search(r"127\.0\.0\.1|/nowhere", str(caught.value)), "which server"
    store.close()


def test_a_damaged_file_is_told_with_what_to_do(tmp_path: Path) -> None:
    file = tmp_path / "service.db"
    file.write_bytes(b"no database at all, " * 500)
    store = Store(f"sqlite:///{file}")
    with (
        pytest.raises(StoreFailed, match=r"SQLITE_NOTADB.+ restore a backup"),
        store.read() as session,
    ):
        session.execute(text("SELECT 1"))
    store.close()


def test_a_wrong_password_is_told_and_not_repeated(postgresql: PostgresServer) -> None:
    store = Store(postgresql.url.set(username="nobody-here", password="s3cret").render_as_string(hide_password=False))
    with pytest.raises(StoreFailed, match="nobody-here") as caught, store.read() as session:
        session.execute(text("SELECT 1"))
    assert "s3cret" not in str(caught.value)
    store.close()


def run_all(work: Any, times: int) -> None:
    threads = [threading.Thread(target=work, args=(number,)) for number in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)


def test_many_threads_write_through_one_store(store: Store) -> None:
    errors: list[BaseException] = []

    def work(number: int) -> None:
        try:
            for turn in range(5):
                hand_in(store, f"s{number}-{turn}")
        except BaseException as error:  # noqa: BLE001 - the test shows whatever it is
            errors.append(error)

    run_all(work, 8)
    assert errors == []
    assert kept(store) == {f"s{number}-{turn}" for number in range(8) for turn in range(5)}
