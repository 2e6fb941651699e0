"""Examples of the catalogue, for the OpenAPI document: a small invented town."""

from __future__ import annotations

from typing import Any

UNITS = (
    "code,name,duties,active_to,succeeded_by\n"
    "road,路灯管理所,路灯安装与维修,2025-06-30,city\n"
    "city,市政服务中心,路灯安装与维修;道路养护,,\n"
    "water,水务站,供水与排水,,\n"
)
RULES = "id,kind,name,pattern\nask,提示,请求答复,请予以答复\n"
FILES = {"units.csv": UNITS, "rules.csv": RULES}
PREVIEW = {
    "reform": {"summary": "A unit that goes into another", "value": {"files": FILES, "most": 50}},
}
CHANGE = {
    "reform": {
        "summary": "Put into force",
        "value": {"files": FILES, "reason": "路灯管理所并入市政服务中心"},
    },
}
VERSION: dict[str, Any] = {
    "number": 1,
    "digest": "5c0f…",
    "reason": "路灯管理所并入市政服务中心",
    "actor": "key:7f3a9c",
    "at": "2025-06-20T03:00:00Z",
    "file_names": ["rules.csv", "units.csv"],
}
VERSIONS = {"versions": [VERSION]}
WITH_FILES = VERSION | {"files": FILES}
IN_FORCE = {
    "number": 1,
    "digest": "90ab…",
    "catalogue": {"format": 1, "units": [{"code": "water", "name": "水务站"}], "topics": [], "areas": []},
    "office": {"name": "", "rules": []},
    "notices": ["本目录中有1个单位，模型无法给出：市政服务中心。请用本目录重新训练。"],
}
IN_FILES = {
    "number": 1,
    "files": FILES,
    "columns": {"units.csv": {"code": ["编码", "代码", "单位编码"], "name": ["名称", "单位名称", "单位", "全称"]}},
    "levels": ["党委", "县", "乡镇"],
    "systems": ["政府", "党委部门"],
}
NOTHING: dict[str, list[str]] = {"added": [], "removed": [], "changed": []}
PREVIEWED = {
    "number": 1,
    "findings": [
        {
            "severity": "warning",
            "file": "units.csv",
            "line": 4,
            "message": "unit 'water' has no duties, so nothing but handled cases can lead to it; add some",
            "message_zh": "单位“water”没有写职责，只能靠往年案件认出它，请补上",
        }
    ],
    "difference": {
        "added": ["市政服务中心"],
        "renamed": [],
        "merged": [{"unit": "路灯管理所", "today": ["市政服务中心"]}],
        "abolished": [],
        "changed": [],
        "topics": NOTHING,
        "areas": NOTHING,
        "rules": {"added": ["ask"], "removed": [], "changed": []},
        "settings": False,
    },
    "open": 212,
    "looked_at": 200,
    "units": {
        "suggestions": 1,
        "by_unit": [{"unit": "路灯管理所", "today": ["市政服务中心"], "suggestions": 1}],
        "listed": [{"id": "RD2025-031", "role": "lead", "unit": "路灯管理所", "today": ["市政服务中心"]}],
    },
    "rules": {
        "newly": {"ask": 1},
        "no_longer": {},
        "listed": [{"id": "RD2025-031", "newly": ["ask"], "no_longer": []}],
    },
    "notices": ["本目录中有1个单位，模型无法给出：市政服务中心。请用本目录重新训练。"],
}
