"""Decisions, returns and outcomes over HTTP: who may, what is read how, two clerks at once, what nobody may see."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from fastapi.testclient import TestClient

from service.app import create_app
from service.settings import Settings
from service.store import decisions, keys, suggestions
from service.store.store import Store
from triage import Suggestion, Triager

if TYPE_CHECKING:
    from tests.conftest import Desk

URL = "/v1/suggestions/RD-1"
FIRST = {"If-None-Match": "*"}


def seen(number: int) -> dict[str, str]:
    return {"If-Match": f'"{number}"'}


def take_in(store: Store, ref: str = "RD-1", **fields: Any) -> None:
    with store.write("test") as writing:
        suggestions.create(writing, Suggestion(id=ref, title="关于延长六路公交的建议", **fields))


@pytest.fixture
def clerk(desk: Desk) -> dict[str, str]:
    """The headers of a key that may decide, with one suggestion in the memory."""
    take_in(desk.store)
    return desk.key("decide")


def decide(desk: Desk, headers: dict[str, str], url: str = URL, **body: Any) -> Any:
    return desk.client.put(f"{url}/decision", json={"lead": ["交通运输局"]} | body, headers=headers)


def test_a_decision_and_the_next(desk: Desk, clerk: dict[str, str]) -> None:
    first = decide(desk, clerk | FIRST, co=["财政局"], decided_by="王静", reason="近", day="2025-02-20")
    assert (first.status_code, first.headers["etag"]) == (200, '"1"')
    assert first.json() == {
        "suggestion": "RD-1",
        "state": "decided",
        "number": 1,
        "lead": ["交通运输局"],
        "co": ["财政局"],
        "mode": "joint",
        "day": "2025-02-20",
        "notices": [],
    }
    second = decide(desk, clerk | seen(1), lead=["公安局", "交通运输局"], topics=["公交", "公交"])
    assert (second.json()["number"], second.json()["mode"]) == (2, "split")
    held = desk.client.get(f"{URL}/decision", headers=clerk)
    assert held.headers["etag"] == '"2"'
    assert (held.json()["lead"], held.json()["topics"]) == (["公安局", "交通运输局"], ["公交"])
    assert desk.client.get(f"{URL}/decision", headers=clerk | {"If-None-Match": '"2"'}).status_code == 304
    history = desk.client.get(f"{URL}/decisions", headers=clerk).json()["decisions"]
    assert [(one["number"], one["decided_by"], one["reason"]) for one in history] == [(1, "王静", "近"), (2, "", "")]
    assert history[0]["actor"].startswith("key:")


def test_a_decision_says_what_was_seen(desk: Desk, clerk: dict[str, str]) -> None:
    assert desk.client.get(f"{URL}/decision", headers=clerk).json()["code"] == "not-found"
    blind = decide(desk, clerk)
    assert (blind.status_code, blind.json()["code"]) == (428, "precondition-needed")
    decide(desk, clerk | FIRST, decided_by="王静")
    for headers in (FIRST, seen(2), {"If-Match": '"x"'}):
        late = decide(desk, clerk | headers, lead=["公安局"])
        assert (late.status_code, late.json()["code"]) == (409, "changed")
        current = late.json()["current"]
        assert (current["number"], current["lead"], current["decided_by"]) == (1, ["交通运输局"], "王静")
        assert current["at"]
        assert current["actor"].startswith("key:")
    assert len(desk.client.get(f"{URL}/decisions", headers=clerk).json()["decisions"]) == 1


def test_other_names_are_told_and_unknown_ones_refused(desk: Desk, clerk: dict[str, str]) -> None:
    made = decide(desk, clerk | FIRST, lead=["交通局"], co=["财政局", "交通运输局"]).json()
    assert (made["lead"], made["co"]) == (["交通运输局"], ["财政局"])
    assert made["notices"] == ["“交通局”按交通运输局读取", "“交通运输局”已是主办，不再列为会办"]
    wrong = decide(desk, clerk | seen(1), lead=["交通运输局"], co=["财政局", "卫生建康局", " "])
    assert (wrong.status_code, wrong.json()["code"]) == (422, "unknown-unit")
    assert [error["pointer"] for error in wrong.json()["errors"]] == ["#/co/1", "#/co/2"]
    assert "did you mean 卫生健康局" in wrong.json()["errors"][0]["detail"]
    assert [error["detail_zh"] for error in wrong.json()["errors"]] == [
        "目录中没有“卫生建康局”，是不是卫生健康局、住房和城乡建设局？",
        "请填写单位名称",
    ]
    assert wrong.json()["detail_zh"].startswith("“卫生建康局”不是目录中的一个单位"), "the clerk reads which"
    assert desk.client.get(f"{URL}/decision", headers=clerk).json()["number"] == 1


def test_several_names_in_one_are_read_as_on_the_sheet(desk: Desk, clerk: dict[str, str]) -> None:
    made = decide(desk, clerk | FIRST, co=["财政局、公安局"]).json()
    assert (made["co"], made["notices"]) == (["财政局", "公安局"], ["“财政局、公安局”按财政局、公安局读取"])


def test_what_the_model_had_suggested_stands_beside(desk: Desk, clerk: dict[str, str], triager: Triager) -> None:
    (answer,) = triager.triage([Suggestion(id="RD-1", title="关于延长六路公交的建议")])
    with desk.store.write("test") as writing:
        row = suggestions.find(writing.session, "RD-1", confidential=False)
        number = suggestions.keep_answer(writing, row, answer.to_dict(), answer.model, "").id
    assert decide(desk, clerk | FIRST, answer=number + 1).json()["code"] == "not-found"
    decide(desk, clerk | FIRST)
    held = desk.client.get(f"{URL}/decision", headers=clerk).json()
    assert (held["answer"], held["suggested_lead"]) == (number, [answer.lead[0].unit])


def test_a_body_of_another_shape(desk: Desk, clerk: dict[str, str]) -> None:
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"lead": []}, "#/lead"),
        ({"lead": "交通运输局"}, "#/lead"),
        ({"lead": ["长" * 201]}, "#/lead/0"),
        ({"co": ["财政局"] * 51}, "#/co"),
        ({"answer": 0}, "#/answer"),
        ({"answer": 10**30}, "#/answer"),
        ({"day": "1.3.2025"}, "#/day"),
        ({"reason": "长" * 2001}, "#/reason"),
        ({"leads": ["交通运输局"]}, "#"),
    ]
    for body, pointer in wrong:
        refused = decide(desk, clerk | FIRST, **body)
        assert (refused.status_code, refused.json()["code"]) == (422, "invalid-request")
        assert refused.json()["errors"][0]["pointer"] == pointer


def test_words_that_no_database_keeps(desk: Desk, clerk: dict[str, str]) -> None:
    for body in ({"reason": "\x00"}, {"decided_by": "\x00"}, {"topics": ["a\x00"]}):
        assert decide(desk, clerk | FIRST, **body).json()["code"] == "unusable-input"
    assert decide(desk, clerk | FIRST, co=["\x00"]).json()["code"] == "unknown-unit"


def test_each_needs_its_scope(desk: Desk, clerk: dict[str, str]) -> None:
    reader = desk.key("read")
    for method, path in (("PUT", "decision"), ("POST", "returns"), ("PUT", "outcome")):
        for headers, code in ((reader, "scope-needed"), (desk.key("triage"), "scope-needed"), ({}, "no-key")):
            answer = desk.client.request(method, f"{URL}/{path}", json={}, headers=headers | FIRST)
            assert answer.json()["code"] == code
    decide(desk, clerk | FIRST)
    for path in ("decision", "decisions", "returns"):
        assert desk.client.get(f"{URL}/{path}", headers=reader).status_code == 200
        assert desk.client.get(f"{URL}/{path}").status_code == 401


def test_what_is_confidential_is_not_there_for_others(desk: Desk) -> None:
    take_in(desk.store, confidential=True)
    may, may_not = desk.key("decide", confidential=True), desk.key("decide")
    assert decide(desk, may | FIRST).status_code == 200
    bodies = {"decision": {"lead": ["公安局"]}, "outcome": {"outcome": "A"}}
    for path, body in bodies.items():
        assert desk.client.put(f"{URL}/{path}", json=body, headers=may_not | seen(1)).status_code == 404
    assert desk.client.post(f"{URL}/returns", json={"unit": "交通运输局"}, headers=may_not).status_code == 404
    for path in ("decision", "decisions", "returns", "outcome"):
        hidden = desk.client.get(f"{URL}/{path}", headers=may_not)
        there_is_none = desk.client.get(f"/v1/suggestions/RD-2/{path}", headers=may_not)
        assert hidden.status_code == 404
        assert hidden.json()["detail"] == there_is_none.json()["detail"].replace("RD-2", "RD-1")


def test_a_return_is_of_a_unit_that_holds_the_decision(desk: Desk, clerk: dict[str, str]) -> None:
    early = desk.client.post(f"{URL}/returns", json={"unit": "交通运输局"}, headers=clerk)
    assert (early.status_code, early.json()["code"]) == (422, "unusable-input")
    decide(desk, clerk | FIRST, co=["财政局"])
    body = {"unit": "交通局", "reason": "不归我们", "day": "2025-02-25"}
    made = desk.client.post(f"{URL}/returns", json=body, headers=clerk)
    assert made.status_code == 201
    assert (made.json()["unit"], made.json()["decision"]) == ("交通运输局", 1)
    assert made.json()["notices"] == ["“交通局”按交通运输局读取"]
    for unit, code in (("公安局", "unusable-input"), ("火星局", "unknown-unit"), ("财政局、交通局", "unknown-unit")):
        assert desk.client.post(f"{URL}/returns", json={"unit": unit}, headers=clerk).json()["code"] == code
    (told,) = desk.client.get(f"{URL}/returns", headers=clerk).json()["returns"]
    assert (told["unit"], told["reason"], told["day"]) == ("交通运输局", "不归我们", "2025-02-25")


def test_an_outcome_closes(desk: Desk, clerk: dict[str, str]) -> None:
    body = {"outcome": "A", "reply": "已经延长。", "day": "2025-06-01"}
    early = desk.client.put(f"{URL}/outcome", json=body, headers=clerk)
    assert early.json()["code"] == "unusable-input"
    assert desk.client.get(f"{URL}/outcome", headers=clerk).status_code == 404
    decide(desk, clerk | FIRST)
    made = desk.client.put(f"{URL}/outcome", json=body, headers=clerk)
    assert (made.status_code, made.json()["state"]) == (200, "closed")
    assert desk.client.put(f"{URL}/outcome", json=body, headers=clerk).json() == made.json()
    held = desk.client.get(f"{URL}/outcome", headers=clerk).json()
    assert (held["outcome"], held["reply"], held["day"]) == ("A", "已经延长。", "2025-06-01")
    assert desk.client.put(f"{URL}/outcome", json={"outcome": "长" * 21}, headers=clerk).status_code == 422


def test_what_is_sent_twice_is_done_once(desk: Desk, clerk: dict[str, str]) -> None:
    asked = (
        ("PUT", "decision", {"lead": ["交通运输局"]}),
        ("POST", "returns", {"unit": "交通运输局"}),
        ("PUT", "outcome", {"outcome": "B"}),
    )
    for method, path, body in asked:
        headers = clerk | FIRST | {"Idempotency-Key": f"once-{path}"}
        first, second = (desk.client.request(method, f"{URL}/{path}", json=body, headers=headers) for _ in range(2))
        assert first.is_success
        assert (second.status_code, second.json()) == (first.status_code, first.json())
        assert second.headers["idempotency-replayed"] == "true"
        assert second.headers.get("etag") == first.headers.get("etag")
    with desk.store.read() as session:
        row = suggestions.find(session, "RD-1", confidential=False)
        assert (row.decision, len(decisions.returns_of(session, row))) == (1, 1)


def test_two_clerks_at_once_over_http(store: Store, triager: Triager) -> None:
    take_in(store)
    with store.write("test") as writing:
        tokens = [keys.make(writing, name, ["decide"]).token for name in ("one", "two")]
    settings = Settings(database=store.url.render_as_string(hide_password=False))
    with TestClient(create_app(settings, triager)) as client:

        def put(place: int) -> Any:
            headers = FIRST | {"Authorization": f"Bearer {tokens[place % 2]}"}
            unit = ("交通运输局", "公安局")[place % 2]
            return client.put(f"{URL}/decision", json={"lead": [unit]}, headers=headers)

        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(put, range(8)))
        (won,) = [answer for answer in answers if answer.status_code == 200]
        lost = [answer for answer in answers if answer.status_code == 409]
    assert len(lost) == 7
    assert [answer.json()["current"]["lead"] for answer in lost] == [won.json()["lead"]] * 7


CLERK = """
import sys
from service.store.store import Store
from service.store import decisions, suggestions
from service.store.errors import Changed
url, unit = sys.argv[1:]
store = Store(url)
sys.stdin.readline()
try:
    with store.write(unit) as writing:
        row = suggestions.find(writing.session, "RD-1", confidential=False)
        decisions.decide(writing, row, lead=[unit], expected=0)
    print("won", unit)
except Changed as error:
    print("told", *error.current["lead"])
"""


def test_two_processes_at_once(store: Store) -> None:
    take_in(store)
    url = store.url.render_as_string(hide_password=False)
    clerks = [
        subprocess.Popen(
            [sys.executable, "-c", CLERK, url, unit], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for unit in ("one", "two", "three")
    ]
    for clerk in clerks:
        assert clerk.stdin
        clerk.stdin.write("go\n")
        clerk.stdin.flush()
    said = sorted(clerk.communicate(timeout=60)[0].split() for clerk in clerks)
    winner = said[-1][1]
    assert said == [["told", winner], ["told", winner], ["won", winner]]
