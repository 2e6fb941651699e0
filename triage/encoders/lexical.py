"""Texts as TF-IDF over character n-grams and words: what finds the same wording, and all there is without an
encoder folder.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from triage.bundle import Part, pack_texts, unpack_texts
from triage.errors import DamagedBundle

Cut = Callable[[str], list[str]]


class LexicalEncoder:
    """TF-IDF of character 1- to `max_n`-grams beside TF-IDF of words, each block of unit length, each weighing one
    half.

    `cut` turns a text into its words. Fitting is scikit-learn's `TfidfVectorizer` (sublinear tf, smooth idf); what
    it learned, terms and their idf, is kept as plain arrays, and `encode` repeats its arithmetic without importing
    it, which would cost a second at every start. The two are held to each other by a test.
    """

    def __init__(self, cut: Cut, max_n: int = 3, max_terms: int = 100_000) -> None:
        self.cut = cut
        self.max_n = max_n
        self.max_terms = max_terms

    def fit(self, texts: Sequence[str]) -> LexicalEncoder:
        """Learn terms and weights. In a small corpus every term counts; from 2,000 texts on it must occur twice."""
        from sklearn.feature_extraction.text import TfidfVectorizer

        settings: dict[str, Any] = {
            "sublinear_tf": True,
            "min_df": 2 if len(texts) >= 2000 else 1,
            "max_features": self.max_terms,
        }
        learned: list[tuple[list[str], NDArray[np.float32]]] = []
        for analyzer in (self._grams, self._words):
            if not any(map(analyzer, texts)):  # a catalogue of bare names, and no case
                learned.append(([], np.zeros(0, np.float32)))
                continue
            vectorizer = TfidfVectorizer(analyzer=analyzer, **settings).fit(texts)
            terms = vectorizer.get_feature_names_out().tolist()
            learned.append((terms, vectorizer.idf_.astype(np.float32)))
        (chars, char_idf), (words, word_idf) = learned
        return self._set(chars, char_idf, words, word_idf)

    def _set(self, chars: list[str], char_idf: Any, words: list[str], word_idf: Any) -> LexicalEncoder:
        self.chars_, self.char_idf_ = chars, char_idf
        self.words_, self.word_idf_ = words, word_idf
        self.char_index_ = {term: i for i, term in enumerate(chars)}
        self.word_index_ = {term: i + len(chars) for i, term in enumerate(words)}
        self.weights_ = np.concatenate([char_idf, word_idf]).tolist()
        return self

    @property
    def dimension(self) -> int:
        """The number of terms, characters' before words'."""
        return len(self.chars_) + len(self.words_)

    @property
    def terms(self) -> list[str]:
        """The term of each column."""
        return self.chars_ + self.words_

    def term(self, column: int) -> str:
        """The term of one column, without a list of them all."""
        chars = len(self.chars_)
        return self.chars_[column] if column < chars else self.words_[column - chars]

    def encode(self, texts: Sequence[str]) -> sp.csr_array:
        """The texts as rows, shape (n, dimension), float32, of unit length (less where a block knows no term)."""
        columns: list[int] = []
        values: list[float] = []
        ends = [0]
        for text in texts:
            for grams, index in ((self._grams(text), self.char_index_), (self._words(text), self.word_index_)):
                self._block(grams, index, columns, values)
            ends.append(len(columns))
        matrix = sp.csr_array(
            (np.array(values, np.float32), np.array(columns, np.int32), np.array(ends, np.int64)),
            shape=(len(texts), self.dimension),
        )
        matrix.sort_indices()
        return matrix

    def _block(self, grams: list[str], index: dict[str, int], columns: list[int], values: list[float]) -> None:
        """Append one block of one text: sublinear term frequency times idf, scaled so that two blocks make length
        one.
        """
        weights = self.weights_
        found: list[int] = []
        weighed: list[float] = []
        for gram, count in Counter(grams).items():
            column = index.get(gram)
            if column is not None:
                found.append(column)
                weighed.append((1.0 + math.log(count)) * weights[column])
        length = math.sqrt(sum(value * value for value in weighed) * 2)
        columns.extend(found)
        values.extend(value / length for value in weighed)

    def _grams(self, text: str) -> list[str]:
        text = " ".join(text.split()).lower()
        grams = list(text)
        for n in range(2, self.max_n + 1):
            grams.extend(text[i : i + n] for i in range(len(text) - n + 1))
        return grams

    def _words(self, text: str) -> list[str]:
        return [word.lower() for word in self.cut(text)]

    def to_part(self) -> Part:
        """The fitted state, for a bundle."""
        arrays: dict[str, NDArray[Any]] = {
            "chars": pack_texts(self.chars_),
            "char_idf": self.char_idf_,
            "words": pack_texts(self.words_),
            "word_idf": self.word_idf_,
        }
        return Part({"max_n": self.max_n, "max_terms": self.max_terms}, arrays)

    @classmethod
    def from_part(cls, part: Part, cut: Cut) -> LexicalEncoder:
        """Rebuild from a bundle. Raises DamagedBundle where terms and weights do not fit each other."""
        arrays = part.arrays
        chars, words = unpack_texts(arrays["chars"]), unpack_texts(arrays["words"])
        if len(chars) != len(arrays["char_idf"]) or len(words) != len(arrays["word_idf"]):
            raise DamagedBundle("lexical: as many weights as terms are needed. Train the bundle again.")
        encoder = cls(cut, int(part.data["max_n"]), int(part.data["max_terms"]))
        return encoder._set(chars, arrays["char_idf"], words, arrays["word_idf"])
