"""``GET /v1/groups``, ``/v1/conflicts``, ``/v1/hot``: stored suggestions compared with each other.

As many as one request may hold; more are the work of a job.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import date as Date
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from service.endpoints.suggestions import filter_of
from service.problems import Problem, answered
from service.settings import Settings
from service.shapes import examples_stored as examples
from service.shapes.answers import HotTopics
from service.shapes.stored import ConflictsOut, GroupsOut, HotIn
from service.shapes.suggestions import FilterIn
from service.store import apart
from service.store import cases as stored
from service.store.listing import Filter
from service.store.store import Store
from service.web.body import JsonRoute
from service.web.caller import ReadCaller
from service.web.dependencies import QueueOf, SettingsOf, StoreOf, TriagerOf
from service.web.queue import WorkQueue
from triage.duplicates.apart import Apart
from triage.records import Case

router = APIRouter(prefix="/v1", tags=["duplicates"], route_class=JsonRoute)
CODES = ("unusable-input", "job-needed", "not-ready", "model-failed", "index-failed", "queue-full")


@router.get(
    "/groups", response_model=GroupsOut, responses=answered(examples.GROUPS, *CODES), summary="What could be merged?"
)
async def groups(
    wanted: Annotated[FilterIn, Query()],
    caller: ReadCaller,
    settings: SettingsOf,
    store: StoreOf,
    queue: QueueOf,
    triager: TriagerOf,
) -> Response:
    """Merges (并案) that suggest themselves among stored suggestions, with their units and outcomes: a view, in which
    every text and every proposer stays. Nothing is merged. No two that were found to be apart (`POST /v1/apart`) come
    into one group.
    """

    def answer() -> dict[str, Any]:
        cases = _chosen(store, filter_of(wanted), settings, "groups", confidential=caller.confidential)
        with closing(triager.duplicates(cases)) as batch:
            proposals = batch.proposals(apart=_apart(store))
            return {"texts": len(batch), "proposals": [proposal.to_dict() for proposal in proposals]}

    return await _json(queue, answer)


@router.get(
    "/conflicts",
    response_model=ConflictsOut,
    responses=answered(examples.CONFLICTS, *CODES),
    summary="Which matters have several leads?",
)
async def conflicts(
    wanted: Annotated[FilterIn, Query()],
    caller: ReadCaller,
    settings: SettingsOf,
    store: StoreOf,
    queue: QueueOf,
    triager: TriagerOf,
) -> Response:
    """Stored suggestions on one matter that were, or are about to be, given to different leads. What is not decided yet
    counts with the model's first lead. Those that were found to be apart (`POST /v1/apart`) are no conflict.
    """

    def answer() -> dict[str, Any]:
        cases = _chosen(store, filter_of(wanted), settings, "conflicts", confidential=caller.confidential)
        with closing(triager.duplicates(cases)) as batch:
            items = triager.conflicts(batch, decided=True, apart=_apart(store))
            return {"texts": len(batch), "conflicts": [item.to_dict() for item in items]}

    return await _json(queue, answer)


@router.get("/hot", response_model=HotTopics, responses=answered(examples.HOT, *CODES), summary="What do many ask for?")
async def hot(
    wanted: Annotated[HotIn, Query()],
    caller: ReadCaller,
    settings: SettingsOf,
    store: StoreOf,
    queue: QueueOf,
    triager: TriagerOf,
) -> Response:
    """The topics that many stored suggestions share, largest first, and how they grew, as `POST /v1/hot` tells it of
    suggestions that are sent along.

    Without a period all count. With one, those of the period before, of equal length, are what growth is measured
    against; suggestions of other days, or without one, are not looked at.
    """

    def answer() -> dict[str, Any]:
        chosen, since, until = _period(store, wanted, confidential=caller.confidential)
        cases = _chosen(store, chosen, settings, "hot", confidential=caller.confidential)
        with closing(triager.duplicates(cases)) as batch:
            return batch.hot(least=wanted.least, since=since, until=until).to_dict()

    return await _json(queue, answer)


async def _json(queue: WorkQueue, answer: Callable[[], dict[str, Any]]) -> Response:
    def work() -> bytes:
        return json.dumps(answer(), ensure_ascii=False, allow_nan=False).encode()

    return Response(await queue.run(work), media_type="application/json")


def _apart(store: Store) -> Apart:
    with store.read() as session:
        return apart.all_of(session)


def _chosen(store: Store, chosen: Filter, settings: Settings, kind: str, *, confidential: bool) -> list[Case]:
    """The cases to be compared. Raises Problem ``job-needed`` where they are more than one request may hold."""
    with store.snapshot() as session:
        found, allowed = stored.count(session, chosen, confidential=confidential), settings.max_suggestions
        if found > allowed:
            detail = (
                f"The filter chooses {found} suggestions; {allowed} are compared at once. Narrow it, or have a job "
                f'compare them: POST /v1/jobs with the kind "{kind}".'
            )
            detail_zh = (
                f"筛选出 {found} 件，一次最多比较 {allowed} 件。请缩小范围，或用 POST /v1/jobs 提交 {kind} 任务。"
            )
            raise Problem("job-needed", detail, detail_zh=detail_zh)
        return list(stored.cases(session, chosen, confidential=confidential))


def _period(store: Store, wanted: HotIn, *, confidential: bool) -> tuple[Filter, Date | None, Date | None]:
    """The filter that holds a period and the one before, and the period's days, as the library chooses them."""
    from triage.duplicates.growth import Window, chosen_period

    length = int(wanted.period) if wanted.period and wanted.period.isdecimal() else wanted.period
    base = replace(filter_of(wanted), since=None, until=None)
    with store.read() as session:
        last = stored.last_day(session, base, confidential=confidential)
    since, until = chosen_period([last], wanted.since, wanted.until, length)
    if since is None and until is None:
        return base, None, None
    window = Window.over([last], since, until)
    first = window.before[0] if window.before else window.first if since else None
    return replace(base, since=first, until=window.last), since, window.last
