"""Boosted trees as arrays: what several small questions say together, added up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Numbers = NDArray[np.int16]
Places = NDArray[np.int64]


class Ways(NamedTuple):
    """The nodes of all trees in one row: where each tree begins, the feature that a node asks for, the nodes that
    follow (2 · node: right, 2 · node + 1: left; of a leaf itself), and the most steps to a leaf.
    """

    roots: Places
    feature: Places
    following: Places
    depth: int


def _ways(feature: Numbers, left: Numbers, right: Numbers) -> Ways:
    roots = feature.shape[1] * np.arange(len(feature))
    inner = feature >= 0
    leaf = roots[:, None] + np.arange(feature.shape[1])
    following = np.stack([np.where(inner, roots[:, None] + side, leaf) for side in (right, left)], axis=-1)
    depth, node = 0, roots
    while inner.ravel()[node].any():
        node = following.reshape(-1, 2)[node].ravel()
        depth += 1
    return Ways(roots, np.maximum(feature, 0).ravel().astype(np.int64), following.ravel(), depth)


@dataclass(frozen=True, slots=True)
class Trees:
    """Trees × nodes: the feature that a node asks for (-1: a leaf), the threshold up to which one goes left, where left
    and right lead, and what a leaf adds. `threshold` is the probability that counts as yes.
    """

    feature: Numbers
    cut: Floats
    left: Numbers
    right: Numbers
    value: Floats
    bias: float
    threshold: float
    _ways: Ways = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_ways", _ways(self.feature, self.left, self.right))

    def probabilities(self, rows: Floats) -> Floats:
        """The probability of yes for each row of features."""
        ways, cut = self._ways, self.cut.ravel()
        told, line = rows.ravel(), rows.shape[1] * np.arange(len(rows))[:, None]
        node = np.broadcast_to(ways.roots, (len(rows), len(ways.roots)))
        for _ in range(ways.depth):
            goes_left = told.take(line + ways.feature.take(node)) <= cut.take(node)
            node = ways.following.take(2 * node + goes_left)
        return np.asarray(1 / (1 + np.exp(-(self.value.ravel().take(node).sum(axis=1) + self.bias))), np.float32)

    def arrays(self, name: str) -> dict[str, NDArray[np.generic]]:
        """The arrays that a file holds."""
        return {
            f"{name}/feature": self.feature,
            f"{name}/cut": self.cut,
            f"{name}/left": self.left,
            f"{name}/right": self.right,
            f"{name}/value": self.value,
            f"{name}/bias": np.array([self.bias, self.threshold]),
        }

    @classmethod
    def of_arrays(cls, name: str, arrays: Mapping[str, NDArray[np.generic]]) -> Trees:
        """The trees that `arrays` stored."""
        bias, threshold = (float(one) for one in np.asarray(arrays[f"{name}/bias"], np.float64))
        return cls(
            np.asarray(arrays[f"{name}/feature"], np.int16),
            np.asarray(arrays[f"{name}/cut"], np.float32),
            np.asarray(arrays[f"{name}/left"], np.int16),
            np.asarray(arrays[f"{name}/right"], np.int16),
            np.asarray(arrays[f"{name}/value"], np.float32),
            bias,
            threshold,
        )
