"""Merges, conflicts and hot topics among stored suggestions: the library's answers, bounded, for those who may see."""

from __future__ import annotations

from datetime import date as Date
from typing import TYPE_CHECKING, Any

import pytest
from fastapi.testclient import TestClient

from service import demo
from service.app import create_app
from service.settings import Settings
from service.store import cases as stored
from service.store import decisions, keys, suggestions
from service.store.listing import Filter
from triage import Suggestion, Triager

if TYPE_CHECKING:
    from service.store.store import Store
    from tests.conftest import Desk

PATHS = ("/v1/groups", "/v1/conflicts", "/v1/hot")
BUS = "关于在北环路东段增设公交站点的建议"


@pytest.fixture
def seeded(desk: Desk) -> Desk:
    """The service with the demo's suggestions, and two on one matter that went to two leads."""
    demo.seed(desk.store)
    with desk.store.write("test") as writing:
        for ref, source, unit in (("A-1", "人大", "交通运输局"), ("A-2", "政协", "公安局")):
            made = Suggestion(id=ref, title=BUS, source=source, date=Date(2025, 4, 2), proposers=(f"{source}甲",))
            decisions.decide(writing, suggestions.create(writing, made), lead=[unit], expected=0)
    return desk


def asked(desk: Desk, path: str, headers: dict[str, str], **wanted: Any) -> dict[str, Any]:
    answer = desk.client.get(path, params=wanted, headers=headers)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


def cases_of(desk: Desk, chosen: Filter) -> list[Any]:
    with desk.store.read() as session:
        return list(stored.cases(session, chosen, confidential=False))


def test_the_answers_are_the_librarys(seeded: Desk, triager: Triager) -> None:
    headers = seeded.key("read")
    cases = cases_of(seeded, Filter())
    batch = triager.duplicates(cases)
    groups = asked(seeded, "/v1/groups", headers)
    assert groups == {"texts": len(cases), "proposals": [one.to_dict() for one in batch.proposals()]}
    conflicts = asked(seeded, "/v1/conflicts", headers)
    assert conflicts["conflicts"] == [item.to_dict() for item in triager.conflicts(batch, decided=True)]
    assert asked(seeded, "/v1/hot", headers, least=2) == batch.hot(least=2).to_dict()
    batch.close()


def test_what_was_decided_stands_in_merges_and_conflicts(seeded: Desk) -> None:
    headers = seeded.key("read")
    (group,) = asked(seeded, "/v1/groups", headers, since="2025-04-02", until="2025-04-02")["proposals"]
    assert {(member["id"], *member["lead"], *member["proposers"]) for member in group["members"]} == {
        ("A-1", "交通运输局", "人大甲"),
        ("A-2", "公安局", "政协甲"),
    }
    (item,) = asked(seeded, "/v1/conflicts", headers, since="2025-04-02", until="2025-04-02")["conflicts"]
    assert {tuple(holding["leads"]) for holding in item["holdings"]} == {("交通运输局",), ("公安局",)}
    assert all(member["decided"] for holding in item["holdings"] for member in holding["members"])
    assert item["kind"] == "within history"
    assert item["text"].endswith("均已交办，供参考。")


def test_growth_is_measured_against_the_period_before(seeded: Desk, triager: Triager) -> None:
    headers = seeded.key("read")
    year = asked(seeded, "/v1/hot", headers, since="2025-01-01", until="2025-12-31", least=2)
    cases = cases_of(seeded, Filter(since=Date(2024, 1, 2), until=Date(2025, 12, 31)))
    batch = triager.duplicates(cases)
    assert year == batch.hot(least=2, since=Date(2025, 1, 1), until=Date(2025, 12, 31)).to_dict()
    batch.close()
    assert year["texts_before"]
    assert asked(seeded, "/v1/hot", headers, until="2025-12-31", period="year", least=2) == year
    days = asked(seeded, "/v1/hot", headers, period="30")
    last = max(case.suggestion.date for case in cases if case.suggestion.date)
    assert days["until"] == last.isoformat()
    assert asked(seeded, "/v1/hot", headers, until="2024-03-31")["texts_before"] is None
    for wrong in ({"period": "decade"}, {"since": "2025-01-01", "period": "year"}, {"least": 0}, {"since": "x"}):
        assert seeded.client.get("/v1/hot", params=wrong, headers=headers).status_code == 422


def test_nothing_confidential_is_compared_for_others(seeded: Desk) -> None:
    with seeded.store.write("test") as writing:
        suggestions.create(writing, Suggestion(id="A-3", title=BUS, date=Date(2025, 4, 2), confidential=True))
    may, may_not = seeded.key("read", confidential=True), seeded.key("read")
    day = {"since": "2025-04-02", "until": "2025-04-02"}
    for path in PATHS:
        assert "A-3" not in str(asked(seeded, path, may_not, **day, **({"least": 2} if path == "/v1/hot" else {})))
    (group,) = asked(seeded, "/v1/groups", may, **day)["proposals"]
    assert {member["id"]: member["title"] for member in group["members"]} == {"A-1": BUS, "A-2": BUS, "A-3": ""}


@pytest.mark.parametrize("path", PATHS)
def test_an_empty_memory_is_no_error(desk: Desk, path: str) -> None:
    told = asked(desk, path, desk.key("read"))
    assert told["texts"] == 0
    assert asked(desk, "/v1/hot", desk.key("read"), until="2025-12-31")["topics"] == []


def test_more_than_a_request_may_hold_is_work_for_a_job(sqlite_store: Store, triager: Triager) -> None:
    demo.seed(sqlite_store)
    with sqlite_store.write("test") as writing:
        headers = {"Authorization": f"Bearer {keys.make(writing, 'a', ['read']).token}"}
    settings = Settings.from_environment({}, database=str(sqlite_store.url), max_suggestions=20)
    with TestClient(create_app(settings, triager)) as client:
        for path in PATHS:
            refused = client.get(path, headers=headers)
            assert (refused.status_code, refused.json()["code"]) == (422, "job-needed")
            assert "POST /v1/jobs" in refused.json()["detail"]
            assert path.rpartition("/")[2] in refused.json()["detail_zh"]
            assert client.get(path, params={"state": "open"}, headers=headers).status_code == 200
            assert client.get(path).status_code == 401
