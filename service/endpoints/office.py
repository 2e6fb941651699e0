"""``GET /v1/due``, ``/v1/returns``, ``/v1/topics/unraised``: what presses, what came back, what nobody raises."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query, Response

from service.endpoints.suggestions import filter_of
from service.jobs.papers import span_of
from service.problems import answered
from service.shapes import examples_office as examples
from service.shapes.office import DueIn, DueList, PeriodIn, ReturnList, ReturnsIn, UnraisedList
from service.store import cases as stored
from service.store import overview
from service.store.decisions import today
from service.store.tables import DECIDED
from service.web.body import JsonRoute
from service.web.caller import ReadCaller
from service.web.dependencies import AnsweringOf, QueueOf, StoreOf
from service.web.queue import WorkQueue

if TYPE_CHECKING:
    from triage.deadlines.docket import Docket, Item

router = APIRouter(prefix="/v1", tags=["office"], route_class=JsonRoute)
UNREADY = ("not-ready", "model-failed", "index-failed")
MOST_CASES = 20_000
"""Suggestions whose deadlines are looked at: the last ones that came in."""
NOTHING_HANDED_OUT = "还没有交办出去、等待答复的建议，因此没有期限。"
NO_OFFICE = "没有提供本单位的规则（office.toml），期限按通行的规定计算：答复三个月，会办意见一个月，退单七个工作日。"
NO_TOPICS = "单位目录没有类别，不能说哪些类别无人反映。请管理员在目录中补充 topics.csv。"


@router.get(
    "/due",
    response_model=DueList,
    responses=answered(examples.DUE, "unusable-input", "queue-full", *UNREADY),
    summary="Which deadlines press?",
)
async def due(
    wanted: Annotated[DueIn, Query()], caller: ReadCaller, store: StoreOf, queue: QueueOf, now: AnsweringOf
) -> Response:
    """Replies, opinions of helpers and return windows (退单期) that are due within so many working days or overdue, by
    the office's rules and the official holidays. Suggestions that are answered have none; without a filter of states
    those are looked at that are decided.
    """
    chosen = filter_of(wanted)
    chosen = chosen if chosen.states else replace(chosen, states=(DECIDED,))

    def work() -> dict[str, Any]:
        from triage.catalogue import Office
        from triage.deadlines import docket

        with store.snapshot() as session:
            cases = stored.latest(session, chosen, MOST_CASES, confidential=caller.confidential)
            found = stored.count(session, chosen, confidential=caller.confidential)
        numbered = [(case.suggestion.id, case) for case in cases]
        made = docket(numbered, now.place.office or Office(), wanted.on or today(), leave_out=True)
        notices = [] if now.place.office else [NO_OFFICE]
        notices += [] if made.handed_out else [NOTHING_HANDED_OUT]
        notices += [f"只看了最近登记的{MOST_CASES}件，共{found}件。请缩小范围。"] if found > MOST_CASES else []
        return _docket(made, wanted, notices)

    return await _json(queue, work)


@router.get(
    "/returns",
    response_model=ReturnList,
    responses=answered(examples.RETURNS, "unusable-input", "queue-full"),
    summary="What was sent back, by whom and why?",
)
async def returns(
    wanted: Annotated[ReturnsIn, Query()], caller: ReadCaller, store: StoreOf, queue: QueueOf
) -> Response:
    """The returns (退单) of the suggestions that a filter chooses, the newest first, and the units by how often."""
    chosen, units = filter_of(wanted), tuple(wanted.returned_by)

    def work() -> dict[str, Any]:
        with store.snapshot() as session:
            listed = overview.returns(session, chosen, units, wanted.limit, confidential=caller.confidential)
            counted = overview.returners(session, chosen, units, confidential=caller.confidential)
        days = [asdict(one) | {"day": one.day.isoformat() if one.day else None} for one in listed]
        return {"returns": days, "total": sum(one.count for one in counted), "units": [asdict(one) for one in counted]}

    return await _json(queue, work)


@router.get(
    "/topics/unraised",
    response_model=UnraisedList,
    responses=answered(examples.UNRAISED, "unusable-input", "queue-full", *UNREADY),
    summary="Which topics does nobody raise?",
)
async def unraised(
    wanted: Annotated[PeriodIn, Query()], caller: ReadCaller, store: StoreOf, queue: QueueOf, now: AnsweringOf
) -> Response:
    """The topics of the catalogue, at every level, that no suggestion of the period is about: by the decision that
    holds, else by the latest advice. With both days of a period it is compared with the same days of the year before.
    """
    chosen = replace(filter_of(wanted), since=None, until=None)
    plain = wanted.model_dump(mode="json", exclude_none=True)

    def work() -> dict[str, Any]:
        from triage.reports import unraised as library

        place = now.place.catalogue
        catalogue = place if place is not None and place.topics else now.triager.catalogue
        with store.snapshot() as session:
            cases = list(overview.topic_cases(session, chosen, confidential=caller.confidential))
        previous = span_of(plain, "previous_since", "previous_until")
        found = library(cases, catalogue, wanted.since, wanted.until, previous)
        return found.to_dict() | {"notices": [] if catalogue.topics else [NO_TOPICS]}

    return await _json(queue, work)


async def _json(queue: WorkQueue, answer: Callable[[], dict[str, Any]]) -> Response:
    def work() -> bytes:
        return json.dumps(answer(), ensure_ascii=False, allow_nan=False).encode()

    return Response(await queue.run(work), media_type="application/json")


def _docket(made: Docket, wanted: DueIn, notices: list[str]) -> dict[str, Any]:
    pressing = made.pressing(wanted.within)
    units = ("unit", "overdue", "soon", "open", "opinions", "returnable")
    return {
        "on": made.on.isoformat(),
        "due": [_due(item) for item in pressing[: wanted.limit]],
        "total": len(pressing),
        "units": [{name: getattr(one, name) for name in units} for one in made.units],
        "handed_out": made.handed_out,
        "provisional": any(item.provisional for item in pressing),
        "notices": [*notices, *made.notices],
    }


def _due(item: Item) -> dict[str, Any]:
    from triage.deadlines import DUTIES

    plain = item.to_dict()
    kept = ("title", "source", "unit", "duty", "state", "handed_out", "returned", "provisional")
    return {name: plain[name] for name in kept} | {
        "suggestion": item.id,
        "confidential": item.confidential,
        "what": DUTIES[item.duty],
        "told": item.told,
        "day": item.last_day.isoformat(),
        "days_left": item.left,
        "overdue": item.left < 0,
    }
