"""Figures of a ranking and of a decision, as the field defines them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[Any]

RESAMPLED = 500
SEED = 7


def ranking(scores: Floats, right: Floats, recall: float) -> dict[str, Any]:
    """How well scores put the right pairs first: average precision with its 95 % interval (bootstrap over pairs) and
    the best precision at a recall of at least `recall`.
    """
    from sklearn.metrics import average_precision_score

    chance = np.random.default_rng(SEED)
    again = []
    for _ in range(RESAMPLED):
        rows = chance.integers(0, len(scores), len(scores))
        if right[rows].any():
            again.append(average_precision_score(right[rows], scores[rows]))
    low, high = np.percentile(again, [2.5, 97.5])
    return {
        "average_precision": round(float(average_precision_score(right, scores)), 4),
        "average_precision_95": [round(float(low), 4), round(float(high), 4)],
        f"precision_at_recall_{recall:g}": round(precision_at(scores, right, recall), 4),
    }


def precision_at(scores: Floats, right: Floats, recall: float) -> float:
    """The highest precision at a threshold that reaches this recall."""
    from sklearn.metrics import precision_recall_curve

    precision, reached, _ = precision_recall_curve(right, scores)
    # Rounding must not cost the very threshold that reaches it.
    return float(precision[reached >= recall - 1e-9].max())


def decided(given: Floats, right: Floats) -> dict[str, float]:
    """Precision and recall of a yes or no."""
    both = float((given & right).sum())
    return {
        "precision": round(both / max(float(given.sum()), 1.0), 4),
        "recall": round(both / max(float(right.sum()), 1.0), 4),
    }


def found_within(answers: Sequence[Sequence[int]], wanted: Sequence[Collection[int]], k: int) -> float:
    """The share of queries with a wanted row among the first k."""
    hits = [any(row in rows for row in found[:k]) for found, rows in zip(answers, wanted, strict=True)]
    return round(float(np.mean(hits)), 4) if hits else 0.0
