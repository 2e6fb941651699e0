"""Entries of the trail, to be read: chosen by what they tell, the newest first, a page at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date as Date
from datetime import datetime, time, timedelta

from sqlalchemy import ColumnElement, and_, exists, not_, or_, select
from sqlalchemy.orm import Session, aliased

from service.store.tables import SuggestionRow
from service.store.tables_service import JobRow, TrailRow, WebhookRow

WORDED = ("suggestion.created", "suggestion.revised")
"""Actions whose entries say whether the suggestion is confidential."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which entries are wanted; what is empty is no filter. `since` and `until` are days at the office."""

    subject: str = ""
    action: str = ""
    actor: str = ""
    since: Date | None = None
    until: Date | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """Some entries, the newest first, and where the next page begins: before this number (0: there is none)."""

    rows: Sequence[TrailRow]
    next: int


def page(session: Session, chosen: Chosen, before: int = 0, limit: int = 50, *, confidential: bool) -> Page:
    """One page of the entries that are wanted; without `confidential` none about what is so."""
    wanted = select(TrailRow).where(*_conditions(chosen))
    if before:
        wanted = wanted.where(TrailRow.seq < before)
    if not confidential:
        wanted = wanted.where(not_(about_confidential()))
    rows = session.scalars(wanted.order_by(TrailRow.seq.desc()).limit(limit + 1)).all()
    return Page(rows[:limit], rows[limit - 1].seq if len(rows) > limit else 0)


def is_hidden(session: Session, ref: str) -> bool:
    """Whether a suggestion is confidential, or was when it was deleted."""
    told = select(TrailRow.seq).where(TrailRow.subject == ref, TrailRow.action.in_(WORDED), about_confidential())
    return session.scalar(told.limit(1)) is not None


def about_confidential() -> ColumnElement[bool]:
    """The condition that an entry is about a confidential suggestion, job or webhook.

    What a deleted suggestion was, the entry of its first wording tells.
    """
    word = aliased(TrailRow)
    stands = exists().where(SuggestionRow.ref == TrailRow.subject)
    was = exists().where(
        word.subject == TrailRow.subject, word.action.in_(WORDED), word.details["confidential"].as_boolean()
    )
    suggestion = or_(
        exists().where(SuggestionRow.ref == TrailRow.subject, SuggestionRow.confidential), and_(not_(stands), was)
    )
    job = exists().where(JobRow.id == TrailRow.subject, JobRow.confidential)
    webhook = exists().where(WebhookRow.id == TrailRow.subject, WebhookRow.confidential)
    on_suggestion = or_(TrailRow.action.startswith("suggestion."), TrailRow.action.startswith("decision."))
    return or_(
        and_(on_suggestion, suggestion),
        and_(TrailRow.action.startswith("job."), job),
        and_(TrailRow.action.startswith("webhook."), webhook),
    )


def _conditions(chosen: Chosen) -> list[ColumnElement[bool]]:
    exact = {TrailRow.subject: chosen.subject, TrailRow.action: chosen.action, TrailRow.actor: chosen.actor}
    found: list[ColumnElement[bool]] = [column == value for column, value in exact.items() if value]
    if chosen.since is not None and chosen.since > Date(1970, 1, 1):
        found.append(TrailRow.at >= _midnight(chosen.since))
    if chosen.until is not None and chosen.until < Date(9000, 1, 1):
        found.append(TrailRow.at < _midnight(chosen.until + timedelta(days=1)))
    return found


def _midnight(day: Date) -> datetime:
    """When a day begins at the office, which is where this machine is."""
    return datetime.combine(max(day, Date(1970, 1, 2)), time.min).astimezone()
