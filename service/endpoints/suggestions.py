"""``/v1/suggestions``: hand in, look for, read, hand in anew."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Body, Query, Request, Response
from sqlalchemy.orm import Session

from service.problems import answered
from service.served.model import Answering, ServedModel
from service.shapes import examples_suggestions as examples
from service.shapes import shown
from service.shapes.schemas import SuggestionIn
from service.shapes.suggestions import (
    FilterIn,
    HandedInAll,
    HandIn,
    Kept,
    ListIn,
    ListPage,
    SuggestionId,
    Versions,
)
from service.store import decisions, listing, suggestions
from service.store.quotes import cited
from service.store.store import Writing
from service.store.tables import SuggestionRow
from service.store.visibility import hidden_in
from service.web.body import JsonRoute
from service.web.caller import Caller, ReadCaller, TriageCaller
from service.web.dependencies import QueueOf, SettingsOf, StoreOf
from service.web.etags import NeededOf, etag
from service.web.idempotency import OnceOf, Reply
from service.web.limits import PROBLEMS, record_of, records_of
from service.web.sight import SightOf
from triage.records import Suggestion

router = APIRouter(prefix="/v1/suggestions", tags=["suggestions"], route_class=JsonRoute)
MEDIA_TYPE = "application/json"


@router.post(
    "",
    status_code=201,
    response_model=HandedInAll,
    responses=answered(examples.HANDED_IN, *PROBLEMS, "already-there", status=201),
    summary="Hand in one or many",
)
async def hand_in(
    body: Annotated[HandIn, Body(openapi_examples=examples.TO_HAND_IN)],
    request: Request,
    settings: SettingsOf,
    queue: QueueOf,
    caller: TriageCaller,  # noqa: ARG001 - the scope
    once: OnceOf,
    sight: SightOf,
) -> Response:
    """Keep suggestions: all of the request, or none. One without an id gets one.

    With `triage` they are also answered, as by `POST /v1/triage`, and the answers are kept. `results` has one item for
    each, in the same order.
    """
    records = records_of(body, request, settings)
    replayed = await asyncio.to_thread(once.replay, body)
    if replayed is not None:
        return replayed
    named = [record if record.id else replace(record, id=suggestions.made_ref()) for record in records]
    model: ServedModel = request.app.state.model
    answering = model.now() if body.triage else None
    advice = await queue.run(lambda: advise(answering, named)) if answering else None
    hidden = await asyncio.to_thread(sight.hidden, {ref for answer in advice or () for ref in cited(answer)})

    def work(writing: Writing) -> Reply:
        return _kept(writing, named, answering, advice, hidden)

    return await asyncio.to_thread(once.write, body, work)


def advise(answering: Answering, records: Sequence[Suggestion]) -> list[dict[str, Any]]:
    """What the library answers, as plain JSON types."""
    found = answering.triager.triage(records, history=answering.index, precheck=answering.office)
    return [triaged.to_dict() for triaged in found]


def _kept(
    writing: Writing,
    records: Sequence[Suggestion],
    answering: Answering | None,
    advice: list[dict[str, Any]] | None,
    hidden: Collection[str],
) -> Reply:
    results = []
    for place, record in enumerate(records):
        row = suggestions.create(writing, record)
        answer = None
        if answering is not None and advice is not None:
            triaged = advice[place]
            answer = suggestions.keep_answer(writing, row, triaged, triaged["model"], answering.place.version)
        told = shown.kept_answer(answer, hidden) if answer else None
        results.append({"id": row.ref, "version": row.version, "state": row.state, "answer": told})
    headers = {"Location": location(records[0].id), "ETag": etag(1)} if len(records) == 1 else {}
    return Reply(201, {"results": results}, headers)


@router.get(
    "",
    response_model=ListPage,
    responses=answered(examples.LISTED, "unusable-input"),
    summary="List, filter, search",
)
def listed(wanted: Annotated[ListIn, Query()], caller: ReadCaller, store: StoreOf) -> Response:
    """Suggestions that fulfil all that is asked, a page at a time; `q` is looked for in title and text.

    `next` stays right while suggestions are added: none is repeated or left out. Confidential ones are seen only with a
    key that may.
    """
    with store.read() as session:
        page = listing.page(
            session,
            filter_of(wanted),
            wanted.cursor,
            wanted.limit,
            confidential=caller.confidential,
            order=wanted.order,
        )
        sent_back = decisions.returned_of(session, page.rows)
        rows = [shown.listed(row, returned=row.id in sent_back) for row in page.rows]
        found = {"suggestions": rows, "next": page.next or None}
    return Response(shown.as_json(found), media_type=MEDIA_TYPE)


def filter_of(wanted: FilterIn) -> listing.Filter:
    """The store's filter of a query's parameters."""
    return listing.Filter(
        states=tuple(wanted.state),
        sources=tuple(wanted.source),
        sessions=tuple(wanted.session),
        units=tuple(wanted.unit),
        role=wanted.role,
        topics=tuple(wanted.topic),
        since=wanted.since,
        until=wanted.until,
        words=wanted.q,
        confidential=wanted.confidential,
        advice=tuple(wanted.advice),
        advised_units=tuple(wanted.advised_unit),
        advised_topics=tuple(wanted.advised_topic),
        zones=tuple(wanted.zone),
        batches=tuple(wanted.batch),
        refs=tuple(wanted.id),
    )


@router.get(
    "/{suggestion}", response_model=Kept, responses=answered(examples.KEPT, "not-found"), summary="One suggestion"
)
def one(suggestion: SuggestionId, caller: ReadCaller, store: StoreOf) -> Response:
    """What stands now, the decision that holds and the latest answer. The ETag is the number of the wording."""
    with store.read() as session:
        found = _told(session, suggestions.find(session, suggestion, confidential=caller.confidential), caller)
    return Response(shown.as_json(found), headers={"ETag": etag(found["version"])}, media_type=MEDIA_TYPE)


@router.put(
    "/{suggestion}",
    response_model=Kept,
    responses=answered(examples.KEPT, "not-found", "text-too-long", "unusable-input", "changed"),
    summary="Hand in anew",
)
def revise(
    suggestion: SuggestionId,
    body: Annotated[SuggestionIn, Body(openapi_examples=examples.TO_REVISE)],
    request: Request,
    settings: SettingsOf,
    expected: NeededOf,
    caller: TriageCaller,
    store: StoreOf,
) -> Response:
    """Another wording, whole: what is left out is empty. The ones before stay readable under `/versions`.

    ``If-Match`` names the version that you have seen; if another stands, 409 `changed` holds it. The same wording again
    changes nothing.
    """
    record = record_of(body, request, settings)
    with store.write(caller.actor) as writing:
        session = writing.session
        row = suggestions.find(session, suggestion, confidential=caller.confidential)
        suggestions.revise(writing, row, record, expected)
        session.flush()
        found = _told(session, row, caller)
    return Response(shown.as_json(found), headers={"ETag": etag(found["version"])}, media_type=MEDIA_TYPE)


@router.get(
    "/{suggestion}/versions",
    response_model=Versions,
    responses=answered(examples.VERSIONS, "not-found"),
    summary="All its wordings",
)
def versions(suggestion: SuggestionId, caller: ReadCaller, store: StoreOf) -> Response:
    """Every wording as it was handed in, the first one first; none where the retention rules erased it. Those that
    were handed in as confidential are seen only with a key that may, also when a later one is open.
    """
    with store.read() as session:
        row = suggestions.find(session, suggestion, confidential=caller.confidential)
        wordings = suggestions.versions_of(session, row, confidential=caller.confidential)
        found = {"versions": [shown.version(wording) for wording in wordings]}
    return Response(shown.as_json(found), media_type=MEDIA_TYPE)


def _told(session: Session, row: SuggestionRow, caller: Caller) -> dict[str, Any]:
    """A suggestion with its decision and latest answer, as this caller sees them."""
    answer = suggestions.latest_answer(session, row, confidential=caller.confidential)
    hidden = hidden_in(session, [answer.answer] if answer else [], confidential=caller.confidential)
    returned = bool(decisions.returned_of(session, [row]))
    return shown.kept(row, decisions.decision_of(session, row), answer, hidden, returned=returned)


def location(ref: str) -> str:
    """The path of a suggestion, as a URI."""
    return f"/v1/suggestions/{quote(ref, safe='')}"
