"""How telling a gram is in this index: what is said in every letter of a place tells its letters not apart."""

from __future__ import annotations

import logging
import threading

import numpy as np

from triage.duplicates.candidates import Candidates
from triage.duplicates.grams import BUCKETS, Rarity
from triage.duplicates.store import Store
from triage.errors import StorageError

log = logging.getLogger(__name__)

LEAST = 64
"""With fewer texts only the general rarity counts."""
MOST = 4096
"""Texts that are counted; more would change no weight that matters, and cost time."""
_COUNTS, _TEXTS = "gram_counts", "gram_texts"


class Vocabulary:
    """The general rarity and that of the index's own texts, together.

    Counted anew whenever the texts have doubled, up to `MOST`, on those with the smallest keys, which is as good as by
    chance; kept in the index, so that it answers the same after it was opened again.
    """

    def __init__(self, store: Store, candidates: Candidates, general: Rarity) -> None:
        self._store = store
        self._candidates = candidates
        self._general = general
        self._lock = threading.Lock()
        self._counted = 0
        self._rarity = general

    def rarity(self, texts: int) -> Rarity:
        """The rarity to compare with, in an index of so many different texts."""
        wanted = 0 if texts < LEAST else min(1 << (texts.bit_length() - 1), MOST)
        if wanted != self._counted:
            with self._lock:
                if wanted != self._counted:
                    self._rarity = self._kept(wanted) or self._learned(wanted)
                    self._counted = wanted
        return self._rarity

    def _kept(self, wanted: int) -> Rarity | None:
        if not wanted:
            return self._general
        arrays = self._store.arrays()
        counts, texts = arrays.get(_COUNTS), arrays.get(_TEXTS)
        if counts is None or texts is None or counts.shape != (BUCKETS,) or texts.tolist() != [wanted]:
            return None
        return self._with_general(counts.astype(np.uint32), wanted)

    def _learned(self, wanted: int) -> Rarity:
        _, profiles, _ = self._candidates.of(self._store.sample_rows(wanted))
        counted = Rarity.counted([(profile.grams, profile.word_grams) for profile in profiles])
        try:
            arrays = {name: array for name, array in self._store.arrays().items() if name not in (_COUNTS, _TEXTS)}
            counts = np.minimum(counted.counts, 65_535).astype(np.uint16)
            self._store.keep_arrays({**arrays, _COUNTS: counts, _TEXTS: np.array([wanted], np.int64)})
        except StorageError:  # an index that may only be read still answers
            log.warning("the index cannot be written; how telling its words are is counted again at the next opening")
        return self._with_general(counted.counts, wanted)

    def _with_general(self, counts: np.ndarray[tuple[int], np.dtype[np.uint32]], texts: int) -> Rarity:
        return Rarity(self._general.counts + counts, self._general.texts + texts)
