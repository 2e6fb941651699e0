"""One search in a process of its own: ``python -m benchmarks.duplicates.worker SYSTEM FOLDER``, JSON out."""

from __future__ import annotations

import gc
import json
import statistics
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from benchmarks.duplicates.systems import SYSTEMS, THREADS, Search
from benchmarks.speed.memory import peak, resident

NUMBERS = (10, 100)
"""Rows that a query asks for; the index looks at about a hundred closely."""
WARM = 20


def measure(system: str, folder: Path) -> dict[str, Any]:
    """Build, then ask, one thread a query. `folder` holds vectors.npy, queries.npy and truth.npy."""
    queries, truth = np.load(folder / "queries.npy"), np.load(folder / "truth.npy")
    before = resident()
    vectors = np.load(folder / "vectors.npy")
    count = len(vectors)
    start = time.perf_counter()
    with threadpool_limits(THREADS):
        search = SYSTEMS[system][1](vectors)
    built = time.perf_counter() - start
    del vectors
    gc.collect()
    found: dict[str, Any] = {
        "build_seconds": round(built, 2),
        "vectors_a_second": round(count / built),
        "peak_mib": round(peak()),
        "resident_mib": round(resident()),
        "before_mib": round(before),
    }
    with threadpool_limits(1):
        for k in NUMBERS:
            found[f"first {k}"] = _asked(search, queries, truth[:, :k], k)
    return found


def _asked(search: Search, queries: Any, truth: Any, k: int) -> dict[str, float]:
    for query in queries[:WARM]:
        search(query, k)
    seconds, hits = [], 0
    for query, wanted in zip(queries, truth, strict=True):
        start = time.perf_counter()
        rows = search(query, k)
        seconds.append(time.perf_counter() - start)
        hits += len(set(np.asarray(rows).tolist()) & set(wanted.tolist()))
    return {
        "median_ms": round(1e3 * statistics.median(seconds), 3),
        "slowest_of_20_ms": round(1e3 * float(np.quantile(seconds, 0.95)), 3),
        "recall": round(hits / truth.size, 4),
    }


if __name__ == "__main__":
    json.dump(measure(sys.argv[1], Path(sys.argv[2])), sys.stdout)
