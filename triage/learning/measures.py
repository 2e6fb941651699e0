"""The figures by which answers are judged, each as its field defines it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]


def hit_rates(scores: Floats, right: NDArray[np.intp], ranks: Sequence[int] = (1, 3, 5)) -> dict[int, float]:
    """How often the right candidate is among the first k: (n, t) scores, (n,) indices → {k: share}."""
    own = scores[np.arange(len(right)), right][:, None]
    # A tie counts by column order, as the answer's own stable sort does.
    before = (scores > own).sum(axis=1) + ((scores == own) & (np.arange(scores.shape[1]) < right[:, None])).sum(axis=1)
    return {k: round(float((before < k).mean()), 4) for k in ranks}


def recall_at(listed: Sequence[Sequence[str]], wanted: Sequence[Sequence[str]], rank: int) -> float:
    """The share of each case's wanted units among the first `rank` listed, averaged over the cases that want any."""
    shares = [
        len(set(found[:rank]) & set(units)) / len(units) for found, units in zip(listed, wanted, strict=True) if units
    ]
    return round(float(np.mean(shares)), 4) if shares else 0.0


def calibration_error(confidence: Floats, correct: NDArray[Any], bins: int = 10) -> float:
    """Expected calibration error (Naeini et al., 2015): the mean gap of confidence and accuracy over equal-width
    bins.
    """
    if not len(confidence):
        return 0.0
    place = np.minimum((np.asarray(confidence) * bins).astype(int), bins - 1)
    gap = 0.0
    for number in range(bins):
        inside = place == number
        if inside.any():
            gap += inside.mean() * abs(float(np.mean(confidence[inside])) - float(np.mean(correct[inside])))
    return float(gap)


def accuracy_at_coverage(confidence: Floats, correct: NDArray[Any], shares: Sequence[float]) -> dict[float, float]:
    """The accuracy of the surest share of answers: {share: accuracy}."""
    order = np.argsort(-np.asarray(confidence), kind="stable")
    return {share: round(float(np.mean(correct[order[: max(1, round(share * len(order)))]])), 4) for share in shares}


def macro_f1(predicted: Sequence[str], right: Sequence[str]) -> float:
    """The mean F1 over the labels that occur among the right ones or the predicted."""
    values = []
    for label in sorted(set(right) | set(predicted)):
        hit = sum(p == label and r == label for p, r in zip(predicted, right, strict=True))
        made, wanted = sum(p == label for p in predicted), sum(r == label for r in right)
        values.append(2 * hit / (made + wanted) if made + wanted else 0.0)
    return round(float(np.mean(values)), 4) if values else 0.0
