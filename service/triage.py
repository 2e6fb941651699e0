"""``POST /v1/triage``: suggestions in, the library's records out."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Body, Request, Response

from service.body import JsonRoute
from service.dependencies import QueueOf, SettingsOf, TriagerOf
from service.examples import REQUESTS, RESPONSE
from service.problems import Finding, Problem, documented, pointer, too_many
from service.schemas import TriageRequest, TriageResponse
from service.settings import Settings
from triage.records import Suggestion

if TYPE_CHECKING:
    from triage import Triager

PROBLEMS = (
    "malformed-json",
    "wrong-encoding",
    "body-too-slow",
    "body-too-large",
    "too-many-suggestions",
    "text-too-long",
    "unsupported-media-type",
    "unsupported-charset",
    "invalid-request",
    "unusable-input",
    "internal-error",
    "not-ready",
    "model-failed",
    "queue-full",
)
ANSWERS = {200: {"content": {"application/json": {"example": RESPONSE}}}, **documented(*PROBLEMS)}
router = APIRouter(prefix="/v1", tags=["triage"], route_class=JsonRoute)


@router.post("/triage", response_model=TriageResponse, responses=ANSWERS, summary="Get advice")
async def triage(
    body: Annotated[TriageRequest, Body(openapi_examples=REQUESTS)],
    request: Request,
    settings: SettingsOf,
    queue: QueueOf,
    triager: TriagerOf,
) -> Response:
    """Lead unit, co-handling units, topics, decision, reasons and evidence for one suggestion or many.

    `results` has one item for each suggestion, in the same order. An item is exactly what the library answers
    (`Triaged.to_dict()`), the same for the same model and text. Nothing is stored.
    """
    records = [suggestion.record() for suggestion in body.suggestions]
    request.state.suggestions = len(records)
    _check_limits(records, settings)
    return Response(await queue.run(lambda: _answer(triager, records)), media_type="application/json")


def _check_limits(records: Sequence[Suggestion], settings: Settings) -> None:
    """Raise Problem where a request is larger than this service's settings allow."""
    if len(records) > settings.max_suggestions:
        raise too_many(f"{len(records)}", settings.max_suggestions)
    allowed = settings.max_characters
    findings = [
        Finding(detail=f"{length:,} characters in title and text; {allowed:,} are allowed", pointer=_place(index))
        for index, record in enumerate(records)
        if (length := len(record.title) + len(record.text)) > allowed
    ]
    if findings:
        detail = f"{findings[0].pointer}: {findings[0].detail}. Shorten it: title, opening and ask decide."
        raise Problem("text-too-long", detail, findings=findings)


def _place(index: int) -> str:
    return pointer(("suggestions", index))


def _answer(triager: Triager, records: Sequence[Suggestion]) -> bytes:
    """The answer's bytes; made in the worker's thread, so that a large one does not hold up the event loop."""
    results = [triaged.to_dict() for triaged in triager.triage(records)]
    return json.dumps({"results": results}, ensure_ascii=False, allow_nan=False).encode()
