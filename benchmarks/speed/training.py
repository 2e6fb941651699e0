"""Training on many letters, in a process of its own.

``python -m benchmarks.speed.training COUNT [ENCODER [CACHE]]``
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks.speed.memory import peak
from benchmarks.speed.process import apart
from benchmarks.speed.texts import letters

CORES = 2


def measure(count: int, encoder: Path | None, cache: Path | None = None) -> dict[str, Any]:
    """Seconds, CPU seconds, peak memory and the seconds of each stage, on two cores. `cache` is a file of vectors, read
    where it has them and filled where not.
    """
    command = [sys.executable, "-m", "benchmarks.speed.training", str(count)]
    command += [str(path) for path in (encoder, cache) if path is not None]
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=apart(CORES))
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


def train(count: int, encoder: str | None, cache: str | None = None) -> dict[str, Any]:
    """Train here, and tell what it took."""
    from triage import Triager

    cases = letters(count)
    stages: dict[str, float] = {}
    last: tuple[str, float] | None = None

    def progress(what: str, _: float) -> None:
        nonlocal last
        now = time.perf_counter()
        if last is not None:
            stages[last[0]] = stages.get(last[0], 0.0) + now - last[1]
        last = (what, now)

    start, cpu = time.perf_counter(), time.process_time()
    triager = Triager.train(cases, encoder=encoder, cache=cache, progress=progress)
    wall = time.perf_counter() - start
    return {
        "letters": count,
        "characters": round(sum(len(case.suggestion.title + case.suggestion.text) for case in cases) / count),
        "units": len(triager.units),
        "seconds": round(wall, 1),
        "cpu_seconds": round(time.process_time() - cpu, 1),
        "peak_mib": round(peak()),
        "stages": {name: round(seconds, 1) for name, seconds in stages.items()},
    }


if __name__ == "__main__":
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:CORES])
    print(json.dumps(train(int(sys.argv[1]), *([*sys.argv[2:], None, None][:2]))))
