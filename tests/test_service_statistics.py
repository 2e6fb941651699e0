"""Counts over the memory, and its cases as a file that training and evaluation read."""

from __future__ import annotations

from datetime import date as Date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from service import demo
from service.store import cases as stored
from service.store import decisions, suggestions
from service.store.figures import Figures
from service.store.listing import Filter
from service.store.store import Store
from triage import Suggestion, Triager
from triage.casefiles import case_file
from triage.datasets import read_cases
from triage.meeting import meeting_figures
from triage.meeting.decided import Decided, Suggested

if TYPE_CHECKING:
    from tests.conftest import Desk

NAMES = (
    *("total", "states", "sources", "sessions", "topics", "months", "leads", "co_units", "outcomes", "returns"),
    "returned",
)


def counted(store: Store, chosen: Filter | None = None, *, confidential: bool = True) -> dict[str, Any]:
    with store.read() as session:
        figures = Figures(session, chosen or Filter(), confidential=confidential)
        return {name: getattr(figures, name)() for name in NAMES} | {"waits": sorted(figures.waits())}


@pytest.fixture
def office(store: Store) -> Store:
    """Four suggestions: decided twice and closed; decided and sent back; open; confidential and decided."""
    with store.write("test") as writing:

        def take_in(ref: str, **fields: Any) -> Any:
            return suggestions.create(writing, Suggestion(id=ref, title="修桥", **fields))

        day = Date(2025, 2, 18)
        one = take_in("1", source="人大", session="一次", date=day)
        decisions.decide(writing, one, lead=["水利局"], expected=0, day=Date(2025, 2, 20))
        decisions.decide(writing, one, lead=["交通局", "住建局"], co=["财政局"], topics=["桥"], expected=1)
        decisions.record_outcome(writing, one, outcome="B")
        decisions.record_outcome(writing, one, outcome="A")
        two = take_in("2", source="政协", date=Date(2025, 3, 1))
        decisions.decide(writing, two, lead=["交通局"], co=["财政局"], expected=0, day=Date(2025, 3, 11))
        decisions.record_return(writing, two, unit="交通局")
        decisions.record_return(writing, two, unit="财政局")
        take_in("3", source="政协")
        hidden = take_in("4", source="热线", date=day, confidential=True)
        decisions.decide(writing, hidden, lead=["公安局"], expected=0, day=day)
    return store


def test_the_memory_is_counted(office: Store) -> None:
    assert counted(office) == {
        "total": 4,
        "states": [("decided", 2), ("closed", 1), ("open", 1)],
        "sources": [("政协", 2), ("人大", 1), ("热线", 1)],
        "sessions": [("", 3), ("一次", 1)],
        "topics": [("", 3), ("桥", 1)],
        "months": [("", 1), ("2025-02", 2), ("2025-03", 1)],
        "leads": [("交通局", 2), ("住建局", 1), ("公安局", 1)],
        "co_units": [("财政局", 2)],
        "outcomes": [("A", 1)],
        "returns": [("交通局", 1), ("财政局", 1)],
        "returned": 1,
        "waits": [0, 2, 10],
    }


def test_what_is_confidential_counts_for_those_who_may_see_it(office: Store) -> None:
    seen = counted(office, confidential=False)
    assert (seen["total"], seen["waits"]) == (3, [2, 10])
    assert "热线" not in dict(seen["sources"])
    assert "公安局" not in dict(seen["leads"])


def test_only_what_the_filter_chooses_is_counted(office: Store) -> None:
    seen = counted(office, Filter(sources=("政协",), since=Date(2025, 1, 1)))
    assert (seen["total"], seen["leads"], seen["outcomes"], seen["returned"]) == (1, [("交通局", 1)], [], 1)
    assert counted(office, Filter(words="没有"))["total"] == 0
    seen = counted(office, Filter(units=("住建局",), role="lead"))
    assert (seen["total"], seen["leads"]) == (1, [("交通局", 1), ("住建局", 1)])


def test_an_empty_memory_counts_nothing(store: Store) -> None:
    assert not any(counted(store).values())


def test_erased_suggestions_count(office: Store) -> None:
    with office.write("test") as writing:
        suggestions.find(writing.session, "1", confidential=False).state = "erased"
    assert counted(office)["total"] == 4
    assert ("erased", 1) in counted(office)["states"]


@pytest.fixture
def seeded(desk: Desk) -> Desk:
    """The service with the demo's suggestions."""
    demo.seed(desk.store)
    return desk


def answers_kept(desk: Desk, triager: Triager, most: int = 5) -> None:
    """Decide the first open suggestions, each after an answer: as suggested, within five, another one in turn."""
    with desk.store.write("test") as writing:
        for place, case in enumerate(list(stored.cases(writing.session, Filter(states=("open",)), confidential=True))):
            if place == most:
                break
            row = suggestions.find(writing.session, case.suggestion.id, confidential=True)
            (answer,) = triager.triage([case.suggestion])
            suggestions.keep_answer(writing, row, answer.to_dict(), answer.model, "")
            shown = [unit.unit for unit in answer.lead[:5]]
            other = next(unit for unit in triager.units if unit not in shown)
            lead = (shown[0], shown[min(1, len(shown) - 1)], other)[place % 3]
            decisions.decide(writing, row, lead=[lead], expected=0)


def rows_of(store: Store) -> list[Decided]:
    """The decisions that hold beside what had been suggested, as a sheet that comes back holds them."""
    with store.read() as session:
        rows = [
            (suggestions.find(session, case.suggestion.id, confidential=True), case)
            for case in stored.cases(session, Filter(), confidential=True)
            if case.leads
        ]
        answers = [suggestions.latest_answer(session, row) for row, _ in rows]
        return [
            Decided(case, Suggested.of_stored(answer.answer) if answer else None)
            for (_, case), answer in zip(rows, answers, strict=True)
        ]


def test_what_is_told_is_what_memory_and_library_count(seeded: Desk, triager: Triager) -> None:
    answers_kept(seeded, triager)
    told = seeded.client.get("/v1/statistics", headers=seeded.key("read", confidential=True)).json()
    expected = counted(seeded.store)
    for name, key in (("states", "states"), ("leads", "leads"), ("co", "co_units"), ("months", "months")):
        assert [(one["value"], one["count"]) for one in told[name]] == expected[key]
    assert (told["total"], told["returned"]) == (expected["total"], 3)
    figures = meeting_figures(rows_of(seeded.store))
    followed = told["followed"]
    assert followed["compared"] == figures.compared == 5
    assert followed["lead_kept"] == figures.lead_kept >= 2
    assert followed["lead_within_five"] == 5 - figures.lead_other
    assert figures.lead_other == 1
    for name in ("kept", "co_kept", "co_added", "co_dropped"):
        assert followed[name] == getattr(figures, name)
    assert followed["promises"] == figures.to_dict()["promises"]
    changes = [(one["suggested"], one["decided"], one["count"]) for one in followed["changes"]]
    assert sorted(changes) == sorted(figures.changes)
    assert told["waited"]["counted"] == len(expected["waits"])
    assert told["waited"]["longest"] == max(expected["waits"])


def test_statistics_are_filtered_and_hide_what_is_confidential(seeded: Desk) -> None:
    def total(headers: dict[str, str], **wanted: Any) -> int:
        return int(seeded.client.get("/v1/statistics", params=wanted, headers=headers).json()["total"])

    may, may_not = seeded.key("read", confidential=True), seeded.key("read")
    assert total(may) == total(may_not) + 1
    assert total(may_not, source=["人大", "政协"]) == total(may_not, source="人大") + total(may_not, source="政协")
    assert total(may_not, state="open", until="2024-12-31") == 0
    wrong = seeded.client.get("/v1/statistics", params={"sources": "人大"}, headers=may)
    assert (wrong.status_code, wrong.json()["code"]) == (422, "invalid-request")
    assert seeded.client.get("/v1/statistics").status_code == 401


def exported(desk: Desk, path: Path, headers: dict[str, str], **wanted: Any) -> Path:
    asked = {"format": path.suffix[1:], **wanted}
    answer = desk.client.get("/v1/export/cases", params=asked, headers=headers)
    assert answer.status_code == 200, answer.text
    assert f".{asked['format']}" in answer.headers["content-disposition"]
    path.write_bytes(answer.content)
    return path


@pytest.mark.parametrize("ending", [".csv", ".xlsx", ".jsonl"])
def test_the_exported_file_is_read_back_unchanged(seeded: Desk, tmp_path: Path, ending: str) -> None:
    with seeded.store.write("test") as writing:
        row = suggestions.create(writing, Suggestion(id="=1+1", title="=HYPERLINK()", text="+8613800000000\n@来"))
        decisions.decide(writing, row, lead=["财政局"], topics=["=桥"], reason="不出去", expected=0)
    with seeded.store.read() as session:
        cases = [case for case in stored.cases(session, Filter(), confidential=True) if case.leads]
    path = exported(seeded, tmp_path / f"cases{ending}", seeded.key("read", confidential=True))
    assert read_cases(path) == cases
    assert any(case.returned and case.replied and case.handed_out for case in cases)


def test_training_and_evaluation_read_what_is_exported(seeded: Desk, tmp_path: Path) -> None:
    from triage.learning.evaluation import evaluate

    cases = read_cases(exported(seeded, tmp_path / "cases.csv", seeded.key("read")))
    model = Triager.train(cases)
    (answer,) = model.triage([Suggestion(title="老街的路灯又坏了")])
    assert answer.lead[0].unit
    assert evaluate(model, cases)


def test_the_export_keeps_to_filter_and_key(seeded: Desk, tmp_path: Path) -> None:
    may, may_not = seeded.key("read", confidential=True), seeded.key("read")

    def ids(headers: dict[str, str], **wanted: Any) -> set[str]:
        cases = read_cases(exported(seeded, tmp_path / "cases.jsonl", headers, **wanted), required=())
        return {case.suggestion.id for case in cases}

    assert ids(may) - ids(may_not) == {"QZ2024-1302"}
    assert "RD2025-031" not in ids(may)
    assert "RD2025-031" in ids(may, undecided=True)
    assert ids(may, source="人大", role="lead", unit="水利局") == {"RD2024-022", "RD2025-040"}
    assert seeded.client.get("/v1/export/cases").status_code == 401
    refused = seeded.client.get("/v1/export/cases", params={"format": "xls"}, headers=may)
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid-request")


def test_a_workbook_that_would_lose_words_is_refused(desk: Desk) -> None:
    with desk.store.write("test") as writing:
        row = suggestions.create(writing, Suggestion(id="long", text="长" * 40_000))
        decisions.decide(writing, row, lead=["财政局"], expected=0)
    headers = desk.key("read")
    refused = desk.client.get("/v1/export/cases", params={"format": "xlsx"}, headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (422, "unusable-input")
    assert "csv or jsonl" in refused.json()["detail"]
    assert desk.client.get("/v1/export/cases", headers=headers).status_code == 200


def test_an_empty_memory_is_an_empty_file(desk: Desk) -> None:
    headers = desk.key("read")
    for ending in ("csv", "xlsx", "jsonl"):
        answer = desk.client.get("/v1/export/cases", params={"format": ending}, headers=headers)
        assert answer.content == b"".join(case_file([], f".{ending}")) or ending == "xlsx"
        assert answer.status_code == 200
