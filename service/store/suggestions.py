"""Suggestions in the memory: handed in, handed in anew, found, and what the model answered to them.

Every wording that came in is kept as a version. The trail holds the digest of each, never a word.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from service.store import advice, trail
from service.store.columns import now
from service.store.errors import AlreadyThere, Changed, NotThere
from service.store.search import grams
from service.store.store import Writing
from service.store.tables import ERASED, AnswerRow, SuggestionRow, VersionRow
from service.store.tables_service import JobRow
from service.store.visibility import open_answer, open_wording
from triage.errors import InputError
from triage.records import Suggestion

LONGEST = 200
"""Characters of an id, a source, a session, a wish, a proposer."""

_UNFIT = re.compile(r"[\x00-\x1f\x7f-\x9f/\\]")


def create(writing: Writing, suggestion: Suggestion, ref: str = "", *, batch: str = "") -> SuggestionRow:
    """Take in a suggestion under `ref`, else its own id, else a new one; `batch` is the job that does.

    Raises AlreadyThere where the id is taken, InputError for an id or a text that cannot be kept.
    """
    ref = ref or suggestion.id
    if ref:
        _check_ref(ref)
        if _row(writing.session, ref) is not None:
            raise AlreadyThere(f"the id {ref!r} is taken. Choose another, or hand the wording in anew under it.")
    else:
        ref = made_ref()
    _check(suggestion)
    row = SuggestionRow(ref=ref, version=1, created_at=now(), batch=batch)
    _fill(row, suggestion)
    row.changed_at = row.created_at
    writing.session.add(row)
    writing.session.flush()
    _add_version(writing, row, "suggestion.created")
    return row


def made_ref() -> str:
    """A new id, of this day, that nobody has."""
    return f"S{now():%Y%m%d}-{secrets.token_hex(6)}"


def revise(writing: Writing, row: SuggestionRow, suggestion: Suggestion, expected: int) -> SuggestionRow:
    """Take in another wording of a suggestion; `expected` is the version that the caller has seen.

    The same wording again changes nothing. Raises Changed where another version stands, InputError for a text that
    cannot be kept, an id that is another's, and a suggestion that was erased.
    """
    if row.state == ERASED:
        raise InputError(f"{row.ref!r} was erased by the retention rules. Hand the suggestion in under a new id.")
    if suggestion.id not in {"", row.ref}:
        raise InputError(f"the id {suggestion.id!r} is not {row.ref!r}; leave it out or write the same.")
    if expected != row.version:
        message = f"{row.ref!r}: you have seen version {expected}, but version {row.version} stands. Read `current`."
        raise Changed(message, {"version": row.version, **content_of(suggestion_of(row))})
    _check(suggestion)
    if content_of(suggestion) == content_of(suggestion_of(row)):
        return row
    if suggestion.confidential and not row.confidential:
        _hide_jobs(writing)
    opens = row.confidential and not suggestion.confidential
    _fill(row, suggestion)
    row.version += 1
    row.changed_at = now()
    _add_version(writing, row, "suggestion.revised")
    if opens:
        advice.tell(row, latest_answer(writing.session, row, confidential=False))
    return row


def find(session: Session, ref: str, *, confidential: bool) -> SuggestionRow:
    """The suggestion under an id. Raises NotThere, also for a confidential one unless `confidential`."""
    row = _row(session, ref)
    if row is None or (row.confidential and not confidential):
        raise NotThere(f"there is no suggestion {ref[:LONGEST]!r}, or none that this key may see.")
    return row


def suggestion_of(row: SuggestionRow) -> Suggestion:
    """The library's record of what stands now."""
    return Suggestion(
        id=row.ref,
        title=row.title,
        text=row.text,
        source=row.source,
        session=row.session,
        date=row.day,
        proposers=tuple(row.proposers),
        wish=row.wish,
        confidential=row.confidential,
    )


def content_of(suggestion: Suggestion) -> dict[str, Any]:
    """The fields of a suggestion but its id, as plain JSON types: what a version holds."""
    return {
        "title": suggestion.title,
        "text": suggestion.text,
        "source": suggestion.source,
        "session": suggestion.session,
        "date": suggestion.date.isoformat() if suggestion.date else None,
        "proposers": list(suggestion.proposers),
        "wish": suggestion.wish,
        "confidential": suggestion.confidential,
    }


def versions_of(session: Session, row: SuggestionRow, *, confidential: bool = True) -> list[VersionRow]:
    """All wordings, the first one first; without `confidential` none that was handed in as such."""
    chosen = select(VersionRow).where(VersionRow.suggestion_id == row.id).order_by(VersionRow.number)
    return list(session.scalars(chosen if confidential else chosen.where(open_wording())))


def keep_answer(
    writing: Writing,
    row: SuggestionRow,
    triaged: dict[str, Any],
    model: str,
    catalogue: str,
    *,
    version: int | None = None,
) -> AnswerRow:
    """Keep what a model answered (`Triaged.to_dict()`) to `version`, or to what stands now.

    Raises InputError for a suggestion that was erased: its words would come back with the answer.
    """
    if row.state == ERASED:
        raise InputError(f"{row.ref!r} was erased by the retention rules; no answer is kept for it.")
    answer = AnswerRow(
        suggestion_id=row.id,
        version=row.version if version is None else version,
        model=model,
        catalogue=catalogue,
        answer=triaged,
        actor=writing.actor,
        at=now(),
    )
    writing.session.add(answer)
    writing.session.flush()
    if advice.shows(writing.session, row, answer.version):
        advice.tell(row, answer)
    details = {"answer": answer.id, "version": answer.version, "model": model, "catalogue": catalogue}
    writing.note("suggestion.triaged", row.ref, **details)
    return answer


def latest_answer(session: Session, row: SuggestionRow, *, confidential: bool = True) -> AnswerRow | None:
    """The last answer to a suggestion, whichever its wording was; see `answers_of`."""
    return next(iter(answers_of(session, row, 1, confidential=confidential)), None)


def answers_of(session: Session, row: SuggestionRow, most: int, *, confidential: bool = True) -> list[AnswerRow]:
    """The last answers, the latest first; without `confidential` none to a wording that was handed in as such."""
    chosen = select(AnswerRow).where(AnswerRow.suggestion_id == row.id).order_by(AnswerRow.id.desc()).limit(most)
    return list(session.scalars(chosen if confidential else chosen.where(open_answer())))


def _hide_jobs(writing: Writing) -> None:
    """A suggestion turns confidential: what was made of the memory until now may hold it, and nobody looks into files.
    So the results of those jobs are seen from now on only by keys that may see it.
    """
    made = (JobRow.input_name == "", JobRow.started_at.is_not(None), JobRow.confidential.is_(False))
    writing.session.execute(update(JobRow).where(*made).values(confidential=True))


def _row(session: Session, ref: str) -> SuggestionRow | None:
    if "\x00" in ref:
        return None
    return session.scalars(select(SuggestionRow).where(SuggestionRow.ref == ref)).one_or_none()


def _check_ref(ref: str) -> None:
    """It stands in paths and in the trail: neither takes every character."""
    if len(ref) > LONGEST:
        raise InputError(f"the id has {len(ref)} characters; {LONGEST} are allowed.")
    if _UNFIT.search(ref) or ref != ref.strip() or ref in {".", ".."}:
        refused = "'/', '\\', control characters, blanks at its ends, and '.' and '..' alone are not"
        raise InputError(f"the id {ref!r} cannot be kept: {refused}. Letters, digits, '-', '_', '.' are safe.")


def _check(suggestion: Suggestion) -> None:
    """What no database takes is refused with the name of the field, without its wording."""
    for field, value in _strings(suggestion):
        if "\x00" in value:
            raise InputError(f"{field} holds the character U+0000, which cannot be kept. Leave it out.")
        try:
            value.encode()
        except UnicodeEncodeError as error:
            place = error.start + 1
            raise InputError(f"{field}: character {place} is half of a surrogate pair. Send whole ones.") from None
        if field not in {"title", "text"} and len(value) > LONGEST:
            raise InputError(f"{field} has {len(value)} characters; {LONGEST} are allowed.")


def _strings(suggestion: Suggestion) -> Iterator[tuple[str, str]]:
    for field in ("title", "text", "source", "session", "wish"):
        yield field, getattr(suggestion, field)
    for place, proposer in enumerate(suggestion.proposers):
        yield f"proposers/{place}", proposer


def _fill(row: SuggestionRow, suggestion: Suggestion) -> None:
    row.title, row.text = suggestion.title, suggestion.text
    row.source, row.session, row.day = suggestion.source, suggestion.session, suggestion.date
    row.proposers, row.wish, row.confidential = list(suggestion.proposers), suggestion.wish, suggestion.confidential
    row.title_grams, row.grams = grams(suggestion.title), grams(suggestion.title, suggestion.text)


def _add_version(writing: Writing, row: SuggestionRow, action: str) -> None:
    content = content_of(suggestion_of(row))
    salt, digest = trail.salted(content)
    version = VersionRow(
        suggestion_id=row.id,
        number=row.version,
        content=content,
        salt=salt,
        digest=digest,
        actor=writing.actor,
        at=row.changed_at,
    )
    writing.session.add(version)
    writing.session.flush()
    writing.note(action, row.ref, version=row.version, digest=digest, confidential=row.confidential)
