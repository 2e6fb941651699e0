"""The audit trail: who did what to which row, each entry chained to the one before by its hash.

An entry holds ids, numbers and names of units, and of texts only a salted digest; the salt stands beside the text. When
the retention rules take a text away, its salt goes with it, so the chain stays whole and the digest tells nothing.
Writers take the head of the chain first and give it back when they commit, so the numbers have no gaps and are in the
order of the commits: whoever follows the memory (the duplicate index) reads on from the last number it has seen.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.store.columns import now
from service.store.tables_service import TrailHead, TrailRow

GENESIS = "0" * 64
"""What the first entry is chained to."""
HEAD = 1


def canonical(value: Any) -> bytes:
    """The one way to write a value down before it is hashed."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def salted(content: Any) -> tuple[str, str]:
    """A new salt, and the digest of `content` under it."""
    salt = secrets.token_hex(16)
    return salt, digest_of(salt, content)


def digest_of(salt: str, content: Any) -> str:
    """The digest of `content` under `salt`, as hexadecimal digits."""
    return hashlib.sha256(salt.encode() + canonical(content)).hexdigest()


def entry_digest(seq: int, at: datetime, entry: tuple[str, str, str, dict[str, Any]], previous: str) -> str:
    """The digest of one entry (actor, action, subject, details), which the next is chained to."""
    return hashlib.sha256(canonical([seq, at.isoformat(timespec="microseconds"), *entry, previous])).hexdigest()


def take_head(session: Session) -> TrailHead:
    """The head of the chain, locked until this transaction ends."""
    return session.scalars(select(TrailHead).where(TrailHead.id == HEAD).with_for_update()).one()


def append(session: Session, head: TrailHead, actor: str, action: str, subject: str, details: dict[str, Any]) -> int:
    """Add one entry under the locked `head`; its number. Raises ValueError for details that a database writes down
    differently: fractions, and names that are no text.
    """
    _check(details)
    at, seq = now(), head.seq + 1
    digest = entry_digest(seq, at, (actor, action, subject, details), head.digest)
    session.add(
        TrailRow(
            seq=seq,
            at=at,
            actor=actor,
            action=action,
            subject=subject,
            details=details,
            previous=head.digest,
            digest=digest,
        )
    )
    head.seq, head.digest = seq, digest
    return seq


def _check(value: Any) -> None:
    """Refuse what would come back from a database changed, and so would break the chain."""
    if isinstance(value, Mapping):
        if not all(isinstance(name, str) for name in value):
            raise ValueError(f"a trail entry has names that are no text: {sorted(map(repr, value))}")
        for inner in value.values():
            _check(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            _check(inner)
    elif value is not None and not isinstance(value, str | int):
        raise ValueError(f"a trail entry holds text, whole numbers, yes, no, nothing; not a {type(value).__name__}")
