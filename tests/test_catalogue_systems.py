"""Which first-level system a unit belongs to, and which committee supervises a topic."""

from __future__ import annotations

from pathlib import Path

import pytest

from triage.catalogue import (
    LEVELS,
    Committee,
    Office,
    Unit,
    committee_of,
    load_catalogue,
    save_catalogue,
    starter_catalogue,
    system_of,
)
from triage.catalogue.systems import SYSTEMS


@pytest.mark.parametrize(
    ("unit", "system"),
    [
        (Unit("a", "宣传部", level="党委"), "党委部门"),
        (Unit("a", "人大办", level="人大"), "人大"),
        (Unit("a", "教育局", level="县"), "政府"),
        (Unit("a", "河口镇人民政府", level="乡镇"), "政府"),
        (Unit("a", "税务局", level="垂直"), "政府"),
        (Unit("a", "总工会", level="群团"), "群团"),
        (Unit("a", "人民法院", level="司法"), "法院"),
        (Unit("a", "区法院", level="司法"), "法院"),
        (Unit("a", "人民检察院", level="司法"), "检察院"),
        (Unit("a", "检察机关", aliases=("县检察院",), level="司法"), "检察院"),
        (Unit("a", "司法所", level="司法"), "其他"),
        (Unit("a", "临湖村", level="村"), "村（社区）"),
        (Unit("a", "某处"), "其他"),
        (Unit("a", "武装部", level="其他", system="军事机关"), "军事机关"),
        (Unit("a", "供销社", level="群团", system="政府"), "政府"),
    ],
)
def test_the_level_says_the_system_unless_the_unit_names_its_own(unit: Unit, system: str) -> None:
    assert system_of(unit) == system


def test_every_level_has_a_system_of_the_list() -> None:
    assert {system_of(Unit("a", "人民法院", level=level)) for level in LEVELS} <= set(SYSTEMS)


def test_the_systems_of_the_starter() -> None:
    systems = {unit.name: system_of(unit) for unit in starter_catalogue().current()}
    assert systems["人民法院"] == "法院"
    assert systems["人民检察院"] == "检察院"
    assert systems["组织部"] == "党委部门"
    assert systems["教育局"] == "政府"


def test_the_column_is_read_and_written(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "units.csv").write_text("编码,名称,层级,职责,系统\nwz,武装部,其他,征兵,军事机关\n", "utf-8")
    catalogue = load_catalogue(tmp_path / "in")
    assert catalogue.unit("wz").system == "军事机关"
    save_catalogue(catalogue, tmp_path / "out")
    assert load_catalogue(tmp_path / "out") == catalogue
    assert type(catalogue).from_dict(catalogue.to_dict()) == catalogue


def test_the_nearest_topic_names_the_committee() -> None:
    office = Office(committees=(Committee("教科文卫工委", ("教育", "卫生")), Committee("财经工委", ("学校收费",))))
    assert committee_of(office, ("教育", "学校建设")) == "教科文卫工委"
    assert committee_of(office, ("教育", "学校收费")) == "财经工委"
    assert committee_of(office, ("交通",)) == ""
    assert committee_of(office, ()) == ""
