"""The tables of the service itself: trail, keys, settings, catalogue versions, jobs, webhooks, remembered replies."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from service.store.columns import Counter, Json, Table, now

QUEUED, RUNNING, DONE, FAILED, CANCELLED = "queued", "running", "done", "failed", "cancelled"
JOB_STATES = (QUEUED, RUNNING, DONE, FAILED, CANCELLED)
WAITING, SENDING, DELIVERED, DEAD = "waiting", "sending", "delivered", "dead"
DELIVERY_STATES = (WAITING, SENDING, DELIVERED, DEAD)


class TrailRow(Table):
    """One entry of the audit trail (`service.store.trail`). No text of a suggestion is ever in it."""

    __tablename__ = "trail"

    seq: Mapped[int] = mapped_column(Counter, primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(200))
    action: Mapped[str] = mapped_column(String(60), index=True)
    subject: Mapped[str] = mapped_column(String(200), index=True)
    details: Mapped[dict[str, Any]]
    previous: Mapped[str] = mapped_column(String(64))
    digest: Mapped[str] = mapped_column(String(64))


class TrailHead(Table):
    """The one row that writers lock: the last number and digest of the trail."""

    __tablename__ = "trail_head"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    seq: Mapped[int] = mapped_column(Counter)
    digest: Mapped[str] = mapped_column(String(64))


class KeyRow(Table):
    """A key of a caller. Only its digest is kept."""

    __tablename__ = "keys"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    """The public part of the key, which is shown in lists and in the trail."""
    name: Mapped[str] = mapped_column(String(200))
    digest: Mapped[str] = mapped_column(String(64))
    scopes: Mapped[list[str]]
    confidential: Mapped[bool] = mapped_column(default=False)
    per_minute: Mapped[int | None]
    """Requests a minute; None: what the settings say."""
    created_at: Mapped[datetime] = mapped_column(default=now)
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    follows: Mapped[str] = mapped_column(String(32), default="")
    """The key that this one takes the place of."""


class SettingRow(Table):
    """A setting that is changed while the service runs, such as the retention rules."""

    __tablename__ = "settings"

    name: Mapped[str] = mapped_column(String(100), primary_key=True)
    value: Mapped[Any] = mapped_column(Json)
    changed_at: Mapped[datetime] = mapped_column(default=now, onupdate=now)


class CatalogueRow(Table):
    """A version of the catalogue: its files as they were handed in. The one with the highest number holds."""

    __tablename__ = "catalogues"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    files: Mapped[dict[str, Any]]
    """File name (units.csv, office.toml …) → its text."""
    digest: Mapped[str] = mapped_column(String(64))
    reason: Mapped[str] = mapped_column(Text, default="")
    actor: Mapped[str] = mapped_column(String(200))
    at: Mapped[datetime] = mapped_column(default=now)


class JobRow(Table):
    """Work that takes long. `lease` is the token of the worker that holds it: who lost it can write nothing more."""

    __tablename__ = "jobs"
    __table_args__ = (Index("ix_jobs_waiting", "state", "leased_until"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    state: Mapped[str] = mapped_column(String(20), default=QUEUED)
    options: Mapped[dict[str, Any]] = mapped_column(default=dict)
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    failures: Mapped[int] = mapped_column(default=0)
    """Rows that could not be answered."""
    attempts: Mapped[int] = mapped_column(default=0)
    problem: Mapped[dict[str, Any] | None] = mapped_column(Json, nullable=True)
    """Why it failed: the code and the texts of a problem document."""
    cancel: Mapped[bool] = mapped_column(default=False)
    lease: Mapped[str] = mapped_column(String(32), default="")
    leased_until: Mapped[datetime | None]
    key_id: Mapped[str] = mapped_column(String(32), default="", index=True)
    actor: Mapped[str] = mapped_column(String(200), default="")
    confidential: Mapped[bool] = mapped_column(default=False)
    """Whether it holds or read confidential suggestions."""
    input_name: Mapped[str] = mapped_column(String(200), default="")
    input: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    output_name: Mapped[str] = mapped_column(String(200), default="")
    output_type: Mapped[str] = mapped_column(String(100), default="")
    output: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    created_at: Mapped[datetime] = mapped_column(default=now, index=True)
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]


class JobItem(Table):
    """The result of one row of a job: written together with the progress, so that no row is done twice in effect."""

    __tablename__ = "job_items"

    job_id: Mapped[str] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    result: Mapped[dict[str, Any]]


class WebhookRow(Table):
    """An address that is told of events. The secret signs, so it is kept as it is, and shown once."""

    __tablename__ = "webhooks"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    url: Mapped[str] = mapped_column(Text)
    events: Mapped[list[str]]
    secret: Mapped[str] = mapped_column(String(200))
    old_secret: Mapped[str] = mapped_column(String(200), default="")
    """The secret before the last change: it signs too until `old_until`, so that receivers change in their own time."""
    old_until: Mapped[datetime | None]
    active: Mapped[bool] = mapped_column(default=True)
    confidential: Mapped[bool] = mapped_column(default=False)
    """Whether it is told of confidential suggestions, too."""
    actor: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime] = mapped_column(default=now)


class DeliveryRow(Table):
    """One message to one address: tried again with growing pauses, at last a dead letter."""

    __tablename__ = "deliveries"
    __table_args__ = (Index("ix_deliveries_due", "state", "next_at"),)

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    webhook_id: Mapped[str] = mapped_column(ForeignKey("webhooks.id", ondelete="CASCADE"), index=True)
    event: Mapped[str] = mapped_column(String(60))
    payload: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(String(20), default=WAITING)
    attempts: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime] = mapped_column(default=now)
    """When it is due; of one that is being sent, when whoever sends it is given up."""
    status: Mapped[int | None]
    """The last HTTP status that came back."""
    error: Mapped[str] = mapped_column(String(200), default="")
    tried_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=now)


class ReplyRow(Table):
    """What was answered under an idempotency key: the same request again gets it again."""

    __tablename__ = "replies"

    key_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    idempotency_key: Mapped[str] = mapped_column(String(200), primary_key=True)
    fingerprint: Mapped[str] = mapped_column(String(64))
    status: Mapped[int]
    headers: Mapped[dict[str, Any]] = mapped_column(default=dict)
    body: Mapped[str] = mapped_column(Text, default="")
    at: Mapped[datetime] = mapped_column(default=now, index=True)
