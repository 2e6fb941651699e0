"""``POST /v1/triage``: suggestions in, the library's records out."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Body, Request, Response

from service.problems import answered
from service.shapes.answers import TriageResponse
from service.shapes.examples import REQUESTS, RESPONSE
from service.shapes.schemas import TriageRequest
from service.web.body import JsonRoute
from service.web.caller import FOR_ADVICE
from service.web.dependencies import IndexOf, OfficeOf, QueueOf, SettingsOf, TriagerOf
from service.web.limits import PROBLEMS, records_of
from service.web.sight import Sight, SightOf
from triage.records import Suggestion

if TYPE_CHECKING:
    from triage import Triager
    from triage.duplicates.index import DuplicateIndex
    from triage.precheck.precheck import Precheck

ANSWERS = answered(RESPONSE, *PROBLEMS)
router = APIRouter(prefix="/v1", tags=["triage"], route_class=JsonRoute)


@router.post(
    "/triage",
    response_model=TriageResponse,
    responses=ANSWERS,
    summary="Get advice",
    dependencies=[FOR_ADVICE],
)
async def triage(
    body: Annotated[TriageRequest, Body(openapi_examples=REQUESTS)],
    request: Request,
    settings: SettingsOf,
    queue: QueueOf,
    triager: TriagerOf,
    office: OfficeOf,
    index: IndexOf,
    sight: SightOf,
) -> Response:
    """Lead unit, co-handling units, topics, decision, reasons and evidence for one suggestion or many.

    `results` has one item for each suggestion, in the same order. An item is exactly what the library answers
    (`Triaged.to_dict()`), the same for the same model and text; with a duplicate index it also says what the text
    repeats there, with the office's own folder on whose ground and at which level the matter lies. Nothing is stored.
    """
    records = records_of(body, request, settings)
    answer = await queue.run(lambda: _answer(triager, records, index, office, sight))
    return Response(answer, media_type="application/json")


def _answer(
    triager: Triager,
    records: Sequence[Suggestion],
    index: DuplicateIndex | None,
    precheck: Precheck | None,
    sight: Sight,
) -> bytes:
    """The answer's bytes; made in the worker's thread, so that a large one does not hold up the event loop."""
    found = [triaged.to_dict() for triaged in triager.triage(records, history=index, precheck=precheck)]
    results = sight.answers(found)
    return json.dumps({"results": results}, ensure_ascii=False, allow_nan=False).encode()
