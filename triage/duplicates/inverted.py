"""Approximate search: vectors in lists around centroids, of which a query reads the closest (faiss, IVF).

The vectors stand in half precision in the lists and nowhere else. Centroids and the list of each row go out and in as
numpy arrays; faiss's own file format is never read. Figures: benchmarks/duplicates/scale.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.int64]
Floats = NDArray[np.float32]
Part = tuple[Rows, NDArray[Any]]

BLOCK = 32768  # vectors that are widened to single precision at a time
LISTS_A_ROOT = 4  # lists, as a multiple of the root of the number of vectors; faiss's own advice is 4 to 16
SAMPLE = 39  # vectors a list that the centroids are learned from; faiss warns below
ITERATIONS = 8
PROBED = 1 / 16  # share of the lists that a query reads
FEWEST_PROBED = 64


class InvertedLists:
    """Rows and vectors around centroids that were learned once; what is added later goes to the closest centroid.

    Not to be changed while another thread searches. Raises ImportError without faiss.
    """

    def __init__(self, centroids: Floats) -> None:
        import faiss

        self._faiss = faiss
        self.centroids = np.ascontiguousarray(centroids, np.float32)
        lists, dimension = self.centroids.shape
        self._coarse = faiss.IndexFlatIP(dimension)
        self._coarse.add(self.centroids)
        half, product = faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT
        self._index = faiss.IndexIVFScalarQuantizer(self._coarse, dimension, lists, half, product, False)
        self._index.is_trained = True  # half precision has nothing to learn, and the centroids are given
        self._probed = min(lists, max(FEWEST_PROBED, round(lists * PROBED)))

    @classmethod
    def build(cls, parts: Sequence[Part], seed: int) -> Self:
        """Learn centroids from a seeded sample of all parts (rows, vectors) and take the vectors in."""
        sizes = [len(rows) for rows, _ in parts]
        count = sum(sizes)
        lists = max(1, min(round(LISTS_A_ROOT * count**0.5), count // SAMPLE))
        chosen = np.sort(np.random.default_rng(seed).choice(count, min(count, lists * SAMPLE), replace=False))
        found = cls(_centroids(_picked(parts, chosen), lists, seed))
        for rows, matrix in parts:
            found.take(rows, matrix, found.closest(matrix))
        return found

    @classmethod
    def restore(cls, arrays: Mapping[str, NDArray[Any]], rows: Rows, vectors: NDArray[Any]) -> Self:
        """From what `to_arrays` gave, and the vectors of all rows. Rows that the arrays do not know find their list
        now, those that are gone are passed over. Raises ValueError for arrays that do not fit each other.
        """
        centroids, known, lists = (arrays.get(name) for name in ("centroids", "rows", "lists"))
        if centroids is None or known is None or lists is None:
            raise ValueError("the saved search structure lacks an array")
        if centroids.ndim != 2 or centroids.shape[1:] != vectors.shape[1:] or not np.isfinite(centroids).all():
            raise ValueError("the centroids do not fit the vectors")
        if known.shape != lists.shape or known.ndim != 1 or np.any(np.diff(known) <= 0):
            raise ValueError("the saved rows do not ascend or do not fit the lists")
        if len(lists) and not 0 <= int(lists.min()) <= int(lists.max()) < len(centroids):
            raise ValueError("the saved lists do not fit the centroids")
        found = cls(centroids)
        assigned = np.full(len(rows), -1, np.int64)
        if len(known):
            places = np.searchsorted(known, rows).clip(max=len(known) - 1)
            assigned = np.where(known[places] == rows, lists[places], -1).astype(np.int64)
        new = np.flatnonzero(assigned < 0)
        assigned[new] = found.closest(vectors[new])
        found.take(rows, vectors, assigned)
        return found

    def __len__(self) -> int:
        return int(self._index.ntotal)

    def closest(self, vectors: NDArray[Any]) -> Rows:
        """The list of each vector."""
        found = np.empty(len(vectors), np.int64)
        for start in range(0, len(vectors), BLOCK):
            block = np.ascontiguousarray(vectors[start : start + BLOCK], np.float32)
            found[start : start + BLOCK] = self._coarse.search(block, 1)[1][:, 0]
        return found.clip(min=0)

    def take(self, rows: Rows, vectors: NDArray[Any], lists: Rows) -> None:
        """Put vectors (n, dimension) into lists; each list grows once, so that no memory is kept in reserve."""
        order = np.argsort(lists, kind="stable")
        pointer = self._faiss.swig_ptr
        ordered = lists[order]
        starts = np.flatnonzero(np.diff(ordered, prepend=-1))
        numbers = ordered[starts]
        for number, here in zip(numbers.tolist(), np.split(order, starts[1:]), strict=True) if len(rows) else ():
            codes = np.ascontiguousarray(vectors[here], "<f2").view(np.uint8)
            ids = np.ascontiguousarray(rows[here], np.int64)
            self._index.invlists.add_entries(number, len(ids), pointer(ids), pointer(codes))
        self._index.ntotal += len(rows)

    def remove(self, rows: Rows) -> None:
        """Take rows out; those that are not there are passed over."""
        self._index.remove_ids(self._faiss.IDSelectorBatch(rows))

    def search(self, queries: Floats, k: int, allowed: Rows | None, *, exact: bool = False) -> tuple[Rows, Floats]:
        """The `k` closest of the lists that are read, best first, padded with -1; with `exact` all lists are read.

        With `allowed` (ascending, none negative), so many more lists are read as there are fewer rows allowed, and all
        where not enough was found. A filter that leaves only what is unlike the query can still hide better rows in
        lists that were not read.
        """
        k = min(k, len(self))
        probed = len(self.centroids) if exact else self._probed
        if allowed is None:
            return self._search(queries, k, probed, None)
        probed = min(len(self.centroids), -(-probed * len(self) // max(1, len(allowed))))
        bits = np.zeros(int(allowed.max(initial=0)) + 1, np.bool_)
        bits[allowed] = True
        packed = np.packbits(bits, bitorder="little")
        selector = self._faiss.IDSelectorBitmap(packed)
        rows, scores = self._search(queries, k, probed, selector)
        short = np.flatnonzero((rows[:, : min(k, len(allowed))] < 0).any(axis=1))
        if len(short) and probed < len(self.centroids):
            rows[short], scores[short] = self._search(queries[short], k, len(self.centroids), selector)
        return rows, scores

    def contents(self) -> Iterator[tuple[int, Rows, NDArray[np.float16]]]:
        """Number, rows and vectors of each list that is not empty; copies."""
        inverted, view = self._index.invlists, self._faiss.rev_swig_ptr
        dimension = self.centroids.shape[1]
        for number in range(len(self.centroids)):
            if size := int(inverted.list_size(number)):
                ids = view(inverted.get_ids(number), size).copy()
                codes = view(inverted.get_codes(number), size * 2 * dimension).copy()
                yield number, ids, codes.view("<f2").reshape(size, dimension)

    def vectors(self) -> Part:
        """All rows, ascending, and their vectors in half precision."""
        rows = np.empty(len(self), np.int64)
        matrix = np.empty((len(self), self.centroids.shape[1]), np.float16)
        start = 0
        for _, ids, block in self.contents():
            rows[start : start + len(ids)], matrix[start : start + len(ids)] = ids, block
            start += len(ids)
        return rows, matrix

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """``centroids`` (lists, dimension), ``rows`` (n,) ascending and the list of each, ``lists`` (n,)."""
        rows, lists = np.empty(len(self), np.int64), np.empty(len(self), np.int32)
        start = 0
        for number, ids, _ in self.contents():
            rows[start : start + len(ids)], lists[start : start + len(ids)] = ids, number
            start += len(ids)
        order = np.argsort(rows)
        return {"centroids": self.centroids, "rows": rows[order], "lists": lists[order]}

    def _search(self, queries: Floats, k: int, probed: int, selector: Any) -> tuple[Rows, Floats]:
        chosen = {} if selector is None else {"sel": selector}
        parameters = self._faiss.SearchParametersIVF(nprobe=probed, **chosen)
        scores, rows = self._index.search(queries, k, params=parameters)
        return rows, np.where(rows < 0, -np.inf, scores).astype(np.float32)


def _picked(parts: Sequence[Part], chosen: Rows) -> Floats:
    """The vectors at ascending places of all parts, one after the other."""
    picked = np.empty((len(chosen), parts[0][1].shape[1]), np.float32)
    start = 0
    for rows, matrix in parts:
        first, last = np.searchsorted(chosen, (start, start + len(rows)))
        picked[first:last] = matrix[chosen[first:last] - start]
        start += len(rows)
    return picked


def _centroids(sample: Floats, lists: int, seed: int) -> Floats:
    """Spherical k-means, seeded: the same vectors give the same centroids."""
    import faiss

    learner = faiss.Kmeans(
        sample.shape[1],
        lists,
        niter=ITERATIONS,
        seed=seed,
        spherical=True,
        min_points_per_centroid=1,
        max_points_per_centroid=len(sample),
    )
    learner.train(np.ascontiguousarray(sample))
    found: Floats = learner.centroids
    return found
