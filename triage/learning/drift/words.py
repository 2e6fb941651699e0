"""Words, names and places of the new texts that the past did not have, or had much less often."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from triage.heads.model import Model
from triage.learning.drift.statistics import Comparison, discoveries, grown, least_possible
from triage.text import Prepared, Segmenter
from triage.text.mentions import find_mentions

LEVEL = 0.01
"""At most this share of the words that are told grew by chance."""
LEAST = 3
"""Texts that a word must stand in to be told: what fewer people wrote is theirs, and says little."""
SHOWN = 30
PLACES_READ = 2_000
"""Texts in which places are looked for, which takes milliseconds each; of more, an even selection. They are counted in
all.
"""
_PRUNED = 2_000
"""From so many training texts on, words that stood in one alone were dropped (`LexicalEncoder.fit`)."""


@dataclass(frozen=True, slots=True)
class WordCounts:
    """How many of `texts` hold each word, and, by `phrase`, a name of several words. `whole`: no word was dropped."""

    texts: int
    words: Mapping[str, int]
    phrase: Callable[[str], int]
    whole: bool = True


@dataclass(frozen=True, slots=True)
class Emerging:
    """A word that grew: in how many texts it stands, now and in the past, of how many each; `kind` is ``place``,
    ``name`` or ``word``.
    """

    word: str
    kind: str
    now: int
    now_texts: int
    past: int
    past_texts: int
    p: float

    @property
    def share(self) -> float:
        """The share of the new texts that hold it."""
        return self.now / max(self.now_texts, 1)

    @property
    def times(self) -> float:
        """How many times its share of the past, half a text added to both (so that a new word has a number, too)."""
        return (self.now + 0.5) / (self.now_texts + 1) / ((self.past + 0.5) / (self.past_texts + 1))


def counted(texts: Sequence[Prepared], cut: Callable[[str], list[str]]) -> WordCounts:
    """The words of some texts."""
    plain = [_plain(text.full) for text in texts]
    words = Counter(word for text in plain for word in set(cut(text)))
    return WordCounts(len(texts), words, lambda phrase: sum(phrase in text for text in plain))


def remembered(model: Model) -> WordCounts:
    """The words of the cases that a model was trained on, from its reference rows.

    The rows hold no texts, but which terms stand in each. A phrase is counted in rows that hold all its grams: never
    less often than it was there, so that no growth is told that is none.
    """
    cases, offset = model.rows.cases.stop, len(model.lexical.chars_)
    rows = model.rows.lexical[:cases]
    counts = np.bincount(rows.indices, minlength=model.lexical.dimension)
    words = {word: int(count) for word, count in zip(model.lexical.words_, counts[offset:], strict=True) if count}
    whole = len(model.rows) < _PRUNED and len(model.lexical.words_) < model.lexical.max_terms
    return WordCounts(cases, words, lambda phrase: _rows_with(model, phrase), whole)


def _rows_with(model: Model, phrase: str) -> int:
    """The cases that hold every gram of a phrase; those whose grams were dropped are counted as one."""
    size = min(model.lexical.max_n, len(phrase))
    grams = {phrase[start : start + size] for start in range(len(phrase) - size + 1)}
    table, found = model.rows.by_term, None
    for gram in grams:
        column = model.lexical.char_index_.get(gram)
        if column is None:
            return 1 if len(model.rows) >= _PRUNED else 0
        rows = table.indices[table.indptr[column] : table.indptr[column + 1]]
        found = rows if found is None else np.intersect1d(found, rows, assume_unique=True)
    return 0 if found is None else int((found < model.rows.cases.stop).sum())


def emerging(past: WordCounts, texts: Sequence[Prepared], cut: Callable[[str], list[str]]) -> tuple[Emerging, ...]:
    """The words and places that grew by more than chance, surest first; nothing of confidential texts is among them.

    One-sided Fisher tests, one family for all words and places (`statistics.discoveries`).
    """
    shown = [text for text in texts if not text.suggestion.confidential]
    now = counted(shown, cut)
    segmenter = Segmenter()
    places = _places(shown, segmenter)
    vocabulary = sorted({word for word in (*past.words, *now.words) if _telling(word)} - set(places))
    phrases = sorted(places)
    counts_now = [now.words.get(word, 0) for word in vocabulary] + [now.phrase(place) for place in phrases]
    unknown = 0 if past.whole else 1
    counts_past = [past.words.get(word, unknown) for word in vocabulary] + [past.phrase(place) for place in phrases]
    new, old = np.array(counts_now, np.int64), np.minimum(np.array(counts_past, np.int64), past.texts)
    p = grown(old, new, past.texts, now.texts)
    testable = least_possible(old, new, past.texts, now.texts) <= LEVEL
    flags = discoveries(p, LEVEL, testable) & (new >= LEAST)
    names = [*vocabulary, *phrases]
    proper = _proper([names[row] for row in np.flatnonzero(flags) if row < len(vocabulary)], segmenter)
    found = []
    for row in np.flatnonzero(flags):
        kind = "place" if row >= len(vocabulary) else "name" if names[row] in proper else "word"
        found.append(Emerging(names[row], kind, int(new[row]), now.texts, int(old[row]), past.texts, float(p[row])))
    return tuple(_without_parts(sorted(found, key=lambda one: (one.p, -one.times, one.word))))


def unknown_words(
    past: WordCounts, texts: Sequence[Prepared], cut: Callable[[str], list[str]]
) -> tuple[float, Comparison] | None:
    """The share of the new texts' words (each once a text) that the past never had, and how it compares with what was
    to be expected; None where words of the past were dropped.

    Of texts like the past's, a share of N₁ / N would be unknown, N₁ words having stood in one text (Good, "The
    population frequencies of species", 1953). The effect is the share above that; p is one-sided and normal, its
    standard error that of a ratio over texts.
    """
    from scipy.stats import norm

    total = sum(past.words.values())
    if not past.whole or not total or not texts:
        return None
    each = [set(cut(_plain(text.full))) for text in texts]
    sizes = np.array([len(words) for words in each], np.float64)
    if not sizes.sum():
        return None
    unknown = np.array([sum(word not in past.words for word in words) for words in each], np.float64)
    share = float(unknown.sum() / sizes.sum())
    expected = sum(count == 1 for count in past.words.values()) / total
    residual = unknown - expected * sizes
    spread = float(np.sqrt((residual**2).sum() * (1 / len(texts) + 1 / past.texts) * len(texts)) / sizes.sum())
    p = float(norm.sf((share - expected) / max(spread, 1e-12)))
    return share, Comparison(p, max(0.0, share - expected), expected)


def _plain(text: str) -> str:
    return " ".join(text.split()).lower()


def _telling(word: str) -> bool:
    """A word that can name something: two characters at least, and no number."""
    return len(word) > 1 and not any(one.isdigit() for one in word)


def _places(texts: Sequence[Prepared], segmenter: Segmenter) -> set[str]:
    """The places that several texts name, as they are written."""
    step = max(1, -(-len(texts) // PLACES_READ))
    found: Counter[str] = Counter()
    for text in texts[::step]:
        plain = _plain(text.full)
        # A name may be written otherwise than it is told (没有我市): it must be found again by counting.
        found.update({place.name for place in find_mentions(plain, segmenter).places if place.name in plain})
    return {name for name, count in found.items() if count * step >= LEAST and len(name) > 1}


def _proper(words: Sequence[str], segmenter: Segmenter) -> set[str]:
    """Those that jieba's dictionary or its character model takes for a name."""
    return {word for word in words if all(token.tag[:2] in ("nr", "ns", "nt", "nz") for token in segmenter.tag(word))}


def _without_parts(found: Sequence[Emerging]) -> list[Emerging]:
    """Without words that are a part of a place or name that grew with them."""
    kept: list[Emerging] = []
    for one in found:
        whole = [other for other in found if other is not one and one.word in other.word]
        if not any(other.now >= 0.8 * one.now for other in whole):
            kept.append(one)
    return kept
