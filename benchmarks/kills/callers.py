"""Callers that hand in suggestions and decide on them while the service is killed, as patient programs would."""

from __future__ import annotations

import random
import threading
import time
from dataclasses import dataclass, field
from typing import Any

import httpx

PAUSE = 0.05
"""Seconds before a request is sent again that met no service."""
PLACES = ("北环路", "老街", "林溪镇", "城关二小门口", "滨河公园", "东门菜场")
ASKS = ("增设公交站点", "更换路灯", "清理河道", "加装扶手", "修补路面", "规范停车")
UNITS = ("交通运输局", "住房和城乡建设局", "水利局", "教育局", "公安局", "民政局")


@dataclass
class Ledger:
    """What the service has acknowledged, and what it answered otherwise."""

    created: dict[str, str] = field(default_factory=dict)
    """Idempotency key → id of the suggestion."""
    decided: dict[str, str] = field(default_factory=dict)
    """Id → the lead that was acknowledged."""
    refused: list[str] = field(default_factory=list)
    again: int = 0
    """Requests that had to be sent again."""
    lock: threading.Lock = field(default_factory=threading.Lock)


class Caller(threading.Thread):
    """One program: a suggestion, then its decision, without a pause, until told to stop."""

    def __init__(
        self, number: int, address: str, headers: dict[str, str], ledger: Ledger, stop: threading.Event
    ) -> None:
        super().__init__(daemon=True)
        self.number, self.ledger, self.stop = number, ledger, stop
        self.chance = random.Random(number)  # noqa: S311 - which text, not a secret
        self.client = httpx.Client(base_url=address, headers=headers, timeout=20, trust_env=False)

    def run(self) -> None:
        """Write until told to stop."""
        turn = 0
        with self.client:
            while not self.stop.is_set():
                turn += 1
                self._one(f"caller-{self.number}-{turn}")

    def _one(self, key: str) -> None:
        title = f"关于在{self.chance.choice(PLACES)}{self.chance.choice(ASKS)}的建议"
        body = {"suggestions": [{"title": title, "source": "人大", "date": "2025-03-03"}]}
        made = self._sent("POST", "/v1/suggestions", body, {"Idempotency-Key": key})
        if made is None:
            return
        name = made.json()["results"][0]["id"]
        with self.ledger.lock:
            self.ledger.created[key] = name
        lead = self.chance.choice(UNITS)
        path = f"/v1/suggestions/{name}/decision"
        done = self._sent("PUT", path, {"lead": [lead]}, {"If-None-Match": "*", "Idempotency-Key": f"{key}-decision"})
        if done is not None:
            with self.ledger.lock:
                self.ledger.decided[name] = lead

    def _sent(self, method: str, path: str, body: Any, headers: dict[str, str]) -> httpx.Response | None:
        """The good answer to a request that is sent until there is an answer; None when told to stop before."""
        while not self.stop.is_set():
            try:
                answer = self.client.request(method, path, json=body, headers=headers)
            except httpx.TransportError:
                answer = None
            if answer is not None and answer.is_success:
                return answer
            if answer is not None and answer.status_code == 409 and answer.json()["code"] == "changed":
                # The answer to the first try was lost with the process; what it wrote was not.
                if answer.json()["current"]["lead"] == body.get("lead"):
                    return answer
                self._note(answer)
                return None
            if answer is not None and answer.status_code not in {409, 429, 503}:
                self._note(answer)
                return None
            with self.ledger.lock:
                self.ledger.again += 1
            time.sleep(PAUSE)
        return None

    def _note(self, answer: httpx.Response) -> None:
        with self.ledger.lock:
            self.ledger.refused.append(f"{answer.status_code} {answer.json().get('code', '')}")
