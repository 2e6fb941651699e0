"""The suggestions that OpenAPI, docs/service.md and `triage serve` show. Invented, and sent for real by the tests."""

from __future__ import annotations

from typing import Any

BUS = {
    "id": "RD2025-031",
    "title": "关于在北环路沿线增设公交站点的建议",
    "text": (
        "北环路东段这两年新建了四个小区，入住一千八百多户，最近的公交站在一公里以外，老人看病、孩子上学都要走过没有红绿灯的路口。"
        "建议：一、在桂花苑、清水湾门口各设一对公交站；二、将7路车由环城站延伸到北环路东段；三、早晚高峰加密班次。"
    ),
    "source": "人大",
    "session": "十八届四次",
    "date": "2025-02-18",
    "wish": "交通运输局",
}
COMPOST = {
    "id": "ZX2025-107",
    "title": "关于推进村级厨余垃圾就近堆肥的提案",
    "text": (
        "各村厨余垃圾清运一趟要走四十多公里，夏天路上滴漏。"
        "建议选八个村试点小型堆肥房，肥料还田，由农业技术人员上门指导。"
    ),
    "source": "政协",
}
LAMP = {"id": "12345-88120", "title": "老街巷子路灯坏了半个月，晚上看不见路", "source": "热线"}

REQUESTS: dict[str, Any] = {
    "one": {"summary": "One suggestion", "value": {"suggestions": [BUS]}},
    "many": {"summary": "Several, from several sources", "value": {"suggestions": [BUS, COMPOST, LAMP]}},
    "title": {"summary": "A title alone is enough", "value": {"suggestions": [{"title": BUS["title"]}]}},
}

RESPONSE: dict[str, Any] = {
    "results": [
        {
            "id": "RD2025-031",
            "topics": [
                {"name": "交通运输", "score": 0.9548, "path": ["交通运输"]},
                {"name": "公共交通", "score": 0.846, "path": ["交通运输", "公共交通"]},
                {"name": "交通信号与道路秩序", "score": 0.058, "path": ["交通运输", "交通信号与道路秩序"]},
            ],
            "lead": [
                {"unit": "交通运输局", "score": 0.7139},
                {"unit": "住房和城乡建设局", "score": 0.1305},
                {"unit": "公共交通有限公司", "score": 0.0554},
                {"unit": "公安局", "score": 0.0469},
                {"unit": "教育局", "score": 0.0201},
            ],
            "co": [
                {"unit": "公共交通有限公司", "score": 0.548},
                {"unit": "住房和城乡建设局", "score": 0.4822},
                {"unit": "公安局", "score": 0.4196},
                {"unit": "财政局", "score": 0.2419},
            ],
            "mode": "joint",
            "decision": "choose",
            "reasons": [
                {"code": "unsure", "text": "把握达不到承诺的90%，请在前五个单位中选择。"},
                {"code": "wish.first", "text": "提出人也希望由交通运输局办理。"},
            ],
            "evidence": [
                {
                    "unit": "交通运输局",
                    "kind": "duty",
                    "text": "职责“增设公交站点”与本文相符",
                    "score": 0.3905,
                    "case": "",
                    "units": [],
                    "spans": [
                        {"field": "title", "start": 8, "end": 14},
                        {"field": "text", "start": 28, "end": 31},
                        {"field": "text", "start": 79, "end": 82},
                    ],
                    "phrase": "增设公交站点",
                },
                {
                    "unit": "交通运输局",
                    "kind": "precedent",
                    "text": (
                        "相近案件《优化县城公交线路布局、加密高峰班次》（人大、2023-02-14）"
                        "由交通运输局主办，会办：公共交通有限公司、公安局"
                    ),
                    "score": 0.3822,
                    "case": "AL-RD2023-003",
                    "units": ["交通运输局", "公共交通有限公司", "公安局"],
                    "spans": [],
                    "phrase": "",
                },
                {
                    "unit": "交通运输局",
                    "kind": "words",
                    "text": "起作用的词：公交站点、增设、沿线、高峰",
                    "score": 0.1169,
                    "case": "",
                    "units": [],
                    "spans": [
                        {"field": "title", "start": 6, "end": 14},
                        {"field": "text", "start": 106, "end": 108},
                    ],
                    "phrase": "",
                },
                {
                    "unit": "交通运输局",
                    "kind": "wish",
                    "text": "提出人希望由该单位办理",
                    "score": 1.0,
                    "case": "",
                    "units": [],
                    "spans": [],
                    "phrase": "",
                },
            ],
            "duplicates": [],
            "matters": [],
            "questions": ["文中没有写明地点，请补充：事情发生在清河县哪个乡镇（街道）或开发区，具体什么位置？"],
            "notices": [],
            "model": "triage-e3250f551591",
            "return_risk": {
                "score": 0.2861,
                "learned": False,
                "reasons": ["若退单，可改交住房和城乡建设局。", "未从退单记录中学习：按首选单位不对的可能估计。"],
            },
            "systems": [{"name": "政府", "score": 0.9316}, {"name": "企事业单位", "score": 0.0675}],
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
            "level": {"level": "县", "score": 0.7162, "evidence": [], "spans": []},
            "committee": "城乡建设与环境资源保护委员会",
        }
    ]
}
"""What a model trained on examples/cases.csv answered to the first one with the starter's office, long lists cut."""

CARD: dict[str, Any] = {
    "lead": {
        "unseen_cases": 459,
        "later_cases": False,
        "top_1": 0.719,
        "top_3": 0.9129,
        "top_5": 0.9499,
        "calibration_error": 0.0559,
        "suggest_coverage": 0.2157,
        "suggest_accuracy": 0.9192,
    },
    "returns": {"recorded": 0, "learned": False},
    "name": "triage",
    "version": "0.1.0",
    "trained": "2026-11-21T19:59:27+00:00",
    "seconds": 53.6,
    "cases": 459,
    "cases_used": 459,
    "dates": ["2023-01-01", "2025-12-08"],
    "units": 103,
    "units_without_duties": 0,
    "unknown_names": [],
    "spellings": [],
    "topics": 227,
    "duty_phrases": 1492,
    "encoder": {"name": "multilingual-e5-small", "fingerprint": "77ad1e9d8a4acfbe8728cc2a99fd65ee"},
    "promise": {"accuracy": 0.9, "proven": True, "coverage": 0.2157},
    "data": "f3b498ff5507762505554b4bed2c111a4c82c793a9783433c448e9006bbec45b",
    "catalogue": "24e1b63fbe2fb3c0de7b13b5f8f9c7c980fe6a8f0cf94a8717196f68a41382f1",
    "seed": 0,
    "settings": {
        "lead_duties": 0.5,
        "co_duties": 0.3,
        "topic_phrases": 0.5,
        "penalty": 1.0,
        "alike": 0.75,
        "max_cases": 8000,
        "max_n": 3,
    },
    "made_on": {
        "python": "3.11.7",
        "platform": "Linux x86_64",
        "blas": ["openblas 0.3.30 Haswell"],
        "threads": 1,
        "packages": {"numpy": "2.4.6", "scipy": "1.17.1", "onnxruntime": "1.31.1"},
    },
    "model": "triage-e3250f551591",
    "bundle": "2026-03",
    "fingerprint": "b225dc0542ecc0602ad4a5443b12984d4ebff6d18a3aa6c27ce8ce8bfbd4a7c5",
    "catalogue_version": None,
}
"""The card of that model."""
