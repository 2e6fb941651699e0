"""Examples of decisions, returns and outcomes, for the OpenAPI document. They fit the demo data."""

from __future__ import annotations

from typing import Any

DECISION: dict[str, Any] = {
    "number": 1,
    "lead": ["交通运输局"],
    "co": ["财政局"],
    "topics": ["公路养护与治超"],
    "mode": "joint",
    "withdrawn": False,
    "reason": "",
    "decided_by": "王静",
    "suggested_lead": ["交通运输局"],
    "suggested_co": [],
    "answer": 31,
    "day": "2025-02-21",
    "at": "2025-02-21T02:14:09Z",
    "actor": "key:k7f3a9c2",
}
DECISIONS = {"decisions": [DECISION]}
MADE: dict[str, Any] = {
    "suggestion": "RD2025-014",
    "state": "decided",
    "number": 2,
    "lead": ["交通运输局"],
    "co": ["财政局", "公安局"],
    "mode": "joint",
    "day": "2025-02-21",
    "notices": ["“交通局”按交通运输局读取"],
}
DECIDED = {
    "helpers": {
        "summary": "Other helpers",
        "value": {"lead": ["交通局"], "co": ["财政局", "公安局"], "reason": "限高架要公安配合", "decided_by": "王静"},
    },
    "split": {
        "summary": "Two leads, each answers its part (分办)",
        "value": {"lead": ["公安局", "住房和城乡建设局"], "decided_by": "李成"},
    },
}
WITHDRAWING = {
    "slip": {"summary": "It was a slip", "value": {"reason": "选错了单位", "decided_by": "王静"}},
}
WITHDRAWN: dict[str, Any] = {"suggestion": "RD2025-014", "number": 2, "state": "open"}
MANY = {
    "accepted": {
        "summary": "Two that are accepted, and one that is withdrawn",
        "value": {
            "decisions": [
                {"suggestion": "RD2025-014", "expected": 1, "lead": ["交通运输局"], "co": ["财政局"]},
                {"suggestion": "RD2025-015", "expected": 0, "lead": ["交通局"], "decided_by": "王静"},
                {"suggestion": "RD2025-016", "expected": 1, "withdraw": True, "reason": "待会商"},
            ]
        },
    }
}
MANY_DONE: dict[str, Any] = {
    "results": [
        {"suggestion": "RD2025-014", "number": 2, "state": "decided", "notices": []},
        {
            "suggestion": "RD2025-015",
            "number": 1,
            "state": "decided",
            "notices": ["“交通局”按交通运输局读取"],
        },
        {
            "suggestion": "RD2025-016",
            "problem": {
                "type": "/v1/problems#changed",
                "title": "It was changed meanwhile",
                "title_zh": "内容已被他人修改",
                "status": 409,
                "detail": "'RD2025-016': you have seen decision 1, but decision 2 holds. Read `current`, then decide "
                "with its number.",
                "detail_zh": "请查看 current 中的现有内容，按其版本号重新提交。",
                "instance": "",
                "code": "changed",
                "current": DECISION | {"number": 2},
            },
        },
    ]
}
RETURNED = {
    "return": {
        "summary": "Not ours",
        "value": {"unit": "交通运输局", "reason": "该路段属市政道路", "day": "2025-02-25"},
    }
}
RETURN: dict[str, Any] = {
    "suggestion": "RD2025-014",
    "number": 4,
    "decision": 1,
    "unit": "交通运输局",
    "day": "2025-02-25",
    "notices": [],
}
RETURNS = {
    "returns": [
        {
            "number": 4,
            "decision": 1,
            "unit": "交通运输局",
            "reason": "该路段属市政道路",
            "day": "2025-02-25",
            "at": "2025-02-25T07:40:31Z",
            "actor": "key:k7f3a9c2",
        }
    ]
}
CLOSED = {
    "solved": {"summary": "Solved", "value": {"outcome": "A", "reply": "限高架已装好。", "day": "2025-08-12"}},
}
OUTCOME_MADE: dict[str, Any] = {
    "suggestion": "RD2025-014",
    "state": "closed",
    "number": 24,
    "outcome": "A",
    "day": "2025-08-12",
}
OUTCOME: dict[str, Any] = {
    "number": 24,
    "outcome": "A",
    "reply": "限高架已装好。",
    "day": "2025-08-12",
    "at": "2025-08-12T06:05:44Z",
    "actor": "key:k7f3a9c2",
}
