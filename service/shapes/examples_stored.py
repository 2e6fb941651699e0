"""Examples of what is told about many stored suggestions at once, for the OpenAPI document."""

from __future__ import annotations

from typing import Any

from service.shapes.examples_duplicates import FOUND, HOT_TOPICS

GROUPS: dict[str, Any] = {"texts": 7, "proposals": FOUND["proposals"]}
CONFLICTS: dict[str, Any] = {
    "texts": 2,
    "conflicts": [
        {
            "holdings": [
                {
                    "leads": ["住房和城乡建设局"],
                    "members": [
                        {
                            "id": "QZ2025-0233",
                            "title": "老街的路灯全坏了",
                            "source": "群众",
                            "session": "",
                            "date": "2025-03-11",
                            "leads": ["住房和城乡建设局"],
                            "decided": True,
                        }
                    ],
                },
                {
                    "leads": ["综合行政执法局"],
                    "members": [
                        {
                            "id": "QZ2025-0417",
                            "title": "老街路灯坏了没人修",
                            "source": "群众",
                            "session": "",
                            "date": "2025-06-09",
                            "leads": ["综合行政执法局"],
                            "decided": False,
                        }
                    ],
                },
            ],
            "majority": [],
            "latest": ["住房和城乡建设局"],
            "kind": "against history",
            "grade": "same matter",
            "score": 0.9127,
            "text": "同一事项2件，主办单位不一：住房和城乡建设局1件（群众“QZ2025-0233”，2025年已办）；"
            "综合行政执法局1件（群众“QZ2025-0417”）。"
            "供会上商议：最近一次（2025年）由住房和城乡建设局主办。请会前统一，由会议确定。",
        }
    ],
}
HOT = HOT_TOPICS
STATISTICS: dict[str, Any] = {
    "total": 12,
    "states": [{"value": "decided", "count": 8}, {"value": "open", "count": 3}, {"value": "closed", "count": 1}],
    "sources": [{"value": "人大", "count": 7}, {"value": "政协", "count": 5}],
    "sessions": [{"value": "十八届四次", "count": 7}, {"value": "十五届四次", "count": 5}],
    "months": [{"value": "2025-02", "count": 12}],
    "topics": [{"value": "", "count": 3}, {"value": "公路养护与治超", "count": 2}],
    "leads": [{"value": "交通运输局", "count": 3}, {"value": "水利局", "count": 1}],
    "co": [{"value": "财政局", "count": 4}],
    "outcomes": [{"value": "A", "count": 1}],
    "returned": 1,
    "returns": [{"value": "生态环境局", "count": 1}],
    "followed": {
        "compared": 8,
        "kept": 4,
        "lead_kept": 6,
        "lead_within_five": 8,
        "lead_other": 0,
        "co_kept": 5,
        "co_added": 2,
        "co_dropped": 1,
        "promises": {
            "suggest": {"decided": 4, "kept": 4},
            "choose": {"decided": 4, "kept": 2},
            "coordinate": {"decided": 0, "kept": 0},
        },
        "changes": [{"suggested": "生态环境局", "decided": "住房和城乡建设局", "count": 1}],
    },
    "waited": {"counted": 9, "median": 3.0, "mean": 3.4, "longest": 7},
}
FILES = {
    "csv": "编号,标题,正文,来源,…\r\nRD2025-014,关于完善农村公路养护机制的建议,…\r\n",
    "xlsx": "(a workbook)",
    "jsonl": '{"id": "RD2025-014", "title": "关于完善农村公路养护机制的建议", …, "lead": ["交通运输局"], …}\n',
}
"""How an exported file begins."""
