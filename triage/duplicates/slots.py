"""One frame, other word: 关爱农村留守儿童 and 关爱农村留守老人 share all but what decides.

Where two headings share most of their content words and each has one that the other lacks, the words stand in each
other's place, and the matters differ; where only one has more, it is the narrower of the two.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import repeat
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from triage.duplicates.grams import TELLING
from triage.duplicates.synonyms import canonical
from triage.text.segment import Token

_CONTENT = ("n", "vn", "an", "j", "l", "i", "s", "b", "eng", "nz")
"""Parts of speech, as jieba tags them, of words that say what a heading is about."""
_EMPTY = frozenset(
    "我市 全市 我县 全县 我区 全区 本市 本县 本区 问题 工作 力度 建议 情况 方面 现象 水平 能力 机制 体系".split()
)
_LONGEST = 16
"""Content words of a heading that are looked at."""


def content_words(tokens: Sequence[Token]) -> tuple[str, ...]:
    """The different words that say what a heading is about, each as the first of its synonyms, in order."""
    found = (
        canonical(token.text)
        for token in tokens
        if token.tag.startswith(_CONTENT) and token.text not in _EMPTY and len(token.text) > 1
    )
    return tuple(dict.fromkeys(found))[:_LONGEST]


class Heading(NamedTuple):
    """The content words of a heading and how telling each is."""

    words: Sequence[str]
    weights: NDArray[np.float32]


def compare_headings(one: Heading, other: Heading) -> tuple[float, float]:
    """How far words of one heading stand in the place of the other's, and how far one only says more; each 0 to 1, and
    the same whichever comes first.
    """
    if not one.words or not other.words:
        return 0.0, 0.0
    mine, theirs = _lacking(one, other.words), _lacking(other, one.words)
    shared = max(1.0 - (sum(mine) + sum(theirs)) / float(one.weights.sum() + other.weights.sum()), 0.0)
    most, least = max(mine, default=0.0), max(theirs, default=0.0)
    return shared * min(most, least) / TELLING, shared * abs(most - least) / TELLING


def _lacking(heading: Heading, others: Sequence[str]) -> list[float]:
    """The weights of the words that have nothing like them among the others."""
    known = set(others)
    return [
        float(weight)
        for word, weight in zip(heading.words, heading.weights, strict=True)
        if word not in known and not any(map(_alike, repeat(word), others))
    ]


@lru_cache(maxsize=100_000)
def _alike(one: str, other: str) -> bool:
    """The same word, one within the other, or half of the characters in common (监管, 管理)."""
    if one == other or one in other or other in one:
        return True
    return 2 * len(set(one) & set(other)) >= max(len(set(one)), len(set(other)))
