"""Profiles: what is equal, what comes back from the index, and texts that cannot be compared."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.duplicates.profile import LONGEST, Profile
from triage.records import Suggestion
from triage.text import Segmenter, prepare

SEGMENTER = Segmenter()
TITLE = "关于在河东路加装20盏路灯的建议"
BODY = "河东路全长3.5公里，夜间没有路灯。建议住建局在3-5号楼前加装LED路灯。"


def profile(title: str, text: str = "") -> Profile:
    return Profile.of(prepare(Suggestion("x", title, text)), SEGMENTER)


KEY = profile(TITLE, BODY).key


@pytest.mark.parametrize(
    ("title", "text"),
    [
        (f" {TITLE}。", BODY),
        (TITLE, BODY.replace("，", " , ").replace("。", "！\n")),
        (TITLE, BODY.replace("LED", "led")),
        (TITLE, BODY.replace("3.5", "３．５")),
        (TITLE, BODY.replace("号楼", "號樓").replace("路灯", "路燈")),
        (TITLE, BODY.replace("建议住建", "建(jiàn)议住(zhù)建")),
        ("", f"{TITLE}。{BODY}"),
        (TITLE, f"{TITLE}\n{BODY}"),
    ],
)
def test_texts_that_differ_in_writing_only_are_equal(title: str, text: str) -> None:
    assert profile(title, text).key == KEY


@pytest.mark.parametrize(
    ("title", "text"),
    [
        (TITLE.replace("20", "21"), BODY),
        (TITLE, BODY.replace("3.5", "35")),
        (TITLE, BODY.replace("3-5", "35")),
        (TITLE, BODY.replace("建议", "不建议")),
        (TITLE, ""),
        (TITLE, BODY.replace("河东路全长", "河东路①全长")),
    ],
)
def test_texts_that_say_something_else_are_not_equal(title: str, text: str) -> None:
    assert profile(title, text).key != KEY


def test_equality_looks_at_the_whole_letter() -> None:
    letter = "".join(f"第{number}户没有路灯。" for number in range(LONGEST))
    one, other = profile(TITLE, letter + "请装灯。"), profile(TITLE, letter + "请种树。")
    assert one.key != other.key
    assert (one.body, len(one.body)) == (other.body, LONGEST)


@given(st.text(st.sampled_from("河东路加装灯建议2.① \ud83da") | st.characters(), max_size=40), st.text(max_size=20))
def test_a_profile_comes_back_from_its_json(text: str, title: str) -> None:
    made = profile(title, text)
    written = made.to_json()
    written.encode()
    back = Profile.from_json(written)
    assert back.to_json() == written
    assert (back.key, back.folded, back.words, back.mentions) == (made.key, made.folded, made.words, made.mentions)
    for name in ("grams", "title_grams", "body_grams", "word_grams", "fours"):
        assert np.array_equal(getattr(back, name), getattr(made, name))


@pytest.mark.parametrize("text", ["", " ", "？？", "12345", "😀😀", "Where are the lights?", "哈哈哈哈哈哈哈哈哈哈"])
def test_an_unreadable_text_has_nothing_to_compare(text: str) -> None:
    made = profile(text, text)
    assert (made.key, made.folded, made.words, len(made.grams)) == (b"", "", (), 0)


def test_synonyms_are_one_word() -> None:
    assert set(profile("关于提供养老服务的建议").words) & set(profile("关于提供养老效劳的建议").words) >= {"养老"}
    assert "路灯" in profile(TITLE, BODY).words
