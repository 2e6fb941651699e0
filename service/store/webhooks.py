"""Addresses that are told of events: made, changed, switched off, deleted. Their secrets are never in the trail."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.store import deliveries
from service.store.columns import now
from service.store.errors import AlreadyThere, NotThere
from service.store.store import Writing
from service.store.tables_service import WebhookRow

MOST = 100
"""Webhooks that a service has at most: each event is written down once for each of them."""
OVERLAP = timedelta(days=1)
"""How long the secret before still signs, too."""


def make(writing: Writing, url: str, events: list[str], secret: str, *, confidential: bool = False) -> WebhookRow:
    """A new webhook. Raises AlreadyThere where there are as many as there may be."""
    if len(writing.session.scalars(select(WebhookRow.id)).all()) >= MOST:
        raise AlreadyThere(f"there are {MOST} webhooks already, which is the limit. Delete one first.")
    row = WebhookRow(
        id=f"wh_{secrets.token_hex(8)}",
        url=url,
        events=events,
        secret=secret,
        active=True,
        confidential=confidential,
        actor=writing.actor,
        created_at=now(),
    )
    writing.session.add(row)
    writing.note("webhook.made", row.id, events=events, confidential=confidential)
    return row


def listed(session: Session, *, confidential: bool) -> list[WebhookRow]:
    """All webhooks that this caller may see, the oldest first."""
    rows = session.scalars(select(WebhookRow).order_by(WebhookRow.created_at, WebhookRow.id))
    return [row for row in rows if confidential or not row.confidential]


def find(session: Session, webhook_id: str, *, confidential: bool) -> WebhookRow:
    """One webhook. Raises NotThere, also for what this caller may not see."""
    row = session.get(WebhookRow, webhook_id)
    if row is None or (row.confidential and not confidential):
        raise NotThere("there is no webhook with this id.")
    return row


def change(
    writing: Writing, row: WebhookRow, *, url: str | None, events: list[str] | None, active: bool | None
) -> None:
    """Change what is given. Messages that wait go to the new address."""
    changed = {"url": url, "events": events, "active": active}
    for name, value in changed.items():
        if value is not None:
            setattr(row, name, value)
    told = {"events": row.events, "active": row.active, "url_changed": url is not None}
    writing.note("webhook.changed", row.id, **told)


def rotate(writing: Writing, row: WebhookRow, secret: str) -> None:
    """A new secret; the one before signs, too, for `OVERLAP`."""
    row.old_secret, row.old_until, row.secret = row.secret, now() + OVERLAP, secret
    writing.note("webhook.rotated", row.id)


def remove(writing: Writing, row: WebhookRow) -> None:
    """Delete a webhook with all its messages."""
    writing.session.delete(row)
    writing.note("webhook.deleted", row.id)


def switch_off(writing: Writing, webhook_id: str) -> None:
    """The receiver said that it is gone for good (410): nothing more is sent there, and what waits is laid aside."""
    row = writing.session.get(WebhookRow, webhook_id)
    if row is not None and row.active:
        row.active = False
        deliveries.give_up(writing, webhook_id, "gone")
        writing.note("webhook.disabled", webhook_id, status=410)


def last_moment(row: WebhookRow) -> datetime | None:
    """Until when the secret before still signs; None where there is none."""
    return row.old_until if row.old_secret and row.old_until and row.old_until > now() else None
