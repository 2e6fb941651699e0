"""``/v1/jobs/{job}/events`` and ``/result``: how a job gets on, told as it happens, and what came of it."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Request, Response
from fastapi.responses import StreamingResponse

from service.endpoints.jobs import found
from service.jobs import results
from service.problems import Problem, documented
from service.shapes import examples_jobs as examples
from service.shapes.examples_office import REPORT
from service.shapes.jobs import Form, JobId
from service.store.errors import NotThere, StoreBusy
from service.store.store import Store
from service.store.tables_service import JobRow
from service.web.caller import Caller, ReadCaller
from service.web.dependencies import QueueOf, StoreOf
from service.web.form import FormRoute

router = APIRouter(prefix="/v1/jobs", tags=["jobs"], route_class=FormRoute)
STREAM = "text/event-stream"
PAUSE = 0.5
"""Seconds between two looks at a job."""
ALIVE = 15.0
"""Seconds of silence after which a comment keeps the connection open."""
LONGEST = 600.0
"""Seconds after which a stream ends; the client comes back by itself and goes on where it was."""
MOST_STREAMS = 100
LINES = "application/x-ndjson"
SHAPES: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The file",
        "content": {
            LINES: {"schema": {"type": "string"}, "example": '{"id": "RD2025-031", "lead": []}\n'},
            "application/json": {"schema": {"$ref": "#/components/schemas/ReportOut"}, "example": REPORT},
            **{
                media_type: {"schema": {"type": "string", "format": "binary"}, "example": ""}
                for media_type in ("text/csv", "text/html", *(results.media_type(end) for end in (".xlsx", ".docx")))
            },
        },
    },
    **documented("not-found", "not-finished", "no-result", "queue-full"),
}


@router.get(
    "/{job}/events",
    response_class=StreamingResponse,
    responses={
        200: {"content": {STREAM: {"schema": {"type": "string"}, "example": examples.EVENTS}}},
        204: {"description": "It has ended, and the caller has been told: do not come back"},
        **documented("not-found", "queue-full"),
    },
    summary="Follow a job",
)
async def events(
    job: JobId,
    request: Request,
    caller: ReadCaller,
    store: StoreOf,
    last: Annotated[str, Header(alias="Last-Event-ID", max_length=100, description="Id of the last event seen")] = "",
) -> Response:
    """Server-sent events: `progress` whenever rows are done, and `finished` at the end, after which the stream ends.

    Each has an id; a client that comes back with it in `Last-Event-ID` is told what is new. A stream lasts ten minutes
    at most.
    """
    row = await asyncio.to_thread(found, job, caller, store)
    if row.finished_at is not None and last == _mark(row):
        return Response(status_code=204)
    streams = _Streams.of(request)
    if streams.open >= MOST_STREAMS:
        detail = f"{MOST_STREAMS} streams of events are open, which is the limit. Ask GET /v1/jobs/{{job}} instead."
        raise Problem("queue-full", detail, headers={"Retry-After": "5"})
    told = _told(job, caller, store, last, streams, request.app.state.stops)
    return StreamingResponse(told, media_type=STREAM, headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})


@router.get("/{job}/result", response_class=StreamingResponse, responses=SHAPES, summary="Take the result of a job")
async def result(
    job: JobId,
    caller: ReadCaller,
    store: StoreOf,
    queue: QueueOf,
    form: Annotated[
        Form | None, Query(alias="format", description="jsonl, csv or xlsx; left out: jsonl, or the report's own")
    ] = None,
) -> Response:
    """The records as JSON lines (`jsonl`: what the library answers, in the order of the rows), the sheet that an office
    prints (`csv`), all sheets (`xlsx`), or the file of a report or an export.

    A row that could not be answered has its `id` and a `problem`.
    """
    row = await asyncio.to_thread(found, job, caller, store)
    ending = results.check_there(row, form)
    headers = {
        "Content-Disposition": f'attachment; filename="{results.file_name(row, ending)}"',
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
    }
    if ending == ".html":
        headers["Content-Security-Policy"] = "sandbox; default-src 'none'; img-src data:; style-src 'unsafe-inline'"
    media_type = results.media_type(ending)
    if ending in {".jsonl", ".csv"}:
        return StreamingResponse(results.parts(store, row, ending), media_type=media_type, headers=headers)
    content = await queue.run(lambda: b"".join(results.parts(store, row, ending)))
    return Response(content, media_type=media_type, headers=headers)


class _Streams:
    """How many streams are open in this process."""

    def __init__(self) -> None:
        self.open = 0

    @classmethod
    def of(cls, request: Request) -> _Streams:
        """Those of the application."""
        state = request.app.state
        if not hasattr(state, "job_streams"):
            state.job_streams = cls()
        streams: _Streams = state.job_streams
        return streams


async def _told(
    job_id: str, caller: Caller, store: Store, last: str, streams: _Streams, stops: Callable[[], bool]
) -> AsyncIterator[str]:
    """The events of a job from now on, until it or the server ends. Between two looks no connection to the memory is
    held.
    """
    streams.open += 1
    began = spoke = time.monotonic()
    try:
        yield "retry: 2000\n\n"
        while time.monotonic() - began < LONGEST:
            try:
                row = await asyncio.to_thread(found, job_id, caller, store)
            except NotThere:
                return
            except StoreBusy:
                await asyncio.sleep(PAUSE)
                continue
            if _mark(row) != last:
                last, spoke = _mark(row), time.monotonic()
                yield _event(row)
            elif time.monotonic() - spoke > ALIVE:
                spoke = time.monotonic()
                yield ": still there\n\n"
            if row.finished_at is not None or stops():
                return
            await asyncio.sleep(PAUSE)
    finally:
        streams.open -= 1


def _mark(row: JobRow) -> str:
    """The id of the event that tells of this state."""
    return f"{row.state}.{row.done}.{row.total}"


def _event(row: JobRow) -> str:
    data = {"id": row.id, "state": row.state, "done": row.done, "total": row.total, "failures": row.failures}
    name = "progress" if row.finished_at is None else "finished"
    return f"id: {_mark(row)}\nevent: {name}\ndata: {json.dumps(data)}\n\n"
