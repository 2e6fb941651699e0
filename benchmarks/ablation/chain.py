"""Helpers conditioned on each other: a second look with what the first one said of the usual companions."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from triage.heads.blend import SubsetBlend, held_subset
from triage.heads.co import COMPANY, START, START_ON_WORDING, CoHead
from triage.heads.signals import support

Floats = NDArray[Any]


class ChainedCoHead(CoHead):
    """The chance that each unit helps, spread to those that helped beside it, is one more signal (after Read et al.,
    "Classifier chains for multi-label classification", 2011, without an order of the units).
    """

    def fit(self, *arguments: Any, **named: Any) -> ChainedCoHead:
        """As `CoHead.fit`; the second blend sees only first answers to unseen cases."""
        self._kept: list[Floats] = []
        super().fit(*arguments, **named)
        self.first_ = self.weights_
        if not self.taught_:
            return self
        leads, helpers, holdout = arguments[2], arguments[3], arguments[6]
        features, said = self._kept[0], np.zeros_like(helpers)
        for outside, inside in holdout.splits():
            said[inside] = self.unseen_[inside] @ _beside(helpers[outside])
        self.beside_ = _beside(helpers)
        whole = _with(features, said)
        free = (leads == 0) & self.roles_.any(axis=1, keepdims=True)
        start = START if arguments[1].meaning is not None else START_ON_WORDING
        self.weights_ = held_subset((*start[:-1], 0.0, start[-1]), whole[free], helpers[free]).weights_
        return self

    def predict_proba(self, *arguments: Any) -> NDArray[np.float32]:
        """As `CoHead.predict_proba`."""
        features = self.features(*arguments)
        first = SubsetBlend.apply(features, self.first_)
        if not self.taught_:
            return np.asarray(first, np.float32)
        return np.asarray(SubsetBlend.apply(_with(features, first @ self.beside_), self.weights_), np.float32)

    def _features(self, *arguments: Any, **named: Any) -> NDArray[np.float32]:
        found = super()._features(*arguments, **named)
        self._kept.append(found)
        del self._kept[1:]
        return found


def _beside(helpers: Floats) -> Floats:
    """How often each unit helps where another helps, (other, unit), drawn to its overall share."""
    overall = (helpers.sum(axis=0) + 0.5) / (len(helpers) + max(helpers.shape[1], 1))
    table = (helpers.T @ helpers + COMPANY * overall) / (helpers.sum(axis=0)[:, None] + COMPANY)
    np.fill_diagonal(table, 0.0)
    return np.asarray(table)


def _with(features: Floats, said: Floats) -> Floats:
    """The constant stays the last signal."""
    return np.concatenate([features[..., :-1], support(said)[..., None], features[..., -1:]], axis=-1)
