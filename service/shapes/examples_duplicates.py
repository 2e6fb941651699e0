"""The examples of `/v1/duplicates`, `/v1/precedents` and `/v1/hot`. Invented, and sent for real by the tests."""

from __future__ import annotations

from typing import Any

from service.shapes.examples import BUS, LAMP

STATIONS = {
    "id": "ZX2025-044",
    "title": "关于在北环路东段增设公交站的提案",
    "text": (
        "去年以来桂花苑、清水湾陆续有人入住，这一带却一直没有公交，上班上学很不方便。"
        "希望交通部门在两个小区门口设站，把7路车延伸到北环路东段。"
    ),
    "source": "政协",
    "session": "十五届四次",
    "date": "2025-02-20",
    "proposers": ["林秋水"],
}
LAMPS = [
    LAMP | {"date": "2025-03-04"},
    {"id": "12345-88164", "title": "老街巷子晚上漆黑，路灯不亮", "source": "热线", "date": "2025-03-06"},
    {"id": "12345-88201", "title": "老街路灯全坏了，请尽快维修路灯", "source": "热线", "date": "2025-03-11"},
    {"id": "12345-88255", "title": "反映老街巷子路灯坏了没人修", "source": "热线", "date": "2025-03-17"},
    {"id": "12345-87310", "title": "老街巷口路灯不亮", "source": "热线", "date": "2025-02-12"},
]

DUPLICATES: dict[str, Any] = {
    "two": {
        "summary": "Two of one session, from different bodies",
        "value": {"suggestions": [BUS, STATIONS], "k": 5, "least": "same matter", "proposals": True},
    },
    "filtered": {
        "summary": "Only what the congress handed in since 2023",
        "value": {"suggestions": [LAMP], "only": {"source": ["人大"], "since": "2023-01-01"}},
    },
}
PRECEDENTS: dict[str, Any] = {
    "two": {"summary": "The three most useful for each", "value": {"suggestions": [BUS, LAMP], "most": 3}},
}
HOT: dict[str, Any] = {
    "month": {
        "summary": "The month that ends with 31 March, against the month before",
        "value": {"suggestions": LAMPS, "until": "2025-03-31", "period": "month"},
    },
    "all": {"summary": "All of them", "value": {"suggestions": LAMPS}},
}

FOUND: dict[str, Any] = {
    "results": [
        {
            "id": "RD2025-031",
            "duplicates": [
                {
                    "id": "ZX2025-044",
                    "grade": "same matter",
                    "score": 0.9493,
                    "probabilities": {"identical": 0.0, "rewritten": 0.1088, "same matter": 0.9493, "related": 0.996},
                    "evidence": {
                        "text": (
                            "同一事项的可能性95%；文字重合29%；"
                            "一致：地点：北环路、桂花苑、编号：7路、诉求：增设公交站点。"
                        ),
                        "shared": [
                            {
                                "text": "关于在北环路",
                                "here": {"field": "title", "start": 0, "end": 6},
                                "there": {"field": "title", "start": 0, "end": 6},
                            },
                            {
                                "text": "增设公交站",
                                "here": {"field": "title", "start": 8, "end": 13},
                                "there": {"field": "title", "start": 8, "end": 13},
                            },
                        ],
                        "agrees": ["地点：北环路、桂花苑", "编号：7路", "诉求：增设公交站点"],
                        "differs": [],
                    },
                    "title": STATIONS["title"],
                    "source": "政协",
                    "session": "十五届四次",
                    "date": "2025-02-20",
                    "proposers": ["林秋水"],
                    "lead": [],
                    "co": [],
                    "outcome": "",
                }
            ],
        }
    ],
    "proposals": [
        {
            "representative": "RD2025-031",
            "members": [
                {
                    "id": "RD2025-031",
                    "title": BUS["title"],
                    "text": BUS["text"],
                    "source": "人大",
                    "session": "十八届四次",
                    "date": "2025-02-18",
                    "proposers": [],
                    "lead": [],
                    "co": [],
                    "outcome": "",
                    "probability": 1.0,
                    "confidential": False,
                    "evidence": None,
                },
                {
                    "id": "ZX2025-044",
                    "title": STATIONS["title"],
                    "text": STATIONS["text"],
                    "source": "政协",
                    "session": "十五届四次",
                    "date": "2025-02-20",
                    "proposers": ["林秋水"],
                    "lead": [],
                    "co": [],
                    "outcome": "",
                    "probability": 0.9493,
                    "confidential": False,
                    "evidence": {
                        "text": (
                            "同一事项的可能性95%；文字重合29%；"
                            "一致：地点：北环路、桂花苑、编号：7路、诉求：增设公交站点。"
                        ),
                        "shared": [
                            {
                                "text": "关于在北环路",
                                "here": {"field": "title", "start": 0, "end": 6},
                                "there": {"field": "title", "start": 0, "end": 6},
                            }
                        ],
                        "agrees": ["地点：北环路、桂花苑", "编号：7路", "诉求：增设公交站点"],
                        "differs": [],
                    },
                },
            ],
            "grade": "same matter",
            "score": 0.9493,
            "sources": ["人大", "政协"],
            "note": (
                "并案建议，仅供参考，由工作人员决定："
                "共2件，提出人1人次，其中人大1件（提出人0人次）、政协1件（提出人1人次）。"
                "有1件未登记提出人，请补登。每件原文均予保留；并案办理的，应当分别答复每一位提出人。"
            ),
        }
    ],
}
"""What was answered to the first one: its first suggestion, some of the shared phrases."""

PRECEDENTS_FOUND: dict[str, Any] = {
    "results": [
        {
            "id": "12345-88120",
            "precedents": [
                {
                    "id": "AL-RD2023-046",
                    "kind": "same matter",
                    "grade": "same matter",
                    "score": 0.9719,
                    "text": (
                        "同一事项：上次（2023-02-16）由住房和城乡建设局主办，财政局、城关镇人民政府、供电公司会办。"
                    ),
                    "title": "关于给背街小巷补装路灯的建议",
                    "source": "人大",
                    "session": "十七届二次",
                    "date": "2023-02-16",
                    "lead": ["住房和城乡建设局"],
                    "co": ["财政局", "城关镇人民政府", "供电公司"],
                    "outcome": "",
                    "reply": "",
                },
                {
                    "id": "AL-RX2025-005",
                    "kind": "same duty",
                    "grade": "related",
                    "score": 0.7866,
                    "text": "相关：上次（2025-08-02）由住房和城乡建设局主办。",
                    "title": "小区门口路灯不亮近两个月",
                    "source": "热线",
                    "session": "",
                    "date": "2025-08-02",
                    "lead": ["住房和城乡建设局"],
                    "co": [],
                    "outcome": "",
                    "reply": "",
                },
            ],
        }
    ]
}
"""What was answered for the second suggestion from examples/cases.csv, with the list cut."""

HOT_TOPICS: dict[str, Any] = {
    "topics": [
        {
            "name": "老街巷子路灯坏",
            "words": [
                {"word": "巷子", "weight": 0.7722},
                {"word": "路灯", "weight": 0.7722},
                {"word": "夜间", "weight": 0.3466},
            ],
            "size": 4,
            "before": 1,
            "growth": 3.0,
            "rising": False,
            "change": "增3（3.0倍）",
            "places": [],
            "sources": [{"source": "热线", "count": 4}],
            "representatives": [
                {"id": "12345-88164", "title": "老街巷子晚上漆黑，路灯不亮"},
                {"id": "12345-88201", "title": "老街路灯全坏了，请尽快维修路灯"},
                {"id": "12345-88255", "title": "反映老街巷子路灯坏了没人修"},
            ],
            "members": ["12345-88120", "12345-88164", "12345-88201", "12345-88255"],
            "earlier": ["12345-87310"],
            "first": "2025-03-04",
            "last": "2025-03-17",
        }
    ],
    "texts": 4,
    "texts_before": 1,
    "alone": 0,
    "since": "2025-03-01",
    "until": "2025-03-31",
    "before": ["2025-01-29", "2025-02-28"],
    "least": 3,
    "notices": [],
}
"""What was answered to the first one, with the list of words cut."""
