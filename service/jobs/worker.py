"""The worker: duties that go on beside the requests, each in a thread of its own, until it is told to stop."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Protocol, runtime_checkable

from service.logs import log_fault
from service.store.errors import StoreBusy


class Duty(Protocol):
    """Something that has to be done again and again. A step is short: the worker stops between two of them."""

    name: str
    pause: float
    """Seconds to wait when there was nothing to do, or when a step failed."""

    def step(self) -> bool:
        """Do a piece of it. True: something was done, come again at once."""
        ...


@runtime_checkable
class Ending(Protocol):
    """A duty that has something to give back, or a long step to end, when the worker stops."""

    def end(self) -> None:
        """Called once, from another thread, when the worker has been told to stop. Must return at once."""
        ...


@runtime_checkable
class Closing(Protocol):
    """A duty that holds something: a job, a file, a connection."""

    def close(self) -> None:
        """Called once, in the duty's own thread, after its last step."""
        ...


class Worker:
    """Does its duties until `run` is told to stop. What goes wrong in one is logged and does not touch the others."""

    def __init__(self, duties: Sequence[Duty]) -> None:
        self.duties = tuple(duties)

    def run(self, stop: threading.Event) -> None:
        """Work until `stop` is set and every duty has finished the step it is in."""
        threads = [
            threading.Thread(target=self._attend, args=(duty, stop), name=f"duty-{duty.name}") for duty in self.duties
        ]
        for thread in threads:
            thread.start()
        stop.wait()
        for duty in self.duties:
            if isinstance(duty, Ending):
                _safely(duty.end)
        for thread in threads:
            thread.join()

    def _attend(self, duty: Duty, stop: threading.Event) -> None:
        while not stop.is_set():
            if not _safely(duty.step):
                stop.wait(duty.pause)
        if isinstance(duty, Closing):
            _safely(duty.close)


def _safely(act: Callable[[], bool | None]) -> bool:
    """What `act` returns; False, and a line in the log, where it raises."""
    try:
        return bool(act())
    except StoreBusy:
        return False  # another writer was there for long; the next step tries again
    except Exception as error:  # noqa: BLE001 - a duty that fails must not take the others with it
        log_fault(error)
        return False
