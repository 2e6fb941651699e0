"""One text at a time, in turns: the library in this process, the service, the plain endpoint."""

from __future__ import annotations

import json
import math
import re
import statistics
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

from benchmarks.service.servers import Server
from triage import Suggestion, Triager
from triage.duplicates.index import DuplicateIndex

Ask = Callable[[str], float | None]
"""Asks about a text. A server that says how long it computed (Server-Timing) gives that, in milliseconds."""

_WORK = re.compile(r"\bwork;[^,]*dur=([0-9.]+)")


def library(triager: Triager, index: DuplicateIndex) -> Ask:
    """The library's own time for a text, its record made JSON included."""

    def ask(text: str) -> None:
        found = triager.triage([Suggestion(text=text)], history=index)
        json.dumps([one.to_dict() for one in found], ensure_ascii=False)

    return ask


@contextmanager
def over_http(server: Server) -> Iterator[Ask]:
    """The same through a server, on a connection that stays open. The client is the leanest of Python's own, since what
    a client costs is not what is measured.
    """
    headers = {**server.headers, "Content-Type": "application/json"}
    with closing(HTTPConnection(urlsplit(server.address).netloc, timeout=60)) as connection:

        def ask(text: str) -> float | None:
            body = json.dumps({"suggestions": [{"text": text}]}).encode()
            connection.request("POST", "/v1/triage", body, headers)
            answer = connection.getresponse()
            content = answer.read()
            if answer.status != 200:
                raise RuntimeError(f"{server.address} answered {answer.status}: {content[:500]!r}")
            told = _WORK.search(answer.getheader("Server-Timing", ""))
            return float(told[1]) if told else None

        yield ask


def measure(asked: Mapping[str, Ask], texts: Sequence[str]) -> dict[str, Any]:
    """Milliseconds of each, and how much each takes above the library: the median of the differences text by text.

    The library is called in a process of its own, with caches of its own; so there is also what a request took above
    the library's time in the very same request, where the server tells it (`around_ms`).

    All ask the same text before the next one comes, each first in turn, so that what else happens on the machine, and
    what the processor still holds, meet all alike.
    """
    names = list(asked)
    for ask in asked.values():
        for text in texts[:3]:
            ask(text)
    spent: dict[str, list[float]] = {name: [] for name in names}
    around: dict[str, list[float]] = {name: [] for name in names}
    for number, text in enumerate(texts):
        turn = number % len(names)
        for name in names[turn:] + names[:turn]:
            began = time.perf_counter()
            computed = asked[name](text)
            took = (time.perf_counter() - began) * 1000
            spent[name].append(took)
            if computed is not None:
                around[name].append(took - computed)
    found = {name: _told(times) for name, times in spent.items()}
    for name in names:
        if name != "library":
            differences = [one - own for one, own in zip(spent[name], spent["library"], strict=True)]
            found[name]["above_library_ms"] = round(statistics.median(differences), 2)
        if around[name]:
            found[name]["around_ms"] = round(statistics.median(around[name]), 2)
    return {"texts": len(texts), **found}


def _told(times: Sequence[float]) -> dict[str, float]:
    return {"median_ms": round(statistics.median(times), 2), "p95_ms": round(quantile(times, 0.95), 2)}


def quantile(times: Sequence[float], share: float) -> float:
    """The time that this share of requests did not exceed (nearest rank)."""
    ordered = sorted(times)
    return ordered[max(0, math.ceil(len(ordered) * share) - 1)]
