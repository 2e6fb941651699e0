"""The figures against their definitions and against scikit-learn."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import f1_score, top_k_accuracy_score

from triage.learning.measures import accuracy_at_coverage, calibration_error, hit_rates, macro_f1, recall_at


@given(st.integers(0, 1000))
def test_hit_rates_are_scikit_learn_s(seed: int) -> None:
    chance = np.random.default_rng(seed)
    scores, right = chance.random((30, 8)), chance.integers(0, 8, 30)
    rates = hit_rates(scores, right)
    for rank in (1, 3, 5):
        expected = top_k_accuracy_score(right, scores, k=rank, labels=range(8))
        assert rates[rank] == pytest.approx(expected, abs=1e-4)


def test_a_tie_counts_by_the_order_of_the_columns() -> None:
    scores = np.array([[0.5, 0.5, 0.1]] * 2)
    assert hit_rates(scores, np.array([0, 1]), (1, 2)) == {1: 0.5, 2: 1.0}
    order: Any = np.argsort(-scores, axis=1, kind="stable")
    assert order[0].tolist() == [0, 1, 2]


def test_recall_is_the_mean_share_of_what_was_wanted() -> None:
    listed = [["a", "b", "c"], ["a", "b", "c"], ["x"], ["y"]]
    wanted: list[list[str]] = [["a", "c"], ["d", "b", "a"], [], ["y"]]
    assert recall_at(listed, wanted, 2) == pytest.approx((1 / 2 + 2 / 3 + 1) / 3, abs=1e-4)
    assert recall_at(listed, wanted, 3) == pytest.approx((1 + 2 / 3 + 1) / 3, abs=1e-4)
    assert recall_at([["a"]], [[]], 3) == 0.0


def test_calibration_error_is_the_mean_gap_of_equal_bins() -> None:
    confidence = np.array([0.05, 0.05, 0.95, 0.95, 1.0])
    correct = np.array([0, 1, 1, 1, 0])
    first, last = abs(0.05 - 0.5), abs((0.95 + 0.95 + 1.0) / 3 - 2 / 3)
    assert calibration_error(confidence, correct) == pytest.approx(0.4 * first + 0.6 * last)
    assert calibration_error(np.array([]), np.array([])) == 0.0
    assert calibration_error(np.array([1.0, 1.0]), np.array([True, True])) == 0.0
    assert calibration_error(np.array([1.0, 1.0]), np.array([False, False])) == 1.0


@given(st.integers(0, 1000))
def test_answers_as_sure_as_they_are_right_have_a_small_error(seed: int) -> None:
    chance = np.random.default_rng(seed)
    confidence = chance.random(4000)
    correct = chance.random(4000) < confidence
    assert calibration_error(confidence, np.asarray(correct)) < 0.05
    assert calibration_error(confidence, ~np.asarray(correct)) > 0.3


def test_the_surest_share_is_counted() -> None:
    confidence = np.array([0.9, 0.1, 0.8, 0.2])
    correct = np.array([True, False, True, True])
    assert accuracy_at_coverage(confidence, correct, (0.1, 0.5, 0.75, 1.0)) == {
        0.1: 1.0,
        0.5: 1.0,
        0.75: 1.0,
        1.0: 0.75,
    }


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abcd")), min_size=1, max_size=30))
def test_macro_f1_is_scikit_learn_s(pairs: list[tuple[str, str]]) -> None:
    predicted, right = [list(part) for part in zip(*pairs, strict=True)]
    expected = f1_score(right, predicted, average="macro", labels=sorted({*right, *predicted}), zero_division=0)
    assert macro_f1(predicted, right) == pytest.approx(expected, abs=1e-4)


def test_no_answers_have_no_f1() -> None:
    assert macro_f1([], []) == 0.0
