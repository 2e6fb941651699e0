"""Texts as hashed grams: pairs of characters and words as numbers, and how telling each one is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from triage.text.characters import HAN

Grams = NDArray[np.uint32]
Floats = NDArray[np.float32]

BITS = 18
BUCKETS = 1 << BITS
"""Grams are hashed into so many numbers; 100,000 letters hold about as many different pairs of characters."""
TELLING = 6.0
"""No gram weighs more than this: one that was never met may be a typing error as well as a name."""
FOUR = 4
"""So many characters in a row are seldom shared by chance."""
_UNREADABLE = re.compile(rf"[^{HAN}A-Za-z0-9]")


def fold(text: str) -> str:
    """Only what can be compared: Chinese characters, letters and digits, in lower case."""
    return _UNREADABLE.sub("", text).lower()


def pairs_of(text: str) -> Grams:
    """The different pairs of neighbouring characters of a folded text, and the single one of a text that has no pair;
    sorted.
    """
    codes = np.frombuffer(text.encode("utf-32-le", "replace"), np.uint32)
    return np.unique(_mixed(codes[:-1], codes[1:]) if len(codes) > 1 else _mixed(codes, codes))


def fours_of(text: str) -> Grams:
    """Every run of four characters of a folded text, in order; the whole of a shorter one. Hashed into 32 bits."""
    codes = np.frombuffer(text.encode("utf-32-le", "replace"), np.uint32).astype(np.uint64)
    if not len(codes):
        return np.zeros(0, np.uint32)
    length = min(FOUR, len(codes))
    runs = np.zeros(len(codes) - length + 1, np.uint64)
    for start in range(length):
        runs = (runs ^ codes[start : len(codes) - length + 1 + start]) * np.uint64(0xBF58476D1CE4E5B9)
        runs ^= runs >> np.uint64(31)
    return (runs >> np.uint64(32)).astype(np.uint32)


def words_of(words: Iterable[str]) -> Grams:
    """Words as grams, apart from any pair of characters; sorted and different."""
    return np.unique(np.array([_word(word) for word in words], np.uint32))


def _mixed(first: Grams, second: Grams) -> Grams:
    """Two characters to a number below `BUCKETS`, spread evenly (multiplicative hashing, Knuth 6.4)."""
    mixed = first.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15) + second.astype(np.uint64)
    mixed *= np.uint64(0xBF58476D1CE4E5B9)
    return (mixed >> np.uint64(64 - BITS)).astype(np.uint32)


def _word(word: str) -> int:
    value = 0xCBF29CE484222325
    for code in map(ord, word):
        value = ((value ^ code) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    return ((value * 0xBF58476D1CE4E5B9) & 0xFFFFFFFFFFFFFFFF) >> (64 - BITS)


class Rarity:
    """How telling each gram is: the logarithm of how seldom it comes up, from 1 to `TELLING`.

    `counts` (BUCKETS,) says in how many of `texts` texts each gram stands.
    """

    def __init__(self, counts: NDArray[np.uint32], texts: int) -> None:
        self.counts = counts
        self.texts = texts
        self.weights: Floats = np.minimum(1.0 + np.log((1 + texts) / (1.0 + counts)), TELLING).astype(np.float32)

    @classmethod
    def counted(cls, texts: Iterable[Sequence[Grams]], before: Rarity | None = None) -> Rarity:
        """From the grams of each text (any number of arrays), added to what was counted `before`."""
        counts = np.zeros(BUCKETS, np.uint32) if before is None else before.counts.copy()
        number = 0 if before is None else before.texts
        for arrays in texts:
            for grams in arrays:
                counts[grams] += np.uint32(1)
            number += 1
        return cls(counts, number)

    def weight(self, grams: Grams) -> Floats:
        """The weight of each gram."""
        found: Floats = self.weights[grams]
        return found


class Bags:
    """Many texts' grams laid end to end, so that one text is compared with all of them in a few passes."""

    def __init__(self, bags: Sequence[Grams], rarity: Rarity) -> None:
        sizes = np.array([len(bag) for bag in bags], np.int64)
        self.grams: Grams = np.concatenate(bags) if bags else np.zeros(0, np.uint32)
        self.rarity = rarity
        # An empty bag has no beginning to add up from.
        self._filled = np.flatnonzero(sizes)
        self._starts = (sizes.cumsum() - sizes)[self._filled]
        self._count = len(bags)
        self._weights = rarity.weight(self.grams)
        self.total = self._sums(self._weights)
        self.square = self._sums(self._weights * self._weights)

    def _sums(self, values: Floats) -> Floats:
        sums = np.zeros(self._count, np.float32)
        if len(self._filled):
            sums[self._filled] = np.add.reduceat(values, self._starts, dtype=np.float64)
        return sums

    def overlap(self, grams: Grams) -> Overlap:
        """One text against all of them."""
        weights = self.rarity.weight(grams)
        known = np.zeros(BUCKETS, bool)
        known[grams] = True
        shared = self._weights * known[self.grams]
        total, square = float(weights.sum()), float((weights**2).sum())
        return Overlap(total, square, self.total, self.square, self._sums(shared), self._sums(shared * shared))


@dataclass(frozen=True, slots=True)
class Overlap:
    """One text's grams against those of many: the weights of its own, of theirs and of what both have, added up, and
    their squares.
    """

    total: float
    square: float
    totals: Floats
    squares: Floats
    common: Floats
    common_squares: Floats

    @property
    def cosine(self) -> Floats:
        """The cosine of the weighted sets."""
        return _share(self.common_squares, np.sqrt(self.square * self.squares))

    @property
    def found(self) -> Floats:
        """The share of the text that is in each other."""
        return _share(self.common, self.total)

    @property
    def covered(self) -> Floats:
        """The share of each other that is in the text."""
        return _share(self.common, self.totals)

    def among(self, places: NDArray[np.intp]) -> Overlap:
        """The same with some of the others."""
        others = (self.totals, self.squares, self.common, self.common_squares)
        return Overlap(self.total, self.square, *(values[places] for values in others))


def _share(part: Floats, whole: Floats | float) -> Floats:
    none = 1e-6
    return np.minimum(part / np.maximum(whole, none), 1.0, dtype=np.float32)
