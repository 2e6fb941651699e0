"""A catalogue made for the names that a place uses: duties, areas, topics and dates come along, nothing is invented."""

from __future__ import annotations

import time
from datetime import date as Date
from functools import cache
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from triage.catalogue import (
    Area,
    Catalogue,
    How,
    Resolver,
    Topic,
    Unit,
    catalogue_for_names,
    load_catalogue,
    save_catalogue,
    starter_catalogue,
)
from triage.catalogue.names import fold

REFORM = Date(2019, 4, 1)
SOURCE = Catalogue(
    units=(
        Unit("jyj", "教育局", aliases=("教委",), level="县", duties=("办学", "营养餐")),
        Unit("tzb", "统战部", level="党委", duties=("联谊",)),
        Unit("qb", "侨务办公室", "侨办", level="县", duties=("侨务",)),
        Unit("lvj", "旅游局", duties=("景区", "导游"), active_to=REFORM, succeeded_by=("wlj",)),
        Unit("whj", "文化局", duties=("图书馆", "戏曲"), active_to=REFORM, succeeded_by=("wlj",)),
        Unit("wlj", "文化和旅游局", duties=("图书馆", "景区"), active_from=REFORM),
        Unit("kind-town", "镇人民政府", aliases=("镇",), level="乡镇", duties=("村道", "环境卫生")),
        Unit("kind-street", "街道办事处", level="街道", duties=("小区",)),
    ),
    topics=(
        Topic("edu", "教育", units=("jyj",)),
        Topic("tour", "景区和导游", "", ("wlj",), ("景区",)),
        Topic("opera", "戏曲", "", ("wlj",), ("戏曲", "图书馆")),
        Topic("old", "旧事", "", ("whj",)),
        Topic("road", "村道", "", ("kind-town",)),
        Topic("none", "无主", "", ()),
    ),
)


@cache
def starter() -> Catalogue:
    return starter_catalogue()


def test_names_stand_as_given_with_duties_of_what_they_mean() -> None:
    catalogue, resolutions = catalogue_for_names(["市教育局", "月湖镇", "市委统战部（侨办）", "怪名字"], SOURCE)
    assert [unit.name for unit in catalogue.units] == ["市教育局", "月湖镇", "市委统战部（侨办）", "怪名字"]
    assert [unit.code for unit in catalogue.units] == [unit.name for unit in catalogue.units]
    assert [unit.duties for unit in catalogue.units] == [("办学", "营养餐"), ("村道", "环境卫生"), ("联谊", "侨务"), ()]
    assert [unit.level for unit in catalogue.units] == ["县", "乡镇", "党委", ""]
    assert catalogue.units[0].aliases == ("教育局", "教委")
    assert catalogue.units[1].aliases == (), "a kind's names are nobody's"
    assert [str(r.how) for r in resolutions] == ["prefix", "kind", "prefix", "unknown"]
    assert [r.name for r in resolutions] == [unit.name for unit in catalogue.units]


def test_an_alias_goes_to_nobody_if_two_could_have_it() -> None:
    catalogue, _ = catalogue_for_names(["东柳区教育局", "西柳区教育局", "侨办"], SOURCE)
    assert [unit.aliases for unit in catalogue.units] == [(), (), ("侨务办公室",)]
    assert catalogue.units[0].duties == catalogue.units[1].duties == ("办学", "营养餐")


def test_ways_of_writing_one_name_are_one_unit() -> None:
    catalogue, resolutions = catalogue_for_names(
        [" 城投（集团）公司", "城投(集团)公司", "城投（集团）公司 ", ""], SOURCE
    )
    (unit,) = catalogue.units
    assert (unit.name, unit.aliases) == ("城投（集团）公司", ("城投(集团)公司",))
    assert [resolution.name for resolution in resolutions] == ["城投（集团）公司", "城投(集团)公司"]


def test_areas_form_a_tree_read_from_the_names() -> None:
    names = [
        "月湖市柳桥区白石镇人民政府",
        "月湖市柳桥区教育局",
        "月湖市教育局",
        "柳桥区统战部",
        "月湖经济开发区",
        "教育局",
    ]
    catalogue, _ = catalogue_for_names([*names, "月湖市教育局柳桥分局"], SOURCE)
    assert catalogue.areas == (
        Area("月湖市", "月湖市", ("月湖",), "市"),
        Area("月湖市柳桥区", "柳桥区", ("柳桥",), "区", "月湖市"),
        Area("月湖市柳桥区白石镇", "白石镇", ("白石",), "乡镇", "月湖市柳桥区"),
        Area("月湖经济开发区", "月湖经济开发区", (), "开发区"),
    )
    assert {unit.name: unit.area for unit in catalogue.units} == {
        "月湖市柳桥区白石镇人民政府": "月湖市柳桥区白石镇",
        "月湖市柳桥区教育局": "月湖市柳桥区",
        "月湖市教育局": "月湖市",
        "柳桥区统战部": "月湖市柳桥区",
        "月湖经济开发区": "月湖经济开发区",
        "教育局": "",
        "月湖市教育局柳桥分局": "月湖市柳桥区",
    }


def test_places_that_are_everyday_words_have_no_short_form() -> None:
    catalogue, _ = catalogue_for_names(["大桥街道", "白鹭街道"], SOURCE)
    assert {area.name: area.aliases for area in catalogue.areas} == {"大桥街道": (), "白鹭街道": ("白鹭",)}


def test_a_former_name_alone_is_the_name_in_use() -> None:
    catalogue, resolutions = catalogue_for_names(["市旅游局", "市文化局"], SOURCE)
    assert resolutions[0].how is How.FORMER
    assert [(unit.active_to, unit.succeeded_by) for unit in catalogue.units] == [(None, ()), (None, ())]
    assert len(catalogue.current(Date(2024, 1, 1))) == 2


def test_both_sides_of_a_reform_keep_their_dates() -> None:
    catalogue, _ = catalogue_for_names(["市旅游局", "市文旅局", "市教育局"], SOURCE)
    assert catalogue.unit("市旅游局").active_to == REFORM
    assert catalogue.unit("市旅游局").succeeded_by == ("市文旅局",)
    assert catalogue.unit("市文旅局").active_from == REFORM
    assert [unit.code for unit in catalogue.current(Date(2018, 1, 1))] == ["市旅游局", "市教育局"]
    assert [unit.code for unit in catalogue.current()] == ["市文旅局", "市教育局"]


def test_topics_find_the_new_units() -> None:
    def units(names: list[str]) -> dict[str, tuple[str, ...]]:
        return {topic.code: topic.units for topic in catalogue_for_names(names, SOURCE)[0].topics}

    assert units(["市教育局", "文旅局", "甲镇", "乙镇"]) == {
        "edu": ("市教育局",),
        "tour": ("文旅局",),
        "opera": ("文旅局",),
        "old": ("文旅局",),
        "road": ("甲镇", "乙镇"),
        "none": (),
    }
    before = units(["旅游局", "文化局"])
    assert before["tour"] == ("旅游局",), "before the reform the topic was with whom its words were"
    assert before["opera"] == ("文化局",)
    assert before["old"] == ("文化局",)


def test_codes_fit_into_a_list_of_codes(tmp_path: Path) -> None:
    names = ["甲;乙局", "甲 乙局", "甲；乙局", "kind-x", "周家镇", "月湖市教育局"]
    catalogue, _ = catalogue_for_names(names, SOURCE)
    assert [unit.code for unit in catalogue.units] == ["甲-乙局", "甲-乙局-2", "unit-kind-x", "周家镇", "月湖市教育局"]
    assert not any(unit.is_kind for unit in catalogue.units)
    save_catalogue(Catalogue(catalogue.units[1:], catalogue.topics, catalogue.areas), tmp_path / "c")
    assert load_catalogue(tmp_path / "c").units == catalogue.units[1:]


def test_no_names_no_units() -> None:
    catalogue, resolutions = catalogue_for_names([], SOURCE)
    assert (catalogue.units, catalogue.areas, resolutions) == ((), (), ())
    assert len(catalogue.topics) == len(SOURCE.topics)


met = st.builds(
    "".join,
    st.tuples(
        st.sampled_from(["", "市", "县", "月湖市", "月湖市柳桥区", "白石镇", "古井街道"]),
        st.deferred(lambda: st.sampled_from([unit.name for unit in starter().units if not unit.is_kind]))
        | st.sampled_from(["", "人民政府", "办事处", "怪名字", "第一中学"]),
        st.sampled_from(["", "", "（侨办、台办）", "（筹）", "(集团)", "执法大队"]),
    ),
)


@given(st.lists(met | st.text(max_size=8), max_size=12))
def test_any_list_gives_a_catalogue_that_keeps_the_rules(
    names: list[str],
) -> None:
    catalogue, resolutions = catalogue_for_names(names, starter())
    wanted = dict.fromkeys(name.strip() for name in names if fold(name))
    assert {resolution.name for resolution in resolutions} == set(wanted)
    given_names = {name for unit in catalogue.units for name in unit.names}
    assert set(wanted) <= given_names
    assert Catalogue.from_dict(catalogue.to_dict()) == catalogue
    resolver = Resolver(catalogue)
    for unit in catalogue.units:
        assert resolver.resolve(unit.name).unit == unit
        assert unit.area in {"", *(area.code for area in catalogue.areas)}
    for topic in catalogue.topics:
        assert all(code in catalogue for code in topic.units)


def test_six_hundred_names_take_less_than_a_second() -> None:
    districts = [f"月湖市{first}{second}区" for first in "东西南北中" for second in "柳荷桂"]
    bureaus = [unit.name for unit in starter().units if unit.name.endswith("局") and not unit.is_kind][:40]
    names = [f"{district}{bureau}" for district in districts for bureau in bureaus]
    start = time.process_time()
    catalogue, resolutions = catalogue_for_names(names, starter())
    assert time.process_time() - start < 1.0
    assert len(catalogue.units) == 600
    assert all(resolution.unit for resolution in resolutions)
