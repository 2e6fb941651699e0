"""Sentences with their places in the text as it came in."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.precheck.rules import wholes_of
from triage.precheck.sentences import MOST, sentences_of
from triage.records import Suggestion
from triage.text.written import written


def texts(text: str, title: str = "") -> list[str]:
    return [one.text for one in sentences_of(written(Suggestion("1", title, text)))]


def test_a_sentence_ends_at_a_mark_or_a_line() -> None:
    assert texts("路灯坏了。请修一修！好吗？\n谢谢", "关于路灯") == [
        "关于路灯",
        "路灯坏了。",
        "请修一修！",
        "好吗？",
        "谢谢",
    ]


def test_a_new_thought_within_a_sentence_is_a_part_of_it() -> None:
    found = sentences_of(written(Suggestion("1", text="村口的路灯坏了半年，请供电所来修一修，另外垃圾也没人清理。")))
    assert [one.text for one in found] == ["村口的路灯坏了半年，", "请供电所来修一修，", "另外垃圾也没人清理。"]
    assert [whole.text for whole in wholes_of(found)] == ["村口的路灯坏了半年，请供电所来修一修，另外垃圾也没人清理。"]


@pytest.mark.parametrize(
    ("text", "style", "value", "bare"),
    [
        ("一、修路。", "chinese", 1, "修路。"),
        ("3.修路。", "digit", 3, "修路。"),
        ("（二）修路。", "brackets", 2, "修路。"),
        ("(2)修路。", "inner", 2, "修路。"),
        ("③修路。", "circled", 3, "修路。"),
        ("第十二，修路。", "ordinal", 12, "修路。"),
        ("第二件是修路。", "ordinal", 2, "修路。"),
        ("二是修路。", "one_is", 2, "修路。"),
        ("首先，修路。", "adverb", 1, "修路。"),
        ("最后，修路。", "adverb", 0, "修路。"),
        ("1.5公里的路。", "", 0, "1.5公里的路。"),
        ("三、四月修路。", "", 0, "三、四月修路。"),
        ("一期工程。", "", 0, "一期工程。"),
    ],
)
def test_numbers_at_the_beginning(text: str, style: str, value: int, bare: str) -> None:
    (one,) = sentences_of(written(Suggestion("1", text=text)))
    assert (one.style, one.value, one.bare) == (style, value, bare)


def test_spans_point_into_the_original() -> None:
    text = "　　路(lù)灯坏　了。\r\n請修一修。<br>謝謝"
    suggestion = Suggestion("1", text=text)
    source = written(suggestion)
    spans = [source.span(one.start, one.end) for one in sentences_of(source)]
    assert [text[span.start : span.end] for span in spans] == ["路(lù)灯坏　了。", "請修一修。", "謝謝"]


def test_a_text_of_very_many_sentences_is_bounded() -> None:
    assert len(texts("修。" * 3000)) == MOST


@given(st.text(max_size=60), st.text(max_size=300))
def test_sentences_lie_in_order(title: str, body: str) -> None:
    source = written(Suggestion("1", title, body))
    found = sentences_of(source)
    assert all(one.end <= other.start for one, other in pairwise(found))
    for one in found:
        assert source.text[one.start : one.end] == one.text
        span = source.span(one.start, one.end)
        assert span.field == ("title" if one.title else "text")
        assert 0 <= span.start < span.end <= len(title if one.title else body)
