"""``POST /v1/decisions``: each is decided by itself, and all in one transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select

from service.endpoints import many_decisions
from service.store import decisions, suggestions
from service.store.store import Store, Writing
from service.store.tables import DecisionRow, SuggestionRow
from service.store.tables_service import TrailRow
from service.store.verification import verify
from service.web.caller import Caller
from triage import InputError, Suggestion

if TYPE_CHECKING:
    from tests.conftest import Desk

TITLE = "关于延长六路公交的建议"


@pytest.fixture
def clerk(desk: Desk) -> dict[str, str]:
    """The headers of a key that may decide, with five suggestions, one of them decided and one confidential."""
    with desk.store.write("test") as writing:
        for number in range(1, 5):
            row = suggestions.create(writing, Suggestion(f"RD-{number}", TITLE))
        decisions.decide(writing, row, lead=["公安局"], expected=0)
        suggestions.create(writing, Suggestion("RD-5", TITLE, confidential=True))
    return desk.key("decide")


def item(ref: str, expected: int = 0, **more: Any) -> dict[str, Any]:
    return {"suggestion": ref, "expected": expected, "lead": ["交通运输局"]} | more


def send(desk: Desk, headers: dict[str, str], *items: dict[str, Any]) -> Any:
    return desk.client.post("/v1/decisions", json={"decisions": list(items)}, headers=headers)


def test_each_is_decided_by_itself(desk: Desk, clerk: dict[str, str]) -> None:
    withdrawal = {"suggestion": "RD-4", "expected": 1, "withdraw": True, "reason": "待会商"}
    answer = send(
        desk,
        clerk,
        item("RD-1", co=["财政局", "交通局"], reason="近", decided_by="王静", topics=["公交", "公交"]),
        item("RD-2", 7),
        item("RD-3", lead=["不存在局"]),
        item("none"),
        item("RD-5"),
        item("RD-3", lead=[]),
        withdrawal,
        withdrawal | {"lead": ["公安局"], "expected": 2},
        item("RD-2", lead=["交通局"]),
        item("RD-2", 1, answer=99),
        item("RD-4", 2, lead=["公安局"], day="2025-03-01"),
    )
    assert answer.status_code == 200
    told = [
        (one["suggestion"], one.get("number"), one.get("problem", {}).get("code")) for one in answer.json()["results"]
    ]
    assert told == [
        ("RD-1", 1, None),
        ("RD-2", None, "changed"),
        ("RD-3", None, "unknown-unit"),
        ("none", None, "not-found"),
        ("RD-5", None, "not-found"),
        ("RD-3", None, "unusable-input"),
        ("RD-4", 2, None),
        ("RD-4", None, "unusable-input"),
        ("RD-2", 1, None),
        ("RD-2", None, "not-found"),
        ("RD-4", 3, None),
    ]
    first, second = answer.json()["results"][:2]
    assert first["notices"] == ["“交通局”按交通运输局读取", "“交通运输局”已是主办，不再列为会办"]
    assert first["state"] == "decided"
    assert (second["problem"]["status"], second["problem"]["current"]) == (409, {"number": 0})
    assert answer.json()["results"][2]["problem"]["detail_zh"].startswith("“不存在局”不是目录中的一个单位")
    assert [answer.json()["results"][place]["problem"]["detail_zh"] for place in (5, 7)] == [
        "“RD-3”要有至少一个主办单位，每个单位只写一次。",
        "撤回交办时不能再写单位或类别。",
    ]
    assert [one["state"] for one in answer.json()["results"] if "state" in one] == [
        "decided",
        "open",
        "decided",
        "decided",
    ]
    held = desk.client.get("/v1/suggestions/RD-1/decision", headers=clerk).json()
    assert (held["co"], held["topics"], held["reason"], held["decided_by"]) == (["财政局"], ["公交"], "近", "王静")
    with desk.store.snapshot() as session:
        found = verify(session)
        assert (found.whole, found.decisions) == (True, 5)


def test_what_was_changed_tells_the_decision_that_stands(desk: Desk, clerk: dict[str, str]) -> None:
    [one] = send(desk, clerk, item("RD-4")).json()["results"]
    assert (one["problem"]["code"], one["problem"]["current"]["lead"]) == ("changed", ["公安局"])


def test_sent_twice_under_one_name_it_is_done_once(desk: Desk, clerk: dict[str, str]) -> None:
    headers = clerk | {"Idempotency-Key": "sitting-1"}
    first, second = send(desk, headers, item("RD-1")), send(desk, headers, item("RD-1"))
    assert first.json() == second.json()
    assert second.headers["idempotency-replayed"] == "true"
    assert send(desk, headers, item("RD-2")).json()["code"] == "idempotency-mismatch"


@pytest.mark.parametrize(
    ("items", "pointer"),
    [
        ([], "#/decisions"),
        ([item("RD-1")] * 201, "#/decisions"),
        ([{"suggestion": "RD-1", "lead": ["公安局"]}], "#/decisions/0/expected"),
        ([item("RD-1", -1)], "#/decisions/0/expected"),
        ([item("RD-1", True)], "#/decisions/0/expected"),
        ([item("RD-1"), item("")], "#/decisions/1/suggestion"),
        ([item("RD-1", lead="公安局")], "#/decisions/0/lead"),
        ([item("RD-1", leads=[])], "#/decisions/0"),
        ([item("RD-1", withdraw="yes")], "#/decisions/0/withdraw"),
        ([item("RD-1", answer=0)], "#/decisions/0/answer"),
        (["RD-1"], "#/decisions/0"),
    ],
)
def test_a_request_of_another_shape_does_nothing(
    desk: Desk, clerk: dict[str, str], items: list[Any], pointer: str
) -> None:
    answer = send(desk, clerk, *items)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid-request")
    assert answer.json()["errors"][0]["pointer"] == pointer
    assert desk.client.get("/v1/suggestions/RD-1", headers=clerk).json()["decision"] == 0


def test_two_hundred_are_decided_at_once(desk: Desk) -> None:
    with desk.store.write("test") as writing:
        for number in range(200):
            suggestions.create(writing, Suggestion(f"S{number}", TITLE))
    answer = send(desk, desk.key("decide"), *(item(f"S{number}") for number in range(200)))
    assert [one["number"] for one in answer.json()["results"]] == [1] * 200


def test_only_who_may_decide_does(desk: Desk, clerk: dict[str, str]) -> None:
    del clerk
    assert send(desk, desk.key("triage"), item("RD-1")).json()["code"] == "scope-needed"
    assert send(desk, desk.key("decide", confidential=True), item("RD-5")).json()["results"][0]["number"] == 1


def test_one_that_breaks_in_the_middle_leaves_nothing_behind(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """A refusal after something was written: what it wrote is undone, what the others wrote stays."""
    made = decisions.decide

    def late(writing: Writing, row: SuggestionRow, **asked: Any) -> DecisionRow:
        found = made(writing, row, **asked)
        if row.ref == "RD-2":
            raise InputError("too late")
        return found

    monkeypatch.setattr(decisions, "decide", late)
    caller = Caller("one", "a key", frozenset({"decide", "read"}), confidential=False)
    with store.write("key:one") as writing:
        for number in (1, 2, 3):
            suggestions.create(writing, Suggestion(f"RD-{number}", TITLE))
    asked = [many_decisions.OneOfMany.model_validate(item(f"RD-{number}")) for number in (1, 2, 3)]
    with store.write("key:one") as writing:
        told = [many_decisions._one(writing, one, (["公安局"], [], []), caller) for one in asked]
    assert [("number" in one, one["suggestion"]) for one in told] == [(True, "RD-1"), (False, "RD-2"), (True, "RD-3")]
    with store.snapshot() as session:
        assert session.scalar(select(func.count()).select_from(DecisionRow)) == 2
        assert {row.ref: row.state for row in session.scalars(select(SuggestionRow))} == {
            "RD-1": "decided",
            "RD-2": "open",
            "RD-3": "decided",
        }
        assert [row.action for row in session.scalars(select(TrailRow).order_by(TrailRow.seq))][3:] == [
            "decision.made",
            "decision.made",
        ]
        assert verify(session).whole
