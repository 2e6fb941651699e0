"""The search vector of a text: its meaning and its wording in one short row, so that one search finds both.

Meaning is the sentence vector, turned onto the main directions in which texts differ; wording is the weighted set of
grams, folded onto a few signed sums (feature hashing, Weinberger et al. 2009, whose inner products are right on
average). Both are fixed when an index is made, so that a text added later needs nothing of the others.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from triage.duplicates.grams import BUCKETS, Grams, Rarity

Floats = NDArray[np.float32]

MEANING = 192
"""Directions of the sentence vector that are kept: 87 % of its variance on letters."""
WORDING = 192
"""Signed sums of the wording."""
DIMENSION = MEANING + WORDING
WORDING_ALONE = DIMENSION
_SEED = 20_171


def _places(width: int) -> tuple[NDArray[np.intp], Floats]:
    # The raw stream of a bit generator is the same in every version of numpy (NEP 19), what `Generator` makes of it
    # is not; and vectors that are stored must fit those that are made years later.
    bits = np.random.PCG64(_SEED).random_raw(BUCKETS)
    place = (bits >> np.uint64(1)) % np.uint64(width)
    return place.astype(np.intp), np.where(bits & np.uint64(1), 1.0, -1.0).astype(np.float32)


class Sketch:
    """Makes search vectors. `directions` (dimension, MEANING) are those of the sentence encoder, None without one: then
    the whole row is wording.
    """

    def __init__(self, rarity: Rarity, directions: Floats | None = None) -> None:
        self.rarity = rarity
        self.directions = directions
        self._width = WORDING if directions is not None else WORDING_ALONE
        self._place, self._sign = _places(self._width)

    def of(self, grams: list[Grams], dense: Floats | None) -> Floats:
        """Search vectors of texts, shape (n, DIMENSION), unit length: from their grams, and from their sentence vectors
        (n, dimension), if any.
        """
        wording = np.stack([self._wording(some) for some in grams]) if grams else np.zeros((0, self._width), np.float32)
        if self.directions is None:
            return wording
        if dense is None:
            dense = np.zeros((len(grams), len(self.directions)), np.float32)
        meaning = _unit(dense @ self.directions)
        return _unit(np.concatenate([meaning, wording], axis=1))

    def _wording(self, grams: Grams) -> Floats:
        sums = np.bincount(
            self._place[grams], weights=self.rarity.weight(grams) * self._sign[grams], minlength=self._width
        )
        row: Floats = _unit(sums[None, :])[0]
        return row


def _unit(rows: NDArray[Any]) -> Floats:
    length = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.maximum(length, 1e-9), np.float32)
