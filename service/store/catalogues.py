"""Versions of the catalogue: files as they were handed in, numbered from 1, added and never changed.

The folder that the service was started with is version 0; it is not stored. The highest number is in force.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from service.store.columns import now
from service.store.errors import Changed, NotThere
from service.store.store import Writing
from service.store.tables_service import CatalogueRow
from service.store.trail import canonical


def latest(session: Session) -> int:
    """The number in force; 0 where none was ever stored."""
    return session.scalar(select(func.max(CatalogueRow.number))) or 0


def version(session: Session, number: int) -> CatalogueRow:
    """One version. Raises NotThere."""
    row = session.get(CatalogueRow, number)
    if row is None:
        raise NotThere(f"there is no catalogue version {number}; the newest is {latest(session)}.")
    return row


def versions(session: Session) -> list[CatalogueRow]:
    """All versions, the newest first."""
    return list(session.scalars(select(CatalogueRow).order_by(CatalogueRow.number.desc())))


def add(writing: Writing, files: Mapping[str, str], *, reason: str, expected: int) -> CatalogueRow:
    """Put a new version into force. `expected` is the number that its author has seen.

    The files are taken as they are; the caller has let the library check them. Raises Changed.
    """
    held = latest(writing.session)
    if expected != held:
        current: dict[str, Any] = told(version(writing.session, held)) if held else {"number": 0}
        raise Changed(
            f"the catalogue in force is version {held}, not the one that was seen. Nothing was changed.", current
        )
    row = CatalogueRow(
        number=held + 1,
        files=dict(files),
        digest=digest_of(files),
        reason=reason,
        actor=writing.actor,
        at=now(),
    )
    writing.session.add(row)
    writing.session.flush()
    writing.note("catalogue.changed", str(row.number), before=held, digest=row.digest, files=len(files))
    return row


def digest_of(files: Mapping[str, str]) -> str:
    """The SHA-256 of a version's files."""
    return hashlib.sha256(canonical(dict(files))).hexdigest()


def told(row: CatalogueRow) -> dict[str, Any]:
    """A version without its files, as plain JSON types."""
    return {
        "number": row.number,
        "digest": row.digest,
        "reason": row.reason,
        "actor": row.actor,
        "at": row.at.isoformat(timespec="seconds"),
        "file_names": sorted(row.files),
    }
