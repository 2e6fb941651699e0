"""Many clients at once: locust without its page, in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.service.servers import Server
from benchmarks.service.turns import quantile

LOCUSTFILE = Path(__file__).with_name("clerks.py")
WARM_SHARE = 0.2
"""The first part of the requests, in which the clerks arrive, is not counted."""


@dataclass(frozen=True)
class Load:
    """So many clerks for so many seconds, who think between `least` and `most` seconds after each answer."""

    clients: int
    seconds: int
    least: float
    most: float


def measure(server: Server, load: Load, texts: Sequence[str], scratch: Path) -> dict[str, Any]:
    """Requests a second, their times in milliseconds, and how many failed. Raises CalledProcessError."""
    given, out = scratch / "texts.json", scratch / "times.json"
    given.write_text(json.dumps(list(texts), ensure_ascii=False), encoding="utf-8")
    out.unlink(missing_ok=True)
    environment = {
        **os.environ,
        "BENCH_TEXTS": str(given),
        "BENCH_HEADERS": json.dumps(server.headers),
        "BENCH_THINK": f"{load.least} {load.most}",
        "BENCH_OUT": str(out),
    }
    command = [sys.executable, "-m", "locust", "-f", str(LOCUSTFILE), "--headless", "--host", server.address]
    command += ["-u", str(load.clients), "-r", str(load.clients), "-t", f"{load.seconds}s", "--exit-code-on-error", "0"]
    subprocess.run(command, check=True, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return told(json.loads(out.read_text(encoding="utf-8")), load.seconds)


def told(times: Sequence[tuple[float, bool]], seconds: float) -> dict[str, Any]:
    """The figures of a run. What failed counts among the failures and not among the times."""
    counted = times[int(len(times) * WARM_SHARE) :]
    good = [spent for spent, well in counted if well]
    found: dict[str, Any] = {
        "requests": len(times),
        "failed": sum(not well for _, well in times),
        "a_second": round(len(times) / seconds, 2),
    }
    shares = (("median_ms", 0.5), ("p95_ms", 0.95), ("p99_ms", 0.99))
    return found | ({name: round(quantile(good, share), 1) for name, share in shares} if good else {})
