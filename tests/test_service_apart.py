"""What clerks found of suggestions that look alike: kept, told to all, withdrawn, and not proposed again meanwhile."""

from __future__ import annotations

import io
from datetime import date as Date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest

from service.jobs.bench import Bench
from service.jobs.runner import JobRunner
from service.served.model import ServedModel
from service.settings import Settings
from service.store import apart, decisions, suggestions
from service.store.errors import NotThere
from service.store.store import Store
from service.store.tables import ApartMember
from service.store.tables_service import TrailRow
from service.store.verification import verify
from triage import Suggestion, Triager
from triage.duplicates.apart import Apart

if TYPE_CHECKING:
    from tests.conftest import Desk

BUS = "关于在北环路东段增设公交站点的建议"
GIVEN = (("A-1", "人大", "交通运输局"), ("A-2", "政协", "公安局"), ("A-3", "热线", "交通运输局"))


@pytest.fixture
def office(desk: Desk) -> Desk:
    """Three on one matter, which went to two leads, and one on another."""
    with desk.store.write("test") as writing:
        for ref, source, unit in GIVEN:
            made = Suggestion(id=ref, title=BUS, source=source, date=Date(2025, 4, 2))
            decisions.decide(writing, suggestions.create(writing, made), lead=[unit], expected=0)
        suggestions.create(writing, Suggestion(id="B-1", title="关于河道清淤的建议"))
    return desk


def found(desk: Desk, headers: dict[str, str], kind: str, *refs: str, status: int = 201) -> dict[str, Any]:
    answer = desk.client.post("/v1/apart", json={"kind": kind, "suggestions": list(refs)}, headers=headers)
    assert answer.status_code == status, answer.text
    told: dict[str, Any] = answer.json()
    return told


def told(desk: Desk, path: str, headers: dict[str, str], **query: Any) -> Any:
    answer = desk.client.get(path, params=query, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


def groups(desk: Desk, headers: dict[str, str]) -> list[set[str]]:
    proposals = told(desk, "/v1/groups", headers)["proposals"]
    return [{member["id"] for member in one["members"]} for one in proposals]


def conflicts(desk: Desk, headers: dict[str, str]) -> int:
    return len(told(desk, "/v1/conflicts", headers)["conflicts"])


def test_what_one_clerk_found_is_not_proposed_to_another(office: Desk) -> None:
    one, other = office.key("decide"), office.key("read")
    assert (groups(office, other), conflicts(office, other)) == ([{"A-1", "A-2", "A-3"}], 1)
    made = found(office, one, "merge", "A-1", "A-2", "A-3")
    assert made["suggestions"] == ["A-1", "A-2", "A-3"]
    assert (groups(office, other), conflicts(office, other)) == ([], 0)
    (listed,) = told(office, "/v1/apart", other)["findings"]
    assert listed == made
    assert office.client.delete(f"/v1/apart/{made['number']}", headers=one).status_code == 204
    assert (groups(office, other), conflicts(office, other)) == ([{"A-1", "A-2", "A-3"}], 1)
    assert told(office, "/v1/apart", other) == {"findings": [], "next": None}


def test_of_some_the_others_are_proposed_still(office: Desk) -> None:
    headers = office.key("decide")
    found(office, headers, "merge", "A-1", "A-2")
    (group,) = groups(office, headers)
    assert group in ({"A-1", "A-3"}, {"A-2", "A-3"})


def test_leads_that_may_differ_are_one_matter_still(office: Desk) -> None:
    headers = office.key("decide")
    found(office, headers, "lead", "A-1", "A-2", "A-3")
    assert (groups(office, headers), conflicts(office, headers)) == ([{"A-1", "A-2", "A-3"}], 0)
    assert told(office, "/v1/apart", headers, kind="merge")["findings"] == []
    assert len(told(office, "/v1/apart", headers, kind="lead")["findings"]) == 1


def test_what_was_found_twice_is_kept_once(office: Desk) -> None:
    headers = office.key("decide")
    made = found(office, headers, "merge", "A-1", "A-2", "A-1")
    assert found(office, office.key("decide"), "merge", "A-2", "A-1", status=200) == made
    assert found(office, headers, "merge", "A-1", "A-2", "A-3")["number"] != made["number"]
    assert found(office, headers, "lead", "A-1", "A-2")["number"] != made["number"]
    keyed = {**headers, "Idempotency-Key": "once"}
    again = [found(office, keyed, "lead", "A-2", "A-3") for _ in range(2)]
    assert again[0] == again[1]
    with office.store.read() as session:
        assert session.query(TrailRow).filter(TrailRow.action == "apart.found").count() == 4


def test_a_page_at_a_time_the_newest_first(office: Desk) -> None:
    headers = office.key("decide")
    pairs = [("A-1", "A-2"), ("A-2", "A-3"), ("A-1", "A-3"), ("A-1", "B-1"), ("A-2", "B-1")]
    numbers = [found(office, headers, "merge", *pair)["number"] for pair in pairs]
    seen: list[int] = []
    page: dict[str, Any] = {"next": ""}
    while page["next"] is not None:
        page = told(office, "/v1/apart", headers, limit=2, cursor=page["next"])
        seen += [one["number"] for one in page["findings"]]
    assert seen == numbers[::-1]
    of_one = told(office, "/v1/apart", headers, suggestion="B-1", kind="merge")["findings"]
    assert [one["number"] for one in of_one] == [numbers[4], numbers[3]]
    assert told(office, "/v1/apart", headers, suggestion="nobody")["findings"] == []


def test_nothing_confidential_is_told_or_touched_without_the_right(office: Desk) -> None:
    may, may_not = office.key("decide", confidential=True), office.key("decide")
    with office.store.write("test") as writing:
        suggestions.create(writing, Suggestion(id="A-4", title=BUS, confidential=True))
    refused = {"kind": "merge", "suggestions": ["A-1", "A-4"]}
    assert office.client.post("/v1/apart", json=refused, headers=may_not).status_code == 404
    made = found(office, may, "merge", "A-1", "A-4")
    assert told(office, "/v1/apart", may_not)["findings"] == []
    assert office.client.delete(f"/v1/apart/{made['number']}", headers=may_not).status_code == 404
    assert told(office, "/v1/apart", may)["findings"] == [made]
    trail = told(office, "/v1/trail", office.key("admin"), action="apart.found")["entries"]
    assert [entry["details"] for entry in trail] == [{"kind": "merge", "suggestions": 2}]


def test_what_is_no_finding_is_refused(office: Desk) -> None:
    headers = office.key("decide")
    for wrong in (
        {"kind": "merge", "suggestions": ["A-1"]},
        {"kind": "merge", "suggestions": ["A-1", "A-1"]},
        {"kind": "merge", "suggestions": ["A-1", ""]},
        {"kind": "merge", "suggestions": [f"N{number}" for number in range(apart.MOST + 1)]},
        {"kind": "other", "suggestions": ["A-1", "A-2"]},
        {"kind": "merge", "suggestions": ["A-1", "A-2"], "more": 1},
        {"suggestions": ["A-1", "A-2"]},
    ):
        assert office.client.post("/v1/apart", json=wrong, headers=headers).status_code == 422, wrong
    unknown = office.client.post("/v1/apart", json={"kind": "merge", "suggestions": ["A-1", "X"]}, headers=headers)
    assert (unknown.status_code, "'X'" in unknown.json()["detail"]) == (404, True)
    for path, status in (("/v1/apart/1", 404), ("/v1/apart/0", 422), ("/v1/apart/x", 422)):
        assert office.client.delete(path, headers=headers).status_code == status
    asked = {"kind": "merge", "suggestions": ["A-1", "A-2"]}
    assert office.client.post("/v1/apart", json=asked, headers=office.key("read")).status_code == 403
    assert office.client.post("/v1/apart", json=asked).status_code == 401


def test_a_suggestion_that_is_deleted_leaves_its_findings(office: Desk) -> None:
    headers = office.key("decide")
    found(office, headers, "merge", "A-1", "A-2")
    found(office, headers, "merge", "A-1", "A-2", "A-3")
    with office.store.write("test") as writing:
        writing.session.delete(suggestions.find(writing.session, "A-2", confidential=True))
    (left,) = told(office, "/v1/apart", headers)["findings"]
    assert left["suggestions"] == ["A-1", "A-3"]
    with office.store.read() as session:
        assert apart.all_of(session).matters == ({"A-1"}, {"A-1", "A-3"})
        assert session.query(ApartMember).count() == 3


JOBS: dict[str, dict[str, Any]] = {
    "groups": {},
    "conflicts": {},
    "duplicates": {},
    "sheet": {"together": True},
    "report": {"report": "conflicts"},
}


@pytest.mark.parametrize("kind", JOBS)
def test_a_job_over_stored_suggestions_holds_to_it(office: Desk, triager: Triager, tmp_path: Path, kind: str) -> None:
    headers = office.key("decide", "triage")
    runner = JobRunner(Bench(Settings(data=tmp_path), office.store, ServedModel(triager)))

    def named() -> int:
        body = {"kind": kind, "filter": {}, "options": JOBS[kind]}
        made = office.client.post("/v1/jobs", json=body, headers=headers).json()["id"]
        while runner.step():
            pass
        form = {} if kind in {"sheet", "report"} else {"format": "xlsx"}
        result = office.client.get(f"/v1/jobs/{made}/result", params=form, headers=headers)
        book = openpyxl.load_workbook(io.BytesIO(result.content))
        return sum("A-2" in str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row)

    before = named()
    found(office, headers, "merge", "A-1", "A-2", "A-3")
    assert named() < before


def test_in_either_database(store: Store) -> None:
    with store.write("key:none") as writing:
        for ref in ("1", "2", "3"):
            suggestions.create(writing, Suggestion(id=ref, title=BUS, confidential=ref == "3"))
        one, new = apart.find_apart(writing, apart.MERGE, ["2", "1"], confidential=True)
        again, old = apart.find_apart(writing, apart.MERGE, ["1", "2"], confidential=True)
        hidden, _ = apart.find_apart(writing, apart.LEAD, ["1", "3"], confidential=True)
        assert (new, old, one.refs, one.by, again) == (True, False, ("2", "1"), "key:none", one)
        with pytest.raises(NotThere):
            apart.find_apart(writing, apart.MERGE, ["1", "3"], confidential=False)
    with store.read() as session:
        assert apart.page(session, confidential=True).findings == [hidden, one]
        assert apart.page(session, confidential=False).findings == [one]
        assert apart.page(session, before=hidden.number, limit=1, confidential=True) == apart.Page([one], 0)
        assert apart.all_of(session) == Apart(({"1", "2"},), ({"1", "3"},))
    with store.write("key:none") as writing:
        with pytest.raises(NotThere):
            apart.withdraw(writing, hidden.number, confidential=False)
        apart.withdraw(writing, hidden.number, confidential=True)
        writing.session.flush()
        with pytest.raises(NotThere):
            apart.withdraw(writing, hidden.number, confidential=True)
    with store.snapshot() as session:
        assert apart.all_of(session).leads == ()
        assert verify(session).whole
