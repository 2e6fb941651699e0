"""Grams: what texts share, weighed by how telling it is; every number against a plain reckoning."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.duplicates.grams import BUCKETS, FOUR, TELLING, Bags, Rarity, fold, fours_of, pairs_of, words_of

TEXT = st.text(st.sampled_from("河东路加装灯建议修缮2a") | st.characters(), max_size=30)


def rarity(*texts: str) -> Rarity:
    return Rarity.counted([(pairs_of(text),) for text in texts])


def test_folding_keeps_what_can_be_compared() -> None:
    assert fold("关于 在（河东路）加装LED灯，共30盏？①") == "关于在河东路加装led灯共30盏"
    assert fold("\ud83d\x00 ——…！") == ""


@given(TEXT)
def test_pairs_are_sorted_different_and_below_the_number_of_buckets(text: str) -> None:
    grams = pairs_of(text)
    assert np.all(np.diff(grams.astype(np.int64)) > 0)
    assert bool(len(grams)) == bool(text)
    assert not len(grams) or grams.max() < BUCKETS
    assert len(grams) <= max(1, len(text) - 1)


def test_pairs_know_the_order_of_characters() -> None:
    assert len(pairs_of("河东河东河")) == 2
    assert not np.array_equal(pairs_of("东河"), pairs_of("河东"))


@given(TEXT, TEXT)
def test_runs_of_four_are_shared_where_the_characters_are(one: str, other: str) -> None:
    runs = fours_of(one)
    assert len(runs) == (max(1, len(one) - FOUR + 1) if one else 0)
    there = {other[start : start + min(FOUR, len(other))] for start in range(max(1, len(other) - FOUR + 1))}
    mine = [one[start : start + min(FOUR, len(one))] for start in range(len(runs))]
    assert np.isin(runs, fours_of(other)).tolist() == [bool(other) and run in there for run in mine]


def test_words_are_apart_from_characters() -> None:
    assert np.array_equal(words_of(["路灯", "学校", "路灯"]), words_of(["学校", "路灯"]))
    assert len(words_of([])) == 0
    assert not np.isin(words_of(["路灯"]), pairs_of("路灯")).any()


def test_seldom_is_telling_and_nothing_tells_without_end() -> None:
    common, seldom, never = pairs_of("建议"), pairs_of("银杏"), pairs_of("骆驼")
    counted = rarity(*["建议"] * 9, "银杏")
    assert counted.texts == 10
    assert counted.weight(common)[0] == pytest.approx(1 + math.log(11 / 10))
    assert counted.weight(seldom)[0] == pytest.approx(1 + math.log(11 / 2))
    assert counted.weight(never)[0] == pytest.approx(1 + math.log(11))
    assert rarity(*["建议"] * 1000).weight(never)[0] == TELLING


def test_counting_goes_on_where_it_stopped() -> None:
    whole = rarity("建议装灯", "建议修路", "装灯")
    parts = Rarity.counted([(pairs_of("装灯"),)], before=rarity("建议装灯", "建议修路"))
    assert parts.texts == whole.texts
    assert np.array_equal(parts.counts, whole.counts)


@given(TEXT, st.lists(TEXT, max_size=5))
def test_overlap_is_that_of_weighted_sets(one: str, others: list[str]) -> None:
    known = rarity("建议装灯", "建议修路", "河东路建议")
    found = Bags([pairs_of(other) for other in others], known).overlap(pairs_of(one))
    weight = known.weights.astype(float)
    mine = set(pairs_of(one).tolist())
    for number, other in enumerate(others):
        theirs = set(pairs_of(other).tolist())
        shared, total, theirs_total = (sum(weight[gram] for gram in some) for some in (mine & theirs, mine, theirs))
        squares = [sum(weight[gram] ** 2 for gram in some) for some in (mine & theirs, mine, theirs)]
        assert found.found[number] == pytest.approx(shared / total if mine else 0, abs=1e-5)
        assert found.covered[number] == pytest.approx(shared / theirs_total if theirs else 0, abs=1e-5)
        norm = math.sqrt(squares[1] * squares[2])
        assert found.cosine[number] == pytest.approx(squares[0] / norm if norm else 0, abs=1e-5)


def test_an_overlap_with_some_of_the_others() -> None:
    known, others = rarity("建议装灯", "建议修路"), [pairs_of(one) for one in ("建议装灯", "", "修路", "建议")]
    every = Bags(others, known).overlap(pairs_of("建议修路"))
    some = Bags([others[3], others[1]], known).overlap(pairs_of("建议修路"))
    chosen = every.among(np.array([3, 1]))
    for name in ("cosine", "found", "covered"):
        assert getattr(chosen, name).tolist() == getattr(some, name).tolist()


def test_no_bag_gives_no_overlap() -> None:
    found = Bags([], rarity("建议")).overlap(pairs_of("建议"))
    assert len(found.cosine) == len(found.found) == len(found.covered) == 0
