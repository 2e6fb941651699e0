"""The job that compares two models on many decided suggestions, as ``triage models compare`` does."""

from __future__ import annotations

import json

from service.jobs.bench import Bench
from service.jobs.kinds import Paper
from service.jobs.sources import Order
from service.served import registry
from triage.records import Case


def compare(bench: Bench, order: Order, cases: list[Case]) -> Paper:
    """The comparison as a file of JSON, with what speaks against the later model. Raises Problem, InputError."""
    from triage.learning.registry.gate import objections, remarks

    names = (order.options["earlier"], order.options["later"])
    found = registry.compared(bench.settings, bench.answering(), names, cases[-order.options["most"] :])
    told = {"comparison": found.to_dict(), "objections": objections(found), "remarks": remarks(found)}
    content = json.dumps(told, ensure_ascii=False, allow_nan=False).encode()
    return Paper("comparison.json", "application/json", content)
