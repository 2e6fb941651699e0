"""What people found of suggestions that look alike, so that the same merge or conflict is not proposed to them again.

A finding is a set of suggestions. ``merge``: no two of them are one matter (不并). ``lead``: their leads are right as
they differ (不统一). It changes no suggestion, can be withdrawn, and is seen by those who may see all of them.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, exists, func, not_, select
from sqlalchemy.orm import Session

from service.store import changes, suggestions
from service.store.errors import NotThere
from service.store.store import Writing
from service.store.tables import ApartMember, ApartRow, SuggestionRow
from triage.duplicates.apart import Apart

MERGE, LEAD = "merge", "lead"
MOST = 500
"""Suggestions of one finding."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found of which suggestions, by whom (the name of the key) and when."""

    number: int
    kind: str
    refs: tuple[str, ...]
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Page:
    """Some findings, the newest first, and where the next page begins: before this number (0: there is none)."""

    findings: Sequence[Finding]
    next: int


def find_apart(writing: Writing, kind: str, refs: Sequence[str], *, confidential: bool) -> tuple[Finding, bool]:
    """Keep that these suggestions are apart, and whether that is new: found twice it is kept once.

    Raises NotThere where there is none with such an id, or none that this caller may see.
    """
    session = writing.session
    rows = [suggestions.find(session, ref, confidential=confidential) for ref in dict.fromkeys(refs)]
    held = _held(session, kind, [row.id for row in rows])
    if held is not None:
        return _findings(session, [held])[0], False
    finding = ApartRow(kind=kind, actor=writing.actor)
    session.add(finding)
    session.flush()
    session.add_all(
        ApartMember(apart_id=finding.id, suggestion_id=row.id, place=place) for place, row in enumerate(rows)
    )
    session.flush()
    writing.note("apart.found", f"apart-{finding.id}", kind=kind, suggestions=len(rows))
    return _findings(session, [finding])[0], True


def withdraw(writing: Writing, number: int, *, confidential: bool) -> None:
    """Forget a finding. Raises NotThere, also for one that this caller may not see."""
    seen = _seen(confidential=confidential)
    row = writing.session.scalar(select(ApartRow).where(ApartRow.id == number, *seen))
    if row is None:
        raise NotThere("there is no finding with this number; it may have been withdrawn already.")
    writing.note("apart.withdrawn", f"apart-{row.id}", kind=row.kind)
    writing.session.delete(row)


def page(
    session: Session, kind: str = "", ref: str = "", before: int = 0, limit: int = 50, *, confidential: bool
) -> Page:
    """Findings of a kind, or of both, and of a suggestion, or of all, the newest first."""
    wanted = select(ApartRow).where(*_seen(confidential=confidential))
    if kind:
        wanted = wanted.where(ApartRow.kind == kind)
    if ref:
        of_it = select(ApartMember.apart_id).join(SuggestionRow, SuggestionRow.id == ApartMember.suggestion_id)
        wanted = wanted.where(ApartRow.id.in_(of_it.where(SuggestionRow.ref == ref)))
    if before:
        wanted = wanted.where(ApartRow.id < before)
    rows = session.scalars(wanted.order_by(ApartRow.id.desc()).limit(limit + 1)).all()
    return Page(_findings(session, rows[:limit]), rows[limit - 1].id if len(rows) > limit else 0)


def all_of(session: Session) -> Apart:
    """All that was found. It holds for whoever asks, and names nothing that is not compared anyway."""
    chosen = (
        select(ApartRow.kind, ApartMember.apart_id, SuggestionRow.ref)
        .join(SuggestionRow, SuggestionRow.id == ApartMember.suggestion_id)
        .join(ApartRow, ApartRow.id == ApartMember.apart_id)
        .order_by(ApartMember.apart_id)
    )
    found: dict[str, dict[int, set[str]]] = {MERGE: {}, LEAD: {}}
    for kind, number, ref in session.execute(chosen):
        found[kind].setdefault(number, set()).add(ref)
    return Apart(tuple(found[MERGE].values()), tuple(found[LEAD].values()))


def _held(session: Session, kind: str, ids: Collection[int]) -> ApartRow | None:
    """The finding of exactly these suggestions, if there is one."""
    wanted = set(ids)
    of_one = select(ApartMember.apart_id).where(ApartMember.suggestion_id == min(wanted))
    for row in session.scalars(select(ApartRow).where(ApartRow.kind == kind, ApartRow.id.in_(of_one))):
        members = session.scalars(select(ApartMember.suggestion_id).where(ApartMember.apart_id == row.id))
        if set(members) == wanted:
            return row
    return None


def _seen(*, confidential: bool) -> list[ColumnElement[bool]]:
    """Findings of two suggestions or more (others were deleted since), all of which the caller may see."""
    members = select(func.count()).where(ApartMember.apart_id == ApartRow.id).scalar_subquery()
    hidden = exists().where(
        ApartMember.apart_id == ApartRow.id,
        ApartMember.suggestion_id == SuggestionRow.id,
        SuggestionRow.confidential,
    )
    return [members > 1] if confidential else [members > 1, not_(hidden)]


def _findings(session: Session, rows: Sequence[ApartRow]) -> list[Finding]:
    refs: dict[int, list[str]] = {row.id: [] for row in rows}
    chosen = (
        select(ApartMember.apart_id, SuggestionRow.ref)
        .join(SuggestionRow, SuggestionRow.id == ApartMember.suggestion_id)
        .where(ApartMember.apart_id.in_(refs))
        .order_by(ApartMember.apart_id, ApartMember.place)
    )
    for number, ref in session.execute(chosen):
        refs[number].append(ref)
    names = changes.names_of(session, {row.actor for row in rows})
    return [Finding(row.id, row.kind, tuple(refs[row.id]), names.get(row.actor, row.actor), row.at) for row in rows]
