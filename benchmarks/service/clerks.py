"""Clerks at their screens, for locust: each sends one text, reads the answer, and sends the next.

What they do is in the environment: BENCH_TEXTS (a JSON file), BENCH_HEADERS, BENCH_THINK (least and most seconds), and
BENCH_OUT, the file that all times are written to.
"""

from __future__ import annotations

import json
import os
import random
from pathlib import Path
from typing import Any

from locust import HttpUser, between, constant, events, task

TEXTS: list[str] = json.loads(Path(os.environ["BENCH_TEXTS"]).read_text(encoding="utf-8"))
HEADERS: dict[str, str] = json.loads(os.environ["BENCH_HEADERS"])
LEAST, MOST = (float(part) for part in os.environ["BENCH_THINK"].split())
TIMES: list[tuple[float, bool]] = []


class Clerk(HttpUser):
    """One clerk, on one connection."""

    wait_time = between(LEAST, MOST) if MOST else constant(0)

    @task
    def ask(self) -> None:
        """Ask for advice on one text."""
        body = {"suggestions": [{"text": random.choice(TEXTS)}]}  # noqa: S311 - which text is no secret
        with self.client.post("/v1/triage", json=body, headers=HEADERS, catch_response=True) as answer:
            if answer.status_code != 200 or len(answer.json()["results"]) != 1:
                answer.failure(f"status {answer.status_code}")


@events.request.add_listener  # type: ignore[untyped-decorator]
def keep(response_time: float, exception: Exception | None, **_: Any) -> None:
    """Note how long it took, in milliseconds, and whether it was answered."""
    TIMES.append((response_time, exception is None))


@events.quitting.add_listener  # type: ignore[untyped-decorator]
def write(**_: Any) -> None:
    """Write all times."""
    Path(os.environ["BENCH_OUT"]).write_text(json.dumps(TIMES), encoding="utf-8")
