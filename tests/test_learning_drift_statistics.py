"""Tests of difference: they hold their level, see what is there, and agree with scipy where it has the same."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from triage.learning.drift.accuracy import expected_accuracy, unit_shares
from triage.learning.drift.meaning import meaning_shift
from triage.learning.drift.statistics import (
    changed,
    compare_counts,
    compare_values,
    discoveries,
    grown,
    holm,
    least_possible,
)

SHARES = np.array([0.4, 0.2, 0.15, 0.1, 0.05, 0.05, 0.03, 0.02])


def test_counts_of_one_source_are_told_apart_as_often_as_the_level_says() -> None:
    rng = np.random.default_rng(1)
    p = [
        compare_counts(rng.multinomial(200, SHARES), rng.multinomial(120, SHARES), np.random.default_rng(seed)).p
        for seed in range(150)
    ]
    assert np.mean(np.array(p) <= 0.05) <= 0.10
    assert np.mean(np.array(p) <= 0.01) <= 0.04
    assert 0.35 < np.mean(p) < 0.65


def test_a_category_that_vanished_is_seen() -> None:
    rng = np.random.default_rng(2)
    without = SHARES.copy()
    without[1] = 0.0
    found = compare_counts(rng.multinomial(300, SHARES), rng.multinomial(150, without / without.sum()), rng)
    assert found.p < 0.001
    assert found.effect > 0.1


def test_the_permutation_p_value_is_near_the_asymptotic_one() -> None:
    past, new = np.array([120, 80, 60, 40]), np.array([50, 60, 30, 20])
    found = compare_counts(past, new, np.random.default_rng(3))
    wanted = stats.chi2_contingency([past, new], lambda_="log-likelihood", correction=False).pvalue
    assert found.p == pytest.approx(wanted, abs=0.02)


def test_the_same_counts_do_not_differ_and_empty_ones_are_no_evidence() -> None:
    same = compare_counts(np.array([30, 20, 0]), np.array([30, 20, 0]), np.random.default_rng(0))
    assert (same.p, same.effect) == (1.0, 0.0)
    for past, new in ((np.array([5, 0]), np.array([7, 0])), (np.array([0, 0]), np.array([3, 4]))):
        assert compare_counts(past, new, np.random.default_rng(0)).p == 1.0


@given(st.lists(st.integers(0, 40), min_size=2, max_size=8), st.lists(st.integers(0, 40), min_size=2, max_size=8))
def test_p_and_effect_stay_in_their_range(past: list[int], new: list[int]) -> None:
    size = min(len(past), len(new))
    found = compare_counts(np.array(past[:size]), np.array(new[:size]), np.random.default_rng(0))
    assert 0 < found.p <= 1
    assert 0 <= found.effect <= 1


def test_values_that_fall_are_seen_and_values_that_rise_are_not() -> None:
    rng = np.random.default_rng(4)
    past, lower, higher = rng.normal(0.6, 0.1, 300), rng.normal(0.5, 0.1, 200), rng.normal(0.7, 0.1, 200)
    assert compare_values(past, lower, "falls").p < 1e-6
    assert compare_values(past, lower, "falls").effect > 0.2
    assert compare_values(past, higher, "falls").p > 0.5
    assert compare_values(past, higher).p < 1e-6
    assert compare_values(past, rng.normal(0.6, 0.1, 200)).effect < 0.1
    assert compare_values(np.zeros(0), lower).p == 1.0


def test_growth_is_fishers_exact_test() -> None:
    p = grown(np.array([3, 0, 50]), np.array([9, 4, 20]), 300, 100)
    for place, (past, new) in enumerate(((3, 9), (0, 4), (50, 20))):
        table = [[new, 100 - new], [past, 300 - past]]
        assert p[place] == pytest.approx(stats.fisher_exact(table, alternative="greater").pvalue, rel=1e-6)
    least = least_possible(np.array([3, 0, 50]), np.array([9, 4, 20]), 300, 100)
    assert (least <= p + 1e-12).all()


def test_changed_looks_both_ways() -> None:
    p, least = changed(np.array([100, 100, 100]), np.array([10, 100, 100]))
    assert (least <= p).all()
    assert p[0] < 1e-6
    assert (p[1:] < 0.05).sum() == 2  # their shares rose
    assert (changed(np.array([50, 50]), np.array([50, 50]))[0] == 1).all()


def test_discoveries_and_holm_by_hand() -> None:
    p = np.array([0.001, 0.02, 0.03, 0.9])
    assert discoveries(p, 0.05).tolist() == [True, True, True, False]
    assert holm(p, 0.05).tolist() == [True, False, False, False]
    assert holm(np.array([0.001, 0.001]), 0.05).all()
    assert not holm(np.array([0.5, 0.5]), 0.05).any()
    assert holm(np.zeros(0), 0.05).tolist() == []
    # What could never hold does not count: with four tests .02 would need .0125.
    few = np.array([0.02, 0.9, 0.9, 0.9])
    assert not discoveries(few, 0.05)[0]
    assert discoveries(few, 0.05, np.array([True, False, False, False]))[0]
    assert not discoveries(np.zeros(0), 0.05).any()


def _unit(rng: np.random.Generator, count: int, shift: float) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    rows = rng.normal(size=(count, 32)).astype(np.float32)
    rows[:, 0] += shift
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


def test_meaning_of_one_source_is_not_told_apart() -> None:
    rng = np.random.default_rng(5)
    found = [meaning_shift(_unit(rng, 120, 0), _unit(rng, 80, 0), np.random.default_rng(seed)) for seed in range(12)]
    assert np.mean([one.auc for one in found]) == pytest.approx(0.5, abs=0.05)
    assert sum(one.p <= 0.05 for one in found) <= 3
    assert all(one.low <= one.auc <= one.high for one in found)


def test_meaning_that_moved_is_told_apart() -> None:
    rng = np.random.default_rng(6)
    found = meaning_shift(_unit(rng, 150, 0), _unit(rng, 100, 3), np.random.default_rng(0))
    assert found.auc > 0.85
    assert found.p <= 0.002


def test_the_expected_accuracy_falls_with_certainty_and_holds_the_truth() -> None:
    rng = np.random.default_rng(7)
    past, new = rng.beta(6, 3, 400), rng.beta(4, 5, 300)
    right = rng.random(400) < past
    found = expected_accuracy(past, right, new, np.random.default_rng(0))
    truth = float(new.mean())  # calibrated: that is how often it will be right
    assert found.past == pytest.approx(right.mean())
    assert found.low <= truth <= found.high
    assert found.expected == pytest.approx(truth, abs=0.06)
    assert 0 < found.drop_low < found.drop < found.drop_high
    same = expected_accuracy(past, right, past, np.random.default_rng(0))
    assert same.expected == pytest.approx(same.past)
    assert same.drop_low < 0 < same.drop_high


def test_the_intervals_of_the_expected_accuracy_hold_as_often_as_they_say() -> None:
    rng = np.random.default_rng(8)
    held = 0
    for seed in range(60):
        past, new = rng.beta(5, 3, 200), rng.beta(4, 4, 150)
        found = expected_accuracy(past, rng.random(200) < past, new, np.random.default_rng(seed))
        held += found.low <= 0.5 <= found.high
    assert held >= 52


def test_the_shares_of_units_are_found_where_the_taught_ones_are_others() -> None:
    rng = np.random.default_rng(9)
    taught, now = np.array([0.6, 0.3, 0.1]), np.array([0.2, 0.3, 0.5])
    means = np.eye(3) * 2.5
    units = rng.choice(3, 800, p=now)
    texts = means[units] + rng.normal(size=(800, 3))
    likelihood = np.exp(-((texts[:, None] - means[None]) ** 2).sum(axis=2) / 2)
    lead = likelihood * taught
    lead /= lead.sum(axis=1, keepdims=True)
    found = unit_shares(taught, lead, np.random.default_rng(0))
    np.testing.assert_allclose(found.estimated, now, atol=0.06)
    assert (found.low <= found.estimated).all()
    assert (found.estimated <= found.high).all()
    assert found.low[2] > taught[2]
    assert found.estimated.sum() == pytest.approx(1)
