"""Where a request's time went: how long it waited for its turn, how long it was computed (Server-Timing, W3C)."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextvars import ContextVar
from typing import TypeVar

T = TypeVar("T")

_NAMES = {"wait": "waited for its turn", "work": "computed"}
_current: ContextVar[dict[str, float] | None] = ContextVar("timings", default=None)


def begin() -> dict[str, float]:
    """The timings of the request that begins, in seconds; filled while it is served, read when it is answered."""
    timings: dict[str, float] = {}
    _current.set(timings)
    return timings


def timed(work: Callable[[], T]) -> Callable[[], T]:
    """`work`, which when it is run notes how long it waited since now, and how long it took."""
    timings, asked = _current.get(), time.perf_counter()
    if timings is None:
        return work

    def run() -> T:
        began = time.perf_counter()
        try:
            return work()
        finally:
            timings["wait"] = timings.get("wait", 0.0) + began - asked
            timings["work"] = timings.get("work", 0.0) + time.perf_counter() - began

    return run


def header(timings: dict[str, float]) -> str:
    """The value of ``Server-Timing``, in milliseconds; empty where nothing was computed."""
    return ", ".join(
        f'{name};desc="{meaning}";dur={timings[name] * 1000:.2f}' for name, meaning in _NAMES.items() if name in timings
    )
