"""From several scores per candidate to one probability: a few stored weights that add up, so that *why* can be
shown.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]
Measure = Callable[[Floats], tuple[float, Floats, Floats]]

HELD = 20.0
"""How strongly `held_choice` and `held_subset` hold single weights to the stored ones. With 1 instead, 25 random cases
made a real city's model worse than none (first lead right .64 → .58); with 20 they do not (``benchmarks.labelling``).
"""
ENOUGH = 1e-7
"""The share of the loss below which a further step is not worth its time; single precision shows no smaller ones."""
FEW = 300
"""With more cases than that `held_choice` holds weights less, in proportion: they know better. Held as strongly, the
topics of 4,000 messages lost .003 of macro-F1.
"""
LEVEL_HELD = 10.0
"""How strongly they hold the common factor of all weights, which a few cases already tell."""
LEAST_SPREAD = 0.1
"""A feature that hardly varies among a few cases is held as if it varied by so much, or its weight would run away."""


def softmax(scores: Floats) -> Floats:
    """Row-wise probabilities that sum to one."""
    shifted = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=1, keepdims=True))


def sigmoid(scores: Floats) -> Floats:
    """Probability of each score on its own."""
    return 1.0 / (1.0 + np.exp(-np.clip(scores, -40, 40)))


def _newton(start: Floats, scale: Floats, measure: Measure) -> Floats:
    """Minimise a smooth convex function of few weights; `measure` gives value, gradient and Hessian."""
    weights = start.astype(float)
    value, gradient, hessian = measure(weights)
    for _ in range(50):
        step = np.linalg.solve(hessian + np.diag(1e-9 * scale**2 + 1e-12), gradient)
        if gradient @ step < ENOUGH * max(1.0, abs(value)):  # half of it is what the step would gain
            break
        length = 1.0
        while length > 1e-4:
            moved = measure(weights - length * step)
            if moved[0] <= value:
                break
            length /= 2
        else:
            break
        weights = weights - length * step
        value, gradient, hessian = moved
    return weights


class ChoiceBlend:
    """One of n: a conditional logit (McFadden, 1974) over the candidates' features.

    P(candidate | text) is the softmax of features · weights. Fitted on features of unseen cases its probabilities are
    calibrated by construction. `start` is where the weights are drawn to, `pull` how strongly: a weight's distance
    counts by the spread of its feature, `least_spread` at least.
    """

    def __init__(self, start: Sequence[float], pull: float = 1.0, least_spread: float = 0.0) -> None:
        self.start = tuple(start)
        self.pull = pull
        self.least_spread = least_spread

    def fit(self, features: Floats, chosen: NDArray[np.intp]) -> ChoiceBlend:
        """`features` (n, candidates, d), `chosen` (n,) the right candidate's index; minimises log loss plus a pull."""
        rows, candidates, width = features.shape
        flat = features.reshape(-1, width)
        picked = features[np.arange(rows), chosen].sum(axis=0, dtype=float)
        start, scale = np.asarray(self.start, float), _scale(flat, self.least_spread)

        def measure(weights: Floats) -> tuple[float, Floats, Floats]:
            probability = softmax((flat @ weights.astype(flat.dtype)).reshape(rows, candidates))
            right = probability[np.arange(rows), chosen]
            weighed = flat * probability.reshape(-1, 1)
            expected = weighed.reshape(rows, candidates, width).sum(axis=1)
            distance = (weights - start) * scale
            value = -np.log(right + 1e-12).sum(dtype=float) + self.pull * (distance @ distance)
            gradient = expected.sum(axis=0, dtype=float) - picked + 2 * self.pull * distance * scale
            hessian = (weighed.T @ flat - expected.T @ expected).astype(float) + 2 * self.pull * np.diag(scale**2)
            return float(value), gradient, hessian

        self.weights_ = _newton(start, scale, measure)
        return self

    def predict_proba(self, features: Floats) -> Floats:
        """Probabilities (n, candidates) that sum to one in each row."""
        return self.apply(features, self.weights_)

    @staticmethod
    def apply(features: Floats, weights: Floats) -> Floats:
        """The same from stored weights."""
        return softmax(features @ np.asarray(weights, features.dtype))


class SubsetBlend:
    """Any subset: one logistic regression over the pairs of text and candidate, the same weights for every
    candidate.
    """

    def __init__(self, start: Sequence[float], pull: float = 1.0, least_spread: float = 0.0) -> None:
        self.start = tuple(start)
        self.pull = pull
        self.least_spread = least_spread

    def fit(self, features: Floats, chosen: Floats) -> SubsetBlend:
        """`features` (pairs, d), one of them constant; `chosen` (pairs,) of 0 and 1."""
        start, scale = np.asarray(self.start, float), _scale(features, self.least_spread)

        def measure(weights: Floats) -> tuple[float, Floats, Floats]:
            logits = (features @ weights.astype(features.dtype)).astype(float)
            probability = sigmoid(logits)
            distance = (weights - start) * scale
            value = np.logaddexp(0, logits).sum() - logits @ chosen + self.pull * (distance @ distance)
            gradient = features.T @ (probability - chosen) + 2 * self.pull * distance * scale
            curvature = (probability * (1 - probability)).astype(features.dtype)
            hessian = (features.T @ (features * curvature[:, None])).astype(float) + 2 * self.pull * np.diag(scale**2)
            return float(value), np.asarray(gradient, float), hessian

        self.weights_ = _newton(start, scale, measure)
        return self

    def predict_proba(self, features: Floats) -> Floats:
        """A probability for each pair."""
        return self.apply(features, self.weights_)

    @staticmethod
    def apply(features: Floats, weights: Floats) -> Floats:
        """The same from stored weights, for features of any shape (…, d)."""
        return sigmoid(features @ np.asarray(weights, features.dtype))


def held_choice(start: Sequence[float], features: Floats, chosen: NDArray[np.intp]) -> ChoiceBlend:
    """A `ChoiceBlend` that few cases cannot lead astray: first how far the stored weights may be trusted as a whole,
    then each weight by itself, held to `start` times that.

    Without cases the weights are `start`; thousands of cases are free to choose theirs.
    """
    pull = HELD * min(1.0, FEW / max(len(chosen), 1))
    stored = np.asarray(start, features.dtype)
    level = ChoiceBlend((1.0,), LEVEL_HELD, LEAST_SPREAD).fit((features @ stored)[..., None], chosen).weights_[0]
    return ChoiceBlend(level * stored.astype(float), pull, LEAST_SPREAD).fit(features, chosen)


def held_subset(start: Sequence[float], features: Floats, chosen: Floats) -> SubsetBlend:
    """A `SubsetBlend` in the same way; the last feature must be the constant, whose weight moves with the level."""
    stored = np.asarray(start, features.dtype)
    whole = np.stack([features @ stored, features[..., -1]], axis=1)
    level, more = SubsetBlend((1.0, 0.0), LEVEL_HELD, LEAST_SPREAD).fit(whole, chosen).weights_
    moved = level * stored.astype(float)
    moved[-1] += more
    return SubsetBlend(moved, HELD, LEAST_SPREAD).fit(features, chosen)


def _scale(flat: Floats, least: float) -> Floats:
    """The spread of each feature, so that the pull does not depend on its unit; 1 where it is constant."""
    if not len(flat):
        return np.ones(flat.shape[1])
    spread = flat.std(axis=0, dtype=float)
    return np.where(spread < 1e-6, 1.0, np.maximum(spread, least))
