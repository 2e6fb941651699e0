"""Where two suggestions agree and differ in what they name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.duplicates.agreement import FEATURES, Agreement, agree
from triage.text import Segmenter
from triage.text.mentions import Mentions, find_mentions

SEGMENTER = Segmenter()


def compare(one: str, other: str) -> Agreement:
    return agree(find_mentions(one, SEGMENTER), find_mentions(other, SEGMENTER))


@pytest.mark.parametrize(
    ("one", "other", "high", "zero"),
    [
        (
            "关于增设2路公交站点的建议",
            "关于增设3路公交站点的建议",
            "number_conflict ask_same",
            "number_same ask_differs",
        ),
        ("关于阳光花园一期绿化的建议", "关于阳光花园二期绿化的建议", "place_same number_conflict", "place_conflict"),
        ("关于二路公交车晚点的问题", "2路公交晚点", "number_same", "number_conflict"),
        ("每月补贴200元", "每月补贴300元", "amount_conflict", "number_conflict amount_same"),
        ("投资两亿元建桥", "投资2亿元建桥", "amount_same", "amount_conflict"),
        ("人民路路面破损", "解放路路面破损", "place_conflict", "place_same place_missing"),
        ("上坪村缺水", "下河村缺水", "place_conflict", "place_same"),
        ("人民路北段积水", "人民路积水", "place_same", "place_conflict place_missing"),
        ("城东小学门口拥堵", "市城东小学校门前拥堵", "place_same", "place_conflict"),
        ("人民路和解放路积水", "解放路积水", "place_same", "place_conflict"),
        ("柳河镇缺少路灯", "云岭镇缺少路灯", "area_conflict", "place_conflict area_same"),
        ("柳河镇人民路积水", "柳河镇解放路积水", "area_same place_conflict", "area_conflict place_same"),
        ("柳河镇人民路积水", "柳河镇积水", "area_same place_missing", "area_conflict place_conflict"),
        ("柳河镇积水", "路面积水", "place_missing", "area_conflict place_conflict area_same"),
        ("人民路积水", "路面积水", "place_missing", "place_conflict place_same"),
        ("关于增设停车位的建议", "建议增加停车泊位", "ask_same object_same", "ask_opposite ask_differs"),
        ("关于修路的建议", "关于装路灯的建议", "ask_differs", "ask_same ask_opposite"),
        ("关于修复人民路的建议", "关于修复解放路的建议", "place_conflict ask_same", "ask_opposite ask_differs"),
        ("关于人民路增设公交站的建议", "关于取消人民路公交站的建议", "place_same ask_opposite", "ask_same ask_differs"),
        ("关于不要拆除老粮仓的建议", "关于拆除老粮仓的建议", "ask_opposite", "ask_same ask_differs"),
        ("关于搬迁化工厂的建议", "关于保留化工厂的建议", "ask_opposite", "ask_same"),
        ("关于允许燃放烟花爆竹的建议", "关于全面禁放烟花爆竹的建议", "ask_opposite", "ask_same"),
        ("反对建设垃圾焚烧厂", "建议建设垃圾焚烧厂", "ask_opposite", "ask_same"),
        ("关于延长夜班公交运营时间的建议", "关于缩短夜班公交运营时间的建议", "ask_opposite", "ask_same"),
    ],
)
def test_features(one: str, other: str, high: str, zero: str) -> None:
    found = compare(one, other)
    for name in high.split():
        assert getattr(found, name) >= 0.5, name
    for name in zero.split():
        assert getattr(found, name) == 0, name


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("关于解决停车难的建议", "关于增设停车位的建议"),
        ("关于减少噪声污染的建议", "关于增设隔音屏的建议"),
        ("关于取消路边停车收费的建议", "关于增设路边停车位的建议"),
        ("关于延长6路公交运营时间的建议", "关于缩短6路公交发车间隔的建议"),
        ("关于提高养老金的建议", "关于降低养老保险缴费的建议"),
        ("关于拆除违章建筑的建议", "关于新建公园的建议"),
    ],
)
def test_opposite_actions_upon_other_objects_are_no_contradiction(one: str, other: str) -> None:
    assert compare(one, other).ask_opposite == 0


def test_phrases_are_what_a_clerk_would_say() -> None:
    assert compare("人民路路面破损", "解放路路面破损").differs == ("地点不同：人民路 / 解放路",)
    assert compare("增设2路公交站点", "增设3路公交站点").differs == ("编号不同：2路 / 3路",)
    found = compare("关于在人民路增设公交站的建议", "关于取消人民路公交站的建议")
    assert found.agrees == ("地点：人民路",)
    assert found.differs == ("诉求相反：增设 / 取消公交站",)
    assert compare("关于修路的建议", "关于装路灯的建议").differs == ("诉求不同：修路 / 装路灯",)
    assert compare("关于增设停车位的建议", "建议增加停车位").agrees == ("诉求：增设停车位",)


def test_a_number_within_a_name_is_compared_as_a_place() -> None:
    found = compare("加快G60高速扩容", "加快G42高速扩容")
    assert found.place_conflict == 1
    assert found.number_conflict == 0


def test_a_side_remark_weighs_less_than_the_title() -> None:
    letter = "关于人民路积水的建议。雨后水深没过脚踝。去年解放路已经修好了。"
    conflict = compare(letter, "关于和平路积水的建议")
    assert conflict.place_conflict == 1
    remark = compare(letter, "关于解放路积水的建议")
    assert 0 < remark.place_same < compare(letter, "关于人民路积水的建议").place_same


def test_texts_that_name_nothing_neither_agree_nor_differ() -> None:
    assert agree(Mentions(), Mentions()) == Agreement()
    assert Agreement().values == (0.0,) * len(FEATURES)


def test_the_values_follow_the_names() -> None:
    found = compare("关于增设2路公交站点的建议", "关于增设3路公交站点的建议")
    assert dict(zip(FEATURES, found.values, strict=True))["number_conflict"] == found.number_conflict == 1


TEXTS = st.lists(
    st.sampled_from(
        "人民路 解放路 东湾村 柳河镇 城东小学 市城东小学 2路公交 3路公交 一期 二期 200元 300元 增设 取消 拆除 不要 "
        "保留 公交站 停车位 路灯 。 ， 建议 的 阳光花园 南湖 南湖公园 云岭镇".split()
    ),
    max_size=14,
).map("".join)


@given(TEXTS, TEXTS)
def test_exchanging_the_texts_changes_no_value(one: str, other: str) -> None:
    here, there = compare(one, other), compare(other, one)
    assert here.values == pytest.approx(there.values)
    assert (len(here.agrees), len(here.differs)) == (len(there.agrees), len(there.differs))
    assert all(0 <= value <= 1 for value in here.values)


@given(TEXTS)
def test_a_text_agrees_with_itself(text: str) -> None:
    found = compare(text, text)
    assert found.place_conflict == found.area_conflict == found.number_conflict == found.amount_conflict == 0
    assert found.place_missing == 0
    mentions = find_mentions(text, SEGMENTER)
    assert found.place_same == pytest.approx(float(any(not place.coarse for place in mentions.places)))
