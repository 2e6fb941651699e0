"""How many requests a key may make: counted by a clock of the test's own, and by several processes together."""

from __future__ import annotations

import os
import signal
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.web.rates import MINUTE, PROBES, Rates


class Clock:
    """A clock that stands still until it is told."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def rates(clock: Clock) -> Rates:
    return Rates(clock=clock)


def test_a_minute_may_be_used_at_once_and_comes_back_one_by_one(rates: Rates, clock: Clock) -> None:
    assert [rates.take("a", 60).left for _ in range(60)] == list(range(59, -1, -1))
    refused = rates.take("a", 60)
    assert (refused.passes, refused.left, round(refused.wait, 6)) == (False, 0, 1.0)
    assert refused.headers() == {
        "RateLimit-Policy": '"key";q=60;w=60',
        "RateLimit": '"key";r=0;t=1',
        "Retry-After": "1",
    }
    clock.now += 1.0
    assert rates.take("a", 60).passes
    assert not rates.take("a", 60).passes
    clock.now += MINUTE
    assert sum(rates.take("a", 60).passes for _ in range(100)) == 60


def test_a_refused_request_costs_nothing(rates: Rates, clock: Clock) -> None:
    for _ in range(50):
        rates.take("a", 2)
    clock.now += MINUTE / 2
    assert rates.take("a", 2).passes


def test_retry_after_is_kept(rates: Rates, clock: Clock) -> None:
    while rates.take("slow", 7).passes:
        pass
    clock.now += float(rates.take("slow", 7).headers()["Retry-After"])
    assert rates.take("slow", 7).passes


def test_each_key_counts_for_itself(rates: Rates) -> None:
    assert [rates.take(key, 1).passes for key in ("a", "b", "a", "b")] == [True, True, False, False]


def test_a_rate_that_is_raised_holds_at_once(rates: Rates, clock: Clock) -> None:
    assert [rates.take("a", 2).passes for _ in range(3)] == [True, True, False]
    clock.now += 0.1
    assert rates.take("a", 600).passes


def test_a_full_table_never_refuses_a_new_key(clock: Clock) -> None:
    rates = Rates(slots=PROBES, clock=clock)
    assert all(rates.take(f"key {number}", 1).passes for number in range(10 * PROBES))


@given(st.integers(1, 2_000), st.lists(st.floats(0, 20, allow_nan=False), min_size=1, max_size=300))
def test_no_minute_sees_more_than_twice_the_rate(per_minute: int, pauses: list[float]) -> None:
    clock, passed = Clock(), []
    rates = Rates(slots=16, clock=clock)
    for pause in pauses:
        clock.now += pause
        if rates.take("a", per_minute).passes:
            passed.append(clock.now)
    for first in passed:
        assert len([at for at in passed if first <= at < first + MINUTE]) <= 2 * per_minute


def _child(rates: Rates, per_minute: int) -> int:
    """The process id of a child that takes until it is refused, and ends with how many passed."""
    child = os.fork()
    if child == 0:
        passed = 0
        while rates.take("a", per_minute).passes:
            passed += 1
        os._exit(passed)
    return child


def test_processes_count_together(rates: Rates) -> None:
    children = [_child(rates, 200) for _ in range(4)]
    passed = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
    assert sum(passed) == 200


def test_a_process_that_is_killed_at_the_table_leaves_it_free(rates: Rates) -> None:
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        with rates._alone():
            os.write(writer, b"x")
            time.sleep(60)
        os._exit(0)
    os.read(reader, 1)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    assert rates.take("a", 1).passes
    os.close(reader)
    os.close(writer)
