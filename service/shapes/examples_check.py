"""The examples of `/v1/check`. Invented, and sent for real by the tests."""

from __future__ import annotations

from typing import Any

from service.shapes.examples import BUS

TWO_MATTERS = {
    "id": "12345-88410",
    "title": "反映北门社区的两个问题",
    "text": (
        "北门社区菜场门口的路灯坏了二十多天，晚上老人买菜摔过跤，请尽快修好。"
        "另外，小区里的广场舞音响每天放到十点半，孩子没法写作业，希望有人来管一管。"
    ),
    "source": "热线",
    "date": "2025-03-10",
}
OWN_WAGES = {
    "id": "RD2025-090",
    "title": "关于尽快支付工资的建议",
    "text": (
        "我在城东一家家具厂干了八个月，厂里欠我两万三千元工资，已经申请劳动仲裁，下个月开庭。请领导帮我把工资要回来。"
    ),
    "source": "人大",
    "date": "2025-02-18",
}

CHECKS: dict[str, Any] = {
    "two": {"summary": "Two matters in one letter, and a matter of the proposer's own",
            "value": {"suggestions": [TWO_MATTERS, OWN_WAGES]}},
    "day": {"summary": "By the rules of a day", "value": {"suggestions": [BUS], "on": "2025-02-18"}},
}  # fmt: skip

CHECKED: dict[str, Any] = {
    "results": [
        {
            "id": "RD2025-090",
            "parts": [
                {"role": "subject", "share": 0.1692, "spans": [{"field": "title", "start": 0, "end": 11}]},
                {"role": "problem", "share": 0.6462, "spans": [{"field": "text", "start": 0, "end": 42}]},
                {"role": "analysis", "share": 0.0, "spans": []},
                {"role": "ask", "share": 0.1846, "spans": [{"field": "text", "start": 42, "end": 54}]},
            ],
            "missing": [
                "如果方便，可以补充一两句原因或依据（为什么会这样、涉及多少人、别处怎么做的），便于承办单位研究。"
            ],
            "matters": [],
            "proposal": "",
            "tags": [
                {
                    "rule": "qh-02",
                    "kind": "不予受理",
                    "name": "涉法涉诉",
                    "action": "ask",
                    "sentence": "我在城东一家家具厂干了八个月，厂里欠我两万三千元工资，已经申请劳动仲裁，下个月开庭。",
                    "span": {"field": "text", "start": 0, "end": 42},
                    "source": "清河县建议提案办理规程（虚构）",
                    "article": "第九条第二项",
                    "score": 0.9372,
                    "wording": "该事项已进入诉讼、仲裁或者复议程序，请按法定程序主张权利，本县规程规定不作为建议交办。",
                }
            ],
            "urgency": [],
            "level": {"level": "", "score": 0.5578, "evidence": [], "spans": []},
            "jurisdiction": {
                "area": "",
                "name": "",
                "path": [],
                "confidence": 0.0,
                "mentions": [],
                "outside": [],
                "question": "文中没有写明地点，请补充：事情发生在清河县哪个乡镇（街道）或开发区，具体什么位置？",
                "served_by": [],
                "learned": False,
            },
            "copied": [],
            "duplicates": [],
            "questions": [
                "文中没有写明地点，请补充：事情发生在清河县哪个乡镇（街道）或开发区，具体什么位置？",
                "涉法涉诉：请核对是否属于“不予受理”的情形（清河县建议提案办理规程（虚构）第九条第二项）。",
            ],
            "wording": [
                "感谢您提出建议。该事项已进入诉讼、仲裁或者复议程序，请按法定程序主张权利，本县规程规定不作为建议交办。"
            ],
            "notices": [],
        }
    ]
}
"""What was answered to the second of the first request, by the starter's rules."""
