"""Each signal against the loop that its docstring describes."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from triage.heads import signals
from triage.heads.holdout import Holdout
from triage.heads.signals import (
    LEAST_SCORE,
    LEAST_VOTE,
    NEARNESS,
    NEIGHBOURS,
    PhraseGroups,
    frequency,
    odds,
    relative,
    support,
    votes,
)

Matrix = NDArray[np.float32]


def matrix(seed: int, rows: int, columns: int, low: float = -0.3, high: float = 1.0) -> Matrix:
    return np.random.default_rng(seed).uniform(low, high, (rows, columns)).astype(np.float32)


SIZES = st.tuples(st.integers(0, 10_000), st.integers(1, 7), st.integers(1, 40), st.integers(1, 6))


@given(SIZES)
def test_best_phrases_are_the_mean_of_the_two_nearest(sizes: tuple[int, int, int, int]) -> None:
    seed, texts, phrases, units = sizes
    closeness = matrix(seed, texts, phrases)
    membership = (matrix(seed + 1, phrases, units) > 0.6).astype(np.float32)
    membership[:, -1] = membership[:, 0]
    found = PhraseGroups(membership).best(closeness)
    assert found.shape == (texts, units)
    for text in range(texts):
        for unit in range(units):
            own = [float(closeness[text, phrase]) for phrase in range(phrases) if membership[phrase, unit]]
            nearest = sorted((max(value, 0.0) for value in own), reverse=True)[:2]
            assert found[text, unit] == pytest.approx(sum(nearest) / 2, abs=1e-6)


def test_a_candidate_without_phrases_scores_nothing_and_one_phrase_counts_half() -> None:
    found = PhraseGroups(np.array([[0, 1, 0], [0, 0, 0]], np.float32)).best(np.array([[0.8, 0.9]], np.float32))
    assert found.tolist() == [[0.0, pytest.approx(0.4), 0.0]]


def test_no_candidates_and_no_phrases_have_no_scores() -> None:
    assert PhraseGroups(np.zeros((0, 3), np.float32)).best(np.zeros((2, 0), np.float32)).tolist() == [[0.0] * 3] * 2
    assert PhraseGroups(np.zeros((4, 0), np.float32)).best(np.zeros((2, 4), np.float32)).shape == (2, 0)
    assert PhraseGroups(np.ones((4, 2), np.float32)).best(np.zeros((0, 4), np.float32)).shape == (0, 2)


def test_many_texts_score_as_few_do() -> None:
    closeness = matrix(1, 600, 9)
    groups = PhraseGroups((matrix(2, 9, 5) > 0.4).astype(np.float32))
    alone = np.concatenate([groups.best(closeness[row : row + 1]) for row in range(len(closeness))])
    np.testing.assert_array_equal(groups.best(closeness), alone)


def voted(near: list[float], outcomes: Matrix) -> list[float]:
    """The share of the votes, by the docstring."""
    nearest = sorted(range(len(near)), key=lambda case: -near[case])[:NEIGHBOURS]
    weights = {case: min(max(near[case], 0.0), 1.0) ** NEARNESS for case in nearest}
    total = max(sum(weights.values()), 1e-9)
    return [
        sum(weights[case] * float(outcomes[case, unit]) for case in nearest) / total
        for unit in range(outcomes.shape[1])
    ]


@given(SIZES)
def test_votes_are_those_of_the_nearest_precedents(sizes: tuple[int, int, int, int]) -> None:
    seed, texts, cases, units = sizes
    closeness, outcomes = matrix(seed, texts, cases), matrix(seed + 1, cases, units, 0.0)
    expected = [voted(row.tolist(), outcomes) for row in closeness]
    np.testing.assert_allclose(votes(closeness, outcomes), expected, atol=1e-5)


@given(st.integers(0, 10_000), st.lists(st.integers(0, 8), min_size=1, max_size=30))
def test_no_case_votes_for_its_own_group(seed: int, labels: list[int]) -> None:
    groups = [np.flatnonzero(np.array(labels) == label) for label in dict.fromkeys(labels)]
    closeness, outcomes = matrix(seed, len(labels), len(labels)), matrix(seed + 1, len(labels), 3, 0.0)
    expected = []
    for case, row in enumerate(closeness):
        others = [0.0 if labels[other] == labels[case] else float(value) for other, value in enumerate(row)]
        expected.append(voted(others, outcomes))
    found = votes(closeness, outcomes, Holdout(groups))
    np.testing.assert_allclose(found, expected, atol=1e-5)
    # What a case's own group decided cannot change what the case is told.
    for group in groups:
        changed = outcomes.copy()
        changed[group] = 9.0
        np.testing.assert_array_equal(votes(closeness, changed, Holdout(groups))[group], found[group])


def test_votes_without_precedents_are_none() -> None:
    assert votes(np.zeros((2, 0), np.float32), np.zeros((0, 3), np.float32)).tolist() == [[0.0] * 3] * 2
    assert not votes(np.full((5, 3), -0.2, np.float32), np.ones((3, 2), np.float32)).any()


def test_few_texts_vote_as_many_do(monkeypatch: pytest.MonkeyPatch) -> None:
    closeness, outcomes = matrix(1, 4, 30), matrix(2, 30, 5, 0.0)
    few = votes(closeness, outcomes)
    monkeypatch.setattr(signals, "FEW", 0)
    np.testing.assert_allclose(votes(closeness, outcomes), few, atol=1e-6)


@given(st.lists(st.integers(0, 1200), min_size=1, max_size=8))
def test_frequency_leaves_the_first_time_out(counts: list[int]) -> None:
    outcomes = np.zeros((max(counts), len(counts)), np.float32)
    for column, count in enumerate(counts):
        outcomes[:count, column] = 1.0
    expected = [math.log(1 + 3 * max(count - 1, 0)) / math.log(3001) for count in counts]
    found = frequency(outcomes)
    assert found.shape == (1, len(counts))
    np.testing.assert_allclose(found[0], expected, atol=1e-6)


def test_frequency_runs_from_never_to_a_thousand_times() -> None:
    outcomes = np.zeros((1001, 3), np.float32)
    outcomes[0, 1], outcomes[:, 2] = 1, 1
    assert frequency(outcomes)[0].tolist() == [0.0, 0.0, pytest.approx(1.0)]
    assert frequency(np.zeros((0, 2), np.float32)).tolist() == [[0.0, 0.0]]


SCORES = st.lists(st.lists(st.floats(-2, 2, width=32), min_size=3, max_size=3), min_size=1, max_size=4)


@given(SCORES)
def test_odds_support_and_relative_do_as_they_say(rows: list[list[float]]) -> None:
    scores = np.array(rows, np.float32)
    for row, found in zip(rows, odds(scores), strict=True):
        assert found.tolist() == pytest.approx([math.log(max(value, LEAST_SCORE)) for value in row], abs=1e-5)
    for row, found in zip(np.abs(scores).tolist(), support(np.abs(scores)), strict=True):
        assert found.tolist() == pytest.approx([math.log(1 + value / LEAST_VOTE) for value in row], abs=1e-5)
    for row, found in zip(rows, relative(scores), strict=True):
        mean = sum(row) / 3
        deviation = math.sqrt(sum((value - mean) ** 2 for value in row) / 3)
        if deviation > 1e-4:
            assert found.tolist() == pytest.approx([(value - mean) / deviation for value in row], rel=1e-2, abs=1e-3)


def test_scores_that_are_all_alike_tell_nothing_apart() -> None:
    assert relative(np.full((2, 4), 0.7, np.float32)).tolist() == [[0.0] * 4] * 2


def test_every_signal_is_single_precision() -> None:
    scores: Any = matrix(3, 4, 6, 0.0)
    outcomes = matrix(4, 6, 2, 0.0)
    found = [odds(scores), support(scores), relative(scores), frequency(outcomes), votes(scores, outcomes)]
    assert {signal.dtype for signal in found} == {np.dtype(np.float32)}
