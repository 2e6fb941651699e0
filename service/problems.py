"""Errors as problem documents (RFC 9457): one table of kinds, one place that writes them.

``type`` points into ``GET /v1/problems``, ``code`` is its stable name for programs, ``instance`` is the request's path
with its id. ``detail`` says what was met and what to do, ``title_zh`` and ``detail_zh`` say it in Chinese, and none of
them ever repeats a word of a suggestion or a part of a key. The memory's errors are answered by themselves.
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

from service.store.errors import AlreadyThere, Changed, NotThere, StoreBusy, StoreError
from triage.errors import IndexFileError, InputError, StorageError, TriageError

MEDIA_TYPE = "application/problem+json"
BUSY_RETRY = 2
"""Seconds after which a writer that was refused may try again."""
LISTED_ERRORS = 20
"""Findings listed in one document; a client that errs a thousand times errs in one way."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of problem: its HTTP status, its title and what the caller can do, in English and in Chinese."""

    status: int
    title: str
    remedy: str
    title_zh: str
    remedy_zh: str


def _kind(status: int, english: tuple[str, str], chinese: tuple[str, str]) -> Kind:
    return Kind(status, *english, *chinese)


KINDS: dict[str, Kind] = {
    "malformed-form": _kind(
        400,
        ("The form cannot be read", "Send multipart/form-data with the parts kind, options and file."),
        ("表单无法读取", "请用 multipart/form-data 发送，包含 kind、options 和 file 三部分。"),
    ),
    "malformed-json": _kind(
        400, ("The body is not JSON", "Send a JSON object."), ("请求体不是 JSON", "请发送一个 JSON 对象。")
    ),
    "wrong-encoding": _kind(
        400,
        ("The body is not in the declared encoding", "Send UTF-8, or name the charset."),
        ("请求体与声明的字符编码不符", "请用 UTF-8 发送，或写明字符编码。"),
    ),
    "no-key": _kind(
        401,
        ("A key is needed", "Send Authorization: Bearer and the key. `triage keys add` makes one."),
        ("需要密钥", "请在请求头 Authorization: Bearer 中附上密钥；密钥由管理员用 triage keys add 生成。"),
    ),
    "bad-key": _kind(
        401,
        ("The key does not work", "It is unknown, revoked or expired. Ask the operator for another."),
        ("密钥无效", "密钥不存在、已吊销或已过期，请向管理员申请新的密钥。"),
    ),
    "scope-needed": _kind(
        403,
        ("The key may not do this", "Ask the operator for a key with the scope that `detail` names."),
        ("密钥没有此项权限", "请向管理员申请具有所需权限的密钥。"),
    ),
    "not-found": _kind(
        404,
        ("There is nothing under this path", "Check the path; /openapi.json lists them."),
        ("没有这项内容", "请检查路径和编号；/openapi.json 列出了全部路径。"),
    ),
    "method-not-allowed": _kind(
        405,
        ("This path does not take this method", "Use a method of the Allow header."),
        ("该路径不支持此请求方法", "请使用响应头 Allow 中列出的方法。"),
    ),
    "body-too-slow": _kind(
        408,
        ("The body did not arrive in time", "Send it again, smaller or over a better line."),
        ("请求体未能按时送达", "请减小内容或换用更好的线路后重新发送。"),
    ),
    "already-there": _kind(
        409,
        ("There is one with this id already", "Choose another id, or change the one that is there."),
        ("编号已存在", "请换用其他编号，或修改已有的一件。"),
    ),
    "changed": _kind(
        409,
        ("It was changed meanwhile", "Look at `current`, which stands now, and decide again with its version."),
        ("内容已被他人修改", "请查看 current 中的现有内容，按其版本号重新提交。"),
    ),
    "not-finished": _kind(
        409,
        ("The job has no result yet", "Wait until its state is done: ask again, or read its events."),
        ("任务尚无结果", "请等任务状态变为 done：稍后再查询，或读取其事件。"),
    ),
    "no-result": _kind(
        409,
        ("The job ended without a result", "Its `problem` says why. Mend that, and submit it again."),
        ("任务没有结果", "原因见任务的 problem。请改正后重新提交。"),
    ),
    "model-refused": _kind(
        409,
        ("The model is not put into use", "Look at `errors`; `force` with a reason does it all the same."),
        ("该模型未予启用", "请查看 errors 所列原因；确需启用时，请附理由并以 force 提交。"),
    ),
    "register-busy": _kind(
        409,
        ("The register of models was changed meanwhile", "Look at /v1/models and try again."),
        ("模型登记已被他人修改", "请查看 /v1/models 后重试。"),
    ),
    "catalogue-refused": _kind(
        422,
        ("The catalogue cannot be used", "Mend the lines that `errors` names."),
        ("目录无法使用", "请按 errors 所列的文件和行号改正。"),
    ),
    "body-too-large": _kind(
        413,
        ("The body has too many bytes", "Send fewer suggestions a request."),
        ("请求体过大", "请减少每次发送的件数。"),
    ),
    "too-many-suggestions": _kind(
        413,
        ("The request has too many suggestions", "Send them in several requests."),
        ("一次发送的件数过多", "请分多次发送。"),
    ),
    "too-many-rows": _kind(
        413,
        ("The job has too many rows", "Split the file, or narrow the filter."),
        ("任务的件数过多", "请拆分文件，或缩小筛选范围。"),
    ),
    "text-too-long": _kind(
        413,
        ("A suggestion has too many characters", "Shorten it: title, opening and ask decide."),
        ("单件字数过多", "请缩短内容：标题、开头和诉求最为关键。"),
    ),
    "unsupported-media-type": _kind(
        415,
        ("The body is not declared as JSON", "Send Content-Type: application/json."),
        ("请求体未声明为 JSON", "请发送 Content-Type: application/json。"),
    ),
    "unsupported-charset": _kind(
        415, ("The charset is not known here", "Send UTF-8."), ("不支持该字符编码", "请用 UTF-8 发送。")
    ),
    "invalid-request": _kind(
        422,
        ("The request does not have the agreed shape", "Mend what `errors` lists."),
        ("请求格式不符合约定", "请按 errors 和 detail 所列逐项改正。"),
    ),
    "job-needed": _kind(
        422,
        ("Too many suggestions for one request", "Narrow the filter, or hand the work in as a job: POST /v1/jobs."),
        ("件数过多，需以任务方式处理", "请缩小筛选范围，或用 POST /v1/jobs 提交任务。"),
    ),
    "unknown-unit": _kind(
        422,
        ("A unit is not in the catalogue", "Write it as the catalogue does; `errors` names the nearest ones."),
        ("单位不在目录中", "请按单位目录填写；errors 列出了最接近的名称。"),
    ),
    "unusable-input": _kind(
        422,
        ("The library cannot use this input", "Mend what `detail` names."),
        ("内容无法处理", "请按 detail 的说明改正。"),
    ),
    "unusable-upload": _kind(
        422,
        ("The file cannot be read", "Mend what `detail` and `errors` name, and send it again."),
        ("文件无法读取", "请按 detail 和 errors 所列改正后重新上传。"),
    ),
    "idempotency-mismatch": _kind(
        422,
        ("The idempotency key belongs to another request", "Give each request its own Idempotency-Key."),
        ("幂等键已用于另一请求", "请为每个请求使用各自的 Idempotency-Key。"),
    ),
    "precondition-needed": _kind(
        428,
        ("The version that you have seen is needed", 'Send If-Match: "3" with its ETag, or If-None-Match: * for none.'),
        ("需要注明您看到的版本", '请发送 If-Match: "3"（取自 ETag），尚无版本时发送 If-None-Match: *。'),
    ),
    "too-many-requests": _kind(
        429,
        ("The key has used up its requests for now", "Try again after Retry-After seconds."),
        ("密钥的请求次数已用完", "请在 Retry-After 所示秒数之后再试。"),
    ),
    "internal-error": _kind(
        500,
        ("The service has failed", "Report the request id; the service's log has the place."),
        ("服务内部出错", "请将请求编号告知管理员，服务日志记有出错位置。"),
    ),
    "job-given-up": _kind(
        500,
        ("The job was begun too often without getting on", "Split it, or ask the operator: the log says why."),
        ("任务多次启动仍未推进", "请拆分后重新提交，或联系管理员查看服务日志。"),
    ),
    "no-index": _kind(
        501,
        ("The service has no duplicate index", "Ask the operator to set TRIAGE_INDEX."),
        ("服务没有历史索引", "请管理员设置 TRIAGE_INDEX。"),
    ),
    "no-registry": _kind(
        501,
        ("The service answers with one bundle", "Ask the operator to set TRIAGE_MODEL to a registry."),
        ("服务未使用模型库", "请管理员将 TRIAGE_MODEL 设为模型库文件夹。"),
    ),
    "no-memory": _kind(
        501,
        ("The service has no memory", "Ask the operator to set TRIAGE_DATA or TRIAGE_DATABASE."),
        ("服务没有配置存储", "请管理员设置 TRIAGE_DATA 或 TRIAGE_DATABASE。"),
    ),
    "not-ready": _kind(
        503,
        ("The model is being loaded", "Try again after Retry-After seconds."),
        ("模型正在加载", "请在 Retry-After 所示秒数之后再试。"),
    ),
    "model-failed": _kind(
        503,
        ("The model could not be loaded", "Ask the operator: the service's log says why."),
        ("模型加载失败", "请联系管理员查看服务日志。"),
    ),
    "index-failed": _kind(
        503,
        ("The duplicate index cannot be read", "Try again; if it stays, ask the operator."),
        ("历史索引无法读取", "请稍后再试，仍不行请联系管理员。"),
    ),
    "queue-full": _kind(
        503,
        ("Too many requests are waiting", "Try again after Retry-After seconds."),
        ("等待的请求过多", "请在 Retry-After 所示秒数之后再试。"),
    ),
    "store-busy": _kind(
        503,
        ("The memory is busy", "Nothing was changed. Try again after Retry-After seconds."),
        ("存储正忙", "未作任何改动，请在 Retry-After 所示秒数之后再试。"),
    ),
    "store-failed": _kind(
        503,
        ("The memory cannot be used", "Nothing was changed. Ask the operator: the service's log says why."),
        ("存储无法使用", "未作任何改动，请联系管理员查看服务日志。"),
    ),
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
    title_zh: str = Field(description="The same in Chinese", examples=[KINDS["invalid-request"].title_zh])
    status: int = Field(description="The HTTP status", examples=[422])
    detail: str = Field(description="What was met and what to do", examples=["1 finding; see errors."])
    detail_zh: str = Field(description="In Chinese", examples=[KINDS["invalid-request"].remedy_zh])
    instance: str = Field(description="Path and request id", examples=["/v1/triage#3f2a9c64d0b14d1c"])
    code: str = Field(description="Stable name of the kind", examples=["invalid-request"])
    errors: list[Finding] = Field(default=[], description="What is wrong where, up to twenty")
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
        told["errors"] = [finding.model_dump() for finding in problem.findings]
    return told


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
    if isinstance(error, StoreError):
        return respond(request.scope, of_store(error))
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
