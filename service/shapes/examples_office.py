"""Examples of the office's view, for the OpenAPI document: what the service answers with the demo's data, cut."""

from __future__ import annotations

from typing import Any

_YEAR: dict[str, Any] = {"first": "2025-01-01", "last": "2025-12-31", "words": "2025年"}
_BY_SOURCE: dict[str, Any] = {
    "title": "按来源",
    "header": ["来源", "件数", "占比"],
    "rows": [["人大", 2, 0.6667], ["群众", 1, 0.3333], ["合计", 3, 1.0]],
    "links": [
        [[], ["RD2025-002", "RD2025-009"], ["RD2025-002", "RD2025-009"]],
        [[], ["QZ2025-0233"], ["QZ2025-0233"]],
        [[], ["RD2025-002", "RD2025-009", "QZ2025-0233"], ["RD2025-002", "RD2025-009", "QZ2025-0233"]],
    ],
    "forms": ["text", "count", "share"],
    "note": "",
}
REPORT: dict[str, Any] = {
    "kind": "overview",
    "title": "2025年建议办理总体情况",
    "office": "",
    "period": _YEAR,
    "sections": [
        {
            "title": "总体情况",
            "sentences": [
                {
                    "text": "2025年共收到3件。",
                    "links": [{"start": 8, "end": 9, "rows": ["RD2025-002", "RD2025-009", "QZ2025-0233"]}],
                    "notice": False,
                }
            ],
            "tables": [],
            "charts": [],
        },
        {
            "title": "按来源",
            "sentences": [],
            "tables": [_BY_SOURCE],
            "charts": [
                {
                    "title": "按来源",
                    "kind": "bar",
                    "labels": ["人大", "群众"],
                    "series": [{"name": "本期", "values": [2.0, 1.0]}],
                    "unit": "件",
                }
            ],
        },
    ],
    "footer": ["来件：本系统登记的建议", "报告种类：overview；时段：2025年（2025-01-01 至 2025-12-31），3件"],
    "rows": {
        "title": "附：来件一览",
        "header": ["编号", "标题", "范围"],
        "rows": [
            ["RD2025-002", "关于加快推进乡镇污水管网入户的建议", ""],
            ["RD2025-009", "关于扶持道地药材种植的建议", ""],
            ["QZ2025-0233", "老街的路灯全坏了", ""],
        ],
        "links": [],
        "forms": ["text", "text", "text"],
        "note": "",
    },
}
DUE: dict[str, Any] = {
    "on": "2025-05-20",
    "due": [
        {
            "suggestion": "ZX2025-012",
            "title": "关于做大本地粮油品牌的提案",
            "source": "政协",
            "confidential": False,
            "unit": "农业农村局",
            "duty": "reply",
            "what": "答复",
            "state": "soon",
            "told": "即将到期",
            "day": "2025-05-20",
            "days_left": 0,
            "overdue": False,
            "handed_out": "2025-02-20",
            "returned": [],
            "provisional": False,
        }
    ],
    "total": 1,
    "units": [{"unit": "农业农村局", "overdue": 0, "soon": 1, "open": 0, "opinions": 0, "returnable": 0}],
    "handed_out": 1,
    "provisional": False,
    "notices": [],
}
RETURNS: dict[str, Any] = {
    "returns": [
        {
            "suggestion": "RD2025-002",
            "title": "关于加快推进乡镇污水管网入户的建议",
            "unit": "生态环境局",
            "reason": "我局只管污水厂出水，管网建设不在职责内",
            "day": "2025-02-27",
            "by": "demo",
        }
    ],
    "total": 1,
    "units": [{"unit": "生态环境局", "count": 1, "reasons": ["我局只管污水厂出水，管网建设不在职责内"]}],
}
UNRAISED: dict[str, Any] = {
    "period": _YEAR,
    "previous": {"first": "2024-01-01", "last": "2024-12-31", "words": "2024年"},
    "cases": 22,
    "without": 8,
    "topics_known": 227,
    "topics": [
        {"name": "加装电梯", "path": ["城乡建设", "加装电梯"], "level": 2, "before": 1, "last": "2024-01-15"},
        {"name": "住房保障", "path": ["城乡建设", "住房保障"], "level": 2, "before": 0, "last": None},
    ],
    "notices": [],
}
