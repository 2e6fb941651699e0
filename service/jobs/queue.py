"""The queue's front: jobs are put in, looked up and cancelled here; `service.jobs.runner` does them."""

from __future__ import annotations

import secrets
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.jobs import leases
from service.store.columns import now
from service.store.errors import NotThere
from service.store.store import Writing
from service.store.tables_service import CANCELLED, QUEUED, RUNNING, JobRow


def submit(
    writing: Writing,
    kind: str,
    options: dict[str, Any],
    *,
    key_id: str = "",
    confidential: bool = False,
    upload: tuple[str, bytes] | None = None,
) -> JobRow:
    """Put a job into the queue, in the caller's transaction: it is there if and only if that commits.

    `options` are plain JSON types; `upload` is the cleaned name and the content of a file.
    """
    name, content = upload or ("", None)
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
    return job


def find(session: Session, job_id: str) -> JobRow:
    """The job with this id. Raises NotThere."""
    job = session.get(JobRow, job_id)
    if job is None:
        raise _not_there(job_id)
    return job


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
    elif job.state == RUNNING:
        job.cancel = True
    return job


def _not_there(job_id: str) -> NotThere:
    return NotThere(f"there is no job {job_id[:40]!r}, or it is past its keep. GET /v1/jobs lists those there are.")
