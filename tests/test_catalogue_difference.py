"""What another version of a catalogue changes, and what units of before are called in it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date as Date

import pytest

from triage.catalogue import Area, Catalogue, Deadlines, Office, Period, Rule, Topic, Unit, starter_catalogue
from triage.catalogue.difference import Entries, Passed, Today, difference, told_of_model

DAY = Date(2026, 1, 1)
BEFORE = Catalogue(
    units=(
        Unit("tea", "茶叶局", duties=("种茶",)),
        Unit("fruit", "果业局"),
        Unit("silk", "蚕桑局"),
        Unit("lamp", "路灯所"),
        Unit("pond", "水塘站"),
        Unit("road", "道路处", duties=("修路",)),
        Unit("old", "旧事办", active_to=Date(2019, 1, 1), succeeded_by=("road",)),
        Unit("kind-town", "镇人民政府", duties=("镇上的事",)),
    ),
    topics=(Topic("a", "农业"), Topic("b", "照明")),
    areas=(Area("x", "月湖区"),),
)
AFTER = Catalogue(
    units=(
        Unit("tea", "茶叶局", active_to=DAY, succeeded_by=("both",)),
        Unit("fruit", "果业局", active_to=DAY, succeeded_by=("both",)),
        Unit("both", "茶果局"),
        Unit("silk", "蚕桑局", active_to=DAY),
        Unit("lamp", "市政照明中心", aliases=("路灯所",)),
        Unit("road", "道路处", duties=("修路", "护路")),
        Unit("old", "旧事办", active_to=Date(2019, 1, 1), succeeded_by=("road",)),
        Unit("kind-town", "镇人民政府", duties=("镇上的事",)),
    ),
    topics=(Topic("a", "农林"), Topic("c", "水务")),
    areas=(Area("x", "月湖区"), Area("y", "柳桥镇", parent="x")),
)
RULE = Rule("r1", "提示", "请示", pattern="请示")


def test_units_that_come_are_renamed_merged_and_abolished() -> None:
    found = difference((BEFORE, Office()), (AFTER, Office()))
    assert found.added == ("茶果局",)
    assert found.renamed == (Passed("路灯所", ("市政照明中心",)),)
    assert found.merged == (Passed("茶叶局", ("茶果局",)), Passed("果业局", ("茶果局",)))
    assert found.abolished == ("蚕桑局", "水塘站"), "one by its end, one whose row is gone"
    assert set(found.changed) >= {"道路处", "市政照明中心"}
    assert found.topics == Entries(("水务",), ("照明",), ("农林",))
    assert found.areas == Entries(("柳桥镇",))
    assert not found.settings
    assert json.loads(json.dumps(found.to_dict()))["renamed"] == [{"unit": "路灯所", "today": ["市政照明中心"]}]


def test_rules_and_settings_of_the_office() -> None:
    one = Office(rules=(RULE, replace(RULE, id="r2")))
    moved = Office(rules=(replace(RULE, line=9), replace(RULE, id="r3")))
    other = replace(moved, rules=(replace(RULE, pattern="转交"),), deadlines=Deadlines(reply=Period(months=2)))
    assert difference((BEFORE, one), (BEFORE, moved)).rules == Entries(("r3",), ("r2",))
    assert not difference((BEFORE, one), (BEFORE, moved)).settings, "another line of the file changes nothing"
    found = difference((BEFORE, one), (BEFORE, other))
    assert (found.rules, found.settings) == (Entries((), ("r2",), ("r1",)), True)


def test_the_same_catalogue_has_no_difference() -> None:
    starter = starter_catalogue()
    found = difference((starter, Office()), (starter, Office()))
    assert found == difference((Catalogue(), Office()), (Catalogue(), Office()))


@pytest.mark.parametrize(
    ("name", "today"),
    [
        ("茶叶局", ("茶果局",)),
        ("蚕桑局", ()),
        ("路灯所", ("市政照明中心",)),
        ("道路处", ("道路处",)),
        ("旧事办", ("道路处",)),
        ("柳桥镇人民政府", None),
        ("天外来客", None),
        ("", None),
    ],
)
def test_what_a_name_is_today(name: str, today: tuple[str, ...] | None) -> None:
    assert Today(AFTER).names(name) == today


def test_what_a_model_does_not_know_is_said() -> None:
    assert told_of_model(["茶果局", "市政照明中心", "道路处"], AFTER) == ()
    renamed, missing = told_of_model(["茶叶局", "蚕桑局", "道路处"], AFTER)
    assert "茶叶局→茶果局" in renamed
    assert "蚕桑局→（无承接单位）" in renamed
    assert "市政照明中心" in missing
    assert "茶果局" not in missing, "its work is answered under the old name"
