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
ROWS_AT_ONCE = 256
"""Texts whose phrases are looked at together: bounds the memory."""
FEW = 4
"""So few texts are quicker without building a sparse matrix."""
NEARNESS = 4.0
"""A precedent's vote is its closeness to this power."""


class PhraseGroups:
    """The phrases of each candidate as a padded table, so that the nearest ones of all are found at once.

    Candidates with the same phrases (units of one kind) share a row of the table.
    """

    def __init__(self, membership: Floats) -> None:
        table: dict[tuple[int, ...], int] = {}
        owned = [tuple(np.flatnonzero(column).tolist()) for column in membership.T]
        self.group = np.array([table.setdefault(own, len(table)) for own in owned], np.intp)
        longest = max(2, *map(len, table)) if table else 2
        # Past the end stands a phrase that is not there, with a closeness of nothing.
        self.count = nothing = len(membership)
        self.phrases = np.array([[*own, *[nothing] * (longest - len(own))] for own in table], np.intp).reshape(
            -1, longest
        )

    def of(self, candidate: int) -> NDArray[np.intp]:
        """The phrases of one candidate, as rows."""
        own: NDArray[np.intp] = self.phrases[self.group[candidate]]
        return own[own < self.count]

    def best(self, closeness: Floats) -> Floats:
        """For each candidate the mean closeness of its two nearest phrases: (q, phrases) → (q, candidates).

        The mean of two, as one lucky phrase says little (domain fact: 57 % right from titles alone). A phrase that is
        missing, or farther than nothing in common, counts 0.
        """
        scores = np.zeros((len(closeness), len(self.phrases)), np.float32)
        for start in range(0, len(closeness), ROWS_AT_ONCE):
            some = closeness[start : start + ROWS_AT_ONCE]
            padded = np.concatenate([some, np.zeros((len(some), 1), some.dtype)], axis=1)
            near = np.partition(padded[:, self.phrases], -2, axis=2)[:, :, -2:]
            scores[start : start + ROWS_AT_ONCE] = np.maximum(near, 0.0).mean(axis=2)
        return scores[:, self.group]


def votes(closeness: Floats, outcomes: Floats, holdout: Holdout | None = None) -> Floats:
    """Which outcomes the nearest precedents had: (q, cases), (cases, t) → (q, t), the share of the votes.

    With a `holdout` the queries are the cases themselves, and none sees its own group.
    """
    queries, cases = closeness.shape
    if not cases:
        return np.zeros((queries, outcomes.shape[1]), np.float32)
    near = np.clip(closeness, 0.0, 1.0)
    count = min(NEIGHBOURS, cases)
    if holdout is None and queries <= FEW:
        return np.stack([_ballots(row, outcomes, count) for row in near])
    if holdout is not None:
        near = np.where(holdout.barred, 0.0, near)
    chosen = np.argpartition(-near, count - 1, axis=1)[:, :count]
    weight = np.take_along_axis(near, chosen, axis=1) ** NEARNESS
    weight /= np.maximum(weight.sum(axis=1, keepdims=True), 1e-9)
    ends = np.arange(queries + 1) * count
    ballots = sp.csr_array((weight.ravel(), chosen.ravel(), ends), shape=near.shape)
    return np.asarray(ballots @ outcomes, np.float32)


def _ballots(near: Floats, outcomes: Floats, count: int) -> Floats:
    """The votes for one text: (cases,), (cases, t) → (t,)."""
    chosen = np.argpartition(-near, count - 1)[:count]
    weight = near[chosen] ** NEARNESS
    return np.asarray((weight / max(float(weight.sum()), 1e-9)) @ outcomes[chosen], np.float32)


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
    count = max(scores.shape[1], 1)
    moved = scores - scores.sum(axis=1, keepdims=True) / count
    deviation = np.sqrt(np.einsum("qt,qt->q", moved, moved)[:, None] / count)
    return np.asarray(moved / np.where(deviation > 1e-6, deviation, 1.0), np.float32)
