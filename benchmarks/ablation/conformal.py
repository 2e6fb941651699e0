"""Helpers as sets with a promised recall: conformal risk control beside lists of one length."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.quality.sets import Experiment
from triage.encoders.sentence import SentenceEncoder
from triage.heads.judge import judge
from triage.learning.train import train
from triage.text import prepare

Floats = NDArray[Any]

RECALLS = (0.5, 0.6, 0.7, 0.8)


def measure(experiment: Experiment, encoder: SentenceEncoder | None) -> list[dict[str, float]]:
    """For each promised recall: what the sets reach on the asked cases and how large they are, and the recall of lists
    that are all as long as the sets are on average.

    The threshold is the highest at which the mean share of missed helpers among unseen answers to the learned cases,
    with one case more that misses all, is at most what is allowed (Angelopoulos et al., "Conformal risk control",
    2022).
    """
    found: list[tuple[Floats, NDArray[np.bool_], dict[float, float]]] = []
    for learned_rows, asked_rows in experiment.splits:
        model = train([experiment.cases[row] for row in learned_rows], units=experiment.units, sentence=encoder)
        known = model.co.helpers_.any(axis=1)
        scores = _but_leads(model.co.unseen_, model.lead.unseen_)[known]
        thresholds = {recall: threshold(scores, model.co.helpers_[known] > 0, 1.0 - recall) for recall in RECALLS}
        asked = [experiment.cases[row] for row in asked_rows if experiment.cases[row].co]
        judged = judge(model, encoder, [prepare(case.suggestion) for case in asked])
        right = np.array([[name in case.co for name in model.units.names] for case in asked])
        found.append((_but_leads(judged.co, judged.lead), right, thresholds))
    return [_row(recall, found) for recall in RECALLS]


def threshold(scores: Floats, right: NDArray[np.bool_], allowed: float) -> float:
    """The highest threshold whose sets miss at most the `allowed` share: (cases, units) both."""
    tried = np.unique(scores[right])[::-1]
    for value in tried:
        missed = 1.0 - _recalls(scores >= value, right)
        if (missed.sum() + 1.0) / (len(missed) + 1) <= allowed:
            return float(value)
    return 0.0


def _row(recall: float, found: list[tuple[Floats, NDArray[np.bool_], dict[float, float]]]) -> dict[str, float]:
    reached = np.concatenate([_recalls(scores >= held[recall], right) for scores, right, held in found])
    sizes = np.concatenate([(scores >= held[recall]).sum(axis=1) for scores, _, held in found])
    length = max(1, round(float(sizes.mean())))
    lists = np.concatenate([_recalls(_first(scores, length), right) for scores, right, _ in found])
    return {
        "promised": recall,
        "recall": round(float(reached.mean()), 4),
        "size": round(float(sizes.mean()), 2),
        "size_10": float(np.quantile(sizes, 0.1)),
        "size_90": float(np.quantile(sizes, 0.9)),
        "list": length,
        "list_recall": round(float(lists.mean()), 4),
    }


def _recalls(chosen: NDArray[np.bool_], right: NDArray[np.bool_]) -> Floats:
    """The share of each case's helpers that are chosen; those that no column stands for do not count."""
    return np.asarray((chosen & right).sum(axis=1) / np.maximum(right.sum(axis=1), 1))


def _first(scores: Floats, length: int) -> NDArray[np.bool_]:
    chosen = np.zeros(scores.shape, bool)
    np.put_along_axis(chosen, np.argsort(-scores, axis=1, kind="stable")[:, :length], True, axis=1)
    return chosen


def _but_leads(co: Floats, lead: Floats) -> Floats:
    scores = np.array(co)
    scores[np.arange(len(scores)), lead.argmax(axis=1)] = 0.0
    return scores
