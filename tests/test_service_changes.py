"""Who calls, and what others did meanwhile."""

from __future__ import annotations

from datetime import date as Date
from typing import TYPE_CHECKING, Any

import pytest
from fastapi.testclient import TestClient

from service.app import create_app
from service.settings import Settings
from service.store import changes, decisions, keys, suggestions
from service.store.store import Store
from triage import Suggestion, Triager

if TYPE_CHECKING:
    from tests.conftest import Desk


def test_a_key_is_told_what_it_may(desk: Desk) -> None:
    told = desk.client.get("/v1/me", headers=desk.key("decide", "triage", confidential=True))
    assert told.json() == {
        "name": "a test's key",
        "scopes": ["read", "triage", "decide"],
        "confidential": True,
        "memory": True,
    }
    assert desk.client.get("/v1/me", headers=desk.key("read")).json()["scopes"] == ["read"]
    assert desk.client.get("/v1/me").json()["code"] == "no-key"


def test_without_a_memory_everybody_may_ask_for_advice(triager: Triager) -> None:
    with TestClient(create_app(Settings(), triager)) as client:
        told = client.get("/v1/me").json()
        assert told == {"name": "", "scopes": ["triage"], "confidential": True, "memory": False}
        assert client.get("/v1/changes").json()["code"] == "no-memory"


def fill(store: Store) -> None:
    """Eleven entries: four about what is confidential, one about none of the suggestions."""
    with store.write("test") as writing:
        key = keys.make(writing, "王静", ["decide"]).id
    with store.write(f"key:{key}") as writing:
        row = suggestions.create(writing, Suggestion("a", "路灯不亮"))
        decisions.decide(writing, row, lead=["城管局"], expected=0)
        hidden = suggestions.create(writing, Suggestion("c", "涉密", confidential=True))
        decisions.decide(writing, hidden, lead=["公安局"], expected=0)
        decisions.record_return(writing, row, unit="城管局")
        decisions.withdraw(writing, row, expected=1)
    with store.write("worker") as writing:
        row = suggestions.find(writing.session, "a", confidential=True)
        decisions.decide(writing, row, lead=["城管局"], expected=2)
        decisions.record_outcome(writing, row, outcome="A")
        hidden = suggestions.find(writing.session, "c", confidential=True)
        decisions.withdraw(writing, hidden, expected=1)
        suggestions.revise(writing, hidden, Suggestion("c", "仍涉密", confidential=True), 1)


def since(store: Store, after: int | None, limit: int = 500, *, confidential: bool = False) -> Any:
    with store.read() as session:
        return changes.since(session, after, limit, confidential=confidential)


def test_what_happened_is_told_in_order(store: Store) -> None:
    fill(store)
    assert since(store, None) == changes.Changes((), 11)
    found = since(store, 0)
    assert [(one.action, one.suggestion, one.by, one.decision) for one in found.changes] == [
        ("suggestion.created", "a", "王静", None),
        ("decision.made", "a", "王静", 1),
        ("suggestion.returned", "a", "王静", 1),
        ("decision.withdrawn", "a", "王静", 2),
        ("decision.changed", "a", "worker", 3),
        ("suggestion.closed", "a", "worker", 3),
    ]
    assert found.last == 11, "entries that this key may not see are not asked for again"
    assert [one.suggestion for one in since(store, 0, confidential=True).changes].count("c") == 4
    assert since(store, 11) == changes.Changes((), 11)


def test_whoever_follows_in_small_steps_misses_nothing(store: Store) -> None:
    fill(store)
    for confidential in (False, True):
        after, numbers = 0, list[int]()
        while after < 11:
            some = since(store, after, 1, confidential=confidential)
            numbers += [one.number for one in some.changes]
            after = some.last
        assert numbers == [one.number for one in since(store, 0, confidential=confidential).changes]


def test_a_trail_that_became_shorter_is_followed_from_its_end(store: Store) -> None:
    fill(store)
    assert since(store, 4711) == changes.Changes((), 11)


def test_what_turned_confidential_is_told_no_more(store: Store) -> None:
    fill(store)
    with store.write("x") as writing:
        row = suggestions.find(writing.session, "a", confidential=True)
        suggestions.revise(writing, row, Suggestion("a", "路灯不亮", confidential=True, date=Date(2025, 1, 1)), 1)
    assert since(store, 0).changes == []


def test_over_http(desk: Desk) -> None:
    key = desk.key("read")
    start = desk.client.get("/v1/changes", headers=key).json()
    assert start["changes"] == []
    with desk.store.write("test") as writing:
        suggestions.create(writing, Suggestion("a", "路灯不亮"))
    told = desk.client.get("/v1/changes", params={"after": start["last"]}, headers=key).json()
    assert [(one["suggestion"], one["by"], one["number"]) for one in told["changes"]] == [("a", "test", told["last"])]
    assert desk.client.get("/v1/changes").json()["code"] == "no-key"


@pytest.mark.parametrize(
    "query", [{"after": -1}, {"after": "x"}, {"after": 2**60}, {"limit": 0}, {"limit": 501}, {"x": 1}]
)
def test_what_cannot_be_meant_is_refused(desk: Desk, query: dict[str, Any]) -> None:
    answer = desk.client.get("/v1/changes", params=query, headers=desk.key("read"))
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid-request")


def test_the_record_s_keys_have_names_also_when_they_are_revoked(desk: Desk) -> None:
    with desk.store.write("test") as writing:
        made = keys.make(writing, "王静", ["read"])
        gone = keys.make(writing, "退休的老李", ["read"])
        keys.revoke(writing, gone.id)
    told = desk.client.get("/v1/callers", headers={"Authorization": f"Bearer {made.token}"})
    assert {"actor": f"key:{made.id}", "name": "王静"} in told.json()["callers"]
    assert {"actor": f"key:{gone.id}", "name": "退休的老李"} in told.json()["callers"]
    assert "tk_" not in told.text
    assert desk.client.get("/v1/callers").json()["code"] == "no-key"
