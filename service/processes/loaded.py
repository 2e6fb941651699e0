"""What a generation loads, and what its processes do with it: serve requests, or do the work beside them."""

from __future__ import annotations

import os
import selectors
import signal
import socket
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from service.logs import log_fault
from service.processes.children import Voice
from service.processes.serving import ServingProcess, answers, shared
from service.served.model import ServedModel
from service.settings import Settings
from service.shapes.examples import BUS
from service.store.store import Store
from triage.errors import TriageError
from triage.records import Suggestion

if TYPE_CHECKING:
    from fastapi import FastAPI

    from service.jobs.worker import Duty

SIGN_OF_LIFE = 1.0
"""Seconds between two."""


class SharedModel(ServedModel):
    """A model that one process opens and others, forked from it, open again: there only the files are opened, what was
    read from them is shared. Which bundle answers is decided by the next generation, not here.
    """

    def __init__(self) -> None:
        super().__init__()
        self.follow = False
        self._opened_in = 0

    def open(self, settings: Settings, store: Store | None = None) -> None:
        """Load everything, or in a forked process what cannot be shared. Raises TriageError."""
        self._settings, self._store = settings, store
        before, self._opened_in = self._opened_in, os.getpid()
        if self.answering is None:
            super().open(settings, store)
        elif self.index is not None and before != self._opened_in:
            try:
                self.index.reopen()
            except TriageError as error:  # it was built anew since it was loaded
                log_fault(error)
                super().open(settings, store)

    def let_go(self) -> None:
        """Close the files before the fork: SQLite's connections must not be carried across."""
        self._store = None
        if self.index is not None:
            self.index.close()


@dataclass(frozen=True)
class Loaded:
    """One loading of everything, shared by the processes that are forked from here."""

    settings: Settings
    app: FastAPI
    model: SharedModel
    listening: socket.socket
    supervisor: int

    @classmethod
    def load(cls, settings: Settings, app: FastAPI, listening: socket.socket, supervisor: int) -> Loaded:
        """Open bundle, catalogue and index, and let go of their files again. Raises TriageError."""
        model = SharedModel()
        store = Store(settings.database_url) if settings.database_url else None
        try:
            model.open(settings, store)
            ask(model)
        finally:
            model.let_go()
            if store is not None:
                store.close()
        app.state.model = model
        return cls(settings, app, model, listening, supervisor)

    @property
    def has_work(self) -> bool:
        """There is work where there is a memory, and a registry may change what answers."""
        from service.served.bundle import is_registry

        return bool(self.settings.database_url) or is_registry(self.settings)

    def serve(self, voice: Voice, lifeline: int) -> int:
        """Serve requests until told to stop."""
        self.model.open(self.settings)
        answers(lambda: ask(self.model))
        server = ServingProcess(self.app, self.settings.grace_seconds, voice, lifeline)
        self.app.state.stops = lambda: server.should_exit
        server.run(sockets=[shared(self.listening)])
        return 0 if server.started else 1

    def work(self, voice: Voice, lifeline: int) -> int:
        """Do the work beside the requests until told to stop."""
        from service.jobs.worker import Worker

        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGUSR1):
            signal.signal(number, lambda *_: stop.set())
        store = Store(self.settings.database_url) if self.settings.database_url else None
        self.model.open(self.settings, store)
        duties = self._duties(store)
        threading.Thread(target=_live, args=(voice, lifeline, stop), daemon=True, name="sign-of-life").start()
        voice.ready()
        Worker(duties).run(stop)
        return 0

    def _duties(self, store: Store | None) -> list[Duty]:
        from service.jobs.duties import duties_of
        from service.processes.watching import Watching

        watching = Watching(self.settings, store, self.model, self.supervisor)
        return [watching] if store is None else [watching, *duties_of(self.settings, store, self.model)]


def ask(model: ServedModel) -> None:
    """One question, with everything that answers: tables that are filled on first use are filled, and shared."""
    now = model.now()
    now.triager.triage([Suggestion(title=BUS["title"])], history=now.index, precheck=now.precheck)


def _live(voice: Voice, lifeline: int, stop: threading.Event) -> None:
    """Give signs of life until the parent has died; then stop."""
    with selectors.DefaultSelector() as selector:
        selector.register(lifeline, selectors.EVENT_READ)
        while not stop.is_set():
            voice.alive()
            if selector.select(SIGN_OF_LIFE) and not os.read(lifeline, 4_096):
                stop.set()
