"""A decision is withdrawn: nothing is lost, and whatever reads the memory takes the suggestion for undecided."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date as Date
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select, update

from service.store import cases as stored
from service.store import decisions, suggestions
from service.store.errors import Changed
from service.store.figures import Figures
from service.store.listing import Filter, page
from service.store.store import Store, Writing
from service.store.tables import CLOSED, DECIDED, OPEN, Assignment, DecisionRow, SuggestionRow
from service.store.tables_service import DeliveryRow, TrailRow, WebhookRow
from service.store.verification import verify
from triage import InputError, Suggestion

if TYPE_CHECKING:
    from tests.conftest import Desk

URL = "/v1/suggestions/RD-1"
LAMP = Suggestion("RD-1", "关于延长六路公交的建议", source="人大", date=Date(2025, 2, 18))


@contextmanager
def found(store: Store) -> Iterator[tuple[Writing, SuggestionRow]]:
    with store.write("x") as writing:
        yield writing, suggestions.find(writing.session, "RD-1", confidential=True)


def decided(store: Store, *, withdrawn: bool = True) -> None:
    """One suggestion that was decided, sent back, and then withdrawn."""
    with store.write("key:one") as writing:
        row = suggestions.create(writing, LAMP)
        decisions.decide(
            writing, row, lead=["城管局"], co=["财政局"], topics=["路灯"], day=Date(2025, 2, 20), expected=0
        )
        decisions.record_return(writing, row, unit="城管局", reason="不在辖区")
    if withdrawn:
        with store.write("key:two") as writing:
            row = suggestions.find(writing.session, "RD-1", confidential=True)
            made = decisions.withdraw(writing, row, expected=1, reason="选错了", decided_by="王静")
            assert (made.number, made.lead, made.mode, made.day) == (2, [], "", None)


def test_a_withdrawn_decision_leaves_the_suggestion_open(store: Store) -> None:
    decided(store)
    with store.read() as session:
        row = suggestions.find(session, "RD-1", confidential=True)
        assert (row.state, row.decision, row.topic) == (OPEN, 2, "")
        assert decisions.decision_of(session, row) is None
        assert session.scalars(select(Assignment)).all() == []
        assert [(one.number, one.lead, one.reason) for one in decisions.decisions_of(session, row)] == [
            (1, ["城管局"], ""),
            (2, [], "选错了"),
        ]
        assert decisions.returned_of(session, [row]) == set()


def test_the_trail_tells_of_it_and_stays_whole(store: Store) -> None:
    decided(store)
    with store.snapshot() as session:
        last = session.scalars(select(TrailRow).order_by(TrailRow.seq.desc()).limit(1)).one()
        assert (last.action, last.actor, last.details["number"]) == ("decision.withdrawn", "key:two", 2)
        assert "选错了" not in str(last.details)
        seen = verify(session)
        assert (seen.whole, seen.decisions) == (True, 2)


@pytest.mark.parametrize("change", [{"reason": "别的原因"}, {"lead": ["水利局"]}, {"number": 3}])
def test_a_withdrawal_that_was_changed_is_found(store: Store, change: dict[str, Any]) -> None:
    decided(store)
    with store.engine.begin() as connection:
        connection.execute(update(DecisionRow).where(DecisionRow.number == 2).values(**change))
    with store.snapshot() as session:
        broken = verify(session).broken
    assert broken is not None
    assert broken.subject == "RD-1"


def test_it_is_decided_anew_with_the_number_of_the_withdrawal(store: Store) -> None:
    decided(store)
    for expected in (1, 3):
        with pytest.raises(Changed, match="none holds since 2 withdrew it") as caught, found(store) as (writing, row):
            decisions.decide(writing, row, lead=["水利局"], expected=expected)
        assert caught.value.current == {"number": 2}
    with store.write("key:one") as writing:
        row = suggestions.find(writing.session, "RD-1", confidential=True)
        made = decisions.decide(writing, row, lead=["城管局"], expected=2)
        assert (made.number, row.state, made.day) == (3, DECIDED, decisions.today()), "the lead gets it anew"


def test_what_is_not_decided_is_not_withdrawn(store: Store) -> None:
    decided(store)
    with store.write("x") as writing:
        suggestions.create(writing, Suggestion("RD-2", "清洗老井"))
        row = suggestions.create(writing, Suggestion("RD-3", "给南桥刷漆"))
        decisions.decide(writing, row, lead=["水利局"], expected=0)
        decisions.record_outcome(writing, row, outcome="A")
        assert row.state == CLOSED
    wanted = {"RD-1": (2, "nothing is decided"), "RD-2": (0, "nothing is decided"), "RD-3": (1, "it is closed")}
    for ref, (number, why) in wanted.items():
        with pytest.raises(InputError, match=f"cannot be withdrawn: {why}") as caught, store.write("x") as writing:
            decisions.withdraw(writing, suggestions.find(writing.session, ref, confidential=True), expected=number)
        said = "已办结，不能撤回交办" if ref == "RD-3" else "还没有交办，没有可撤回的"
        assert caught.value.zh == f"“{ref}”{said}，请刷新后核对。"
    with pytest.raises(Changed) as caught, store.write("x") as writing:
        decisions.withdraw(writing, suggestions.find(writing.session, "RD-3", confidential=True), expected=2)
    assert caught.value.current["lead"] == ["水利局"]


@pytest.mark.parametrize("words", [{"reason": "\x00"}, {"decided_by": "\x00"}])
def test_what_no_database_keeps_is_refused(store: Store, words: dict[str, str]) -> None:
    decided(store, withdrawn=False)
    with pytest.raises(InputError, match=r"U\+0000"), found(store) as (writing, row):
        decisions.withdraw(writing, row, expected=1, **words)


def test_nobody_sends_back_what_was_withdrawn(store: Store) -> None:
    decided(store)
    with pytest.raises(InputError, match="not decided"), found(store) as (writing, row):
        decisions.record_return(writing, row, unit="城管局")
    with pytest.raises(InputError, match="Decide first"), found(store) as (writing, row):
        decisions.record_outcome(writing, row, outcome="A")


def test_cases_lists_and_counts_take_it_for_undecided(store: Store) -> None:
    decided(store)
    with store.read() as session:
        (case,) = stored.cases(session, Filter(), confidential=True)
        assert (case.leads, case.co, case.topics, case.handed_out) == ((), (), (), None)
        for chosen in (Filter(units=("城管局",)), Filter(role="lead"), Filter(topics=("路灯",))):
            assert page(session, chosen, confidential=True).rows == []
        assert len(page(session, Filter(states=("open",)), confidential=True).rows) == 1
        figures = Figures(session, Filter(), confidential=True)
        assert (figures.leads(), figures.states(), list(figures.waits())) == ([], [("open", 1)], [])
        assert (figures.compared(), figures.changes(5)) == ({}, [])


def test_the_wait_ends_with_the_decision_that_stands(store: Store) -> None:
    decided(store)
    with found(store) as (writing, row):
        decisions.decide(writing, row, lead=["水利局"], day=Date(2025, 2, 28), expected=2)
        decisions.decide(writing, row, lead=["城管局"], day=Date(2025, 3, 28), expected=3)
        other = suggestions.create(writing, Suggestion("RD-2", "清洗老井", date=Date(2025, 3, 1)))
        decisions.decide(writing, other, lead=["水利局"], day=Date(2025, 3, 4), expected=0)
    with store.read() as session:
        assert sorted(Figures(session, Filter(), confidential=True).waits()) == [3, 10]


def test_webhooks_hear_that_the_decision_changed(store: Store) -> None:
    with store.write("x") as writing:
        events = ["decision.made", "decision.changed"]
        writing.session.add(WebhookRow(id="w", url="https://oa.example", events=events, secret="s", actor="a"))
    decided(store)
    with store.read() as session:
        told = [row.payload for row in session.scalars(select(DeliveryRow))]
    withdrawn = next(one["data"] for one in told if one["type"] == "decision.changed")
    assert withdrawn == {"suggestion": "RD-1", "number": 2, "lead": [], "co": [], "mode": "", "state": "open"}


def test_what_is_erased_keeps_no_reason(store: Store) -> None:
    from service.store.retention import apply
    from service.store.rules import Rule

    decided(store)
    apply(store, "operator:x", Date(2099, 1, 1), [Rule("", 30, "anonymise")])
    with store.snapshot() as session:
        assert [(row.reason, row.salt) for row in session.scalars(select(DecisionRow))] == [("", ""), ("", "")]
        assert verify(session).whole


# --- over HTTP -------------------------------------------------------------------------------------------------------


@pytest.fixture
def clerk(desk: Desk) -> dict[str, str]:
    with desk.store.write("test") as writing:
        suggestions.create(writing, LAMP)
    return desk.key("decide")


def decide(desk: Desk, headers: dict[str, str], **body: Any) -> Any:
    return desk.client.put(f"{URL}/decision", json={"lead": ["交通运输局"]} | body, headers=headers)


def withdraw(desk: Desk, headers: dict[str, str], **rest: Any) -> Any:
    return desk.client.request("DELETE", f"{URL}/decision", headers=headers, **rest)


def test_withdraw_and_decide_anew(desk: Desk, clerk: dict[str, str]) -> None:
    decide(desk, clerk | {"If-None-Match": "*"})
    gone = withdraw(desk, clerk | {"If-Match": '"1"'}, json={"reason": "选错了", "decided_by": "王静"})
    assert (gone.status_code, gone.headers["etag"]) == (200, '"2"')
    assert gone.json() == {"suggestion": "RD-1", "number": 2, "state": "open"}
    nothing = desk.client.get(f"{URL}/decision", headers=clerk)
    assert (nothing.status_code, nothing.headers["etag"]) == (404, '"2"')
    assert nothing.json()["detail_zh"] == "这件建议的交办已撤回，尚未重新交办。"
    history = desk.client.get(f"{URL}/decisions", headers=clerk).json()["decisions"]
    told = [(one["number"], one["withdrawn"], one["mode"], one["reason"], one["decided_by"]) for one in history]
    assert told == [(1, False, "sole", "", ""), (2, True, "", "选错了", "王静")]
    one = desk.client.get(URL, headers=clerk).json()
    assert (one["state"], one["decision"], one["decided"], one["lead"]) == ("open", 2, None, [])
    assert decide(desk, clerk | {"If-Match": '"1"'}).json()["current"] == {"number": 2}
    assert decide(desk, clerk | {"If-Match": '"2"'}).json()["number"] == 3


def test_who_has_seen_none_may_decide_after_a_withdrawal(desk: Desk, clerk: dict[str, str]) -> None:
    """A system that looks, meets 404 and says that there must be none yet is right."""
    decide(desk, clerk | {"If-None-Match": "*"})
    withdraw(desk, clerk | {"If-Match": '"1"'})
    assert withdraw(desk, clerk | {"If-None-Match": "*"}).json()["code"] == "changed"
    assert decide(desk, clerk | {"If-None-Match": "*"}).json()["number"] == 3
    assert decide(desk, clerk | {"If-None-Match": "*"}).json()["code"] == "changed"


def test_a_reason_may_be_left_out(desk: Desk, clerk: dict[str, str]) -> None:
    decide(desk, clerk | {"If-None-Match": "*"})
    assert withdraw(desk, clerk | {"If-Match": '"1"'}).json()["number"] == 2
    decide(desk, clerk | {"If-Match": '"2"'})
    assert withdraw(desk, clerk | {"If-Match": '"3"'}, json={}).json()["number"] == 4


def test_a_withdrawal_that_cannot_be_meant_is_refused(desk: Desk, clerk: dict[str, str]) -> None:
    seen = {"If-Match": '"1"'}
    assert withdraw(desk, clerk | {"If-None-Match": "*"}).json()["code"] == "unusable-input"
    assert withdraw(desk, clerk | seen).json()["code"] == "changed"
    decide(desk, clerk | {"If-None-Match": "*"})
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"json": {"why": "x"}}, "invalid-request"),
        ({"json": []}, "invalid-request"),
        ({"json": {"reason": "长" * 2001}}, "invalid-request"),
        ({"content": b"{", "headers": clerk | seen | {"Content-Type": "application/json"}}, "malformed-json"),
        ({"content": b"x", "headers": clerk | seen | {"Content-Type": "text/plain"}}, "unsupported-media-type"),
    ]
    for rest, code in wrong:
        headers = rest.pop("headers", clerk | seen)
        assert withdraw(desk, headers, **rest).json()["code"] == code
    assert withdraw(desk, clerk).json()["code"] == "precondition-needed"
    assert withdraw(desk, desk.key("triage") | seen).json()["code"] == "scope-needed"
    assert decide(desk, clerk | {"If-Match": '"1"'}).json()["number"] == 2, "nothing was withdrawn"


def test_sent_twice_under_one_name_it_is_withdrawn_once(desk: Desk, clerk: dict[str, str]) -> None:
    decide(desk, clerk | {"If-None-Match": "*"})
    headers = clerk | {"If-Match": '"1"', "Idempotency-Key": "once"}
    first, second = withdraw(desk, headers), withdraw(desk, headers)
    assert (first.json(), first.headers["etag"]) == (second.json(), second.headers["etag"])
    assert second.headers["idempotency-replayed"] == "true"


def test_who_may_not_see_it_withdraws_nothing(desk: Desk) -> None:
    with desk.store.write("test") as writing:
        row = suggestions.create(writing, Suggestion("RD-1", "涉密", confidential=True))
        decisions.decide(writing, row, lead=["公安局"], expected=0)
    headers = {"If-Match": '"1"'}
    assert withdraw(desk, desk.key("decide") | headers).status_code == 404
    assert withdraw(desk, desk.key("decide", confidential=True) | headers).status_code == 200
