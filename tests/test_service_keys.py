"""Keys in the memory: only digests are kept; made, found, rotated with a grace period, revoked; told in the trail."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from service.store import keys, values
from service.store.columns import now
from service.store.errors import NotThere
from service.store.store import Store
from service.store.tables_service import KeyRow, TrailRow
from triage import InputError


def made(store: Store, *scopes: str, **rights: Any) -> keys.MadeKey:
    with store.write("test") as writing:
        return keys.make(writing, "OA", scopes or ("read",), **rights)


def found(store: Store, token: str, **at: Any) -> KeyRow | None:
    with store.read() as session:
        return keys.find(session, token, **at)


def trail(store: Store) -> list[TrailRow]:
    with store.read() as session:
        return list(session.scalars(select(TrailRow).order_by(TrailRow.seq)))


def test_a_key_is_found_by_its_token_alone(store: Store) -> None:
    one, other = made(store), made(store, "admin", confidential=True, per_minute=5)
    assert re.fullmatch(r"tk_[0-9a-f]{12}_[A-Za-z0-9_-]{43}", one.token)
    row = found(store, other.token)
    assert row is not None
    assert (row.id, row.scopes, row.confidential, row.per_minute) == (other.id, ["admin"], True, 5)
    mixed = f"tk_{one.id}_{other.token.split('_', 2)[2]}"
    for wrong in ("", one.id, one.token[:-1], f"{one.token}a", one.token.upper(), mixed, f"tk_{'0' * 12}_{'a' * 43}"):
        assert found(store, wrong) is None, wrong


def test_the_token_is_kept_nowhere(store: Store) -> None:
    key = made(store)
    secret = key.token.split("_", 2)[2]
    with store.read() as session:
        row = session.get(KeyRow, key.id)
        assert row is not None
        kept = [str(getattr(row, column.key)) for column in KeyRow.__table__.columns]
    (entry,) = trail(store)
    assert (entry.action, entry.subject, entry.actor) == ("key.made", key.id, "test")
    assert all(secret not in text for text in (*kept, str(entry.details)))


def test_a_key_ends_on_its_day(store: Store) -> None:
    ends = now() + timedelta(days=3)
    key = made(store, expires_at=ends)
    assert found(store, key.token)
    assert found(store, key.token, at=ends - timedelta(seconds=1))
    assert found(store, key.token, at=ends) is None


def test_a_revoked_key_works_no_more_and_stays_so(store: Store) -> None:
    key = made(store)
    for _ in range(2):
        with store.write("test") as writing:
            keys.revoke(writing, key.id)
    assert found(store, key.token) is None
    assert [entry.action for entry in trail(store)] == ["key.made", "key.revoked"]
    with store.write("test") as writing, pytest.raises(InputError, match="works no more"):
        keys.rotate(writing, key.id)


def test_both_keys_work_during_the_grace_period(store: Store) -> None:
    old = made(store, "triage", "decide", confidential=True, per_minute=9)
    with store.write("test") as writing:
        new = keys.rotate(writing, old.id, timedelta(days=2))
    row = found(store, new.token)
    assert row is not None
    rights = (row.name, row.scopes, row.confidential, row.per_minute, row.follows, row.expires_at)
    assert rights == ("OA", ["triage", "decide"], True, 9, old.id, None)
    assert found(store, old.token)
    assert found(store, old.token, at=now() + timedelta(days=1, hours=23))
    assert found(store, old.token, at=now() + timedelta(days=2, seconds=1)) is None
    assert trail(store)[-1].details["into"] == new.id


def test_a_rotation_lengthens_no_key(store: Store) -> None:
    ends = now() + timedelta(hours=5)
    old = made(store, expires_at=ends)
    with store.write("test") as writing:
        new = keys.rotate(writing, old.id)
    for key in (old, new):
        assert found(store, key.token, at=ends - timedelta(seconds=1))
        assert found(store, key.token, at=ends) is None


def test_without_grace_the_old_key_ends_at_once(store: Store) -> None:
    old = made(store)
    with store.write("test") as writing:
        keys.rotate(writing, old.id, timedelta(0))
    assert found(store, old.token) is None


def test_an_unknown_key_cannot_be_changed(store: Store) -> None:
    for change in (keys.revoke, keys.rotate):
        with store.write("test") as writing, pytest.raises(NotThere, match="no key with this id"):
            change(writing, "nothing")


@pytest.mark.parametrize(
    ("name", "scopes", "rights", "said"),
    [
        ("", ["read"], {}, "name '' is not allowed"),
        ("a\nb", ["read"], {}, "printable"),
        ("x" * 201, ["read"], {}, "1 to 200"),
        ("OA", [], {}, "the scope none is not known"),
        ("OA", ["root"], {}, "allowed are read, triage, decide, admin"),
        ("OA", ["read"], {"per_minute": -1}, "requests a minute"),
        ("OA", ["read"], {"expires_at": now() - timedelta(days=1)}, "1 to 3650 days"),
        ("OA", ["read"], {"expires_at": now() + timedelta(days=9_999)}, "1 to 3650 days"),
    ],
)
def test_what_is_no_key_is_refused(
    sqlite_store: Store, name: str, scopes: list[str], rights: dict[str, Any], said: str
) -> None:
    with pytest.raises(InputError, match=said), sqlite_store.write("test") as writing:
        keys.make(writing, name, scopes, **rights)
    assert trail(sqlite_store) == []


def test_a_grace_period_has_a_length(sqlite_store: Store) -> None:
    key = made(sqlite_store)
    for grace in (timedelta(days=-1), timedelta(days=9_999)):
        with pytest.raises(InputError, match="grace period"), sqlite_store.write("test") as writing:
            keys.rotate(writing, key.id, grace)


def test_all_keys_the_oldest_first(store: Store) -> None:
    ids = [made(store).id for _ in range(3)]
    with store.read() as session:
        assert [row.id for row in keys.all_keys(session)] == ids


@given(st.text())
def test_what_is_no_token_has_no_id(text: str) -> None:
    assert keys.id_of(text) == "" or text.startswith("tk_")
    assert re.fullmatch("[0-9a-f]{64}", keys.digest_of(text))


def test_scopes_hold_others() -> None:
    assert keys.held(["admin"]) == set(keys.SCOPES)
    assert keys.held(["triage"]) == {"triage", "read"}
    assert keys.held(["decide"]) == {"decide", "read"}
    assert keys.held(["read"]) == {"read"}
    assert keys.held(["something of a later release"]) == frozenset()


def test_values_are_put_and_got(store: Store) -> None:
    rules = [{"source": "热线", "after_days": 730, "action": "anonymise"}]
    with store.read() as session:
        assert values.get(session, "retention", []) == []
    for value in ([], rules):
        with store.write("test") as writing:
            values.put(writing, "retention", value)
        with store.read() as session:
            assert values.get(session, "retention") == value
