"""What the library says of one stored suggestion: advice, which is kept, duplicates and precedents, which are not."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Query, Response

from service.endpoints.suggestions import MEDIA_TYPE, advise
from service.problems import answered
from service.shapes import examples_suggestions as examples
from service.shapes import shown
from service.shapes.answers import DuplicatesResult, PrecedentsResult
from service.shapes.suggestions import Answers, HitsIn, KeptAnswer, PrecedentsIn, SuggestionId
from service.store import suggestions
from service.store.quotes import cited
from service.store.store import Store, Writing
from service.store.visibility import hidden_in
from service.web.body import JsonRoute
from service.web.caller import Caller, ReadCaller, TriageCaller
from service.web.dependencies import AnsweringOf, NeededIndexOf, QueueOf, StoreOf
from service.web.idempotency import OnceOf, Reply
from service.web.sight import SightOf
from triage.records import Suggestion

router = APIRouter(prefix="/v1/suggestions", tags=["suggestions"], route_class=JsonRoute)
LISTED_ANSWERS = 50
MODEL = ("not-ready", "model-failed", "index-failed", "queue-full")
"""What can go wrong with the model, wherever it is asked."""


@router.post(
    "/{suggestion}/triage",
    response_model=KeptAnswer,
    responses=answered(examples.KEPT_ANSWER, "not-found", "unusable-input", *MODEL),
    summary="Get advice, and keep it",
)
async def triage(
    suggestion: SuggestionId,
    caller: TriageCaller,
    store: StoreOf,
    queue: QueueOf,
    answering: AnsweringOf,
    once: OnceOf,
    sight: SightOf,
) -> Response:
    """The advice of the model that serves now to the wording that stands now, kept with model and catalogue version.

    `triaged` is exactly what the library answers, as in `POST /v1/triage`. A text does not repeat itself, though the
    index may hold it.
    """
    record, version = await asyncio.to_thread(_read, store, suggestion, caller)  # 404 also for what was answered once
    replayed = await asyncio.to_thread(once.replay, None)
    if replayed is not None:
        return replayed
    [triaged] = await queue.run(lambda: advise(answering, [record]))
    hidden = await asyncio.to_thread(sight.hidden, cited(triaged))

    def work(writing: Writing) -> Reply:
        row = suggestions.find(writing.session, suggestion, confidential=caller.confidential)
        model, catalogue = triaged["model"], answering.place.version
        answer = suggestions.keep_answer(writing, row, triaged, model, catalogue, version=version)
        return Reply(200, shown.kept_answer(answer, hidden))

    return await asyncio.to_thread(once.write, None, work)


@router.get(
    "/{suggestion}/answers",
    response_model=Answers,
    responses=answered(examples.ANSWERS, "not-found"),
    summary="The answers that were kept",
)
def kept(suggestion: SuggestionId, caller: ReadCaller, store: StoreOf) -> Response:
    """The last fifty, the latest first. What they quote of an erased suggestion is erased, too, and a key that may not
    see confidential ones sees none of those that an answer names, nor an answer to such a wording.
    """
    with store.read() as session:
        row = suggestions.find(session, suggestion, confidential=caller.confidential)
        rows = suggestions.answers_of(session, row, LISTED_ANSWERS, confidential=caller.confidential)
        hidden = hidden_in(session, [answer.answer for answer in rows], confidential=caller.confidential)
        found = {"answers": [shown.kept_answer(answer, hidden) for answer in rows]}
    return Response(shown.as_json(found), media_type=MEDIA_TYPE)


@router.get(
    "/{suggestion}/duplicates",
    response_model=DuplicatesResult,
    responses=answered(examples.DUPLICATES, "not-found", "no-index", *MODEL),
    summary="What does it repeat?",
)
async def duplicates(
    suggestion: SuggestionId,
    wanted: Annotated[HitsIn, Query()],
    caller: ReadCaller,
    store: StoreOf,
    queue: QueueOf,
    index: NeededIndexOf,
    sight: SightOf,
) -> Response:
    """What it repeats in the duplicate index, closest first; itself is not among it, nor is a confidential text unless
    the key may see those.
    """
    record, _ = await asyncio.to_thread(_read, store, suggestion, caller)
    [hits] = await queue.run(lambda: index.query([record], k=wanted.k, least=wanted.least))
    hidden = await asyncio.to_thread(sight.hidden, {hit.id for hit in hits})
    found = {"id": record.id, "duplicates": [asdict(hit) for hit in hits if hit.id not in hidden]}
    return Response(shown.as_json(found), media_type=MEDIA_TYPE)


@router.get(
    "/{suggestion}/precedents",
    response_model=PrecedentsResult,
    responses=answered(examples.PRECEDENTS, "not-found", "no-index", *MODEL),
    summary="How was the like handled before?",
)
async def precedents(
    suggestion: SuggestionId,
    wanted: Annotated[PrecedentsIn, Query()],
    caller: ReadCaller,
    store: StoreOf,
    queue: QueueOf,
    answering: AnsweringOf,
    index: NeededIndexOf,
    sight: SightOf,
) -> Response:
    """The handled cases of the index that help most: the same matter first, then cases of the units that likely lead,
    then others on the topic; itself is not among them.
    """
    record, _ = await asyncio.to_thread(_read, store, suggestion, caller)
    [cases] = await queue.run(lambda: answering.triager.precedents([record], index, most=wanted.most))
    told = [case.to_dict() for case in cases]
    hidden = await asyncio.to_thread(sight.hidden, {case["id"] for case in told})
    found = {"id": record.id, "precedents": [case for case in told if case["id"] not in hidden]}
    return Response(shown.as_json(found), media_type=MEDIA_TYPE)


def _read(store: Store, ref: str, caller: Caller) -> tuple[Suggestion, int]:
    """What stands now, and its version."""
    with store.read() as session:
        row = suggestions.find(session, ref, confidential=caller.confidential)
        return suggestions.suggestion_of(row), row.version
