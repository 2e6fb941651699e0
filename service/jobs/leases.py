"""Who works on which job: a lease with a token, renewed while the work goes on. Who lost it writes nothing.

Results are written in the transaction that moves the progress on, under the token. So a worker that was killed leaves
whole chunks behind, another goes on from there once the lease has run out, and one that was only slow (asleep, cut off)
finds its token gone and its work undone: no row counts twice.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import and_, insert, or_, select
from sqlalchemy.orm import Session
from sqlalchemy.sql import ColumnElement

from service.problems import Problem, document
from service.store import outbox
from service.store.columns import now
from service.store.store import Writing
from service.store.tables_service import CANCELLED, DONE, FAILED, QUEUED, RUNNING, JobItem, JobRow

MOST_ATTEMPTS = 5
"""Times that a job is begun without getting a row further: then it is what kills the worker, and is given up."""
ACTOR = "worker"
_ENDS = {DONE: "job.finished", FAILED: "job.failed", CANCELLED: "job.cancelled"}


class LostLease(Exception):
    """Another worker has the job now, or it was cancelled: nothing may be written for it."""


@dataclass(frozen=True, slots=True)
class Lease:
    """A worker's hold on a job."""

    job_id: str
    token: str
    seconds: float


def _claimable() -> ColumnElement[bool]:
    """Jobs that nobody works on: new ones, and those whose worker has not been heard of."""
    return or_(JobRow.state == QUEUED, and_(JobRow.state == RUNNING, JobRow.leased_until < now()))


def waiting(session: Session) -> str | None:
    """The job that is next: the one that was worked on longest ago, then the oldest."""
    order = (JobRow.leased_until.is_not(None), JobRow.leased_until, JobRow.created_at, JobRow.id)
    return session.scalar(select(JobRow.id).where(_claimable()).order_by(*order).limit(1))


def claim(writing: Writing, job_id: str, seconds: float) -> tuple[JobRow, Lease] | None:
    """Take a job, if nobody else has it. One that was to be cancelled, or was begun too often, ends here instead."""
    chosen = select(JobRow).where(JobRow.id == job_id, _claimable()).with_for_update(skip_locked=True)
    job = writing.session.scalars(chosen).one_or_none()
    if job is None:
        return None
    if job.cancel:
        end(writing, job, CANCELLED)
        return None
    if job.attempts >= MOST_ATTEMPTS:
        detail = f"The job was begun {job.attempts} times without getting on. Split it, or ask the operator."
        detail_zh = f"任务启动{job.attempts}次均未能推进。请拆分后重新提交，或联系管理员。"
        end(writing, job, FAILED, Problem("job-given-up", detail, detail_zh=detail_zh))
        return None
    job.state, job.attempts, job.lease = RUNNING, job.attempts + 1, secrets.token_hex(16)
    job.leased_until, job.started_at = now() + timedelta(seconds=seconds), job.started_at or now()
    return job, Lease(job.id, job.lease, seconds)


def held(writing: Writing, lease: Lease) -> JobRow:
    """The job under this lease, which is good for another while. Raises LostLease."""
    chosen = select(JobRow).where(JobRow.id == lease.job_id, JobRow.lease == lease.token, JobRow.state == RUNNING)
    job = writing.session.scalars(chosen.with_for_update()).one_or_none()
    if job is None:
        raise LostLease(lease.job_id)
    job.leased_until = now() + timedelta(seconds=lease.seconds)
    return job


def renew(writing: Writing, lease: Lease, share: float) -> None:
    """Hold the job for another while, and write down how far work on all of its rows is. Raises LostLease."""
    job = held(writing, lease)
    if share:
        job.done = int(job.total * share)


def keep(writing: Writing, job: JobRow, results: Sequence[Mapping[str, Any]], failures: int) -> None:
    """Add the results of the next rows of a job that is `held`, and move its progress on."""
    rows = [
        {"job_id": job.id, "place": place, "result": dict(result)} for place, result in enumerate(results, job.done)
    ]
    writing.session.execute(insert(JobItem), rows)
    job.done, job.failures, job.attempts = job.done + len(rows), job.failures + failures, 0


def put_back(job: JobRow, *, failed: bool = False) -> None:
    """Give a job that is `held` back to the queue: the worker stops, or others have waited long enough. One that
    `failed` has used up an attempt.
    """
    job.state, job.lease, job.leased_until = QUEUED, "", now()
    job.attempts = job.attempts if failed else max(job.attempts - 1, 0)


def end(writing: Writing, job: JobRow, state: str, problem: Problem | None = None) -> None:
    """The end of a job, in the trail and to who wants to hear of it, once and together with its new state."""
    job.state, job.finished_at, job.lease, job.leased_until = state, now(), "", None
    job.problem = document(problem) if problem is not None else None
    numbers = {"kind": job.kind, "done": job.done, "total": job.total, "failures": job.failures}
    code = {} if problem is None else {"code": problem.code}
    writing.note(_ENDS[state], job.id, **numbers, **code)
    outbox.announce(writing, "job.finished", {"job": job.id, "state": state, **numbers, **code})
