"""The interface as OpenAPI 3.0.3, for tools that know neither 3.1 nor unions: a pure function of the 3.1 document.

What 3.0 cannot say is said more loosely, never more strictly: what is valid by the 3.1 document is valid by this one.
A value or null becomes ``nullable``; other unions become one schema that takes all they take; references inside of
parameters are written out. Keywords by the OpenAPI Specification 3.0.3, section 4.7.24 (Schema Object).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any

Schema = dict[str, Any]

VERSION = "3.0.3"
PREFIX = "#/components/schemas/"
KEPT = frozenset(
    "title description default example format pattern enum required type nullable readOnly writeOnly deprecated not "
    "minimum maximum exclusiveMinimum exclusiveMaximum multipleOf minLength maxLength minItems maxItems uniqueItems "
    "minProperties maxProperties externalDocs xml".split()
)
LOWER = ("minimum", "minLength", "minItems", "minProperties")
UPPER = ("maximum", "maxLength", "maxItems", "maxProperties")
METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
MOST_DEPTH = 12
"""References inside of each other that a parameter is written out to; below that anything is taken."""


def flattened(document: Mapping[str, Any]) -> dict[str, Any]:
    """The 3.0.3 document of a 3.1 `document`, which stays as it is."""
    source = deepcopy(dict(document))
    _hoist(source)
    flat = _Flat(source.get("components", {}).get("schemas", {}))
    info = {name: value for name, value in source["info"].items() if name != "summary"}
    made: dict[str, Any] = {"openapi": VERSION, "info": info}
    made |= {name: source[name] for name in ("servers", "tags", "externalDocs") if name in source}
    if "security" in source:
        made["security"] = _unscoped(source["security"])
    made["paths"] = {path: flat.path_item(item, source) for path, item in source.get("paths", {}).items()}
    parts = source.get("components", {})
    made["components"] = {"schemas": {name: flat.schema(one) for name, one in parts.get("schemas", {}).items()}}
    schemes = {name: one for name, one in parts.get("securitySchemes", {}).items() if one["type"] != "mutualTLS"}
    if schemes:
        made["components"]["securitySchemes"] = schemes
    return made


class _Flat:
    """The schemas that references lead to, and how each part of a document is written in 3.0."""

    def __init__(self, schemas: Mapping[str, Any]) -> None:
        self.schemas = schemas

    def path_item(self, item: Mapping[str, Any], source: Mapping[str, Any]) -> dict[str, Any]:
        """One path with its operations."""
        made = dict(item)
        if "parameters" in item:
            made["parameters"] = [self.parameter(one, source) for one in item["parameters"]]
        for method in METHODS:
            if method in item:
                made[method] = self.operation(item[method], source)
        return made

    def operation(self, operation: Mapping[str, Any], source: Mapping[str, Any]) -> dict[str, Any]:
        """One operation: its parameters, its body, its answers."""
        made = dict(operation)
        if "parameters" in operation:
            made["parameters"] = [self.parameter(one, source) for one in operation["parameters"]]
        if "requestBody" in operation:
            body = _resolved(operation["requestBody"], source)
            made["requestBody"] = body | {"content": self.content(body["content"])}
        if "security" in operation:
            made["security"] = _unscoped(operation["security"])
        made["responses"] = {
            str(status): self.response(_resolved(answer, source), source)
            for status, answer in operation["responses"].items()
        }
        return made

    def parameter(self, parameter: Mapping[str, Any], source: Mapping[str, Any]) -> dict[str, Any]:
        """One parameter, or one header, without any reference."""
        made = _resolved(parameter, source)
        if "schema" in made:
            made["schema"] = self.schema(self.written_out(made["schema"]))
        if "content" in made:
            made["content"] = {
                name: one | {"schema": self.schema(self.written_out(one.get("schema", {})))}
                for name, one in made["content"].items()
            }
        return made

    def response(self, answer: Mapping[str, Any], source: Mapping[str, Any]) -> dict[str, Any]:
        """One answer."""
        made = {"description": ""} | dict(answer)
        if "content" in answer:
            made["content"] = self.content(answer["content"])
        if "headers" in answer:
            made["headers"] = {name: self.parameter(one, source) for name, one in answer["headers"].items()}
        return made

    def content(self, content: Mapping[str, Any]) -> dict[str, Any]:
        """Bodies by their media types."""
        return {
            name: dict(media) | ({"schema": self.schema(media["schema"])} if "schema" in media else {})
            for name, media in content.items()
        }

    def schema(self, schema: Any) -> Schema:
        """One schema in the words of 3.0."""
        if isinstance(schema, bool):
            return {} if schema else {"not": {}}
        made: Schema = {name: value for name, value in schema.items() if name in KEPT or name.startswith("x-")}
        if "$ref" in schema:
            made = made | {"allOf": [{"$ref": schema["$ref"]}]} if made else {"$ref": schema["$ref"]}
        for union in ("anyOf", "oneOf"):
            if union in schema:
                made = self.union(schema[union]) | made
        if "allOf" in schema:
            made["allOf"] = [*made.get("allOf", []), *(self.schema(one) for one in schema["allOf"])]
        if "not" in schema:
            made["not"] = self.schema(schema["not"])
        self._nested(made, schema)
        _types(made, schema)
        _words(made, schema)
        return made

    def union(self, branches: Sequence[Any]) -> Schema:
        """One schema that takes whatever one of the branches takes."""
        taken = [self._target(one) for one in branches]
        values = [one for one in taken if not _is_null(one)]
        if len(values) == 1:
            made = self.schema(values[0] if len(taken) > 1 else {"allOf": [branches[0]]})
        else:
            made = _together([self.schema(one) for one in values])
        return _or_null(made) if len(values) < len(taken) else made

    def written_out(self, schema: Any, depth: int = 0) -> Any:
        """The schema with what its references lead to in their place."""
        if isinstance(schema, list):
            return [self.written_out(one, depth) for one in schema]
        if not isinstance(schema, dict):
            return schema
        if "$ref" in schema:
            if depth >= MOST_DEPTH:
                return {}
            return self.written_out(self._target(schema), depth + 1)
        return {name: self.written_out(one, depth) for name, one in schema.items()}

    def _target(self, schema: Any) -> Any:
        """What a reference leads to, under the words that stand beside it."""
        beside = schema
        for _ in range(MOST_DEPTH):
            if not isinstance(schema, dict) or "$ref" not in schema:
                break
            schema = self.schemas[schema["$ref"].removeprefix(PREFIX)]
        if beside is schema or not isinstance(schema, dict):
            return schema
        return schema | {name: value for name, value in beside.items() if name != "$ref"}

    def _nested(self, made: Schema, schema: Mapping[str, Any]) -> None:
        if "properties" in schema:
            made["properties"] = {name: self.schema(one) for name, one in schema["properties"].items()}
        if "patternProperties" in schema:
            made["additionalProperties"] = True
        elif "additionalProperties" in schema:
            more = schema["additionalProperties"]
            made["additionalProperties"] = more if isinstance(more, bool) else self.schema(more)
        if "prefixItems" in schema:
            made["items"] = _together([self.schema(one) for one in [*schema["prefixItems"], schema.get("items", True)]])
            if schema.get("items") is False:
                made["items"] = _together([self.schema(one) for one in schema["prefixItems"]])
        elif "items" in schema:
            made["items"] = self.schema(schema["items"])


def _types(made: Schema, schema: Mapping[str, Any]) -> None:
    """One type, and null as ``nullable``."""
    named = schema.get("type")
    if isinstance(named, list):
        others = [one for one in named if one != "null"]
        made.pop("type")
        if len(others) == 1:
            made["type"] = others[0]
        elif set(others) == {"integer", "number"}:
            made["type"] = "number"
        if "null" in named:
            made.update(_or_null(made))
    elif named == "null":
        made.update({"type": "string", "enum": [None], "nullable": True})
    if made.get("type") == "array":
        made.setdefault("items", {})


def _words(made: Schema, schema: Mapping[str, Any]) -> None:
    """Keywords that 3.0 has under another name or in another form."""
    if "const" in schema:
        made["enum"] = [schema["const"]]
    if schema.get("examples"):
        made.setdefault("example", schema["examples"][0])
    for name, bound in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
        value = schema.get(name)
        if isinstance(value, bool) or value is None:
            continue
        inner = schema.get(bound)
        tighter = inner is None or (value >= inner if bound == "minimum" else value <= inner)
        made.pop(name)
        if tighter:
            made |= {bound: value, name: True}
    if isinstance(made.get("default"), dict):
        del made["default"]  # tools that know only 3.0 give up on one for an object
    if schema.get("contentMediaType", "application/json") != "application/json" or "contentEncoding" in schema:
        made["format"] = "byte" if schema.get("contentEncoding") == "base64" else "binary"
    if None in made.get("enum", ()) and "type" in made:
        made["nullable"] = True


def _is_null(schema: Any) -> bool:
    return isinstance(schema, dict) and (schema.get("type") == "null" or schema.get("enum") == [None])


def _or_null(schema: Schema) -> Schema:
    """The same, or null. Without a type everything is taken, null too."""
    made = dict(schema)
    if "type" not in made:
        made = {name: value for name, value in made.items() if name not in {"allOf", "not", "$ref"}}
    if "type" in made:
        made["nullable"] = True
    if "enum" in made and None not in made["enum"]:
        made["enum"] = [*made["enum"], None]
    return made


def _together(schemas: Sequence[Schema]) -> Schema:
    """One schema that takes what any of these takes."""
    if not schemas:
        return {}
    if all(one == schemas[0] for one in schemas):
        return dict(schemas[0])
    types = {one.get("type") for one in schemas}
    made: Schema = {}
    if types == {"integer", "number"}:
        made["type"] = "number"
    elif len(types) == 1 and None not in types and not any("allOf" in one or "not" in one for one in schemas):
        (made["type"],) = types
    else:
        told = [str(one.get("description") or one.get("title") or one.get("type") or "") for one in schemas]
        return {"description": " | ".join(dict.fromkeys(filter(None, told)))} if any(told) else {}
    if any(one.get("nullable") for one in schemas):
        made["nullable"] = True
    _join_limits(made, schemas)
    if made["type"] == "object":
        _join_objects(made, schemas)
    elif made["type"] == "array":
        made["items"] = _together([one.get("items", {}) for one in schemas])
    return made


def _join_limits(made: Schema, schemas: Sequence[Schema]) -> None:
    for names, choose in ((LOWER, min), (UPPER, max)):
        for name in names:
            if all(name in one for one in schemas):
                made[name] = choose(one[name] for one in schemas)
    for name in ("format", "pattern", "multipleOf", "uniqueItems"):
        if all(one.get(name) == schemas[0].get(name) for one in schemas) and name in schemas[0]:
            made[name] = schemas[0][name]
    if all("enum" in one for one in schemas):
        made["enum"] = list(dict.fromkeys(value for one in schemas for value in one["enum"]))


def _join_objects(made: Schema, schemas: Sequence[Schema]) -> None:
    names = dict.fromkeys(name for one in schemas for name in one.get("properties", {}))
    made["properties"] = {
        name: _together([one["properties"][name] for one in schemas if name in one.get("properties", {})])
        for name in names
    }
    required = set.intersection(*(set(one.get("required", ())) for one in schemas))
    if required:
        made["required"] = [name for name in names if name in required]
    if all(one.get("additionalProperties") is False for one in schemas):
        made["additionalProperties"] = False


def _resolved(part: Mapping[str, Any], source: Mapping[str, Any]) -> dict[str, Any]:
    """A parameter, body, answer or header itself, where a reference stands for it."""
    while "$ref" in part:
        found: Any = source
        for name in part["$ref"].removeprefix("#/").split("/"):
            found = found[name.replace("~1", "/").replace("~0", "~")]
        part = found
    return dict(part)


def _unscoped(security: Sequence[Mapping[str, Any]]) -> list[dict[str, list[str]]]:
    """Only OAuth may name scopes in 3.0. The description of an operation names them, too."""
    return [{name: [] for name in one} for one in security]


def _hoist(document: dict[str, Any]) -> None:
    """Bring schemas that are defined inside of others (``$defs``) to the others, under names of their own."""
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    for name in list(schemas):
        _hoist_from(schemas[name], name, schemas)
    _hoist_from(document.get("paths", {}), "Inner", schemas)


def _hoist_from(part: Any, name: str, schemas: dict[str, Any]) -> None:
    if isinstance(part, list):
        for one in part:
            _hoist_from(one, name, schemas)
    if not isinstance(part, dict):
        return
    inner = part.pop("$defs", {})
    renamed = {f"#/$defs/{one}": PREFIX + _free(f"{name}_{one}", schemas) for one in inner}
    for one, schema in inner.items():
        schemas[renamed[f"#/$defs/{one}"].removeprefix(PREFIX)] = schema
    for schema in (part, *inner.values()):
        _rename(schema, renamed)
    for one in [*part.values(), *inner.values()]:
        _hoist_from(one, name, schemas)


def _free(name: str, schemas: Mapping[str, Any]) -> str:
    while name in schemas:
        name += "_"
    return name


def _rename(part: Any, renamed: Mapping[str, str]) -> None:
    if isinstance(part, list):
        for one in part:
            _rename(one, renamed)
    elif isinstance(part, dict) and renamed:
        if part.get("$ref") in renamed:
            part["$ref"] = renamed[part["$ref"]]
        for one in part.values():
            _rename(one, renamed)
