"""The duty that does jobs: it takes the next one, does it a piece at a time, and puts it back when it has to stop."""

from __future__ import annotations

import threading
import time

from service.jobs import leases
from service.jobs.bench import Bench
from service.jobs.work import Work
from service.store.errors import StoreBusy

LEASE_SECONDS = 30.0
"""How long a worker that is not heard of keeps its job; it is heard of three times in this while."""
TURN_SECONDS = 20.0
"""After so long on one job another that waits gets its turn: a small file does not wait for a large one."""


class JobRunner:
    """Does jobs, one at a time. Several may run, in several processes and on several machines.

    SQLite and PostgreSQL alike: it looks for work in a transaction that only reads, and takes it in a short one that
    writes. PostgreSQL passes over rows that another holds (SKIP LOCKED).
    """

    name = "jobs"
    pause = 0.5

    def __init__(self, bench: Bench, *, lease: float = LEASE_SECONDS, turn: float = TURN_SECONDS) -> None:
        self._bench = bench
        self._lease_seconds, self._turn_seconds = lease, turn
        self._work: Work | None = None
        self._began = 0.0

    def step(self) -> bool:
        """Take a job, or do the next piece of the one that is held. False: there is nothing to do."""
        if self._work is None:
            self._work = self._next()
            return self._work is not None
        if not self._piece(self._work):
            self._work = None
        elif self._work.advanced and time.monotonic() - self._began > self._turn_seconds and self._others_wait():
            self.close()
        return True

    def run(self, job_id: str, stop: threading.Event) -> bool:
        """Do this job from beginning to end, for a queue that says which. False: it was put back, as `stop` was set, or
        it is another's.
        """
        work = self._taken(job_id)
        while work is not None:
            if stop.is_set():
                work.put_back()
                return False
            try:
                if not self._piece(work):
                    return True
            except StoreBusy:
                stop.wait(self.pause)
        return False

    def close(self) -> None:
        """Put back the job that is held."""
        if self._work is not None:
            self._work.put_back()
            self._work = None

    def _piece(self, work: Work) -> bool:
        """Do a piece. What goes wrong with it, other than that the memory is busy, uses up an attempt."""
        try:
            return work.step()
        except StoreBusy:
            raise
        except BaseException:
            self._work = None
            work.put_back(failed=True)
            raise

    def _next(self) -> Work | None:
        with self._bench.store.read() as session:
            job_id = leases.waiting(session)
        return None if job_id is None else self._taken(job_id)

    def _taken(self, job_id: str) -> Work | None:
        self._bench.answering()  # a worker without a model takes no job; it fails here, and tries again
        with self._bench.store.write(leases.ACTOR) as writing:
            taken = leases.claim(writing, job_id, self._lease_seconds)
        if taken is None:
            return None
        self._began = time.monotonic()
        return Work(self._bench, taken[1], taken[0])

    def _others_wait(self) -> bool:
        with self._bench.store.read() as session:
            return leases.waiting(session) is not None
