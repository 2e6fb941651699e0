"""Errors are problem documents (RFC 9457) with a stable code, wherever they arise."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar

import pytest
from fastapi.testclient import TestClient

from service.app import create_app
from service.problems import KINDS, MEDIA_TYPE, ProblemDocument
from service.settings import Settings
from triage import InputError, TriageError

if TYPE_CHECKING:
    from tests.conftest import Desk

MEMBERS = {"type", "title", "title_zh", "status", "detail", "detail_zh", "instance", "code"}
ASK: dict[str, Any] = {"suggestions": [{"title": "关于给青石巷加装路灯的建议"}]}


class Refusing:
    """A library that raises what it is told to."""

    card: ClassVar[dict[str, Any]] = {"model": "refusing"}

    def __init__(self) -> None:
        self.error: Exception = ValueError()

    def triage(self, suggestions: Any, *, history: Any = None, precheck: Any = None) -> Any:
        raise self.error


@pytest.fixture
def library() -> Refusing:
    return Refusing()


@pytest.fixture
def client(library: Refusing) -> Iterator[TestClient]:
    with TestClient(create_app(Settings(), library)) as client:  # type: ignore[arg-type]
        yield client


def test_an_unknown_path(client: TestClient) -> None:
    answer = client.get("/v1/nothing here", headers={"X-Request-ID": "r-1"})
    assert answer.headers["content-type"] == MEDIA_TYPE
    assert answer.json() == {
        "type": "/v1/problems#not-found",
        "title": "There is nothing under this path",
        "title_zh": "没有这项内容",
        "status": 404,
        "detail": "There is nothing under this path. Check the path; /openapi.json lists them.",
        "detail_zh": "请检查路径和编号；/openapi.json 列出了全部路径。",
        "instance": "/v1/nothing%20here#r-1",
        "code": "not-found",
    }


@pytest.mark.parametrize("path", ["/v2", "/docs", "/v1", "/v1/triage/", "/v1/建议", "/%ff", "/../etc/passwd"])
def test_every_unknown_path_is_a_problem_document(client: TestClient, path: str) -> None:
    answer = client.post(path, json=ASK)
    assert (answer.status_code, answer.json()["code"]) == (404, "not-found")
    assert answer.json()["instance"].isascii()


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [("GET", "/v1/triage", "POST"), ("DELETE", "/v1/triage", "POST"), ("POST", "/v1/health", "GET")],
)
def test_a_wrong_method(client: TestClient, method: str, path: str, allowed: str) -> None:
    answer = client.request(method, path)
    assert (answer.status_code, answer.json()["code"]) == (405, "method-not-allowed")
    assert answer.headers["allow"] == allowed
    assert answer.headers["content-type"] == MEDIA_TYPE
    assert f"allowed here: {allowed}" in answer.json()["detail"]


def test_the_library_refuses_the_input(client: TestClient, library: Refusing) -> None:
    library.error = InputError("suggestion 0: no text is left. Give another.")
    answer = client.post("/v1/triage", json=ASK)
    assert (answer.status_code, answer.json()["code"]) == (422, "unusable-input")
    assert answer.json()["detail"] == "suggestion 0: no text is left. Give another."


@pytest.mark.parametrize(
    "error", [TriageError("models/secret place: broken"), KeyError("secret"), MemoryError("secret"), RecursionError()]
)
def test_a_fault_says_nothing_of_the_inside(client: TestClient, library: Refusing, error: Exception) -> None:
    library.error = error
    answer = client.post("/v1/triage", json=ASK, headers={"X-Request-ID": "r-2"})
    assert (answer.status_code, answer.json()["code"]) == (500, "internal-error")
    assert answer.headers["content-type"] == MEDIA_TYPE
    assert answer.headers["x-request-id"] == "r-2"
    assert answer.json()["instance"] == "/v1/triage#r-2"
    assert "secret" not in answer.text


def test_after_a_fault_the_service_goes_on(client: TestClient, library: Refusing) -> None:
    for _ in range(40):
        assert client.post("/v1/triage", json=ASK).status_code == 500
    assert client.get("/v1/ready").status_code == 200


def test_every_document_has_the_members_of_the_rfc(client: TestClient) -> None:
    answers = [
        client.get("/x"),
        client.put("/v1/model"),
        client.post("/v1/triage", json=ASK),
        client.post("/v1/triage"),
    ]
    for answer in answers:
        document = answer.json()
        assert set(document) - {"errors"} == MEMBERS
        assert document["status"] == answer.status_code == KINDS[document["code"]].status
        assert document["title"] == KINDS[document["code"]].title
        assert ProblemDocument.model_validate(document).type == f"/v1/problems#{document['code']}"


def test_an_unknown_parameter_is_told_with_those_that_there_are(desk: Desk) -> None:
    answer = desk.client.get("/v1/suggestions", params={"stat": "open"}, headers=desk.key("read"))
    assert answer.status_code == 422
    assert answer.json()["detail"].startswith("#/stat: unknown parameter; allowed are state, source, session, unit, ")
    assert "cursor" in answer.json()["detail"]


def test_the_type_leads_to_an_explanation(client: TestClient) -> None:
    path, _, code = client.get("/x").json()["type"].partition("#")
    explained = {kind["code"]: kind for kind in client.get(path).json()}
    assert explained[code]["remedy"] == KINDS[code].remedy
    assert set(explained) == set(KINDS)


@pytest.mark.parametrize("code", KINDS)
def test_every_kind_has_an_error_status_and_a_remedy(code: str) -> None:
    kind = KINDS[code]
    assert 400 <= kind.status < 600
    assert kind.title
    assert kind.remedy.endswith(".")
    assert code == code.lower()
    assert code.replace("-", "").isalpha()
