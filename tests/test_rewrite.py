"""Rewriting: each rule does what it says, the same seed gives the same copy, disguised characters normalise back."""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Callable
from datetime import date
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.duplicates import rewrite as rewriting
from triage.duplicates.rewrite import (
    RULES,
    add_noise,
    cut_to,
    frame,
    inject_pinyin,
    pinyin_of_characters,
    rewrite,
    shuffle_sentences,
    swap_synonyms,
    to_full_width,
    to_traditional,
)
from triage.duplicates.synonyms import canonical, group_of, longest_word, synonym_groups
from triage.records import Suggestion
from triage.text import Segmenter, normalize
from triage.text.characters import HAN, fold_width
from triage.text.pinyin import drop_pinyin

LETTERS = (
    (
        "我家住在城东老街，门前的路灯坏了三个多月，晚上漆黑一片，老人和孩子出行很不安全。建议有关部门尽快派人维修，"
        "并对整条街的照明设施进行排查。如果经费不足，可以先修复路口的5盏灯。盼复！"
    ),
    (
        "我市现有公交线路42条，但是开发区企业员工早晚上下班仍然乘车困难。一是班次少，2路车间隔达到25分钟；"
        "二是站点离厂区太远。建议增设3处公交站点，延长末班车时间至22:30，并开通一条定制线路。"
    ),
    (
        "近年来，农村生活垃圾治理取得了明显成效，但部分村庄仍存在垃圾桶不足、清运不及时的问题。为此建议：加大资金投入，"
        "按照每15户1个的标准配置垃圾箱；加强宣传教育，引导村民养成分类投放的习惯。"
    ),
    (
        "尊敬的领导：您好！我们小区是1998年建成的老旧小区，共有6栋楼320户，其中60岁以上老年人占四成。由于没有电梯，"
        "许多老人几个月不下楼。恳请政府出台加装电梯补贴政策，简化审批手续！"
    ),
    "入夏以来持续干旱，后山水库的灌溉渠道年久失修，渗漏严重，下游800亩稻田无法浇灌。\n请水利部门修复渠道,谢谢!",
    (
        "学校门口的斑马线已经磨损（特别是北门），接送孩子的车辆乱停乱放，存在安全隐患；建议交警部门重新施划标线，"
        "设置减速带。依据《道路交通安全法》有关规定，应当处罚违停行为。"
    ),
)
CLAUSES = tuple(clause for letter in LETTERS for clause in re.split(r"[，。！；：\n]", letter) if clause)
NUMERALS = set("〇零一二两三四五六七八九十百千万亿半")
DISGUISES: dict[str, Callable[[str, Random], str]] = {
    "pinyin": inject_pinyin,
    "noise": add_noise,
    "width": to_full_width,
    "traditional": lambda text, rng: to_traditional(text),
}

seeds = st.integers(min_value=0, max_value=2**32)
letters = st.lists(
    st.tuples(st.sampled_from(CLAUSES), st.sampled_from("，，，。。！？；：\n")), min_size=1, max_size=12
).map(lambda pairs: "".join(clause + mark for clause, mark in pairs))
anything = st.one_of(
    letters, st.text(max_size=60), st.text(alphabet="修路3１.,!?;() \n。；服务a\ud800\u200b&=", max_size=40)
)
rules_of_text = st.sampled_from([name for name, rule in RULES.items() if rule.text])


def apply(name: str, text: str, seed: int) -> str:
    rule = RULES[name].text
    assert rule is not None
    return rule(text, Random(seed))


def digits(text: str) -> list[str]:
    return re.findall(r"\d", fold_width(text))


# --- the tables ---


def test_synonym_groups_are_valid() -> None:
    groups = synonym_groups()
    words = [word for group in groups for word in group.words]
    assert sum(not group.clumsy for group in groups) >= 700
    assert len(groups) >= 900
    assert min(len(group.words) for group in groups) >= 2
    assert [word for word, count in Counter(words).items() if count > 1] == []
    assert [word for word in words if not re.fullmatch(f"[{HAN}]{{2,}}", word) or NUMERALS & set(word)] == []
    assert [group.clumsy for group in groups] == sorted(group.clumsy for group in groups)
    assert longest_word() == max(map(len, words))


def test_synonym_groups_are_simplified_and_clean() -> None:
    assert [word for group in synonym_groups() for word in group.words if normalize(word).text != word] == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("增加", "减少"), ("提高", "降低"), ("支持", "反对"), ("安装", "拆除"), ("延长", "缩短"), ("开始", "停止"),
        ("允许", "禁止"), ("左转", "右转"), ("东侧", "西侧"), ("道路", "路灯"), ("停车场", "停车位"), ("供水", "供电"),
        ("小学", "中学"), ("地铁站", "公交站"), ("公租房", "廉租房"), ("机动车道", "非机动车道"), ("限行", "禁行"),
        ("天桥", "地下通道"), ("燃气", "供暖"), ("医保", "社保"), ("幼儿园", "小学"),
        ("高于", "低于"), ("进入", "离开"), ("污水", "自来水"), ("拆除", "修建"), ("公交站", "公交线路"),
    ],
)  # fmt: skip
def test_opposites_and_other_matters_are_no_synonyms(one: str, other: str) -> None:
    assert canonical(one) != canonical(other)


def test_canonical_form() -> None:
    assert canonical("街灯") == canonical("路灯") == "路灯"
    assert canonical("效劳") == "服务"
    assert canonical("石桥") == "石桥"
    assert canonical("") == ""
    group = group_of("播送")
    assert group is not None
    assert group.clumsy


def test_pinyin_table_is_read_as_pinyin() -> None:
    table = pinyin_of_characters()
    assert len(table) >= 300
    assert table["协"] == "xié"
    assert [char for char, sound in table.items() if drop_pinyin(f"{char}{sound}。") != f"{char}。"] == []


# --- words ---


def test_swaps_words_for_words_of_their_group() -> None:
    segmenter = Segmenter()
    for letter in LETTERS:
        copy = swap_synonyms(letter, Random(1), 1.0)
        assert copy != letter
        assert digits(copy) == digits(letter)
        kept = {canonical(word) for word in segmenter.words(letter)} & {canonical(w) for w in segmenter.words(copy)}
        assert len(kept) > 0.6 * len({canonical(word) for word in segmenter.words(letter)})


def test_the_share_says_how_many_words_are_swapped() -> None:
    text = "。".join(("加强监管", "加快建设", "尽快解决", "路灯") * 5)
    assert swap_synonyms(text, Random(0), 0) == text
    changed = [
        sum(
            old != new
            for old, new in zip(text.split("。"), swap_synonyms(text, Random(0), share).split("。"), strict=True)
        )
        for share in (0.1, 0.5, 1.0)
    ]
    assert 1 <= changed[0] < changed[1] < changed[2] == 20


def test_the_longest_word_is_swapped() -> None:
    assert {swap_synonyms("加装电梯", Random(seed), 1) for seed in range(20)} == {"增设电梯", "安装电梯"}


def test_plain_words_only() -> None:
    text = "广播站的服务很好，请尽快维修"
    plain = {swap_synonyms(text, Random(seed), 1, clumsy=False) for seed in range(20)}
    assert all("广播站的服务" in copy for copy in plain)
    assert len(plain) > 2


@pytest.mark.parametrize(
    "text", ["幸福小区", "团结街道", "县公安局", "《关于加强道路安全管理的办法》", "建设路", "建设村"]
)
def test_names_keep_their_words(text: str) -> None:
    assert {swap_synonyms(text, Random(seed), 1) for seed in range(20)} == {text}


@given(anything, seeds)
def test_swapping_keeps_numbers(text: str, seed: int) -> None:
    copy = swap_synonyms(text, Random(seed), 1)
    assert digits(copy) == digits(text)
    assert [char for char in copy if char in NUMERALS] == [char for char in text if char in NUMERALS]


# --- sentences ---


def test_sentences_change_places() -> None:
    assert shuffle_sentences("路灯坏了。请维修！", Random(3)) == "请维修！路灯坏了。"
    assert shuffle_sentences("路灯坏了。请维修", Random(3)) == "请维修。路灯坏了。"
    assert shuffle_sentences("路灯坏了。\n请维修！", Random(3)) == "请维修！\n路灯坏了。"
    assert shuffle_sentences("路灯坏了。", Random(3)) == "路灯坏了。"
    assert shuffle_sentences("见http://a.example/?b=1", Random(3)) == "见http://a.example/?b=1"


@given(anything, seeds)
def test_no_sentence_is_lost(text: str, seed: int) -> None:
    copy = shuffle_sentences(text, Random(seed))
    lost = Counter(text) - Counter(copy)
    added = Counter(copy) - Counter(text)
    assert not lost
    assert set(added) <= {"。"}


def test_cuts_whole_sentences() -> None:
    text = "灯坏了。桥塌了。水停了。电断了。"
    assert cut_to(text, 0.5) == "灯坏了。桥塌了。"
    assert cut_to(text, 1) == text
    assert cut_to(text, 0.1) == "灯坏"
    middle = {cut_to(text, 0.5, Random(seed)) for seed in range(30)}
    assert {"灯坏了。桥塌了。", "桥塌了。水停了。", "水停了。电断了。"} <= middle


def test_cuts_one_long_sentence_in_half() -> None:
    assert cut_to("村口的石桥年久失修桥面开裂", 0.3) == "村口的石桥年久"


@given(letters, st.floats(min_value=0.1, max_value=0.9), seeds)
def test_a_cut_is_a_stretch_of_the_text(text: str, share: float, seed: int) -> None:
    copy = cut_to(text, share, Random(seed))
    assert copy
    assert copy in text
    longest = max(len(piece) for piece in re.findall(r"[^。！？；\n]*[。！？；\n]*\s*", text))
    assert len(copy) <= len(text) * share + longest


@pytest.mark.parametrize("share", [-0.1, 1.1, float("nan")])
def test_a_share_is_between_0_and_1(share: float) -> None:
    text = LETTERS[0]
    for call in (
        lambda: swap_synonyms(text, Random(0), share),
        lambda: cut_to(text, share),
        lambda: inject_pinyin(text, Random(0), share),
    ):
        with pytest.raises(ValueError, match="between 0 and 1"):
            call()


def test_another_formula_around_a_title() -> None:
    title = "关于增设2路公交站点的建议"
    framed = {frame(title, Random(seed)) for seed in range(60)}
    assert title not in framed
    assert {"关于增设2路公交站点的提案", "建议增设2路公交站点", "增设2路公交站点"} <= framed
    assert frame("增设2路公交站点", Random(0)) != "增设2路公交站点"
    for kept in ("", "建议", "建议第12号：关于修桥的建议"):
        assert frame(kept, Random(0)) == kept


# --- characters ---


def test_disguises_do_what_they_say() -> None:
    assert to_traditional("协调公车过于老旧") == "協調公車過於老舊"
    assert to_full_width("3号楼A座", Random(1)) in {"３号楼Ａ座", "３号楼A座", "3号楼Ａ座"}
    assert to_full_width("早8:30开门,人多", Random(1)) in {
        "早８:３０开门，人多",
        "早８:３０开门,人多",
        "早8:30开门，人多",
    }
    assert to_full_width("桥&nbsp;塌", Random(1)) == "桥&nbsp;塌"
    assert {inject_pinyin("协", Random(seed), 1) for seed in range(20)} == {"协(xié)", "协（xié）", "协xié"}
    assert inject_pinyin("协调", Random(0), 0) == "协调"
    copies = [add_noise(LETTERS[0], Random(seed)) for seed in range(60)]
    assert LETTERS[0] not in copies
    for trace in ("\u200b", "，，", "打印", "来源：", "我 家 住 在"):
        assert any(trace in copy for copy in copies), trace
    assert not any("来源" in add_noise("路灯坏了", Random(seed), furniture=False) for seed in range(60))


@pytest.mark.parametrize("name", DISGUISES)
@given(letters, seeds)
def test_disguised_characters_normalise_back(name: str, text: str, seed: int) -> None:
    assert normalize(DISGUISES[name](text, Random(seed))).text == normalize(text).text


@given(letters, seeds)
def test_all_disguises_at_once_normalise_back(text: str, seed: int) -> None:
    rng = Random(seed)
    copy = text
    for disguise in DISGUISES.values():
        copy = disguise(copy, rng)
    assert normalize(copy).text == normalize(text).text


@pytest.mark.parametrize("item", rewriting._FURNITURE)
def test_furniture_is_known_to_normalise(item: str) -> None:
    for letter in LETTERS:
        assert normalize(f"{item}\n{letter}").text == normalize(letter).text
        assert normalize(f"{letter}\n{item}").text == normalize(letter).text


# --- all rules ---


@given(anything, seeds, rules_of_text)
def test_the_same_seed_gives_the_same_copy_with_all_digits(text: str, seed: int, name: str) -> None:
    copy = apply(name, text, seed)
    assert copy == apply(name, text, seed)
    if name != "cut":
        assert Counter(digits(copy)) == Counter(digits(text))


@pytest.mark.parametrize("name", [name for name, rule in RULES.items() if rule.text])
def test_empty_and_foreign_texts(name: str) -> None:
    assert apply(name, "", 0) == ""
    assert apply(name, "  \n", 0).strip() == ""
    copy = apply(name, "The bridge is closed.", 0)
    assert copy
    if name not in ("cut", "noise"):
        assert normalize(copy).text == "The bridge is closed."


def test_a_copy_keeps_everything_but_its_wording() -> None:
    text = Suggestion(
        "7",
        "关于加装电梯的建议",
        LETTERS[3],
        "人大",
        "十七届一次",
        date(2024, 1, 9),
        ("甲",),
        "住建局",
        confidential=True,
    )
    copies = [rewrite(text, Random(seed)) for seed in range(40)]
    assert copies == [rewrite(text, Random(seed)) for seed in range(40)]
    for copy in copies:
        assert (copy.id, copy.source, copy.session, copy.date) == ("7", "人大", "十七届一次", date(2024, 1, 9))
        assert (copy.proposers, copy.wish, copy.confidential) == (("甲",), "住建局", True)
        assert (copy.title, copy.text) != (text.title, text.text)
    assert len(set(copies)) > 30


def test_chosen_rules_are_applied_in_their_order() -> None:
    text = Suggestion(title="关于修复路灯的建议", text=LETTERS[0])
    both = rewrite(text, Random(5), ("traditional", "order"))
    assert both == rewrite(text, Random(5), ("order", "traditional"))
    assert both.title == "關於修復路燈的建議"
    assert both.text == to_traditional(shuffle_sentences(LETTERS[0], Random(5)))
    assert rewrite(text, Random(5), ()) == text
    all_at_once = rewrite(text, Random(5), tuple(RULES))
    assert len(normalize(all_at_once.text).text) < 0.75 * len(LETTERS[0])
    assert rewrite(Suggestion(), Random(5), tuple(RULES)) == Suggestion()
    with pytest.raises(ValueError, match="no rule is named 'typo'; there are frame, synonyms"):
        rewrite(text, Random(5), ("typo",))


def test_thousands_of_letters_a_minute() -> None:
    letters = [
        Suggestion(title="关于修复路灯的建议", text=(LETTERS[i % 6] + LETTERS[i % 5] * 3)[:300]) for i in range(400)
    ]
    rewrite(letters[0], Random(0), tuple(RULES))
    start = time.perf_counter()
    for letter in letters:
        rewrite(letter, Random(0), tuple(RULES))
    assert time.perf_counter() - start < 6
