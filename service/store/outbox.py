"""Messages that wait to go out: what happened is announced in the transaction in which it happened, and sent later.

So no message is lost when the process dies after the commit, and none goes out for what was rolled back
(`service.webhooks.delivering` sends them). A message holds ids, units and states, never a text.
"""

from __future__ import annotations

import secrets
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.store.columns import now
from service.store.store import Writing
from service.store.tables import SuggestionRow
from service.store.tables_service import DeliveryRow, JobRow, WebhookRow

EVENTS = ("decision.made", "decision.changed", "suggestion.returned", "suggestion.closed", "job.finished")
"""What a webhook can be told of. `job.finished` tells of every end: done, failed or cancelled."""
PING = "webhook.ping"
"""The message with which an address is tried; it goes to the one webhook that is tried."""


def announce(writing: Writing, event: str, payload: dict[str, Any]) -> None:
    """Tell every active webhook that wants it of `event`, once this transaction is committed.

    `payload` names its subject as ``suggestion`` (the ref) or ``job`` (the id); what is confidential about it goes only
    to webhooks that may hear of that. Raises ValueError for an event that is none.
    """
    if event not in EVENTS:
        raise ValueError(f"event {event!r} is none of {', '.join(EVENTS)}")
    active = writing.session.scalars(select(WebhookRow).where(WebhookRow.active)).all()
    wanting = [webhook for webhook in active if event in webhook.events]
    if not wanting:
        return
    hidden = _confidential(writing.session, payload)
    for webhook in wanting:
        if webhook.confidential or not hidden:
            put(writing, webhook, event, payload)


def put(writing: Writing, webhook: WebhookRow, event: str, payload: dict[str, Any]) -> DeliveryRow:
    """A message for this one webhook. Its id stays the same however often it is sent."""
    moment = now()
    row = DeliveryRow(
        id=f"msg_{secrets.token_hex(12)}",
        webhook_id=webhook.id,
        event=event,
        payload={"type": event, "timestamp": moment.isoformat(timespec="seconds"), "data": payload},
        next_at=moment,
        created_at=moment,
    )
    writing.session.add(row)
    return row


def _confidential(session: Session, payload: dict[str, Any]) -> bool:
    """Whether the subject is confidential. One that is not there, or not named, is taken for confidential."""
    if "suggestion" in payload:
        found = session.scalar(select(SuggestionRow.confidential).where(SuggestionRow.ref == payload["suggestion"]))
    else:
        found = session.scalar(select(JobRow.confidential).where(JobRow.id == payload.get("job", "")))
    return found is not False
