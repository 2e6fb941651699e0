"""The job that compares two models on many decided suggestions, as ``triage models compare`` does."""

from __future__ import annotations

import json

from service.jobs.bench import Bench
from service.jobs.kinds import Paper
from service.jobs.progress import HowFar
from service.jobs.sources import Order
from service.served import registry
from triage.records import Case


def compare(bench: Bench, order: Order, cases: list[Case], far: HowFar) -> Paper:
    """The comparison as a file of JSON, with what speaks against the later model. Raises Problem, InputError."""
    del far
    names = (order.options["earlier"], order.options["later"])
    found = registry.compared(bench.settings, bench.answering(), names, cases[-order.options["most"] :])
    content = json.dumps(registry.told_comparison(found), ensure_ascii=False, allow_nan=False).encode()
    return Paper("comparison.json", "application/json", content)
