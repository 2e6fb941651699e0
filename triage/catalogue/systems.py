"""The first-level system that a unit belongs to, and the committee that supervises a topic."""

from __future__ import annotations

from collections.abc import Sequence

from triage.catalogue.model import Unit
from triage.catalogue.office import Office

SYSTEMS: tuple[str, ...] = (
    "党委部门",
    "人大",
    "政府",
    "政协",
    "纪检监察",
    "法院",
    "检察院",
    "群团",
    "村（社区）",
    "企事业单位",
    "上级单位",
    "其他",
)
"""The first-level systems, in the order of an office's report. The column `system` of units.csv may name others."""

_OF_LEVEL: dict[str, str] = {
    "党委": "党委部门",
    "人大": "人大",
    "政协": "政协",
    "纪检": "纪检监察",
    "群团": "群团",
    "县": "政府",
    "事业": "政府",
    "垂直": "政府",
    "上级": "上级单位",
    "开发区": "政府",
    "指挥部": "政府",
    "乡镇": "政府",
    "街道": "政府",
    "村": "村（社区）",
    "社区": "村（社区）",
    "企业": "企事业单位",
    "学校": "企事业单位",
    "医院": "企事业单位",
}


def system_of(unit: Unit) -> str:
    """The system of a unit: its own `system`, else what its level says; for 司法, its name. 其他 if neither."""
    if unit.system:
        return unit.system
    if unit.level == "司法":
        named = next((name for name in unit.names if "法院" in name or "检察院" in name), "")
        return "检察院" if "检察院" in named else "法院" if named else "其他"
    return _OF_LEVEL.get(unit.level, "其他")


def committee_of(office: Office, path: Sequence[str]) -> str:
    """The committee that supervises a topic, empty if none does.

    `path` holds the topic's names or codes from the first level down (as `Catalogue.topic_path`); the committee of the
    nearest topic counts, so that one may take a single topic out of another's field.
    """
    holders = {topic: committee.name for committee in office.committees for topic in committee.topics}
    return next((holders[topic] for topic in reversed(path) if topic in holders), "")
