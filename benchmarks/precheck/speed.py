"""How long the check of one text takes, without a model and without an index of earlier texts."""

from __future__ import annotations

import gc
from collections.abc import Sequence
from time import perf_counter, process_time
from typing import Any

import numpy as np

from benchmarks.precheck.sets import Labelled
from benchmarks.precheck.systems import suggestion
from triage.catalogue import starter_catalogue, starter_office
from triage.precheck.precheck import Precheck

BANDS = ((0, 100), (100, 300), (300, 10**9))
"""Lengths of texts, from (counted in) to (not counted in) characters."""


def speed(texts: Sequence[Labelled], rounds: int) -> dict[str, Any]:
    """Milliseconds a text, each checked alone, the best of `rounds`: on the clock and of computing time, which other
    processes hardly move; seconds until the first text is answered.
    """
    begun = perf_counter()
    check = Precheck(starter_catalogue(), starter_office())
    check.check([suggestion(texts[0])])
    start = perf_counter() - begun
    gc.collect()
    taken = np.array([np.min([_once(check, text) for _ in range(max(rounds, 1))], axis=0) for text in texts])
    lengths = np.array([len(text.text) for text in texts])
    bands = {
        f"from {low} characters": _figures(taken[(lengths >= low) & (lengths < high)])
        for low, high in BANDS
        if ((lengths >= low) & (lengths < high)).any()
    }
    return {"start_seconds": round(start, 3), "rounds": rounds, "all": _figures(taken), "bands": bands}


def _once(check: Precheck, text: Labelled) -> tuple[float, float]:
    asked = [suggestion(text)]
    begun, computing = perf_counter(), process_time()
    check.check(asked)
    return 1000 * (perf_counter() - begun), 1000 * (process_time() - computing)


def _figures(taken: Any) -> dict[str, float]:
    (median, computing), (high, computing_high) = np.percentile(taken, [50, 95], axis=0)
    return {
        "texts": len(taken),
        "median_ms": round(float(median), 2),
        "p95_ms": round(float(high), 2),
        "median_computing_ms": round(float(computing), 2),
        "p95_computing_ms": round(float(computing_high), 2),
    }
