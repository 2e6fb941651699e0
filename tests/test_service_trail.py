"""The audit trail over HTTP: read by administrators, filtered, paged, verified; nothing of what a key may not see."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import update

from service.shapes import trail as shapes
from service.store import decisions, entries, suggestions
from service.store.decisions import today
from service.store.store import Store
from service.store.tables import SuggestionRow, VersionRow
from triage.records import Suggestion

if TYPE_CHECKING:
    from tests.conftest import Desk

SECRET = "涉密件的题目"


def fill(store: Store) -> None:
    with store.write("key:clerk") as writing:
        for number in range(5):
            row = suggestions.create(writing, Suggestion(f"s{number}", "路灯不亮", "东门外的路灯坏了。"))
        decisions.decide(writing, row, lead=["城管局"], expected=0)
        hidden = suggestions.create(writing, Suggestion("c1", SECRET, confidential=True))
        decisions.decide(writing, hidden, lead=["公安局"], expected=0)
        writing.note("retention.changed", "retention", rules=1)


def ask(desk: Desk, path: str = "/v1/trail", *, confidential: bool = False, **query: Any) -> Any:
    answer = desk.client.get(path, params=query, headers=desk.key("admin", confidential=confidential))
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_the_newest_is_first_and_pages_follow(desk: Desk) -> None:
    fill(desk.store)
    headers = desk.key("admin", confidential=True)
    numbers, cursor = [], ""
    while cursor is not None:
        page = desk.client.get("/v1/trail", params={"limit": 3, "cursor": cursor}, headers=headers).json()
        assert len(page["entries"]) <= 3
        numbers += [entry["seq"] for entry in page["entries"]]
        cursor = page["next"]
    assert numbers == list(range(10, 0, -1))


def test_it_is_filtered(desk: Desk) -> None:
    fill(desk.store)
    assert [entry["action"] for entry in ask(desk, subject="s4")["entries"]] == ["decision.made", "suggestion.created"]
    assert {entry["subject"] for entry in ask(desk, action="suggestion.created")["entries"]} == {
        f"s{n}" for n in range(5)
    }
    assert {entry["actor"] for entry in ask(desk, actor="test")["entries"]} == {"test"}
    assert ask(desk, subject="s4", action="key.made") == {"entries": [], "next": None}
    day = today()
    assert ask(desk, since=day.isoformat(), until=day.isoformat(), subject="s1")["entries"]
    assert not ask(desk, since=(day + timedelta(days=1)).isoformat())["entries"]
    assert not ask(desk, until=(day - timedelta(days=1)).isoformat())["entries"]
    assert ask(desk, since="0001-01-01", until="9999-12-31", subject="s1")["entries"]


def test_confidential_ones_are_seen_only_by_those_who_may(desk: Desk) -> None:
    fill(desk.store)
    seen = ask(desk)["entries"]
    assert {entry["subject"] for entry in seen if not entry["action"].startswith("key.")} == {
        *(f"s{n}" for n in range(5)),
        "retention",
    }
    assert ask(desk, subject="c1")["entries"] == []
    assert len(ask(desk, confidential=True, subject="c1")["entries"]) == 2


def test_they_stay_unseen_when_they_are_deleted(store: Store) -> None:
    fill(store)
    with store.write("retention") as writing:
        for ref in ("c1", "s1"):
            writing.session.delete(suggestions.find(writing.session, ref, confidential=True))
            writing.note("suggestion.deleted", ref)
    with store.read() as session:
        open_ones = entries.page(session, entries.Chosen(), confidential=False).rows
        assert {row.subject for row in open_ones} == {*(f"s{n}" for n in range(5)), "retention"}
        assert [row.action for row in open_ones if row.subject == "s1"] == ["suggestion.deleted", "suggestion.created"]
        assert len(entries.page(session, entries.Chosen(), confidential=True).rows) == 11
        assert entries.is_hidden(session, "c1")
        assert not entries.is_hidden(session, "s1")


def test_no_text_is_in_it(desk: Desk) -> None:
    fill(desk.store)
    headers = desk.key("admin", confidential=True)
    answer = desk.client.get("/v1/trail", headers=headers)
    assert SECRET not in answer.text
    assert "路灯" not in answer.text


@pytest.mark.parametrize("path", ["/v1/trail", "/v1/trail/verify"])
def test_it_needs_an_administrator(desk: Desk, path: str) -> None:
    assert desk.client.get(path).status_code == 401
    for scope in ("read", "triage", "decide"):
        assert desk.client.get(path, headers=desk.key(scope)).status_code == 403


@pytest.mark.parametrize(
    "query",
    [{"limit": 0}, {"limit": 501}, {"cursor": "-1"}, {"cursor": "x"}, {"since": "yesterday"}, {"subject": "x" * 201},
     {"order": "oldest"}],
)  # fmt: skip
def test_a_wrong_query_is_refused(desk: Desk, query: dict[str, Any]) -> None:
    answer = desk.client.get("/v1/trail", params=query, headers=desk.key("admin"))
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid-request")


def test_it_is_verified(desk: Desk) -> None:
    fill(desk.store)
    first = ask(desk, "/v1/trail/verify")
    assert first["whole"] is True
    assert (first["wordings"], first["decisions"], first["broken"]) == (6, 2, None)
    kept = f"{first['head']}:{first['digest']}"
    assert ask(desk, "/v1/trail/verify", kept=kept)["whole"] is True
    wrong = ask(desk, "/v1/trail/verify", kept=f"{first['head']}:{'a' * 64}")
    assert wrong["broken"]["seq"] == first["head"]
    for kept in ("1", "1:xyz", "-1:" + "a" * 64):
        refused = desk.client.get("/v1/trail/verify", params={"kept": kept}, headers=desk.key("admin"))
        assert refused.status_code == 422


def test_a_break_is_told_without_what_the_key_may_not_see(desk: Desk) -> None:
    fill(desk.store)
    with desk.store.engine.begin() as connection:
        hidden = SuggestionRow.__table__.select().where(SuggestionRow.ref == "c1").with_only_columns(SuggestionRow.id)
        connection.execute(
            update(VersionRow).where(VersionRow.suggestion_id == hidden.scalar_subquery()).values(salt="1")
        )
    told = [ask(desk, "/v1/trail/verify", confidential=may)["broken"]["subject"] for may in (False, True)]
    assert told == ["", "c1"]


def test_the_examples_have_the_shape_of_the_answers() -> None:
    shapes.TrailPage.model_validate(shapes.LISTED)
    shapes.VerifiedOut.model_validate(shapes.VERIFIED)


def test_without_a_memory_there_is_no_trail(triager: Any) -> None:
    from fastapi.testclient import TestClient

    from service.app import create_app
    from service.settings import Settings

    with TestClient(create_app(Settings(), triager)) as client:
        answer = client.get("/v1/trail")
    assert (answer.status_code, answer.json()["code"]) == (501, "no-memory")
