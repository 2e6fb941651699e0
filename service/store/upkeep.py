"""What the memory lets go of by itself: suggestions by the retention rules; jobs, messages, replies past their keep."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date as Date
from datetime import datetime, timedelta

from sqlalchemy import delete, select

from service.store import retention, values
from service.store.columns import now
from service.store.decisions import today
from service.store.deliveries import ENDED
from service.store.store import Store
from service.store.tables_service import CANCELLED, DONE, FAILED, DeliveryRow, JobRow, ReplyRow

ACTOR = "upkeep"
SETTING = "upkeep"
REPLIES_KEPT = timedelta(hours=24)
"""How long a request that is sent again gets the reply of the first."""
MESSAGES_KEPT = timedelta(days=30)
"""How long a message that was delivered or given up can be looked at."""
AT_ONCE = 100


class Upkeep:
    """The duty that keeps the memory to its rules: the retention rules once a day, the rest at each step."""

    name = "upkeep"
    pause = 600.0

    def __init__(self, store: Store, job_days: int, day: Callable[[], Date] = today) -> None:
        self._store = store
        self._jobs_kept = timedelta(days=job_days)
        self._day = day
        self._stop = threading.Event()

    def step(self) -> bool:
        """Let go of what is past its keep; the first step of a day also does what the retention rules say."""
        prune(self._store, self._jobs_kept)
        with self._store.read() as session:
            done = values.get(session, SETTING)
        day = self._day()
        if done == day.isoformat():
            return False
        retention.apply(self._store, ACTOR, day, stop=self._stop.is_set)
        if not self._stop.is_set():
            with self._store.write(ACTOR) as writing:
                values.put(writing, SETTING, day.isoformat())
        return False

    def end(self) -> None:
        """Stop after the transaction that runs; the rest is done when the worker runs again."""
        self._stop.set()


def prune(store: Store, jobs_kept: timedelta, at: datetime | None = None) -> None:
    """Take away jobs, messages and replies past their keep. Raises StoreBusy, StoreFailed."""
    moment = at or now()
    while _prune_jobs(store, moment - jobs_kept):
        pass
    old_reply = ReplyRow.at < moment - REPLIES_KEPT
    old_message = DeliveryRow.state.in_(ENDED) & (DeliveryRow.created_at < moment - MESSAGES_KEPT)
    with store.read() as session:
        chosen = (select(ReplyRow.key_id).where(old_reply), select(DeliveryRow.id).where(old_message))
        if not any(session.execute(one.limit(1)).first() for one in chosen):
            return
    with store.write(ACTOR) as writing:
        writing.session.execute(delete(ReplyRow).where(old_reply))
        writing.session.execute(delete(DeliveryRow).where(old_message))


def _prune_jobs(store: Store, before: datetime) -> bool:
    """Take away some jobs that ended before a moment, with their files and results. False: there is none."""
    old = JobRow.state.in_((DONE, FAILED, CANCELLED)) & (JobRow.finished_at < before)
    chosen = select(JobRow.id).where(old).limit(AT_ONCE)
    with store.read() as session:
        if session.execute(chosen.limit(1)).first() is None:
            return False
    with store.write(ACTOR) as writing:
        ids = list(writing.session.scalars(chosen))
        writing.session.execute(delete(JobRow).where(JobRow.id.in_(ids)))
        for job_id in ids:
            writing.note("job.deleted", job_id)
    return True
