"""The keys of the systems and people that call: made, found, rotated, revoked. Only digests are kept.

A key reads ``tk_<id>_<secret>``. The id is public: it stands in lists, in the trail (``key:<id>``) and beside answers.
The secret has 256 random bits, so its plain SHA-256 digest tells nothing and no slow hash is needed.

    made = keys.make(writing, "OA system", ["triage"])      # made.token is shown once, never kept
    row = keys.find(session, made.token)                    # None: unknown, revoked or expired
    made = keys.rotate(writing, row.id, grace=timedelta(days=7))   # both work for a week
    keys.revoke(writing, made.id)
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.store.columns import now
from service.store.errors import NotThere
from service.store.store import Writing
from service.store.tables_service import KeyRow
from triage.errors import InputError

SCOPES = ("read", "triage", "decide", "admin")
"""What a key may be for: to read the memory, to ask for advice and hand in suggestions, to decide, to administer."""
HELD = {
    "read": frozenset({"read"}),
    "triage": frozenset({"triage", "read"}),
    "decide": frozenset({"decide", "read"}),
    "admin": frozenset(SCOPES),
}
"""What each scope holds: who may ask or decide may also read, and an administrator may do everything."""
GRACE = timedelta(days=7)
"""How long an old key goes on after its rotation, unless said otherwise."""
MOST_DAYS = 3_650
MOST_PER_MINUTE = 1_000_000
LONGEST_NAME = 200

_TOKEN = re.compile(r"tk_([0-9a-f]{12})_([A-Za-z0-9_-]{43})")
_NO_DIGEST = "0" * 64


@dataclass(frozen=True, slots=True)
class MadeKey:
    """A key that was just made. `token` is what the caller sends; it is nowhere else."""

    id: str
    token: str
    expires_at: datetime | None = None


def id_of(token: str) -> str:
    """The public part of a key, empty where the text has not the form of one."""
    matched = _TOKEN.fullmatch(token)
    return matched[1] if matched else ""


def digest_of(token: str) -> str:
    """What is kept of a key."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def held(scopes: Collection[str]) -> frozenset[str]:
    """All that a key with these scopes may do."""
    return frozenset().union(*(HELD.get(scope, frozenset()) for scope in scopes))


def make(
    writing: Writing,
    name: str,
    scopes: Sequence[str],
    *,
    confidential: bool = False,
    expires_at: datetime | None = None,
    per_minute: int | None = None,
) -> MadeKey:
    """Make a key. Raises InputError for a name, a scope, a day or a rate that is not allowed."""
    name, chosen = _name(name), _scopes(scopes)
    _check(expires_at, per_minute)
    fields = {"confidential": confidential, "expires_at": expires_at, "per_minute": per_minute}
    row, made = _new(KeyRow(name=name, scopes=chosen, **fields))
    writing.session.add(row)
    writing.note("key.made", row.id, scopes=chosen, confidential=confidential)
    return made


def find(session: Session, token: str, at: datetime | None = None) -> KeyRow | None:
    """The row of a key that works at this moment; None for one that is unknown, malformed, revoked or expired."""
    row = session.get(KeyRow, id_of(token))
    same = matches(row, token)
    return row if row is not None and same and works(row, at) else None


def matches(row: KeyRow | None, token: str) -> bool:
    """Whether the secret is right, compared in a time that does not tell how much of it is."""
    return hmac.compare_digest(_NO_DIGEST if row is None else row.digest, digest_of(token))


def works(row: KeyRow, at: datetime | None = None) -> bool:
    """Whether a key is neither revoked nor expired."""
    at = at or now()
    return row.revoked_at is None and (row.expires_at is None or at < row.expires_at)


def rotate(writing: Writing, key_id: str, grace: timedelta = GRACE) -> MadeKey:
    """Make a new key with the rights of an old one, which goes on for the time of `grace` and then ends.

    The new one ends when the old one would have. Raises NotThere, and InputError where the old key works no more.
    """
    old = _row(writing.session, key_id)
    if not works(old):
        raise InputError(f"the key {key_id} works no more, so it cannot be rotated. Make a new one.")
    if not timedelta(0) <= grace <= timedelta(days=MOST_DAYS):
        raise InputError(f"the grace period {grace} is not allowed; allowed are 0 to {MOST_DAYS} days.")
    rights = {"scopes": list(old.scopes), "confidential": old.confidential, "per_minute": old.per_minute}
    row, made = _new(KeyRow(name=old.name, expires_at=old.expires_at, follows=old.id, **rights))
    writing.session.add(row)
    ends = now() + grace
    old.expires_at = ends if old.expires_at is None else min(old.expires_at, ends)
    writing.note("key.rotated", old.id, into=row.id, until=old.expires_at.isoformat(timespec="seconds"))
    return made


def revoke(writing: Writing, key_id: str) -> KeyRow:
    """End a key. One that is revoked already stays as it is. Raises NotThere."""
    row = _row(writing.session, key_id)
    if row.revoked_at is None:
        row.revoked_at = now()
        writing.note("key.revoked", row.id)
    return row


def all_keys(session: Session) -> list[KeyRow]:
    """Every key that was ever made, the oldest first."""
    return list(session.scalars(select(KeyRow).order_by(KeyRow.created_at, KeyRow.id)))


def _new(row: KeyRow) -> tuple[KeyRow, MadeKey]:
    key_id, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
    token = f"tk_{key_id}_{secret}"
    row.id, row.digest = key_id, digest_of(token)
    return row, MadeKey(key_id, token, row.expires_at)


def _row(session: Session, key_id: str) -> KeyRow:
    row = session.get(KeyRow, key_id)
    if row is None:
        raise NotThere("there is no key with this id. `triage keys list` shows them.")
    return row


def _name(name: str) -> str:
    name = name.strip()
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise InputError(
            f"the key's name {name!r} is not allowed; allowed are 1 to {LONGEST_NAME} printable characters."
        )
    return name


def _scopes(scopes: Sequence[str]) -> list[str]:
    unknown = [scope for scope in scopes if scope not in SCOPES]
    if unknown or not scopes:
        met = repr(unknown[0]) if unknown else "none"
        raise InputError(f"the scope {met} is not known; allowed are {', '.join(SCOPES)}. Give at least one.")
    return [scope for scope in SCOPES if scope in scopes]


def _check(expires_at: datetime | None, per_minute: int | None) -> None:
    if expires_at is not None and not now() < expires_at <= now() + timedelta(days=MOST_DAYS + 1):
        raise InputError(f"the key would end on {expires_at:%Y-%m-%d}; allowed are 1 to {MOST_DAYS} days from now.")
    if per_minute is not None and not 0 <= per_minute <= MOST_PER_MINUTE:
        allowed = f"0 (no limit) to {MOST_PER_MINUTE:,}"
        raise InputError(f"the rate {per_minute} is not allowed; allowed are {allowed} requests a minute.")
