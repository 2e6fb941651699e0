"""Runs of characters as numbers: hashed, the same on every machine and in every process."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

SIZE = 1 << 13
"""Places that runs are hashed to."""
LONGEST = 3
_FACTOR = np.uint64(0x9E3779B97F4A7C15)
_MIX = np.uint64(0xBF58476D1CE4E5B9)
_SHIFT = np.uint64(31)
_TOP = np.uint64(64 - SIZE.bit_length() + 1)

Places = NDArray[np.int64]


def hashed(texts: Sequence[str], longest: int = LONGEST) -> list[Places]:
    """For each text the places (0 to `SIZE`) of its runs of one to `longest` characters, each once, in order.

    Digits count as one and the same; runs across a sign other than a Chinese character or a letter count as well, so
    that the beginning and the end of a clause are seen.
    """
    codes = np.frombuffer("".join(texts).encode("utf-32-le", "replace"), dtype=np.uint32).astype(np.uint64)
    codes = np.where((codes >= 48) & (codes <= 57), np.uint64(48), codes)
    sizes = np.array([len(text) for text in texts], np.int64)
    owner = np.repeat(np.arange(len(texts)), sizes)
    left = np.repeat(sizes.cumsum(), sizes) - np.arange(len(codes))
    found: list[Places] = []
    state = np.zeros(len(codes), np.uint64)
    for length in range(1, min(longest, len(codes)) + 1):
        state = (state[: len(codes) - length + 1] + codes[length - 1 :]) * _FACTOR
        state ^= state >> _SHIFT
        mixed = (state + np.uint64(length)) * _MIX
        whole = left[: len(state)] >= length
        found.append((owner[: len(state)] * SIZE + (mixed >> _TOP).astype(np.int64))[whole])
    # A table of what is met is several times quicker than sorting.
    met = np.zeros(len(texts) * SIZE, np.bool_)
    for places in found:
        met[places] = True
    every = np.flatnonzero(met)
    return np.split(every % SIZE, np.searchsorted(every, SIZE * np.arange(1, len(texts))))[: len(texts)]
