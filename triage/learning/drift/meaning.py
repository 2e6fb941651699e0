"""Whether new texts mean something else: can they be told from the past ones, and is that more than chance?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from triage.heads.similarity import sharpened

Floats = NDArray[np.float32]

MOST = 1_500
"""Texts of a side that are compared; of more, a sample."""
FOLDS = 5
PERMUTATIONS = 999
TERM_TEXTS = 5
"""Without sentence vectors: texts that a term must stand in. A rarer one tells the training texts, from which the
vocabulary was taken, from any others.
"""
DIMENSIONS = 100


@dataclass(frozen=True, slots=True)
class MeaningShift:
    """How well new texts are told from past ones: `auc` on texts held out, with its 95 % interval `low` to `high` (.5:
    not at all, 1: always), and `p`, the probability of such a distance if nothing had changed.
    """

    auc: float
    low: float
    high: float
    p: float


def meaning_shift(past: Floats, new: Floats, rng: np.random.Generator) -> MeaningShift:
    """A classifier two-sample test (Lopez-Paz & Oquab, "Revisiting classifier two-sample tests", 2017) for the size,
    and the maximum mean discrepancy with permutations (Gretton et al., "A kernel two-sample test", 2012) for p.

    `past` and `new` are rows of unit length, (n, d) and (m, d). The classifier is a logistic regression, each fold
    scored by one that has not seen it; the interval is Hanley & McNeil's (1982).
    """
    one, other = _some(past, rng), _some(new, rng)
    auc = _told_apart(one, other, int(rng.integers(2**31)))
    error = _auc_error(auc, len(other), len(one))
    p = _discrepancy(one, other, rng)
    return MeaningShift(auc, max(0.0, auc - 1.96 * error), min(1.0, auc + 1.96 * error), p)


def wording_vectors(past: sp.csr_array, new: sp.csr_array, characters: int) -> tuple[Floats, Floats]:
    """Without sentence vectors: TF-IDF of terms that are not rare, on its leading directions (latent semantic
    analysis), each row of unit length. The first columns are those of so many grams of `characters`, the rest words.

    Each block is brought to one length of its own: the rare grams and words that are left out are those of the training
    texts, and what they left of each block would tell these from any others.
    """
    from sklearn.decomposition import TruncatedSVD

    both = sp.csr_array(sp.vstack([past, new]))
    often = np.flatnonzero(np.bincount(both.indices, minlength=both.shape[1]) >= TERM_TEXTS)
    both = sp.csr_array(both[:, often])
    if min(both.shape) < 3:
        return np.zeros((past.shape[0], 1), np.float32), np.zeros((new.shape[0], 1), np.float32)
    grams = int(np.searchsorted(often, characters))
    rows = sp.csr_matrix(sp.hstack([_lengthened(both[:, :grams]), _lengthened(both[:, grams:])]))
    directions = min(DIMENSIONS, *(size - 1 for size in both.shape))
    found = TruncatedSVD(directions, random_state=0).fit_transform(rows).astype(np.float32)
    found /= np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-6)
    return found[: past.shape[0]], found[past.shape[0] :]


def _lengthened(rows: sp.csr_array) -> sp.csr_array:
    """Each row at length one."""
    return sp.csr_array(rows.multiply(1 / np.maximum(np.sqrt(rows.multiply(rows).sum(axis=1)), 1e-6)[:, None]))


def _some(rows: Floats, rng: np.random.Generator) -> Floats:
    return rows if len(rows) <= MOST else rows[np.sort(rng.choice(len(rows), MOST, replace=False))]


def _told_apart(past: Floats, new: Floats, seed: int) -> float:
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import roc_auc_score
    from sklearn.model_selection import StratifiedKFold

    X = np.concatenate([past, new]).astype(np.float64)
    y = np.repeat([0, 1], [len(past), len(new)])
    folds = StratifiedKFold(min(FOLDS, len(past), len(new)), shuffle=True, random_state=seed)
    found = []
    for learned, asked in folds.split(X, y):
        model = LogisticRegression(C=10.0, class_weight="balanced", max_iter=500).fit(X[learned], y[learned])
        found.append(roc_auc_score(y[asked], model.decision_function(X[asked])))
    return float(np.mean(found))


def _auc_error(auc: float, positives: int, negatives: int) -> float:
    """The standard error of an area under the curve (Hanley & McNeil, 1982)."""
    one, two = auc / (2 - auc), 2 * auc**2 / (1 + auc)
    spread = auc * (1 - auc) + (positives - 1) * (one - auc**2) + (negatives - 1) * (two - auc**2)
    return float(np.sqrt(max(spread, 0.0) / (positives * negatives)))


def _discrepancy(past: Floats, new: Floats, rng: np.random.Generator) -> float:
    rows = np.concatenate([past, new])
    kernel: NDArray[Any] = sharpened(rows @ rows.T)
    side = np.repeat(np.array([-1 / len(past), 1 / len(new)], np.float32), [len(past), len(new)])
    sides = np.stack([side, *(rng.permutation(side) for _ in range(PERMUTATIONS))], axis=1)
    distance = np.einsum("ij,ij->j", sides, kernel @ sides)
    return float((distance >= distance[0] - 1e-12).mean())
