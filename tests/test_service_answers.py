"""Advice, duplicates and precedents of a stored suggestion: the library's own, never itself, nothing hidden."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from service.store import suggestions
from tests.conftest import Desk
from triage import Case, Suggestion

if TYPE_CHECKING:
    from service.store.store import Store
    from triage import Triager

PATH = "/v1/suggestions"
TEXT = "河东路夜间没有路灯，行人看不见路，建议从桥头到校门加装路灯。"
OWN = Suggestion("own", "关于在河东路加装路灯的建议", TEXT, "人大")
TWIN = Suggestion("twin", "关于在河东路加装路灯的提案", TEXT, "政协")
HIDDEN = Suggestion("hidden", "关于在河东路加装路灯的来信", TEXT, "群众", confidential=True)


@pytest.fixture
def office(triager: Triager, sqlite_store: Store, tmp_path: Path) -> Iterator[Desk]:
    """A desk whose index holds two stored suggestions, and a third that turned confidential since."""
    from fastapi.testclient import TestClient

    from service.app import create_app
    from service.settings import Settings

    with triager.index(tmp_path / "history.index", create=True) as index:
        index.add([Case(one, ("住房和城乡建设局",), outcome="A") for one in (OWN, TWIN)])
        index.add([Case(Suggestion("hidden", HIDDEN.title, HIDDEN.text), ("公安局",))])
    with sqlite_store.write("test") as writing:
        for one in (OWN, TWIN, HIDDEN):
            suggestions.create(writing, one)
    settings = Settings(
        data=tmp_path / "memory", database=str(sqlite_store.url), index=tmp_path / "history.index", queue=64
    )
    with TestClient(create_app(settings, triager)) as client:
        yield Desk(client, sqlite_store)


def plain(value: Any) -> Any:
    return json.loads(json.dumps(value))


def test_advice_is_the_librarys_and_is_kept(desk: Desk, triager: Triager) -> None:
    key = desk.key("triage")
    with desk.store.write("test") as writing:
        suggestions.create(writing, OWN)
    answer = desk.client.post(f"{PATH}/own/triage", headers=key)
    assert answer.status_code == 200, answer.text
    [triaged] = triager.triage([OWN])
    assert answer.json()["triaged"] == plain(triaged.to_dict())
    assert (answer.json()["model"], answer.json()["version"]) == (triaged.model, 1)
    again = desk.client.post(f"{PATH}/own/triage", headers=key).json()
    kept = desk.client.get(f"{PATH}/own/answers", headers=key).json()["answers"]
    assert kept == [again, answer.json()]
    assert desk.client.get(f"{PATH}/own", headers=key).json()["answer"] == again


def test_advice_asked_for_twice_under_one_key_is_kept_once(desk: Desk) -> None:
    key = desk.key("triage") | {"Idempotency-Key": "once"}
    with desk.store.write("test") as writing:
        suggestions.create(writing, OWN)
    first, again = (desk.client.post(f"{PATH}/own/triage", headers=key) for _ in range(2))
    assert again.json() == first.json()
    assert again.headers["Idempotency-Replayed"] == "true"
    assert len(desk.client.get(f"{PATH}/own/answers", headers=key).json()["answers"]) == 1


def test_a_text_does_not_repeat_itself(office: Desk, triager: Triager, tmp_path: Path) -> None:
    seeing = office.key("triage", confidential=True)
    found = office.client.get(f"{PATH}/own/duplicates", headers=seeing).json()
    with triager.index(tmp_path / "history.index") as index:
        [hits] = index.query([OWN])
        [cases] = triager.precedents([OWN], index)
    assert found == {"id": "own", "duplicates": plain([asdict(hit) for hit in hits])}
    assert {hit["id"] for hit in found["duplicates"]} == {"twin", "hidden"}
    told = office.client.get(f"{PATH}/own/precedents", headers=seeing).json()
    assert told == {"id": "own", "precedents": plain([case.to_dict() for case in cases])}
    assert "own" not in {case["id"] for case in told["precedents"]}
    triaged = office.client.post(f"{PATH}/own/triage", headers=seeing).json()["triaged"]
    assert "own" not in {hit["id"] for hit in triaged["duplicates"]}


def test_a_confidential_text_is_no_hit_for_who_may_not_see_it(office: Desk) -> None:
    reader = office.key("read")
    hits = office.client.get(f"{PATH}/own/duplicates", headers=reader).json()["duplicates"]
    assert [hit["id"] for hit in hits] == ["twin"]
    told = office.client.get(f"{PATH}/own/precedents", headers=reader).json()["precedents"]
    assert [case["id"] for case in told] == ["twin"]
    for path in ("duplicates", "precedents"):
        assert office.client.get(f"{PATH}/hidden/{path}", headers=reader).json()["code"] == "not-found"


def test_how_many_and_how_close_can_be_said(office: Desk) -> None:
    reader = office.key("read", confidential=True)
    one = office.client.get(f"{PATH}/own/duplicates", params={"k": 1, "least": "rewritten"}, headers=reader)
    assert len(one.json()["duplicates"]) == 1
    assert (
        len(office.client.get(f"{PATH}/own/precedents", params={"most": 1}, headers=reader).json()["precedents"]) == 1
    )
    for path, wrong in (("duplicates", {"k": 0}), ("duplicates", {"least": "near"}), ("precedents", {"most": 21})):
        assert office.client.get(f"{PATH}/own/{path}", params=wrong, headers=reader).json()["code"] == "invalid-request"
    unknown = office.client.get(f"{PATH}/own/duplicates", params={"min": 1}, headers=reader)
    assert unknown.json()["code"] == "invalid-request"


def test_without_an_index_it_is_said(desk: Desk) -> None:
    with desk.store.write("test") as writing:
        suggestions.create(writing, OWN)
    for path in ("duplicates", "precedents"):
        answer = desk.client.get(f"{PATH}/own/{path}", headers=desk.key("read"))
        assert answer.json()["code"] in {"no-index", "index-failed"}  # the one that follows the memory is not built yet


def test_nothing_is_known_of_a_suggestion_that_is_not_there(desk: Desk) -> None:
    key = desk.key("triage")
    for method, path in (("GET", ""), ("GET", "/versions"), ("GET", "/answers"), ("POST", "/triage")):
        answer = desk.client.request(method, f"{PATH}/nobody{path}", headers=key)
        assert (answer.status_code, answer.json()["code"]) == (404, "not-found")
