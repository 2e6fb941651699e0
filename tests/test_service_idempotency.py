"""A POST that is sent twice is done once, also by two at once, and whatever goes wrong in between."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Annotated, Any

import pytest
from fastapi import APIRouter, Body, FastAPI, Response
from fastapi.testclient import TestClient
from sqlalchemy import func, select

from service.problems import Problem, add_handlers
from service.settings import Settings
from service.store import keys, values
from service.store.columns import now
from service.store.store import Store, Writing
from service.store.tables_service import ReplyRow, TrailRow
from service.store.upkeep import prune
from service.web.body import JsonRoute
from service.web.caller import KeyRing, TriageCaller
from service.web.idempotency import HEADER, KEPT, REPLAYED, OnceOf, Reply

router = APIRouter(route_class=JsonRoute)


@router.post("/notes", status_code=201)
def add(body: Annotated[dict[str, Any], Body()], caller: TriageCaller, once: OnceOf) -> Response:
    def work(writing: Writing) -> Reply:
        number = writing.note("note.made", "note")
        if body.get("refuse"):
            raise Problem("already-there", "There is one.")
        if body.get("break"):
            raise RuntimeError("broken in the middle")
        return Reply(201, {"number": number, "字": "好"}, {"Location": f"/notes/{number}", "ETag": '"1"'})

    return once.replay(body) or once.write(body, work)


@router.post("/empty", status_code=204)
def nothing(caller: TriageCaller, once: OnceOf) -> Response:
    def work(writing: Writing) -> Reply:
        values.put(writing, "emptied", True)
        return Reply(204)

    return once.write(None, work)


@pytest.fixture
def client(store: Store) -> Iterator[TestClient]:
    app = FastAPI()
    app.include_router(router)
    add_handlers(app)
    app.state.settings, app.state.store, app.state.rates = Settings(), store, None
    app.state.keys = KeyRing(store)
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def headers(store: Store) -> dict[str, str]:
    return {"X-API-Key": key(store), HEADER: "order-1"}


def key(store: Store) -> str:
    with store.write("test") as writing:
        return keys.make(writing, "OA", ["triage"]).token


def notes(store: Store) -> int:
    with store.read() as session:
        return session.scalar(select(func.count()).where(TrailRow.action == "note.made")) or 0


def replies(store: Store) -> int:
    with store.read() as session:
        return session.scalar(select(func.count()).select_from(ReplyRow)) or 0


def test_the_same_again_gets_the_same_answer(client: TestClient, store: Store, headers: dict[str, str]) -> None:
    first, again = (client.post("/notes", json={"a": 1, "b": [2]}, headers=headers) for _ in range(2))
    assert (first.status_code, first.json(), first.headers.get(REPLAYED)) == (201, {"number": 2, "字": "好"}, None)
    assert (again.status_code, again.content, again.headers[REPLAYED]) == (201, first.content, "true")
    for name in ("location", "etag", "content-type"):
        assert again.headers[name] == first.headers[name]
    assert notes(store) == 1
    assert client.post("/notes", json={"b": [2], "a": 1}, headers=headers).headers[REPLAYED] == "true", (
        "the same object"
    )


def test_without_the_header_it_is_done_each_time(client: TestClient, store: Store, headers: dict[str, str]) -> None:
    del headers[HEADER]
    for _ in range(2):
        assert client.post("/notes", json={}, headers=headers).status_code == 201
    assert (notes(store), replies(store)) == (2, 0)


def test_another_body_or_path_under_the_same_key(client: TestClient, store: Store, headers: dict[str, str]) -> None:
    client.post("/notes", json={"a": 1}, headers=headers)
    for path, body in (("/notes", {"a": 2}), ("/notes?x=1", {"a": 1}), ("/empty", None)):
        answer = client.post(path, json=body, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (422, "idempotency-mismatch")
    assert notes(store) == 1


def test_the_keys_of_two_callers_are_two(client: TestClient, store: Store, headers: dict[str, str]) -> None:
    client.post("/notes", json={"a": 1}, headers=headers)
    other = headers | {"X-API-Key": key(store)}
    answer = client.post("/notes", json={"a": 2}, headers=other)
    assert (answer.status_code, REPLAYED in answer.headers) == (201, False)
    assert notes(store) == 2


def test_what_was_refused_can_be_sent_again(client: TestClient, store: Store, headers: dict[str, str]) -> None:
    assert client.post("/notes", json={"refuse": True}, headers=headers).status_code == 409
    assert client.post("/notes", json={"break": True}, headers=headers).status_code == 500
    assert (notes(store), replies(store)) == (0, 0)
    assert client.post("/notes", json={}, headers=headers).status_code == 201


def test_many_at_once_are_done_once(client: TestClient, store: Store, headers: dict[str, str]) -> None:
    together = threading.Barrier(6)

    def send(_: int) -> tuple[int, bytes]:
        together.wait()
        answer = client.post("/notes", json={"a": 1}, headers=headers)
        return answer.status_code, answer.content

    with ThreadPoolExecutor(6) as pool:
        answers = set(pool.map(send, range(6)))
    assert len(answers) == 1
    assert next(iter(answers))[0] == 201
    assert (notes(store), replies(store)) == (1, 1)


def test_an_answer_without_a_body(client: TestClient, headers: dict[str, str]) -> None:
    for again in (False, True):
        answer = client.post("/empty", headers=headers)
        assert (answer.status_code, answer.content) == (204, b"")
        assert (REPLAYED in answer.headers) == again


@pytest.mark.parametrize("name", ["", "x" * 201, "with space", "a\tb", "gr\u00fcn"])
def test_a_key_that_is_not_plain_is_refused(client: TestClient, headers: dict[str, str], name: str) -> None:
    answer = client.post("/empty", headers={**headers, HEADER: name.encode("latin-1")})  # type: ignore[dict-item]
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid-request")


def test_after_a_day_it_is_forgotten(
    client: TestClient, store: Store, headers: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    client.post("/notes", json={"a": 1}, headers=headers)
    prune(store, KEPT)
    assert replies(store) == 1
    later = now() + KEPT + timedelta(seconds=1)
    monkeypatch.setattr("service.web.idempotency.now", lambda: later)
    answer = client.post("/notes", json={"a": 2}, headers=headers)
    assert (answer.status_code, notes(store), replies(store)) == (201, 2, 1), "in place of the old one"
    prune(store, KEPT, later + KEPT + timedelta(seconds=1))
    assert replies(store) == 0
