"""``POST /v1/check``: what a suggestion lacks, holds and breaks, by the rules of the place, before it is handed in."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Body, Request, Response

from service.problems import answered
from service.shapes.answers import CheckResponse
from service.shapes.examples_check import CHECKED, CHECKS
from service.shapes.options import CheckRequest
from service.web.body import JsonRoute
from service.web.caller import FOR_ADVICE
from service.web.dependencies import IndexOf, PrecheckOf, QueueOf, SettingsOf, TriagerOf
from service.web.limits import PROBLEMS, records_of
from service.web.sight import Sight, SightOf
from triage.records import Suggestion

if TYPE_CHECKING:
    from triage import Triager
    from triage.duplicates.index import DuplicateIndex
    from triage.precheck.precheck import Precheck

ANSWERS = answered(CHECKED, *PROBLEMS)
router = APIRouter(prefix="/v1", tags=["check"], route_class=JsonRoute)


@router.post(
    "/check",
    response_model=CheckResponse,
    responses=ANSWERS,
    summary="Is it fit to be handed in?",
    dependencies=[FOR_ADVICE],
)
async def check(
    body: Annotated[CheckRequest, Body(openapi_examples=CHECKS)],
    request: Request,
    settings: SettingsOf,
    queue: QueueOf,
    triager: TriagerOf,
    precheck: PrecheckOf,
    index: IndexOf,
    sight: SightOf,
) -> Response:
    """What each suggestion lacks, how many matters it holds, which rules of the place it touches, how urgent it is, at
    which level and on whose ground it can be settled, and what it repeats.

    `results` has one item for each suggestion, in the same order. It tags, explains and asks; nothing is rejected, and
    nothing is stored. The rules are those of the catalogue folder that the service was given.
    """
    records = records_of(body, request, settings)
    answer = await queue.run(lambda: _answer(triager, precheck, records, index, body, sight))
    return Response(answer, media_type="application/json")


def _answer(
    triager: Triager,
    precheck: Precheck,
    records: Sequence[Suggestion],
    index: DuplicateIndex | None,
    body: CheckRequest,
    sight: Sight,
) -> bytes:
    """The answer's bytes, made in the worker's thread."""
    found = triager.check(records, precheck, on=body.on, history=index)
    results = sight.answers([checked.to_dict() for checked in found])
    return json.dumps({"results": results}, ensure_ascii=False, allow_nan=False).encode()
