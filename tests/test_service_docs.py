"""docs/service.md and OpenAPI say what the service does: endpoints, settings, errors, limits, examples."""

from __future__ import annotations

import ast
import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from pydantic import TypeAdapter

from service.app import create_app
from service.problems import KINDS
from service.settings import PREFIX, Settings
from service.shapes.answers import CheckResponse, DuplicatesResponse, HotTopics, PrecedentsResponse
from service.shapes.examples import CARD, REQUESTS, RESPONSE
from service.shapes.examples_check import CHECKED, CHECKS
from service.shapes.examples_duplicates import DUPLICATES, FOUND, HOT, HOT_TOPICS, PRECEDENTS, PRECEDENTS_FOUND
from service.shapes.options import CheckRequest, DuplicatesRequest, HotRequest, OnlyIn, PrecedentsRequest
from service.shapes.schemas import SuggestionIn, SuggestionsIn
from triage import Triaged, Triager
from triage.datasets import read_cases

LIMITS = Settings(max_suggestions=7, max_characters=170)
OF_JOBS = {"job-given-up"}
"""What stands in `problem` of a job that failed, and is no answer of an endpoint."""
OPTIONS = {"check": CheckRequest, "duplicates": DuplicatesRequest, "precedents": PrecedentsRequest, "hot": HotRequest}
ANSWERS = {"check": CheckResponse, "duplicates": DuplicatesResponse, "precedents": PrecedentsResponse, "hot": HotTopics}


@pytest.fixture(scope="module")
def document(root: Path) -> str:
    return (root / "docs" / "service.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def client(triager: Triager, root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    file = tmp_path_factory.mktemp("index") / "history.index"
    with triager.index(file, create=True) as index:
        index.add(read_cases(root / "examples" / "cases.csv"))
    with TestClient(create_app(LIMITS.model_copy(update={"index": file}), triager)) as client:
        yield client


@pytest.fixture(scope="module")
def openapi(client: TestClient) -> dict[str, Any]:
    document: dict[str, Any] = client.get("/openapi.json").json()
    return document


def section(document: str, title: str) -> str:
    return document.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def endpoint(document: str, name: str) -> str:
    return document.partition(f"\n### `POST /v1/{name}`\n")[2].partition("\n### ")[0].partition("\n## ")[0]


def names(table: str) -> set[str]:
    return {name for row in rows(table) for name in re.findall(r"`(\w+)`", row[0])}


def rows(text: str) -> list[list[str]]:
    return [
        [cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("| ")
    ]


def test_every_endpoint_is_documented_and_no_other(document: str, openapi: dict[str, Any]) -> None:
    there = {f"`{method.upper()} {path}`" for path, item in openapi["paths"].items() for method in item}
    told = {row[0] for row in rows(section(document, "Endpoints")) if re.match(r"`[A-Z]+ /", row[0])}
    assert told == there | {"`GET /openapi.json`", "`GET /openapi-3.0.json`"}


def test_every_setting_is_documented_with_its_default(document: str) -> None:
    told = {row[0]: row[1] for row in rows(section(document, "Settings"))[1:]}
    there = {}
    for name, field in Settings.model_fields.items():
        default = f"{field.default:g}" if isinstance(field.default, float) else str(field.default)
        there[f"`{PREFIX}{name.upper()}`"] = "" if field.default in (None, (), "") else f"`{default}`"
    assert told == there


def test_every_problem_is_documented_with_its_status(document: str) -> None:
    told = {row[1].strip("`"): int(row[0]) for row in rows(section(document, "Errors"))[1:]}
    assert told == {code: kind.status for code, kind in KINDS.items()}


def test_every_field_is_documented(document: str) -> None:
    asked, _, answered = endpoint(document, "triage").partition("The answer is")
    assert names(asked) == set(SuggestionIn.model_fields)
    assert names(answered) == set(Triaged.__dataclass_fields__)


def test_every_option_is_documented_with_its_default(document: str) -> None:
    for path, request in OPTIONS.items():
        asked = endpoint(document, path).partition("| in the answer |")[0].partition("| in `only` |")
        there = {name: field for name, field in request.model_fields.items() if name not in SuggestionsIn.model_fields}
        assert names(asked[0]) == set(there), path
        for row in rows(asked[0])[1:]:
            for name in re.findall(r"`(\w+)`", row[0]):
                default = there[name].default
                assert row[1] == ("" if default in (None, OnlyIn()) else f"`{json.dumps(default)}`".replace('"', "")), (
                    name
                )
        assert names(asked[2]) == (set(OnlyIn.model_fields) if path == "duplicates" else set()), path


def test_what_an_answer_holds_is_documented(document: str) -> None:
    for path, answer in ANSWERS.items():
        assert names(endpoint(document, path).partition("| in the answer |")[2]) == set(answer.model_fields), path


def test_the_commands_of_the_document_work(document: str, client: TestClient) -> None:
    commands = re.findall(r"^    (curl .*(?:\n      .*|\n    \}')*)", document, flags=re.MULTILINE)
    plain = [command for command in commands if "$KEY" not in command]  # tests/test_service_examples.py has the others
    assert len(plain) == 10
    for command in plain:
        words = shlex.split(command)
        path = next(word for word in words if word.startswith("http://")).removeprefix("http://127.0.0.1:8000")
        if "-d" in words:
            header, _, value = words[words.index("-H") + 1].partition(": ")
            answer = client.post(path, content=words[words.index("-d") + 1].encode(), headers={header: value})
        elif "--data-binary" in words:
            header, _, value = words[words.index("-H") + 1].partition(": ")
            content = json.dumps(REQUESTS["title"]["value"], ensure_ascii=False).encode("gb18030")
            answer = client.post(path, content=content, headers={header: value})
        else:
            answer = client.get(path)
        assert answer.status_code == 200, command


# --- OpenAPI ---------------------------------------------------------------------------------------------------------


def test_the_limits_that_are_set_stand_in_openapi(openapi: dict[str, Any]) -> None:
    schemas = openapi["components"]["schemas"]
    for name in ("TriageRequest", *(request.__name__ for request in OPTIONS.values())):
        assert schemas[name]["properties"]["suggestions"]["maxItems"] == LIMITS.max_suggestions
    assert schemas["SuggestionIn"]["properties"]["text"]["maxLength"] == LIMITS.max_characters


def test_every_reference_leads_somewhere(openapi: dict[str, Any]) -> None:
    names = set(re.findall(r'"#/components/schemas/(\w+)"', json.dumps(openapi)))
    assert names <= openapi["components"]["schemas"].keys()
    assert {"ProblemDocument", "Triaged", "Finding"} <= names


def test_every_error_is_a_problem_document_in_openapi(openapi: dict[str, Any]) -> None:
    codes = set()
    for item in openapi["paths"].values():
        for operation in item.values():
            for status, response in operation["responses"].items():
                if int(status) >= 400:
                    assert list(response["content"]) == ["application/problem+json"]
                    for code, example in response["content"]["application/problem+json"]["examples"].items():
                        assert example["value"]["status"] == int(status) == KINDS[code].status
                        codes.add(code)
    assert codes == KINDS.keys() - OF_JOBS - {"method-not-allowed"}, "that one belongs to no endpoint"


def test_every_endpoint_and_field_says_what_it_is(openapi: dict[str, Any]) -> None:
    for path, item in openapi["paths"].items():
        for operation in item.values():
            assert operation["summary"], path
            assert operation["description"], path
    own = ("SuggestionIn", "ProblemDocument", "OnlyIn", "Ready", "Member", "MeetingItem", "Side", "HotTopic")
    for name in (*own, *(request.__name__ for request in OPTIONS.values())):
        for field, schema in openapi["components"]["schemas"][name]["properties"].items():
            assert schema.get("description"), f"{name}.{field}"


def test_the_example_answer_is_a_record(openapi: dict[str, Any], triager: Triager) -> None:
    content = openapi["paths"]["/v1/triage"]["post"]["responses"]["200"]["content"]["application/json"]
    assert content["example"] == RESPONSE
    (record,) = TypeAdapter(list[Triaged]).validate_python(RESPONSE["results"])
    assert json.loads(json.dumps(record.to_dict())) == RESPONSE["results"][0]
    named = {score.unit for score in (*record.lead, *record.co)} | {entry.unit for entry in record.evidence}
    assert named <= set(triager.units), "the example was answered by a model of examples/cases.csv"


@pytest.mark.parametrize(
    ("path", "examples"), [("check", CHECKS), ("duplicates", DUPLICATES), ("precedents", PRECEDENTS), ("hot", HOT)]
)
def test_the_examples_are_answered(
    client: TestClient, openapi: dict[str, Any], path: str, examples: dict[str, Any]
) -> None:
    offered = openapi["paths"][f"/v1/{path}"]["post"]["requestBody"]["content"]["application/json"]["examples"]
    assert offered == examples
    for name, example in examples.items():
        answer = client.post(f"/v1/{path}", json=example["value"])
        assert answer.status_code == 200, name
        assert ANSWERS[path].model_validate(answer.json()), name


@pytest.mark.parametrize(
    ("path", "example"),
    [("check", CHECKED), ("duplicates", FOUND), ("precedents", PRECEDENTS_FOUND), ("hot", HOT_TOPICS)],
)
def test_the_example_answers_are_records(openapi: dict[str, Any], path: str, example: dict[str, Any]) -> None:
    content = openapi["paths"][f"/v1/{path}"]["post"]["responses"]["200"]["content"]["application/json"]
    assert content["example"] == example
    read = ANSWERS[path].model_validate(example)
    assert json.loads(read.model_dump_json(exclude_unset=True)) == example


def test_the_example_answers_say_what_is_answered(client: TestClient) -> None:
    (found,) = FOUND["results"]
    answer = client.post("/v1/duplicates", json=DUPLICATES["two"]["value"]).json()
    assert found["id"] == answer["results"][0]["id"]
    assert found["duplicates"][0]["id"] in [hit["id"] for hit in answer["results"][0]["duplicates"]]
    assert [entry["representative"] for entry in answer["proposals"]] == [
        entry["representative"] for entry in FOUND["proposals"]
    ]
    hot = client.post("/v1/hot", json=HOT["month"]["value"]).json()
    for key in ("texts", "texts_before", "since", "until", "before", "least", "notices"):
        assert hot[key] == HOT_TOPICS[key], key
    for topic, shown in zip(hot["topics"], HOT_TOPICS["topics"], strict=True):
        assert set(topic["members"]) <= set(shown["members"]), "the example knew a sentence encoder, too"


def test_the_example_card_has_what_a_card_has(openapi: dict[str, Any], client: TestClient) -> None:
    content = openapi["paths"]["/v1/model"]["get"]["responses"]["200"]["content"]["application/json"]
    assert content["example"] == CARD
    card = client.get("/v1/model").json()
    assert card.keys() == CARD.keys()
    for part in ("lead", "promise"):
        assert card[part].keys() == CARD[part].keys(), part


def test_no_page_asks_the_internet_for_scripts(client: TestClient) -> None:
    assert client.get("/docs").status_code == client.get("/redoc").status_code == 404


def test_no_function_of_the_service_is_long(root: Path) -> None:
    for path in (root / "service").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno:
                assert node.end_lineno - node.lineno < 35, f"{path.name}: {node.name}"
