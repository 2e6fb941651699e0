"""``GET /v1/reports/{kind}``: a report on the memory at once, as JSON; those that compare texts are jobs."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response

from service.endpoints.suggestions import filter_of
from service.jobs.papers import ORIGIN, settings_of, span_of, with_advice
from service.problems import Problem, answered
from service.served.model import Answering
from service.shapes import examples_office as examples
from service.shapes.office import QuickReport, ReportIn, ReportOut, plain_settings
from service.store import cases as stored
from service.store.listing import Filter
from service.store.overview import Advised, advice_of
from service.store.store import Store
from service.web.body import JsonRoute
from service.web.caller import ReadCaller
from service.web.dependencies import AnsweringOf, QueueOf, StoreOf
from triage.records import Case

router = APIRouter(prefix="/v1", tags=["office"], route_class=JsonRoute)
CODES = ("unusable-input", "job-needed", "not-ready", "model-failed", "index-failed", "queue-full")
MOST_CASES = 20_000
"""Suggestions that are counted at once: a few seconds' work."""
NO_LEADS = "这些建议还没有确定主办单位，也没有模型的建议，不能统计承办量。请先请求建议（研判），或先决定主办单位。"


@router.get(
    "/reports/{kind}", response_model=ReportOut, responses=answered(examples.REPORT, *CODES), summary="A report at once"
)
async def report(
    kind: Annotated[QuickReport, Path(description="Which one", examples=["overview"])],
    wanted: Annotated[ReportIn, Query()],
    caller: ReadCaller,
    store: StoreOf,
    queue: QueueOf,
    now: AnsweringOf,
) -> Response:
    """The same report as a job `report` with the format json, for the kinds that compare no texts. `since` and `until`
    are its period; the other filters choose among which suggestions. Where there is nothing to report on, a sentence
    says so.

    `workload` counts what is not decided yet by the latest advice, and says how many that are.
    """
    chosen = replace(filter_of(wanted), since=None, until=None)

    def work() -> bytes:
        from triage.results import json_line

        cases, advice = _found(store, chosen, kind, confidential=caller.confidential)
        return json_line(_made(kind, cases, advice, now, wanted)).encode()

    return Response(await queue.run(work), media_type="application/json")


def _found(store: Store, chosen: Filter, kind: str, *, confidential: bool) -> tuple[list[Case], dict[str, Advised]]:
    """The cases, and where the kind counts it the advice. Raises Problem ``job-needed`` where they are too many."""
    with store.snapshot() as session:
        found = stored.count(session, chosen, confidential=confidential)
        if found > MOST_CASES:
            detail = (
                f"The filter chooses {found} suggestions; {MOST_CASES} are counted at once. Narrow it, or have a job "
                f'count them: POST /v1/jobs with the kind "report".'
            )
            detail_zh = (
                f"筛选出{found}件，一次最多统计{MOST_CASES}件。请缩小范围，或用 POST /v1/jobs 提交 report 任务。"
            )
            raise Problem("job-needed", detail, detail_zh=detail_zh)
        advice = advice_of(session, chosen, confidential=confidential) if kind == "workload" else {}
        return list(stored.cases(session, chosen, confidential=confidential)), advice


def _made(kind: str, cases: list[Case], advice: dict[str, Advised], now: Answering, wanted: ReportIn) -> dict[str, Any]:
    from triage.catalogue import Office
    from triage.reports import empty, make
    from triage.reports.period import within

    plain = wanted.model_dump(mode="json", exclude_none=True)
    office, period = now.place.office or Office(), span_of(plain, "since", "until")
    suggested: Collection[str] = ()
    if kind == "workload":
        cases, suggested = with_advice(cases, advice)
    inside = within(cases, period).inside if period else cases
    if not inside:
        return empty(kind, office, period).to_dict()
    if kind == "workload" and not any(case.leads for case in inside):
        return empty(kind, office, period, NO_LEADS).to_dict()
    made = make(
        kind,
        cases,
        office,
        now.place.catalogue,
        period=period,
        previous=span_of(plain, "previous_since", "previous_until"),
        settings=settings_of(plain_settings(wanted)),
        suggested=suggested,
        origin=(ORIGIN,),
    )
    return made.to_dict(wanted.links)
