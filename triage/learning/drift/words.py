"""Words, names and places of the new texts that the past did not have, or had much less often."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from triage.heads.model import Model
from triage.learning.drift.statistics import Comparison, discoveries, grown, least_possible
from triage.text import Prepared, Segmenter
from triage.text.mentions import find_mentions

Counts = NDArray[np.int64]

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
    """How many of `texts` hold each word, and, by `phrase`, a name of several words.

    `unknown` is what is in no vocabulary: 0, or 1 where words of one text were dropped. `knows` says whether a word is
    in it; `sizes` and `alone` (texts,) are the different words of each text and those that it would lack without the
    text, None where nobody counted.
    """

    texts: int
    words: Mapping[str, int]
    phrase: Callable[[str], int]
    knows: Callable[[str], bool]
    sizes: Counts | None = None
    alone: Counts | None = None
    unknown: int = 0


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
    each = [_words(text, cut) for text in texts]
    words = Counter(word for found in each for word in found)
    plain = [_plain(text.full) for text in texts]
    return WordCounts(
        len(texts),
        words,
        lambda phrase: sum(phrase in text for text in plain),
        words.__contains__,
        np.array([len(found) for found in each], np.int64),
        np.array([sum(words[word] == 1 for word in found) for found in each], np.int64),
    )


def remembered(model: Model) -> WordCounts:
    """The words of the cases that a model was trained on, from its reference rows.

    The rows hold no texts, but which terms stand in each. A phrase is counted in rows that hold all its grams: never
    less often than it was there, so that no growth is told that is none.
    """
    cases, offset, past = model.rows.cases.stop, len(model.lexical.chars_), model.unseen
    counts = np.bincount(model.rows.lexical[:cases].indices, minlength=model.lexical.dimension)
    words = {word: int(count) for word, count in zip(model.lexical.words_, counts[offset:], strict=True) if count}
    pruned = len(model.rows) >= _PRUNED or len(model.lexical.words_) >= model.lexical.max_terms
    return WordCounts(
        cases,
        words,
        lambda phrase: _rows_with(model, phrase),
        model.lexical.word_index_.__contains__,
        None if past is None else past.words.astype(np.int64),
        None if past is None else past.unknown.astype(np.int64),
        int(pruned),
    )


def _rows_with(model: Model, phrase: str) -> int:
    """The cases that hold every gram of a phrase."""
    size = min(model.lexical.max_n, len(phrase))
    grams = {phrase[start : start + size] for start in range(len(phrase) - size + 1)}
    table, found = model.rows.by_term, None
    for gram in grams:
        column = model.lexical.char_index_.get(gram)
        if column is None:
            return 0
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
    new, old = (
        np.array([*(side.words.get(word, 0) for word in vocabulary), *map(side.phrase, phrases)], np.int64)
        for side in (now, past)
    )
    # A word that was dropped from the vocabulary may have stood in one text.
    most = np.minimum(np.maximum(old, past.unknown), past.texts)
    p = grown(most, new, past.texts, now.texts)
    testable = least_possible(most, new, past.texts, now.texts) <= LEVEL
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
    """The share of the new texts' words (each once a text) that the past did not have, and how it compares with the
    past's own; None where that was not counted.

    The past's own share is that of words which the vocabulary would lack without the text that has them: what Good's
    estimate of the unseen ("The population frequencies of species", 1953) counts, text by text. The effect is the share
    above it; p is one-sided and normal, with the standard error of two ratios over texts.
    """
    from scipy.stats import norm

    if past.sizes is None or past.alone is None or not past.sizes.sum():
        return None
    each = [_words(text, cut) for text in texts]
    sizes = np.array([len(words) for words in each], np.int64)
    if not sizes.sum():
        return None
    unknown = np.array([sum(not past.knows(word) for word in words) for words in each], np.int64)
    share, error = _ratio(unknown, sizes)
    expected, past_error = _ratio(past.alone, past.sizes)
    p = float(norm.sf((share - expected) / max(float(np.hypot(error, past_error)), 1e-12)))
    return share, Comparison(p, max(0.0, share - expected), expected)


def _ratio(parts: Counts, wholes: Counts) -> tuple[float, float]:
    """The ratio of two sums over texts, and its standard error."""
    share = float(parts.sum() / wholes.sum())
    return share, float(np.sqrt(((parts - share * wholes) ** 2).sum()) / wholes.sum())


def _words(text: Prepared, cut: Callable[[str], list[str]]) -> set[str]:
    return {word.lower() for word in cut(text.full)}


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
