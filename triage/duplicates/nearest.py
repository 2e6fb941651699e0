"""The closest vectors of an index: exact while they are few, approximate above that, without anybody choosing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from triage.duplicates.inverted import BLOCK, Floats, InvertedLists, Rows

EXACT_LIMIT = 100_000
"""Up to so many vectors every one is compared: some milliseconds a query (benchmarks/duplicates)."""

GROWTH = 2  # the centroids are learned anew when the index has grown by this factor
DECIMALS = 6  # of a score: the same vector scores the same wherever it stands
SPARE = 16  # hits looked for beyond those asked for, so that equal scores at the border are told by row
SCORES = 1 << 24  # scores that are held at a time


class NearestRows:
    """Rows and their vectors, searched by inner product; vectors are of unit length, or zero for a text without words.

    Up to `exact_limit` vectors the search is exact. Above, `InvertedLists` takes over by itself (and gives back below
    half of it): the adding that crosses the limit, or doubles the index since, takes as long as building. The same
    calls give the same hits. Not to be changed while another thread searches: whoever owns it holds a lock.

    Many identical vectors stay in one list, which is then read whole: a query that meets a million takes as long as an
    exact one, and which of them it names is open. Identical texts are better found by their hash.
    """

    def __init__(self, dimension: int, *, exact_limit: int = EXACT_LIMIT, seed: int = 0) -> None:
        self.dimension = dimension
        self.exact_limit = exact_limit
        self.seed = seed
        self._rows: Rows = np.empty(0, np.int64)  # sorted; a buffer of which the first `_count` count
        self._count = 0
        self._matrix: Floats = np.empty((0, dimension), np.float32)  # beside `_rows`; empty where there are lists
        self._inverted: InvertedLists | None = None
        self._learned_at = 0

    def __len__(self) -> int:
        return self._count

    @property
    def exact(self) -> bool:
        """Whether every vector is compared."""
        return self._inverted is None

    @property
    def kind(self) -> str:
        """``exact`` or ``approximate``."""
        return "exact" if self.exact else "approximate"

    def rows(self) -> Rows:
        """The rows, ascending."""
        return self._rows[: self._count].copy()

    def add(self, rows: Sequence[int] | Rows, vectors: NDArray[Any]) -> None:
        """Take in vectors (n, dimension); they are found at once.

        Raises ValueError for a row that is there already or comes twice, another shape, or values that are no numbers.
        """
        rows, vectors = self._checked(rows, vectors)
        if not len(rows):
            return
        total = self._count + len(rows)
        if self._inverted is not None:
            self._inverted.take(rows, vectors, self._inverted.closest(vectors))
            self._insert(rows, None)
            if total > GROWTH * self._learned_at:
                self.rebuild()
        elif total <= self.exact_limit:
            self._insert(rows, vectors)
        else:
            known = self._rows[: self._count], self._matrix[: self._count]
            self._learn([known, (rows, vectors)])
            self._insert(rows, None)

    def remove(self, rows: Sequence[int] | Rows) -> int:
        """Take rows out and return how many were there; those that are not are passed over."""
        gone = _ascending(np.asarray(rows, np.int64))
        keep = ~_member(self._rows[: self._count], gone)
        removed = self._count - int(keep.sum())
        if not removed:
            return 0
        if self._inverted is None:
            self._matrix = self._matrix[: self._count][keep]
        else:
            self._inverted.remove(gone)
        self._rows = self._rows[: self._count][keep]
        self._count -= removed
        if self._inverted is not None and self._count < self.exact_limit / 2:
            self._flatten(self._inverted)
        return removed

    def search(self, queries: NDArray[Any], k: int, allowed: Sequence[int] | Rows | None = None) -> tuple[Rows, Floats]:
        """The `k` closest rows of each query (q, dimension), among `allowed` if given: rows (q, k), scores (q, k).

        Best first, equal scores by row; padded with row -1 and score -inf. Scores are rounded to six decimals. Where no
        more than half of `exact_limit` rows are allowed the search is exact among them.
        """
        queries = np.ascontiguousarray(queries, np.float32)
        if queries.ndim != 2 or queries.shape[1] != self.dimension or k < 1:
            raise ValueError(f"queries of shape {queries.shape} and k {k}; wanted are (n, {self.dimension}) and k >= 1")
        chosen = None if allowed is None else self._within(allowed)
        rows, scores = np.full((len(queries), k), -1, np.int64), np.full((len(queries), k), -np.inf, np.float32)
        if not len(queries) or not self._count or (chosen is not None and not len(chosen)):
            return rows, scores
        if self._inverted is not None:
            few = chosen is not None and len(chosen) <= self.exact_limit // 2
            found, values = self._inverted.search(queries, k + SPARE, chosen, exact=few)
            for number in range(len(queries)):
                _best(found[number], values[number], rows[number], scores[number])
        else:
            self._search_all(queries, chosen, rows, scores)
        return rows, scores

    def rebuild(self) -> None:
        """Learn the centroids anew from what is there now. Nothing to do while the search is exact.

        The lists are emptied before they are filled again, so that the vectors are held twice, not three times.
        """
        if self._inverted is not None:
            part = self._inverted.vectors()
            self._inverted = None
            self._learn([part])

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """What took long to find, without the vectors; empty while the search is exact."""
        if self._inverted is None:
            return {}
        return {**self._inverted.to_arrays(), "learned_at": np.array([self._learned_at], np.int64)}

    @classmethod
    def from_arrays(
        cls,
        dimension: int,
        arrays: Mapping[str, NDArray[Any]],
        rows: Sequence[int] | Rows,
        vectors: NDArray[Any],
        *,
        exact_limit: int = EXACT_LIMIT,
        seed: int = 0,
    ) -> Self:
        """From what `to_arrays` gave and the vectors of all rows that are stored now.

        The arrays may be older than the rows, or empty. Raises ValueError where they contradict themselves; then make
        it without them.
        """
        found = cls(dimension, exact_limit=exact_limit, seed=seed)
        rows, vectors = found._checked(rows, vectors)
        learned = arrays.get("learned_at", np.zeros(0))
        if not arrays or len(rows) <= exact_limit:
            found.add(rows, vectors)
            return found
        if learned.shape != (1,) or int(learned[0]) < 1:
            raise ValueError("the saved search structure does not say from how many vectors it was learned")
        found._inverted = InvertedLists.restore(arrays, rows, vectors)
        found._learned_at = int(learned[0])
        found._insert(rows, None)
        if len(rows) > GROWTH * found._learned_at:
            found.rebuild()
        return found

    def _checked(self, rows: Sequence[int] | Rows, vectors: NDArray[Any]) -> tuple[Rows, NDArray[Any]]:
        rows = np.asarray(rows, np.int64)
        if rows.ndim != 1 or vectors.shape != (len(rows), self.dimension):
            raise ValueError(
                f"{rows.shape} rows with vectors of shape {vectors.shape}; wanted is (n, {self.dimension})"
            )
        for start in range(0, len(rows), BLOCK):
            if not np.isfinite(vectors[start : start + BLOCK]).all():
                raise ValueError("a vector has values that are no numbers")
        if len(_ascending(rows)) < len(rows) or (len(rows) and rows.min() < 0):
            raise ValueError("a row comes twice or is negative")
        if _member(rows, self._rows[: self._count]).any():
            raise ValueError("a row is there already; remove it first")
        return rows, vectors

    def _within(self, allowed: Sequence[int] | Rows) -> Rows:
        """Those allowed rows that are there; with lists, where the search leaves out the others, those that may be."""
        rows, known = _ascending(np.asarray(allowed, np.int64)), self._rows[: self._count]
        if not len(known):
            return known
        if self._inverted is None:
            return rows[_member(rows, known)]
        return rows[np.searchsorted(rows, known[0]) : np.searchsorted(rows, known[-1], "right")]

    def _insert(self, rows: Rows, vectors: NDArray[Any] | None) -> None:
        """Put rows, and vectors while there is a matrix, at the end; sort if they do not ascend."""
        start, stop = self._count, self._count + len(rows)
        if stop > len(self._rows):
            room = max(stop, min(2 * start, self.exact_limit) if vectors is not None else 2 * start)
            self._rows = _grown(self._rows[:start], room)
            if vectors is not None:
                self._matrix = _grown(self._matrix[:start], room)
        self._rows[start:stop] = rows
        if vectors is not None:
            self._matrix[start:stop] = vectors
        self._count = stop
        if np.any(np.diff(self._rows[max(0, start - 1) : stop]) < 0):
            order = np.argsort(self._rows[:stop])
            self._rows = self._rows[order]
            if vectors is not None:
                self._matrix = self._matrix[order]

    def _learn(self, parts: list[tuple[Rows, NDArray[Any]]]) -> None:
        self._inverted = InvertedLists.build(parts, self.seed)
        self._matrix = np.empty((0, self.dimension), np.float32)
        self._learned_at = len(self._inverted)

    def _flatten(self, inverted: InvertedLists) -> None:
        """Back to comparing every vector."""
        rows, matrix = inverted.vectors()
        order = np.argsort(rows)
        self._rows, self._matrix, self._inverted = rows[order], matrix[order].astype(np.float32), None

    def _search_all(self, queries: Floats, chosen: Rows | None, rows: Rows, scores: Floats) -> None:
        """Compare with every vector, or with those of the chosen rows."""
        known, matrix = self._rows[: self._count], self._matrix[: self._count]
        places = None if chosen is None else np.searchsorted(known, chosen)
        if places is not None and 4 * len(places) < self._count:
            known, matrix, places = known[places], matrix[places], None
        step = max(1, SCORES // len(known))
        for start in range(0, len(queries), step):
            block = queries[start : start + step] @ matrix.T
            if places is not None:
                block = block[:, places]
            for number, values in enumerate(block, start=start):
                _best(known if places is None else known[places], values, rows[number], scores[number])


def _best(candidates: Rows, values: Floats, rows: Rows, scores: Floats) -> None:
    """Write the best into `rows` and `scores`: by rounded score, then by row."""
    k = len(rows)
    if len(values) > k:
        border = np.partition(values, len(values) - k)[len(values) - k]
        near = np.flatnonzero(values >= border - 10.0**-DECIMALS)
        candidates, values = candidates[near], values[near]
    values = np.round(values, DECIMALS)
    order = np.lexsort((candidates, -values))[:k]
    order = order[candidates[order] >= 0]
    rows[: len(order)], scores[: len(order)] = candidates[order], values[order]


def _ascending(rows: Rows) -> Rows:
    """The rows in order, each once. Mostly they are already, and numpy's own `unique` would not notice."""
    if np.all(rows[1:] > rows[:-1]):
        return rows
    rows = np.sort(rows)
    ordered: Rows = rows[np.concatenate([[True], rows[1:] > rows[:-1]])]
    return ordered


def _member(rows: Rows, sorted_rows: Rows) -> NDArray[np.bool_]:
    """Which of `rows` are among `sorted_rows`."""
    if not len(sorted_rows):
        return np.zeros(len(rows), np.bool_)
    found: NDArray[np.bool_] = sorted_rows[np.searchsorted(sorted_rows, rows).clip(max=len(sorted_rows) - 1)] == rows
    return found


def _grown(array: NDArray[Any], room: int) -> NDArray[Any]:
    larger = np.empty((room, *array.shape[1:]), array.dtype)
    larger[: len(array)] = array
    return larger
