"""How an office system calls the service: what every call needs, in one class. Needs httpx and nothing else.

A call that fails because the service is busy, starting or away is sent again, after the seconds that the answer names
(Retry-After) or growing pauses of its own. Calls that write carry an Idempotency-Key, so that one that did arrive is
not done twice: the service answers the second as it answered the first.
"""

from __future__ import annotations

import random
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote

import httpx

AGAIN = {429, 502, 503, 504}
"""Statuses that pass: too many requests, busy, starting, a proxy without the service behind it."""
ATTEMPTS = 6
LONGEST_PAUSE = 60.0


class Refused(Exception):
    """The service has refused. `problem` is its problem document: programs read `code`, people read `detail_zh`."""

    def __init__(self, problem: dict[str, Any]) -> None:
        self.problem = problem
        super().__init__(f"{problem['code']}: {problem['detail']}")


class SomebodyElse(Exception):
    """Somebody else has decided meanwhile. `decision` is theirs, which holds."""

    def __init__(self, decision: dict[str, Any]) -> None:
        self.decision = decision
        super().__init__(f"decision {decision.get('number')} holds: {', '.join(decision.get('lead', []))}")


class Triage:
    """The service at `address`, called with `key`. Keys are made with `triage keys add`."""

    def __init__(self, address: str, key: str, *, sleep: Callable[[float], object] = time.sleep) -> None:
        self._http = httpx.Client(base_url=address, headers={"Authorization": f"Bearer {key}"}, timeout=60.0)
        self._sleep = sleep

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def hand_in(self, suggestions: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        """Keep new suggestions and get advice on each, in their order. Give each the id of your own system."""
        body = {"suggestions": list(suggestions), "triage": True}
        results: list[dict[str, Any]] = self._write("POST", "/v1/suggestions", json=body).json()["results"]
        return results

    def decision(self, suggestion: str) -> tuple[dict[str, Any] | None, str]:
        """The decision that holds, and its ETag; (None, "") while there is none."""
        try:
            answer = self._call("GET", self._path(suggestion, "decision"))
        except Refused as refused:
            if refused.problem["status"] == 404:
                return None, ""
            raise
        return answer.json(), answer.headers["ETag"]

    def decide(self, suggestion: str, decision: dict[str, Any], seen: str) -> dict[str, Any]:
        """Write down what a person has decided, who had seen the decision with the ETag `seen` ("": none).

        Raises SomebodyElse where another one holds: show it to the person, who decides anew.
        """
        condition = {"If-Match": seen} if seen else {"If-None-Match": "*"}
        try:
            answer = self._write("PUT", self._path(suggestion, "decision"), json=decision, headers=condition)
        except Refused as refused:
            if refused.problem["code"] == "changed":
                raise SomebodyElse(refused.problem["current"]) from None
            raise
        made: dict[str, Any] = answer.json()
        return made

    def start_batch(self, file: Path) -> str:
        """Hand a file of suggestions (xlsx, csv, jsonl) to the service's worker; the id of the job."""
        files = {"file": (file.name, file.read_bytes())}
        job: dict[str, Any] = self._write("POST", "/v1/jobs", data={"kind": "triage"}, files=files).json()
        return str(job["id"])

    def follow(self, job: str, *, every: float = 1.0) -> Iterator[dict[str, Any]]:
        """The state of a job, again and again, until it has ended."""
        while True:
            state: dict[str, Any] = self._call("GET", f"/v1/jobs/{job}").json()
            yield state
            if state["state"] in {"done", "failed", "cancelled"}:
                return
            self._sleep(every)

    def result(self, job: str, form: str = "xlsx") -> bytes:
        """What a job has made, as a file."""
        return self._call("GET", f"/v1/jobs/{job}/result", params={"format": form}).content

    def _write(self, method: str, path: str, *, headers: dict[str, str] | None = None, **more: Any) -> httpx.Response:
        """A call that changes something: the same key for every attempt, so that it is done once."""
        return self._call(method, path, headers={"Idempotency-Key": uuid.uuid4().hex, **(headers or {})}, **more)

    def _call(self, method: str, path: str, **more: Any) -> httpx.Response:
        for attempt in range(1, ATTEMPTS + 1):
            try:
                answer = self._http.request(method, path, **more)
            except httpx.TransportError:
                if attempt == ATTEMPTS:
                    raise
                self._pause(attempt, "")
                continue
            if answer.status_code not in AGAIN or attempt == ATTEMPTS:
                break
            self._pause(attempt, answer.headers.get("Retry-After", ""))
        if answer.is_error:
            raise Refused(_problem(answer))
        return answer

    def _pause(self, attempt: int, asked: str) -> None:
        own = 2.0 ** (attempt - 1) * random.uniform(0.5, 1.0)  # noqa: S311 - nobody gains by guessing it
        self._sleep(min(float(asked) if asked.isdecimal() else own, LONGEST_PAUSE))

    @staticmethod
    def _path(suggestion: str, part: str) -> str:
        return f"/v1/suggestions/{quote(suggestion, safe='')}/{part}"


def _problem(answer: httpx.Response) -> dict[str, Any]:
    """The problem document; something like one where a proxy has answered instead."""
    if answer.headers.get("content-type", "").startswith("application/problem+json"):
        document: dict[str, Any] = answer.json()
        return document
    return {"status": answer.status_code, "code": "no-document", "detail": f"HTTP {answer.status_code}"}
