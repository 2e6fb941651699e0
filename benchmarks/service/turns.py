"""One text at a time, in turns: the library in this process, the service, the plain endpoint."""

from __future__ import annotations

import json
import math
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import httpx

from benchmarks.service.servers import Server
from triage import Suggestion, Triager
from triage.duplicates.index import DuplicateIndex

Ask = Callable[[str], object]


def library(triager: Triager, index: DuplicateIndex) -> Ask:
    """The library's own time for a text, its record made JSON included."""

    def ask(text: str) -> object:
        found = triager.triage([Suggestion(text=text)], history=index)
        return json.dumps([one.to_dict() for one in found], ensure_ascii=False)

    return ask


def over_http(server: Server, client: httpx.Client) -> Ask:
    """The same through a server, on a connection that stays open."""

    def ask(text: str) -> object:
        answer = client.post(
            f"{server.address}/v1/triage", json={"suggestions": [{"text": text}]}, headers=server.headers
        )
        return answer.raise_for_status().json()

    return ask


def measure(asked: Mapping[str, Ask], texts: Sequence[str]) -> dict[str, Any]:
    """Milliseconds of each, and how much each takes above the library: the median of the differences text by text.

    All ask the same text before the next one comes, each first in turn, so that what else happens on the machine, and
    what the processor still holds, meet all alike.
    """
    names = list(asked)
    for ask in asked.values():
        for text in texts[:3]:
            ask(text)
    spent: dict[str, list[float]] = {name: [] for name in names}
    for number, text in enumerate(texts):
        turn = number % len(names)
        for name in names[turn:] + names[:turn]:
            began = time.perf_counter()
            asked[name](text)
            spent[name].append((time.perf_counter() - began) * 1000)
    found = {name: _told(times) for name, times in spent.items()}
    for name in names:
        if name != "library":
            differences = [one - own for one, own in zip(spent[name], spent["library"], strict=True)]
            found[name]["above_library_ms"] = round(statistics.median(differences), 2)
    return {"texts": len(texts), **found}


def _told(times: Sequence[float]) -> dict[str, float]:
    return {"median_ms": round(statistics.median(times), 2), "p95_ms": round(quantile(times, 0.95), 2)}


def quantile(times: Sequence[float], share: float) -> float:
    """The time that this share of requests did not exceed (nearest rank)."""
    ordered = sorted(times)
    return ordered[max(0, math.ceil(len(ordered) * share) - 1)]
