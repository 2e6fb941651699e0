"""Boosted trees as arrays: what several small questions say together, added up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Numbers = NDArray[np.int16]


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

    def probabilities(self, rows: Floats) -> Floats:
        """The probability of yes for each row of features."""
        count, each = len(rows), np.arange(len(self.feature))
        node = np.zeros((count, len(self.feature)), np.int64)
        line = np.arange(count)[:, None]
        while True:
            asked = self.feature[each, node]
            inner = asked >= 0
            if not inner.any():
                break
            goes_left = rows[line, np.maximum(asked, 0)] <= self.cut[each, node]
            node = np.where(inner, np.where(goes_left, self.left[each, node], self.right[each, node]), node)
        return np.asarray(1 / (1 + np.exp(-(self.value[each, node].sum(axis=1) + self.bias))), np.float32)

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
