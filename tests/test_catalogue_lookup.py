"""`triage.catalogue.lookup`: a unit is found while its name is being typed."""

from __future__ import annotations

import time
from datetime import date as Date

import pytest

from triage.catalogue import Catalogue, Unit, starter_catalogue
from triage.catalogue.lookup import LONGEST_QUERY, Found, UnitLookup
from triage.errors import InputError
from triage.meeting.names import NameReader

ON = Date(2026, 3, 5)
REFORM = Date(2019, 4, 1)


@pytest.fixture(scope="module")
def starter() -> UnitLookup:
    return UnitLookup(starter_catalogue(), ON)


def place(*units: Unit) -> UnitLookup:
    return UnitLookup(Catalogue(units), ON)


def named(*names: str) -> UnitLookup:
    return place(*(Unit(f"u{number}", name) for number, name in enumerate(names)))


@pytest.mark.parametrize(
    ("typed", "unit", "matched", "written"),
    [
        ("公安局", "公安局", "name", "公安局"),
        ("公安", "公安局", "name", "公安局"),
        ("gaj", "公安局", "initials", "公安局"),
        ("GAJ", "公安局", "initials", "公安局"),
        ("ｇａｊ", "公安局", "initials", "公安局"),
        ("g a j", "公安局", "initials", "公安局"),
        ("wsjkj", "卫生健康局", "initials", "卫生健康局"),
        ("jtj", "交通运输局", "initials", "交通局"),
        ("gonganju", "公安局", "pinyin", "公安局"),
        ("gongan", "公安局", "pinyin", "公安局"),
        ("gong'an", "公安局", "pinyin", "公安局"),
        ("jiaotong", "交通运输局", "pinyin", "交通运输局"),
        ("住建局", "住房和城乡建设局", "short", "住建局"),
        ("城建局", "住房和城乡建设局", "short", "城建局"),
    ],
)
def test_a_unit_is_found_by_whatever_is_typed(
    starter: UnitLookup, typed: str, unit: str, matched: str, written: str
) -> None:
    first = starter.find(typed)[0]
    assert (first.unit, first.matched, first.written, first.successor_of) == (unit, matched, written, "")
    assert first.code in starter_catalogue()
    assert first.kind == starter_catalogue().unit(first.code).level


@pytest.mark.parametrize(
    ("name", "sound", "initials"),
    [
        ("重庆市公安局", "chongqingshigonganju", "cqsgaj"),
        ("长乐区行政审批局", "changlequxingzhengshenpiju", "clqxzspj"),
        ("长治市中医院", "changzhishizhongyiyuan", "czszyy"),
        ("中国人民银行支行", "zhongguorenminyinhangzhihang", "zgrmyhzh"),
        ("乐清市自行车协会", "yueqingshizixingchexiehui", "yqszxcxh"),
        ("音乐家协会", "yinyuejiaxiehui", "yyjxh"),
        ("绿化管理处", "lvhuaguanlichu", "lhglc"),
        ("旅游局", "lvyouju", "lyj"),
        ("六安市水利局", "luanshishuiliju", "lasslj"),
        ("12345热线办", "12345rexianban", "12345rxb"),
        ("科技局（知识产权局）", "kejijuzhishichanquanju", "kjjzscqj"),
    ],
)
def test_names_sound_as_people_say_them(name: str, sound: str, initials: str) -> None:
    lookup = named("某某所", name)
    assert [one.unit for one in lookup.find(sound)] == [name]
    assert [one.unit for one in lookup.find(initials)] == [name]


def test_a_character_with_two_readings_is_found_by_either() -> None:
    lookup = named("长岗镇人民政府", "乐山街道办事处")
    for typed in ("changgang", "zhanggang", "cgz", "zgz"):
        assert [one.unit for one in lookup.find(typed)] == ["长岗镇人民政府"], typed
    assert [one.unit for one in lookup.find("yueshan")] == ["乐山街道办事处"]


def test_exact_goes_before_prefix_and_prefix_before_inside() -> None:
    lookup = named("市交通警察支队", "交通投资集团", "交通", "公共交通公司")
    assert [one.unit for one in lookup.find("交通")] == ["交通", "交通投资集团", "市交通警察支队", "公共交通公司"]
    assert [one.unit for one in lookup.find("jiaotong")][:2] == ["交通", "交通投资集团"]
    assert lookup.find("jiaotong", most=1) == lookup.find("jiaotong")[:1]


def test_a_place_in_front_does_not_hide_a_unit() -> None:
    lookup = named("清河县公安局交警大队", "清河县公安局", "林溪镇人民政府")
    assert lookup.find("公安局")[0].unit == "清河县公安局"
    assert lookup.find("gaj")[0].unit == "清河县公安局"
    assert lookup.find("qhxgaj")[0].unit == "清河县公安局"


def test_syllables_are_not_found_in_their_middle() -> None:
    lookup = named("公安局", "供销社")
    assert [one.unit for one in lookup.find("an")] == ["公安局"]
    assert lookup.find("ngan") == ()


def test_a_short_name_goes_before_other_names() -> None:
    lookup = place(
        Unit("a", "教育局", "教育局", aliases=("教体局",)), Unit("b", "交通运输局", "交通局", aliases=("运管局",))
    )
    assert [(one.unit, one.written) for one in lookup.find("jtj")] == [("交通运输局", "交通局"), ("教育局", "教体局")]


def test_a_former_name_leads_to_who_took_over(starter: UnitLookup) -> None:
    first = starter.find("环境保护局")[0]
    assert (first.unit, first.matched, first.written, first.successor_of) == (
        *("生态环境局", "former", "环境保护局"),
        "环境保护局",
    )
    first = next(one for one in starter.find("hbj") if one.successor_of == "环境保护局")
    assert (first.unit, first.matched, first.written) == ("生态环境局", "initials", "环保局")


def test_every_heir_of_a_unit_is_offered() -> None:
    lookup = place(
        Unit("old", "经济贸易局", active_to=REFORM, succeeded_by=("a", "b")),
        Unit("a", "工业局", active_from=REFORM),
        Unit("b", "商务局", active_from=REFORM),
        Unit("gone", "粮食局", active_to=REFORM),
    )
    assert {one.unit for one in lookup.find("经贸")} | {one.unit for one in lookup.find("经济贸易局")} == {
        "工业局",
        "商务局",
    }
    assert lookup.find("粮食局") == ()


def test_what_is_in_force_goes_by_the_day() -> None:
    units = (Unit("old", "旅游局", active_to=REFORM, succeeded_by=("new",)), Unit("new", "文旅局", active_from=REFORM))
    before, after = UnitLookup(Catalogue(units), Date(2018, 1, 1)), UnitLookup(Catalogue(units), ON)
    assert [one.unit for one in before.units] == ["旅游局"]
    assert [one.unit for one in after.units] == ["文旅局"]
    assert before.find("旅游局")[0].matched == "name"
    assert after.find("旅游局")[0] == Found("文旅局", "new", "", "former", "旅游局", "旅游局")


def test_units_beside_the_catalogue_are_found_too() -> None:
    lookup = UnitLookup(Catalogue((Unit("a", "教育局"),)), ON, ["文明创建办", "教育局", "文明创建办"])
    assert [one.unit for one in lookup.units] == ["教育局", "文明创建办"]
    assert lookup.find("wmcjb")[0].code == "文明创建办"


def test_kinds_are_never_offered(starter: UnitLookup) -> None:
    assert all(not one.code.startswith("kind-") for one in starter.units)


@pytest.mark.parametrize("typed", ["", "  ", "\u200b", "长" * (LONGEST_QUERY + 1)])
def test_a_query_that_cannot_be_one_is_refused(starter: UnitLookup, typed: str) -> None:
    with pytest.raises(InputError, match="allowed are 1 to 100"):
        starter.find(typed)


@pytest.mark.parametrize("typed", ["没有这个单位", "zzzzzz", "🙂", "%", "'", "()", "12345", "𠮷"])
def test_what_nothing_fits_finds_nothing(starter: UnitLookup, typed: str) -> None:
    assert starter.find(typed) == ()


def test_names_of_rare_characters_and_marks_can_be_said() -> None:
    names = ("𠮷野管委会", "㙍头镇", "A区·B中心（筹）", "……", "🙂局", "x" * 250)
    lookup = named(*names)
    assert [one.unit for one in lookup.units] == list(names)
    assert lookup.find("gwh")[0].unit == "𠮷野管委会"
    assert lookup.find("tz")[0].unit == "㙍头镇"
    lookup.find("a")


def test_every_unit_that_is_offered_can_be_decided(starter: UnitLookup) -> None:
    reader = NameReader(starter_catalogue())
    assert starter.units
    assert [one.unit for one in starter.units if reader.read(one.unit, ON).units != (one.unit,)] == []


def test_a_thousand_units_are_searched_in_milliseconds() -> None:
    functions = [unit.name for unit in starter_catalogue().current()][:100]
    lookup = named(*(f"{place}{function}" for place in "甲乙丙丁戊己庚辛壬癸" for function in functions))
    lookup.find("gaj")
    taken = []
    for typed in ("gaj", "g", "gonganju", "公安", "公", "a", "zzz"):
        began = time.perf_counter()
        lookup.find(typed)
        taken.append(time.perf_counter() - began)
    assert sorted(taken)[len(taken) // 2] < 0.005
