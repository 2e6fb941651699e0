"""A duty of the worker: it notices that something else should answer, and asks the supervisor for a new generation."""

from __future__ import annotations

import os
import signal

from service.served.index_file import asked_index, identity
from service.served.model import ServedModel, in_use
from service.served.place import number_in_force
from service.settings import Settings
from service.store.store import Store

State = tuple[str, int | None, str]


class Watching:
    """Compares what answers with what should: the bundle in use, the catalogue in force, the file of the index.

    Each other state is told once. If the supervisor cannot load it, it says so in the log, and the next change, or
    SIGHUP, is the next attempt.
    """

    name = "watching"
    pause = 1.0

    def __init__(self, settings: Settings, store: Store | None, model: ServedModel, supervisor: int) -> None:
        self._settings, self._store, self._supervisor = settings, store, supervisor
        now = model.now()
        self._told: State = (now.bundle, now.place.number, now.file)

    def step(self) -> bool:
        """Look once. True: the supervisor was told."""
        bundle, number, file = self._told
        wanted: State = (
            in_use(self._settings),
            number_in_force(self._settings, self._store),
            identity(asked_index(self._settings)) or file,
        )
        if wanted == (bundle, number, file):
            return False
        self._told = wanted
        os.kill(self._supervisor, signal.SIGHUP)
        return True
