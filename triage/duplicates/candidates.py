"""Stored texts, ready to be compared: read from the store when they first come up, and kept while there is room."""

from __future__ import annotations

import threading
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from triage.duplicates.profile import Profile
from triage.duplicates.store import Store

Floats = NDArray[np.float32]
Rows = NDArray[np.int64]

KEPT = 20_000
"""Texts that are kept; 20,000 letters take about 100 MB."""


class Candidates:
    """Profiles and sentence vectors by row. Safe to use from several threads."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._profiles: dict[int, Profile] = {}
        self._dense: dict[int, Floats] = {}
        self._lock = threading.Lock()

    def of(self, rows: Rows) -> tuple[list[int], list[Profile], Floats | None]:
        """Those of the rows that are still stored, with their profiles, and their sentence vectors (rows, dimension),
        None without a sentence encoder.
        """
        with self._lock:
            return self._of([int(row) for row in rows])

    def _of(self, wanted: list[int]) -> tuple[list[int], list[Profile], Floats | None]:
        if missing := [row for row in wanted if row not in self._profiles]:
            if len(self._profiles) + len(missing) > KEPT:
                self._profiles, self._dense = {}, {}
                missing = wanted
            found = self._store.entries(missing)
            for place, row in enumerate(found.rows.tolist()):
                self._profiles[row] = Profile.from_json(found.profiles[place])
                if found.dense is not None:
                    self._dense[row] = found.dense[place]
        there = [row for row in wanted if row in self._profiles]
        profiles = [self._profiles[row] for row in there]
        if not self._store.encoder or not there:
            return there, profiles, None
        return there, profiles, np.stack([self._dense[row] for row in there])

    def forget(self, rows: Iterable[int]) -> None:
        """Let go of rows that are no longer stored."""
        with self._lock:
            for row in rows:
                self._profiles.pop(row, None)
                self._dense.pop(row, None)
