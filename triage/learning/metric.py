"""Learning in which directions of the sentence vectors two texts on one matter stay together.

A general sentence encoder tells the topic well and the matter badly: 养老机构 and 居家养老 lie close. Directions in
which texts of one matter differ are shrunk, those in which near neighbours of other matters differ are stretched:
linear discriminant analysis on differences of pairs, as within-class covariance normalisation has it in speaker
recognition (Hatch, Kajarekar, Stolcke 2006), with the between-class scatter of hard pairs. In closed form, and
repeatable.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

SHRINKAGE = 1.0
"""How much of the average variance is added to the scatter of same-matter pairs; 1 to 4 make no difference."""
STRETCH = 0.5
"""The power of the between-matter scatter that is applied."""
RANK = 128
"""Directions that are kept; 96 to 192 make no difference."""


def learn_metric(same: Floats, other: Floats) -> Floats:
    """Directions (dimension, RANK) from differences of unit vectors: of pairs on the `same` matter (n, dimension), and
    of near pairs on `other` matters (m, dimension). The cosine of two texts is taken after turning both onto them.
    """
    within = same.T.astype(float) @ same / max(len(same), 1)
    between = other.T.astype(float) @ other / max(len(other), 1)
    size = len(within)
    spread = float(np.trace(within)) / size
    shrunk = _power(within + SHRINKAGE * spread * np.eye(size), -0.5)
    scatter = shrunk @ between @ shrunk
    values, directions = np.linalg.eigh(scatter)
    kept = np.argsort(-values, kind="stable")[: min(RANK, size)]
    stretched = shrunk @ directions[:, kept] * np.maximum(values[kept], 1e-12) ** STRETCH
    return np.asarray(stretched / np.linalg.norm(stretched, axis=0).max(), np.float32)


def _power(matrix: NDArray[np.float64], exponent: float) -> NDArray[np.float64]:
    values, directions = np.linalg.eigh(matrix)
    powered: NDArray[np.float64] = (directions * np.maximum(values, 1e-12) ** exponent) @ directions.T
    return powered
