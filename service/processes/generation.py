"""A generation: one process that loads what is served once, and the processes that it forks to serve it.

They share its memory until they write to it, so a further process costs what it adds, not another model. The process
that loaded does nothing else: it has no threads of its own, so a fork is always clean, and it can replace a process
that died at once, from what is in its memory.
"""

from __future__ import annotations

import gc
import logging
import os
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from service.logs import log_fault
from service.processes.children import Child, Ear, Run, Voice, fork
from service.web.metrics import died
from triage.errors import TriageError

SILENT_SECONDS = 60.0
"""A process that has said nothing for so long hangs, and is replaced. They say something every second."""
STARTING_SECONDS = 60.0
"""The same for one that has not been ready yet."""
SHORT_LIFE = 10.0
"""Seconds; who dies younger is replaced after a pause, which doubles up to `LONGEST_PAUSE`."""
LONGEST_PAUSE = 30.0
FEWEST_PAUSES = 0.5
ATTEMPTS = 3
"""So many processes may die before the first of a generation has been ready; then the generation has failed."""
AFTER_GRACE = 5.0
"""Seconds after the grace period in which processes still may end by themselves."""

_log = logging.getLogger(__name__)


class Prepared(Protocol):
    """What a generation has loaded, and what its processes do with it."""

    def serve(self, voice: Voice, lifeline: int) -> int:
        """Serve requests until told to stop."""
        ...

    def work(self, voice: Voice, lifeline: int) -> int:
        """Do the work beside the requests until told to stop."""
        ...

    @property
    def has_work(self) -> bool:
        """Whether there is any."""
        ...


@dataclass
class _Place:
    """A place that one process after another fills."""

    name: str
    run: Run
    child: Child | None = None
    pause: float = 0.0
    again_at: float = 0.0
    deaths: int = 0


@dataclass
class Generation:
    """The processes of one loading. `prepare` is called in the generation's own process."""

    prepare: Callable[[], Prepared]
    processes: int
    grace: float
    _places: list[_Place] = field(default_factory=list)
    _stop: int = 0
    _until: float = 0.0
    _told: bool = False

    def run(self, voice: Voice, lifeline: int) -> int:
        """Load, fork, replace who dies, until told to stop. The exit status of the process."""
        try:
            prepared = self.prepare()
        except TriageError as error:
            voice.failed(str(error))
            return 2
        except Exception as error:  # noqa: BLE001 - the generation before goes on, and the log says where it came from
            log_fault(error)
            voice.failed(f"it could not be loaded ({type(error).__name__}); the log says where")
            return 1
        if threading.active_count() > 1:
            voice.failed("what was loaded has started threads, and processes with threads cannot be forked safely")
            return 1
        gc.collect()
        gc.freeze()  # the collector would write to every object, and what is written to is shared no more
        self._places = [_Place(f"serving-{number}", prepared.serve) for number in range(1, self.processes + 1)]
        os.set_blocking(lifeline, False)
        with Ear((signal.SIGTERM, signal.SIGUSR1)).open() as ear:
            return self._watch(ear, prepared, voice, lifeline)

    def _watch(self, ear: Ear, prepared: Prepared, voice: Voice, lifeline: int) -> int:
        while True:
            self._reap()
            if self._stop and not self._children:
                return 0 if self._told else 1
            if not self._told and any(place.deaths >= ATTEMPTS for place in self._places):
                self._fail(voice)
            self._fill()
            self._settle(voice)
            ends = () if self._stop else (lifeline,)
            caught, words = ear.wait(self._children, self._seconds(), *ends)
            for number in caught:
                if number in (signal.SIGTERM, signal.SIGUSR1):
                    self._end(number)
            if words:
                self._hear(lifeline, prepared)

    @property
    def _children(self) -> list[Child]:
        return [place.child for place in self._places if place.child is not None]

    def _hear(self, lifeline: int, prepared: Prepared) -> None:
        """The word ``work``: the generation before has ended. Nothing at all: the parent has."""
        said = os.read(lifeline, 4_096)
        if not said:
            self._end(signal.SIGUSR1)
        elif b"work" in said and prepared.has_work and all(place.name != "worker" for place in self._places):
            self._places.append(_Place("worker", prepared.work))

    def _reap(self) -> None:
        for place in self._places:
            child = place.child
            status = None if child is None else child.ended()
            if child is None or status is None:
                continue
            place.child = None
            died(child.pid)
            if self._stop:
                continue
            lived = time.monotonic() - child.started
            place.deaths += not child.ready
            place.pause = 0.0 if lived > SHORT_LIFE else min(LONGEST_PAUSE, max(FEWEST_PAUSES, 2 * place.pause))
            place.again_at = time.monotonic() + place.pause
            fields = {"process": place.name, "status": status, "lived": round(lived, 1), "again_in": place.pause}
            _log.error("a process has ended and is replaced", extra={"fields": fields})

    def _fill(self) -> None:
        """Fork who is missing, one after another: each inherits what its elders have."""
        if self._stop:
            return
        for place in self._places:
            if place.child is None and time.monotonic() >= place.again_at:
                place.child = fork(place.name, place.run, self._children)

    def _settle(self, voice: Voice) -> None:
        """Say once that all are ready; end who hangs, and who does not stop in time."""
        if not self._told and not self._stop and all(child.ready for child in self._children):
            self._told = len(self._children) == len(self._places)
            if self._told:
                voice.ready()
        moment = time.monotonic()
        if self._stop and moment > self._until:
            for child in self._children:
                child.signal(signal.SIGKILL)
        for child in [] if self._stop else self._children:
            if moment - child.heard > (SILENT_SECONDS if child.ready else STARTING_SECONDS):
                _log.error("a process hangs and is ended", extra={"fields": {"process": child.name}})
                child.signal(signal.SIGKILL)

    def _end(self, number: int) -> None:
        """Tell all processes to stop: at once (SIGTERM), or when their callers have come to others (SIGUSR1)."""
        self._stop = number
        self._until = time.monotonic() + self.grace + AFTER_GRACE
        for child in self._children:
            child.signal(number)

    def _fail(self, voice: Voice) -> None:
        reason = "its processes end before they are ready; the log says why"
        voice.failed(reason)
        self._end(signal.SIGTERM)

    def _seconds(self) -> float:
        """Until something has to be done that nobody says."""
        waits = [place.again_at - time.monotonic() for place in self._places if place.child is None]
        return min([1.0, *waits])
