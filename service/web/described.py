"""What the OpenAPI document says of every operation beside its own words: the key it needs, and what can go wrong.

An endpoint names only the problems that are its own (`documented`). What its dependencies and its body bring with them
is added here: `ReadCaller` and its like, `StoreOf`, `OnceOf`, `NeededOf`, a JSON body, parameters.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from service.problems import MEDIA_TYPE, documented
from service.web import caller, etags, idempotency
from service.web.body import JsonRoute, takes_json
from service.web.dependencies import store_of

SCHEMES = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "A key as `triage keys add` prints it: tk_…"},
    "header": {"type": "apiKey", "in": "header", "name": caller.HEADER, "description": "The same key, in this header"},
}
_SECONDS = {"description": "Seconds after which to try again", "schema": {"type": "integer", "minimum": 1}}
_TEXT = {"type": "string"}
HEADERS: dict[str, dict[str, Any]] = {
    "401": {"WWW-Authenticate": {"description": "How to send a key", "schema": _TEXT, "required": True}},
    "429": {
        "Retry-After": _SECONDS | {"required": True},
        "RateLimit": {"description": "What is left, and when the next comes back", "schema": _TEXT},
        "RateLimit-Policy": {"description": "Requests a minute of this key", "schema": _TEXT},
    },
    "503": {"Retry-After": _SECONDS},
}
"""What an answer with this status says in its headers."""
STORE = ("no-memory", "store-busy", "store-failed")
BODY = (
    "malformed-json",
    "wrong-encoding",
    "body-too-slow",
    "body-too-large",
    "unsupported-media-type",
    "unsupported-charset",
    "invalid-request",
)
OF_DEPENDENCIES: dict[Any, tuple[str, ...]] = {
    store_of: STORE,
    idempotency.remembering: ("invalid-request", "idempotency-mismatch"),
    etags.maybe_expected: ("invalid-request", "changed"),
    etags.needed_expected: ("precondition-needed",),
}


def describe(document: dict[str, Any], routes: Sequence[APIRoute]) -> None:
    """Add to an OpenAPI document what holds for the operations of `routes`."""
    document["components"]["securitySchemes"] = SCHEMES
    for route in routes:
        for method in route.methods or ():
            operation = document["paths"].get(route.path_format, {}).get(method.lower())
            if operation is not None:
                operation["operationId"] = operation_id(method, route.path_format)
                _describe(operation, route)


def operation_id(method: str, path: str) -> str:
    """The name that generated clients give to an operation, made of what never changes: method and path.

    ``get_suggestions`` lists, ``get_suggestion`` is of one, ``put_suggestion_decision`` of something of it.
    """
    words = [method.lower()]
    for part in path.strip("/").removeprefix("v1/").split("/"):
        one = part.strip("{}")
        if one == part:
            words.append(part)
        elif words[-1] in {f"{one}s", f"{one.removesuffix('y')}ies"}:
            words[-1] = one
        else:
            words += ["by", one]
    return "_".join(words)


def scopes_of(route: APIRoute) -> list[str]:
    """The scopes that an operation asks for; empty for one that is open to everybody."""
    return [needs.scope for needs in caller.needs_of(route.dependant)]


def _describe(operation: dict[str, Any], route: APIRoute) -> None:
    scopes = scopes_of(route)
    if scopes:
        # OpenAPI 3.1 lets any scheme name its roles; a key is enough where the service has no memory, too.
        operation["security"] = [{name: scopes} for name in SCHEMES]
        operation["description"] += f"\n\nScope: `{'`, `'.join(scopes)}`."
    _restore_examples(operation, route)
    responses = operation["responses"]
    if "HTTPValidationError" in str(responses.get("422")):
        del responses["422"]
    for status, response in documented(*_codes(route)).items():
        there = responses.setdefault(str(status), response)
        if there is not response:
            there["content"][MEDIA_TYPE]["examples"] |= response["content"][MEDIA_TYPE]["examples"]
    for status in HEADERS.keys() & responses.keys():
        responses[status].setdefault("headers", {}).update(HEADERS[status])


def _restore_examples(operation: dict[str, Any], route: APIRoute) -> None:
    """Put the examples back as they were declared: the framework takes every null out of them."""
    for status, response in route.responses.items():
        for media_type, content in response.get("content", {}).items():
            shown = operation["responses"][str(status)]["content"][media_type]
            shown |= {name: value for name, value in content.items() if name in {"example", "examples"}}
    declared = getattr(route.body_field.field_info, "openapi_examples", None) if route.body_field is not None else None
    if declared:
        operation["requestBody"]["content"]["application/json"]["examples"] = declared


def _codes(route: APIRoute) -> list[str]:
    """The problems that an operation's dependencies, body and parameters bring with them, each once."""
    codes = ["internal-error"]
    if scopes_of(route):
        codes += caller.PROBLEMS
    for dependant in _all(route.dependant):
        codes += OF_DEPENDENCIES.get(dependant.call, ())
        if dependant.path_params:
            codes.append("not-found")
        if dependant.path_params or dependant.query_params or dependant.header_params:
            codes.append("invalid-request")
    if isinstance(route, JsonRoute) and takes_json(route):
        codes += BODY
    return list(dict.fromkeys(codes))


def _all(dependant: Dependant) -> Iterator[Dependant]:
    yield dependant
    for part in dependant.dependencies:
        yield from _all(part)
