"""Whether the memory is what the trail says: the chain is whole, and wordings and decisions are those that it names.

What is proved: no entry was changed, left out or put in between since it was written, and the wordings and decisions
that stand in the memory are those that were noted. What is not: who can write the database can make a whole new chain.
So keep number and digest of the head somewhere else now and then: `kept` asks whether the chain still holds that entry.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Executable, Row, func, select
from sqlalchemy.orm import Session, undefer

from service.store.suggestions import content_of, suggestion_of
from service.store.tables import CO, LEAD, Assignment, DecisionRow, SuggestionRow, VersionRow
from service.store.tables_service import TrailHead, TrailRow
from service.store.trail import GENESIS, HEAD, digest_of, entry_digest

Progress = Callable[[str, float], None]
"""Told what is done now and the share of all, from 0 to 1."""
WORDING, DECISION = "wording", "decision"
NOTED = {
    "suggestion.created": WORDING,
    "suggestion.revised": WORDING,
    "decision.made": DECISION,
    "decision.changed": DECISION,
    "decision.withdrawn": DECISION,
}
"""Actions whose entries hold the number (of a wording: `version`, of a decision: `number`) and the digest of a row."""
GONE = frozenset({"suggestion.erased", "suggestion.deleted"})
PART = 1000


@dataclass(frozen=True, slots=True)
class Broken:
    """The first thing that is not as it was noted: the entry (None where no entry tells), the suggestion, and why."""

    seq: int | None
    subject: str
    reason: str


@dataclass(frozen=True, slots=True)
class Verified:
    """What was looked at. `head` is the number of the last entry, `digest` what the next one will be chained to."""

    entries: int
    wordings: int
    decisions: int
    head: int
    digest: str
    broken: Broken | None = None

    @property
    def whole(self) -> bool:
        """Whether all is as it was noted."""
        return self.broken is None


@dataclass(slots=True)
class _Found:
    """What one reading of the trail gathers."""

    session: Session
    tell: Progress
    total: int
    entries: int = 0
    head: int = 0
    digest: str = GENESIS
    counts: dict[str, int] = field(default_factory=lambda: {WORDING: 0, DECISION: 0})
    noted: dict[bytes, int] = field(default_factory=dict)
    """A row that must be there → the entry that says so."""
    gone: dict[str, int] = field(default_factory=dict)
    """A suggestion that was erased or deleted → the last entry that says so."""

    def step(self, what: str) -> None:
        """Tell how far it is, now and then."""
        done = self.entries + sum(self.counts.values())
        if done % PART == 0:
            self.tell(what, min(done / max(self.total, 1), 1.0))


def verify(session: Session, progress: Progress | None = None, kept: tuple[int, str] | None = None) -> Verified:
    """Read the trail from its first entry, then every wording and decision that is still there.

    `session` sees one moment (`Store.snapshot`), so that it may run beside writers. `kept` is the number and the digest
    of an entry that was written down elsewhere. What the retention rules erased is not counted against the memory.
    """
    tables = (TrailRow, VersionRow, DecisionRow)
    total = sum(session.scalar(select(func.count()).select_from(table)) or 0 for table in tables)
    found = _Found(session, progress or (lambda _what, _share: None), total)
    broken = _chain(found, kept) or _wordings(found) or _decisions(found) or _missing(found) or _current(found)
    return Verified(found.entries, found.counts[WORDING], found.counts[DECISION], found.head, found.digest, broken)


def _chain(found: _Found, kept: tuple[int, str] | None) -> Broken | None:
    head = found.session.get(TrailHead, HEAD)
    if head is None:
        return Broken(None, "", "the head of the trail is not there")
    found.head = head.seq
    if kept and kept[0] == 0 and kept[1] != GENESIS:
        return Broken(0, "", "its digest is not the one that every trail begins with")
    for entry in _rows(found.session, select(*TrailRow.__table__.columns).order_by(TrailRow.seq)):
        reason = _wrong(found, entry, kept)
        if reason:
            return Broken(entry.seq, entry.subject, reason)
        found.entries, found.digest = entry.seq, entry.digest
        _note(found, entry)
        found.step("trail")
    if (head.seq, head.digest) != (found.entries, found.digest):
        return Broken(head.seq, "", f"the head names entry {head.seq}, and the last one is {found.entries}, or another")
    if kept and kept[0] > found.entries:
        return Broken(
            kept[0], "", f"the entry that was written down elsewhere is gone; the last one is {found.entries}"
        )
    return None


def _wrong(found: _Found, entry: Row[Any], kept: tuple[int, str] | None) -> str:
    if entry.seq != found.entries + 1:
        return f"its number is {entry.seq}, and {found.entries + 1} was to come"
    if entry.previous != found.digest:
        return "it is not chained to the entry before it"
    content = (entry.actor, entry.action, entry.subject, entry.details)
    if entry.digest != entry_digest(entry.seq, entry.at, content, entry.previous):
        return "its content is not what its digest says"
    if kept and entry.seq == kept[0] and entry.digest != kept[1]:
        return "its digest is not the one that was written down elsewhere"
    return ""


def _note(found: _Found, entry: Row[Any]) -> None:
    kind = NOTED.get(entry.action)
    if kind is not None:
        details = entry.details
        number = details.get("version" if kind == WORDING else "number")
        found.noted[_mark(kind, entry.subject, number, details.get("digest"))] = entry.seq
    elif entry.action in GONE:
        found.gone[entry.subject] = entry.seq


def _mark(kind: str, subject: str, number: object, digest: object) -> bytes:
    """A short name for a row under a digest: a long trail has many."""
    return hashlib.sha256(f"{kind}\n{subject}\n{number}\n{digest}".encode()).digest()[:16]


def _wordings(found: _Found) -> Broken | None:
    columns = (VersionRow.number, VersionRow.salt, VersionRow.digest, VersionRow.content)
    chosen = select(SuggestionRow.ref, *columns).join(SuggestionRow, SuggestionRow.id == VersionRow.suggestion_id)
    for row in _rows(found.session, chosen.order_by(VersionRow.id)):
        if broken := _changed(found, WORDING, row, row.content):
            return broken
    return None


def _decisions(found: _Found) -> Broken | None:
    columns = (DecisionRow.number, DecisionRow.salt, DecisionRow.digest)
    content = (DecisionRow.lead, DecisionRow.co, DecisionRow.topics, DecisionRow.reason, DecisionRow.decided_by)
    chosen = select(SuggestionRow.ref, *columns, *content).join(
        SuggestionRow, SuggestionRow.id == DecisionRow.suggestion_id
    )
    for row in _rows(found.session, chosen.order_by(DecisionRow.id)):
        held = {column.key: getattr(row, column.key) for column in content}
        if broken := _changed(found, DECISION, row, held):
            return broken
    return None


def _changed(found: _Found, kind: str, row: Row[Any], content: Any) -> Broken | None:
    """What is wrong with one row, if anything is. Erasing takes the salt away, and with it what could be proved."""
    found.counts[kind] += 1
    found.step(f"{kind}s")
    seq = found.noted.pop(_mark(kind, row.ref, row.number, row.digest), None)
    if not row.salt and row.ref in found.gone:
        return None
    if seq is None:
        return Broken(None, row.ref, f"no entry of the trail tells of its {kind} {row.number} as it stands")
    if digest_of(row.salt, content) != row.digest:
        return Broken(seq, row.ref, f"its {kind} {row.number} is not what was noted")
    return None


def _missing(found: _Found) -> Broken | None:
    """A row that was noted and is not there, unless the suggestion was erased or deleted since."""
    left = sorted(found.noted.values())
    for start in range(0, len(left), PART):
        chosen = select(TrailRow.seq, TrailRow.subject, TrailRow.action).where(
            TrailRow.seq.in_(left[start : start + PART])
        )
        for row in found.session.execute(chosen.order_by(TrailRow.seq)):
            if found.gone.get(row.subject, 0) < row.seq:
                return Broken(row.seq, row.subject, f"its {NOTED[row.action]} of this entry is not there any more")
    return None


def _current(found: _Found) -> Broken | None:
    """What lists and searches show beside what was handed in last, and the units that hold beside the last decision."""
    last = 0
    while True:
        part = select(SuggestionRow).where(SuggestionRow.id > last).order_by(SuggestionRow.id).limit(PART)
        rows = found.session.scalars(part.options(undefer(SuggestionRow.text))).all()
        if not rows:
            return None
        contents, decided = _latest(found.session, last, rows[-1].id)
        assigned = _assigned(found.session, last, rows[-1].id)
        for row in rows:
            if row.ref not in found.gone and content_of(suggestion_of(row)) != contents.get(row.id):
                return Broken(None, row.ref, "what lists and searches show is not the wording that was handed in last")
            if assigned.get(row.id, {}) != decided.get(row.id, {}):
                return Broken(None, row.ref, "the units in lists are not those of the decision that was made last")
            found.session.expunge(row)
        last = rows[-1].id


def _latest(session: Session, after: int, until: int) -> tuple[dict[int, Any], dict[int, dict[str, list[str]]]]:
    """The last wording and the units of the last decision of each suggestion after one number and up to another."""
    wordings = select(VersionRow.suggestion_id, VersionRow.content).order_by(VersionRow.number)
    contents = session.execute(wordings.where(VersionRow.suggestion_id > after, VersionRow.suggestion_id <= until))
    decisions = select(DecisionRow.suggestion_id, DecisionRow.lead, DecisionRow.co).order_by(DecisionRow.number)
    decided = session.execute(decisions.where(DecisionRow.suggestion_id > after, DecisionRow.suggestion_id <= until))
    units = {row.suggestion_id: {LEAD: row.lead, CO: row.co} for row in decided}
    named = {key: {role: names for role, names in value.items() if names} for key, value in units.items()}
    return {row.suggestion_id: row.content for row in contents}, named


def _assigned(session: Session, after: int, until: int) -> dict[int, dict[str, list[str]]]:
    chosen = select(Assignment.suggestion_id, Assignment.role, Assignment.unit).order_by(Assignment.place)
    found: dict[int, dict[str, list[str]]] = {}
    for row in session.execute(chosen.where(Assignment.suggestion_id > after, Assignment.suggestion_id <= until)):
        found.setdefault(row.suggestion_id, {}).setdefault(row.role, []).append(row.unit)
    return found


def _rows(session: Session, chosen: Executable) -> Iterator[Row[Any]]:
    """The rows, a part at a time."""
    with session.execute(chosen.execution_options(yield_per=PART)) as result:
        yield from result
