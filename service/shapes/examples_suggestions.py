"""The examples of `/v1/suggestions`. Invented, and sent for real by the tests; ids are those of the demo data."""

from __future__ import annotations

from typing import Any

from service.shapes.examples import BUS, COMPOST, LAMP, RESPONSE
from service.shapes.examples_duplicates import FOUND, PRECEDENTS_FOUND

AT = "2025-03-03T08:31:07.214000+00:00"
WHO = "key:7c1e09a4"
_CONTENT: dict[str, Any] = {"proposers": [], "confidential": False}

TO_HAND_IN: dict[str, Any] = {
    "one": {"summary": "One, under your own id", "value": {"suggestions": [LAMP]}},
    "answered": {
        "summary": "Two without an id; they are answered at once",
        "value": {
            "suggestions": [
                {name: value for name, value in suggestion.items() if name != "id"} for suggestion in (BUS, COMPOST)
            ],
            "triage": True,
        },
    },
}
HANDED_IN: dict[str, Any] = {"results": [{"id": LAMP["id"], "version": 1, "state": "open", "answer": None}]}
TO_REVISE: dict[str, Any] = {
    "wording": {"summary": "The whole suggestion, in its new wording", "value": BUS | {"wish": "公共交通有限公司"}}
}
DECIDED: dict[str, Any] = {
    "number": 1,
    "lead": ["交通运输局"],
    "co": ["公共交通有限公司"],
    "topics": ["公共交通"],
    "mode": "joint",
    "decided_by": "交办会",
    "day": "2025-03-04",
    "at": AT,
}
KEPT_ANSWER: dict[str, Any] = {
    "id": 17,
    "version": 1,
    "model": "triage-e3250f551591",
    "catalogue": "",
    "at": AT,
    "actor": WHO,
    "triaged": RESPONSE["results"][0],
}
ANSWERS: dict[str, Any] = {"answers": [KEPT_ANSWER]}
_LISTED: dict[str, Any] = {
    "id": BUS["id"],
    "state": "decided",
    "version": 1,
    "title": BUS["title"],
    "source": BUS["source"],
    "session": BUS["session"],
    "date": BUS["date"],
    "proposers": ["林秋水"],
    "wish": BUS["wish"],
    "confidential": False,
    "topic": "公共交通",
    "lead": DECIDED["lead"],
    "co": DECIDED["co"],
    "decision": 1,
    "returned": False,
    "advice": {
        "decision": "suggest",
        "mode": "joint",
        "lead": "交通运输局",
        "leads": ["交通运输局"],
        "score": 0.9312,
        "co": ["公共交通有限公司"],
        "topic": "公共交通",
        "zone": "北环街道",
        "answer": 17,
    },
    "batch": "5f0c2a9be1d34c77a1b2c3d4",
    "created_at": AT,
    "changed_at": AT,
}
LISTED: dict[str, Any] = {"suggestions": [_LISTED], "next": "WyI0ZjBhMmM5ZDE3YjMiLCAyNV0"}
KEPT: dict[str, Any] = _LISTED | {"text": BUS["text"], "decided": DECIDED, "answer": KEPT_ANSWER}
VERSIONS: dict[str, Any] = {
    "versions": [
        {
            "number": 1,
            "at": AT,
            "actor": WHO,
            "digest": "5c0d2a7be4f1c8934b6a0e7d92f1538c6ab47e09d3f25c18a7be6049d1c3f582",
            **_CONTENT,
            **{name: value for name, value in BUS.items() if name != "id"},
        }
    ]
}
DUPLICATES: dict[str, Any] = FOUND["results"][0]
PRECEDENTS: dict[str, Any] = PRECEDENTS_FOUND["results"][0]
