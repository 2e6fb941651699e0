"""POST /v1/triage: the library's own records, in order; every other body gets a problem document, never a 500."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields
from datetime import date as Date
from typing import Any

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from service.app import create_app
from service.served.model import Answering
from service.settings import Settings
from service.shapes.examples import BUS, COMPOST, LAMP, REQUESTS
from service.shapes.schemas import SuggestionIn
from triage import Suggestion, Triaged, Triager

JSON = {"Content-Type": "application/json"}
PLAIN = {"title": "关于更换村卫生室血压计的建议"}


@pytest.fixture(scope="module")
def client(triager: Triager) -> Iterator[TestClient]:
    settings = Settings(max_suggestions=5, max_characters=1_000, max_body_bytes=40_000)
    with TestClient(create_app(settings, triager)) as client:
        yield client


def post(client: TestClient, *suggestions: Any) -> Any:
    return client.post("/v1/triage", json={"suggestions": list(suggestions)})


def problem(answer: Any, status: int, code: str) -> dict[str, Any]:
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    document: dict[str, Any] = answer.json()
    assert document["status"] == status
    assert document["detail"]
    return document


# --- service = library -----------------------------------------------------------------------------------------------


def library_record(values: dict[str, Any]) -> Suggestion:
    day = Date.fromisoformat(values["date"]) if "date" in values else None
    return Suggestion(**values | {"date": day, "proposers": tuple(values.get("proposers", ()))})


def test_the_service_answers_what_the_library_answers(client: TestClient, triager: Triager) -> None:
    asked = [BUS, COMPOST | {"proposers": ["甲", "乙"]}, LAMP | {"confidential": True}, PLAIN, {"text": BUS["text"]}]
    expected = triager.triage([library_record(values) for values in asked])
    answer = post(client, *asked)
    assert answer.status_code == 200
    assert answer.json()["results"] == json.loads(json.dumps([triaged.to_dict() for triaged in expected]))
    read_back = TypeAdapter(list[Triaged]).validate_python(answer.json()["results"])
    assert read_back == expected, "the documented response model is the record itself"


def test_one_alone_is_answered_as_in_company(client: TestClient) -> None:
    together = post(client, BUS, COMPOST, LAMP).json()["results"]
    assert [result["id"] for result in together] == [BUS["id"], COMPOST["id"], LAMP["id"]]
    assert [post(client, values).json()["results"][0] for values in (BUS, COMPOST, LAMP)] == together


def test_the_same_text_gets_the_same_bytes(client: TestClient) -> None:
    assert post(client, BUS, LAMP).content == post(client, BUS, LAMP).content


def test_callers_at_the_same_time_get_their_own_answers(client: TestClient) -> None:
    asked = [{"id": str(number), "title": f"{BUS['title']}之{number}", "text": COMPOST["text"]} for number in range(12)]
    alone = [post(client, values).json() for values in asked]
    with ThreadPoolExecutor(6) as callers:
        together = list(callers.map(lambda values: post(client, values).json(), asked))
    assert together == alone


def test_texts_without_ids_are_told_apart_by_their_place(client: TestClient) -> None:
    results = post(client, PLAIN, {"title": LAMP["title"]}, PLAIN).json()["results"]
    assert [result["id"] for result in results] == ["", "", ""]
    assert results[0] == results[2] != results[1]


def test_the_request_has_every_field_of_the_record() -> None:
    assert list(SuggestionIn.model_fields) == [field.name for field in fields(Suggestion)]
    filled = BUS | {"proposers": ["甲"], "confidential": True}
    assert SuggestionIn.model_validate(filled).record() == library_record(filled)
    assert SuggestionIn(title="a").record() == Suggestion(title="a")


@pytest.mark.parametrize("name", REQUESTS)
def test_the_examples_are_answered(client: TestClient, name: str) -> None:
    value = REQUESTS[name]["value"]
    answer = client.post("/v1/triage", json=value)
    assert answer.status_code == 200
    assert len(answer.json()["results"]) == len(value["suggestions"])


# --- shape -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "pointer", "words"),
    [
        ([PLAIN], "#", 'send {"suggestions": [{"title": …}, …]}'),
        (PLAIN, "#", "One suggestion is sent as a list, too"),
        (None, "#", "an object is expected"),
        (3, "#", "an object is expected"),
        ({}, "#/suggestions", "is missing"),
        ({"suggestions": PLAIN}, "#/suggestions", "a list is expected"),
        ({"suggestions": []}, "#/suggestions", "at least one"),
        ({"suggestions": [PLAIN, {"titel": "a"}]}, "#/suggestions/1", "unknown field 'titel'; allowed are id, title"),
        ({"suggestions": [PLAIN, {"id": "7"}]}, "#/suggestions/1", "title and text are both empty"),
        ({"suggestions": [{"title": " ", "text": "\n"}]}, "#/suggestions/0", "title and text are both empty"),
        ({"suggestions": [PLAIN | {"id": 7}]}, "#/suggestions/0/id", "text is expected"),
        ({"suggestions": [PLAIN | {"id": "7" * 201}]}, "#/suggestions/0/id", "at most 200"),
        ({"suggestions": [PLAIN | {"date": 20250301}]}, "#/suggestions/0/date", "2025-03-01"),
        ({"suggestions": [PLAIN | {"date": "2025-03-01T10:00:00"}]}, "#/suggestions/0/date", "2025-03-01"),
        ({"suggestions": [PLAIN | {"date": "2025-02-30"}]}, "#/suggestions/0/date", "date"),
        ({"suggestions": [PLAIN | {"confidential": "yes"}]}, "#/suggestions/0/confidential", "true or false"),
        ({"suggestions": [PLAIN | {"proposers": ["甲", 1]}]}, "#/suggestions/0/proposers/1", "text is expected"),
        ({"suggestions": [PLAIN | {"id": "a"}] * 2}, "#/suggestions", "0 and 1 (counted from 0) have the same id"),
    ],
)
def test_a_wrong_shape_is_answered_with_its_place(client: TestClient, body: Any, pointer: str, words: str) -> None:
    answer = client.post("/v1/triage", content=json.dumps(body), headers=JSON)
    document = problem(answer, 422, "invalid-request")
    assert [finding["pointer"] for finding in document["errors"]] == [pointer]
    assert words in document["errors"][0]["detail"]
    assert words in document["detail"], "who reads only the detail can mend it, too"


def test_every_finding_is_listed_up_to_twenty() -> None:
    with TestClient(create_app(Settings(), None)) as client:
        client.app.state.model.answering = Answering(object())  # type: ignore[attr-defined,arg-type]
        few = post(client, {"title": 1, "date": 2, "wish": 3}, PLAIN, {"text": 4})
        many = post(client, *[{"title": 1}] * 100)
    assert [finding["pointer"] for finding in problem(few, 422, "invalid-request")["errors"]] == [
        "#/suggestions/0/title",
        "#/suggestions/0/date",
        "#/suggestions/0/wish",
        "#/suggestions/2/text",
    ]
    assert len(problem(many, 422, "invalid-request")["errors"]) == 20
    assert "99 more" in many.json()["detail"]


@pytest.mark.parametrize("field", ["id", "title", "text", "source", "wish"])
def test_half_a_character_is_refused_where_it_stands(client: TestClient, field: str) -> None:
    body = json.dumps({"suggestions": [PLAIN | {field: "\ud83d"}]})
    document = problem(client.post("/v1/triage", content=body, headers=JSON), 422, "invalid-request")
    assert document["errors"][0]["pointer"] == f"#/suggestions/0/{field}"
    assert "half of a surrogate pair" in document["errors"][0]["detail"]


def test_a_field_name_of_half_a_character_is_answered_too(client: TestClient) -> None:
    answer = client.post("/v1/triage", content=json.dumps({"\ud83d": 1}), headers=JSON)
    assert "unknown field '?'" in problem(answer, 422, "invalid-request")["detail"]


@pytest.mark.parametrize("body", [b"{", b"suggestions", b'{"suggestions": [}', b"[" * 20_000, b"1" * 20_000, b"\x00"])
def test_what_is_not_json_is_said(client: TestClient, body: bytes) -> None:
    document = problem(client.post("/v1/triage", content=body, headers=JSON), 400, "malformed-json")
    assert "JSON" in document["detail"]


def test_an_empty_body_is_said(client: TestClient) -> None:
    answer = client.post("/v1/triage", content=b"", headers=JSON)
    assert "the body is empty" in problem(answer, 422, "invalid-request")["detail"]


# --- limits ----------------------------------------------------------------------------------------------------------


def test_too_many_suggestions(client: TestClient) -> None:
    assert post(client, *[PLAIN] * 5).status_code == 200
    document = problem(post(client, *[PLAIN] * 6), 413, "too-many-suggestions")
    assert document["detail"] == "The request has 6 suggestions; 5 are allowed. Send them in several requests."
    assert "5 are allowed" in problem(post(client, *[{"title": "a"}] * 1_001), 413, "too-many-suggestions")["detail"]


def test_too_many_characters(client: TestClient) -> None:
    assert post(client, {"title": "路" * 400, "text": "灯" * 600}).status_code == 200
    document = problem(post(client, PLAIN, {"title": "路" * 400, "text": "灯" * 601}), 413, "text-too-long")
    assert document["errors"] == [
        {"detail": "1,001 characters in title and text; 1,000 are allowed", "pointer": "#/suggestions/1"}
    ]
    assert "Shorten it" in document["detail"]
    assert "路" not in json.dumps(document, ensure_ascii=False)


def test_too_many_bytes(client: TestClient) -> None:
    document = problem(client.post("/v1/triage", content=b" " * 40_001, headers=JSON), 413, "body-too-large")
    assert "more than 40,000 bytes" in document["detail"]
    assert "Send fewer suggestions" in document["detail"]


def test_too_many_bytes_in_chunks_without_a_length(client: TestClient) -> None:
    answer = client.post("/v1/triage", content=iter([b" " * 1_000] * 41), headers=JSON)
    assert "content-length" not in answer.request.headers
    problem(answer, 413, "body-too-large")


def test_chunks_within_the_limit_are_read(client: TestClient) -> None:
    body = json.dumps({"suggestions": [PLAIN]}, ensure_ascii=False).encode()
    answer = client.post("/v1/triage", content=iter([body[:25], body[25:26], body[26:]]), headers=JSON)
    assert answer.json() == post(client, PLAIN).json()


# --- media types and charsets ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("declared", "encoding"),
    [
        ("application/json", "utf-8"),
        ("application/json", "utf-8-sig"),
        ("application/json; charset=UTF-8", "utf-8"),
        ('application/json; charset="utf8"', "utf-8"),
        ("application/json; charset=gbk", "gbk"),
        ("application/json;charset=GB2312", "gb2312"),
        ("application/json; charset=gb18030", "gb18030"),
        ("application/json; charset=utf-16", "utf-16"),
        ("application/vnd.oa+json; charset=utf-8", "utf-8"),
    ],
)
def test_charsets_that_are_read(client: TestClient, declared: str, encoding: str) -> None:
    body = json.dumps({"suggestions": [BUS]}, ensure_ascii=False).encode(encoding)
    answer = client.post("/v1/triage", content=body, headers={"Content-Type": declared})
    assert answer.status_code == 200
    assert answer.json() == post(client, BUS).json()


def test_undeclared_gb18030_is_refused_with_the_remedy(client: TestClient) -> None:
    body = json.dumps({"suggestions": [BUS]}, ensure_ascii=False).encode("gb18030")
    document = problem(client.post("/v1/triage", content=body, headers=JSON), 400, "wrong-encoding")
    assert "charset=gb18030" in document["detail"]


@pytest.mark.parametrize("charset", ["big5", "latin-1", "base64", "rot13", "no such", "utf-7", "\x00", "路"])
def test_other_charsets_are_refused(client: TestClient, charset: str) -> None:
    headers = {"Content-Type": f"application/json; charset={charset}".encode()}
    answer = client.post("/v1/triage", content=b"{}", headers=headers)
    assert "gb18030" in problem(answer, 415, "unsupported-charset")["detail"]


@pytest.mark.parametrize("declared", ["", "text/plain", "application/x-www-form-urlencoded", "json", "multipart/json"])
def test_other_media_types_are_refused(client: TestClient, declared: str) -> None:
    headers = {"Content-Type": declared} if declared else {}
    answer = client.post("/v1/triage", content=json.dumps({"suggestions": [PLAIN]}), headers=headers)
    assert "Send Content-Type: application/json" in problem(answer, 415, "unsupported-media-type")["detail"]


def test_a_compressed_body_is_refused(client: TestClient) -> None:
    answer = client.post("/v1/triage", content=b"x", headers=JSON | {"Content-Encoding": "gzip"})
    assert "Content-Encoding" in problem(answer, 415, "unsupported-media-type")["detail"]


# --- properties ------------------------------------------------------------------------------------------------------

TEXT = st.text(st.characters(exclude_categories=[]), max_size=30)
VALUE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)
NEARLY = st.dictionaries(st.sampled_from(list(SuggestionIn.model_fields)) | TEXT, VALUE | TEXT, max_size=6)
BODY = VALUE | st.fixed_dictionaries({"suggestions": VALUE | st.lists(NEARLY | VALUE, max_size=7)})


@given(body=BODY)
def test_no_json_breaks_the_service(client: TestClient, body: Any) -> None:
    answer = client.post("/v1/triage", content=json.dumps(body), headers=JSON)
    assert answer.status_code in {200, 400, 413, 422}, answer.text
    if answer.status_code == 200:
        assert len(answer.json()["results"]) == len(body["suggestions"])
    else:
        assert answer.json()["status"] == answer.status_code


@given(body=st.binary(max_size=60), declared=st.sampled_from(["application/json", "application/json; charset=gbk"]))
def test_no_bytes_break_the_service(client: TestClient, body: bytes, declared: str) -> None:
    answer = client.post("/v1/triage", content=body, headers={"Content-Type": declared})
    assert answer.status_code in {400, 422}
    assert answer.headers["content-type"] == "application/problem+json"


@given(title=st.text(max_size=60), text=st.text(max_size=300))
def test_any_text_is_answered_as_by_the_library(client: TestClient, triager: Triager, title: str, text: str) -> None:
    answer = post(client, {"title": title, "text": text})
    if title.strip() or text.strip():
        expected = triager.triage([Suggestion(title=title, text=text)])[0].to_dict()
        assert answer.json()["results"] == [json.loads(json.dumps(expected))]
    else:
        problem(answer, 422, "invalid-request")
