"""How many requests a key may make a minute, counted by all worker processes together.

The generic cell rate algorithm (ATM Forum, Traffic Management 4.0, 1996) keeps one time for each key: when all that
it has used will have come back. A key may use its whole minute at once; then the requests come back one by one.

The times lie in a file without a name that is mapped before the processes fork. Its lock is the kernel's record lock: a
worker that is killed in the middle gives it back, which a semaphore would not.
"""

from __future__ import annotations

import fcntl
import hashlib
import math
import mmap
import os
import struct
import tempfile
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

MINUTE = 60.0
SLOTS = 4_096
PROBES = 8
"""Places in which the time of one key can lie. Where all are taken, the one that is soonest idle gives way."""

_SLOT = struct.Struct("=Qd")  # the key's fingerprint, and its time


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a request: whether it may pass, how many more may at once, and the seconds until the next may."""

    passes: bool
    limit: int
    left: int
    wait: float

    def headers(self) -> dict[str, str]:
        """``RateLimit`` and ``RateLimit-Policy`` (draft-ietf-httpapi-ratelimit-headers), ``Retry-After`` if refused."""
        told = {
            "RateLimit-Policy": f'"key";q={self.limit};w={MINUTE:g}',
            "RateLimit": f'"key";r={self.left};t={math.ceil(self.wait)}',
        }
        return told if self.passes else told | {"Retry-After": str(max(1, math.ceil(self.wait)))}


class Rates:
    """The counts of all keys. Made before the processes fork; afterwards each may ask at any time."""

    def __init__(self, *, slots: int = SLOTS, clock: Callable[[], float] = time.monotonic) -> None:
        self.slots = slots
        self.clock = clock
        with tempfile.TemporaryFile() as file:
            file.truncate(slots * _SLOT.size)
            self._file = os.dup(file.fileno())
        self._table = mmap.mmap(self._file, slots * _SLOT.size)
        weakref.finalize(self, os.close, self._file)
        self._threads = threading.Lock()

    def take(self, key: str, per_minute: int) -> Taken:
        """Count one request of `key`, unless it has used up its `per_minute`. A refused one counts nothing."""
        fingerprint = int.from_bytes(hashlib.blake2b(key.encode(), digest_size=8).digest()) or 1
        pause = MINUTE / per_minute
        with self._alone():
            now = self.clock()
            place, back = self._slot(fingerprint, now)
            later = max(back, now) + pause
            passes = later - now <= MINUTE + 1e-6  # the sum of many pauses is not exact
            if passes:
                _SLOT.pack_into(self._table, place, fingerprint, later)
        used = (later if passes else later - pause) - now
        left = max(0, int((MINUTE - used) / pause + 1e-6))
        return Taken(passes, per_minute, left, 0.0 if left else max(0.0, used + pause - MINUTE))

    def _slot(self, fingerprint: int, now: float) -> tuple[int, float]:
        """Where the key's time lies, and what it is; `now` for a key that has none."""
        first = fingerprint % self.slots
        soonest, soonest_time = 0, math.inf
        for step in range(min(PROBES, self.slots)):
            place = (first + step) % self.slots * _SLOT.size
            held, back = _SLOT.unpack_from(self._table, place)
            if held == fingerprint:
                return place, back
            if back < soonest_time:
                soonest, soonest_time = place, back
        return soonest, now

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """No other thread and no other process is at the table."""
        with self._threads:
            fcntl.lockf(self._file, fcntl.LOCK_EX)
            try:
                yield
            finally:
                fcntl.lockf(self._file, fcntl.LOCK_UN)
