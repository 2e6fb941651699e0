"""Jobs whose result is a file of its own: the office's reports, and cases to learn from."""

from __future__ import annotations

import tempfile
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date as Date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from service.jobs.bench import Bench
from service.jobs.kinds import Paper
from service.jobs.progress import HowFar
from service.jobs.sight import found_apart, hidden
from service.jobs.sources import Order, filter_of
from service.store.overview import Advised, advice_of
from triage.records import Case

if TYPE_CHECKING:
    from triage.reports import Settings, Timespan

MEDIA_TYPES = {
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".html": "text/html; charset=utf-8",
    ".csv": "text/csv; charset=utf-8",
    ".jsonl": "application/x-ndjson",
    ".json": "application/json",
}

PARTS = {"reading": (0.0, 0.4), "comparing": (0.4, 0.8)}
"""Where the long parts of a report begin and end; the others come after them."""
ORIGIN = "来件：本系统登记的建议"
"""What a footer says of cases that come from the memory."""


def report(bench: Bench, order: Order, cases: list[Case], far: HowFar) -> Paper:
    """A report of the office, as ``triage report`` writes it."""
    from triage.catalogue import Office
    from triage.reports import KINDS, make
    from triage.reports.paper import write_report

    asked, kind = order.options, order.options["report"]
    answering = bench.answering()
    place = answering.place
    compares = KINDS[kind].compares
    suggested: Collection[str] = ()
    if kind == "workload" and order.stored:
        with bench.store.snapshot() as session:
            advice = advice_of(session, filter_of(order), confidential=order.confidential)
        cases, suggested = with_advice(cases, advice)
    made = make(
        kind,
        cases,
        place.office or Office(),
        place.catalogue,
        period=span_of(asked, "since", "until"),
        previous=span_of(asked, "previous_since", "previous_until"),
        settings=settings_of(asked),
        suggested=suggested,
        history=answering.index if compares and not order.stored else None,
        sentence=answering.triager.sentence if compares else None,
        origin=(f"来件文件：{order.name}" if order.name else ORIGIN,),
        unseen=lambda refs: hidden(bench.store, order, refs),
        apart=found_apart(bench.store, order),
        progress=far.named(PARTS, (0.8, 0.95)),
    )
    ending = f".{asked.get('format', 'xlsx')}"
    with tempfile.TemporaryDirectory(prefix="triage-report-") as folder:
        path = Path(folder) / f"report{ending}"
        write_report(made, path)
        return Paper(f"{kind}{ending}", MEDIA_TYPES[ending], path.read_bytes())


def export(bench: Bench, order: Order, cases: list[Case], far: HowFar) -> Paper:
    """The decided cases as a file that ``triage train`` learns from: it would refuse a row without a lead."""
    from triage.casefiles import case_file

    del bench, far
    ending = f".{order.options.get('format', 'csv')}"
    decided = [case for case in cases if case.leads]
    return Paper(f"cases{ending}", MEDIA_TYPES[ending], b"".join(case_file(decided, ending)))


def with_advice(cases: Sequence[Case], advice: Mapping[str, Advised]) -> tuple[list[Case], list[str]]:
    """The cases with the latest advice in the place of a decision where there is none, as ``triage report --model``
    takes it; and the ids of those.
    """
    found, suggested = [], []
    for case in cases:
        told = advice.get(case.suggestion.id)
        if told is not None and told.leads and not case.leads:
            suggested.append(case.suggestion.id)
            case = replace(case, leads=told.leads, co=case.co or told.co)
        found.append(case)
    return found, suggested


def settings_of(asked: Mapping[str, Any]) -> Settings:
    """What options set beside the period."""
    from triage.reports import Settings

    named = ("seed", "share", "per_unit", "above", "most")
    given = {name: asked[name] for name in named if asked.get(name) is not None}
    return Settings(**given, least=asked.get("least_texts", 3), on=_day(asked, "on"))


def span_of(asked: Mapping[str, Any], first: str, last: str) -> Timespan | None:
    """The period between two options; None where neither is given."""
    from triage.reports import timespan

    since, until = _day(asked, first), _day(asked, last)
    return timespan(since, until) if since or until else None


def _day(asked: Mapping[str, Any], name: str) -> Date | None:
    return Date.fromisoformat(asked[name]) if asked.get(name) else None
