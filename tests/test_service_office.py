"""The office's view: reports at once, deadlines, returns, topics that nobody raises."""

from __future__ import annotations

import json
from datetime import date as Date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from service import demo
from service.endpoints import office as office_endpoints
from service.endpoints import reports as report_endpoints
from service.jobs.bench import Bench
from service.jobs.papers import with_advice
from service.jobs.runner import JobRunner
from service.served.model import ServedModel
from service.settings import Settings
from service.store import cases as stored
from service.store import decisions, overview, suggestions
from service.store.listing import Filter
from service.store.store import Store
from triage import Suggestion, Triager, reports
from triage.catalogue import Office
from triage.deadlines import docket
from triage.reports import make, timespan

if TYPE_CHECKING:
    from tests.conftest import Desk

READ = ("/v1/due", "/v1/returns", "/v1/topics/unraised", "/v1/reports/overview", "/v1/reports/workload")


def advice(ref: str, lead: str, topic: str = "桥", co: tuple[str, ...] = ()) -> dict[str, Any]:
    """An answer that was kept."""
    return {
        "id": ref,
        "topics": [{"name": topic, "score": 0.9, "path": ["建设", topic]}],
        "lead": [{"unit": lead, "score": 0.8}],
        "co": [{"unit": unit, "score": 0.7} for unit in co],
        "mode": "joint" if co else "sole",
        "decision": "choose",
        "matters": [],
    }


@pytest.fixture
def memory(store: Store) -> Store:
    """Sent back twice; open with advice; open without; confidential, sent back and with advice."""
    with store.write("test") as writing:
        day = Date(2025, 2, 18)
        one = suggestions.create(writing, Suggestion("1", "修桥", date=day, source="人大"))
        suggestions.keep_answer(writing, one, advice("1", "交通局", "路"), "m", "")
        decisions.decide(writing, one, lead=["水利局"], co=["财政局"], topics=["桥"], expected=0, day=day)
        decisions.record_return(writing, one, unit="财政局", reason="没有钱", day=Date(2025, 2, 20))
        decisions.record_return(writing, one, unit="水利局", reason="不归我局", day=Date(2025, 2, 21))
        two = suggestions.create(writing, Suggestion("2", "修路", date=day))
        suggestions.keep_answer(writing, two, advice("2", "交通局", "路", ("财政局",)), "m", "")
        suggestions.create(writing, Suggestion("3", "路灯", date=day))
        hidden = suggestions.create(writing, Suggestion("4", "隐语", date=day, confidential=True))
        suggestions.keep_answer(writing, hidden, advice("4", "公安局"), "m", "")
        five = suggestions.create(writing, Suggestion("5", "隐语", confidential=True))
        decisions.decide(writing, five, lead=["公安局"], topics=["治安"], expected=0, day=day)
        decisions.record_return(writing, five, unit="公安局", reason="隐语")
    return store


def test_returns_are_listed_the_newest_first_and_units_by_how_often(memory: Store) -> None:
    with memory.read() as session:
        listed = overview.returns(session, Filter(), (), 10, confidential=False)
        assert [(one.suggestion, one.unit, one.reason, one.by) for one in listed] == [
            ("1", "水利局", "不归我局", "test"),
            ("1", "财政局", "没有钱", "test"),
        ]
        every = overview.returners(session, Filter(), (), confidential=True)
        assert [(one.unit, one.count, one.reasons) for one in every] == [
            ("公安局", 1, ("隐语",)),
            ("水利局", 1, ("不归我局",)),
            ("财政局", 1, ("没有钱",)),
        ]
        only = overview.returns(session, Filter(), ("财政局",), 10, confidential=True)
        assert [one.unit for one in only] == ["财政局"]
        assert overview.returns(session, Filter(sources=("政协",)), (), 10, confidential=True) == []
        assert len(overview.returns(session, Filter(), (), 1, confidential=True)) == 1


def test_reasons_are_told_once_the_commonest_first(memory: Store) -> None:
    with memory.write("test") as writing:
        row = suggestions.find(writing.session, "1", confidential=False)
        for reason in ("", "不归我局", "已移交", "不归我局"):
            decisions.record_return(writing, row, unit="水利局", reason=reason)
    with memory.read() as session:
        (water,) = overview.returners(session, Filter(), ("水利局",), confidential=False)
    assert (water.count, water.reasons) == (5, ("不归我局", "已移交"))


def test_advice_counts_only_while_nothing_is_decided_and_for_who_may_see_it(memory: Store) -> None:
    with memory.read() as session:
        told = overview.advice_of(session, Filter(), confidential=False)
        assert told == {"2": overview.Advised(("交通局",), ("财政局",))}
        assert set(overview.advice_of(session, Filter(), confidential=True)) == {"2", "4"}
        cases, suggested = with_advice(list(stored.cases(session, Filter(), confidential=False)), told)
    assert suggested == ["2"]
    assert [(case.suggestion.id, case.leads) for case in cases] == [("1", ("水利局",)), ("2", ("交通局",)), ("3", ())]


def test_topics_are_the_decided_ones_else_the_advised(memory: Store) -> None:
    with memory.read() as session:
        found = {
            case.suggestion.id: (case.topics, case.suggestion.date)
            for case in overview.topic_cases(session, Filter(), confidential=True)
        }
        open_ones = [case.suggestion.id for case in overview.topic_cases(session, Filter(), confidential=False)]
    day = Date(2025, 2, 18)
    assert found == {
        "1": (("桥",), day),
        "2": (("路",), day),
        "3": ((), day),
        "4": (("桥",), day),
        "5": (("治安",), None),
    }
    assert open_ones == ["1", "2", "3"]


# --- over HTTP -------------------------------------------------------------------------------------------------------


@pytest.fixture
def seeded(desk: Desk) -> Desk:
    """The service with the demo's suggestions."""
    demo.seed(desk.store)
    return desk


def get(desk: Desk, path: str, *, confidential: bool = True, **asked: Any) -> Any:
    headers = desk.key("read", confidential=confidential)
    answer = desk.client.get(path, params=asked, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_an_empty_memory_is_no_error_and_a_key_is_needed(desk: Desk) -> None:
    for path in READ:
        assert desk.client.get(path).status_code == 401
        told = get(desk, path)
        if path == "/v1/due":
            assert told["due"] == []
            assert office_endpoints.NOTHING_HANDED_OUT in told["notices"]
        elif "reports" in path:
            (said,) = told["sections"][0]["sentences"]
            assert said["notice"]
            assert "没有" in said["text"]


def test_nothing_of_a_confidential_suggestion_is_told_without_the_right(seeded: Desk) -> None:
    with seeded.store.write("test") as writing:
        row = suggestions.create(
            writing, Suggestion("secret-1", "犇骉的线索", date=Date(2025, 2, 1), confidential=True)
        )
        decisions.decide(writing, row, lead=["公安局"], expected=0, day=Date(2025, 2, 1))
        decisions.record_return(writing, row, unit="公安局", reason="犇骉")
    for path in (*READ, "/v1/reports/inspection", "/v1/due?within=366&on=2025-03-01"):
        hidden = seeded.client.get(path, headers=seeded.key("read")).text
        assert "犇骉" not in hidden
        assert "secret-1" not in hidden
        if path.startswith(("/v1/due", "/v1/returns")):
            assert "secret-1" in seeded.client.get(path, headers=seeded.key("read", confidential=True)).text


@pytest.mark.parametrize("kind", ["overview", "targets", "workload", "inspection"])
def test_a_report_is_the_library_s(seeded: Desk, kind: str) -> None:
    told = get(seeded, f"/v1/reports/{kind}", since="2025-01-01", until="2025-12-31", on="2026-01-02", seed=7)
    with seeded.store.read() as session:
        cases = list(stored.cases(session, Filter(), confidential=True))
    period = timespan(Date(2025, 1, 1), Date(2025, 12, 31))
    settings = reports.Settings(seed=7, on=Date(2026, 1, 2))
    made = make(kind, cases, Office(), None, period=period, settings=settings, origin=(report_endpoints.ORIGIN,))
    assert told == json.loads(json.dumps(made.to_dict()))
    assert "上期" in str(told), "the year before is what it is compared with"
    small = get(seeded, f"/v1/reports/{kind}", since="2025-01-01", until="2025-12-31", links="false")
    assert small["rows"]["rows"] == []


def test_the_filter_chooses_the_cases_of_a_report(seeded: Desk) -> None:
    told = get(seeded, "/v1/reports/overview", source="人大")
    assert {row[told["rows"]["header"].index("来源")] for row in told["rows"]["rows"]} == {"人大"}
    none = get(seeded, "/v1/reports/overview", source="没有", since="2025-01-01")
    assert none["sections"][0]["sentences"][0]["text"].startswith("2025年1月1日以来没有来件")


def test_the_workload_counts_advice_where_nothing_is_decided(seeded: Desk, triager: Triager) -> None:
    before = get(seeded, "/v1/reports/workload", state="open")
    assert before["sections"][0]["sentences"][0]["text"] == report_endpoints.NO_LEADS
    with seeded.store.write("test") as writing:
        for case in list(stored.cases(writing.session, Filter(states=("open",)), confidential=True)):
            row = suggestions.find(writing.session, case.suggestion.id, confidential=True)
            (answer,) = triager.triage([case.suggestion])
            suggestions.keep_answer(writing, row, answer.to_dict(), answer.model, "")
    told = get(seeded, "/v1/reports/workload", state="open")
    assert "主办单位是模型的建议，尚未决定" in str(told["sections"][0]["sentences"])
    assert told["sections"][0]["tables"][0]["rows"]


def test_more_than_can_be_counted_at_once_is_the_work_of_a_job(seeded: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report_endpoints, "MOST_CASES", 3)
    answer = seeded.client.get("/v1/reports/overview", headers=seeded.key("read"))
    assert (answer.status_code, answer.json()["type"]) == (422, "/v1/problems#job-needed")
    monkeypatch.setattr(office_endpoints, "MOST_CASES", 3)
    assert any("只看了最近登记的3件" in notice for notice in get(seeded, "/v1/due")["notices"])


def test_what_cannot_be_asked_is_refused(seeded: Desk) -> None:
    headers = seeded.key("read")
    for path in (
        "/v1/reports/hot",
        "/v1/reports/yearly",
        "/v1/reports/overview?since=2025-02-01&until=2025-01-01",
        "/v1/reports/overview?previous_since=1990-01-01&previous_until=1990-02-01",
        "/v1/reports/overview?share=0",
        "/v1/reports/overview?unknown=1",
        "/v1/due?within=-1",
        "/v1/due?within=400",
        "/v1/due?on=1990-01-01",
        "/v1/due?on=soon",
        "/v1/due?limit=0",
        "/v1/returns?limit=9999",
        "/v1/returns?role=boss",
        "/v1/topics/unraised?since=2025-02-01&until=2025-01-01",
    ):
        answer = seeded.client.get(path, headers=headers)
        assert answer.status_code == 422, (path, answer.text)
        assert answer.json()["detail_zh"]


def test_deadlines_are_the_library_s(seeded: Desk) -> None:
    on = Date(2025, 5, 19)
    told = get(seeded, "/v1/due", on=str(on), within=30)
    with seeded.store.read() as session:
        cases = list(stored.cases(session, Filter(states=("decided",)), confidential=True))
    made = docket([(case.suggestion.id, case) for case in cases], Office(), on, leave_out=True)
    assert [(one["suggestion"], one["unit"], one["duty"]) for one in told["due"]] == [
        (item.id, item.unit, item.duty.value) for item in made.pressing(30)
    ]
    assert told["due"]
    assert all(one["days_left"] <= 30 for one in told["due"])
    assert all(one["overdue"] == (one["days_left"] < 0) for one in told["due"])
    assert office_endpoints.NO_OFFICE in told["notices"]
    cut = get(seeded, "/v1/due", on=str(on), within=30, limit=1)
    assert (len(cut["due"]), cut["total"]) == (1, told["total"])


def test_an_answered_suggestion_is_no_longer_due(seeded: Desk) -> None:
    first = get(seeded, "/v1/due", on="2025-05-19", within=30)["due"][0]["suggestion"]
    with seeded.store.write("test") as writing:
        row = suggestions.find(writing.session, first, confidential=True)
        decisions.record_outcome(writing, row, outcome="A", day=Date(2025, 5, 1))
    assert first not in {one["suggestion"] for one in get(seeded, "/v1/due", on="2025-05-19", within=30)["due"]}


def test_days_that_cannot_be_are_left_out_and_told(seeded: Desk) -> None:
    with seeded.store.write("test") as writing:
        row = suggestions.create(writing, Suggestion("slip", "路灯", date=Date(2025, 5, 2)))
        decisions.decide(writing, row, lead=["公安局"], expected=0, day=Date(2025, 5, 1))
    told = get(seeded, "/v1/due", on="2025-05-19")
    assert any(notice.startswith("slip1件的交办日期或答复日期不对") for notice in told["notices"])


def test_topics_that_nobody_raised_are_the_catalogue_s(seeded: Desk, triager: Triager) -> None:
    told = get(seeded, "/v1/topics/unraised", since="2025-01-01", until="2025-12-31")
    assert told["topics_known"] == len(triager.catalogue.topics)
    assert {tuple(topic["path"]) for topic in told["topics"]} <= {
        triager.catalogue.topic_path(topic.code) for topic in triager.catalogue.topics
    }
    assert told["previous"]["words"] == "2024年"


def test_a_job_writes_the_same_report(seeded: Desk, triager: Triager, tmp_path: Path) -> None:
    headers = seeded.key("triage", confidential=True)
    options = {"report": "overview", "format": "json", "since": "2025-01-01", "until": "2025-12-31", "on": "2026-01-02"}
    sent = seeded.client.post("/v1/jobs", json={"kind": "report", "options": options}, headers=headers)
    runner = JobRunner(Bench(Settings(data=tmp_path), seeded.store, ServedModel(triager)))
    while runner.step():
        pass
    answer = seeded.client.get(f"/v1/jobs/{sent.json()['id']}/result", headers=headers)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    del options["report"], options["format"]
    assert answer.json() == get(seeded, "/v1/reports/overview", **options)


def test_a_job_counts_the_workload_by_the_latest_advice_too(seeded: Desk, triager: Triager, tmp_path: Path) -> None:
    with seeded.store.write("test") as writing:
        (case, *_) = stored.cases(writing.session, Filter(states=("open",)), confidential=True)
        row = suggestions.find(writing.session, case.suggestion.id, confidential=True)
        (answered,) = triager.triage([case.suggestion])
        suggestions.keep_answer(writing, row, answered.to_dict(), answered.model, "")
    headers = seeded.key("triage")
    body = {"kind": "report", "options": {"report": "workload", "format": "json"}, "filter": {"state": ["open"]}}
    sent = seeded.client.post("/v1/jobs", json=body, headers=headers)
    runner = JobRunner(Bench(Settings(data=tmp_path), seeded.store, ServedModel(triager)))
    while runner.step():
        pass
    told = seeded.client.get(f"/v1/jobs/{sent.json()['id']}/result", headers=headers).json()
    assert answered.lead[0].unit in str(told["sections"][0]["tables"][0]["rows"])
    assert "模型的建议" in str(told["sections"][0]["sentences"])
