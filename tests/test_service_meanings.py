"""Every field of the OpenAPI document says what it means, and no meaning is kept that none has."""

from __future__ import annotations

from typing import Any

import pytest

from service.app import create_app
from service.settings import Settings
from service.shapes.meanings import MEANINGS, explain


@pytest.fixture(scope="module")
def schemas() -> dict[str, Any]:
    found: dict[str, Any] = create_app(Settings()).openapi()["components"]["schemas"]
    return found


def test_every_field_says_what_it_means(schemas: dict[str, Any]) -> None:
    silent = [
        f"{name}.{field}"
        for name, schema in schemas.items()
        for field, told in schema.get("properties", {}).items()
        if not told.get("description")
    ]
    assert silent == []


def test_every_meaning_is_one_of_a_field(schemas: dict[str, Any]) -> None:
    told = {
        wanted
        for name, schema in schemas.items()
        for field, property_ in schema.get("properties", {}).items()
        for wanted in (f"{name}.{field}", field)
        if property_["description"] == MEANINGS.get(wanted)
    }
    assert sorted(MEANINGS.keys() - told) == []


def test_what_a_class_says_itself_stands() -> None:
    own = {"type": "string", "description": "its own words"}
    document = {"components": {"schemas": {"Some": {"properties": {"id": dict(own), "text": {"type": "string"}}}}}}
    explain(document)
    fields: Any = document["components"]["schemas"]["Some"]["properties"]
    assert fields["id"] == own
    assert fields["text"]["description"] == MEANINGS["text"]
