"""Evidence for a pair: spans that hold in the texts as they came in, telling phrases, and nothing that is secret."""

from __future__ import annotations

import random
import re
import time
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.duplicates.agreement import Agreement
from triage.duplicates.calibration import shipped
from triage.duplicates.evidence import SHOWN, pair_evidence, shared_phrases
from triage.duplicates.rewrite import RULES, rewrite
from triage.records import Grade, SharedPhrase, Span, Suggestion
from triage.text.characters import fold_width, to_simplified

RARITY = shipped()[""].rarity
HERE = Suggestion(
    "a",
    "关于在河东路加装路灯的建议",
    "河东路全长3.5公里，从桥头到实验小学门口夜间没有路灯。学生下晚自习要摸黑走，建议住建局沿河东路加装LED路灯。",
)
PINYIN = re.compile(r"[(（\[【][^\W\d_\u4e00-\u9fff]+[)）\]】]")


def phrases(here: Suggestion, there: Suggestion) -> tuple[SharedPhrase, ...]:
    return shared_phrases(here, there, RARITY)


def raw(suggestion: Suggestion, span: Span) -> str:
    text = suggestion.title if span.field == "title" else suggestion.text
    assert 0 <= span.start < span.end <= len(text)
    return text[span.start : span.end]


def folded(text: str) -> str:
    """A plain reading of what may differ between two copies of a phrase."""
    return re.sub(r"[\W_]", "", PINYIN.sub("", to_simplified(fold_width(text)))).lower()


def check(here: Suggestion, there: Suggestion) -> tuple[SharedPhrase, ...]:
    """Every phrase is what stands at its places, long enough, and there once."""
    found = phrases(here, there)
    assert len(found) <= SHOWN
    for phrase in found:
        assert phrase.text == raw(here, phrase.here)
        assert folded(phrase.text) == folded(raw(there, phrase.there))
        assert len(folded(phrase.text)) >= 4
    assert len({folded(phrase.text) for phrase in found}) == len(found)
    starts = [(phrase.here.field != "title", phrase.here.start) for phrase in found]
    assert starts == sorted(starts)
    return found


@pytest.mark.parametrize(
    "text",
    [
        HERE.text,
        HERE.text.replace("路灯", "路燈").replace("实验小学门口", "實驗小學門口").replace("学生", "學生"),
        HERE.text.translate({ord("3"): "３", ord("5"): "５", ord("L"): "Ｌ", ord("E"): "Ｅ", ord("D"): "Ｄ"}),
        HERE.text.replace("实验", "实(shí)验(yàn)").replace("没有", "没（méi）有"),
        " ".join(HERE.text),
        "\u200b".join(HERE.text),
        HERE.text.replace("，", "；\n"),
        f"约500㎡。{HERE.text}",
        f"第①条\ud83d：{HERE.text}\x00",
        f"乾县著名狼藉，{HERE.text}",
        f"㋿㍿™{HERE.text.replace('学', '學')}",
    ],
)
def test_phrases_are_found_however_they_are_written(text: str) -> None:
    there = Suggestion("b", "", text)
    for one, other in ((HERE, there), (there, HERE)):
        found = check(one, other)
        assert any("实验小学门口夜间没有路灯" in folded(phrase.text) for phrase in found)


@given(st.integers(0, 10_000), st.sampled_from([None, *RULES, tuple(RULES)]))
def test_spans_hold_in_disguised_copies(seed: int, rule: object) -> None:
    rules = rule if isinstance(rule, tuple) or rule is None else (rule,)
    copy = rewrite(HERE, random.Random(seed), rules)
    check(HERE, copy)
    check(copy, HERE)


LETTERS = st.text(
    st.sampled_from("河东路灯建设學樓㎡ＡA1１(é)（pīn），\u200b\ud83d。\x00𠮷") | st.characters(), max_size=40
)


@given(LETTERS, LETTERS, LETTERS, st.integers(0, 5))
def test_spans_hold_in_any_texts(one: str, other: str, middle: str, times: int) -> None:
    here = Suggestion("a", one, middle + HERE.text[:12] * times + other)
    there = Suggestion("b", middle, other + HERE.text[:12] + one)
    for left, right in ((here, there), (there, here)):
        for phrase in phrases(left, right):
            assert phrase.text == raw(left, phrase.here)
            assert raw(right, phrase.there)


def test_only_phrases_that_tell_something_are_shown() -> None:
    one = Suggestion("a", "", "希望有关部门高度重视，尽快解决。青河排污口气味难闻。")
    other = Suggestion("b", "", "青河排污口又冒黑水。希望有关部门高度重视，尽快解决。")
    shown = [phrase.text for phrase in check(one, other)]
    assert "青河排污口" in shown
    assert phrases(one, Suggestion("c", "", "银杏树需要围栏和挂牌保护")) == ()
    assert phrases(Suggestion("d"), Suggestion("e")) == ()


def test_title_and_body_do_not_run_into_each_other() -> None:
    one = Suggestion("a", "青河排污", "口气味难闻")
    other = Suggestion("b", "", "青河排污口气味难闻")
    assert [phrase.text for phrase in check(one, other)] == ["青河排污", "口气味难闻"]


def test_personal_numbers_are_never_repeated() -> None:
    one = Suggestion("a", "关于噪声", "工地夜里施工，联系电话13812345678，身份证11010519491231002X。")
    other = Suggestion(
        "b", "关于施工噪声", "夜里太吵！电话：１３８１２３４５６７８，身份证11010519491231002X，工地夜里施工。"
    )
    shown = [phrase.text for phrase in check(one, other)]
    assert "工地夜里施工" in shown
    assert not any("1234" in folded(text) or "1949" in text for text in shown)


def test_long_letters_take_no_long_time() -> None:
    letter = Suggestion("a", "", "".join(f"第{n}条请在{n}号路口加装路灯。" for n in range(20_000)))
    dull = Suggestion("b", "", "路灯" * 100_000)
    started = time.perf_counter()
    for one, other in ((letter, letter), (dull, dull), (letter, dull)):
        check(one, other)
    assert time.perf_counter() - started < 5


AGREEMENT = Agreement(place_same=1.0, agrees=("地点：河东路",), differs=("编号不同：2路 / 3路",))


def test_a_sentence_says_how_sure_how_much_and_what_agrees() -> None:
    found = pair_evidence(HERE, replace(HERE, id="b"), Grade.RELATED, 0.876, 0.5, AGREEMENT, RARITY)
    assert found.text == "相关的可能性88%；文字重合50%；一致：地点：河东路；不一致：编号不同：2路 / 3路。"
    assert (found.agrees, found.differs) == (AGREEMENT.agrees, AGREEMENT.differs)
    assert found.shared
    sure = pair_evidence(HERE, HERE, Grade.REWRITTEN, 0.9999, 1.0, Agreement(), RARITY)
    assert sure.text == "改写的可能性99%以上；文字重合100%。"
    same = pair_evidence(HERE, HERE, Grade.IDENTICAL, 1.0, 1.0, Agreement(), RARITY)
    assert same.text == "整理后全文相同。"


@pytest.mark.parametrize(("here", "there"), [(True, False), (False, True), (True, True)])
@pytest.mark.parametrize("grade", list(Grade))
def test_of_a_confidential_text_nothing_but_the_grade_is_told(here: bool, there: bool, grade: Grade) -> None:
    one, other = replace(HERE, confidential=here), replace(HERE, id="b", confidential=there)
    found = pair_evidence(one, other, grade, 0.9, 0.5, AGREEMENT, RARITY)
    assert (found.shared, found.agrees, found.differs) == ((), (), ())
    assert "河东" not in found.text
    assert "路" not in found.text
    assert found.text.endswith("保密件，不显示内容。")
