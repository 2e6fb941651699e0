"""What the answer may promise: *suggest* only where history shows that it holds, otherwise *choose* or *coordinate*."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from triage.bundle import Part
from triage.heads.blend import SubsetBlend, sigmoid

Floats = NDArray[Any]

CLOSE = 0.6
"""Two leads are close when the second has at least this share of the first one's probability."""
MANY = 2.5
"""So many helpers are expected before close leads are a matter for coordination."""
LEAST_EVIDENCE = 30
"""Fewer suggestions than this above a threshold prove nothing about it."""
NEVER = float("inf")
TRUST = (0.0, 1.0, 0.0, 0.0)
JOINT = (0.0, 1.0)
"""Without history the probabilities speak for themselves."""


@dataclass(frozen=True, slots=True)
class Promise:
    """The stored numbers of the promise, fitted on answers to cases that the model had not seen.

    `trust` weighs (1, log odds of the first lead, log ratio of first to second, closeness of the nearest precedent)
    into the probability that the first lead is right: what is unlike all that was handled is less sure than it
    looks. From `threshold` on, at least `accuracy` of the unseen cases were right; `coverage` is their share,
    `kept` their accuracy. Without enough history the threshold is infinite: nothing is promised. `joint` weighs (1,
    log odds that anybody helps) into the probability that the case is handled jointly.
    """

    accuracy: float
    trust: tuple[float, ...] = TRUST
    threshold: float = NEVER
    coverage: float = 0.0
    kept: float = 0.0
    joint: tuple[float, ...] = JOINT

    @classmethod
    def learn(
        cls,
        accuracy: float,
        lead: Floats,
        nearest: Floats,
        right: NDArray[np.intp],
        groups: NDArray[np.intp] | None = None,
    ) -> Promise:
        """From unseen answers: `lead` (n, units) probabilities, the closeness of each text's `nearest` precedent (n,)
        and the `right` unit's index (n,).

        The threshold is lowered from the surest down as long as the accuracy above it exceeds what is promised by half
        its standard error, and not beyond the first failure: among many thresholds that were tried freely one would
        hold by luck (fixed-sequence testing, as in Angelopoulos et al., "Learn then Test", 2021). So a short history
        promises less than it seems to show. Texts of one of the `groups` (n,) repeat each other, and are together as
        much evidence as one.
        """
        if len(lead) < 2 * LEAST_EVIDENCE:
            return cls(accuracy)
        correct = (lead.argmax(axis=1) == right).astype(float)
        signs = _signs(lead, nearest)
        trust = tuple(map(float, SubsetBlend(TRUST).fit(signs, correct).weights_))
        value = sigmoid(signs @ np.array(trust))
        order = np.argsort(-value, kind="stable")
        count = np.arange(1, len(order) + 1)
        rate = np.cumsum(correct[order]) / count
        single = count if groups is None else np.cumsum(_first_seen(groups[order]))
        enough = rate - 0.5 * np.sqrt(rate * (1 - rate) / single) >= accuracy
        # A threshold lets in all that are equally sure, and the first ones are too few to judge.
        tried = np.flatnonzero(np.append(np.diff(value[order]) < 0, True) & (single >= LEAST_EVIDENCE))
        held = int(np.argmin(np.append(enough[tried], False)))
        if not held:
            return cls(accuracy, trust)
        last = int(tried[held - 1])
        return cls(accuracy, trust, float(value[order[last]]), float((last + 1) / len(order)), float(rate[last]))

    def with_joint(self, co: Floats, helped: NDArray[np.bool_]) -> Promise:
        """The same with `joint` learned from unseen co-handling probabilities (n, units) and whether any unit
        helped.
        """
        if helped.all() or not helped.any():
            return self
        weights = SubsetBlend(JOINT).fit(_anybody(co), helped.astype(float)).weights_
        return replace(self, joint=tuple(map(float, weights)))

    def certainty(self, lead: Floats, nearest: Floats) -> Floats:
        """The probability that each text's first lead is right, (n,); arguments as for `learn`."""
        return sigmoid(_signs(lead, nearest) @ np.array(self.trust)) if lead.shape[1] else np.zeros(len(lead))

    def jointly(self, co: Floats) -> Floats:
        """The probability that each text is handled with helpers, (n,)."""
        return sigmoid(_anybody(co) @ np.array(self.joint))

    def to_part(self) -> Part:
        """The numbers, for a bundle."""
        threshold = None if self.threshold == NEVER else self.threshold
        return Part(
            {
                "accuracy": self.accuracy,
                "trust": list(self.trust),
                "threshold": threshold,
                "coverage": self.coverage,
                "kept": self.kept,
                "joint": list(self.joint),
            }
        )

    @classmethod
    def from_part(cls, part: Part) -> Promise:
        """Rebuild from a bundle."""
        data = part.data
        threshold = NEVER if data["threshold"] is None else float(data["threshold"])
        return cls(
            data["accuracy"], tuple(data["trust"]), threshold, data["coverage"], data["kept"], tuple(data["joint"])
        )


def tempered(lead: Floats, certainty: Floats) -> Floats:
    """The probabilities of each row raised to one power, so that the first one's equals its certainty; the order stays.

    A row whose first two are the same to the last digit cannot be told apart so, and keeps them equal.
    """
    if lead.shape[1] < 2:
        return lead
    logs = np.log(np.maximum(lead.astype(float), 1e-12))
    logs -= logs.max(axis=1, keepdims=True)
    power = np.zeros(len(lead))
    for halved in range(1, 15):
        first = 1.0 / np.exp(logs * np.exp(power)[:, None]).sum(axis=1)
        power += np.where(first < certainty, 4.0, -4.0) / 2**halved
    powered = np.exp(logs * np.exp(power)[:, None])
    return np.asarray(powered / powered.sum(axis=1, keepdims=True), np.float32)


def close_leads(lead: Floats, co: Floats) -> NDArray[np.bool_]:
    """Whether the first two leads are close and many units are expected to help, (n,)."""
    if lead.shape[1] < 2:
        return np.zeros(len(lead), bool)
    second, first = np.partition(lead, -2, axis=1)[:, -2:].T
    return np.asarray((second >= CLOSE * first) & (co.sum(axis=1) >= MANY))


def _first_seen(groups: NDArray[np.intp]) -> NDArray[np.bool_]:
    first = np.zeros(len(groups), bool)
    first[np.unique(groups, return_index=True)[1]] = True
    return first


def _signs(lead: Floats, nearest: Floats) -> Floats:
    if lead.shape[1] < 2:
        lead = np.concatenate([lead, np.zeros((len(lead), 1))], axis=1)
    second, first = np.clip(np.partition(lead, -2, axis=1)[:, -2:], 1e-6, 1 - 1e-6).T.astype(float)
    odds, ratio = np.log(first / (1 - first)), np.log(first / second)
    return np.stack([np.ones_like(first), odds, ratio, np.asarray(nearest, float)], axis=1)


def _anybody(co: Floats) -> Floats:
    nobody = np.clip(np.prod(1.0 - np.clip(co, 0, 1 - 1e-6), axis=1), 1e-6, 1 - 1e-6).astype(float)
    return np.stack([np.ones_like(nobody), np.log((1 - nobody) / nobody)], axis=1)
