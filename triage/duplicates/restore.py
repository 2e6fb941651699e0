"""The search over many texts, back from what the store kept of it."""

from __future__ import annotations

import logging

from triage.duplicates.nearest import NearestRows
from triage.duplicates.store import Rows, Store
from triage.errors import StorageError

log = logging.getLogger(__name__)

RENEWED = 1.2
"""When the texts have grown by so much, what the search has learned of them is kept anew."""
KEPT = frozenset({"centroids", "rows", "lists", "learned_at"})
"""The arrays of the search in the store; others belong to others."""


def restored_search(store: Store, rows: Rows) -> NearestRows:
    """The search over the vectors of these rows; learned, and kept in the store, if there is nothing that fits."""
    rows, vectors = store.all_vectors(rows)
    arrays = store.arrays()
    kept = {name: array for name, array in arrays.items() if name in KEPT}
    try:
        nearest = NearestRows.from_arrays(store.dimension, kept, rows, vectors)
    except ValueError:
        log.warning("what was kept of the search does not fit the texts; it is learned anew")
        kept, nearest = {}, NearestRows.from_arrays(store.dimension, {}, rows, vectors)
    if not kept or len(rows) > RENEWED * len(kept["rows"]):
        others = {name: array for name, array in arrays.items() if name not in KEPT}
        try:
            store.keep_arrays({**others, **nearest.to_arrays()})
        except StorageError:  # an index that may only be read still answers
            log.warning("the index cannot be written; its search is learned again at the next opening")
    return nearest
