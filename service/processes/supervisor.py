"""The supervisor: a small process without threads that holds the port and knows which generation answers.

A new generation is loaded beside the one that answers. When all its processes are ready, the old one takes no more
connections and ends with its callers; if loading fails, the old one goes on as if nothing had been.
"""

from __future__ import annotations

import logging
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from service.processes.children import Child, Ear, fork
from service.processes.generation import AFTER_GRACE, LONGEST_PAUSE, SHORT_LIFE, Generation
from triage.errors import InputError

_log = logging.getLogger(__name__)


@dataclass
class Supervisor:
    """Runs one generation after another. `generation` makes the next, `ready` is called when the first one answers."""

    generation: Callable[[], Generation]
    grace: float
    ready: Callable[[], object] = lambda: None
    _current: Child | None = None
    _coming: Child | None = None
    _leaving: list[Child] = field(default_factory=list)
    _working: int = 0
    _again: bool = False
    _again_at: float = 0.0
    _pause: float = 0.0
    _until: float = 0.0
    _number: int = 0
    _failure: str = ""

    def run(self) -> None:
        """Until SIGTERM or Ctrl-C. Raises InputError with the reason if the first generation never gets ready."""
        with Ear((signal.SIGTERM, signal.SIGINT, signal.SIGHUP)).open() as ear:
            self._start()
            while self._children or (self._again and not self._until):
                caught, _ = ear.wait(self._children, self._seconds())
                for number in caught:
                    self._obey(number)
                self._reap()
                self._promote()
                self._go_on()
        if self._failure and not self._until:
            raise InputError(self._failure)

    @property
    def _children(self) -> list[Child]:
        return [child for child in (self._current, self._coming, *self._leaving) if child is not None]

    def _start(self) -> None:
        self._number += 1
        self._coming = fork(f"generation-{self._number}", self.generation().run, self._children)

    def _obey(self, number: int) -> None:
        if number == signal.SIGHUP:
            self._again = not self._until
        elif number in (signal.SIGTERM, signal.SIGINT):
            if self._until and number == signal.SIGINT:
                self._until = time.monotonic()  # Ctrl-C twice: now
            elif not self._until:
                self._until = time.monotonic() + self.grace + 2 * AFTER_GRACE
                for child in self._children:
                    child.signal(signal.SIGTERM)

    def _reap(self) -> None:
        for child in self._children:
            status = child.ended()
            if status is None:
                if self._until and time.monotonic() > self._until:
                    child.signal(signal.SIGKILL)
                continue
            if child in self._leaving:
                self._leaving.remove(child)
            elif child is self._coming:
                self._coming = None
                self._tell_failed(child, status)
            else:
                self._current = None
                self._lost(child, status)

    def _tell_failed(self, child: Child, status: int) -> None:
        if self._until:
            return
        self._failure = child.reason or f"{child.name} ended with status {status} before it was ready"
        fields = {"process": child.name, "status": status, "detail": self._failure}
        if self._current is None and child.started and self._number > 1:
            self._later(child)
        _log.error("a new generation has failed; what answered before goes on", extra={"fields": fields})

    def _lost(self, child: Child, status: int) -> None:
        """The generation that answered has died: its processes finish what they have, and another one is loaded."""
        if self._until:
            return
        _log.error("a generation has died", extra={"fields": {"process": child.name, "status": status}})
        self._later(child)

    def _later(self, child: Child) -> None:
        lived = time.monotonic() - child.started
        self._pause = 0.0 if lived > SHORT_LIFE else min(LONGEST_PAUSE, max(0.5, 2 * self._pause))
        self._again_at = time.monotonic() + self._pause
        self._again = True

    def _promote(self) -> None:
        """The coming generation is ready: it answers from now on, and the one before leaves."""
        coming = self._coming
        if coming is not None and coming.ready and not self._until:
            first, before = self._number == 1, self._current
            self._current, self._coming, self._failure = coming, None, ""
            _log.info("a generation answers", extra={"fields": {"process": coming.name}})
            if before is not None:
                self._leaving.append(before)
                before.signal(signal.SIGUSR1)
            if first:
                self.ready()
        if self._current is not None and not self._leaving and self._working != self._current.pid:
            self._working = self._current.pid
            self._current.tell("work")

    def _go_on(self) -> None:
        """Load the next generation if one is wanted, one at a time."""
        if self._again and self._coming is None and not self._until and time.monotonic() >= self._again_at:
            self._again = False
            self._start()

    def _seconds(self) -> float:
        return 1.0 if not self._again else max(0.05, min(1.0, self._again_at - time.monotonic()))
