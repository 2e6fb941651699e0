"""Every kind of problem, under the code by which programs know it.

What is said of a single case is said where it is raised; here stands what is true of all of a kind, in two languages.
"""

from __future__ import annotations

from dataclasses import dataclass


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
        (
            "The version that you have seen is needed",
            "Send its ETag in If-Match, or If-None-Match: * for none.",
        ),
        ("需要注明您看到的版本", "请在 If-Match 中发送所见版本的 ETag；尚无版本时发送 If-None-Match: *。"),
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
