"""Errors as problem documents (RFC 9457): one table of kinds (`problem_kinds`), one place that writes them.

``type`` points into ``GET /v1/problems``, ``code`` is its stable name for programs, ``instance`` is the request's path
with its id. ``detail`` says what was met and what to do, ``title_zh`` and ``detail_zh`` say it in Chinese, and none of
them ever repeats a word of a suggestion or a part of a key. The memory's errors are answered by themselves.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.types import Scope

from service.problem_kinds import KINDS
from service.store.errors import AlreadyThere, Changed, NotThere, StoreBusy, StoreError
from triage.errors import IndexFileError, InputError, StorageError, TriageError

__all__ = [
    "BUSY_RETRY",
    "Finding",
    "KINDS",
    "LISTED_ERRORS",
    "MEDIA_TYPE",
    "Problem",
    "ProblemDocument",
    "add_handlers",
    "document",
    "documented",
    "index_failed",
    "no_memory",
    "of_store",
    "pointer",
    "respond",
    "too_many",
]

MEDIA_TYPE = "application/problem+json"
BUSY_RETRY = 2
"""Seconds after which a writer that was refused may try again."""
LISTED_ERRORS = 20
"""Findings listed in one document; a client that errs a thousand times errs in one way."""

_log = logging.getLogger(__name__)


class Finding(BaseModel):
    """One thing that is wrong with a request, and where."""

    detail: str = Field(description="What is wrong and what is allowed", examples=["text is expected, not a number"])
    pointer: str = Field(description="JSON Pointer into the body (RFC 6901)", examples=["#/suggestions/0/title"])
    detail_zh: str = Field(default="", description="The same in Chinese, where it is known", examples=["请填写标题"])


class ProblemDocument(BaseModel):
    """A problem document (RFC 9457). Programs read `code`; people read `detail`."""

    type: str = Field(description="The kind of problem, as a link", examples=["/v1/problems#invalid-request"])
    title: str = Field(description="What this kind of problem is", examples=[KINDS["invalid-request"].title])
    title_zh: str = Field(description="The same in Chinese", examples=[KINDS["invalid-request"].title_zh])
    status: int = Field(description="The HTTP status", examples=[422])
    detail: str = Field(description="What was met and what to do", examples=["1 finding; see errors."])
    detail_zh: str = Field(description="In Chinese", examples=[KINDS["invalid-request"].remedy_zh])
    instance: str = Field(description="Path and request id", examples=["/v1/triage#3f2a9c64d0b14d1c"])
    code: str = Field(description="Stable name of the kind", examples=["invalid-request"])
    errors: list[Finding] = Field(
        default=[], description="What is wrong where, up to twenty; of a meeting sheet up to two hundred"
    )
    current: dict[str, Any] | None = Field(None, description="With `changed`: what stands now, the other's decision")


class Problem(Exception):
    """Raised where a request cannot be served. `code` is a key of `KINDS`; `detail_zh` says `detail` in Chinese, and is
    the kind's remedy where it is left out. `members` are added to the document. None of them repeats a text or a key.
    """

    def __init__(
        self,
        code: str,
        detail: str,
        *,
        detail_zh: str = "",
        findings: Sequence[Finding] = (),
        headers: Mapping[str, str] | None = None,
        members: Mapping[str, Any] | None = None,
    ) -> None:
        self.code = code
        self.detail = detail
        self.detail_zh = detail_zh or KINDS[code].remedy_zh
        self.findings = tuple(findings)
        self.members = dict(members or {})
        self.headers = dict(headers or {})
        super().__init__(f"{code}: {detail}")


def respond(scope: Scope, problem: Problem) -> JSONResponse:
    """The answer for a problem."""
    state = scope.setdefault("state", {})
    request_id, state["problem"] = state.get("request_id", ""), problem.code
    told = document(problem, f"{quote(scope['path'][:200], errors='replace')}#{request_id}")
    return JSONResponse(told, KINDS[problem.code].status, problem.headers, MEDIA_TYPE)


def document(problem: Problem, instance: str = "") -> dict[str, Any]:
    """The problem as a document, for an answer, or for a job that failed outside of any request."""
    kind = KINDS[problem.code]
    told: dict[str, Any] = problem.members | {
        "type": f"/v1/problems#{problem.code}",
        "title": kind.title,
        "title_zh": kind.title_zh,
        "status": kind.status,
        "detail": problem.detail,
        "detail_zh": problem.detail_zh,
        "instance": instance,
        "code": problem.code,
    }
    if problem.findings:
        told["errors"] = [finding.model_dump(exclude_defaults=True) for finding in problem.findings]
    return told


def add_handlers(app: FastAPI) -> None:
    """Answer everything that goes wrong inside the application as a problem document."""
    app.add_exception_handler(Problem, _on_problem)
    app.add_exception_handler(HTTPException, _on_http)
    app.add_exception_handler(RequestValidationError, _on_validation)
    app.add_exception_handler(TriageError, _on_triage)


def answered(example: Any, *codes: str, status: int = 200) -> dict[int | str, dict[str, Any]]:
    """The good answer of an endpoint with its example, and what can go wrong, for its OpenAPI description."""
    return {status: {"content": {"application/json": {"example": example}}}, **documented(*codes)}


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
        "title_zh": kind.title_zh,
        "status": kind.status,
        "detail": kind.remedy,
        "detail_zh": kind.remedy_zh,
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
    entries = [_of_query(entry, request) for entry in error.errors()]
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
    if isinstance(error, StoreError):
        return respond(request.scope, of_store(error))
    if isinstance(error, InputError):
        return respond(request.scope, unusable(error))
    _log.error("%s: %s", type(error).__name__, error)
    if isinstance(error, IndexFileError | StorageError):
        return respond(request.scope, index_failed())
    return respond(request.scope, Problem("internal-error", KINDS["internal-error"].remedy))


def unusable(error: InputError) -> Problem:
    """The problem of what the library cannot use, in Chinese, too, where it says so."""
    return Problem("unusable-input", str(error), detail_zh=error.zh)


def index_failed() -> Problem:
    """The problem of an index that could not be opened, or no longer be read; the log says why."""
    detail = (
        "历史索引无法读取，可能正在写入或已损坏：请稍后再试，仍不行请联系管理员查看服务日志。"
        " (The duplicate index cannot be read: it is being written or damaged. Try again; the service's log says why.)"
    )
    return Problem("index-failed", detail)


def of_store(error: StoreError) -> Problem:
    """The problem of an error of the memory. What only the operator can mend goes to the log."""
    detail = str(error)
    match error:
        case StoreBusy():
            return Problem("store-busy", detail, headers={"Retry-After": str(BUSY_RETRY)})
        case NotThere():
            return Problem("not-found", detail)
        case AlreadyThere():
            return Problem("already-there", detail)
        case Changed():
            return Problem("changed", detail, members={"current": error.current})
        case _:
            _log.error("%s: %s", type(error).__name__, error)
            return Problem("store-failed", KINDS["store-failed"].remedy)


def no_memory() -> Problem:
    """The problem of a request that needs the memory of a service that has none."""
    return Problem("no-memory", f"{KINDS['no-memory'].title}. {KINDS['no-memory'].remedy}")


def too_many(met: str, allowed: int) -> Problem:
    """The problem of a request with too many suggestions."""
    detail = f"The request has {met} suggestions; {allowed} are allowed. Send them in several requests."
    return Problem("too-many-suggestions", detail)


def pointer(parts: Sequence[str | int]) -> str:
    """A JSON Pointer as a URI fragment (RFC 6901, section 6). The parts are names of our own fields and numbers."""
    return "#" + "".join(f"/{part}" for part in parts)


def _of_query(entry: dict[str, Any], request: Request) -> dict[str, Any]:
    """An unknown parameter of the query, with those that there are: the framework says only that it is too many."""
    if entry["type"] != "extra_forbidden" or entry["loc"][0] != "query":
        return entry
    route = request.scope.get("route")
    fields = [field.field_info.annotation for field in route.dependant.query_params] if route is not None else []
    allowed = ", ".join(name for shape in fields for name in getattr(shape, "model_fields", {}))
    return entry | {"msg": f"unknown parameter; allowed are {allowed}"}


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
