"""The access log and the request id: one line a request, and never a word that a caller sent."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterator
from typing import Any, ClassVar
from urllib.parse import quote

import pytest
from fastapi.testclient import TestClient

from service.app import create_app
from service.logs import JsonLines
from service.settings import Settings
from triage import BundleError, Triager

JSON = {"Content-Type": "application/json"}
WORD = "青石巷"
ASK: dict[str, Any] = {"suggestions": [{"id": WORD, "title": f"关于给{WORD}加装路灯的建议"}, {"text": f"{WORD}很黑"}]}


class Faulty:
    """A library that quotes the text in its exception, as any KeyError may."""

    card: ClassVar[dict[str, Any]] = {"model": "faulty"}

    def triage(self, suggestions: Any, *, history: Any = None, precheck: Any = None) -> Any:
        raise KeyError(suggestions[0].title)


@pytest.fixture
def client(triager: Triager) -> Iterator[TestClient]:
    with TestClient(create_app(Settings(), triager)) as client:
        yield client


@pytest.fixture
def faulty() -> Iterator[TestClient]:
    with TestClient(create_app(Settings(), Faulty())) as client:  # type: ignore[arg-type]
        yield client


def lines(caplog: pytest.LogCaptureFixture, logger: str = "service.access") -> list[dict[str, Any]]:
    return [json.loads(JsonLines().format(record)) for record in caplog.records if record.name == logger]


def test_a_line_has_method_path_status_time_count_and_id(client: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "service")
    client.post("/v1/triage", json=ASK, headers={"X-Request-ID": "desk-7.42"})
    (line,) = lines(caplog)
    assert line.pop("time").endswith("+00:00")
    assert 0 < line.pop("ms") < 60_000
    assert line.pop("pid") == os.getpid()
    assert line == {
        "level": "INFO",
        "logger": "service.access",
        "message": "request",
        "method": "POST",
        "path": "/v1/triage",
        "status": 200,
        "suggestions": 2,
        "request_id": "desk-7.42",
    }


def test_what_is_refused_is_logged_too(client: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "service")
    client.get("/v1/health")
    client.post("/v1/triage", content=b"{", headers=JSON)
    client.get("/v1/triage")
    client.request("BREW", "/v1/health")
    logged = [(line["method"], line["path"], line["status"], line["suggestions"]) for line in lines(caplog)]
    assert logged == [
        ("GET", "/v1/health", 200, None),
        ("POST", "/v1/triage", 400, None),
        ("GET", "/v1/triage", 405, None),
        ("(unknown)", "/v1/health", 405, None),
    ]


def test_the_log_never_holds_a_word_that_was_sent(
    client: TestClient, faulty: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    for logger in ("httpx", "httpx2"):
        caplog.set_level(logging.CRITICAL, logger)  # the client's own log is no part of the service
    caplog.set_level(logging.DEBUG)
    body = json.dumps(ASK, ensure_ascii=False)
    for service in (client, faulty):
        service.post("/v1/triage", json=ASK)
        service.post("/v1/triage", json={"suggestions": [{WORD: WORD}]})
        service.post("/v1/triage", json={"suggestions": [{"title": WORD, "date": WORD, "confidential": WORD}]})
        service.post("/v1/triage", content=body[:-1].encode(), headers=JSON)
        service.post("/v1/triage", content=body.encode("gb18030"), headers=JSON)
        service.post("/v1/triage", content=body.encode(), headers={"Content-Type": f"text/{quote(WORD)}"})
        service.post("/v1/triage", json=ASK, headers={"X-Request-ID": WORD.encode()})
        service.get(f"/v1/{WORD}")
        service.get("/v1/health", params={"q": WORD})
        service.request(
            "GET", f"/v1/triage/{quote(WORD)}", headers={"User-Agent": WORD.encode(), "Referer": quote(WORD)}
        )
    assert len(lines(caplog)) >= 20
    written = caplog.text + "".join(JsonLines().format(record) + repr(vars(record)) for record in caplog.records)
    for form in (
        WORD,
        quote(WORD),
        WORD[:2],
        ascii(WORD)[1:-1],
        WORD.encode().decode("latin-1"),
        WORD.encode("gbk").hex(),
    ):
        assert form not in written


def test_a_fault_is_logged_with_its_place_and_not_its_message(
    faulty: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    assert faulty.post("/v1/triage", json=ASK, headers={"X-Request-ID": "r-3"}).status_code == 500
    (fault,) = [line for line in lines(caplog) if line["message"] == "fault"]
    assert (fault["level"], fault["error"], fault["request_id"]) == ("ERROR", "KeyError", "r-3")
    assert fault["where"][-1].startswith("tests/test_service_access.py:")
    assert fault["where"][-1].endswith(" triage")


def test_exceptions_of_other_loggers_lose_their_message() -> None:
    try:
        raise BundleError(WORD)
    except BundleError:
        record = logging.getLogger("other").makeRecord(
            "other", logging.ERROR, __file__, 1, "stopped", (), exc_info=__import__("sys").exc_info()
        )
    line = json.loads(JsonLines().format(record))
    assert (line["message"], line["error"]) == ("stopped", "BundleError")
    assert len(line["where"]) == 1
    assert WORD not in json.dumps(line, ensure_ascii=False)


# --- request ids -----------------------------------------------------------------------------------------------------


def test_a_plain_request_id_comes_back(client: TestClient) -> None:
    for path in ("/v1/health", "/v1/nothing"):
        assert client.get(path, headers={"X-Request-ID": "a.B-9_z"}).headers["x-request-id"] == "a.B-9_z"


@pytest.mark.parametrize("given", [None, "", "a b", "a" * 65, "路".encode(), "a/b", "<b>"])
def test_any_other_gets_a_new_one(client: TestClient, given: Any) -> None:
    headers = {} if given is None else {"X-Request-ID": given}
    ids = [client.get("/v1/health", headers=headers).headers["x-request-id"] for _ in range(2)]
    assert ids[0] != ids[1]
    assert all(len(one) == 32 and one.isalnum() for one in ids)


# --- browsers --------------------------------------------------------------------------------------------------------


def test_other_origins_are_off_by_default(client: TestClient) -> None:
    answer = client.get("/v1/health", headers={"Origin": "https://oa.example"})
    assert not [name for name in answer.headers if name.startswith("access-control")]
    asked = {"Origin": "https://oa.example", "Access-Control-Request-Method": "POST"}
    assert client.options("/v1/triage", headers=asked).status_code == 405


def test_an_origin_that_is_set_may_call_and_no_other(triager: Triager) -> None:
    with TestClient(create_app(Settings(cors_origins=("https://oa.example",)), triager)) as client:
        asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}
        preflight = client.options("/v1/triage", headers=asked | {"Origin": "https://oa.example"})
        allowed = client.post("/v1/triage", json=ASK, headers={"Origin": "https://oa.example"})
        refused = client.post("/v1/triage", content=b"{", headers=JSON | {"Origin": "https://oa.example"})
        foreign = client.post("/v1/triage", json=ASK, headers={"Origin": "https://else.example"})
    assert preflight.status_code == 200
    assert preflight.headers["x-request-id"]
    for answer in (preflight, allowed, refused):
        assert answer.headers["access-control-allow-origin"] == "https://oa.example"
    assert "access-control-allow-origin" not in foreign.headers
