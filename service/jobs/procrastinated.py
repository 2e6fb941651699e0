"""The same jobs on an established queue: procrastinate, for several machines on one PostgreSQL.

Why this one: it needs PostgreSQL and no broker beside it; a task can be deferred in the transaction of the row that it
is for; workers hear of it at once (LISTEN/NOTIFY). It says who does which job and when one is tried again; leases and
chunks stay ours (`service.jobs.leases`), so a task that runs twice does nothing twice.
"""

from __future__ import annotations

import asyncio
import json
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from service.jobs.bench import Bench
from service.jobs.runner import LEASE_SECONDS, JobRunner
from service.logs import log_fault
from service.store.store import Store
from service.store.tables_service import QUEUED, RUNNING, JobRow
from triage.errors import InputError

if TYPE_CHECKING:
    from procrastinate import App, JobContext
QUEUE, TASK = "triage", "triage.job"
STALLED_SECONDS = 30.0
"""A worker that was not heard of for so long is taken for dead, and its jobs are tried again."""
LOOK_SECONDS = 10.0
"""Between two looks for such jobs."""
MOST_STALLED = 100
_DEFER = text(
    "SELECT procrastinate_defer_jobs_v1(ARRAY[ROW(:queue, :task, 0, NULL, NULL, CAST(:arguments AS jsonb), NULL)"
    "::procrastinate_job_to_defer_v1])"
)


def check(store: Store) -> None:
    """Raise InputError where this queue is asked for and cannot be."""
    if store.is_sqlite:
        raise InputError(
            "TRIAGE_JOBS is procrastinate, which needs PostgreSQL, and the memory is a file. Set TRIAGE_DATABASE to "
            "postgresql://…, or leave TRIAGE_JOBS out."
        )
    _imported()


def apply_schema(store: Store) -> bool:
    """Make procrastinate's tables, unless they are there. True: they were made."""
    procrastinate = _imported()
    with store.engine.begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(7462981)"))  # two may start at once
        if connection.scalar(text("SELECT to_regclass('procrastinate_jobs')")) is not None:
            return False
        schema = (Path(procrastinate.__file__).parent / "sql" / "schema.sql").read_text("utf-8")
        connection.exec_driver_sql(schema.replace("%", "%%"))
        return True


def defer(session: Session, job_id: str) -> None:
    """Put the task for a job into procrastinate's queue, in this transaction."""
    arguments = json.dumps({"job_id": job_id})
    session.execute(_DEFER, {"queue": QUEUE, "task": TASK, "arguments": arguments})


class ProcrastinateRunner:
    """The duty of a worker that takes its jobs from procrastinate. One step lasts until the worker is told to end."""

    name = "jobs"
    pause = 5.0

    def __init__(self, bench: Bench, *, stalled: float = STALLED_SECONDS, lease: float = LEASE_SECONDS) -> None:
        self._bench, self._stalled = bench, stalled
        self._runner = JobRunner(bench, lease=lease)
        self._stop = threading.Event()
        self._worker: Any = None  # `procrastinate.worker.Worker`, whose methods have no types

    def step(self) -> bool:
        """Work until `end` is called. What fails is tried again after a pause."""
        if not self._stop.is_set():
            self._bench.answering()  # a worker without a model takes no task
            asyncio.run(self._work())
        return False

    def end(self) -> None:
        """Take no more tasks, and put the job that runs back after the piece that it is in."""
        self._stop.set()
        if self._worker is not None:
            self._worker.stop()

    async def _work(self) -> None:
        from procrastinate.worker import Worker

        app = self._app()
        async with app.open_async():
            self._worker = Worker(
                app,
                queues=[QUEUE],
                install_signal_handlers=False,
                delete_jobs="successful",
                update_heartbeat_interval=self._stalled / 3,
                stalled_worker_timeout=self._stalled,
            )
            looking = asyncio.create_task(self._revive(app))
            try:
                if not self._stop.is_set():
                    await self._worker.run()
            finally:
                looking.cancel()
                self._worker = None

    def _app(self) -> App:
        procrastinate = _imported()
        url = self._bench.store.url.set(drivername="postgresql").render_as_string(hide_password=False)
        app: App = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=url, min_size=1, max_size=4))

        @app.task(name=TASK, queue=QUEUE, pass_context=True, retry=procrastinate.RetryStrategy(wait=5))
        def run(context: JobContext, job_id: str) -> None:
            del context
            if not self._runner.run(job_id, self._stop) and self._open(job_id):
                raise NotYet  # it was put back, or another holds it still: later

        return app

    def _open(self, job_id: str) -> bool:
        with self._bench.store.read() as session:
            return session.scalar(select(JobRow.state).where(JobRow.id == job_id)) in {QUEUED, RUNNING}

    async def _revive(self, app: App) -> None:
        """Look for tasks whose worker is gone, and for jobs without a task; give them to whoever is free."""
        while True:
            try:
                for task in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=self._stalled):
                    await app.job_manager.retry_job(task)
                await asyncio.to_thread(self._adopt)
            except Exception as error:  # noqa: BLE001 - the next look tries again
                log_fault(error)
            await asyncio.sleep(min(LOOK_SECONDS, self._stalled))

    def _adopt(self) -> None:
        """Defer jobs that have no task: they were handed in while the service's own queue was in use."""
        without = text(
            "SELECT jobs.id FROM jobs WHERE jobs.state IN ('queued', 'running') AND NOT EXISTS (SELECT 1 FROM "
            "procrastinate_jobs AS task WHERE task.task_name = :task AND task.args ->> 'job_id' = jobs.id AND "
            "task.status IN ('todo', 'doing')) LIMIT :most FOR UPDATE OF jobs SKIP LOCKED"
        )
        with Session(self._bench.store.engine) as session, session.begin():
            for job_id in session.scalars(without, {"task": TASK, "most": MOST_STALLED}):
                defer(session, job_id)


class NotYet(Exception):
    """The job is not finished; its task is tried again."""


def _imported() -> Any:
    try:
        import procrastinate
    except ModuleNotFoundError as error:
        raise InputError(
            f"TRIAGE_JOBS is procrastinate, which needs the package {error.name}. "
            "Run `pip install 'suggestion-triage[service,postgresql]'`."
        ) from error
    return procrastinate
