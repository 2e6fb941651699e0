"""``/v1/apart``: what clerks found of suggestions that look alike, so that it is not proposed to anybody again."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Body, Query, Response

from service.problems import answered, documented
from service.shapes.apart import ASKED, CURSOR, FOUND, LISTED, ApartIn, ApartOut, ApartPage, FindingNumber, Kind
from service.shapes.schemas import Short
from service.store import apart
from service.store.apart import Finding
from service.store.store import Writing
from service.web.body import JsonRoute
from service.web.caller import DecideCaller, ReadCaller
from service.web.dependencies import StoreOf
from service.web.idempotency import OnceOf, Reply

router = APIRouter(prefix="/v1/apart", tags=["duplicates"], route_class=JsonRoute)


@router.post(
    "",
    status_code=201,
    response_model=ApartOut,
    responses=answered(FOUND, "not-found", status=201) | answered(FOUND),
    summary="Say that suggestions are apart",
)
def find(body: Annotated[ApartIn, Body(openapi_examples=ASKED)], caller: DecideCaller, once: OnceOf) -> Response:
    """From then on `GET /v1/groups` puts no two of them into one group (`merge`), or `GET /v1/conflicts` takes their
    leads for right as they differ (`merge` and `lead`). The suggestions stay as they are. What was found before is
    answered with 200.
    """

    def work(writing: Writing) -> Reply:
        finding, new = apart.find_apart(writing, body.kind, body.suggestions, confidential=caller.confidential)
        return Reply(201 if new else 200, _shown(finding).model_dump(mode="json"))

    return once.write(body, work)


@router.get("", responses=answered(LISTED), summary="Which suggestions are apart?")
def listed(
    caller: ReadCaller,
    store: StoreOf,
    kind: Annotated[Kind | None, Query(description="Only those of this kind")] = None,
    suggestion: Annotated[Short, Query(description="Only those of this one", examples=["RD2025-031"])] = "",
    limit: Annotated[int, Query(ge=1, le=200, description="Findings a page")] = 50,
    cursor: Annotated[str, Query(pattern=CURSOR, description="`next` of the page before")] = "",
) -> ApartPage:
    """The findings that hold, the newest first; those with a confidential suggestion only for a key that may see it."""
    with store.read() as session:
        before = int(cursor or 0)
        page = apart.page(session, kind or "", suggestion, before, limit, confidential=caller.confidential)
    return ApartPage(findings=[_shown(one) for one in page.findings], next=str(page.next) if page.next else None)


@router.delete(
    "/{finding}", status_code=204, responses=documented("not-found", "invalid-request"), summary="Withdraw a finding"
)
def withdraw(finding: FindingNumber, caller: DecideCaller, store: StoreOf) -> None:
    """What it said does not hold any more; the suggestions may be proposed together again."""
    with store.write(caller.actor) as writing:
        apart.withdraw(writing, finding, confidential=caller.confidential)


def _shown(finding: Finding) -> ApartOut:
    told = asdict(finding)
    return ApartOut(suggestions=list(told.pop("refs")), **told)
