"""What a user would otherwise take to find duplicates, each with the settings that its makers recommend or better.

All but one read texts as our own normalising leaves them, to their advantage: what differs is the method alone.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from benchmarks.duplicates.sets import Wordings
from triage.duplicates.reading import FOCUS
from triage.encoders.sentence import SentenceEncoder
from triage.records import Suggestion
from triage.text import Segmenter

Floats = NDArray[Any]
Pair = tuple[Suggestion, Suggestion]
Nearest = Callable[[Sequence[Suggestion], int], list[list[int]]]
"""Queries and k in; for each the rows of the indexed texts that are nearest, nearest first, k at most."""

PERMUTATIONS = 128
SHINGLE = 2
"""Characters of a shingle: titles of 19 characters share few longer ones."""
SEMHASH_THRESHOLD = 0.9
"""What semhash calls a duplicate unless told otherwise."""
MINHASH_THRESHOLD = 0.5
"""The Jaccard coefficient from which LSH shall bring two texts together."""
BLOCK = 256


class Peer(Protocol):
    """A system that says how like two texts are, and which of many are nearest."""

    def likeness(self, pairs: Sequence[Pair]) -> Floats:
        """One number a pair, higher for more alike; what is learned of a collection, from the pairs' own texts."""

    def index(self, texts: Sequence[Suggestion]) -> Nearest:
        """Take in texts, to be asked for the nearest."""


@dataclass(frozen=True, slots=True)
class CharacterTfidf:
    """Cosine of character 1- to 3-gram TF-IDF (scikit-learn)."""

    wording: Callable[[Suggestion], str]

    def likeness(self, pairs: Sequence[Pair]) -> Floats:
        """As `Peer.likeness`."""
        ones, others = ([self.wording(pair[end]) for pair in pairs] for end in (0, 1))
        vectorizer = _vectorizer().fit([*ones, *others])
        product = vectorizer.transform(ones).multiply(vectorizer.transform(others))
        return np.asarray(product.sum(axis=1)).ravel()

    def index(self, texts: Sequence[Suggestion]) -> Nearest:
        """As `Peer.index`."""
        vectorizer = _vectorizer()
        turned = sp.csr_array(vectorizer.fit_transform([self.wording(text) for text in texts])).T.tocsr()

        def nearest(queries: Sequence[Suggestion], k: int) -> list[list[int]]:
            asked = sp.csr_array(vectorizer.transform([self.wording(query) for query in queries]))
            return _best(lambda start, stop: (asked[start:stop] @ turned).toarray(), len(queries), k)

        return nearest

    def alike(self, texts: Sequence[Suggestion], least: float) -> list[frozenset[int]]:
        """For each text the rows whose cosine with it is at least `least`, its own among them."""
        matrix = sp.csr_array(_vectorizer().fit_transform([self.wording(text) for text in texts]))
        turned = matrix.T.tocsr()
        found: list[frozenset[int]] = []
        for start in range(0, len(texts), BLOCK):
            block = (matrix[start : start + BLOCK] @ turned).toarray() >= least
            found += [frozenset({start + row, *np.flatnonzero(near).tolist()}) for row, near in enumerate(block)]
        return found


@dataclass(frozen=True, slots=True)
class SentenceCosine:
    """Cosine of the sentence encoder's vectors, as they are or, with `centred`, without the collection's mean."""

    wordings: Wordings
    sentence: SentenceEncoder
    centred: bool

    def likeness(self, pairs: Sequence[Pair]) -> Floats:
        """As `Peer.likeness`."""
        both = self._encoded([pair[0] for pair in pairs] + [pair[1] for pair in pairs])
        both = _unit(both - both.mean(axis=0)) if self.centred else both
        return np.asarray((both[: len(pairs)] * both[len(pairs) :]).sum(axis=1))

    def index(self, texts: Sequence[Suggestion]) -> Nearest:
        """As `Peer.index`."""
        known = self._encoded(texts)
        centre = known.mean(axis=0) if self.centred else np.zeros(known.shape[1], np.float32)
        matrix = _unit(known - centre)

        def nearest(queries: Sequence[Suggestion], k: int) -> list[list[int]]:
            asked = _unit(self._encoded(queries) - centre)
            return _best(lambda start, stop: asked[start:stop] @ matrix.T, len(queries), k)

        return nearest

    def _encoded(self, texts: Sequence[Suggestion]) -> Floats:
        return self.sentence.encode([self.wordings.prepared(text).focus(FOCUS) for text in texts])


@dataclass(frozen=True, slots=True)
class Bm25:
    """BM25 (bm25s, its own settings) over character pairs or words; of a pair the mean of both directions, each as a
    share of what the text scores with itself.
    """

    wordings: Wordings
    cut: Callable[[str], list[str]]

    def likeness(self, pairs: Sequence[Pair]) -> Floats:
        """As `Peer.likeness`."""
        tokens = [self._tokens(text) for end in (0, 1) for text in (pair[end] for pair in pairs)]
        index = _bm25(tokens)
        count = len(pairs)
        scores = np.zeros(count)
        for row in range(count):
            for one, other in ((row, row + count), (row + count, row)):
                found = index.get_scores(tokens[one])
                scores[row] += float(found[other]) / max(float(found[one]), 1e-9) / 2
        return scores

    def index(self, texts: Sequence[Suggestion]) -> Nearest:
        """As `Peer.index`."""
        index = _bm25([self._tokens(text) for text in texts])

        def nearest(queries: Sequence[Suggestion], k: int) -> list[list[int]]:
            tokens = [self._tokens(query) for query in queries]
            rows, scores = index.retrieve(tokens, k=min(k, len(texts)), show_progress=False)
            return [
                [int(row) for row, score in zip(*found, strict=True) if score > 0]
                for found in zip(rows, scores, strict=True)
            ]

        return nearest

    def _tokens(self, suggestion: Suggestion) -> list[str]:
        return self.cut(self.wordings.whole(suggestion)) or ["。"]


@dataclass(frozen=True, slots=True)
class MinHash:
    """MinHash of character pairs (datasketch): Jaccard as 128 permutations estimate it; LSH forest for the nearest, ten
    times as many as asked for, ordered by that estimate.
    """

    wordings: Wordings

    def likeness(self, pairs: Sequence[Pair]) -> Floats:
        """As `Peer.likeness`."""
        return np.array([self._of(one).jaccard(self._of(other)) for one, other in pairs])

    def index(self, texts: Sequence[Suggestion]) -> Nearest:
        """As `Peer.index`."""
        known = [self._of(text) for text in texts]
        forest = importlib.import_module("datasketch").MinHashLSHForest(num_perm=PERMUTATIONS)
        for row, hashed in enumerate(known):
            forest.add(row, hashed)
        forest.index()

        def nearest(queries: Sequence[Suggestion], k: int) -> list[list[int]]:
            found = []
            for query in queries:
                hashed = self._of(query)
                rows = forest.query(hashed, 10 * k)
                found.append(sorted(rows, key=lambda row: (-hashed.jaccard(known[row]), row))[:k])
            return found

        return nearest

    def _of(self, suggestion: Suggestion) -> Any:
        hashed = importlib.import_module("datasketch").MinHash(num_perm=PERMUTATIONS, seed=1)
        hashed.update_batch([piece.encode() for piece in set(_shingles(self.wordings.whole(suggestion)))])
        return hashed


@dataclass(frozen=True, slots=True)
class Semhash:
    """semhash with our sentence vectors: its own model comes from a model hub, which is not asked here."""

    wordings: Wordings
    sentence: SentenceEncoder

    def likeness(self, pairs: Sequence[Pair]) -> Floats:
        """As `Peer.likeness`: semhash scores a pair with the cosine of the vectors it is given."""
        return SentenceCosine(self.wordings, self.sentence, centred=False).likeness(pairs)

    def index(self, texts: Sequence[Suggestion]) -> Nearest:
        """As `Peer.index`."""
        records = [{"row": str(row), "text": self._focus(text)} for row, text in enumerate(texts)]
        made = importlib.import_module("semhash").SemHash.from_records(records, columns=["text"], model=self)

        def nearest(queries: Sequence[Suggestion], k: int) -> list[list[int]]:
            vectors = self.encode([self._focus(query) for query in queries])
            found = made.index.query_top_k(vectors, k=min(k, len(made.index.items)), vectors_are_in_index=False)
            return [
                [int(same["row"]) for place in places for same in made.index.items[place]][:k] for places, _ in found
            ]

        return nearest

    def encode(self, inputs: Sequence[str], **_: Any) -> Floats:
        """What semhash asks of an encoder."""
        return self.sentence.encode(list(inputs))

    def _focus(self, suggestion: Suggestion) -> str:
        return self.wordings.prepared(suggestion).focus(FOCUS)


THRESHOLDS = {"MinHash LSH (datasketch)": MINHASH_THRESHOLD, "semhash, our sentence vectors": SEMHASH_THRESHOLD}
"""Peers that say themselves from which score two texts are duplicates."""
PACKAGES = ("datasketch", "semhash", "bm25s")


def peers(wordings: Wordings, sentence: SentenceEncoder | None) -> tuple[dict[str, Peer], dict[str, str]]:
    """The peers that can be measured here, by name, and why the others cannot."""
    found: dict[str, Peer] = {
        "character TF-IDF cosine": CharacterTfidf(wordings.whole),
        "character TF-IDF cosine, raw texts": CharacterTfidf(lambda text: f"{text.title}。{text.text}"),
    }
    missing: dict[str, str] = {}
    wanted: list[tuple[str, str, Callable[[], Peer]]] = [
        ("BM25 (bm25s), character pairs", "bm25s", lambda: Bm25(wordings, _shingles)),
        ("BM25 (bm25s), words", "bm25s", lambda: Bm25(wordings, Segmenter().words)),
        ("MinHash LSH (datasketch)", "datasketch", lambda: MinHash(wordings)),
    ]
    if sentence is None:
        missing |= dict.fromkeys(("sentence cosine", "sentence cosine, centred"), "no sentence encoder")
        missing["semhash, our sentence vectors"] = "no sentence encoder"
    else:
        found["sentence cosine"] = SentenceCosine(wordings, sentence, centred=False)
        found["sentence cosine, centred"] = SentenceCosine(wordings, sentence, centred=True)
        wanted.append(("semhash, our sentence vectors", "semhash", lambda: Semhash(wordings, sentence)))
    for name, package, make in wanted:
        try:
            importlib.import_module(package)
        except ImportError as error:
            missing[name] = f"{error}; pip install '.[bench]'"
        else:
            found[name] = make()
    return found, missing


def _vectorizer() -> Any:
    from sklearn.feature_extraction.text import TfidfVectorizer

    return TfidfVectorizer(analyzer="char", ngram_range=(1, 3), sublinear_tf=True, dtype=np.float32)


def _bm25(tokens: list[list[str]]) -> Any:
    index = importlib.import_module("bm25s").BM25()
    index.index(tokens, show_progress=False)
    return index


def _shingles(text: str) -> list[str]:
    joined = "".join(text.split())
    return [joined[start : start + SHINGLE] for start in range(max(1, len(joined) - SHINGLE + 1))]


def _unit(matrix: Floats) -> Floats:
    return np.asarray(matrix / np.maximum(np.linalg.norm(matrix, axis=1, keepdims=True), 1e-9))


def _best(scores: Callable[[int, int], Floats], count: int, k: int) -> list[list[int]]:
    """The k best rows of each query; `scores` gives a block of queries, (stop - start, rows)."""
    found: list[list[int]] = []
    for start in range(0, count, BLOCK):
        block = scores(start, min(start + BLOCK, count))
        most = min(k, block.shape[1])
        chosen = np.argpartition(-block, most - 1, axis=1)[:, :most]
        for row, places in zip(block, chosen, strict=True):
            ordered = places[np.lexsort((places, -row[places]))]
            found.append([int(place) for place in ordered if row[place] > 0])
    return found
