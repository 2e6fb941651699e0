"""Whether two answers name the same lead: spellings, places, levels, branches and ten years of reorganisations."""

from __future__ import annotations

from datetime import date as Date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.catalogue import Catalogue, Unit, starter_catalogue
from triage.duplicates.leads import Agreement, LeadComparison

SAME, PARTLY, DIFFERENT = Agreement.SAME, Agreement.PARTLY, Agreement.DIFFERENT
CATALOGUE = starter_catalogue()
KNOWING = LeadComparison(CATALOGUE)
BARE = LeadComparison()
NOW = Date(2024, 6, 1)


@pytest.mark.parametrize(
    ("one", "other", "day", "expected"),
    [
        ("卫生局", "卫生健康局", NOW, SAME),
        ("人口计生局", "卫健委", NOW, SAME),
        ("卫生局", "卫计局", Date(2017, 3, 1), SAME),
        ("卫生局", "人口和计划生育局", Date(2013, 3, 1), DIFFERENT),
        ("卫生局", "人口和计划生育局", NOW, SAME),
        ("卫生局", "人口和计划生育局", None, SAME),
        ("国土资源局", "规划局", Date(2017, 3, 1), DIFFERENT),
        ("国土资源局", "市规划局", NOW, SAME),
        ("海洋与渔业局", "农业农村局", NOW, SAME),
        ("海洋与渔业局", "自然资源和规划局", NOW, SAME),
        ("农业农村局", "自然资源和规划局", NOW, DIFFERENT),
        ("经济贸易局", "商务局", NOW, SAME),
        ("财政地税局", "税务局", NOW, SAME),
        ("财政地税局", "财政局", NOW, SAME),
        ("乡村振兴局", "农业农村局", Date(2022, 5, 1), DIFFERENT),
        ("乡村振兴局", "农业农村局", NOW, SAME),
        ("扶贫办", "乡村振兴局", Date(2022, 5, 1), SAME),
        ("扶贫办", "农业农村局", NOW, SAME),
        ("工商局", "物价局", NOW, DIFFERENT),
        ("环保局", "生态环境局", Date(2017, 1, 1), SAME),
        ("县教育局", "县人社局", NOW, DIFFERENT),
        ("统战部（侨办、台办）", "侨务办公室", NOW, SAME),
        ("交通运输局执法大队", "交通运输局", NOW, SAME),
    ],
)
def test_reorganisations(one: str, other: str, day: Date | None, expected: Agreement) -> None:
    assert KNOWING.compare([one], [other], day) is expected
    assert KNOWING.compare([other], [one], day) is expected


@pytest.mark.parametrize("comparison", [KNOWING, BARE], ids=["catalogue", "names"])
@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("规划局", "市规划局", SAME),
        ("县教育局", "教育局", SAME),
        ("市教育局", "县教育局", PARTLY),
        ("河东区教育局", "教育局", SAME),
        ("河东区教育局", "河西区教育局", DIFFERENT),
        ("河东县教育局", "河东区教育局", SAME),
        ("河东区教育局", "市教育局", PARTLY),
        ("公安局城东分局", "公安局", PARTLY),
        ("公安局城东分局", "公安局城西分局", DIFFERENT),
        ("石桥镇人民政府", "石桥镇", SAME),
        ("石桥镇人民政府", "石桥镇政府", SAME),
        ("石桥镇人民政府", "双河镇人民政府", DIFFERENT),
        ("石桥镇人民政府", "石桥街道办事处", PARTLY),
        ("石桥镇人民政府", "镇政府", PARTLY),
        ("石桥镇人民政府", "教育局", DIFFERENT),
        ("石桥村村民委员会", "石桥村委会", SAME),
        ("石桥村村委会", "石桥社区居委会", DIFFERENT),
        ("教育局 ", "教育局", SAME),
        ("人力资源和社会保障局", "人力资源社会保障局", SAME),
        ("虹溪自来水有限公司", "虹溪自来水公司", SAME),
        ("虹溪自来水公司", "虹溪公交公司", DIFFERENT),
        ("第一中学", "第二中学", DIFFERENT),
    ],
)
def test_spellings_places_levels_and_branches(
    comparison: LeadComparison, one: str, other: str, expected: Agreement
) -> None:
    assert comparison.compare([one], [other], NOW) is expected
    assert comparison.compare([other], [one], NOW) is expected


def test_without_a_catalogue_no_reorganisation_is_known() -> None:
    assert BARE.compare(["卫生局"], ["卫生健康局"]) is DIFFERENT


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (["教育局", "公安局"], ["公安局", "县教育局"], SAME),
        (["教育局", "公安局"], ["教育局"], PARTLY),
        (["教育局", "公安局"], ["财政局"], DIFFERENT),
        (["教育局", "公安局"], ["财政局", "教育局"], PARTLY),
        (["海洋与渔业局"], ["农业农村局", "自然资源和规划局"], SAME),
        ([], ["教育局"], DIFFERENT),
        ([], [], SAME),
    ],
)
def test_split_cases(one: list[str], other: list[str], expected: Agreement) -> None:
    assert KNOWING.compare(one, other, NOW) is expected
    assert KNOWING.compare(other, one, NOW) is expected


def test_the_catalogue_decides_over_the_places_in_its_own_names() -> None:
    catalogue = Catalogue(
        units=(
            Unit("a", "河西区教育局", active_to=Date(2021, 4, 1), succeeded_by=("b",)),
            Unit("b", "河东区教育局", aliases=("市教育局",)),
        )
    )
    comparison = LeadComparison(catalogue)
    assert comparison.compare(["河西区教育局"], ["河东区教育局"], NOW) is SAME
    assert comparison.compare(["河西区教育局"], ["河东区教育局"], Date(2020, 1, 1)) is DIFFERENT
    assert comparison.compare(["市教育局"], ["河东区教育局"], NOW) is SAME


def test_a_unit_that_nobody_took_over_stays_itself() -> None:
    comparison = LeadComparison(
        Catalogue(units=(Unit("a", "临时指挥部", active_to=Date(2020, 1, 1)), Unit("b", "水利局")))
    )
    assert comparison.compare(["临时指挥部"], ["临时指挥部"], NOW) is SAME
    assert comparison.compare(["临时指挥部"], ["水利局"], NOW) is DIFFERENT


NAMES = st.sampled_from([name for unit in CATALOGUE.units if not unit.is_kind for name in unit.names]) | st.text(
    max_size=8
)


@given(one=NAMES, other=NAMES, day=st.none() | st.dates(Date(2008, 1, 1), Date(2026, 1, 1)))
def test_a_name_agrees_with_itself_and_order_does_not_matter(one: str, other: str, day: Date | None) -> None:
    assert KNOWING.compare_units(one, one, day) is SAME
    assert KNOWING.compare_units(one, other, day) is KNOWING.compare_units(other, one, day)
    assert BARE.compare_units(one, other, day) is BARE.compare_units(other, one, day)


@pytest.mark.parametrize("unit", [unit for unit in CATALOGUE.units if unit.is_former], ids=lambda unit: unit.code)
def test_each_former_unit_agrees_with_all_its_heirs_today(unit: Unit) -> None:
    heirs = CATALOGUE.successors(unit.code)
    assert heirs
    for heir in heirs:
        assert KNOWING.compare([unit.name], [heir.name]) is SAME
        assert KNOWING.compare([f"县{unit.name}"], [f"县{heir.name}"], NOW) is SAME
