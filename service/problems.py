"""Errors as problem documents (RFC 9457): one table of kinds, one place that writes them.

``type`` points into ``GET /v1/problems``, ``code`` is its stable name for programs, ``instance`` is the request's path
with its id. ``detail`` says what was met and what to do, and never repeats a word of a suggestion.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.types import Scope

from triage.errors import IndexFileError, InputError, StorageError, TriageError

MEDIA_TYPE = "application/problem+json"
LISTED_ERRORS = 20
"""Findings listed in one document; a client that errs a thousand times errs in one way."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of problem: its HTTP status, its title and what the caller can do."""

    status: int
    title: str
    remedy: str


KINDS: dict[str, Kind] = {
    "malformed-json": Kind(400, "The body is not JSON", "Send a JSON object."),
    "wrong-encoding": Kind(400, "The body is not in the declared encoding", "Send UTF-8, or name the charset."),
    "not-found": Kind(404, "There is nothing under this path", "Check the path; /openapi.json lists them."),
    "method-not-allowed": Kind(405, "This path does not take this method", "Use a method of the Allow header."),
    "body-too-slow": Kind(408, "The body did not arrive in time", "Send it again, smaller or over a better line."),
    "body-too-large": Kind(413, "The body has too many bytes", "Send fewer suggestions a request."),
    "too-many-suggestions": Kind(413, "The request has too many suggestions", "Send them in several requests."),
    "text-too-long": Kind(413, "A suggestion has too many characters", "Shorten it: title, opening and ask decide."),
    "unsupported-media-type": Kind(415, "The body is not declared as JSON", "Send Content-Type: application/json."),
    "unsupported-charset": Kind(415, "The charset is not known here", "Send UTF-8."),
    "invalid-request": Kind(422, "The request does not have the agreed shape", "Mend what `errors` lists."),
    "unusable-input": Kind(422, "The library cannot use this input", "Mend what `detail` names."),
    "internal-error": Kind(500, "The service has failed", "Report the request id; the service's log has the place."),
    "no-index": Kind(501, "The service has no duplicate index", "Ask the operator to set TRIAGE_INDEX."),
    "not-ready": Kind(503, "The model is being loaded", "Try again after Retry-After seconds."),
    "model-failed": Kind(503, "The model could not be loaded", "Ask the operator: the service's log says why."),
    "index-failed": Kind(503, "The duplicate index cannot be read", "Try again; if it stays, ask the operator."),
    "queue-full": Kind(503, "Too many requests are waiting", "Try again after Retry-After seconds."),
}
"""Every code that the service answers with. A code is never renamed; new ones may come."""


class Finding(BaseModel):
    """One thing that is wrong with a request, and where."""

    detail: str = Field(description="What is wrong and what is allowed", examples=["text is expected, not a number"])
    pointer: str = Field(description="JSON Pointer into the body (RFC 6901)", examples=["#/suggestions/0/title"])


class ProblemDocument(BaseModel):
    """A problem document (RFC 9457). Programs read `code`; people read `detail`."""

    type: str = Field(description="The kind of problem, as a link", examples=["/v1/problems#invalid-request"])
    title: str = Field(description="What this kind of problem is", examples=[KINDS["invalid-request"].title])
    status: int = Field(description="The HTTP status", examples=[422])
    detail: str = Field(description="What was met and what to do", examples=["1 finding; see errors."])
    instance: str = Field(description="Path and request id", examples=["/v1/triage#3f2a9c64d0b14d1c"])
    code: str = Field(description="Stable name of the kind", examples=["invalid-request"])
    errors: list[Finding] = Field(default=[], description="What is wrong where, up to twenty")


class Problem(Exception):
    """Raised where a request cannot be served. `code` is a key of `KINDS`."""

    def __init__(
        self, code: str, detail: str, *, findings: Sequence[Finding] = (), headers: Mapping[str, str] | None = None
    ) -> None:
        self.code = code
        self.detail = detail
        self.findings = tuple(findings)
        self.headers = dict(headers or {})
        super().__init__(f"{code}: {detail}")


def respond(scope: Scope, problem: Problem) -> JSONResponse:
    """The answer for a problem."""
    kind = KINDS[problem.code]
    request_id = scope.get("state", {}).get("request_id", "")
    document: dict[str, Any] = {
        "type": f"/v1/problems#{problem.code}",
        "title": kind.title,
        "status": kind.status,
        "detail": problem.detail,
        "instance": f"{quote(scope['path'][:200], errors='replace')}#{request_id}",
        "code": problem.code,
    }
    if problem.findings:
        document["errors"] = [finding.model_dump() for finding in problem.findings]
    return JSONResponse(document, kind.status, problem.headers, MEDIA_TYPE)


def add_handlers(app: FastAPI) -> None:
    """Answer everything that goes wrong inside the application as a problem document."""
    app.add_exception_handler(Problem, _on_problem)
    app.add_exception_handler(HTTPException, _on_http)
    app.add_exception_handler(RequestValidationError, _on_validation)
    app.add_exception_handler(TriageError, _on_triage)


def documented(*codes: str) -> dict[int | str, dict[str, Any]]:
    """The problem documents of an endpoint, for its OpenAPI description."""
    responses: dict[int | str, dict[str, Any]] = {}
    for code in codes:
        kind = KINDS[code]
        content = {"schema": {"$ref": "#/components/schemas/ProblemDocument"}, "examples": {}}
        response = responses.setdefault(kind.status, {"description": kind.title, "content": {MEDIA_TYPE: content}})
        response["content"][MEDIA_TYPE]["examples"][code] = {"summary": kind.title, "value": _example(code)}
    return responses


def _example(code: str) -> dict[str, Any]:
    kind = KINDS[code]
    return {
        "type": f"/v1/problems#{code}",
        "title": kind.title,
        "status": kind.status,
        "detail": kind.remedy,
        "instance": "/v1/triage#3f2a9c64d0b14d1c",
        "code": code,
    }


async def _on_problem(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, Problem)  # noqa: S101 - what the table of handlers guarantees
    return respond(request.scope, error)


async def _on_http(request: Request, error: Exception) -> JSONResponse:
    """What the framework itself refuses: paths, methods, and bodies that its JSON reader gives up on."""
    assert isinstance(error, HTTPException)  # noqa: S101 - what the table of handlers guarantees
    known = {400: "malformed-json", 404: "not-found", 405: "method-not-allowed", 413: "body-too-large"}
    code = known.get(error.status_code, "internal-error")
    kind, headers = KINDS[code], dict(error.headers or {})
    detail = f"{kind.title}. {kind.remedy}"
    if "Allow" in headers:
        detail = f"{kind.title}; allowed here: {headers['Allow']}."
    elif code == "malformed-json":
        # JSON nested a thousand deep, or a number of five thousand digits.
        detail = "The body cannot be read as JSON: it is nested too deeply or holds a number that is too long."
    return respond(request.scope, Problem(code, detail, headers=headers))


async def _on_validation(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - what the table of handlers guarantees
    entries = error.errors()
    first = entries[0]
    if first["type"] == "json_invalid":
        detail = f"The body is not JSON: {first['ctx']['error']}, at character {first['loc'][-1]}."
        return respond(request.scope, Problem("malformed-json", detail))
    if first["type"] == "too_long" and tuple(first["loc"]) == ("body", "suggestions"):
        allowed = request.app.state.settings.max_suggestions
        return respond(request.scope, too_many(f"more than {first['ctx']['max_length']}", allowed))
    listed = entries[:LISTED_ERRORS]
    findings = [Finding(detail=_sentence(entry), pointer=pointer(entry["loc"][1:])) for entry in listed]
    more = len(entries) - 1
    detail = f"{findings[0].pointer}: {findings[0].detail}." + (f" {more} more in all; see `errors`." if more else "")
    return respond(request.scope, Problem("invalid-request", detail, findings=findings))


async def _on_triage(request: Request, error: Exception) -> JSONResponse:
    """The library refused. Its messages never quote a text; only those about input are for the caller."""
    if isinstance(error, InputError):
        return respond(request.scope, Problem("unusable-input", str(error)))
    _log.error("%s: %s", type(error).__name__, error)
    if isinstance(error, IndexFileError | StorageError):
        return respond(request.scope, index_failed())
    return respond(request.scope, Problem("internal-error", KINDS["internal-error"].remedy))


def index_failed() -> Problem:
    """The problem of an index that could not be opened, or no longer be read; the log says why."""
    detail = (
        "历史索引无法读取，可能正在写入或已损坏：请稍后再试，仍不行请联系管理员查看服务日志。"
        " (The duplicate index cannot be read: it is being written or damaged. Try again; the service's log says why.)"
    )
    return Problem("index-failed", detail)


def too_many(met: str, allowed: int) -> Problem:
    """The problem of a request with too many suggestions."""
    detail = f"The request has {met} suggestions; {allowed} are allowed. Send them in several requests."
    return Problem("too-many-suggestions", detail)


def pointer(parts: Sequence[str | int]) -> str:
    """A JSON Pointer as a URI fragment (RFC 6901, section 6). The parts are names of our own fields and numbers."""
    return "#" + "".join(f"/{part}" for part in parts)


def _sentence(entry: Mapping[str, Any]) -> str:
    """The finding in our words where the field's own message would be vague. None repeats the value."""
    own = {
        "missing": "is missing" if len(entry["loc"]) > 1 else "an object is expected, and the body is empty",
        "string_type": "text is expected; leave the field out where there is none",
        "string_unicode": "half of a surrogate pair stands in it; send whole characters",
        "list_type": "a list is expected",
        "bool_type": "true or false is expected",
        "model_attributes_type": "an object is expected",
        "too_short": "at least one suggestion is expected",
        "int_type": "a whole number is expected",
    }
    return own.get(entry["type"]) or str(entry["msg"])
