"""Whether a score means what it says: scores beside how often they were right."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from triage.learning.evaluation.intervals import Interval, Resampling, Summed, ratio, value_of, wilson, without_bias

Floats = NDArray[np.floating[Any]]

BINS = 10
CHANCES = 200
"""Draws of answers that are right exactly as often as they say."""


class CalibrationError(Summed):
    """Expected calibration error (Naeini et al., 2015): the mean gap between score and accuracy over bins of equal
    width. `scores` and `right` are (n,), `counts` says which cases count, by default all.
    """

    def __init__(self, scores: Floats, right: NDArray[Any], counts: NDArray[np.bool_] | None = None) -> None:
        inside = np.ones(len(scores), bool) if counts is None else np.asarray(counts, bool)
        self.scores = np.asarray(scores, float)[inside]
        self._columns = np.zeros((len(scores), BINS + 1))
        self._columns[np.flatnonzero(inside), bins_of(self.scores)] = self.scores - np.asarray(right, float)[inside]
        self._columns[:, BINS] = inside

    def columns(self) -> Any:
        """Each case's gap in the column of its bin, and whether it counts."""
        return self._columns

    def of(self, sums: Floats) -> Floats:
        """The bins' gaps by the number of cases."""
        return ratio(np.abs(sums[:, :BINS]).sum(axis=1), sums[:, BINS])

    def interval(self, value: float, drawn: Floats) -> Interval | None:
        """The basic bootstrap interval (`without_bias`). It begins at 0 unless one in forty scores at most that mean
        exactly what they say would show an error as large: an error of few cases says little.
        """
        found = without_bias(value, drawn)
        if found is not None and value <= np.quantile(self.by_chance(), 0.975):
            return 0.0, max(found[1], round(value, 4))
        return found

    def by_chance(self) -> Floats:
        """The errors of answers that are right exactly as often as they say, (CHANCES,): always the same draws."""
        inside = (bins_of(self.scores)[:, None] == np.arange(BINS)).astype(float)
        told = self.scores @ inside
        drawn = np.random.default_rng(0)
        gaps = [(drawn.random(len(self.scores)) < self.scores) @ inside - told for _ in range(CHANCES)]
        return np.asarray(np.abs(gaps).sum(axis=1) / len(self.scores))


def bins_of(scores: Floats) -> NDArray[np.intp]:
    """The bin of each score; the last one holds 1, too."""
    return np.minimum((np.asarray(scores, float) * BINS).astype(np.intp), BINS - 1)


def calibration(scores: Floats, right: NDArray[Any], resampling: Resampling) -> dict[str, Any]:
    """The curve, its error with an interval, and the mean error that scores which mean exactly what they say would show
    on as many cases (`by_chance`); empty without cases.
    """
    if not len(scores):
        return {}
    statistic = CalibrationError(scores, right)
    return {
        "bins": curve(scores, right),
        "error": round(float(value_of(statistic, len(scores))), 4),
        "interval": resampling.intervals({"error": statistic})["error"],
        "by_chance": round(float(np.mean(statistic.by_chance())), 4),
        "mean_score": round(float(np.mean(scores)), 4),
        "accuracy": round(float(np.mean(right)), 4),
    }


def curve(scores: Floats, right: NDArray[Any]) -> list[dict[str, Any]]:
    """Each bin that has cases: its bounds, how many, their mean score, how many were right, and the range of that."""
    place = bins_of(scores)
    rows = []
    for number in range(BINS):
        inside = place == number
        if count := int(inside.sum()):
            rows.append(
                {
                    "from": number / BINS,
                    "to": (number + 1) / BINS,
                    "cases": count,
                    "score": round(float(np.mean(scores[inside])), 4),
                    "accuracy": round(float(np.mean(right[inside])), 4),
                    "interval": wilson(float(np.sum(right[inside])), count),
                }
            )
    return rows
