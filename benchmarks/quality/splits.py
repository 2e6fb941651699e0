"""Splits through which nothing leaks: near-copies stay on one side, or time runs forward."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.sparse.csgraph import connected_components

Rows = NDArray[np.intp]

ALIKE = 0.75
"""Texts whose character 1- to 3-gram TF-IDF cosine is at least this are near-copies."""
FOLDS = 5
BLOCK = 512
"""Rows compared at a time, so that 5,000 letters need megabytes instead of gigabytes."""


def near_copies(texts: Sequence[str]) -> Rows:
    """A group number for each text; texts that a chain of near-copies joins share one."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    matrix = sp.csr_array(
        TfidfVectorizer(analyzer="char", ngram_range=(1, 3), sublinear_tf=True, dtype=np.float32).fit_transform(texts)
    )
    turned = matrix.T.tocsr()
    pairs: list[NDArray[np.int64]] = []
    for start in range(0, len(texts), BLOCK):
        rows, columns = np.nonzero((matrix[start : start + BLOCK] @ turned).toarray() >= ALIKE)
        pairs.append(np.stack([rows + start, columns]))
    rows, columns = np.concatenate(pairs, axis=1)
    graph = sp.coo_array((np.ones(len(rows), bool), (rows, columns)), shape=(len(texts), len(texts)))
    labels: Rows = connected_components(graph, directed=False)[1].astype(np.intp)
    return labels


def grouped_folds(texts: Sequence[str]) -> list[tuple[Rows, Rows]]:
    """Five pairs of rows to learn from and rows to ask, near-copies together; the same on every machine."""
    from sklearn.model_selection import GroupKFold

    groups = near_copies(texts)
    return list(GroupKFold(FOLDS, shuffle=True, random_state=0).split(texts, groups=groups))


def months_kept_back(dates: Sequence[str], count: int) -> tuple[Rows, Rows]:
    """Rows before the last `count` months (dates as 2023-06-16), and rows of those months."""
    months = np.array([date[:7] for date in dates])
    first = sorted(set(months.tolist()))[-count]
    return np.flatnonzero(months < first), np.flatnonzero(months >= first)
