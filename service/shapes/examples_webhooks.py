"""Examples of webhooks, for the OpenAPI document."""

from __future__ import annotations

from typing import Any

WEBHOOK: dict[str, Any] = {
    "id": "wh_0c8a2f6d1b3e4975",
    "url": "https://oa.example/triage-events",
    "events": ["decision.made", "decision.changed", "job.finished"],
    "active": True,
    "confidential": False,
    "created_at": "2025-03-03T08:31:07.214000Z",
    "old_secret_until": None,
}
SECRET = "whsec_c2hvd24gb25jZSwgaW4gdGhpcyBhbnN3ZXIgb25seQ=="  # says in Base64 that it is one
MADE = WEBHOOK | {"secret": SECRET}
ROTATED = MADE | {"old_secret_until": "2025-03-04T08:31:07.214000Z"}
SWITCHED_OFF = WEBHOOK | {"active": False}
LISTED = {"webhooks": [WEBHOOK]}
DELIVERY: dict[str, Any] = {
    "id": "msg_7d0f6a52c1b84e3990aa12fe",
    "event": "decision.made",
    "state": "dead",
    "attempts": 8,
    "next_at": None,
    "status": 503,
    "error": "status-503",
    "created_at": "2025-03-03T08:40:00.120000Z",
    "tried_at": "2025-03-04T14:02:51.002000Z",
    "payload": {
        "type": "decision.made",
        "timestamp": "2025-03-03T08:40:00+00:00",
        "data": {"suggestion": "RD2025-031", "number": 1, "lead": ["县交通运输局"], "co": []},
    },
}
AGAIN = DELIVERY | {"state": "waiting", "next_at": "2025-03-05T09:00:00Z"}
PINGED = DELIVERY | {
    "event": "webhook.ping",
    "state": "waiting",
    "attempts": 0,
    "next_at": "2025-03-03T08:40:00.120000Z",
    "status": None,
    "error": "",
    "tried_at": None,
    "payload": {"type": "webhook.ping", "timestamp": "2025-03-03T08:40:00+00:00", "data": {"webhook": WEBHOOK["id"]}},
}
DELIVERIES = {"deliveries": [DELIVERY], "next": None}
ASKED = {
    "decisions": {
        "summary": "Decisions and finished jobs",
        "value": {"url": WEBHOOK["url"], "events": WEBHOOK["events"]},
    }
}
CHANGED = {
    "off": {"summary": "Switch it off for a while", "value": {"active": False}},
    "events": {
        "summary": "Another address, for jobs only",
        "value": {"url": WEBHOOK["url"], "events": ["job.finished"]},
    },
}
