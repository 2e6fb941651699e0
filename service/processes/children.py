"""A forked process, and what its parent hears of it.

A child speaks through a pipe: ``ready``, ``alive`` every second, ``failed`` with the reason. It hears through another,
the lifeline, which ends when its parent dies, however it dies.
"""

from __future__ import annotations

import json
import os
import selectors
import signal
import sys
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from service.logs import log_fault

HEARD = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR1, signal.SIGCHLD)
"""What parents wait for; in a child nothing of it has a meaning until the child says which."""

Run = Callable[["Voice", int], int]
"""What a child does: it is given its voice and the lifeline to its parent, and returns its exit status."""


@dataclass
class Child:
    """A process that was forked. `hears` is where the parent listens, `tells` the lifeline that it holds."""

    name: str
    pid: int
    hears: int
    tells: int
    started: float = field(default_factory=time.monotonic)
    heard: float = field(default_factory=time.monotonic)
    ready: bool = False
    reason: str = ""
    """Why it could not do its work, in its own words; they never quote a text."""
    _buffer: bytes = b""

    def listen(self) -> None:
        """Take in what the child has said since the last time."""
        with suppress(BlockingIOError):
            while said := os.read(self.hears, 65_536):
                self._buffer += said
        *lines, self._buffer = self._buffer.split(b"\n")
        for line in lines:
            self.heard = time.monotonic()
            word, _, rest = line.partition(b" ")
            self.ready = self.ready or word == b"ready"
            if word == b"failed":
                self.reason = str(json.loads(rest))

    def tell(self, word: str) -> None:
        """Say something to the child through its lifeline."""
        with suppress(OSError):
            os.write(self.tells, f"{word}\n".encode())

    def signal(self, number: int) -> None:
        """Send a signal, if the process is still there."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, number)

    def ended(self) -> int | None:
        """The exit status, negative for a signal; None while the process lives. Its pipes are closed with it."""
        pid, status = os.waitpid(self.pid, os.WNOHANG)
        if not pid:
            return None
        self.listen()
        os.close(self.hears)
        os.close(self.tells)
        return os.waitstatus_to_exitcode(status)


class Voice:
    """How a child speaks to its parent. A parent that does not listen is nobody's trouble."""

    def __init__(self, pipe: int) -> None:
        self._pipe = pipe
        os.set_blocking(pipe, False)

    def ready(self) -> None:
        """Say that the work has begun."""
        self._say("ready")

    def alive(self) -> None:
        """Say that the work goes on."""
        self._say("alive")

    def failed(self, reason: str) -> None:
        """Say why it cannot."""
        self._say(f"failed {json.dumps(reason[:2_000])}")

    def _say(self, line: str) -> None:
        with suppress(OSError):
            os.write(self._pipe, f"{line}\n".encode())


def fork(name: str, run: Run, others: Iterable[Child] = ()) -> Child:
    """Start a process that does `run`. `others` are the parent's children, whose pipes are none of its business."""
    hears, speaks = os.pipe()
    listens, tells = os.pipe()
    os.set_blocking(hears, False)
    sys.stdout.flush()
    sys.stderr.flush()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, HEARD)  # none may meet the parent's handlers in the child
    pid = os.fork()
    if not pid:
        _live(run, speaks, listens, [hears, tells, *(end for one in others for end in (one.hears, one.tells))])
    signal.pthread_sigmask(signal.SIG_SETMASK, before)
    os.close(speaks)
    os.close(listens)
    return Child(name, pid, hears, tells)


def _live(run: Run, speaks: int, listens: int, foreign: Iterable[int]) -> None:
    """The child's whole life. It leaves without the parent's clean-up, which is the parent's."""
    status = 1
    try:
        signal.set_wakeup_fd(-1)
        for number in HEARD:
            signal.signal(number, signal.SIG_IGN if number == signal.SIGINT else signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, HEARD)
        for end in foreign:
            os.close(end)
        status = run(Voice(speaks), listens)
    except BaseException as error:  # noqa: BLE001 - nothing above may go on with the parent's work
        log_fault(error)
    finally:
        with suppress(OSError, ValueError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(status)


class Ear:
    """What a parent waits for: signals, and words of its children. Used with ``with``, in the main thread."""

    def __init__(self, signals: Collection[int]) -> None:
        self._signals = frozenset(signals) | {signal.SIGCHLD}
        self._pipe = (-1, -1)

    @contextmanager
    def open(self) -> Iterator[Ear]:
        """Signals are caught while the block runs."""
        self._pipe = os.pipe()
        for end in self._pipe:
            os.set_blocking(end, False)
        before = {number: signal.signal(number, lambda *_: None) for number in self._signals}
        woken = signal.set_wakeup_fd(self._pipe[1], warn_on_full_buffer=False)
        try:
            yield self
        finally:
            signal.set_wakeup_fd(woken)
            for number, handler in before.items():
                signal.signal(number, handler)
            for end in self._pipe:
                os.close(end)

    def wait(self, children: Iterable[Child], seconds: float, *more: int) -> tuple[list[int], set[int]]:
        """Wait for at most so many seconds. The signals that came, and which of the pipes `more` can be read."""
        named = {child.hears: child for child in children}
        with selectors.DefaultSelector() as selector:
            for end in (self._pipe[0], *named, *more):
                selector.register(end, selectors.EVENT_READ)
            readable = {int(key.fd) for key, _ in selector.select(max(0.0, seconds))}
        for end in readable & named.keys():
            named[end].listen()
        caught: list[int] = []
        with suppress(BlockingIOError):
            caught = [number for number in os.read(self._pipe[0], 4_096) if number in self._signals]
        return caught, readable & set(more)
