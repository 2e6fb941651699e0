"""From the features of a pair to a probability for each grade: a sum whose parts can be shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from triage.duplicates.features import FEATURES
from triage.records import Grade

Floats = NDArray[np.float32]

LEARNED = (Grade.RELATED, Grade.SAME_MATTER, Grade.REWRITTEN)
"""The grades that are learned, farthest first; `identical` is known from the text's key."""
PRODUCTS = (
    ("matter", "wording"),
    ("matter", "matter"),
    ("meaning", "meaning"),
    ("contained", "contained"),
    ("contained", "length"),
    ("number_same", "length"),
)
"""Pairs of features whose product counts too: near in meaning says more where the words agree, and a number that two
letters share (三楼, 两年) says less than one that two titles do.
"""
TERMS = ("constant", *FEATURES, *(f"{one}*{other}" for one, other in PRODUCTS))


def terms(features: Floats) -> NDArray[np.float64]:
    """What the weights apply to: (n, FEATURES) → (n, TERMS)."""
    column = {name: features[:, place] for place, name in enumerate(FEATURES)}
    products = [column[one] * column[other] for one, other in PRODUCTS]
    return np.column_stack([np.ones(len(features)), features, *products])


def chances(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    """Log odds as probabilities."""
    found: NDArray[np.float64] = 1.0 / (1.0 + np.exp(-np.clip(logits, -35.0, 35.0)))
    return found


class Grader:
    """Three logistic models, one for each learned grade: is the pair that grade *or closer*?

    `weights` (LEARNED, TERMS). A farther grade is never less likely than a closer one.
    """

    def __init__(self, weights: NDArray[np.float64]) -> None:
        self.weights = np.asarray(weights, float).reshape(len(LEARNED), len(TERMS))

    def logits(self, features: Floats) -> NDArray[np.float64]:
        """The log odds of each learned grade or closer, (n, LEARNED), falling from left to right. Their sum orders
        pairs whose probabilities are all next to one.
        """
        sums = terms(features) @ self.weights.T
        # A copy is on the same matter, whatever else differs: the closer grade lifts the farther ones.
        falling: NDArray[np.float64] = np.maximum.accumulate(sums[:, ::-1], axis=1)[:, ::-1]
        return falling

    def probabilities(self, features: Floats) -> NDArray[np.float64]:
        """The probability of each learned grade or closer, (n, LEARNED), falling from left to right."""
        return chances(self.logits(features))

    def to_dict(self) -> dict[str, dict[str, float]]:
        """The weights by grade and term, as a person can read them."""
        return {
            str(grade): {term: round(float(weight), 5) for term, weight in zip(TERMS, row, strict=True)}
            for grade, row in zip(LEARNED, self.weights, strict=True)
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Mapping[str, Any]]) -> Grader:
        """Back from `to_dict`. Raises KeyError, TypeError or ValueError for what is no weight, and for weights of other
        terms: without them the rest would grade otherwise.
        """
        rows = [{str(term): float(weight) for term, weight in dict(data[grade]).items()} for grade in LEARNED]
        if wrong := {term for row in rows for term in row.keys() ^ set(TERMS)}:
            raise ValueError(f"weights of other terms: {', '.join(sorted(wrong))}")
        weights = np.array([[row[term] for term in TERMS] for row in rows])
        if not np.isfinite(weights).all():
            raise ValueError("a weight is no number")
        return cls(weights)
