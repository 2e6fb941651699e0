"""Workers that are killed at random moments: every row is there once, the job is done, and the trail is whole."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select, text

from service.jobs import procrastinated
from service.jobs.queue import find, submit
from service.store.store import Store
from service.store.suggestions import create
from service.store.tables import AnswerRow, SuggestionRow
from service.store.tables_service import JobItem, JobRow, TrailRow
from service.store.verification import verify
from triage.errors import InputError
from triage.records import Suggestion

ROWS = 150
PROGRAM = """
import signal, sys, threading, time
from pathlib import Path
from service.jobs import work
from service.jobs.bench import Bench
from service.jobs.procrastinated import ProcrastinateRunner
from service.jobs.runner import JobRunner
from service.jobs.worker import Worker
from service.logs import set_up_logs
from service.settings import Settings
from service.store.store import Store
work.CHUNK = work.STORED_CHUNK = 5
set_up_logs()
url, bundle, data, queue = sys.argv[1:]
bench = Bench(Settings(model=Path(bundle), data=Path(data)), Store(url))
bench.answering()
runner = JobRunner(bench, lease=1.0) if queue == "own" else ProcrastinateRunner(bench, stalled=2.0, lease=1.0)
stop = threading.Event()
signal.signal(signal.SIGTERM, lambda *_: stop.set())
print("ready", flush=True)
Worker([runner]).run(stop)
"""

Start = Callable[[Store, str], subprocess.Popen[str]]


@pytest.fixture
def start(small_bundle: Path, root: Path, tmp_path: Path) -> Iterator[Start]:
    """Starts a worker in a process of its own; those that still live at the end are killed."""
    workers = []

    def begin(store: Store, queue: str) -> subprocess.Popen[str]:
        url = store.url.render_as_string(hide_password=False)
        environment = os.environ | {"PYTHONPATH": str(root), "OMP_NUM_THREADS": "1"}
        command = [sys.executable, "-c", PROGRAM, url, str(small_bundle), str(tmp_path), queue]
        worker = subprocess.Popen(command, stdout=subprocess.PIPE, env=environment, text=True)
        workers.append(worker)
        assert worker.stdout is not None
        assert worker.stdout.readline() == "ready\n"
        return worker

    yield begin
    for worker in workers:
        worker.kill()
        worker.wait()
        assert worker.stdout is not None
        worker.stdout.close()


def handed_in(store: Store, queue: str = "own", *, keep: bool = False) -> str:
    rows = "\n".join(f"R{n},关于修建第{n}号道路的建议" for n in range(ROWS))
    options = {"store": True} if keep else {}
    with store.write("key:test") as writing:
        upload = ("a.csv", f"编号,标题\n{rows}\n".encode())
        return submit(writing, "triage", options, upload=upload, deferring=queue).id


def state(store: Store, job_id: str) -> JobRow:
    with store.read() as session:
        return find(session, job_id)


def wait_until(condition: Callable[[], bool], seconds: float = 90.0) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it takes too long"
        time.sleep(0.02)


def _moved(job: JobRow, before: int) -> bool:
    return job.done > before or job.finished_at is not None


def check_whole(store: Store, job_id: str, *, keep: bool) -> None:
    job = state(store, job_id)
    assert (job.state, job.done, job.total, job.failures) == ("done", ROWS, ROWS, 0)
    with store.read() as session:
        found = select(JobItem.result).where(JobItem.job_id == job_id).order_by(JobItem.place)
        assert [item["record"]["id"] for item in session.scalars(found)] == [f"R{n}" for n in range(ROWS)]
        ends = select(TrailRow.action).where(TrailRow.subject == job_id).order_by(TrailRow.seq)
        assert list(session.scalars(ends)) == ["job.submitted", "job.finished"]
        for table in (SuggestionRow, AnswerRow):
            assert session.scalar(select(func.count()).select_from(table)) == (ROWS if keep else 0)
        assert verify(session).whole


@pytest.mark.parametrize("keep", [False, True])
def test_a_worker_that_is_killed_loses_no_row_and_does_none_twice(store: Store, start: Start, keep: bool) -> None:
    chance = random.Random(7 + keep)
    job_id = handed_in(store, keep=keep)
    kills = 0
    while state(store, job_id).finished_at is None and kills < 4:
        worker, before = start(store, "own"), state(store, job_id).done
        wait_until(lambda before=before: _moved(state(store, job_id), before))  # type: ignore[misc]
        time.sleep(chance.uniform(0, 0.3))
        worker.send_signal(signal.SIGKILL)
        worker.wait()
        kills += 1
    start(store, "own")
    wait_until(lambda: state(store, job_id).finished_at is not None)
    assert kills >= 1
    check_whole(store, job_id, keep=keep)


def test_two_workers_share_the_jobs_and_one_that_is_killed_is_made_up_for(store: Store, start: Start) -> None:
    jobs = [handed_in(store) for _ in range(3)]
    first = start(store, "own")
    start(store, "own")
    wait_until(lambda: any(state(store, job).done for job in jobs))
    first.send_signal(signal.SIGKILL)
    for job in jobs:
        wait_until(lambda job=job: state(store, job).finished_at is not None)  # type: ignore[misc]
        check_whole(store, job, keep=False)


def test_a_worker_that_is_told_to_stop_puts_its_job_back(store: Store, start: Start) -> None:
    job_id = handed_in(store)
    worker = start(store, "own")
    wait_until(lambda: state(store, job_id).done > 0)
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(30) == 0
    stopped = state(store, job_id)
    assert (stopped.state, stopped.lease) in {("queued", ""), ("done", "")}


@pytest.fixture
def tasks(postgresql_store: Store) -> Store:
    """A memory in PostgreSQL with procrastinate's tables."""
    assert procrastinated.apply_schema(postgresql_store)
    assert not procrastinated.apply_schema(postgresql_store)
    return postgresql_store


def test_procrastinate_does_the_same_jobs_and_outlives_its_workers(tasks: Store, start: Start) -> None:
    job_id = handed_in(tasks, "procrastinate", keep=True)
    for _ in range(2):
        worker, before = start(tasks, "procrastinate"), state(tasks, job_id).done
        wait_until(lambda before=before: state(tasks, job_id).done > before)  # type: ignore[misc]
        worker.send_signal(signal.SIGKILL)
        worker.wait()
    last = start(tasks, "procrastinate")
    wait_until(lambda: state(tasks, job_id).finished_at is not None)
    check_whole(tasks, job_id, keep=True)
    last.send_signal(signal.SIGTERM)
    assert last.wait(30) == 0


def test_procrastinate_adopts_what_was_handed_in_before(tasks: Store, start: Start) -> None:
    job_id = handed_in(tasks, "own")
    start(tasks, "procrastinate")
    wait_until(lambda: state(tasks, job_id).finished_at is not None)
    check_whole(tasks, job_id, keep=False)


def test_the_task_is_deferred_in_the_transaction_of_the_job(tasks: Store) -> None:
    def refused() -> None:
        with tasks.write("key:test") as writing:
            submit(writing, "triage", {"filter": {}}, deferring="procrastinate")
            raise InputError("changed my mind")

    with pytest.raises(InputError):
        refused()
    with tasks.read() as session:
        assert session.scalar(text("SELECT count(*) FROM procrastinate_jobs")) == 0
        assert session.scalar(select(func.count()).select_from(JobRow)) == 0
    job_id = handed_in(tasks, "procrastinate")
    with tasks.read() as session:
        told = session.execute(text("SELECT task_name, queue_name, args ->> 'job_id' FROM procrastinate_jobs")).all()
    assert [tuple(row) for row in told] == [("triage.job", "triage", job_id)]


def test_procrastinate_needs_postgresql(sqlite_store: Store) -> None:
    with pytest.raises(InputError, match="needs PostgreSQL"):
        procrastinated.check(sqlite_store)
    with sqlite_store.write("test") as writing:
        create(writing, Suggestion(title="修路"))
