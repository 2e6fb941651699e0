"""Server-Timing says where a request's time went, and says nothing where nothing was computed."""

from __future__ import annotations

import asyncio
import re
import time
from typing import TYPE_CHECKING

import pytest

from service.web.queue import WorkQueue
from service.web.timings import begin, header, timed

if TYPE_CHECKING:
    from tests.conftest import Desk


def test_waiting_and_work_are_told_apart() -> None:
    async def both() -> tuple[dict[str, float], dict[str, float]]:
        queue = WorkQueue(1, 4)

        async def one() -> dict[str, float]:
            timings = begin()
            await queue.run(lambda: time.sleep(0.05))
            return timings

        found = await asyncio.gather(one(), one())
        queue.close()
        return found[0], found[1]

    first, second = asyncio.run(both())
    assert first["work"] >= 0.05
    assert second["work"] >= 0.05
    assert second["wait"] >= 0.04 > first["wait"]


def test_work_that_fails_is_timed_too() -> None:
    timings = begin()

    def fails() -> None:
        raise KeyError("x")

    with pytest.raises(KeyError):
        timed(fails)()
    assert set(timings) == {"wait", "work"}
    assert re.fullmatch(r'wait;desc="[^"]+";dur=\d+\.\d\d, work;desc="[^"]+";dur=\d+\.\d\d', header(timings))


def test_an_answer_that_was_computed_says_how_long(desk: Desk) -> None:
    headers = desk.key("triage")
    body = {"suggestions": [{"title": "关于增设公交站点的建议"}]}
    answer = desk.client.post("/v1/triage", json=body, headers=headers)
    assert re.search(r"work;desc=\"computed\";dur=(\d+\.\d\d)", answer.headers["Server-Timing"])
    assert "Server-Timing" not in desk.client.get("/v1/health").headers
