"""What jobs work with: the model, the index and the rules of the place, opened when the first job needs them."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from service.served.model import ServedModel
from service.settings import Settings
from service.store.store import Store

if TYPE_CHECKING:
    from service.served.model import Answering


RECENT = 2_000
"""Texts whose vectors are remembered: what a job has answered and stored, the index reads again a second later."""


class Bench:
    """The settings, the memory, and what answers. `served` is given where the process has it already."""

    def __init__(self, settings: Settings, store: Store, served: ServedModel | None = None) -> None:
        self.settings = settings
        self.store = store
        self._served = served
        self._lock = threading.Lock()

    def answering(self) -> Answering:
        """What should answer now. Raises TriageError where it cannot be loaded."""
        with self._lock:
            if self._served is None:
                served = ServedModel()
                served.open(self.settings, self.store)
                self._served = served
        self._served.look()
        now = self._served.now()
        if now.triager.sentence is not None:
            now.triager.sentence.remember(RECENT)
        return now

    def close(self) -> None:
        """Let go of the index's file."""
        if self._served is not None:
            self._served.close()
