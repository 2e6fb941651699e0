"""The single signals that speak for a unit or topic: its duty phrases, the nearest precedents, how often it comes
up.
"""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from triage.heads.holdout import Holdout

Floats = NDArray[np.float32]

NEIGHBOURS = 15
"""Precedents that vote. 10 to 30 make no difference that can be told from chance."""
LEAST_SCORE = 0.005
"""Below this a regression's score says only: not this one."""
LEAST_VOTE = 0.02
"""The share of the votes at which a precedent begins to count."""
NEARNESS = 4.0
"""A precedent's vote is its closeness to this power."""


def best_phrases(closeness: Floats, membership: Floats, best: int = 2) -> Floats:
    """For each candidate the mean closeness of its `best` nearest phrases: (q, phrases) → (q, candidates).

    The mean of two, as one lucky phrase says little (domain fact: 57 % right from titles alone). Candidates without
    phrases get 0, those with one phrase half of it and half of nothing.
    """
    scores = np.zeros((len(closeness), membership.shape[1]), np.float32)
    seen: dict[bytes, Floats] = {}
    for column in range(membership.shape[1]):
        rows = np.flatnonzero(membership[:, column])
        if not len(rows):
            continue
        key = rows.tobytes()
        if key not in seen:
            near = closeness[:, rows]
            if len(rows) > best:
                near = np.partition(near, len(rows) - best, axis=1)[:, -best:]
            seen[key] = near.sum(axis=1) / best
        scores[:, column] = seen[key]
    return scores


def votes(closeness: Floats, outcomes: Floats, holdout: Holdout | None = None) -> Floats:
    """Which outcomes the nearest precedents had: (q, cases), (cases, t) → (q, t), the share of the votes.

    With a `holdout` the queries are the cases themselves, and none sees its own group.
    """
    queries, cases = closeness.shape
    if not cases:
        return np.zeros((queries, outcomes.shape[1]), np.float32)
    near = np.clip(closeness, 0.0, 1.0)
    if holdout is not None:
        near = np.where(holdout.barred, 0.0, near)
    count = min(NEIGHBOURS, cases)
    chosen = np.argpartition(-near, count - 1, axis=1)[:, :count]
    weight = np.take_along_axis(near, chosen, axis=1) ** NEARNESS
    weight /= np.maximum(weight.sum(axis=1, keepdims=True), 1e-9)
    ends = np.arange(queries + 1) * count
    ballots = sp.csr_array((weight.ravel(), chosen.ravel(), ends), shape=near.shape)
    return np.asarray(ballots @ outcomes, np.float32)


def frequency(outcomes: Floats) -> Floats:
    """How often each candidate came up beyond once, as a logarithm in which never is 0 and a thousand times is 1:
    (1, t).

    The first time is left out because a case must not betray itself while weights are learned; leaving each case's
    own fold out of the count instead would make every candidate look rarer just where it is right.
    """
    counts = np.maximum(outcomes.sum(axis=0, keepdims=True) - 1.0, 0.0)
    return np.asarray(np.log1p(3.0 * counts) / np.log1p(3000.0), np.float32)


def odds(scores: Floats) -> Floats:
    """Regression scores, which are rough probabilities, as logarithms."""
    return np.log(np.maximum(scores, LEAST_SCORE))


def support(shares: Floats) -> Floats:
    """Votes as logarithms that begin at zero, so that no precedent at all says nothing."""
    return np.asarray(np.log1p(shares / LEAST_VOTE), np.float32)


def relative(scores: Floats) -> Floats:
    """How far each candidate stands above the others of its row, in standard deviations; 0 where all are alike."""
    deviation = scores.std(axis=1, keepdims=True)
    return np.asarray(
        (scores - scores.mean(axis=1, keepdims=True)) / np.where(deviation > 1e-6, deviation, 1.0), np.float32
    )
