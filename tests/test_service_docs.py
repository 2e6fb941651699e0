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
from service.examples import CARD, REQUESTS, RESPONSE
from service.problems import KINDS
from service.schemas import SuggestionIn
from service.settings import PREFIX, Settings
from triage import Triaged, Triager

LIMITS = Settings(max_suggestions=7, max_characters=70)


@pytest.fixture(scope="module")
def document(root: Path) -> str:
    return (root / "docs" / "service.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def client(triager: Triager) -> Iterator[TestClient]:
    with TestClient(create_app(LIMITS, triager)) as client:
        yield client


@pytest.fixture(scope="module")
def openapi(client: TestClient) -> dict[str, Any]:
    document: dict[str, Any] = client.get("/openapi.json").json()
    return document


def section(document: str, title: str) -> str:
    return document.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def rows(text: str) -> list[list[str]]:
    return [
        [cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("| ")
    ]


def test_every_endpoint_is_documented_and_no_other(document: str, openapi: dict[str, Any]) -> None:
    there = {f"`{method.upper()} {path}`" for path, item in openapi["paths"].items() for method in item}
    told = {row[0] for row in rows(section(document, "Endpoints")) if re.match(r"`[A-Z]+ /", row[0])}
    assert told == there | {"`GET /openapi.json`"}


def test_every_setting_is_documented_with_its_default(document: str) -> None:
    told = {row[0]: row[1] for row in rows(section(document, "Settings"))[1:]}
    there = {}
    for name, field in Settings.model_fields.items():
        default = f"{field.default:g}" if isinstance(field.default, float) else str(field.default)
        there[f"`{PREFIX}{name.upper()}`"] = "" if field.default in (None, ()) else f"`{default}`"
    assert told == there


def test_every_problem_is_documented_with_its_status(document: str) -> None:
    told = {row[1].strip("`"): int(row[0]) for row in rows(section(document, "Errors"))[1:]}
    assert told == {code: kind.status for code, kind in KINDS.items()}


def test_every_field_is_documented(document: str) -> None:
    asked, _, answered = section(document, "Endpoints").partition("The answer is")
    names = {name for row in rows(asked) for name in re.findall(r"`(\w+)`", row[0])}
    assert names == set(SuggestionIn.model_fields)
    names = {name for row in rows(answered) for name in re.findall(r"`(\w+)`", row[0])}
    assert names == set(Triaged.__dataclass_fields__)


def test_the_commands_of_the_document_work(document: str, client: TestClient) -> None:
    commands = re.findall(r"^    (curl .*(?:\n      .*|\n    \}')*)", document, flags=re.MULTILINE)
    assert len(commands) == 6
    for command in commands:
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
    assert schemas["TriageRequest"]["properties"]["suggestions"]["maxItems"] == LIMITS.max_suggestions
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
                if status != "200":
                    assert list(response["content"]) == ["application/problem+json"]
                    for code, example in response["content"]["application/problem+json"]["examples"].items():
                        assert example["value"]["status"] == int(status) == KINDS[code].status
                        codes.add(code)
    assert codes == KINDS.keys() - {"not-found", "method-not-allowed"}, "those two belong to no endpoint"


def test_every_endpoint_and_field_says_what_it_is(openapi: dict[str, Any]) -> None:
    for path, item in openapi["paths"].items():
        for operation in item.values():
            assert operation["summary"], path
            assert operation["description"], path
    for name in ("SuggestionIn", "ProblemDocument"):
        for field, schema in openapi["components"]["schemas"][name]["properties"].items():
            assert schema.get("description"), f"{name}.{field}"


def test_the_example_answer_is_a_record(openapi: dict[str, Any], triager: Triager) -> None:
    content = openapi["paths"]["/v1/triage"]["post"]["responses"]["200"]["content"]["application/json"]
    assert content["example"] == RESPONSE
    (record,) = TypeAdapter(list[Triaged]).validate_python(RESPONSE["results"])
    assert json.loads(json.dumps(record.to_dict())) == RESPONSE["results"][0]
    named = {score.unit for score in (*record.lead, *record.co)} | {entry.unit for entry in record.evidence}
    assert named <= set(triager.units), "the example was answered by a model of examples/cases.csv"


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
