"""What to expect on texts that nobody has labelled: how often the first lead is right, and how much each unit gets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]

DRAWS = 1_000
UNIT_DRAWS = 100
"""Samples of the bootstrap: for the accuracy, and for the units' shares, which take longer."""
STEPS = 60
"""Steps of maximisation from shares that are nearly right; four times as many from those of the training."""
MOST = 2_000
"""Texts that the shares of the units are estimated from; of more, a sample."""


@dataclass(frozen=True, slots=True)
class Expected:
    """How often the first lead is right: measured on the past (cases held out), expected of the new texts.

    `low` to `high` is the 95 % interval of what is expected; `drop` is past less expected, with its own interval.
    """

    past: float
    expected: float
    low: float
    high: float
    drop: float
    drop_low: float
    drop_high: float


def expected_accuracy(past: Floats, right: NDArray[np.bool_], new: Floats, rng: np.random.Generator) -> Expected:
    """From the calibrated certainty of answers: `past` (n,) with whether each was `right`, and `new` (m,).

    The measured accuracy less the fall of the mean certainty (difference of confidences, Guillory et al., "Predicting
    with confidence on unseen distributions", 2021); intervals by the bootstrap over both samples. The thresholded
    confidence of Garg et al. (2022) was tried: where certainties are calibrated and spread, as here, it answers to
    how many lie around the threshold, and missed known accuracies by .2. No such estimate knows of a matter that the
    model is wrong about with confidence, such as one of a new unit.
    """
    accuracy, fall = float(right.mean()), float(past.mean() - new.mean())
    old = rng.integers(0, len(past), (DRAWS, len(past)))
    means = np.array([new[rng.integers(0, len(new), len(new))].mean() for _ in range(DRAWS)])
    falls = past[old].mean(axis=1) - means
    low, high = np.quantile(right[old].mean(axis=1) - falls, [0.025, 0.975])
    drop_low, drop_high = np.quantile(falls, [0.025, 0.975])
    return Expected(
        accuracy,
        _share(accuracy - fall),
        _share(float(low)),
        _share(float(high)),
        fall,
        float(drop_low),
        float(drop_high),
    )


@dataclass(frozen=True, slots=True)
class UnitShares:
    """The share of each unit among the leads: as `taught`, and as estimated for the new texts, `low` to `high` 95 %;
    each (units,).
    """

    taught: Floats
    estimated: Floats
    low: Floats
    high: Floats


def unit_shares(taught: Floats, lead: Floats, rng: np.random.Generator) -> UnitShares:
    """Which share of new texts each unit leads, from calibrated probabilities `lead` (texts, units) and the shares
    (units,) of the training.

    Maximum likelihood by expectation and maximisation (Saerens, Latinne & Decaestecker, "Adjusting the outputs of a
    classifier to new a priori probabilities", 2002), which beats inverting the confusion matrix (Lipton et al., 2018)
    where the probabilities are calibrated (Alexandari, Kundaje & Shrikumar, 2020). Intervals by the bootstrap.
    """
    if len(lead) > MOST:
        lead = lead[np.sort(rng.choice(len(lead), MOST, replace=False))]
    taught = (taught + 1e-6) / (taught + 1e-6).sum()
    ratio = np.asarray(lead, np.float64) / taught
    ones = np.ones(len(lead))
    estimated = _maximised(ratio, ones, taught, 4 * STEPS)
    draws = rng.multinomial(len(lead), ones / len(lead), UNIT_DRAWS)
    found = np.stack([_maximised(ratio, weights, estimated, STEPS) for weights in draws])
    low, high = np.quantile(found, [0.025, 0.975], axis=0)
    return UnitShares(taught, estimated, np.minimum(low, estimated), np.maximum(high, estimated))


def _maximised(ratio: Floats, weights: Floats, start: Floats, steps: int) -> Floats:
    shares = start
    for _ in range(steps):
        likely = ratio * shares
        shares = (weights / np.maximum(likely.sum(axis=1), 1e-300)) @ likely / weights.sum()
    return shares


def _share(value: float) -> float:
    return min(1.0, max(0.0, value))
