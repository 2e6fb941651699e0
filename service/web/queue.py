"""A bounded queue before the threads that compute: the event loop stays free, and overload is said, not piled up."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from service.problems import Problem
from service.web.timings import timed

RETRY_AFTER = 2
"""Seconds after which a refused caller may try again."""

T = TypeVar("T")


class WorkQueue:
    """Runs at most `workers` calls at a time; up to `waiting` more wait their turn, first come first served.

    It belongs to one event loop: the count of who is inside is only touched there.
    """

    def __init__(
        self, workers: int, waiting: int, *, seen: Callable[[int, int], None] = lambda inside, room: None
    ) -> None:
        """`seen` is told how many are inside, and how many have room, whenever that changes."""
        self.room = workers + waiting
        self.inside = 0
        self.seen = seen
        seen(0, self.room)
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="triage")

    async def run(self, work: Callable[[], T]) -> T:
        """What `work` returns or raises. Raises Problem ``queue-full`` at once when nobody else may wait."""
        if self.inside >= self.room:
            raise Problem(
                "queue-full",
                f"{self.inside} requests are being computed or waiting, which is the limit. "
                f"Try again after {RETRY_AFTER} seconds.",
                headers={"Retry-After": str(RETRY_AFTER)},
            )
        self._count(1)
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, timed(work))
        finally:
            self._count(-1)

    def _count(self, more: int) -> None:
        self.inside += more
        self.seen(self.inside, self.room)

    def close(self) -> None:
        """Take no more work and drop what has not begun."""
        self._pool.shutdown(wait=False, cancel_futures=True)
