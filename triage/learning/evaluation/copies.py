"""Which cases are copies of one another: what must not stand on both sides of a split."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.sparse.csgraph import connected_components

from triage.duplicates.profile import identity
from triage.encoders.lexical import LexicalEncoder
from triage.learning.train import ALIKE
from triage.records import Suggestion
from triage.text import Segmenter, prepare

Rows = NDArray[np.intp]

LEFT_OUT = 0.45
"""The length of a text's commonest terms that the first search leaves out."""
BLOCK = 2_000
"""Rows searched at a time."""
PAIRS = 200_000
"""Pairs compared at a time."""


def copy_groups(suggestions: Sequence[Suggestion]) -> Rows:
    """A group number for each text, (n,), from 0 in the order of the groups' first members. Texts share a group where
    they are identical but for signs and blanks, where their wording is as close as training holds out together
    (`triage.learning.train.ALIKE`), and where a chain of such pairs joins them. Unreadable texts stand alone.

    Complete: every such pair is found, without comparing all pairs (`close_pairs`).
    """
    prepared = [prepare(suggestion) for suggestion in suggestions]
    readable = np.array([row for row, text in enumerate(prepared) if text.usable], np.intp)
    if not len(readable):
        return np.arange(len(prepared))
    texts = [prepared[row].full for row in readable]
    matrix = LexicalEncoder(Segmenter().words).fit(texts).encode(texts)
    one, other = close_pairs(matrix, ALIKE)
    first: dict[bytes, int] = {}
    same = [(first.setdefault(identity(prepared[row]), int(row)), int(row)) for row in readable]
    pairs = np.concatenate([np.stack([readable[one], readable[other]], axis=1), np.array(same, np.intp)])
    return _numbered(pairs, len(prepared))


def close_pairs(matrix: sp.csr_array, least: float) -> tuple[Rows, Rows]:
    """All pairs of different rows (i < j) whose product is at least `least`, as two arrays. Rows are at most of length
    one and without negative numbers.

    Prefix filtering (Bayardo, Ma, Srikant: "Scaling up all pairs similarity search", 2007), by the Cauchy-Schwarz
    bound: of each row the commonest terms are left out as long as their length stays below `LEFT_OUT`. What two rows
    share of what either leaves out adds up to no more than that, so rows that reach `least` share terms worth
    `least - LEFT_OUT` in what both keep. Only those pairs are compared whole.
    """
    rare = _rare_terms(matrix, min(LEFT_OUT, 0.9 * least))
    turned = rare.T.tocsr()
    bound = least - min(LEFT_OUT, 0.9 * least) - 1e-5  # of single precision
    found: list[NDArray[np.intp]] = []
    for start in range(0, matrix.shape[0], BLOCK):
        near = (rare[start : start + BLOCK] @ turned).tocoo()
        one, other = near.coords[0] + start, near.coords[1]
        kept = (near.data >= bound) & (one < other)
        found.append(np.stack([one[kept], other[kept]]).astype(np.intp))
    one, other = np.concatenate(found, axis=1) if found else np.zeros((2, 0), np.intp)
    close = np.zeros(len(one), bool)
    for start in range(0, len(one), PAIRS):
        some = slice(start, start + PAIRS)
        close[some] = (matrix[one[some]] * matrix[other[some]]).sum(axis=1) >= least
    return one[close], other[close]


def _rare_terms(matrix: sp.csr_array, limit: float) -> sp.csr_array:
    """The rows without their commonest terms, of which in each row less than `limit` in length is taken."""
    counts = np.bincount(matrix.indices, minlength=matrix.shape[1])
    # One order for all rows, the commonest first: the bound rests on it.
    order = np.argsort(-counts, kind="stable")
    sorted_ = matrix[:, order].tocsr()
    sorted_.sort_indices()
    squares = np.cumsum(np.concatenate([[0.0], sorted_.data.astype(np.float64) ** 2]))
    before = np.repeat(squares[sorted_.indptr[:-1]], np.diff(sorted_.indptr))
    kept = squares[1:] - before >= limit**2
    ends = np.concatenate([[0], np.cumsum(kept)])[sorted_.indptr]
    return sp.csr_array((sorted_.data[kept], sorted_.indices[kept], ends), shape=sorted_.shape)


def _numbered(pairs: Rows, count: int) -> Rows:
    graph = sp.coo_array((np.ones(len(pairs), bool), (pairs[:, 0], pairs[:, 1])), shape=(count, count))
    labels = connected_components(graph, directed=False)[1]
    _, first, inverse = np.unique(labels, return_index=True, return_inverse=True)
    return np.asarray(np.argsort(np.argsort(first))[inverse], np.intp)
