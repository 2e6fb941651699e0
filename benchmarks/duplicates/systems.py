"""The searches that are measured beside each other. Each takes all vectors once, then answers one query at a time."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from triage.duplicates.nearest import NearestRows

Search = Callable[[NDArray[np.float32], int], Any]
Build = Callable[[NDArray[np.float16]], Search]

BLOCK = 50_000
THREADS = 2  # while building


def nearest_rows(vectors: NDArray[np.float16]) -> Search:
    """Ours, with the limits that it has."""
    nearest = NearestRows(vectors.shape[1])
    nearest.add(np.arange(len(vectors)), vectors)
    return lambda query, k: nearest.search(query[None], k)[0][0]


def faiss_flat(vectors: NDArray[np.float16]) -> Search:
    """faiss, every vector compared in single precision."""
    faiss = importlib.import_module("faiss")
    index = faiss.IndexFlatIP(vectors.shape[1])
    for start in range(0, len(vectors), BLOCK):
        index.add(vectors[start : start + BLOCK].astype(np.float32))
    return lambda query, k: index.search(query[None], k)[1][0]


def usearch_half(vectors: NDArray[np.float16]) -> Search:
    """usearch's graph in half precision, its own settings."""
    return _usearch(vectors, "f16")


def usearch_bytes(vectors: NDArray[np.float16]) -> Search:
    """usearch's graph in bytes, its own settings."""
    return _usearch(vectors, "i8")


def hnswlib_graph(vectors: NDArray[np.float16]) -> Search:
    """hnswlib's graph in single precision, its own settings, 100 candidates a query."""
    hnswlib = importlib.import_module("hnswlib")
    index = hnswlib.Index(space="ip", dim=vectors.shape[1])
    index.init_index(max_elements=len(vectors), random_seed=0)
    for start in range(0, len(vectors), BLOCK):
        block = vectors[start : start + BLOCK].astype(np.float32)
        index.add_items(block, np.arange(start, start + len(block)), num_threads=THREADS)
    index.set_ef(100)
    return lambda query, k: index.knn_query(query, k=k, num_threads=1)[0][0]


def _usearch(vectors: NDArray[np.float16], kind: str) -> Search:
    usearch = importlib.import_module("usearch.index")
    index = usearch.Index(ndim=vectors.shape[1], metric="ip", dtype=kind)
    for start in range(0, len(vectors), BLOCK):
        block = vectors[start : start + BLOCK].astype(np.float32)
        index.add(np.arange(start, start + len(block)), block, threads=THREADS)
    return lambda query, k: index.search(query, k, threads=1).keys


SYSTEMS: dict[str, tuple[str, Build]] = {
    "NearestRows": ("faiss-cpu", nearest_rows),
    "faiss flat": ("faiss-cpu", faiss_flat),
    "usearch f16": ("usearch", usearch_half),
    "usearch i8": ("usearch", usearch_bytes),
    "hnswlib": ("hnswlib", hnswlib_graph),
}
"""Name: the package that it needs, and how it is built."""

GRAPHS = frozenset({"usearch f16", "usearch i8", "hnswlib"})
"""Those that take minutes to build for a million."""
