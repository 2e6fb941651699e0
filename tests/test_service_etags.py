"""Versions as ETags: what If-Match and If-None-Match say."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi import APIRouter, FastAPI, Request
from fastapi.testclient import TestClient

from service.problems import add_handlers
from service.web.etags import NO_SUCH_VERSION, ExpectedOf, NeededOf, etag, expected, unchanged

router = APIRouter()


@router.get("/maybe")
def maybe(number: ExpectedOf, request: Request) -> dict[str, Any]:
    assert number == expected(request)
    return {"expected": number}


@router.get("/needed")
def needed(number: NeededOf) -> dict[str, Any]:
    return {"expected": number}


@router.get("/unchanged")
def same(request: Request) -> dict[str, Any]:
    return {"unchanged": unchanged(request, 3)}


@pytest.fixture(scope="module")
def client() -> TestClient:
    app = FastAPI()
    app.include_router(router)
    add_handlers(app)
    return TestClient(app)


@pytest.mark.parametrize(
    ("headers", "number"),
    [
        ({"If-Match": '"3"'}, 3),
        ({"If-Match": ' W/"12" '}, 12),
        ({"If-None-Match": "*"}, 0),
        ({"If-Match": '"of another service"'}, None),
        ({"If-Match": '"abc"'}, NO_SUCH_VERSION),
        ({"If-Match": '""'}, NO_SUCH_VERSION),
        ({"If-Match": '"99999999999999999999"'}, NO_SUCH_VERSION),
    ],
)
def test_the_version_that_was_seen(client: TestClient, headers: dict[str, str], number: int | None) -> None:
    for path in ("/maybe", "/needed"):
        answer = client.get(path, headers=headers)
        assert answer.json() == {"expected": number} if number is not None else answer.status_code == 422


@pytest.mark.parametrize(
    "headers",
    [
        {"If-Match": "*"},
        {"If-Match": "3"},
        {"If-Match": '"3", "4"'},
        {"If-Match": ""},
        {"If-None-Match": '"3"'},
        {"If-Match": '"3"', "If-None-Match": "*"},
    ],
)
def test_what_is_not_one_version_is_refused(client: TestClient, headers: dict[str, str]) -> None:
    answer = client.get("/maybe", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid-request")
    assert "If-Match" in answer.json()["detail_zh"]


def test_without_a_version(client: TestClient) -> None:
    assert client.get("/maybe").json() == {"expected": None}
    answer = client.get("/needed")
    assert (answer.status_code, answer.json()["code"]) == (428, "precondition-needed")


@pytest.mark.parametrize(
    ("header", "same"), [('"3"', True), ('"2", W/"3"', True), ("*", True), ('"33"', False), ("3", False), ("", False)]
)
def test_what_the_caller_has_already(client: TestClient, header: str, same: bool) -> None:
    assert client.get("/unchanged", headers={"If-None-Match": header}).json() == {"unchanged": same}
    assert etag(3) == '"3"'
