"""Kernel ridge regression against scikit-learn's, and its closed form for held-out cases against fitting again."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.kernel_ridge import KernelRidge as Reference

from triage.heads import ridge
from triage.heads.ridge import KernelRidge


def problem(seed: int, rows: int, targets: int = 3) -> tuple[Any, Any, Any]:
    """A kernel of unit vectors, targets and weights."""
    chance = np.random.default_rng(seed)
    vectors = chance.normal(size=(rows, 5))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    kernel = (0.5 + 0.5 * vectors @ vectors.T).astype(np.float32)
    return kernel, chance.random((rows, targets)).astype(np.float32), chance.uniform(0.05, 3, rows).astype(np.float32)


@pytest.mark.parametrize("penalty", [0.05, 0.2, 2.0])
def test_it_is_scikit_learn_s_with_and_without_weights(penalty: float) -> None:
    kernel, targets, weights = problem(1, 40)
    for weighing in (None, weights):
        model = KernelRidge(penalty).fit(kernel, targets, weighing)
        reference = Reference(alpha=penalty, kernel="precomputed").fit(kernel.astype(float), targets, weighing)
        np.testing.assert_allclose(model.alpha_, reference.dual_coef_, atol=2e-4)
        new = problem(2, 40)[0][:7]
        np.testing.assert_allclose(model.decision_function(new), reference.predict(new), atol=1e-4)


@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_the_inverse_is_one_and_symmetric(kind: Any) -> None:
    matrix = np.asfortranarray(problem(3, 1100)[0] + 0.2 * np.eye(1100), kind)
    inverse = ridge._inverse(matrix.copy(order="F"))
    assert inverse.dtype == kind
    np.testing.assert_array_equal(inverse, inverse.T)
    np.testing.assert_allclose(matrix.astype(float) @ inverse, np.eye(1100), atol=5e-3)


@pytest.mark.parametrize(("rows", "kind"), [(1999, np.float64), (2000, np.float32)])
def test_a_large_matrix_takes_half_the_room(monkeypatch: pytest.MonkeyPatch, rows: int, kind: Any) -> None:
    monkeypatch.setattr(ridge, "_inverse", lambda matrix: matrix)
    model = KernelRidge().fit(np.zeros((rows, rows), np.float32), np.ones((rows, 1), np.float32))
    assert model._inverse.dtype == kind
    np.testing.assert_allclose(model.alpha_, 0.2)


@given(st.integers(0, 10_000), st.integers(2, 25), st.integers(1, 6))
def test_held_out_scores_are_those_of_a_model_fitted_without_the_fold(seed: int, rows: int, largest: int) -> None:
    kernel, targets, weights = problem(seed, rows)
    chance = np.random.default_rng(seed)
    order, folds = chance.permutation(rows), []
    while len(order):
        size = int(chance.integers(1, largest + 1))
        folds.append(order[:size])
        order = order[size:]
    scores = KernelRidge().fit(kernel, targets, weights).out_of_fold(folds)
    for fold in folds:
        rest = np.setdiff1d(np.arange(rows), fold)
        again = KernelRidge().fit(kernel[np.ix_(rest, rest)], targets[rest], weights[rest])
        np.testing.assert_allclose(scores[fold], again.decision_function(kernel[np.ix_(fold, rest)]), atol=1e-4)


def test_rows_of_no_fold_keep_zeros() -> None:
    kernel, targets, _ = problem(4, 6)
    scores = KernelRidge().fit(kernel, targets).out_of_fold([np.array([1]), np.array([2, 4])])
    assert not scores[[0, 3, 5]].any()
    assert scores[[1, 2, 4]].all()
    assert not KernelRidge().fit(kernel, targets).out_of_fold([]).any()


@given(st.integers(0, 10_000), st.integers(1, 12), st.integers(2, 4))
def test_a_weight_counts_like_so_many_equal_rows(seed: int, rows: int, times: int) -> None:
    kernel, targets, _ = problem(seed, rows)
    chosen = seed % rows
    weights = np.ones(rows)
    weights[chosen] = times
    repeated = np.concatenate([np.arange(rows), np.full(times - 1, chosen)])
    weighed = KernelRidge().fit(kernel, targets, weights)
    several = KernelRidge().fit(kernel[np.ix_(repeated, repeated)], targets[repeated])
    np.testing.assert_allclose(
        weighed.decision_function(kernel), several.decision_function(kernel[:, repeated]), atol=1e-4
    )


def test_a_target_is_learned_by_itself() -> None:
    kernel, targets, weights = problem(5, 20)
    together = KernelRidge().fit(kernel, targets, weights)
    for column in range(3):
        alone = KernelRidge().fit(kernel, targets[:, [column]], weights)
        np.testing.assert_allclose(alone.alpha_[:, 0], together.alpha_[:, column], atol=1e-5)


def test_what_was_handed_in_stays_as_it_was() -> None:
    kernel, targets, weights = problem(6, 8)
    before = kernel.copy(), targets.copy(), weights.copy()
    model = KernelRidge().fit(kernel, targets, weights)
    model.out_of_fold([np.array([0, 1]), np.array([2])])
    for one, other in zip(before, (kernel, targets, weights), strict=True):
        np.testing.assert_array_equal(one, other)
    scores = model.decision_function(kernel)
    np.testing.assert_array_equal(model.forget().decision_function(kernel), scores)


def test_no_rows_know_nothing() -> None:
    model = KernelRidge().fit(np.zeros((0, 0), np.float32), np.zeros((0, 3), np.float32), np.zeros(0))
    assert model.decision_function(np.zeros((2, 0), np.float32)).tolist() == [[0.0] * 3] * 2
    assert model.out_of_fold([]).shape == (0, 3)


def test_what_is_no_similarity_is_refused() -> None:
    with pytest.raises(ValueError, match="not positive definite"):
        KernelRidge(0.1).fit(np.array([[1.0, 3.0], [3.0, 1.0]]), np.ones((2, 1)))
