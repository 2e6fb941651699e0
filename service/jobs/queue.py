"""The queue's front: jobs are put in, looked up and cancelled here; `service.jobs.runner` does them."""

from __future__ import annotations

import base64
import binascii
import json
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select, true
from sqlalchemy.orm import Session

from service.jobs import leases
from service.problems import Problem
from service.store.columns import now
from service.store.errors import NotThere
from service.store.store import Store, Writing
from service.store.tables_service import CANCELLED, QUEUED, RUNNING, JobRow, KeyRow
from triage.errors import InputError

PROCRASTINATE = "procrastinate"
"""The value of ``TRIAGE_JOBS`` for the established queue; with any other the jobs' own table is the queue."""
MOST_ROTATIONS = 50
MOST_WAITING = 100
"""Jobs of one key that wait or run; each may hold a file of `max_upload_bytes` in the memory."""


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who looks at jobs: the keys that are one's own (a rotated key's jobs go to the one that follows it), and what
    may be seen of others.
    """

    keys: tuple[str, ...]
    admin: bool
    confidential: bool

    def sees(self) -> ColumnElement[bool]:
        """Which jobs. Of confidential ones, without the right, only those that handed in their rows themselves."""
        own = JobRow.key_id.in_(self.keys)
        seen = own | true() if self.admin else own
        if self.confidential:
            return seen
        return and_(seen, or_(JobRow.confidential.is_(False), and_(own, JobRow.input_name != "")))


def viewer(session: Session, key_id: str, admin: bool, confidential: bool) -> Viewer:
    """Who looks, by the key."""
    keys = [key_id]
    while len(keys) < MOST_ROTATIONS:
        before = session.scalar(select(KeyRow.follows).where(KeyRow.id == keys[-1]))
        if not before or before in keys:
            break
        keys.append(before)
    return Viewer(tuple(keys), admin, confidential)


def prepare(store: Store, setting: str) -> None:
    """Make what the queue of ``TRIAGE_JOBS`` needs in the memory. Raises InputError where that queue cannot be."""
    if setting == PROCRASTINATE:
        from service.jobs import procrastinated

        procrastinated.check(store)
        procrastinated.apply_schema(store)


def submit(
    writing: Writing,
    kind: str,
    options: dict[str, Any],
    *,
    key_id: str = "",
    confidential: bool = False,
    upload: tuple[str, bytes] | None = None,
    deferring: str = "",
) -> JobRow:
    """Put a job into the queue, in the caller's transaction: it is there if and only if that commits.

    `options` are plain JSON types; `upload` is the cleaned name and the content of a file. `deferring` is the setting
    ``TRIAGE_JOBS``: with ``procrastinate`` the task is deferred in the same transaction.
    """
    name, content = upload or ("", None)
    _check_room(writing.session, key_id)
    job = JobRow(
        id=secrets.token_hex(12),
        kind=kind,
        state=QUEUED,
        options=options,
        key_id=key_id,
        actor=writing.actor,
        confidential=confidential,
        input_name=name,
        input=content,
        cancel=False,
        lease="",
        leased_until=None,
        started_at=None,
        finished_at=None,
        created_at=now(),
    )
    writing.session.add(job)
    writing.session.flush()
    writing.note("job.submitted", job.id, kind=kind, bytes=len(content or b""))
    if deferring == PROCRASTINATE:
        from service.jobs.procrastinated import defer

        defer(writing.session, job.id)
    return job


def _check_room(session: Session, key_id: str) -> None:
    """Raise Problem ``queue-full`` where this key has as many jobs waiting as it may: each may hold a large file."""
    mine = select(func.count(JobRow.id)).where(JobRow.key_id == key_id, JobRow.state.in_((QUEUED, RUNNING)))
    if key_id and (session.scalar(mine) or 0) >= MOST_WAITING:
        detail = f"{MOST_WAITING} jobs of this key wait or run, which is the limit. Wait for some, or cancel them."
        detail_zh = f"该密钥已有{MOST_WAITING}个任务在等待或执行，请等待完成或取消一部分。"
        raise Problem("queue-full", detail, detail_zh=detail_zh, headers={"Retry-After": "60"})


def find(session: Session, job_id: str, seen_by: Viewer | None = None) -> JobRow:
    """The job with this id. Raises NotThere, also where `seen_by` may not see it."""
    chosen = select(JobRow).where(JobRow.id == job_id, *([seen_by.sees()] if seen_by is not None else []))
    job = session.scalars(chosen).one_or_none()
    if job is None:
        raise _not_there(job_id)
    return job


def page(
    session: Session, seen_by: Viewer, *, state: str | None = None, cursor: str = "", limit: int = 50
) -> tuple[list[JobRow], str]:
    """Jobs, the newest first, and the cursor of the next page, empty where there is none. Raises InputError."""
    chosen = select(JobRow).where(seen_by.sees())
    if state is not None:
        chosen = chosen.where(JobRow.state == state)
    if cursor:
        at, last = _read(cursor)
        chosen = chosen.where(or_(JobRow.created_at < at, and_(JobRow.created_at == at, JobRow.id < last)))
    order = (JobRow.created_at.desc(), JobRow.id.desc())
    rows = list(session.scalars(chosen.order_by(*order).limit(limit + 1)))
    return rows[:limit], _written(rows[limit - 1]) if len(rows) > limit else ""


def _written(job: JobRow) -> str:
    return base64.urlsafe_b64encode(json.dumps([job.created_at.isoformat(), job.id]).encode()).decode().rstrip("=")


def _read(cursor: str) -> tuple[datetime, str]:
    try:
        at, last = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        moment = datetime.fromisoformat(at)
        moment.astimezone(UTC)  # a moment before the year 1 or after 9999 there is none that a row has
        if moment.tzinfo is None or not isinstance(last, str) or "\x00" in last:
            raise ValueError
    except (ValueError, TypeError, OverflowError, binascii.Error):
        raise InputError("the cursor is none of this list. Use `next` of the page before, or leave it out.") from None
    return moment, last


def cancel(writing: Writing, job_id: str) -> JobRow:
    """Cancel a job: at once while nobody works on it, else before its next rows. A finished one stays as it is.

    Raises NotThere.
    """
    chosen = select(JobRow).where(JobRow.id == job_id).with_for_update()
    job = writing.session.scalars(chosen).one_or_none()
    if job is None:
        raise _not_there(job_id)
    if job.state == QUEUED or (job.state == RUNNING and job.leased_until is not None and job.leased_until < now()):
        job.cancel = True
        leases.end(writing, job, CANCELLED)
    elif job.state == RUNNING and not job.cancel:
        job.cancel = True
        writing.note("job.cancel-asked", job.id)  # its end is noted by the worker, in another name
    return job


def _not_there(job_id: str) -> NotThere:
    return NotThere(f"there is no job {job_id[:40]!r}, or it is past its keep. GET /v1/jobs lists those there are.")
