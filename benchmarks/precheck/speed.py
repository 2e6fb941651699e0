"""How long the check of one text takes, without a model and without an index of earlier texts."""

from __future__ import annotations

import gc
from collections.abc import Sequence
from dataclasses import replace
from time import perf_counter, process_time
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.precheck.sets import Labelled
from benchmarks.precheck.systems import suggestion
from triage.catalogue import starter_catalogue, starter_office
from triage.precheck.precheck import Precheck
from triage.records import Suggestion

BANDS = ((0, 100), (100, 300), (300, 10**9))
"""Lengths of texts, from (counted in) to (not counted in) characters."""
LENGTHS = (300, 500, 1_000, 2_000)
"""Characters of long texts, which are texts of the benchmark put one below the other and cut: they have more matters
than long letters do, which is the hard case.
"""
DRAWN = 24
"""Long texts of each length."""
SEED = 5


def speed(texts: Sequence[Labelled], rounds: int) -> dict[str, Any]:
    """Milliseconds a text, each checked alone, the best of `rounds`: on the clock and of computing time, which other
    processes hardly move; by length, and for texts put together to longer ones; seconds until the first text is
    answered.
    """
    begun = perf_counter()
    check = Precheck(starter_catalogue(), starter_office())
    check.check([suggestion(texts[0])])
    start = perf_counter() - begun
    gc.collect()
    taken = _taken(check, [suggestion(text) for text in texts], rounds)
    lengths = np.array([len(text.text) for text in texts])
    bands = {
        f"from {low} characters": _figures(taken[(lengths >= low) & (lengths < high)])
        for low, high in BANDS
        if ((lengths >= low) & (lengths < high)).any()
    }
    for length in LENGTHS:
        bands[f"put together, {length:,} characters"] = _figures(_taken(check, together(texts, length), rounds))
    return {"start_seconds": round(start, 3), "rounds": rounds, "all": _figures(taken), "bands": bands}


def together(texts: Sequence[Labelled], length: int) -> list[Suggestion]:
    """Texts of so many characters under the title of their first part, drawn the same on every machine."""
    draw = np.random.default_rng(SEED)
    found = []
    for _ in range(DRAWN):
        parts = [texts[number] for number in draw.integers(len(texts), size=length)]
        long = "\n".join(part.text for part in parts)
        found.append(replace(suggestion(parts[0]), text=long[:length]))
    return found


def _taken(check: Precheck, asked: Sequence[Suggestion], rounds: int) -> NDArray[np.float64]:
    return np.array([np.min([_once(check, one) for _ in range(max(rounds, 1))], axis=0) for one in asked])


def _once(check: Precheck, asked: Suggestion) -> tuple[float, float]:
    begun, computing = perf_counter(), process_time()
    check.check([asked])
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
