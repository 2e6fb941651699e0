"""The flattened document is valid OpenAPI 3.0, keeps every operation, and takes whatever the 3.1 document takes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from openapi_schema_validator import OAS30Validator, OAS31Validator
from openapi_spec_validator import OpenAPIV30SpecValidator, OpenAPIV31SpecValidator, validate

from service.app import create_app
from service.openapi30 import METHODS, flattened
from service.settings import Settings


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    document: dict[str, Any] = json.loads(json.dumps(create_app(Settings()).openapi()))
    return document


@pytest.fixture(scope="module")
def flat(document: dict[str, Any]) -> dict[str, Any]:
    return flattened(document)


def operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                yield f"{method} {path}", item[method]


def schemas_in(part: Any) -> Iterator[dict[str, Any]]:
    """Every object of a document that is not inside of an example."""
    if isinstance(part, list):
        for one in part:
            yield from schemas_in(one)
    elif isinstance(part, dict):
        yield part
        for name, one in part.items():
            if name not in {"example", "examples", "default", "enum"}:
                yield from schemas_in(one)


def test_operations_have_names_that_are_their_own(document: dict[str, Any]) -> None:
    names = {name: operation["operationId"] for name, operation in operations(document)}
    assert len(set(names.values())) == len(names)
    assert names["get /v1/suggestions"] == "get_suggestions"
    assert names["put /v1/suggestions/{suggestion}/decision"] == "put_suggestion_decision"
    assert names["get /v1/catalogue/versions/{number}"] == "get_catalogue_versions_by_number"
    assert names["post /v1/webhooks/{webhook}/deliveries/{delivery}/redeliver"] == "post_webhook_delivery_redeliver"
    assert names["get /metrics"] == "get_metrics"


def test_generators_find_every_schema_once(document: dict[str, Any], flat: dict[str, Any]) -> None:
    for whole in (document, flat):
        schemas = whole["components"]["schemas"]
        assert not [name for name in schemas if "__" in name], "two shapes have one name"
        assert "HTTPValidationError" not in schemas, "problems are documents of our own"
        titles = [schema["title"] for schema in schemas.values() if "title" in schema]
        assert len(titles) == len(set(titles))
    assert not [schema for schema in schemas_in(flat["components"]) if isinstance(schema.get("default"), dict)]
    form = flat["paths"]["/v1/jobs"]["post"]["requestBody"]["content"]["multipart/form-data"]["schema"]
    assert {name: part.get("format") for name, part in form["properties"].items()} == {
        "kind": None,
        "options": None,
        "file": "binary",
        "columns": None,
        "sheet": None,
    }


def of(schema: Any, schemas: dict[str, Any]) -> dict[str, Any]:
    """A schema that stands alone, with those it refers to."""
    return {"allOf": [schema], "components": {"schemas": schemas}}


def valid(validator: Any, schema: Any, document: dict[str, Any], value: Any) -> bool:
    return bool(validator(of(schema, document["components"]["schemas"])).is_valid(value))


def documented(document: dict[str, Any], flat: dict[str, Any]) -> Iterator[tuple[str, Any, Any, Any]]:
    """Every example of a body: its place, its value, and its schema in both documents."""
    other = dict(operations(flat))
    for name, operation in operations(document):
        bodies = [("", operation.get("requestBody", {}), other[name].get("requestBody", {}))]
        bodies += [
            (status, answer, other[name]["responses"][status]) for status, answer in operation["responses"].items()
        ]
        for place, body, flat_body in bodies:
            for media, content in body.get("content", {}).items():
                values = [one["value"] for one in content.get("examples", {}).values() if "value" in one]
                values += [content["example"]] if "example" in content else []
                for value in values:
                    yield (
                        f"{name} {place} {media}",
                        value,
                        content.get("schema", {}),
                        flat_body["content"][media].get("schema", {}),
                    )


def test_both_documents_are_valid(document: dict[str, Any], flat: dict[str, Any]) -> None:
    validate(document, cls=OpenAPIV31SpecValidator)
    validate(flat, cls=OpenAPIV30SpecValidator)
    assert document["openapi"].startswith("3.1")
    assert flat["openapi"] == "3.0.3"


def test_nothing_is_left_that_only_the_newer_version_knows(flat: dict[str, Any]) -> None:
    for part in schemas_in(flat):
        assert not part.keys() & {"anyOf", "oneOf", "$defs", "const", "prefixItems", "contentMediaType", "$schema"}
        assert not isinstance(part.get("type"), list)
        assert part.get("type") != "null"
        for name in ("exclusiveMinimum", "exclusiveMaximum"):
            assert isinstance(part.get(name, False), bool)
        assert not isinstance(part.get("examples"), list)
        if "$ref" in part:
            assert part.keys() == {"$ref"}, "3.0 ignores what stands beside a reference"
    for _, operation in operations(flat):
        assert "$ref" not in json.dumps(operation.get("parameters", []))


def test_every_operation_and_every_status_is_kept(document: dict[str, Any], flat: dict[str, Any]) -> None:
    kept = dict(operations(flat))
    assert kept.keys() == dict(operations(document)).keys()
    for name, operation in operations(document):
        assert kept[name]["responses"].keys() == operation["responses"].keys()
        for part in ("summary", "description", "operationId", "tags"):
            assert kept[name].get(part) == operation.get(part)
        names = [(one["in"], one["name"]) for one in operation.get("parameters", [])]
        assert [(one["in"], one["name"]) for one in kept[name].get("parameters", [])] == names
        media = operation.get("requestBody", {}).get("content", {}).keys()
        assert kept[name].get("requestBody", {}).get("content", {}).keys() == media
    assert flat["components"]["schemas"].keys() >= document["components"]["schemas"].keys()


def test_the_document_is_left_as_it_is(document: dict[str, Any]) -> None:
    before = deepcopy(document)
    flattened(document)
    assert document == before


def test_every_documented_example_is_valid_by_both(document: dict[str, Any], flat: dict[str, Any]) -> None:
    checked = 0
    for place, value, schema, flat_schema in documented(document, flat):
        assert valid(OAS31Validator, schema, document, value), place
        assert valid(OAS30Validator, flat_schema, flat, value), place
        checked += 1
    assert checked > 100


ANY = st.one_of(st.none(), st.booleans(), st.integers(-5, 5), st.text(max_size=3), st.just([]), st.just({}))


@given(data=st.data())
def test_what_the_newer_document_takes_the_older_one_takes(
    document: dict[str, Any], flat: dict[str, Any], data: st.DataObject
) -> None:
    """Documented examples, each with a few values exchanged or left out."""
    places = list(documented(document, flat))
    place, value, schema, flat_schema = data.draw(st.sampled_from(places))
    value = deepcopy(value)
    inner = [part for part in _containers(value) if part]
    for _ in range(data.draw(st.integers(0, 3)) if inner else 0):
        part = data.draw(st.sampled_from(inner))
        keys: list[Any] = list(part) if isinstance(part, dict) else list(range(len(part)))
        if not keys:
            continue
        key = data.draw(st.sampled_from(keys))
        if isinstance(part, dict) and data.draw(st.booleans()):
            del part[key]
        else:
            part[key] = data.draw(ANY)
    if valid(OAS31Validator, schema, document, value):
        assert valid(OAS30Validator, flat_schema, flat, value), place


def _containers(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [value, *(inner for one in value.values() for inner in _containers(one))]
    if isinstance(value, list):
        return [value, *(inner for one in value for inner in _containers(one))]
    return []


NULL = {"type": "null"}
SMALL: list[tuple[Any, Any]] = [
    ({"anyOf": [{"type": "string", "maxLength": 3}, NULL]}, {"type": "string", "maxLength": 3, "nullable": True}),
    ({"type": ["integer", "null"]}, {"type": "integer", "nullable": True}),
    ({"type": ["integer", "number"]}, {"type": "number"}),
    ({"type": ["integer", "string"]}, {}),
    ({"const": "a", "type": "string"}, {"type": "string", "enum": ["a"]}),
    ({"anyOf": [{"const": "a", "type": "string"}, NULL]}, {"type": "string", "enum": ["a", None], "nullable": True}),
    ({"type": "integer", "exclusiveMinimum": 0}, {"type": "integer", "minimum": 0, "exclusiveMinimum": True}),
    ({"type": "integer", "exclusiveMaximum": 9, "maximum": 5}, {"type": "integer", "maximum": 5}),
    (
        {"type": "number", "exclusiveMaximum": 5, "maximum": 9},
        {"type": "number", "maximum": 5, "exclusiveMaximum": True},
    ),
    ({"type": "string", "examples": ["x", "y"]}, {"type": "string", "example": "x"}),
    ({"type": "array"}, {"type": "array", "items": {}}),
    (
        {"type": "array", "prefixItems": [{"type": "string"}, {"type": "string"}], "items": False},
        {"type": "array", "items": {"type": "string"}},
    ),
    ({"$ref": "#/components/schemas/Unit"}, {"$ref": "#/components/schemas/Unit"}),
    (
        {"$ref": "#/components/schemas/Unit", "description": "it"},
        {"allOf": [{"$ref": "#/components/schemas/Unit"}], "description": "it"},
    ),
    (
        {"anyOf": [{"$ref": "#/components/schemas/Unit"}, NULL], "description": "it"},
        {
            "type": "object",
            "properties": {"name": {"type": "string"}},
            "required": ["name"],
            "nullable": True,
            "description": "it",
        },
    ),
    ({"anyOf": [{"$ref": "#/components/schemas/Unit"}]}, {"allOf": [{"$ref": "#/components/schemas/Unit"}]}),
    (
        {"anyOf": [{"type": "integer", "minimum": 1}, {"type": "integer", "minimum": 4, "maximum": 9}]},
        {"type": "integer", "minimum": 1},
    ),
    (
        {"oneOf": [{"enum": ["a"], "type": "string"}, {"enum": ["b"], "type": "string"}]},
        {"type": "string", "enum": ["a", "b"]},
    ),
    (
        {"anyOf": [{"type": "string", "title": "Word"}, {"type": "integer", "title": "Days"}]},
        {"description": "Word | Days"},
    ),
    (
        {"type": "object", "patternProperties": {"^a": {"type": "string"}}},
        {"type": "object", "additionalProperties": True},
    ),
    ({"type": "string", "contentMediaType": "application/octet-stream"}, {"type": "string", "format": "binary"}),
    (
        {"type": "object", "properties": {"const": {"const": 1}}},
        {"type": "object", "properties": {"const": {"enum": [1]}}},
    ),
    (True, {}),
    (False, {"not": {}}),
    (NULL, {"type": "string", "enum": [None], "nullable": True}),
    ({"enum": ["a", None], "type": ["string", "null"]}, {"enum": ["a", None], "type": "string", "nullable": True}),
]


def tiny(schema: Any) -> dict[str, Any]:
    unit = {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}
    return {
        "openapi": "3.1.0",
        "info": {"title": "t", "version": "1", "summary": "s"},
        "paths": {},
        "components": {"schemas": {"Unit": unit, "Tried": schema}},
    }


@pytest.mark.parametrize(("schema", "wanted"), SMALL)
def test_each_kind_of_schema(schema: Any, wanted: dict[str, Any]) -> None:
    made = flattened(tiny(schema))
    assert made["components"]["schemas"]["Tried"] == wanted
    assert "summary" not in made["info"]
    validate(made, cls=OpenAPIV30SpecValidator)


VALUES = st.recursive(
    ANY | st.floats(-9, 9) | st.sampled_from(["a", "b"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["name", "const"]), inner, max_size=2),
    max_leaves=4,
)


@given(pair=st.sampled_from(SMALL), value=VALUES)
def test_each_kind_of_schema_takes_what_it_took(pair: tuple[Any, Any], value: Any) -> None:
    newer, older = tiny(pair[0]), flattened(tiny(pair[0]))
    tried = {"$ref": "#/components/schemas/Tried"}
    if valid(OAS31Validator, tried, newer, value):
        assert valid(OAS30Validator, tried, older, value)


def test_inner_definitions_and_shared_parameters_are_written_out() -> None:
    document = tiny({"$defs": {"Unit": {"type": "integer"}}, "type": "array", "items": {"$ref": "#/$defs/Unit"}})
    limit = {"name": "limit", "in": "query", "schema": {"$ref": "#/components/schemas/Unit"}}
    document["components"]["parameters"] = {"Limit": limit}
    document["components"]["schemas"]["Loop"] = {
        "type": "object",
        "properties": {"inner": {"$ref": "#/components/schemas/Loop"}},
    }
    looped = {"name": "loop", "in": "query", "schema": {"$ref": "#/components/schemas/Loop"}}
    document["paths"]["/x"] = {
        "parameters": [{"$ref": "#/components/parameters/Limit"}],
        "get": {
            "parameters": [looped],
            "security": [{"bearer": ["read"]}],
            "responses": {"200": {"headers": {"ETag": {"schema": {"type": ["string", "null"]}}}}},
        },
    }
    document["components"]["securitySchemes"] = {"bearer": {"type": "http", "scheme": "bearer"}}
    made = flattened(document)
    assert made["components"]["schemas"]["Tried"]["items"] == {"$ref": "#/components/schemas/Tried_Unit"}
    assert made["components"]["schemas"]["Tried_Unit"] == {"type": "integer"}
    assert made["paths"]["/x"]["parameters"][0]["schema"]["type"] == "object"
    operation = made["paths"]["/x"]["get"]
    assert operation["security"] == [{"bearer": []}]
    assert operation["responses"]["200"]["headers"]["ETag"]["schema"] == {"type": "string", "nullable": True}
    assert "$ref" not in json.dumps(operation["parameters"])
    validate(made, cls=OpenAPIV30SpecValidator)


def test_it_is_served_without_a_key(document: dict[str, Any]) -> None:
    with TestClient(create_app(Settings())) as client:
        answer = client.get("/openapi-3.0.json")
    assert answer.status_code == 200
    assert answer.json() == flattened(document)
