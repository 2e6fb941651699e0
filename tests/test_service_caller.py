"""Wrong, expired, revoked, low-scope and malformed keys on every route; and no route is without a scope."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient

from service.app import create_app
from service.settings import Settings
from service.store import keys
from service.store.columns import now
from service.store.store import Store
from service.web.caller import KEPT_SECONDS, KeyRing
from service.web.described import scopes_of
from triage import Triager

if TYPE_CHECKING:
    from conftest import Desk

OPEN = {"/v1/health", "/v1/ready", "/v1/problems"}
"""What everybody may ask."""
WITHOUT_A_DOCUMENT = {"/openapi.json", "/openapi-3.0.json"}
ASK: dict[str, Any] = {"suggestions": [{"title": "关于给青石巷加装路灯的建议"}]}


def operations(app: Any) -> list[tuple[str, str, APIRoute]]:
    """Method, path with its parameters filled in, and route of every operation."""
    return [
        (method, re.sub(r"\{[^}]*\}", "1", route.path_format), route)
        for route in app.operations
        for method in sorted(route.methods - {"HEAD"})
    ]


ROUTES = [(method, path, route) for method, path, route in operations(create_app(Settings())) if path not in OPEN]
NAMES = [f"{method} {path}" for method, path, _ in ROUTES]


@pytest.fixture(scope="module")
def client(triager: Triager, sqlite_template: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """The service with a memory; what is asked of it here changes nothing."""
    folder = tmp_path_factory.mktemp("memory")
    (folder / "service.db").write_bytes(sqlite_template.read_bytes())
    with TestClient(create_app(Settings(data=folder, rate=0), triager)) as client:
        yield client


@pytest.fixture(scope="module")
def store(client: TestClient) -> Store:
    made: Store = client.app.state.store  # type: ignore[attr-defined]
    return made


def token(store: Store, *scopes: str, **rights: Any) -> str:
    with store.write("test") as writing:
        return keys.make(writing, "a test's key", scopes, **rights).token


@pytest.fixture(scope="module")
def document(client: TestClient) -> dict[str, Any]:
    made: dict[str, Any] = client.get("/openapi.json").json()
    return made


@pytest.fixture(scope="module")
def low(store: Store) -> dict[str, dict[str, str]]:
    """Headers with a key of each scope."""
    return {scope: {"Authorization": f"Bearer {token(store, scope)}"} for scope in keys.SCOPES}


@pytest.fixture(scope="module")
def refused(store: Store) -> dict[str, dict[str, str]]:
    """Headers with keys that nobody may come in with."""
    expired, revoked, other = (token(store, "admin") for _ in range(3))
    with store.write("test") as writing:
        keys.revoke(writing, keys.id_of(revoked))
        keys.rotate(writing, keys.id_of(expired), timedelta(0))
    wrong = other[:-1] + ("A" if other[-1] != "A" else "B")
    return {
        "wrong": {"Authorization": f"Bearer {wrong}"},
        "of another": {"Authorization": f"Bearer tk_{keys.id_of(other)}_{expired.split('_', 2)[2]}"},
        "unknown": {"Authorization": f"Bearer tk_{'0' * 12}_{'a' * 43}"},
        "expired": {"Authorization": f"Bearer {expired}"},
        "revoked": {"X-API-Key": revoked},
        "malformed": {"Authorization": "Bearer tk_"},
        "long": {"X-API-Key": "tk_" + "a" * 5_000},
        "injection": {"X-API-Key": f"tk_{'0' * 12}_' OR 1=1 --"},
    }


# --- every route -----------------------------------------------------------------------------------------------------


def test_the_routes_of_the_document_are_those_that_are_tested(client: TestClient, document: dict[str, Any]) -> None:
    told = {(method.upper(), path) for path, item in document["paths"].items() for method in item}
    app: Any = client.app
    assert told == {(method, route.path_format) for method, _, route in operations(app)}
    plain = {getattr(route, "path", None) for route in app.routes} - {None}
    assert plain <= WITHOUT_A_DOCUMENT | {path for _, path in told}


@pytest.mark.parametrize(("method", "path", "route"), ROUTES, ids=NAMES)
def test_no_route_is_without_a_scope(method: str, path: str, route: APIRoute) -> None:
    assert scopes_of(route), "an operation declares ReadCaller, TriageCaller, DecideCaller or AdminCaller"
    assert set(scopes_of(route)) <= set(keys.SCOPES)


@pytest.mark.parametrize(("method", "path", "route"), ROUTES, ids=NAMES)
def test_without_a_key_that_works_nobody_comes_in(
    client: TestClient, refused: dict[str, dict[str, str]], method: str, path: str, route: APIRoute
) -> None:
    answer = client.request(method, path, content=b"{")
    assert (answer.status_code, answer.json()["code"]) == (401, "no-key")
    assert answer.headers["www-authenticate"] == "Bearer"
    for name, headers in refused.items():
        answer = client.request(method, path, headers=headers, content=b"{")
        assert (answer.status_code, answer.json()["code"]) == (401, "bad-key"), name
        assert answer.headers["www-authenticate"].startswith("Bearer")
        assert all(value.split(" ")[-1] not in answer.text for value in headers.values())


@pytest.mark.parametrize(("method", "path", "route"), ROUTES, ids=NAMES)
def test_a_key_with_too_little_scope_is_told_which_it_needs(
    client: TestClient, low: dict[str, dict[str, str]], method: str, path: str, route: APIRoute
) -> None:
    for scope in keys.SCOPES:
        missing = set(scopes_of(route)) - keys.HELD[scope]
        if missing:
            answer = client.request(method, path, headers=low[scope], content=b"{")
            assert (answer.status_code, answer.json()["code"]) == (403, "scope-needed"), scope
            assert any(f"scope {name}" in answer.json()["detail"] for name in missing)
            assert any(name in answer.json()["detail_zh"] for name in missing)


@pytest.mark.parametrize(("method", "path", "route"), ROUTES, ids=NAMES)
def test_the_document_tells_what_a_key_can_meet(
    document: dict[str, Any], method: str, path: str, route: APIRoute
) -> None:
    operation = document["paths"][route.path_format][method.lower()]
    assert operation["security"] == [{"bearer": scopes_of(route)}, {"header": scopes_of(route)}]
    assert {"401", "403", "429", "500", "503"} <= operation["responses"].keys()
    assert "WWW-Authenticate" in operation["responses"]["401"]["headers"]
    assert "Retry-After" in operation["responses"]["429"]["headers"]
    if "{" in route.path_format:
        assert {"404", "422"} <= operation["responses"].keys()


def test_some_are_open(client: TestClient) -> None:
    for path in OPEN | {"/openapi.json"}:
        assert client.get(path).status_code == 200
        assert client.get(path, headers={"X-API-Key": "nonsense"}).status_code == 200


# --- one key ---------------------------------------------------------------------------------------------------------


def test_both_headers_and_any_spelling_of_bearer(desk: Desk) -> None:
    header = desk.key("read")["Authorization"]
    plain = header.removeprefix("Bearer ")
    for headers in (
        {"Authorization": f"bearer  {plain} "},
        {"X-API-Key": plain},
        {"Authorization": "Basic dTpw", "X-API-Key": plain},
    ):
        assert desk.client.get("/v1/model", headers=headers).status_code == 200
    assert desk.client.get("/v1/model", headers={"Authorization": plain}).json()["code"] == "no-key"


def test_a_revoked_key_stops_within_the_time_that_is_told(sqlite_store: Store) -> None:
    import asyncio

    clock = [100.0]
    ring = KeyRing(sqlite_store, clock=lambda: clock[0])
    secret = token(sqlite_store, "decide", confidential=True, per_minute=7)
    caller = asyncio.run(ring.caller(secret))
    assert caller is not None
    assert (caller.actor, caller.scopes) == (f"key:{keys.id_of(secret)}", {"decide", "read"})
    assert (caller.confidential, caller.per_minute) == (True, 7)
    with sqlite_store.write("test") as writing:
        keys.revoke(writing, keys.id_of(secret))
    assert asyncio.run(ring.caller(secret)) == caller, "believed for a moment"
    clock[0] += KEPT_SECONDS
    assert asyncio.run(ring.caller(secret)) is None


def test_a_key_that_expires_stops_at_once(sqlite_store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    import asyncio

    ring = KeyRing(sqlite_store, clock=lambda: 0.0)
    secret = token(sqlite_store, "read", expires_at=now() + timedelta(days=1))
    assert asyncio.run(ring.caller(secret))
    later = now() + timedelta(days=1)
    monkeypatch.setattr("service.web.caller.now", lambda: later)
    assert asyncio.run(ring.caller(secret)) is None


def test_a_key_that_is_believed_costs_no_query(sqlite_store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    import asyncio

    ring = KeyRing(sqlite_store, clock=lambda: 0.0)
    secret = token(sqlite_store, "read")
    assert asyncio.run(ring.caller(secret))
    monkeypatch.setattr(ring, "_look_up", lambda key_id: pytest.fail("asked the memory again"))
    assert asyncio.run(ring.caller(secret))
    assert asyncio.run(ring.caller(f"tk_{keys.id_of(secret)}_{'a' * 43}")) is None, "nor does a wrong secret"


def test_many_unknown_keys_fill_no_memory(sqlite_store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    import asyncio

    monkeypatch.setattr("service.web.caller.MOST_KEPT", 5)
    ring = KeyRing(sqlite_store)

    async def knock() -> None:
        for number in range(20):
            assert await ring.caller(f"tk_{number:012x}_{'a' * 43}") is None

    asyncio.run(knock())
    assert len(ring._kept) <= 5


def test_a_key_has_its_own_rate(desk: Desk) -> None:
    headers = desk.key("read", per_minute=2)
    answers = [desk.client.get("/v1/model", headers=headers) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[0].headers["ratelimit"].startswith('"key";r=1')
    assert answers[2].json()["code"] == "too-many-requests"
    assert 1 <= int(answers[2].headers["retry-after"]) <= 30
    assert "2" in answers[2].json()["detail_zh"]
    assert desk.client.get("/v1/model", headers=desk.key("read")).status_code == 200
    assert desk.client.get("/v1/health", headers=headers).status_code == 200


def test_a_request_is_counted_once_and_before_its_body(desk: Desk) -> None:
    headers = desk.key("triage", per_minute=3)
    for _ in range(3):
        answer = desk.client.post("/v1/triage", headers=headers, json=ASK)
        assert answer.status_code == 200
    answer = desk.client.post("/v1/triage", headers=headers, content=b"no json")
    assert answer.status_code == 429


def test_zero_is_no_limit(desk: Desk) -> None:
    headers = desk.key("read", per_minute=0)
    answer = desk.client.get("/v1/model", headers=headers)
    assert "ratelimit" not in answer.headers


def test_without_a_memory_nobody_needs_a_key(triager: Triager) -> None:
    with TestClient(create_app(Settings(), triager)) as client:
        assert client.post("/v1/triage", json=ASK).status_code == 200
        assert client.post("/v1/triage", json=ASK, headers={"X-API-Key": "of another service"}).status_code == 200


def test_a_server_that_opens_no_memory_lets_nobody_in(triager: Triager, tmp_path: Path) -> None:
    client = TestClient(create_app(Settings(data=tmp_path), triager))  # its lifespan is not run
    answer = client.get("/v1/model")
    assert (answer.status_code, answer.json()["code"]) == (503, "store-failed")


def test_no_key_is_written_to_the_log(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    headers = desk.key("read")
    secret = headers["Authorization"].split("_", 2)[2]
    desk.client.get("/v1/model", headers=headers)
    desk.client.post("/v1/triage", headers=headers, json=ASK)
    desk.client.get(f"/v1/model?key={secret}", headers={"X-API-Key": f"{secret}x"})
    ours = [record for record in caplog.records if not record.name.startswith("httpx")]  # the test's own client
    assert len(ours) == 3
    assert secret not in "".join(record.getMessage() + str(record.__dict__) for record in ours)


def test_a_memory_that_fails_is_a_problem_and_not_a_way_in(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    from service.store.errors import StoreBusy, StoreFailed

    ring: KeyRing = desk.client.app.state.keys  # type: ignore[attr-defined]
    for error, code in ((StoreBusy("busy"), "store-busy"), (StoreFailed("disk full"), "store-failed")):

        def look_up(key_id: str, error: Exception = error) -> None:
            raise error

        monkeypatch.setattr(ring, "_look_up", look_up)
        answer = desk.client.get("/v1/model", headers=desk.key("read"))
        assert (answer.status_code, answer.json()["code"]) == (503, code)
        assert ("retry-after" in answer.headers) == (code == "store-busy")
