"""Patterns of rules: what compiles, needs a character and is quick on every sentence, and what is refused."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from triage.catalogue.patterns import LONGEST_SENTENCE, MAX_PATTERN, pattern_defect

GOOD = [
    "法院|检察院|判决",
    "(?:人民|中级)*法院",
    r"\d+(\.\d+)?万?元",
    r"(?:\d+,)*\d+元",
    "(?:[一-龥]{1,8}，)+完",
    "请求.{0,20}(?:赔偿|退还)",
    "把.*的.*退",
    "(?<!不)举报",
    r"(?:第[一二三四五]{1,3}条[、，]?){1,3}",
    "(?i)vx|微信",
    "[^，。]*推销",
    r"(某)\1",
]
ENDLESS = [
    "(a+)+b",
    "(a*)*b",
    "(a|ab|b)*c",
    "(?:a|a)*b",
    "(x+x+)+y",
    "^(的|的的)+$",
    "(?:.|x)+y",
    "(?:a?){240}b",
    "(?:a?){241}b",
    "(a?){300}(的+的+)+元",
    "(.*)(.*)(.*)(.*)x",
    "a.*b.*c.*d",
    "(?:.*，)+完",
    "(?:[一-龥]+的?)+吗",
    "((((((((((a*)*)*)*)*)*)*)*)*)*)*b",
    r"(\w+\s?)+!",
    "(a++)+b",
    "(?P<x>a)(?(x)b|c*c*c*c*)d",
]


@pytest.mark.parametrize("pattern", GOOD)
def test_a_pattern_as_an_office_writes_it_is_taken(pattern: str) -> None:
    assert pattern_defect(pattern) == ""


@pytest.mark.parametrize("pattern", ENDLESS)
def test_a_pattern_that_could_run_for_ever_is_refused_at_once(pattern: str) -> None:
    started = time.process_time()
    assert "could run for ever" in pattern_defect(pattern)
    assert time.process_time() - started < 0.5


@pytest.mark.parametrize("pattern", ["[", "(a", "*a", "(?<=a*)b", "[[a]", "a{5,2}", "(?P<1>a)"])
def test_what_is_no_regular_expression_is_said_so(pattern: str) -> None:
    assert "is no regular expression" in pattern_defect(pattern)


@pytest.mark.parametrize("pattern", ["a*", "a?", "|a", r"\b", "(?=a)", "a{0}", "^$", ".*", ""])
def test_what_fits_the_empty_text_is_refused(pattern: str) -> None:
    assert "fits the empty text" in pattern_defect(pattern)


def test_a_pattern_nobody_can_read_is_refused() -> None:
    assert "make several rules" in pattern_defect("甲" * (MAX_PATTERN + 1))
    assert pattern_defect("甲" * MAX_PATTERN) == ""


@pytest.mark.parametrize("pattern", GOOD)
@pytest.mark.parametrize("unit", ["把的", "1", "1,", "人民", "的，", "请求", "第一条", "某", "中"])
def test_what_is_taken_is_quick_on_the_worst_sentences(pattern: str, unit: str) -> None:
    text = (unit * LONGEST_SENTENCE)[:LONGEST_SENTENCE]
    started = time.process_time()
    re.search(pattern, text)
    assert time.process_time() - started < 2


PARTS = st.sampled_from(["a", "b", ".", "[ab]", "[^a]", "(?:a|b)", "(?:a|ab)", "c"])
REPEATS = st.sampled_from(["", "", "+", "*", "?", "{0,3}", "+?"])


@settings(max_examples=80, deadline=None)
@given(st.lists(st.tuples(PARTS, REPEATS), min_size=1, max_size=4), REPEATS)
def test_no_pattern_that_is_taken_is_slow(parts: list[tuple[str, str]], outer: str) -> None:
    pattern = "(?:" + "".join(part + repeat for part, repeat in parts) + ")" + outer + "d"
    if pattern_defect(pattern):
        return
    for text in ("a" * LONGEST_SENTENCE, "ab" * (LONGEST_SENTENCE // 2), "aabbc" * (LONGEST_SENTENCE // 5)):
        started = time.process_time()
        re.search(pattern, text)
        assert time.process_time() - started < 6, pattern


@pytest.mark.parametrize("pattern", ["(" * 900 + "a" + ")" * 900, "(?:" * 380 + "ab" + ")?" * 380 + "c", "a" * 1900])
def test_deep_and_long_patterns_are_judged_quickly(pattern: str) -> None:
    started = time.process_time()
    defect = pattern_defect(pattern)
    assert defect == "" or "is no regular expression" in defect or "could run for ever" in defect
    assert time.process_time() - started < 2


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet="ab中()[]{}|*+?.^$\\dwb1,:=!<>-P#ix ", max_size=25))
def test_whatever_is_written_is_judged(pattern: str) -> None:
    assert isinstance(pattern_defect(pattern), str)
