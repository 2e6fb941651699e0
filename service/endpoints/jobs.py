"""``/v1/jobs``: hand in work that takes long, see how far it is, cancel it."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Body, Query, Request, Response

from service.endpoints.suggestions import filter_of
from service.jobs import queue, uploads
from service.problems import Problem, answered
from service.shapes import examples_jobs as examples
from service.shapes.jobs import FORM_SCHEMA, ON_FILE, JobId, JobIn, JobOut, JobsOut, JobState
from service.store.store import Writing
from service.store.tables_service import DONE, JobRow
from service.web.caller import Caller, ReadCaller, TriageCaller
from service.web.dependencies import SettingsOf, StoreOf
from service.web.form import MEDIA_TYPE as FORM
from service.web.form import Form, FormRoute
from service.web.idempotency import OnceOf, Reply

router = APIRouter(prefix="/v1/jobs", tags=["jobs"], route_class=FormRoute)
JSON = "application/json"
FORM_BODY = {"requestBody": {"content": {FORM: {"schema": FORM_SCHEMA, "examples": examples.UPLOADED}}}}


@router.post(
    "",
    status_code=202,
    response_model=JobOut,
    responses=answered(
        examples.QUEUED, "malformed-form", "unusable-upload", "unusable-input", "queue-full", status=202
    ),
    openapi_extra=FORM_BODY,
    summary="Hand in a job",
)
async def submit(
    body: Annotated[JobIn, Body(openapi_examples=examples.ON_MEMORY)],
    request: Request,
    settings: SettingsOf,
    caller: TriageCaller,
    once: OnceOf,
) -> Response:
    """Work on suggestions of the memory that `filter` chooses, or on a file: then send a form with `kind`, `options` as
    JSON, and `file`, a csv, xlsx or jsonl.

    The answer comes at once; a worker does the job. Follow it by `GET /v1/jobs/{job}` or its events. The rows of a file
    are looked at by the worker: where some cannot be used, the job fails and its `problem` names lines and columns.
    """
    form: Form | None = request.state.upload
    upload = None if form is None else await asyncio.to_thread(_checked, form, body)
    options = body.options.model_dump(mode="json", exclude_none=True, exclude_defaults=True)
    if upload is None and options.keys() & ON_FILE:
        raise Problem("invalid-request", "#/options: columns and sheet are of a file. Leave them out, or send a file.")
    if upload is None and body.kind == "decided":
        raise Problem("invalid-request", "#/kind: decided works on a meeting sheet. Send it as `file` in a form.")
    if upload is None:
        options["filter"] = _filter(body)
    told = {"kind": body.kind, "options": options, "file": _digest(upload)}

    def work(writing: Writing) -> Reply:
        # A sheet that comes back is held against the memory, of which a job sees what its key may see.
        confidential = (upload is None or body.kind == "decided") and caller.confidential
        job = queue.submit(
            writing,
            body.kind,
            options,
            key_id=caller.key_id,
            confidential=confidential,
            upload=upload,
            deferring=settings.jobs,
        )
        return Reply(202, shown(job), {"Location": f"/v1/jobs/{job.id}"})

    return await asyncio.to_thread(once.write, told, work)


@router.get("", responses=answered(examples.LISTED, "unusable-input"), summary="List jobs")
def listed(
    caller: ReadCaller,
    store: StoreOf,
    state: Annotated[JobState | None, Query(description="Only those in this state", examples=["done"])] = None,
    limit: Annotated[int, Query(ge=1, le=200, description="Jobs a page")] = 50,
    cursor: Annotated[str, Query(max_length=200, description="`next` of the page before")] = "",
) -> JobsOut:
    """The jobs of this key, the newest first; a key with the scope `admin` sees those of all keys."""
    with store.read() as session:
        owner = queue.viewer(session, caller.key_id, "admin" in caller.scopes, caller.confidential)
        rows, following = queue.page(session, owner, state=state, cursor=cursor, limit=limit)
        return JobsOut(jobs=[JobOut.model_validate(shown(row)) for row in rows], next=following or None)


@router.get("/{job}", responses=answered(examples.DONE, "not-found"), summary="One job")
def one(job: JobId, caller: ReadCaller, store: StoreOf) -> JobOut:
    """How far it is, and once it is done where its result is."""
    return JobOut.model_validate(shown(found(job, caller, store)))


@router.delete("/{job}", responses=answered(examples.CANCELLED, "not-found"), summary="Cancel a job")
def cancel(job: JobId, caller: TriageCaller, store: StoreOf) -> JobOut:
    """At once while it waits, else before its next rows. What is done is done; a job that has ended stays as it is."""
    found(job, caller, store)
    with store.write(caller.actor) as writing:
        return JobOut.model_validate(shown(queue.cancel(writing, job)))


def found(job_id: str, caller: Caller, store: StoreOf) -> JobRow:
    """The job with this id, if this caller may see it. Raises NotThere."""
    with store.read() as session:
        viewer = queue.viewer(session, caller.key_id, "admin" in caller.scopes, caller.confidential)
        return queue.find(session, job_id, viewer)


def shown(job: JobRow) -> dict[str, Any]:
    """A job as it is answered."""
    return JobOut(
        id=job.id,
        kind=job.kind,  # type: ignore[arg-type]  # it was checked when it came in
        state=job.state,  # type: ignore[arg-type]
        done=job.done or 0,
        total=job.total or 0,
        failures=job.failures or 0,
        cancelling=bool(job.cancel),
        name=job.input_name or "",
        confidential=job.confidential,
        created_at=job.created_at,
        started_at=job.started_at,
        finished_at=job.finished_at,
        result=f"/v1/jobs/{job.id}/result" if job.state == DONE else None,
        problem=job.problem,  # type: ignore[arg-type]  # made by `service.problems.document`
    ).model_dump(mode="json", exclude_none=False)


def _checked(form: Form, body: JobIn) -> tuple[str, bytes]:
    """The cleaned name and the content of an upload. Raises Problem where it cannot be read anyway."""
    if body.kind == "export":
        raise Problem("invalid-request", "#/kind: export works on the memory. Leave the file out, and send JSON.")
    if "filter" in body.model_fields_set:
        raise Problem("invalid-request", "#/filter: a job works on a file or on the memory. Leave one out.")
    name = uploads.clean_name(form.name)
    uploads.check(name, form.content)
    return name, form.content


def _filter(body: JobIn) -> dict[str, Any]:
    """The filter as plain JSON types, without what is not asked for. Raises InputError for one without sense."""
    from service.store.listing import conditions

    chosen = filter_of(body.filter)
    conditions(chosen)
    plain = {name: value for name, value in asdict(chosen).items() if value not in ((), "", None)}
    return {name: value.isoformat() if name in {"since", "until"} else value for name, value in plain.items()}


def _digest(upload: tuple[str, bytes] | None) -> list[str]:
    return [] if upload is None else [upload[0], hashlib.sha256(upload[1]).hexdigest()]
