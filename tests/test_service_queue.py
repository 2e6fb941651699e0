"""Under load: what is computed waits in a bounded queue, and everything else still answers at once."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, ClassVar

import pytest
from fastapi.testclient import TestClient

from service.app import create_app
from service.problems import Problem
from service.settings import Settings
from service.web.queue import WorkQueue

ASK: dict[str, Any] = {"suggestions": [{"title": "关于疏通南门河道的建议"}]}
WORKERS, WAITING = 2, 3


class Answer:
    def to_dict(self) -> dict[str, Any]:
        return {"id": "done"}


class Held:
    """A library that computes until it is let go, and counts how many calls run at once."""

    card: ClassVar[dict[str, Any]] = {"model": "held"}

    def __init__(self) -> None:
        self.go = threading.Event()
        self.running = 0
        self.most = 0
        self.threads: set[str] = set()
        self._lock = threading.Lock()

    def triage(self, suggestions: Any, *, history: Any = None, precheck: Any = None) -> list[Answer]:
        with self._lock:
            self.running += 1
            self.most = max(self.most, self.running)
            self.threads.add(threading.current_thread().name)
        assert self.go.wait(30)
        with self._lock:
            self.running -= 1
        return [Answer() for _ in suggestions]


@pytest.fixture
def library() -> Iterator[Held]:
    held = Held()
    yield held
    held.go.set()


@pytest.fixture
def client(library: Held) -> Iterator[TestClient]:
    with TestClient(create_app(Settings(workers=WORKERS, queue=WAITING), library)) as client:  # type: ignore[arg-type]
        yield client
        library.go.set()


def until(condition: Any) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline, "waited 20 seconds in vain"
        time.sleep(0.01)


@pytest.fixture
def full(client: TestClient, library: Held) -> Iterator[list[Future[Any]]]:
    """As many requests under way as there is room for."""
    with ThreadPoolExecutor(WORKERS + WAITING) as callers:
        under_way = [callers.submit(client.post, "/v1/triage", json=ASK) for _ in range(WORKERS + WAITING)]
        queue: WorkQueue = client.app.state.queue  # type: ignore[attr-defined]
        until(lambda: queue.inside == WORKERS + WAITING and library.running == WORKERS)
        yield under_way
        library.go.set()


def test_one_more_is_refused_with_a_time_to_come_back(client: TestClient, full: list[Future[Any]]) -> None:
    answer = client.post("/v1/triage", json=ASK)
    assert (answer.status_code, answer.json()["code"]) == (503, "queue-full")
    assert int(answer.headers["retry-after"]) >= 1
    assert "5 requests" in answer.json()["detail"]


def test_everything_else_answers_at_once(client: TestClient, full: list[Future[Any]]) -> None:
    began = time.monotonic()
    for path in ("/v1/health", "/v1/ready", "/v1/model", "/v1/problems", "/openapi.json"):
        assert client.get(path).status_code == 200, path
    assert client.post("/v1/triage", content=b"{").status_code == 415
    assert time.monotonic() - began < 5
    assert not any(call.done() for call in full)


def test_who_waited_is_answered_and_then_there_is_room_again(
    client: TestClient, library: Held, full: list[Future[Any]]
) -> None:
    assert client.post("/v1/triage", json=ASK).status_code == 503
    library.go.set()
    assert [call.result(30).json() for call in full] == [{"results": [{"id": "done"}]}] * 5
    assert library.most == WORKERS
    assert all(name.startswith("triage") for name in library.threads)
    assert client.post("/v1/triage", json=ASK).status_code == 200


def test_room_comes_back_after_an_error_and_after_a_cancelled_wait() -> None:
    async def scene() -> None:
        queue = WorkQueue(workers=1, waiting=1)
        go = threading.Event()
        with pytest.raises(ZeroDivisionError):
            await queue.run(lambda: 1 // 0)
        first = asyncio.create_task(queue.run(go.wait))
        second = asyncio.create_task(queue.run(go.wait))
        await asyncio.sleep(0)
        with pytest.raises(Problem, match="queue-full"):
            await queue.run(go.wait)
        second.cancel()
        with pytest.raises(asyncio.CancelledError):
            await second
        third = asyncio.create_task(queue.run(lambda: 3))
        await asyncio.sleep(0)
        go.set()
        assert (await first, await third) == (True, 3)
        assert queue.inside == 0
        queue.close()

    asyncio.run(scene())


def test_first_come_first_served() -> None:
    async def scene() -> list[int]:
        queue = WorkQueue(workers=1, waiting=20)
        order: list[int] = []
        await asyncio.gather(*(queue.run(lambda number=number: order.append(number)) for number in range(20)))  # type: ignore[misc]
        queue.close()
        return order

    assert asyncio.run(scene()) == list(range(20))
