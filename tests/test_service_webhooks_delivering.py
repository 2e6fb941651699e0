"""Messages are sent to a real server on this machine: one that fails, dawdles, points elsewhere, or is gone."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from service.store import deliveries, webhooks
from service.store.outbox import EVENTS, announce
from service.store.store import Store
from service.store.tables import SuggestionRow
from service.store.tables_service import DEAD, DELIVERED, SENDING, WAITING, DeliveryRow, TrailRow, WebhookRow
from service.webhooks.delivering import KEEP, LEASE, PAUSES, Deliverer
from service.webhooks.signing import new_secret, verify

START = datetime(2025, 3, 3, 8, tzinfo=UTC)


class Receiver(ThreadingHTTPServer):
    """Answers with the statuses of `answers` in turn, the last one again and again, and keeps what came."""

    daemon_threads = True

    def __init__(self) -> None:
        self.answers: list[int] = [204]
        self.headers: dict[str, str] = {}
        self.seconds = 0.0
        self.came: list[tuple[str, dict[str, str], bytes]] = []
        self.at_once = self.most_at_once = 0
        self.lock = threading.Lock()
        super().__init__(("127.0.0.1", 0), Handler)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/hook"

    def next(self) -> int:
        with self.lock:
            return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


class Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        with self.server.lock:
            self.server.at_once += 1
            self.server.most_at_once = max(self.server.most_at_once, self.server.at_once)
            self.server.came.append((self.path, {name.lower(): value for name, value in self.headers.items()}, body))
        time.sleep(self.server.seconds)
        with self.server.lock:
            self.server.at_once -= 1
        try:
            self.send_response(self.server.next())
            for name, value in self.server.headers.items():
                self.send_header(name, value)
            self.send_header("content-length", "0")
            self.end_headers()
        except OSError:
            self.close_connection = True  # the sender has lost patience

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name it has in the standard library
        pass


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.moment = START

    def __call__(self) -> datetime:
        return self.moment

    def forward(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    for module in ("service.store.outbox", "service.store.webhooks", "service.store.deliveries"):
        monkeypatch.setattr(f"{module}.now", clock)
    return clock


@pytest.fixture
def hook(store: Store, receiver: Receiver, clock: Clock) -> WebhookRow:
    with store.write("key:admin") as writing:
        writing.session.add(SuggestionRow(ref="RD-1"))
        return webhooks.make(writing, receiver.url, list(EVENTS), new_secret())


@pytest.fixture
def deliverer(store: Store, clock: Clock) -> Deliverer:
    return Deliverer(store, clock=clock, chance=lambda: 0.0, seconds=5)


def tell(store: Store, count: int = 1) -> None:
    with store.write("key:clerk") as writing:
        for number in range(count):
            announce(writing, "decision.made", {"suggestion": "RD-1", "number": number + 1, "lead": ["县交通局"]})


def rows(store: Store) -> list[DeliveryRow]:
    with store.read() as session:
        return list(session.scalars(select(DeliveryRow).order_by(DeliveryRow.id)))


def only(store: Store) -> DeliveryRow:
    (row,) = rows(store)
    return row


def test_a_message_arrives_signed_and_once(
    store: Store, hook: WebhookRow, receiver: Receiver, deliverer: Deliverer
) -> None:
    tell(store)
    assert deliverer.step()
    assert not deliverer.step()
    ((path, headers, body),) = receiver.came
    row = only(store)
    assert path == "/hook"
    assert verify(hook.secret, headers, body) == row.id
    assert headers["content-type"] == "application/json"
    message = json.loads(body)
    assert message["type"] == "decision.made"
    assert message["data"] == {"suggestion": "RD-1", "number": 1, "lead": ["县交通局"]}
    assert datetime.fromisoformat(message["timestamp"]) == START
    assert (row.state, row.attempts, row.status, row.error) == (DELIVERED, 1, 204, "")


def test_a_failure_is_tried_again_with_growing_pauses_and_then_is_a_dead_letter(
    store: Store, hook: WebhookRow, receiver: Receiver, deliverer: Deliverer, clock: Clock
) -> None:
    receiver.answers = [500]
    tell(store)
    for attempt, pause in enumerate(PAUSES, 1):
        assert deliverer.step()
        row = only(store)
        assert (row.state, row.attempts, row.status, row.error) == (WAITING, attempt, 500, "status-500")
        assert row.next_at == clock.moment + timedelta(seconds=pause)
        clock.forward(pause - 1)
        assert not deliverer.step(), "not before its time"
        clock.forward(1)
    assert deliverer.step()
    assert (only(store).state, only(store).attempts) == (DEAD, len(PAUSES) + 1)
    clock.forward(10 * 24 * 3600)
    assert not deliverer.step()
    assert len({headers["webhook-id"] for _, headers, _ in receiver.came}) == 1, "the id stays"
    assert len({body for _, _, body in receiver.came}) == 1, "and so does the body"


def test_a_dead_letter_is_sent_again_on_demand(
    store: Store, hook: WebhookRow, receiver: Receiver, deliverer: Deliverer, clock: Clock
) -> None:
    receiver.answers = [500] * (len(PAUSES) + 1) + [200]
    tell(store)
    for _ in range(len(PAUSES) + 1):
        deliverer.step()
        clock.forward(PAUSES[-1])
    assert only(store).state == DEAD
    with store.write("key:admin") as writing:
        deliveries.again(writing, deliveries.find(writing.session, hook.id, only(store).id, confidential=False))
    assert deliverer.step()
    assert only(store).state == DELIVERED
    with store.read() as session:
        assert "webhook.redelivered" in session.scalars(select(TrailRow.action)).all()


def test_pauses_have_jitter_and_a_receiver_may_ask_for_longer_ones(
    store: Store, hook: WebhookRow, receiver: Receiver, clock: Clock
) -> None:
    receiver.answers, receiver.headers = [503], {"Retry-After": "900"}
    tell(store)
    deliverer = Deliverer(store, clock=clock, chance=lambda: 1.0, seconds=5)
    deliverer.step()
    assert only(store).next_at == clock.moment + timedelta(seconds=900)
    receiver.headers = {"Retry-After": "999999"}
    clock.forward(900)
    deliverer.step()
    assert only(store).next_at == clock.moment + timedelta(seconds=PAUSES[-1])
    receiver.headers = {"Retry-After": "Fri, 31 Dec 1999 23:59:59 GMT"}
    clock.forward(PAUSES[-1])
    deliverer.step()
    assert only(store).next_at == clock.moment + timedelta(seconds=PAUSES[2] * 1.2)


def test_a_receiver_that_is_gone_is_switched_off(
    store: Store, hook: WebhookRow, receiver: Receiver, deliverer: Deliverer
) -> None:
    receiver.answers = [410]
    tell(store, 6)  # more than go out at a time
    while deliverer.step():
        pass
    assert {row.state for row in rows(store)} == {DEAD}
    with store.read() as session:
        assert not session.get(WebhookRow, hook.id).active  # type: ignore[union-attr]
        assert session.scalars(select(TrailRow.action)).all().count("webhook.disabled") == 1
    tell(store)
    assert not deliverer.step(), "who is switched off is told of nothing"
    assert len(rows(store)) == 6


def test_a_redirect_is_not_followed(store: Store, hook: WebhookRow, receiver: Receiver, deliverer: Deliverer) -> None:
    receiver.answers, receiver.headers = [302], {"Location": receiver.url + "/elsewhere"}
    tell(store)
    deliverer.step()
    assert [path for path, _, _ in receiver.came] == ["/hook"]
    assert (only(store).state, only(store).status) == (WAITING, 302)


def test_a_receiver_that_dawdles_is_given_up_in_time(
    store: Store, hook: WebhookRow, receiver: Receiver, clock: Clock
) -> None:
    receiver.seconds = 1.5
    tell(store)
    began = time.perf_counter()
    Deliverer(store, clock=clock, seconds=0.3).step()
    assert time.perf_counter() - began < 1.4
    assert (only(store).state, only(store).status, only(store).error) == (WAITING, None, "timeout")


def test_an_address_where_nobody_listens_is_a_failure_like_another(
    store: Store, hook: WebhookRow, receiver: Receiver, deliverer: Deliverer
) -> None:
    with store.write("key:admin") as writing:
        row = webhooks.find(writing.session, hook.id, confidential=False)
        webhooks.change(writing, row, url="http://127.0.0.1:9/", events=None, active=None)
    tell(store)
    deliverer.step()
    assert (only(store).state, only(store).error) == (WAITING, "ConnectError")


def test_a_host_that_is_no_longer_allowed_is_not_called(
    store: Store, hook: WebhookRow, receiver: Receiver, clock: Clock
) -> None:
    tell(store)
    Deliverer(store, ("desk.example",), clock=clock).step()
    assert (only(store).state, only(store).error) == (DEAD, "host-not-allowed")
    assert not receiver.came


def test_proxies_of_the_environment_are_not_used(
    store: Store, hook: WebhookRow, receiver: Receiver, deliverer: Deliverer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    tell(store)
    deliverer.step()
    assert only(store).state == DELIVERED


@pytest.mark.parametrize("sent", [False, True], ids=["before it was sent", "after it was sent"])
def test_who_dies_between_claim_and_record_loses_nothing(
    store: Store,
    hook: WebhookRow,
    receiver: Receiver,
    deliverer: Deliverer,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
    sent: bool,
) -> None:
    class Killed(BaseException):
        pass

    def die(*_: object) -> None:
        raise Killed

    tell(store)
    with monkeypatch.context() as patch:
        patch.setattr(deliverer, "_record" if sent else "_attempt", die)
        with pytest.raises(Killed):
            deliverer.step()
    assert only(store).state == SENDING
    assert not deliverer.step(), "nobody else takes it while it may be on its way"
    clock.forward(LEASE.total_seconds())
    assert deliverer.step()
    assert (only(store).state, only(store).attempts) == (DELIVERED, 2)
    assert [headers["webhook-id"] for _, headers, _ in receiver.came] == [only(store).id] * (2 if sent else 1)


SEND = """
import sys
from service.store.store import Store
from service.webhooks.delivering import Deliverer
Deliverer(Store(sys.argv[1]), seconds=30).step()
"""


def test_a_sender_that_is_killed_while_it_waits_for_the_answer_loses_nothing(
    store: Store, receiver: Receiver, root: Path
) -> None:
    with store.write("key:admin") as writing:
        writing.session.add(SuggestionRow(ref="RD-1"))
        webhooks.make(writing, receiver.url, list(EVENTS), new_secret())
    tell(store)
    receiver.seconds = 3
    url = store.url.render_as_string(hide_password=False)
    sender = subprocess.Popen([sys.executable, "-c", SEND, url], env=os.environ | {"PYTHONPATH": str(root)})
    deadline = time.monotonic() + 60
    while not receiver.came and time.monotonic() < deadline:
        time.sleep(0.02)
    sender.kill()
    assert sender.wait() == -signal.SIGKILL
    receiver.seconds = 0
    assert only(store).state == SENDING
    assert not Deliverer(store).step()
    assert Deliverer(store, clock=lambda: datetime.now(UTC) + LEASE, seconds=5).step()
    assert (only(store).state, only(store).attempts) == (DELIVERED, 2)
    assert [headers["webhook-id"] for _, headers, _ in receiver.came] == [only(store).id] * 2


def test_who_lost_a_message_to_another_writes_nothing_more(store: Store, hook: WebhookRow, clock: Clock) -> None:
    tell(store)
    with store.write("webhooks") as writing:
        (late,) = deliveries.claim(writing, clock.moment, clock.moment + LEASE, most=9, of_one=9)
    clock.forward(LEASE.total_seconds())
    with store.write("webhooks") as writing:
        (now,) = deliveries.claim(writing, clock.moment, clock.moment + LEASE, most=9, of_one=9)
        assert not deliveries.tell(writing, late, status=500, error="status-500", next_at=clock.moment, at=clock.moment)
        assert deliveries.tell(writing, now, status=200, error="", next_at=None, at=clock.moment)
        assert not deliveries.tell(writing, now, status=500, error="x", next_at=None, at=clock.moment)
    assert (only(store).state, only(store).status) == (DELIVERED, 200)


def test_several_workers_never_send_the_same_message(store: Store, hook: WebhookRow, receiver: Receiver) -> None:
    tell(store, 24)
    receiver.seconds = 0.02

    def work(_: int) -> None:
        deliverer = Deliverer(store, clock=lambda: START, seconds=5)
        while deliverer.step():
            pass

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    sent = [headers["webhook-id"] for _, headers, _ in receiver.came]
    assert sorted(sent) == [row.id for row in rows(store)]
    assert {row.state for row in rows(store)} == {DELIVERED}
    assert receiver.most_at_once > 1


def test_a_slow_address_does_not_hold_up_the_others(
    store: Store, hook: WebhookRow, receiver: Receiver, clock: Clock
) -> None:
    tell(store, 30)
    with Receiver() as other:
        thread = threading.Thread(target=other.serve_forever, args=(0.05,))
        thread.start()
        with store.write("key:admin") as writing:
            webhooks.make(writing, other.url, ["decision.changed"], new_secret())
            announce(writing, "decision.changed", {"suggestion": "RD-1"})
        Deliverer(store, clock=clock, seconds=5).step()
        other.shutdown()
        thread.join()
        assert len(other.came) == 1
    assert len(receiver.came) == 4


def test_during_a_change_of_the_secret_both_sign(
    store: Store, hook: WebhookRow, receiver: Receiver, deliverer: Deliverer, clock: Clock
) -> None:
    new = new_secret()
    with store.write("key:admin") as writing:
        webhooks.rotate(writing, webhooks.find(writing.session, hook.id, confidential=False), new)
    tell(store)
    deliverer.step()
    _, headers, body = receiver.came[0]
    assert verify(new, headers, body) == verify(hook.secret, headers, body)
    clock.forward(webhooks.OVERLAP.total_seconds())
    tell(store)
    deliverer.step()
    _, headers, body = receiver.came[1]
    assert verify(new, headers, body)
    with pytest.raises(ValueError, match="not signed"):
        verify(hook.secret, headers, body)


def test_what_became_confidential_after_it_was_announced_is_not_sent(
    store: Store, hook: WebhookRow, receiver: Receiver, deliverer: Deliverer
) -> None:
    tell(store)
    with store.write("key:clerk") as writing:
        writing.session.scalars(select(SuggestionRow)).one().confidential = True
    deliverer.step()
    assert not receiver.came
    assert (only(store).state, only(store).error) == (DEAD, "confidential")


def test_what_has_ended_is_forgotten_after_its_keep(
    store: Store, hook: WebhookRow, receiver: Receiver, clock: Clock
) -> None:
    receiver.answers = [200, 500]
    tell(store)
    Deliverer(store, clock=clock, seconds=5).step()
    tell(store)
    Deliverer(store, clock=clock, seconds=5).step()
    clock.forward(KEEP.total_seconds() + 1)
    Deliverer(store, clock=clock, seconds=5).step()
    assert [row.status for row in rows(store)] == [500], "what still waits is kept"


def test_a_memory_that_refuses_is_logged_and_the_message_comes_again(
    store: Store,
    hook: WebhookRow,
    receiver: Receiver,
    deliverer: Deliverer,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    from service.store.errors import StoreBusy

    def busy(*_: Any, **__: Any) -> None:
        raise StoreBusy("held")

    tell(store)
    with monkeypatch.context() as patch:
        patch.setattr(deliveries, "tell", busy)
        assert deliverer.step()
    assert [record.message for record in caplog.records if record.name == "service.logs" or record.levelname == "ERROR"]
    clock.forward(LEASE.total_seconds())
    deliverer.step()
    assert only(store).state == DELIVERED


def test_no_secret_is_in_the_trail(store: Store, hook: WebhookRow) -> None:
    with store.write("key:admin") as writing:
        row = webhooks.find(writing.session, hook.id, confidential=False)
        webhooks.rotate(writing, row, new_secret())
        webhooks.change(writing, row, url="http://127.0.0.1:9/secret-path", events=["job.finished"], active=True)
        webhooks.remove(writing, row)
    with store.read() as session:
        entries = session.scalars(select(TrailRow)).all()
        told = json.dumps([entry.details for entry in entries])
    assert [entry.action for entry in entries] == [
        f"webhook.{word}" for word in ("made", "rotated", "changed", "deleted")
    ]
    assert "whsec" not in told
    assert "secret-path" not in told
