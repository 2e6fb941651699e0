"""How the models are fitted, and from which probability on one is believed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.linear_model import LogisticRegression

from triage.precheck.linear import Floats, Linear, together
from triage.precheck.ngrams import SIZE, Places
from triage.precheck.reading import Reading
from triage.precheck.trees import Trees

Bools = NDArray[np.bool_]

FOLDS = 8
FAINT = 0.03
"""Weights of runs below this share of the greatest are left out: they are most of the file and say nothing."""
FAINTEST = 0.15
"""No threshold is lower: among few texts a gap far down says little about those that are yet to come."""
NEVER = 0.95
"""The threshold where no other keeps the promise."""
FAITH = 4
"""Answers that are taken as right as often as promised before any is looked at."""
SEED = 5


def rarity_of(readings: Sequence[Reading]) -> Floats:
    """How rare each run is: the logarithm of texts by texts with it, at least a little."""
    seen = np.zeros(SIZE, np.float32)
    for reading in readings:
        seen[together(reading.runs)] += 1
    rare = np.log((len(readings) + 1) / (seen + 0.5))
    return np.clip(rare, 0.05, None).astype(np.float16).astype(np.float32)


def runs_matrix(texts: Sequence[Places], rarity: Floats) -> sparse.csr_matrix:
    """Texts × runs: the rarity of each run that a text has, by the root of how many it has."""
    counts = [len(places) for places in texts]
    indices = np.concatenate([*texts, np.zeros(0, np.int64)])
    values = rarity[indices] / np.sqrt(np.repeat(np.maximum(counts, 1), counts))
    return sparse.csr_matrix((values, indices, np.concatenate([[0], np.cumsum(counts)])), (len(texts), SIZE))


def fit(
    texts: Sequence[Places],
    rows: Floats,
    wanted: Sequence[str],
    rarity: Floats,
    *,
    strength: float = 1.0,
    runs: float = 1.0,
    weights: Floats | None = None,
    balanced: bool = False,
) -> Linear:
    """A logistic regression of a class a text; `strength` is how freely weights may grow, `runs` how much the runs of
    characters count beside the features (0: not at all).
    """
    classes = sorted(set(wanted))
    dense = sparse.csr_matrix(rows)
    matrix = sparse.hstack([runs * runs_matrix(texts, rarity), dense]).tocsr() if runs else dense
    model = LogisticRegression(
        C=strength, max_iter=2000, tol=1e-6, class_weight="balanced" if balanced else None, solver="lbfgs"
    )
    model.fit(matrix, [classes.index(one) for one in wanted], sample_weight=weights)
    weights_ = np.asarray(model.coef_, np.float32)
    over_runs = weights_[:, :SIZE] * runs * rarity if runs else np.zeros((len(weights_), SIZE), np.float32)
    over_runs[np.abs(over_runs) < FAINT * np.abs(over_runs).max()] = 0
    return Linear(
        tuple(classes),
        over_runs.astype(np.float16).astype(np.float32),
        weights_[:, SIZE:] if runs else weights_,
        np.asarray(model.intercept_, np.float32),
        np.full(len(weights_), 0.5, np.float32),
    )


def folds(count: int) -> NDArray[np.int64]:
    """The fold of each of so many texts, drawn once."""
    return np.random.default_rng(SEED).permutation(count) % FOLDS


def precise_from(chances: NDArray[np.float64], right: Bools, wanted: float) -> float:
    """The probability from which on as many as wanted are right; among those the one that lets most through.

    It lies in the middle between the last that is let through and the first that is not, at `FAINTEST` at least.
    """
    order = np.argsort(-chances, kind="stable")
    # A little faith to begin with: else one mistake among the first few would close the gate for good.
    share = (np.cumsum(right[order]) + FAITH * wanted) / (np.arange(1, len(order) + 1) + FAITH)
    enough = np.flatnonzero((share >= wanted) & right[order])
    if not len(enough):
        return NEVER
    last = int(enough[-1])
    following = chances[order[last + 1]] if last + 1 < len(order) else 0.0
    return float(np.clip((chances[order[last]] + following) / 2, FAINTEST, NEVER))


def trees_of(models: Sequence[GradientBoostingClassifier], threshold: float) -> Trees:
    """Boosted trees as the arrays that the pre-check reads, filled up to the largest tree's nodes; of several models
    the mean.
    """
    grown = [one.tree_ for model in models for one in model.estimators_[:, 0]]
    rates = [model.learning_rate / len(models) for model in models for _ in model.estimators_]
    most = max(tree.node_count for tree in grown)

    def filled(rows: list[NDArray[Any]], empty: float, kind: type[np.generic]) -> NDArray[Any]:
        table = np.full((len(rows), most), empty, np.float64)
        for line, row in zip(table, rows, strict=True):
            line[: len(row)] = row
        return table.astype(kind)

    return Trees(
        filled([np.where(tree.children_left < 0, -1, tree.feature) for tree in grown], -1, np.int16),
        filled([tree.threshold for tree in grown], 0, np.float32),
        filled([np.maximum(tree.children_left, 0) for tree in grown], 0, np.int16),
        filled([np.maximum(tree.children_right, 0) for tree in grown], 0, np.int16),
        filled([tree.value[:, 0, 0] * rate for tree, rate in zip(grown, rates, strict=True)], 0, np.float32),
        0.0,
        threshold,
    )
