"""``POST /v1/duplicates``, ``/v1/precedents``, ``/v1/hot``: what texts repeat, what became of it, what many ask for."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Body, Request, Response

from service.problems import answered
from service.shapes.answers import DuplicatesResponse, HotTopics, PrecedentsResponse
from service.shapes.examples_duplicates import DUPLICATES, FOUND, HOT, HOT_TOPICS, PRECEDENTS, PRECEDENTS_FOUND
from service.shapes.options import DuplicatesRequest, HotRequest, OnlyIn, PrecedentsRequest
from service.web.body import JsonRoute
from service.web.caller import FOR_ADVICE
from service.web.dependencies import IndexOf, NeededIndexOf, QueueOf, SettingsOf, TriagerOf
from service.web.limits import PROBLEMS, records_of
from service.web.queue import WorkQueue
from service.web.sight import Sight, SightOf
from triage.records import Suggestion

if TYPE_CHECKING:
    from triage import Triager
    from triage.duplicates.guard import MeetingItem, Side
    from triage.duplicates.hits import Only
    from triage.duplicates.index import DuplicateIndex

router = APIRouter(prefix="/v1", tags=["duplicates"], route_class=JsonRoute)


@router.post(
    "/duplicates",
    response_model=DuplicatesResponse,
    responses=answered(FOUND, *PROBLEMS),
    summary="What does it repeat?",
    dependencies=[FOR_ADVICE],
)
async def duplicates(
    body: Annotated[DuplicatesRequest, Body(openapi_examples=DUPLICATES)],
    request: Request,
    settings: SettingsOf,
    queue: QueueOf,
    triager: TriagerOf,
    index: IndexOf,
    sight: SightOf,
) -> Response:
    """What each suggestion repeats, of the request and of the duplicate index, if the service has one, closest first.

    `results` has one item for each suggestion, in the same order; one without an id is called by its place, ``#1`` on.
    On demand also `proposals` to merge (并案) within the request, and `conflicts`: matters that would get different
    leads, or had another one. Every text and every proposer stays, and nothing is stored.
    """
    records = records_of(body, request, settings)
    return await _json(queue, lambda: _duplicates(triager, records, index, body, sight))


@router.post(
    "/precedents",
    response_model=PrecedentsResponse,
    responses=answered(PRECEDENTS_FOUND, *PROBLEMS, "no-index"),
    summary="How was it handled before?",
    dependencies=[FOR_ADVICE],
)
async def precedents(
    body: Annotated[PrecedentsRequest, Body(openapi_examples=PRECEDENTS)],
    request: Request,
    settings: SettingsOf,
    queue: QueueOf,
    triager: TriagerOf,
    index: NeededIndexOf,
    sight: SightOf,
) -> Response:
    """For each suggestion the handled cases of the duplicate index that help most, with their units and outcome.

    The same matter comes first, then cases of the units that likely lead, then others on the topic. `results` has one
    item for each suggestion, in the same order.
    """
    records = records_of(body, request, settings)
    return await _json(queue, lambda: _precedents(triager, records, index, body.most, sight))


@router.post(
    "/hot",
    response_model=HotTopics,
    responses=answered(HOT_TOPICS, *PROBLEMS),
    summary="What do many ask for?",
    dependencies=[FOR_ADVICE],
)
async def hot(
    body: Annotated[HotRequest, Body(openapi_examples=HOT)],
    request: Request,
    settings: SettingsOf,
    queue: QueueOf,
    triager: TriagerOf,
) -> Response:
    """The topics that many of the suggestions share, largest first, and how they grew.

    Without a period all suggestions count. With one, those of the period before, of equal length, are what growth is
    measured against: send them along. The duplicate index is not asked.
    """
    records = records_of(body, request, settings)
    return await _json(queue, lambda: _hot(triager, records, body))


async def _json(queue: WorkQueue, answer: Callable[[], dict[str, Any]]) -> Response:
    """The answer, computed and written in the worker's thread."""

    def work() -> bytes:
        return json.dumps(answer(), ensure_ascii=False, allow_nan=False).encode()

    return Response(await queue.run(work), media_type="application/json")


def _duplicates(
    triager: Triager, records: Sequence[Suggestion], index: DuplicateIndex | None, body: DuplicatesRequest, sight: Sight
) -> dict[str, Any]:
    with closing(triager.duplicates(records, history=index)) as batch:
        found = batch.duplicates(k=body.k, least=body.least, only=_only(body.only))
        sent = {case.suggestion.id for case in batch.cases}
        hidden = sight.hidden({hit.id for hits in found for hit in hits} - sent)
        answer: dict[str, Any] = {
            "results": [
                {"id": case.suggestion.id, "duplicates": [asdict(hit) for hit in hits if hit.id not in hidden]}
                for case, hits in zip(batch.cases, found, strict=True)
            ]
        }
        if body.proposals:
            answer["proposals"] = [proposal.to_dict() for proposal in batch.proposals()]
        if body.conflicts:
            items = triager.conflicts(batch)
            hidden = sight.hidden({text.id for item in items for text in _texts(item)} - sent)
            answer["conflicts"] = [
                item.to_dict() for item in items if hidden.isdisjoint(text.id for text in _texts(item))
            ]
    return answer


def _precedents(
    triager: Triager, records: Sequence[Suggestion], index: DuplicateIndex, most: int, sight: Sight
) -> dict[str, Any]:
    found = [[case.to_dict() for case in cases] for cases in triager.precedents(records, index, most=most)]
    hidden = sight.hidden({case["id"] for cases in found for case in cases})
    return {
        "results": [
            {"id": record.id, "precedents": [case for case in cases if case["id"] not in hidden]}
            for record, cases in zip(records, found, strict=True)
        ]
    }


def _hot(triager: Triager, records: Sequence[Suggestion], body: HotRequest) -> dict[str, Any]:
    with closing(triager.duplicates(records)) as batch:
        return batch.hot(least=body.least, since=body.since, until=body.until, period=body.period).to_dict()


def _texts(item: MeetingItem) -> list[Side]:
    return [text for holding in item.holdings for text in holding.members]


def _only(chosen: OnlyIn) -> Only:
    from triage.duplicates.hits import Only

    return Only(**chosen.model_dump())
