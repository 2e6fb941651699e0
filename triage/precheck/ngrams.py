"""Runs of characters as numbers: hashed, the same on every machine and in every process."""

from __future__ import annotations

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


def hashed(text: str, longest: int = LONGEST) -> Places:
    """The places (0 to `SIZE`) of the runs of one to `longest` characters of a text, each once, in order.

    Digits count as one and the same; runs across a sign other than a Chinese character or a letter count as well, so
    that the beginning and the end of a clause are seen.
    """
    codes = np.frombuffer(text.encode("utf-32-le", "replace"), dtype=np.uint32).astype(np.uint64)
    codes = np.where((codes >= 48) & (codes <= 57), np.uint64(48), codes)
    found: list[Places] = []
    state = np.zeros(len(codes), np.uint64)
    for length in range(1, min(longest, len(codes)) + 1):
        state = (state[: len(codes) - length + 1] + codes[length - 1 :]) * _FACTOR
        state ^= state >> _SHIFT
        mixed = (state + np.uint64(length)) * _MIX
        found.append((mixed >> _TOP).astype(np.int64))
    return np.unique(np.concatenate(found)) if found else np.zeros(0, np.int64)
