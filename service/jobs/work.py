"""One job, from the moment a worker takes it until it ends or is put back."""

from __future__ import annotations

import json
import threading
import time
import weakref
import zlib
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any, TypeVar

from service.jobs import leases
from service.jobs.bench import Bench
from service.jobs.kinds import Answered, FileKind, Paper, RowKind, Tables, WholeKind, kind_of
from service.jobs.leases import Lease, LostLease
from service.jobs.progress import HowFar
from service.jobs.sight import rows_seen
from service.jobs.sources import (
    Order,
    Row,
    Source,
    Stored,
    as_input,
    chosen_cases,
    chosen_refs,
    from_input,
    upload_of,
)
from service.logs import log_fault
from service.problems import KINDS, Problem, unusable
from service.store.errors import StoreError
from service.store.store import Store, Writing
from service.store.tables_service import CANCELLED, DONE, FAILED, JobRow
from triage.errors import InputError
from triage.records import Case

CHUNK = 64
"""Rows that are answered, written and counted together: about a second's work."""
STORED_CHUNK = 16
"""The same where each row is stored as a suggestion too: writers come one after another, so none may take long."""
TELL_SECONDS = 2.0
"""How often it is written down how far work on all rows together is."""
TABLES = "application/vnd.triage.tables+json"
"""Marks an output that holds records and sheets, to be given out in any form."""


Result = TypeVar("Result")


class Work:
    """A job under a lease. `step` does a piece of it; between two the worker may stop and put it back."""

    def __init__(self, bench: Bench, lease: Lease, job: JobRow) -> None:
        self._bench, self._lease = bench, lease
        self._order, self._done = Order.of(job), job.done
        self._kind = kind_of(self._order)
        self._source: Source | None = None
        self.advanced = False
        """Whether rows were done: only then may others have their turn, or a file would be read in vain."""
        self._stop = threading.Event()
        self._far = HowFar()
        weakref.finalize(self, self._stop.set)  # whoever drops the work without a word lets the lease run out
        beat = (bench.store, lease, self._far, self._stop)
        threading.Thread(target=_beat, args=beat, name="lease", daemon=True).start()

    def step(self) -> bool:
        """Do the next piece; False once the job has ended, or is another's. Raises StoreBusy: try again; and whatever
        else goes wrong, which `put_back` should be told of.
        """
        try:
            return self._step()
        except LostLease:
            self._stop.set()
            return False
        except (Problem, InputError) as error:
            problem = error if isinstance(error, Problem) else unusable(error)
            self._end(FAILED, problem)
            return False

    def put_back(self, *, failed: bool = False) -> None:
        """Give the job back, for the next worker to go on with."""
        try:
            with self._bench.store.write(leases.ACTOR) as writing:
                leases.put_back(leases.held(writing, self._lease), failed=failed)
        except (LostLease, StoreError) as error:
            log_fault(error)  # the lease runs out by itself
        finally:
            self._stop.set()

    def _step(self) -> bool:
        if isinstance(self._kind, WholeKind):
            return self._whole(self._kind)
        if isinstance(self._kind, FileKind):
            return self._file(self._kind)
        if self._source is None:
            self._source = self._begun()
            return True
        if self._done < len(self._source):
            return self._chunk(self._kind, self._source)
        self._end(DONE)
        return False

    def _begun(self) -> Source:
        """The rows, and their number told."""
        order, settings, store = self._order, self._bench.settings, self._bench.store
        if not order.stored:
            upload = upload_of(order, self._input(), settings)
            self._tell_total(len(upload), any(case.suggestion.confidential for case in upload.cases))
            return upload
        kept = self._input()
        refs = from_input(kept) if kept is not None else chosen_refs(store, order, settings)
        self._tell_total(len(refs), order.confidential, None if kept is not None else as_input(refs))
        return Stored(store, refs, confidential=order.confidential)

    def _tell_total(self, total: int, confidential: bool, refs: bytes | None = None) -> None:
        with self._bench.store.write(leases.ACTOR) as writing:
            job = leases.held(writing, self._lease)
            job.done = self._done
            job.total, job.confidential = total, job.confidential or confidential
            if refs is not None:
                job.input = refs

    def _chunk(self, kind: RowKind, source: Source) -> bool:
        size = STORED_CHUNK if kind.keep is not None else CHUNK
        rows = source.some(self._done, min(self._done + size, len(source)))
        answers = kind.answer(self._bench.answering(), self._order, rows)
        found = rows_seen(self._bench.store, self._order, rows, answers, kind.sheets)
        with self._bench.store.write(self._order.actor or leases.ACTOR) as writing:
            job = leases.held(writing, self._lease)
            if job.cancel:
                leases.end(writing, job, CANCELLED)
                self._stop.set()
                return False
            self._keep(writing, job, kind, rows, found)
        self._done += len(rows)
        self.advanced = True
        return True

    def _keep(
        self, writing: Writing, job: JobRow, kind: RowKind, rows: Sequence[Row], found: Sequence[Answered]
    ) -> None:
        told = kind.keep(writing, self._order, rows, found) if kind.keep is not None else found
        failures = sum(one.problem is not None for one in told)
        leases.keep(writing, job, [one.to_dict() for one in told], failures)

    def _whole(self, kind: WholeKind) -> bool:
        cases, self._done = self._cases(), 0  # whatever a worker before did is to be done again
        self._tell_total(len(cases), any(case.suggestion.confidential for case in cases))
        if not cases:
            raise Problem(
                "unusable-input", "The filter chooses no suggestion. Widen it.", detail_zh="筛选没有结果，请放宽条件。"
            )
        made = _made(lambda: kind.make(self._bench, self._order, cases, self._far))
        self._end(DONE, made=made, done=len(cases))
        return False

    def _file(self, kind: FileKind) -> bool:
        content = self._input() or b""
        made = _made(lambda: kind.make(self._bench, self._order, content))
        self._tell_total(len(made.records), self._order.confidential)
        self._end(DONE, made=made, done=len(made.records))
        return False

    def _cases(self) -> list[Case]:
        if self._order.stored:
            return chosen_cases(self._bench.store, self._order, self._bench.settings)
        return upload_of(self._order, self._input(), self._bench.settings).cases

    def _input(self) -> bytes | None:
        with self._bench.store.read() as session:
            job = session.get(JobRow, self._lease.job_id)
            return job.input if job is not None else None

    def _end(
        self, state: str, problem: Problem | None = None, made: Tables | Paper | None = None, done: int | None = None
    ) -> None:
        with self._bench.store.write(leases.ACTOR) as writing:
            job = leases.held(writing, self._lease)
            if job.cancel:
                state, problem, made = CANCELLED, None, None
            if made is None and not isinstance(self._kind, RowKind):
                job.done = 0
            if made is not None:
                job.output_name, job.output_type, job.output = _output(made)
                job.done = job.total if done is None else done
            leases.end(writing, job, state, problem)
        self._stop.set()


def _made(work: Callable[[], Result]) -> Result:
    """What work on all of an order comes to; where it goes wrong in a way that nobody foresaw, Problem."""
    try:
        return work()
    except (Problem, InputError, StoreError):
        raise
    except Exception as error:  # noqa: BLE001 - it would fail the next time, too
        log_fault(error)
        raise Problem("internal-error", KINDS["internal-error"].remedy) from None


def _beat(store: Store, lease: Lease, far: HowFar, stop: threading.Event) -> None:
    """Renew the lease while a step takes long, sooner where it got further. Who lost it is told at the next write."""
    pause = max(lease.seconds / 3, 0.1)
    told, until = 0.0, time.monotonic() + pause
    while not stop.wait(min(pause, TELL_SECONDS)):
        share = far.share
        if share == told and time.monotonic() < until:
            continue
        try:
            with store.write(leases.ACTOR) as writing:
                leases.renew(writing, lease, share)
            told, until = share, time.monotonic() + pause
        except LostLease:
            return
        except StoreError as error:
            log_fault(error)


def _output(made: Tables | Paper) -> tuple[str, str, bytes]:
    if isinstance(made, Paper):
        return made.name, made.media_type, made.content
    plain = {"records": list(made.records), "sheets": [asdict(sheet) for sheet in made.sheets]}
    return "", TABLES, zlib.compress(json.dumps(plain, ensure_ascii=False).encode("utf-8", "surrogatepass"))


def tables_of(content: bytes) -> dict[str, Any]:
    """What an output of the type `TABLES` holds: records, and sheets as plain JSON types."""
    tables: dict[str, Any] = json.loads(zlib.decompress(content))
    return tables
