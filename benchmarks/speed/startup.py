"""How long a command takes from nothing to its end: processes started in turns, the median of each."""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

Tell = Callable[[str, float], None]
BARE = "python alone"


def commands(bundle: Path | None, lexical: Path, encoder: Path | None, suggestion: Path) -> dict[str, list[str]]:
    """The commands that are timed: Python alone, ``import triage``, and ``triage recommend`` for one suggestion."""
    python = [sys.executable, "-c"]
    recommend = [*python, "from triage.cli import main; main()", "recommend", "--input", str(suggestion), "--model"]
    found = {
        BARE: [*python, "pass"],
        "import triage": [*python, "import triage"],
        "import triage; triage.Triager": [*python, "import triage; triage.Triager"],
        "triage recommend, lexical": [*recommend, str(lexical)],
    }
    if bundle is not None and encoder is not None:
        found["triage recommend, with encoder"] = [*recommend, str(bundle), "--encoder", str(encoder)]
    return found


def measure(timed: Mapping[str, Sequence[str]], rounds: int, tell: Tell) -> dict[str, Any]:
    """Median and least seconds of each command, and of its computing; raises CalledProcessError if one fails.

    The first round, which may read from the disk what later ones find in memory, is told apart as ``first``.
    """
    spent: dict[str, list[tuple[float, float]]] = {name: [] for name in timed}
    for number in range(rounds + 1):
        for name, command in timed.items():
            tell(f"round {number + 1}, {name}", number / (rounds + 1))
            spent[name].append(_once(command))
    return {
        name: {
            "seconds": round(statistics.median(wall for wall, _ in times[1:]), 3),
            "least": round(min(wall for wall, _ in times[1:]), 3),
            "first": round(times[0][0], 3),
            "cpu_seconds": round(statistics.median(cpu for _, cpu in times[1:]), 3),
        }
        for name, times in spent.items()
    }


def _once(command: Sequence[str]) -> tuple[float, float]:
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=dict(os.environ))
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
