"""What every head reads: how like a text is to each reference row (handled cases, duty phrases, topic phrases)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from triage.bundle import Part
from triage.errors import DamagedBundle

Floats = NDArray[np.float32]
Index = NDArray[np.intp] | slice

DENSE_SHARE = 0.5
"""What the sentence vectors weigh in the kernel beside the lexical ones. 0.3 to 0.7 differ by less than .01 on
every set.
"""
FEW = 4
MANY_TERMS = 300_000
"""With fewer terms than that in all reference rows, `FEW` texts are compared quicker by one pass over the rows."""
MEANING_SHARE = 0.7
"""What the cosine of meaning weighs where duty phrases and precedents are ranked."""
SHARPNESS = 3.0
"""The sentence kernel is exp(SHARPNESS · (cosine − 1)), so that only the near count."""


@dataclass(frozen=True, slots=True)
class Vectors:
    """Texts as matrices: `lexical` (n, terms) sparse with rows of length one, `dense` (n, dimension) likewise, or
    None.
    """

    lexical: sp.csr_array
    dense: Floats | None = None

    def __len__(self) -> int:
        return int(self.lexical.shape[0])

    def of(self, texts: slice) -> Vectors:
        """The same for some of the texts."""
        if texts == slice(0, len(self)):  # cutting a sparse matrix costs as much as comparing one text
            return self
        return Vectors(self.lexical[texts], None if self.dense is None else self.dense[texts])


class Encoder(Protocol):
    """Anything that turns texts into one matrix: `LexicalEncoder`, `SentenceEncoder`."""

    def encode(self, texts: Sequence[str], /) -> Any:
        """Texts → matrix of shape (n, dimension), in order."""


@dataclass(frozen=True, slots=True)
class Similarities:
    """Likeness of q texts to the n reference rows; each matrix (q, n).

    `lexical` is the cosine of wording. `meaning` is the sharpened cosine of centred sentence vectors, None without a
    sentence encoder. `closeness` ranks duty phrases and precedents: meaning first, wording second. `lexical`, `meaning`
    and `kernel`, which mixes the two, are positive definite, and 1 between a text and itself.
    """

    lexical: Floats
    closeness: Floats
    meaning: Floats | None = None

    @classmethod
    def of_cosines(cls, lexical: Floats, dense: Floats | None) -> Similarities:
        """From the cosines of wording and of meaning."""
        if dense is None:
            return cls(lexical, lexical)
        closeness = MEANING_SHARE * dense + (1.0 - MEANING_SHARE) * lexical
        return cls(lexical, closeness.astype(np.float32, copy=False), sharpened(dense))

    def kernel(self, texts: Index, rows: Index) -> Floats:
        """The mix of wording and meaning that the first regression learns from, for some texts and rows."""
        place = np.ix_(texts, rows) if isinstance(texts, np.ndarray) and isinstance(rows, np.ndarray) else (texts, rows)
        if self.meaning is None:
            return self.lexical[place]
        return np.asarray(DENSE_SHARE * self.meaning[place] + (1.0 - DENSE_SHARE) * self.lexical[place], np.float32)

    def between(self, texts: NDArray[np.intp], rows: NDArray[np.intp]) -> Similarities:
        """The same for some texts and reference rows."""
        square = np.ix_(texts, rows)
        meaning = None if self.meaning is None else self.meaning[square]
        return Similarities(self.lexical[square], self.closeness[square], meaning)

    def of(self, texts: slice) -> Similarities:
        """The same for some of the texts."""
        meaning = None if self.meaning is None else self.meaning[texts]
        return Similarities(self.lexical[texts], self.closeness[texts], meaning)


class Rows:
    """The reference rows: cases first, then duty phrases, then topic phrases.

    Sentence vectors bunch (domain fact: thousands of pairs above .92), so they are centred. Phrases and suggestions
    lie apart as groups, short against long; each kind is therefore centred by its own mean, and a new text by that
    of the cases (of the phrases while there are none).
    """

    def __init__(self, vectors: Vectors, cases: int, duties: int, topics: int) -> None:
        if cases + duties + topics != len(vectors):
            raise DamagedBundle(f"references: {len(vectors)} rows, {cases + duties + topics} announced")
        self.cases = slice(0, cases)
        self.duties = slice(cases, cases + duties)
        self.topics = slice(cases + duties, cases + duties + topics)
        self.lexical = vectors.lexical
        self.by_term = vectors.lexical.T.tocsr()
        self.dense: Floats | None = None
        if vectors.dense is not None:
            phrases = slice(cases, None)
            phrase_mean = _mean(vectors.dense[phrases])
            # A handful of cases says little about where suggestions lie.
            self.text_mean = _mean(vectors.dense[self.cases]) if cases >= 30 else phrase_mean
            self.dense = np.concatenate(
                [_centred(vectors.dense[self.cases], self.text_mean), _centred(vectors.dense[phrases], phrase_mean)]
            )

    def __len__(self) -> int:
        return int(self.lexical.shape[0])

    def compare(self, vectors: Vectors) -> Similarities:
        """New texts against every row. Sentence vectors that are missing on either side are left out."""
        if len(vectors) <= FEW and self.lexical.nnz < MANY_TERMS:
            lexical = np.asarray(self.lexical @ vectors.lexical.toarray().T, np.float32).T
        else:
            lexical = (vectors.lexical @ self.by_term).toarray().astype(np.float32, copy=False)
        if self.dense is None or vectors.dense is None:
            return Similarities.of_cosines(lexical, None)
        return Similarities.of_cosines(lexical, _centred(vectors.dense, self.text_mean) @ self.dense.T)

    def selected(self, kept: NDArray[np.intp], cases: int) -> Rows:
        """Some of the rows as they are, not centred anew: `cases` of the cases first, then all phrases."""
        duties, topics = self.duties.stop - self.duties.start, self.topics.stop - self.topics.start
        fewer = Rows(Vectors(self.lexical[kept]), cases, duties, topics)
        if self.dense is not None:
            fewer.dense, fewer.text_mean = self.dense[kept], self.text_mean
        return fewer

    def nearest_case(self, lexical: sp.csr_array) -> Floats:
        """The wording likeness of each text to the case that is most like it, (q,); 0 without cases."""
        cases = self.by_term[:, self.cases]
        nearest = np.zeros(lexical.shape[0], np.float32)
        for start in range(0, len(nearest), 256):
            block = slice(start, start + 256)
            nearest[block] = (lexical[block] @ cases).toarray().max(axis=1, initial=0.0)
        return nearest

    def centred(self, dense: Floats) -> Floats:
        """New suggestions' sentence vectors as those of the rows are kept: around the texts' mean, of length one."""
        return _centred(dense, self.text_mean)

    def compare_themselves(self) -> Similarities:
        """Every row against every row."""
        lexical = (self.lexical @ self.by_term).toarray().astype(np.float32, copy=False)
        return Similarities.of_cosines(lexical, None if self.dense is None else self.dense @ self.dense.T)

    def to_part(self) -> Part:
        """The rows, for a bundle; sentence vectors as half floats, which move a cosine by less than .001."""
        arrays: dict[str, NDArray[Any]] = {
            "indptr": self.lexical.indptr.astype(np.int64),
            "indices": self.lexical.indices.astype(np.int32),
            "data": self.lexical.data.astype(np.float32),
        }
        if self.dense is not None:
            arrays |= {"dense": self.dense.astype(np.float16), "text_mean": self.text_mean}
        counts = {name: rows.stop - rows.start for name, rows in self._spans().items()}
        return Part({**counts, "terms": int(self.lexical.shape[1])}, arrays)

    def _spans(self) -> dict[str, slice]:
        return {"cases": self.cases, "duties": self.duties, "topics": self.topics}

    @classmethod
    def from_part(cls, part: Part) -> Rows:
        """Rebuild from a bundle. Raises DamagedBundle where the arrays do not fit each other."""
        counts = [int(part.data[name]) for name in ("cases", "duties", "topics")]
        arrays = part.arrays
        try:
            lexical = sp.csr_array(
                (arrays["data"], arrays["indices"], arrays["indptr"]), shape=(sum(counts), int(part.data["terms"]))
            )
            lexical.check_format(full_check=True)
        except (ValueError, KeyError) as error:
            raise DamagedBundle(f"references: the arrays do not fit each other ({error})") from error
        rows = cls(Vectors(lexical), *counts)
        if "dense" in arrays:
            rows.dense = arrays["dense"].astype(np.float32)
            rows.text_mean = arrays["text_mean"]
            if rows.dense.shape != (len(rows), *rows.text_mean.shape):
                raise DamagedBundle("references: the sentence vectors do not fit the rows")
        return rows


def sharpened(cosine: Floats) -> Floats:
    """The sentence kernel of centred cosines: positive definite, 1 between a text and itself."""
    return np.asarray(np.exp(SHARPNESS * (cosine - 1.0)), np.float32)


def _mean(dense: Floats) -> Floats:
    """The mean vector; without vectors nothing is moved."""
    return np.asarray(dense.mean(axis=0) if len(dense) else np.zeros(dense.shape[1]), np.float32)


def _centred(dense: Floats, mean: Floats) -> Floats:
    moved = dense - mean
    length = np.linalg.norm(moved, axis=1, keepdims=True)
    return np.asarray(moved / np.maximum(length, 1e-6), np.float32)
