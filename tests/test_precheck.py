"""The pre-check as a whole: every text gets an answer, spans lie in the text, nothing of a secret text is told."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date as Date
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from triage.catalogue import Office, Rule, starter_catalogue, starter_office
from triage.precheck.checked import PROPOSALS, ROLES, Checked
from triage.precheck.precheck import Precheck
from triage.records import LEVEL_NAMES, Span, Suggestion

DAY = Date(2030, 3, 1)
LAMPS_AND_BUS = Suggestion(
    "1",
    "关于路灯和校车的建议",
    "一、杨树沟村口的路灯坏了半年，晚上漆黑一片，老人出门摔过跤。建议村委会尽快修好。\n"
    "二、镇中心小学的校车严重超员，座位不够，孩子们站着。建议教育局增加一辆校车。",
)


@pytest.fixture(scope="module")
def precheck() -> Precheck:
    return Precheck(starter_catalogue(), starter_office())


def spans_of(one: Checked) -> list[Span]:
    found = [span for part in one.parts for span in part.spans]
    found += [span for matter in one.matters for span in matter.spans]
    found += [item.span for item in (*one.tags, *one.urgency, *one.copied) if item.span is not None]
    return [*found, *one.level.spans]


def test_two_numbered_matters_are_two_parts(precheck: Precheck) -> None:
    found = precheck.check([LAMPS_AND_BUS])[0]
    assert [matter.text[:2] for matter in found.matters] == ["一、", "二、"]
    assert found.proposal in PROPOSALS
    assert "2件事" in "".join(found.wording)


def test_the_measures_of_one_matter_stay_together(precheck: Precheck) -> None:
    text = (
        "棠河大桥东头的下坡路面破损严重，去年以来骑车的人摔伤过三个。建议：\n1、公路局把破损的水泥板换掉；\n"
        "2、坡顶装一块减速的牌子；\n3、此外，雨天请交警来桥头值守。"
    )
    found = precheck.check([Suggestion("1", "关于维修棠河大桥下坡路面的建议", text)])[0]
    assert found.matters == ()
    assert found.proposal == ""


def test_parts_are_told_with_their_shares(precheck: Precheck) -> None:
    found = precheck.check([replace(LAMPS_AND_BUS, text=LAMPS_AND_BUS.text.split("\n")[0])])[0]
    assert [part.role for part in found.parts] == list(ROLES)
    assert sum(part.share for part in found.parts) == pytest.approx(1, abs=0.001)
    assert {part.role for part in found.parts if part.spans} >= {"subject", "ask"}


def test_what_is_missing_is_asked_for_kindly(precheck: Precheck) -> None:
    found = precheck.check(
        [Suggestion("1", "关于路灯的建议", "杨树沟村口的路灯坏了半年，晚上漆黑一片，老人出门摔过跤。")]
    )[0]
    assert any("具体的建议" in line for line in found.missing)
    assert found.wording[0].startswith("感谢您")
    assert not any(word in "".join(found.missing) for word in ("不予", "退回", "拒绝", "驳回"))


def test_a_rule_finds_by_pattern_and_by_tag_alone() -> None:
    rules = (
        Rule(
            "p",
            "提示",
            "收费",
            pattern="停车费",
            source="某规程（虚构）",
            article="第一条",
            wording="请会办发改部门。",
            action="ask",
        ),
        Rule("t", "不予受理", "涉法涉诉", tag="court"),
    )
    precheck = Precheck(starter_catalogue(), Office(place="清河县", rules=rules))
    text = (
        "我和开发商的官司已经起诉到县法院，一审判了我赢，对方上诉，二审还没开庭。请领导督促法院早点判。小区停车费太贵。"
    )
    found = precheck.check([Suggestion("1", "反映官司", text)])[0]
    by_rule = {tag.rule: tag for tag in found.tags}
    assert by_rule["p"].sentence == "小区停车费太贵。"
    assert (by_rule["p"].score, by_rule["p"].source, by_rule["p"].article) == (1.0, "某规程（虚构）", "第一条")
    assert "请会办发改部门。" in "".join(found.wording)
    assert 0.1 <= by_rule["t"].score < 1
    span = by_rule["t"].span
    assert span is not None
    assert "法院" in text[span.start : span.end]


def test_a_rule_looks_at_whole_sentences(precheck: Precheck) -> None:
    rule = Rule("x", "提示", "推介", pattern="我厂[^。]{0,30}采购", unless="不要", action="tag")
    own = Precheck(starter_catalogue(), Office(place="清河县", rules=(rule,)))
    hit = own.check([Suggestion("1", text="我厂生产的桌椅结实耐用，希望全县的学校统一采购。")])[0].tags
    assert hit[0].sentence == "我厂生产的桌椅结实耐用，希望全县的学校统一采购。"
    assert own.check([Suggestion("1", text="我厂生产的桌椅不要紧，希望全县的学校统一采购。")])[0].tags == ()


def test_rules_hold_on_their_days() -> None:
    rule = Rule("x", "票决", "修路", pattern="修路", active_from=Date(2030, 1, 1), active_to=Date(2031, 1, 1))
    own = Precheck(starter_catalogue(), Office(rules=(rule,)))
    text = [Suggestion("1", text="建议给我们村修路，方便大家出行。")]
    assert own.check(text, on=Date(2030, 6, 1))[0].tags
    assert not own.check(text, on=Date(2031, 1, 1))[0].tags


def test_nothing_of_a_confidential_text_is_told(precheck: Precheck) -> None:
    text = (
        "我实名举报大河乡财政所所长钱某收受红包，把修渠款打进小舅子卡里，请纪委6月底前查处。"
        "另外，雾凇坪的危桥随时可能垮塌，请交通局加固。以下是根据您的要求撰写的建议。"
    )
    found = precheck.check([Suggestion("1", "举报所长和危桥", text, confidential=True)], on=DAY)[0]
    told = json.dumps(found.to_dict(), ensure_ascii=False)
    for start in range(len(text) - 5):
        assert text[start : start + 6] not in told
    assert found.tags
    assert all(tag.span is not None and not tag.sentence for tag in found.tags)


def test_personal_numbers_are_masked_in_what_is_shown(precheck: Precheck) -> None:
    found = precheck.check([Suggestion("1", text="我公司生产的净水器优惠八折，欢迎各单位订购，电话13800138000。")])[0]
    assert found.tags
    assert "13800138000" not in json.dumps(found.to_dict(), ensure_ascii=False)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \n\t ",
        "。。。！！",
        "hello world, this is no Chinese",
        "😀😀😀",
        "12345",
        "好",
        "的" * 300,
        "\ud800\x00",
        "建议",
    ],
)
def test_every_text_gets_an_answer(precheck: Precheck, text: str) -> None:
    for one in (Suggestion("1", text, ""), Suggestion("1", "", text), Suggestion("1", text, text)):
        found = precheck.check([one], on=DAY)[0]
        assert found.id == "1"
        assert found.matters == ()
        assert all(part.role in ROLES for part in found.parts)


def test_a_huge_text_is_read_in_bounds(precheck: Precheck) -> None:
    found = precheck.check([Suggestion("1", "路灯", "路灯坏了，请修一修。另外" * 30_000)])[0]
    assert found.notices
    assert len(found.matters) <= 21


def test_an_unread_text_says_why(precheck: Precheck) -> None:
    found = precheck.check([Suggestion("1", "", "")])[0]
    assert found.notices
    assert found.missing
    assert found.level.level == ""


def test_answers_keep_the_order_and_are_the_same_again(precheck: Precheck) -> None:
    texts = [replace(LAMPS_AND_BUS, id=str(number)) for number in range(4)]
    first = precheck.check(texts, on=DAY)
    assert [one.id for one in first] == ["0", "1", "2", "3"]
    assert first == Precheck(starter_catalogue(), starter_office()).check(texts, on=DAY)


def test_a_dictionary_is_plain_json(precheck: Precheck) -> None:
    text = Suggestion("1", "关于危桥的建议", "清水桥随时可能垮塌，请交通局在2030年6月30日前加固。")
    plain = precheck.check([text], on=DAY)[0].to_dict()
    assert json.loads(json.dumps(plain, ensure_ascii=False)) == json.loads(json.dumps(plain))
    assert [reason["due"] for reason in plain["urgency"]] == [None, "2030-06-30"]


WORDS = st.lists(
    st.sampled_from(
        [
            "路灯坏了",
            "请修好",
            "另外，",
            "一、",
            "2.",
            "\n",
            "。",
            "，",
            "建议县里",
            "我家",
            "法院",
            "  ",
            "（xiù）",
            "繁體字",
            "<p>",
            "①",
            "；",
            "其次",
        ]
    ),
    max_size=40,
).map("".join)


@settings(max_examples=150)
@given(title=st.one_of(WORDS, st.text(max_size=40)), body=st.one_of(WORDS, st.text(max_size=300)))
def test_spans_lie_in_the_text_and_in_order(title: str, body: str) -> None:
    precheck = shared()
    found = precheck.check([Suggestion("1", title, body)], on=DAY)[0]
    lengths = {"title": len(title), "text": len(body)}
    for span in spans_of(found):
        assert 0 <= span.start < span.end <= lengths[span.field]
    ends = [span for matter in found.matters for span in matter.spans]
    assert all(one.end <= other.start for one, other in pairwise(ends))
    assert len(found.matters) != 1
    assert found.level.level in {"", *LEVEL_NAMES}
    assert precheck.check([Suggestion("1", title, body)], on=DAY)[0] == found


_SHARED: list[Precheck] = []


def shared() -> Precheck:
    """One pre-check for all examples: it is built once and keeps nothing of a text."""
    if not _SHARED:
        _SHARED.append(Precheck(starter_catalogue(), starter_office()))
    return _SHARED[0]
