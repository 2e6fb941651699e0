"""Weights fitted on the signals of a cold model, and how good weights are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.cold.signals import Choice, Signals, Subset
from triage.heads.blend import ChoiceBlend, SubsetBlend
from triage.learning.measures import calibration_error, hit_rates

Floats = NDArray[Any]
Rows = NDArray[np.intp]

PULL = 0.5
"""How strongly weights are held where they are stored: enough for signals that say nothing without history, no more."""
FOLDS = 5


def fitted(signals: Signals, rows: Rows | None = None) -> Floats:
    """The weights that explain the cases (of `rows`, or all) best."""
    chosen = np.arange(len(signals.features)) if rows is None else rows
    if isinstance(signals, Choice):
        return ChoiceBlend(signals.stored, PULL).fit(signals.features[chosen], signals.right[chosen]).weights_
    free = signals.free[chosen]
    blend = SubsetBlend(signals.stored, PULL)
    return blend.fit(signals.features[chosen][free], signals.right[chosen][free]).weights_


def probabilities(signals: Signals, weights: Sequence[float] | Floats) -> Floats:
    """What a model with these weights would answer, (cases, candidates)."""
    apply = ChoiceBlend.apply if isinstance(signals, Choice) else SubsetBlend.apply
    return np.asarray(apply(signals.features, np.asarray(weights)))


def fitted_elsewhere(signals: Signals) -> Floats:
    """The answers by weights that were fitted on the other folds' cases, (cases, candidates)."""
    count = len(signals.features)
    found = np.zeros(signals.features.shape[:2])
    for fold in range(FOLDS):
        inside = np.arange(count) % FOLDS == fold
        found[inside] = probabilities(signals, fitted(signals, np.flatnonzero(~inside)))[inside]
    return found


def figures(signals: Signals, answers: Floats) -> dict[str, float]:
    """Log loss, ranks and calibration of `answers` (cases, candidates)."""
    return _choice(signals, answers) if isinstance(signals, Choice) else _subset(signals, answers)


def _choice(signals: Choice, answers: Floats) -> dict[str, float]:
    right = signals.right
    correct = answers.argmax(axis=1) == right
    first = answers.max(axis=1)
    return {
        "log_loss": round(float(-np.log(answers[np.arange(len(right)), right] + 1e-12).mean()), 4),
        **{f"top_{rank}": share for rank, share in hit_rates(answers, right).items()},
        "mean_first_score": round(float(first.mean()), 4),
        "calibration_error": round(calibration_error(first, correct), 4),
    }


def _subset(signals: Subset, answers: Floats) -> dict[str, float]:
    """Per pair of case and unit; recall over the cases that had helpers, without the lead that would be answered."""
    found, right = answers[signals.free], signals.right[signals.free]
    loss = -(right * np.log(found + 1e-12) + (1 - right) * np.log(1 - found + 1e-12))
    listed = answers.copy()
    listed[np.arange(len(listed)), signals.barred] = -1.0
    order = np.argsort(-listed, axis=1, kind="stable")
    ranked = np.take_along_axis(signals.right, order, axis=1)
    wanted = signals.right.sum(axis=1)
    helped = wanted > 0
    recalls = {rank: ranked[helped, :rank].sum(axis=1) / wanted[helped] for rank in (3, 5, 10)}
    return {
        "log_loss": round(float(loss.sum() / len(answers)), 4),
        **{f"recall_at_{rank}": round(float(recall.mean()), 4) for rank, recall in recalls.items()},
        "helpers_expected": round(float(np.where(signals.free, answers, 0).sum(axis=1).mean()), 3),
        "helpers_real": round(float(wanted.mean()), 3),
        "calibration_error": round(calibration_error(found, right), 4),
    }
