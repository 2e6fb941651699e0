"""What happened to suggestions since an entry of the trail, for who looks again every few seconds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import not_, or_, select
from sqlalchemy.orm import Session

from service.store.entries import about_confidential
from service.store.tables_service import KeyRow, TrailHead, TrailRow
from service.store.trail import HEAD

MOST = 500
ABOUT = ("suggestion.", "decision.")
"""Actions whose subject is a suggestion."""
DECISIONS = ("decision.made", "decision.changed", "decision.withdrawn")
OF_DECISION = ("suggestion.returned", "suggestion.closed")
KEY = "key:"


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that happened: who did it by the name of the key, and the number of the decision that it was about."""

    number: int
    at: datetime
    action: str
    suggestion: str
    by: str
    decision: int | None


@dataclass(frozen=True, slots=True)
class Changes:
    """Some changes in order, and the number after which to ask next."""

    changes: Sequence[Change]
    last: int


def since(session: Session, after: int | None, limit: int = MOST, *, confidential: bool) -> Changes:
    """What happened to suggestions after the entry `after`; None asks only where the trail ends. Without `confidential`
    nothing about what is so. A trail that ends before `after` (a backup was restored) is followed from its end on.
    """
    head = session.scalar(select(TrailHead.seq).where(TrailHead.id == HEAD)) or 0
    if after is None or after >= head:
        return Changes((), head)
    told = or_(*(TrailRow.action.startswith(prefix) for prefix in ABOUT))
    wanted = select(TrailRow).where(TrailRow.seq > after, TrailRow.seq <= head, told)
    if not confidential:
        wanted = wanted.where(not_(about_confidential()))
    rows = session.scalars(wanted.order_by(TrailRow.seq).limit(limit)).all()
    names = names_of(session, {row.actor for row in rows})
    changes = [
        Change(row.seq, row.at, row.action, row.subject, names.get(row.actor, row.actor), _decision(row))
        for row in rows
    ]
    return Changes(changes, rows[-1].seq if len(rows) == limit else head)


def callers(session: Session) -> list[tuple[str, str]]:
    """How every key stands in the record (``key:<id>``), revoked ones too, with its name."""
    rows = session.execute(select(KeyRow.id, KeyRow.name).order_by(KeyRow.name, KeyRow.id))
    return [(f"{KEY}{row.id}", row.name) for row in rows]


def names_of(session: Session, actors: set[str]) -> dict[str, str]:
    """The names of keys by their actors (``key:<id>``)."""
    ids = [actor.removeprefix(KEY) for actor in actors if actor.startswith(KEY)]
    found = session.execute(select(KeyRow.id, KeyRow.name).where(KeyRow.id.in_(ids))) if ids else ()
    return {f"{KEY}{row.id}": row.name for row in found}


def _decision(row: TrailRow) -> int | None:
    told = row.details.get("number" if row.action in DECISIONS else "decision")
    return told if isinstance(told, int) and row.action in (*DECISIONS, *OF_DECISION) else None
