"""Messages on their way: which are due, who sends them now, what became of them.

States: waiting → sending → delivered, or back to waiting, or dead. Who claims a message raises its number of attempts,
and only who still holds that number may tell what became of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select, update
from sqlalchemy.orm import Session

from service.store.columns import now
from service.store.errors import NotThere
from service.store.store import Writing
from service.store.tables import SuggestionRow
from service.store.tables_service import DEAD, DELIVERED, SENDING, WAITING, DeliveryRow, WebhookRow

ENDED = (DELIVERED, DEAD)


@dataclass(frozen=True, slots=True)
class Claim:
    """A message that this worker sends now. `attempt` counts from 1."""

    id: str
    webhook_id: str
    url: str
    secrets: tuple[str, ...]
    """The secrets that sign it: the present one, and the one before while receivers may still know only that."""
    payload: dict[str, Any]
    attempt: int


@dataclass(frozen=True, slots=True)
class Page:
    """Deliveries, the newest first, and where the next page begins (empty: there is none)."""

    rows: list[DeliveryRow]
    next: str


def due(session: Session, moment: datetime, most: int) -> list[str]:
    """Ids of the active webhooks that have messages due at `moment`, the longest wait first, at most so many."""
    waits = (
        select(DeliveryRow.webhook_id)
        .join(WebhookRow, WebhookRow.id == DeliveryRow.webhook_id)
        .where(WebhookRow.active, _is_due(moment))
        .group_by(DeliveryRow.webhook_id)
        .order_by(func.min(DeliveryRow.next_at))
        .limit(most)
    )
    return list(session.scalars(waits))


def claim(writing: Writing, moment: datetime, until: datetime, *, most: int, of_one: int) -> list[Claim]:
    """Take messages that are due, at most so many and so many of one webhook. Until `until` nobody else takes them."""
    session, claims = writing.session, list[Claim]()
    for webhook in session.scalars(select(WebhookRow).where(WebhookRow.id.in_(due(session, moment, most)))):
        wanted = select(DeliveryRow).where(DeliveryRow.webhook_id == webhook.id, _is_due(moment))
        rows = session.scalars(wanted.order_by(DeliveryRow.next_at, DeliveryRow.id).limit(of_one)).all()
        hidden = set[str]() if webhook.confidential else confidential_subjects(session, rows)
        for row in rows[: most - len(claims)]:
            if row.payload["data"].get("suggestion") in hidden:  # it became so after it was announced
                row.state, row.error = DEAD, "confidential"
                continue
            row.state, row.attempts, row.next_at, row.tried_at = SENDING, row.attempts + 1, until, moment
            keys = signing_secrets(webhook, moment)
            claims.append(Claim(row.id, webhook.id, webhook.url, keys, row.payload, row.attempts))
    return claims


def tell(
    writing: Writing, claim: Claim, *, status: int | None, error: str, next_at: datetime | None, at: datetime
) -> bool:
    """Write down how an attempt went: delivered without `error`, waiting until `next_at`, dead with neither.

    False, and nothing is written, where another has claimed the message meanwhile.
    """
    values: dict[str, Any] = {"status": status, "error": error[:200], "tried_at": at}
    values |= {"state": WAITING, "next_at": next_at} if next_at else {"state": DEAD if error else DELIVERED}
    ours = update(DeliveryRow).where(
        DeliveryRow.id == claim.id, DeliveryRow.state == SENDING, DeliveryRow.attempts == claim.attempt
    )
    return bool(writing.session.execute(ours.values(**values)).rowcount)  # type: ignore[attr-defined]


def again(writing: Writing, row: DeliveryRow) -> None:
    """Send a message once more, at once: also one that has arrived. What is being sent just now is left alone."""
    if row.state != SENDING:
        row.state, row.next_at = WAITING, now()
    writing.note("webhook.redelivered", row.webhook_id, delivery=row.id)


def give_up(writing: Writing, webhook_id: str, error: str) -> None:
    """Lay all messages aside that wait for this webhook."""
    waiting = update(DeliveryRow).where(DeliveryRow.webhook_id == webhook_id, DeliveryRow.state == WAITING)
    writing.session.execute(waiting.values(state=DEAD, error=error))


def find(session: Session, webhook_id: str, delivery_id: str, *, confidential: bool) -> DeliveryRow:
    """One message of a webhook. Raises NotThere, also for what this caller may not see."""
    row = session.get(DeliveryRow, delivery_id)
    if row is None or row.webhook_id != webhook_id or (not confidential and confidential_subjects(session, [row])):
        raise NotThere(f"there is no such delivery of the webhook {webhook_id}.")
    return row


def page(session: Session, webhook_id: str, *, state: str | None, cursor: str, limit: int, confidential: bool) -> Page:
    """Deliveries of a webhook, the newest first. `cursor` is the `next` of the page before."""
    wanted = select(DeliveryRow).where(DeliveryRow.webhook_id == webhook_id)
    if state:
        wanted = wanted.where(DeliveryRow.state == state)
    before = session.get(DeliveryRow, cursor) if cursor else None
    if before is not None:
        older = and_(DeliveryRow.created_at == before.created_at, DeliveryRow.id < before.id)
        wanted = wanted.where(or_(DeliveryRow.created_at < before.created_at, older))
    newest = wanted.order_by(DeliveryRow.created_at.desc(), DeliveryRow.id.desc())
    rows = list(session.scalars(newest.limit(limit + 1)))
    hidden = set[str]() if confidential else confidential_subjects(session, rows)
    shown = [row for row in rows[:limit] if row.payload["data"].get("suggestion") not in hidden]
    return Page(shown, rows[limit - 1].id if len(rows) > limit else "")


def confidential_subjects(session: Session, rows: Sequence[DeliveryRow]) -> set[str]:
    """Which suggestions that these messages name are confidential now."""
    named = {str(row.payload["data"]["suggestion"]) for row in rows if "suggestion" in row.payload["data"]}
    found = select(SuggestionRow.ref).where(SuggestionRow.ref.in_(named), SuggestionRow.confidential)
    return set(session.scalars(found)) if named else set()


def signing_secrets(webhook: WebhookRow, moment: datetime) -> tuple[str, ...]:
    """The secrets that sign for a webhook at this moment."""
    both = webhook.old_secret and webhook.old_until is not None and webhook.old_until > moment
    return (webhook.secret, webhook.old_secret) if both else (webhook.secret,)


def past(session: Session, before: datetime) -> bool:
    """Whether a message that has arrived, or was given up, is older than that."""
    return session.scalar(select(DeliveryRow.id).where(_ended(before)).limit(1)) is not None


def forget(writing: Writing, before: datetime) -> int:
    """Delete the messages that have arrived, or were given up, and are older than that; how many."""
    rows = writing.session.scalars(select(DeliveryRow).where(_ended(before)).limit(1_000)).all()
    for row in rows:
        writing.session.delete(row)
    return len(rows)


def _ended(before: datetime) -> ColumnElement[bool]:
    return and_(DeliveryRow.state.in_(ENDED), DeliveryRow.created_at < before)


def _is_due(moment: datetime) -> ColumnElement[bool]:
    return and_(DeliveryRow.state.in_((WAITING, SENDING)), DeliveryRow.next_at <= moment)
