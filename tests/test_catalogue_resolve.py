"""From a name met to the unit it means: every step, and that two units are never confused."""

from __future__ import annotations

import time
from datetime import date as Date
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.catalogue import Area, Catalogue, How, Resolution, Resolver, Unit, starter_catalogue
from triage.catalogue.names import fold
from triage.catalogue.shapes import EQUAL, likeness, shape_of

REFORM = Date(2019, 4, 1)


def unit(code: str, name: str, aliases: str = "", short_name: str = "", level: str = "") -> Unit:
    return Unit(code, name, short_name, tuple(aliases.split()), level, duties=(f"{name}的事",))


def former(code: str, name: str, *heirs: str, aliases: str = "") -> Unit:
    return Unit(code, name, aliases=tuple(aliases.split()), active_to=REFORM, succeeded_by=heirs)


COUNTY = Catalogue(
    units=(
        unit("jyj", "教育局"),
        unit("fgj", "发展和改革局"),
        unit("rsj", "人力资源和社会保障局"),
        unit("zrzy", "自然资源和规划局"),
        unit("zjj", "住房和城乡建设局", short_name="住建局"),
        unit("jtj", "交通运输局"),
        unit("wjj", "卫生健康局"),
        unit("kjj", "科学技术局"),
        unit("kx", "科学技术协会"),
        unit("cl", "残疾人联合会"),
        unit("slj", "水利局"),
        unit("czj", "财政局"),
        unit("swj", "税务局", "地税局"),
        unit("scjg", "市场监督管理局"),
        unit("gzw", "国有资产监督管理委员会"),
        unit("zhzf", "综合行政执法局"),
        unit("nyj", "农业农村局"),
        unit("jgsw", "机关事务服务中心"),
        unit("xcb", "县委宣传部"),
        unit("tzb", "统战部"),
        unit("qb", "侨务办公室", "侨办"),
        unit("tb", "台湾事务办公室", "台办"),
        unit("xwb", "县委办公室"),
        unit("zfb", "人民政府办公室"),
        unit("tw", "团县委"),
        unit("fy", "人民法院"),
        unit("gaj", "公安局"),
        unit("jj", "公安局交警大队"),
        unit("szb", "县志办"),
        unit("gd", "供电公司"),
        unit("dx", "电信公司", "中国电信"),
        unit("bst", "白石镇", level="乡镇"),
        unit("jkq", "经济开发区管委会", level="开发区"),
        former("cgj", "城市管理局", "zhzf", aliases="城管局"),
        former("gtj", "国土资源局", "zrzy"),
        former("nyj-old", "农业局", "nyj"),
        former("wjj-old", "卫生局", "wjj"),
        unit("kind-town", "镇人民政府", "镇 乡镇", level="乡镇"),
        unit("kind-street", "街道办事处", level="街道"),
        unit("kind-zone", "园区管理委员会", level="开发区"),
        unit("kind-headquarters", "工程指挥部", level="指挥部"),
        unit("kind-school", "学校", level="学校"),
        unit("kind-hospital", "医院", level="医院"),
        unit("kind-enterprise", "国有企业", level="企业"),
        unit("kind-water", "水务局", level="县"),
    ),
    areas=(Area("lake", "月湖县", ("月湖",), "县"),),
)
RESOLVER = Resolver(COUNTY)


def found(name: str) -> tuple[str, str]:
    resolution = RESOLVER.resolve(name)
    return (resolution.unit.code if resolution.unit else "", str(resolution.how))


@pytest.mark.parametrize(
    ("name", "code", "how"),
    [
        ("教育局", "jyj", "exact"),
        ("县委宣传部", "xcb", "exact"),
        ("住建局", "zjj", "alias"),
        ("地税局", "swj", "alias"),
        ("市教育局", "jyj", "prefix"),
        ("月湖县教育局", "jyj", "prefix"),
        ("某市某区教育局", "jyj", "prefix"),
        ("中共某区委宣传部", "xcb", "prefix"),
        ("市委统战部", "tzb", "prefix"),
        ("团市委", "tw", "prefix"),
        ("共青团某区委员会", "tw", "prefix"),
        ("市志办", "szb", "prefix"),
        ("公安局柳桥分局", "gaj", "prefix"),
        ("中国电信月湖分公司", "dx", "prefix"),
        ("月湖县白石镇人民政府", "bst", "prefix"),
        ("月湖税务局", "swj", "prefix"),
        ("第三税务局", "swj", "prefix"),
        ("柳桥经济开发区", "jkq", "prefix"),
        ("市城管局", "cgj", "former"),
        ("国土资源局", "gtj", "former"),
        ("市农业局", "nyj-old", "former"),
        ("清风局（市侨办）", "qb", "bracket"),
        ("市教育委员会", "jyj", "abbreviation"),
        ("规划和自然资源局", "zrzy", "abbreviation"),
        ("人社局", "rsj", "abbreviation"),
        ("人力社保局", "rsj", "abbreviation"),
        ("人力资源社会保障局", "rsj", "abbreviation"),
        ("发改委", "fgj", "abbreviation"),
        ("卫健委", "wjj", "abbreviation"),
        ("科技局", "kjj", "abbreviation"),
        ("科协", "kx", "abbreviation"),
        ("残联", "cl", "abbreviation"),
        ("市场监管局", "scjg", "abbreviation"),
        ("国资委", "", "unknown"),
        ("交通局", "jtj", "abbreviation"),
        ("人民政府水利局", "slj", "abbreviation"),
        ("市府办", "zfb", "abbreviation"),
        ("法院", "fy", "abbreviation"),
        ("机关事务管理局", "jgsw", "abbreviation"),
        ("县住建局执法大队", "zjj", "part"),
        ("县公安局交警大队", "jj", "prefix"),
        ("周家镇", "kind-town", "kind"),
        ("柳桥区周家镇人民政府", "kind-town", "kind"),
        ("古井街道", "kind-street", "kind"),
        ("海角新区管委会", "kind-zone", "kind"),
        ("柳桥工业园区", "kind-zone", "kind"),
        ("高铁站建设指挥部", "kind-headquarters", "kind"),
        ("月湖县第二中学", "kind-school", "kind"),
        ("周家镇卫生院", "kind-hospital", "kind"),
        ("月湖城投集团有限公司", "kind-enterprise", "kind"),
        ("月湖县水务局", "kind-water", "kind"),
        ("镇人民政府", "kind-town", "kind"),
        ("海洋局", "", "unknown"),
        ("教育基金会", "", "unknown"),
        ("科技馆", "", "unknown"),
        ("协会", "", "unknown"),
        ("管理局", "", "unknown"),
        ("改革办", "", "unknown"),
        ("计划委员会", "", "unknown"),
        ("局", "", "unknown"),
        ("hello", "", "unknown"),
        ("", "", "unknown"),
    ],
)
def test_each_step(name: str, code: str, how: str) -> None:
    assert found(name) == (code, how)


@pytest.mark.parametrize(
    ("name", "code", "others"),
    [
        ("市委统战部（侨办、台办）", "tzb", "qb tb"),
        ("市综合行政执法局（市城管局）", "zhzf", "cgj"),
        ("财政地税局", "czj", "swj"),
        ("教育和水利局", "jyj", "slj"),
        ("教育财政水利局", "jyj", "czj slj"),
        ("水利和湖泊局", "slj", ""),
        ("湖泊和水利局", "", ""),
        ("教育局、水利局", "jyj", "slj"),
    ],
)
def test_names_that_cover_several_units(name: str, code: str, others: str) -> None:
    resolution = RESOLVER.resolve(name)
    assert (resolution.unit.code if resolution.unit else "") == code
    assert [other.code for other in resolution.others] == others.split()


def test_a_former_unit_names_those_that_took_over() -> None:
    resolution = RESOLVER.resolve("市城管局")
    assert [heir.code for heir in resolution.successors] == ["zhzf"]
    assert resolution.note == "机构改革前的城市管理局（2019-04-01起停用），现由综合行政执法局承接"


def test_notes_are_for_clerks() -> None:
    assert RESOLVER.resolve("市教育局").note == "去掉地名后即教育局"
    assert RESOLVER.resolve("周家镇").note == "按“镇人民政府”这一类单位的职责"
    assert RESOLVER.resolve("市委统战部（侨办、台办）").note.endswith("；兼有侨务办公室、台湾事务办公室的职责")
    assert RESOLVER.resolve("海洋局").note.startswith("目录中没有这个单位")
    assert RESOLVER.resolve(" ") == Resolution(" ", None, How.UNKNOWN, "名称为空")


def test_two_candidates_are_none() -> None:
    resolver = Resolver(Catalogue((unit("a", "城市更新局"), unit("b", "城市运行局"))))
    resolution = resolver.resolve("城市局")
    assert resolution.unit is None
    assert resolution.note == "可能是城市更新局、城市运行局，无法确定：保留原名；请在目录的别名中写明"
    assert "国土资源局" in RESOLVER.resolve("国资委").note, "国资 could be cut from 国有资产 and from 国土资源"


def test_candidates_of_one_reform_are_the_one_of_today() -> None:
    resolver = Resolver(Catalogue((former("old", "环境治理局", "new"), unit("new", "环境监测局"))))
    resolution = resolver.resolve("环境局")
    assert resolution.unit is not None
    assert resolution.unit.code == "new"


def test_places_tell_units_of_one_name_apart() -> None:
    catalogue = Catalogue(
        (
            unit("city", "月湖市教育局"),
            unit("east", "月湖市东柳区教育局"),
            unit("west", "月湖市西柳区教育局"),
            unit("town", "白石镇"),
            unit("zone", "白石经济开发区"),
            unit("kind-town", "镇人民政府"),
        )
    )
    resolver = Resolver(catalogue)
    assert [resolver.resolve(name).unit for name in ("东柳区教育局", "西柳区教育委员会")] == [
        catalogue.unit("east"),
        None,
    ], "another way of writing is trusted only where no place can contradict it"
    assert resolver.resolve("市教育局").unit == catalogue.unit("city")
    assert resolver.resolve("教育局").unit is None
    assert resolver.resolve("南柳区教育局").unit is None
    assert resolver.resolve("白石镇人民政府").unit == catalogue.unit("town")
    assert resolver.resolve("黑石镇").unit == catalogue.unit("kind-town"), "never the one town that happens to be there"
    assert resolver.resolve("黑石经济开发区管委会").unit is None


def test_known_places_may_stand_without_their_form() -> None:
    catalogue = Catalogue((unit("hg", "海关"),))
    assert Resolver(catalogue).resolve("柳桥海关").unit is None
    assert Resolver(catalogue, places=["柳桥市"]).resolve("柳桥海关").unit == catalogue.unit("hg")


@pytest.mark.parametrize("piece", ["(", "（）", "市", "局", "教育局、", "镇", "教育局办", "某"])
def test_a_text_instead_of_a_name_costs_nothing(piece: str) -> None:
    start = time.process_time()
    for length in (40, 200_000):
        assert RESOLVER.resolve(piece * length).note
    assert time.process_time() - start < 2.0


def test_an_empty_catalogue_knows_nothing() -> None:
    assert Resolver(Catalogue()).resolve("教育局").how is How.UNKNOWN


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("科技局", "科学技术协会"),
        ("工商局", "工商业联合会"),
        ("残联", "残疾人服务中心"),
        ("党委办公室", "政府办公室"),
        ("党委", "党委办公室"),
        ("水利局", "水利工程公司"),
        ("管理局", "管理服务中心"),
        ("教育局", "体育局"),
        ("统计局", "统战部"),
        ("计划委员会", "计划生育局"),
        ("改革办", "发展和改革局"),
        ("国土资源局", "国资局"),
        ("政府侨务办公室", "政府办公室"),
        ("监管局", "金融监管局"),
    ],
)
def test_forms_and_stems_that_must_not_meet(one: str, two: str) -> None:
    assert likeness(shape_of(one), shape_of(two)) < EQUAL * 0.85
    assert likeness(shape_of(two), shape_of(one)) < EQUAL * 0.85


@cache
def starter() -> tuple[Catalogue, Resolver]:
    catalogue = starter_catalogue()
    return catalogue, Resolver(catalogue)


def names_of(catalogue: Catalogue) -> list[tuple[str, str]]:
    return [(entry.code, name) for entry in catalogue.units for name in entry.names]


@pytest.mark.parametrize("which", ["small", "starter"])
def test_every_own_name_and_alias_finds_its_unit(which: str) -> None:
    catalogue, resolver = (COUNTY, RESOLVER) if which == "small" else starter()
    own = {fold(entry.name): entry.code for entry in catalogue.units}
    for code, name in names_of(catalogue):
        # A former unit's own name outranks the alias under which its heir remembers it.
        assert resolver.resolve(name).unit == catalogue.unit(own.get(fold(name), code)), name


@given(st.data())
def test_prefixes_do_not_change_what_a_bureau_is(data: st.DataObject) -> None:
    catalogue, resolver = starter()
    bureaus = [entry for entry in catalogue.current() if entry.level == "县" and entry.name.endswith("局")]
    bureau = data.draw(st.sampled_from(bureaus))
    prefix = data.draw(st.sampled_from(["市", "县", "区", "某市", "月湖市柳桥区", "青石省月湖县"]))
    assert resolver.resolve(prefix + bureau.name).unit == bureau


@given(
    st.text()
    | st.lists(st.sampled_from([*"市县区镇局委办和（）、第一党团", "人民政府", "管理", "教育", "公司"])).map("".join)
)
def test_resolve_never_raises(name: str) -> None:
    for resolver in (RESOLVER, starter()[1], Resolver(Catalogue())):
        resolution = resolver.resolve(name)
        assert resolution.name == name
        assert (resolution.unit is None) == (resolution.how is How.UNKNOWN)
        assert resolution.note
        assert resolution.unit not in resolution.others


@pytest.mark.parametrize(
    ("name", "today"),
    [
        ("县卫计局", "卫生健康局"),
        ("市国土资源局", "自然资源和规划局"),
        ("规划局", "自然资源和规划局"),
        ("县文广局", "文化和广电旅游局"),
        ("市旅游局", "文化和广电旅游局"),
        ("市农办", "农业农村局"),
        ("市农业局", "农业农村局"),
        ("安监局", "应急管理局"),
        ("县工商局", "市场监督管理局"),
        ("质监局", "市场监督管理局"),
        ("食药监局", "市场监督管理局"),
        ("环保局", "生态环境局"),
    ],
)
def test_the_starter_knows_the_reforms(name: str, today: str) -> None:
    resolution = starter()[1].resolve(name)
    assert resolution.how is How.FORMER
    assert today in [heir.name for heir in resolution.successors]
