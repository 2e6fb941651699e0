"""Unit names taken apart. The places are invented or masked; the forms are those that offices use."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.catalogue import UnitName, parse_unit_name
from triage.catalogue.names import fold


@pytest.mark.parametrize(
    ("name", "places", "core"),
    [
        ("教育局", "", "教育局"),
        ("市教育局", "", "教育局"),
        ("县卫健局", "", "卫健局"),
        ("区民政局", "", "民政局"),
        ("省教育厅", "", "教育厅"),
        ("州林业局", "", "林业局"),
        ("本县水利局", "", "水利局"),
        ("月湖区教育局", "月湖区", "教育局"),
        ("青石省月湖市教育局", "青石省 月湖市", "教育局"),
        ("月湖市柳桥区教育局", "月湖市 柳桥区", "教育局"),
        ("月湖新区教育局", "月湖新区", "教育局"),
        ("A市B区城管局", "A市 B区", "城管局"),
        ("X县教育局", "X县", "教育局"),
        ("某某县人民政府办公室", "某某县", "人民政府办公室"),
        ("盐城市教育局", "盐城市", "教育局"),
        ("沙县区教育局", "沙县区", "教育局"),
        ("市北区教育局", "市北区", "教育局"),
        ("公安县教育局", "公安县", "教育局"),
        ("和平区文化和旅游局", "和平区", "文化和旅游局"),
        ("月湖市柳桥区白石镇人民政府", "月湖市 柳桥区 白石镇", "镇人民政府"),
        ("白石镇", "白石镇", "镇"),
        ("白石镇财政所", "白石镇", "财政所"),
        ("书院镇人民政府", "书院镇", "镇人民政府"),
        ("新城镇人民政府", "新城镇", "镇人民政府"),
        ("清水乡", "清水乡", "乡"),
        ("县城关镇", "城关镇", "镇"),
        ("古井街道", "古井街道", "街道"),
        ("月湖市柳桥区人民政府古井街道办事处", "月湖市 柳桥区 古井街道", "街道办事处"),
        ("柳桥区人民政府白石镇街道办事处", "柳桥区 白石镇街道", "街道办事处"),
        ("柳桥区人民政府和平新村街道办事处", "柳桥区 和平新村街道", "街道办事处"),
        ("月湖市人民政府侨务办公室", "月湖市", "侨务办公室"),
        ("月湖市人民政府", "月湖市", "人民政府"),
        ("张家村村委会", "张家村", "村委会"),
        ("阳光社区居委会", "阳光社区", "社区居委会"),
        ("月湖经济开发区", "月湖经济开发区", "管委会"),
        ("月湖高新技术产业开发区管理委员会", "月湖高新技术产业开发区", "管委会"),
        ("柳桥区海角新区管委会", "柳桥区 海角新区", "管委会"),
        ("市柳桥物流园区管委会", "柳桥物流园区", "管委会"),
    ],
)
def test_places_and_core(name: str, places: str, core: str) -> None:
    parsed = parse_unit_name(name)
    assert (parsed.places, parsed.core) == (tuple(places.split()), core)


@pytest.mark.parametrize(
    "name",
    """市场监管局 市场监督管理局 市政公司 市政园林局 市容局 市监局 市民中心 市民热线 市长热线办公室 市区公交公司 区划办
    区块办 区域办 县志办 县域办 城市管理局 城乡建设局 城镇化办公室 乡镇企业局 乡村振兴局 住房和城乡建设局
    绿化和市容管理局 建筑建材业市场管理总站 社区学院 园区办 同济大学 人民银行 省级机关医院 街道工作办公室""".split(),
)
def test_words_that_only_look_like_a_prefix_are_not_eaten(name: str) -> None:
    assert parse_unit_name(name) == UnitName(name, (), name)


@pytest.mark.parametrize(
    ("name", "core"),
    [
        ("市市场监管局", "市场监管局"),
        ("市区划办", "区划办"),
        ("市民政局", "民政局"),
        ("市政协办公室", "政协办公室"),
        ("市政府办公室", "政府办公室"),
        ("月湖市市场监督管理局", "市场监督管理局"),
        ("月湖市城市综合管理事务中心", "城市综合管理事务中心"),
        ("市环月湾创新中心", "环月湾创新中心"),
    ],
)
def test_the_prefix_before_such_a_word_is(name: str, core: str) -> None:
    assert parse_unit_name(name).core == core


@pytest.mark.parametrize(
    ("name", "core"),
    [
        ("市委宣传部", "党委宣传部"),
        ("县委宣传部", "党委宣传部"),
        ("区委宣传部", "党委宣传部"),
        ("中共某县委宣传部", "党委宣传部"),
        ("中共月湖市柳桥区委员会宣传部", "党委宣传部"),
        ("中共柳桥区委", "党委"),
        ("县委", "党委"),
        ("县委办", "党委办"),
        ("月湖市市委办", "党委办"),
        ("团市委", "团委"),
        ("月湖市共青团委员会", "团委"),
        ("团县委", "团委"),
        ("共青团某市委员会", "团委"),
        ("中国共产主义青年团某县委员会", "团委"),
        ("区府办", "府办"),
        ("市府办", "府办"),
        ("中共月湖市经济工作委员会", "经济工作委员会"),
        ("卫生健康委员会", "卫生健康委员会"),
        ("市卫健委", "卫健委"),
        ("国家税务总局月湖市税务局", "税务局"),
        ("国网月湖市供电公司", "供电公司"),
    ],
)
def test_party_league_government_and_state(name: str, core: str) -> None:
    assert parse_unit_name(name).core == core


@pytest.mark.parametrize(
    ("name", "core", "seconds"),
    [
        ("市综合行政执法局（市城管局）", "综合行政执法局", "城管局"),
        ("市综合行政执法局(市城管局)", "综合行政执法局", "城管局"),
        ("市农合联（市供销社)", "农合联", "供销社"),
        ("市农合联（市供销社", "农合联", "供销社"),
        ("市委统战部（侨办、台办）", "党委统战部", "侨办 台办"),
        ("月湖市绿化局[月湖市林业局]", "绿化局", "林业局"),
        ("文旅局（体育局）（文物局）", "文旅局", "体育局 文物局"),
        ("自然资源局（原国土局）", "自然资源局", "国土局"),
        ("水务局（筹）", "水务局", ""),
        ("教育局（教育局）", "教育局", ""),
        ("月湖城投（集团）有限公司", "月湖城投集团有限公司", ""),
        ("中共柳桥区委、柳桥区人民政府", "党委", "人民政府"),
        ("妇联、团委", "妇联、团委", ""),
        ("（侨办）", "侨办", ""),
    ],
)
def test_second_names(name: str, core: str, seconds: str) -> None:
    parsed = parse_unit_name(name)
    assert (parsed.core, parsed.seconds) == (core, tuple(seconds.split()))


@pytest.mark.parametrize(
    ("name", "head", "branch"),
    [
        ("月湖市公安局柳桥分局", "公安局", "柳桥"),
        ("银监局柳桥办", "银监局", "柳桥"),
        ("海关局月湖办事处", "海关局", "月湖"),
        ("中国某信有限公司月湖分公司", "中国某信有限公司", "月湖"),
        ("市公安局", "", ""),
    ],
)
def test_branches(name: str, head: str, branch: str) -> None:
    parsed = parse_unit_name(name)
    assert (parsed.head, parsed.branch) == (head, branch)


@pytest.mark.parametrize(
    ("name", "rank"), [("市教育局", "市"), ("柳桥区教育局", "区"), ("省教育厅", "省"), ("白石镇", "镇"), ("教育局", "")]
)
def test_rank(name: str, rank: str) -> None:
    assert parse_unit_name(name).rank == rank


def test_width_and_spaces_do_not_matter() -> None:
    spaced = parse_unit_name("　月湖 市 教育局\u200b（Ａ办）")
    plain = parse_unit_name("月湖市教育局(A办)")
    assert (spaced.places, spaced.core, spaced.seconds) == (plain.places, plain.core, plain.seconds)
    assert fold(" 集团（Ａ）") == fold("集团(a)")


pieces = st.sampled_from(
    [*"市县区省镇乡村街道委局办会院团共青中国（）()、某月湖柳桥 A*", "街道", "人民政府", "管委会", "开发区"]
)


@given(st.text() | st.lists(pieces, max_size=12).map("".join))
def test_any_text_is_taken_apart(name: str) -> None:
    parsed = parse_unit_name(name)
    assert parsed.raw == name
    assert parsed.core or not fold(name)
    letters = re.sub("[()]", "", fold(name))
    assert all(fold(place) in letters for place in parsed.places)
    assert parsed.core not in parsed.seconds


@given(st.sampled_from("教育局 民政局 市场监管局 公安局 水利局 总工会 气象局 区划办".split()))
def test_a_bare_prefix_changes_nothing_but_the_rank(core: str) -> None:
    for prefix in ("", "市", "县", "某市", "月湖市柳桥区"):
        assert parse_unit_name(prefix + core).core == core
