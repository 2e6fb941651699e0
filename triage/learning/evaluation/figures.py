"""The main figures as functions of weights, so that each has its value and its interval from one definition."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from triage.learning.evaluation.asking import Scored
from triage.learning.evaluation.calibration import CalibrationError
from triage.learning.evaluation.intervals import (
    Interval,
    Ratio,
    Resampling,
    Share,
    Statistic,
    Summed,
    ratio,
    value_of,
)
from triage.records import Decision

Floats = NDArray[np.floating[Any]]

RANKS = (1, 3, 5)
CO_RANKS = (3, 5, 10)
COVERAGES = (0.2, 0.35, 0.5, 0.8)
LIKELY = 0.5
"""A helper counts as named from this probability on, where sets are compared."""


@dataclass(frozen=True, slots=True)
class Figures:
    """Values by name, counts among them, and the interval of each that has one. A figure that no case allows is
    absent.
    """

    values: dict[str, float]
    intervals: dict[str, Interval | None]


def figures(scored: Sequence[Scored], resampling: Resampling | None = None) -> Figures:
    """All main figures; without `resampling` no intervals. A case counts only where it has a lead, helpers, a topic.

    Whether helpers that were named were right is asked of every case with a lead, as soon as one case has helpers: who
    handled a case alone wanted none.
    """
    counts = {
        "lead_cases": sum(bool(one.leads) for one in scored),
        "co_cases": sum(bool(one.co) for one in scored),
        "topic_cases": sum(bool(one.topic) for one in scored),
    }
    parts = {"lead_cases": lead_figures, "co_cases": co_figures, "topic_cases": topic_figures}
    values: dict[str, float] = {}
    statistics: dict[str, Statistic] = {}
    for name, count in counts.items():
        if count:
            made = parts[name](scored)
            values[name] = count
            for key, statistic in made.items():
                found = float(value_of(statistic, len(scored)))
                # Nothing was suggested, nobody was named: then none of them was right.
                values[key] = round(found, 4) if np.isfinite(found) else 0.0
            statistics.update(made)
    if resampling is None:
        return Figures(values, {})
    return Figures(values, resampling.intervals(statistics))


def lead_figures(scored: Sequence[Scored]) -> dict[str, Statistic]:
    """Of the cases that have a lead."""
    led = np.array([bool(one.leads) for one in scored])
    ranks = np.array([one.rank for one in scored])
    first = np.array([one.score for one in scored])
    suggested = np.array([one.answer.decision is Decision.SUGGEST for one in scored]) & led
    correct = (ranks == 0) & led
    return {
        **{f"lead_top_{k}": Share(ranks < k, led) for k in RANKS},
        "lead_macro_f1": MacroF1(
            [one.first for one in scored], [one.first if one.right else "".join(one.leads[:1]) for one in scored], led
        ),
        "lead_calibration_error": CalibrationError(first, correct, led),
        "suggest_coverage": Share(suggested, led),
        "suggest_accuracy": Share(correct, suggested),
        **{f"lead_accuracy_at_{share:.0%}": AccuracyAt(first, correct, led, (share,)) for share in COVERAGES},
    }


def co_figures(scored: Sequence[Scored]) -> dict[str, Statistic]:
    """Of helpers: recall over the cases that have any, and the sets that are named, by probability and by number."""
    helped = np.array([bool(one.co) for one in scored])
    settled = np.array([bool(one.co or one.leads) for one in scored])
    found = {k: np.array([_recall(one, k) for one in scored]) for k in CO_RANKS}
    made: dict[str, Statistic] = {f"co_recall_{k}": Share(found[k], helped) for k in CO_RANKS}
    likely = [[helper.unit for helper in one.answer.co if helper.score >= LIKELY] for one in scored]
    expected = [[helper.unit for helper in one.answer.co[: expected_co(one)]] for one in scored]
    wanted = np.array([len(one.co) for one in scored]) * settled
    for name, sets in (("co_set", likely), ("co_expected", expected)):
        hits = np.array([len(set(units) & {*one.co}) for units, one in zip(sets, scored, strict=True)]) * settled
        named = np.array([len(units) for units in sets]) * settled
        made |= {
            f"{name}_precision": Ratio(hits, named),
            f"{name}_recall": Ratio(hits, wanted),
            f"{name}_f1": Ratio(2 * hits, named + wanted),
        }
    expectations = np.array([sum(helper.score for helper in one.answer.co) for one in scored])
    return made | {"co_count": Share(wanted, settled), "co_count_expected": Share(expectations, settled)}


def topic_figures(scored: Sequence[Scored]) -> dict[str, Statistic]:
    """Of the cases that are filed under a topic."""
    filed = np.array([bool(one.topic) for one in scored])
    correct = np.array([one.said.name == one.topic for one in scored]) & filed
    sure = np.array([one.said.score for one in scored])
    return {
        "topic_accuracy": Share(correct, filed),
        "topic_macro_f1": MacroF1([one.said.name for one in scored], [one.topic for one in scored], filed),
        "topic_calibration_error": CalibrationError(sure, correct, filed),
    }


def expected_co(one: Scored) -> int:
    """How many helpers the answer expects: the sum of their probabilities, as a whole number."""
    return round(sum(helper.score for helper in one.answer.co))


def _recall(one: Scored, rank: int) -> float:
    listed = {helper.unit for helper in one.answer.co[:rank]}
    return len(listed & {*one.co}) / len(one.co) if one.co else 0.0


class MacroF1(Summed):
    """The mean F1 over the labels that occur, as right ones or as said, among the cases that count."""

    def __init__(self, said: Sequence[str], right: Sequence[str], counts: NDArray[np.bool_]) -> None:
        rows = np.flatnonzero(counts).tolist()
        labels = {label: number for number, label in enumerate(dict.fromkeys((*right, *said)))}
        self._labels = len(labels)
        made = np.array([labels[said[row]] for row in rows], np.intp)
        wanted = np.array([labels[right[row]] for row in rows], np.intp)
        hit = made == wanted
        columns = np.concatenate([made, wanted + self._labels, made[hit] + 2 * self._labels])
        places = np.concatenate([rows, rows, np.array(rows, np.intp)[hit]])
        self._columns = sp.csr_array((np.ones(len(columns)), (places, columns)), shape=(len(said), 3 * self._labels))

    def columns(self) -> Any:
        """What is said, what is right, and what is both."""
        return self._columns

    def of(self, sums: Floats) -> Floats:
        """Each label's F1, averaged over those that occur."""
        made, wanted, hits = np.split(sums, 3, axis=1)
        each = ratio(2 * hits, made + wanted)
        there = np.isfinite(each)
        return ratio(np.where(there, each, 0.0).sum(axis=1), there.sum(axis=1))


class AccuracyAt:
    """The accuracy of the surest shares of the answers that count: (draws,), or (draws, shares) for several."""

    def __init__(self, sure: Floats, correct: NDArray[Any], counts: NDArray[np.bool_], shares: Sequence[float]) -> None:
        rows = np.flatnonzero(counts)
        self._order = rows[np.argsort(-sure[rows], kind="stable")]
        self._correct = np.asarray(correct, float)[self._order]
        self._shares = np.array(shares)

    def __call__(self, weights: Floats) -> Floats:
        """The accuracy of every draw."""
        taken = np.asarray(weights[:, self._order], float)
        counted, right = np.cumsum(taken, axis=1), np.cumsum(taken * self._correct, axis=1)
        found = np.full((len(weights), len(self._shares)), np.nan)
        for row, (many, hits) in enumerate(zip(counted, right, strict=True)):
            if len(many) and many[-1] > 0:
                wanted = np.maximum(1.0, np.round(self._shares * many[-1]))
                last = np.searchsorted(many, wanted)
                # Of a case that was drawn several times, as many as are wanted.
                found[row] = (hits[last] - (many[last] - wanted) * self._correct[last]) / wanted
        return found[:, 0] if len(self._shares) == 1 else found


def plain(found: Mapping[str, Interval | None]) -> dict[str, list[float] | None]:
    """Intervals as JSON holds them."""
    return {name: None if interval is None else list(interval) for name, interval in found.items()}
