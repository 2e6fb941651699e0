"""Texts per second: the systems take turns on the same texts, so that a busy moment falls on all of them alike."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from typing import IO, Any, cast

from benchmarks.speed.process import apart
from benchmarks.speed.texts import texts_of

LENGTHS = (20, 100, 500)
BATCHES = (1, 32)
SINGLE_TEXTS = 12
"""Texts that are answered one by one in a round; their median is the round's."""
PAIRS = (
    ("triage", "encoder"),
    ("triage_cold", "encoder"),
    ("triage_lexical", "encoder"),
    ("torch", "encoder"),
    ("torch", "triage"),
)
"""Whose time is divided by whose."""
Tell = Callable[[str, float], None]


class Worker:
    """A system in a process of its own, on one thread."""

    def __init__(self, arguments: Sequence[str]) -> None:
        command = [sys.executable, "-m", "benchmarks.speed.worker", *arguments]
        channels: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
        self._process = subprocess.Popen(command, text=True, env=apart(1), **channels)
        self._asks, self._tells = cast(IO[str], self._process.stdin), cast(IO[str], self._process.stdout)
        self.resident = float(self._answer()["resident"])

    def run(self, texts: Sequence[str], batch: int) -> dict[str, Any]:
        """Seconds a text for each call, by the clock (``wall``) and of computing (``cpu``), and the ``peak`` in MiB."""
        self._asks.write(json.dumps({"texts": list(texts), "batch": batch}) + "\n")
        self._asks.flush()
        return self._answer()

    def _answer(self) -> dict[str, Any]:
        line = self._tells.readline()
        if not line:
            self.close()
            raise RuntimeError(
                f"{self._process.args!r} ended with code {self._process.wait()}; run it by hand to see why"
            )
        answer: dict[str, Any] = json.loads(line)
        return answer

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the process."""
        self._asks.close()
        self._process.wait(timeout=60)
        self._tells.close()


def measure(systems: Mapping[str, Sequence[str]], rounds: int, tell: Tell) -> dict[str, Any]:
    """For each system its memory after loading, and for each workload the medians over all rounds."""
    workloads = [(length, batch) for batch in BATCHES for length in LENGTHS]
    with ExitStack() as stack:
        workers = {name: stack.enter_context(Worker(arguments)) for name, arguments in systems.items()}
        raw: dict[str, list[dict[str, Any]]] = {_name(*workload): [] for workload in workloads}
        for number in range(rounds):
            for place, (length, batch) in enumerate(workloads):
                tell(f"round {number + 1}, {length} characters × {batch}", (number + place / len(workloads)) / rounds)
                texts = texts_of(length, SINGLE_TEXTS if batch == 1 else batch, seed=number)
                turn = list(workers)[number % len(workers) :] + list(workers)[: number % len(workers)]
                raw[_name(length, batch)].append({name: workers[name].run(texts, batch) for name in turn})
        resident = {name: worker.resident for name, worker in workers.items()}
    return {
        "resident_mib": resident,
        "workloads": {workload: _medians(found, list(systems)) for workload, found in raw.items()},
    }


def _name(length: int, batch: int) -> str:
    return f"{length} characters, {'one text' if batch == 1 else f'batch of {batch}'}"


def _medians(found: Sequence[Mapping[str, Any]], systems: Sequence[str]) -> dict[str, Any]:
    """The median of the rounds' medians; that of the CPU seconds too, which a busy machine hardly moves."""
    told = {}
    for name in systems:
        wall, cpu = (statistics.median(_took(turn[name], kind) for turn in found) for kind in ("wall", "cpu"))
        told[name] = {
            "texts_per_second": round(1 / wall, 1),
            "milliseconds": round(1000 * wall, 3),
            "cpu_milliseconds": round(1000 * cpu, 3),
            "peak_mib": max(turn[name]["peak"] for turn in found),
        }
    return {"systems": told, "ratios": _ratios(found, systems)}


def _ratios(found: Sequence[Mapping[str, Any]], systems: Sequence[str]) -> dict[str, dict[str, float]]:
    """One system's time over another's: the median of the rounds' own ratios, by the clock and of computing."""
    return {
        f"{one} / {other}": {
            kind: round(statistics.median(_took(turn[one], kind) / _took(turn[other], kind) for turn in found), 3)
            for kind in ("wall", "cpu")
        }
        for one, other in PAIRS
        if one in systems and other in systems
    }


def _took(answer: Mapping[str, Any], kind: str) -> float:
    return float(statistics.median(answer[kind]))
