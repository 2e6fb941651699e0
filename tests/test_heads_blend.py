"""The blends: their derivatives against finite differences, their optimum against scipy and scikit-learn."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import approx_fprime, minimize
from sklearn.linear_model import LogisticRegression

from triage.heads import blend
from triage.heads.blend import ChoiceBlend, SubsetBlend, held_choice, held_subset, sigmoid, softmax

START = (0.5, -0.2, 1.0)


def choices(seed: int, rows: int = 60, candidates: int = 5, width: int = 3) -> tuple[Any, Any]:
    """Features, and choices drawn with known weights."""
    chance = np.random.default_rng(seed)
    features = chance.normal(size=(rows, candidates, width)) * np.array([1.0, 3.0, 0.3])[:width]
    odds = features @ np.array([1.0, -0.5, 2.0])[:width]
    shares = np.exp(odds) / np.exp(odds).sum(axis=1, keepdims=True)
    return features, np.array([chance.choice(candidates, p=row) for row in shares])


def pairs(seed: int, rows: int = 200) -> tuple[Any, Any]:
    """Features, the last one constant, and answers drawn with known weights."""
    chance = np.random.default_rng(seed)
    features = np.column_stack([chance.normal(size=rows), 4 * chance.normal(size=rows), np.ones(rows)])
    share = 1 / (1 + np.exp(-features @ np.array([1.5, -0.4, -1.0])))
    return features, (chance.random(rows) < share).astype(float)


def captured(monkeypatch: pytest.MonkeyPatch, model: Any, features: Any, chosen: Any) -> Any:
    """The function that the fit would minimise."""
    found: list[Any] = []

    def keep(start: Any, scale: Any, measure: Any) -> Any:
        found.append(measure)
        return start

    with monkeypatch.context() as patch:
        patch.setattr(blend, "_newton", keep)
        model.fit(features, chosen)
    return found[0]


@pytest.mark.parametrize(("kind", "data"), [(ChoiceBlend, choices), (SubsetBlend, pairs)])
@pytest.mark.parametrize("seed", range(3))
def test_the_derivatives_are_those_of_the_value(
    monkeypatch: pytest.MonkeyPatch, kind: Any, data: Any, seed: int
) -> None:
    measure = captured(monkeypatch, kind(START, pull=0.7), *data(seed))
    weights = np.random.default_rng(seed).normal(size=3)
    _, gradient, hessian = measure(weights)
    np.testing.assert_allclose(gradient, approx_fprime(weights, lambda w: measure(w)[0], 1e-6), rtol=2e-4, atol=2e-3)
    slopes = np.array([approx_fprime(weights, lambda w, i=i: measure(w)[1][i], 1e-6) for i in range(3)])
    np.testing.assert_allclose(hessian, slopes, rtol=2e-4, atol=2e-3)


def test_the_value_is_the_log_loss_and_the_pull(monkeypatch: pytest.MonkeyPatch) -> None:
    features, chosen = choices(4)
    weights = np.array([0.1, 0.2, 0.3])
    spread = features.reshape(-1, 3).std(axis=0)
    pull = 0.7 * (((weights - START) * spread) ** 2).sum()
    loss = 0.0
    for row, right in zip(features, chosen, strict=True):
        odds = [sum(f * w for f, w in zip(candidate, weights, strict=True)) for candidate in row]
        loss -= np.log(np.exp(odds[right]) / np.exp(odds).sum())
    assert captured(monkeypatch, ChoiceBlend(START, 0.7), features, chosen)(weights)[0] == pytest.approx(loss + pull)

    flat, answers = pairs(4)
    odds = flat @ weights
    loss = -sum(np.log(1 / (1 + np.exp(-o)) if a else 1 / (1 + np.exp(o))) for o, a in zip(odds, answers, strict=True))
    spread = np.where(flat.std(axis=0) < 1e-6, 1, flat.std(axis=0))
    pull = 0.7 * (((weights - START) * spread) ** 2).sum()
    assert captured(monkeypatch, SubsetBlend(START, 0.7), flat, answers)(weights)[0] == pytest.approx(loss + pull)


@pytest.mark.parametrize(("kind", "data"), [(ChoiceBlend, choices), (SubsetBlend, pairs)])
@pytest.mark.parametrize("pull", [0.0, 1.0, 50.0])
def test_the_weights_are_where_scipy_finds_the_least(
    monkeypatch: pytest.MonkeyPatch, kind: Any, data: Any, pull: float
) -> None:
    features, chosen = data(7)
    measure = captured(monkeypatch, kind(START, pull), features, chosen)
    found = minimize(lambda w: measure(w)[0], np.zeros(3), jac=lambda w: measure(w)[1], tol=1e-10)
    np.testing.assert_allclose(kind(START, pull).fit(features, chosen).weights_, found.x, atol=2e-3)
    far = kind((40.0, -40.0, 40.0), 0.0).fit(features, chosen).weights_ if pull == 0 else found.x
    np.testing.assert_allclose(far, found.x, atol=2e-3)


def test_any_subset_is_scikit_learn_s_logistic_regression() -> None:
    features, answers = pairs(8)
    reference = LogisticRegression(C=1e8, fit_intercept=False, tol=1e-10).fit(features, answers)
    model = SubsetBlend((0.0, 0.0, 0.0), pull=0.0).fit(features, answers)
    np.testing.assert_allclose(model.weights_, reference.coef_[0], atol=1e-3)
    np.testing.assert_allclose(model.predict_proba(features), reference.predict_proba(features)[:, 1], atol=1e-4)


def test_one_of_n_is_scikit_learn_s_multinomial_regression() -> None:
    chance = np.random.default_rng(9)
    texts = np.column_stack([chance.normal(size=300), np.ones(300)])
    chosen = (texts[:, 0] + chance.normal(size=300) > 0).astype(int) + (chance.random(300) < 0.3)
    # Candidate k sees the text's signs in places of its own, so that each has its own weights.
    features = np.zeros((300, 3, 6))
    for candidate in range(3):
        features[:, candidate, 2 * candidate : 2 * candidate + 2] = texts
    reference = LogisticRegression(C=1e8, fit_intercept=False, tol=1e-10).fit(texts, chosen)
    model = ChoiceBlend((0.0,) * 6, pull=1e-6).fit(features, chosen)
    np.testing.assert_allclose(model.predict_proba(features), reference.predict_proba(texts), atol=1e-3)


@pytest.mark.parametrize(("kind", "data"), [(ChoiceBlend, choices), (SubsetBlend, pairs)])
def test_with_little_history_the_weights_stay_near_their_start(kind: Any, data: Any) -> None:
    few = [part[:2] for part in data(1)]
    none = [part[:0] for part in data(1)]
    np.testing.assert_array_equal(kind(START).fit(*none).weights_, START)
    np.testing.assert_allclose(kind(START, pull=1e6).fit(*few).weights_, START, atol=1e-3)
    assert np.isfinite(kind(START).fit(*few).weights_).all()


def test_what_is_told_apart_without_fail_keeps_finite_weights() -> None:
    features = np.zeros((50, 4, 2), np.float32)
    features[:, 1, 0] = 30.0
    weights = ChoiceBlend((0.0, 0.0)).fit(features, np.ones(50, np.intp)).weights_
    assert np.isfinite(weights).all()
    assert ChoiceBlend.apply(features, weights)[:, 1].min() > 0.9
    flat = np.array([[50.0, 1.0], [-50.0, 1.0]] * 20, np.float32)
    answers = np.array([1.0, 0.0] * 20)
    assert np.isfinite(SubsetBlend((0.0, 0.0)).fit(flat, answers).weights_).all()


def test_more_history_finds_the_weights_it_was_drawn_with() -> None:
    features, chosen = choices(10, rows=4000)
    np.testing.assert_allclose(ChoiceBlend(START).fit(features, chosen).weights_, [1.0, -0.5, 2.0], atol=0.15)


def test_the_unit_of_a_feature_does_not_matter() -> None:
    features, chosen = choices(11)
    scaled = features * np.array([100.0, 0.01, 1.0])
    one = ChoiceBlend((0.0, 0.0, 0.0)).fit(features, chosen)
    other = ChoiceBlend((0.0, 0.0, 0.0)).fit(scaled, chosen)
    np.testing.assert_allclose(one.predict_proba(features), other.predict_proba(scaled), atol=1e-4)


@settings(max_examples=50)
@given(st.lists(st.lists(st.floats(-500, 500), min_size=3, max_size=3), min_size=1, max_size=4))
def test_probabilities_are_probabilities(rows: list[list[float]]) -> None:
    scores = np.array(rows)
    shares = softmax(scores)
    np.testing.assert_allclose(shares.sum(axis=1), 1.0)
    assert ((shares >= 0) & (shares <= 1)).all()
    np.testing.assert_allclose(shares, softmax(scores + 77.0), atol=1e-9)
    alone = sigmoid(scores)
    assert ((alone >= 0) & (alone <= 1)).all()
    np.testing.assert_allclose(alone + sigmoid(-scores), 1.0)


def test_stored_weights_say_the_same_as_the_model() -> None:
    features, chosen = choices(12)
    model = ChoiceBlend(START).fit(features, chosen)
    np.testing.assert_array_equal(ChoiceBlend.apply(features, model.weights_), model.predict_proba(features))
    flat, answers = pairs(12)
    subset = SubsetBlend(START).fit(flat, answers)
    np.testing.assert_array_equal(
        SubsetBlend.apply(flat.reshape(20, 10, 3), subset.weights_), subset.predict_proba(flat).reshape(20, 10)
    )


HOLDS = [(held_choice, ChoiceBlend, choices), (held_subset, SubsetBlend, pairs)]


@pytest.mark.parametrize(("hold", "kind", "data"), HOLDS)
def test_held_weights_are_the_stored_ones_without_cases(hold: Any, kind: Any, data: Any) -> None:
    np.testing.assert_allclose(hold(START, *(part[:0] for part in data(1))).weights_, START, atol=1e-9)


@pytest.mark.parametrize(("hold", "kind", "data"), HOLDS)
def test_few_cases_move_held_weights_less_than_free_ones(hold: Any, kind: Any, data: Any) -> None:
    features, chosen = (part[:12] for part in data(1))
    stored = np.asarray(START)

    def bent(weights: Any) -> float:  # the angle to the stored weights, whatever their common factor
        return 1 - float(weights @ stored / np.linalg.norm(weights) / np.linalg.norm(stored))

    assert bent(hold(START, features, chosen).weights_) < 0.5 * bent(kind(START).fit(features, chosen).weights_)


def test_a_common_factor_is_learned_from_few_cases() -> None:
    features, chosen = choices(3, rows=200)
    true = np.array([1.0, -0.5, 2.0])
    weights = held_choice(tuple(true / 4), features, chosen).weights_  # the stored ones are right but four times unsure
    np.testing.assert_allclose(weights, true, rtol=0.35)
    flat, answers = pairs(3, rows=4000)
    weights = held_subset((0.5, -0.4 / 3, 2.0), flat, answers).weights_  # and a constant that is far off
    np.testing.assert_allclose(weights, [1.5, -0.4, -1.0], rtol=0.35)


def test_much_history_overrules_the_stored_weights() -> None:
    features, chosen = choices(10, rows=8000)
    np.testing.assert_allclose(held_choice((-1.0, 0.5, 0.0), features, chosen).weights_, [1.0, -0.5, 2.0], atol=0.2)


def test_a_feature_that_hardly_varies_does_not_run_away() -> None:
    chance = np.random.default_rng(5)
    features = chance.normal(size=(25, 6, 2)) * np.array([1.0, 0.02])
    chosen = (features @ np.array([1.0, 30.0])).argmax(axis=1)
    free = ChoiceBlend((1.0, 0.5)).fit(features, chosen).weights_
    assert held_choice((1.0, 0.5), features, chosen).weights_[1] < 0.2 * free[1]
