"""Examples of models, for the OpenAPI document."""

from __future__ import annotations

from typing import Any

FIGURES = {"top_1": 0.7132, "top_5": 0.9244, "unseen_cases": 411.0}
MODEL: dict[str, Any] = {
    "name": "2025-03",
    "in_use": True,
    "problem": "",
    "fingerprint": "0e41c7d9a25b",
    "trained": "2026-09-01T08:00:00+00:00",
    "cases": 1310,
    "units": 54,
    "topics": 23,
    "encoder": "",
    "figures": FIGURES,
}
STEP: dict[str, Any] = {
    "action": "promote",
    "bundle": "2025-03",
    "digest": "7be1d0c3a4f2",
    "fingerprint": "0e41c7d9a25b",
    "day": "2026-09-02T01:10:00+00:00",
    "before": "2026-03",
    "reason": "秋季数据，会办单位更全",
    "by": "key:7f3a9c",
    "forced": False,
    "objections": [],
    "objections_zh": [],
    "comparison": None,
}
BACK = STEP | {"action": "rollback", "bundle": "2026-03", "before": "2025-03", "reason": "退单多了"}
LISTED = {
    "registry": True,
    "in_use": "2025-03@7be1d0c3a4f2",
    "answers": "2025-03@7be1d0c3a4f2",
    "trouble": "",
    "models": [MODEL],
    "history": [STEP],
}
CARD = MODEL | {"card": {"cases": 1310, "units": 54}, "history": [STEP]}
COMPARED = {
    "comparison": {"earlier": "triage-31d0", "later": "triage-7be1", "cases": 212, "groups": 209, "enough": True},
    "objections": [],
    "remarks": ["2 units are new: 县数据局、县低空经济发展中心"],
    "objections_zh": [],
    "remarks_zh": ["有2个新单位：县数据局、县低空经济发展中心"],
}
COMPARE = {
    "two": {"summary": "Against the one that answers", "value": {"later": "2025-03"}},
}
SWITCH = {
    "gate": {
        "summary": "If the library's gate lets it",
        "value": {"name": "2025-03", "reason": "秋季数据，会办单位更全"},
    },
    "forced": {
        "summary": "In spite of objections",
        "value": {"name": "2025-09", "reason": "机构改革，旧模型缺新单位", "force": True, "most": 100},
    },
}
ROLLBACK = {"back": {"summary": "Back to the one before", "value": {"reason": "退单多了"}}}
