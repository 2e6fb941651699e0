"""The meeting sheet over HTTP: taken out of the memory, filled in, brought back, and held against what stands there."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from datetime import date as Date
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from openpyxl import load_workbook

from service.jobs.bench import Bench
from service.jobs.runner import JobRunner
from service.served.model import ServedModel
from service.settings import Settings
from service.store import decisions, suggestions
from service.store.kept import answers as kept_answers
from service.store.kept import standing
from service.store.store import Store
from tests.meetings import column
from triage import Suggestion, Triager
from triage.meeting import is_meeting, read_meeting

if TYPE_CHECKING:
    from openpyxl import Workbook

    from tests.conftest import Desk

TEXTS = (
    Suggestion("RD-1", "关于增设公交站点的建议", "北环路没有公交站。", "人大", "一次", Date(2026, 1, 8)),
    Suggestion("RD-2", "关于修复老街路灯的建议", "路灯坏了半个月。", "人大", "一次", Date(2026, 1, 9)),
    Suggestion("ZX-3", "关于充实乡村教师队伍的提案", "教师不够。", "政协", "", Date(2026, 1, 10)),
    Suggestion("BM-4", "犇骉的线索", "犇骉。", "热线", "", Date(2026, 1, 11), confidential=True),
)


@pytest.fixture
def run(desk: Desk, triager: Triager, tmp_path: Path) -> JobRunner:
    """A worker, to be stepped by hand; the memory holds four suggestions, the second decided."""
    with desk.store.write("test") as writing:
        for one in TEXTS:
            row = suggestions.create(writing, one)
            if one.id == "RD-2":
                units = triager.units
                decisions.decide(writing, row, lead=[units[0]], co=[units[1]], expected=0, day=Date(2026, 1, 12))
    return JobRunner(Bench(Settings(data=tmp_path), desk.store, ServedModel(triager)))


def done(desk: Desk, run: JobRunner, headers: dict[str, str], answer: Any) -> Any:
    """The job, after the worker has done it."""
    assert answer.status_code == 202, answer.text
    while run.step():
        pass
    return desk.client.get(f"/v1/jobs/{answer.json()['id']}", headers=headers).json()


def taken(desk: Desk, run: JobRunner, headers: dict[str, str], **body: Any) -> bytes:
    """The sheet of the memory."""
    job = done(desk, run, headers, desk.client.post("/v1/jobs", json={"kind": "sheet", **body}, headers=headers))
    assert job["state"] == "done", job["problem"]
    answer = desk.client.get(f"/v1/jobs/{job['id']}/result", headers=headers)
    assert answer.headers["content-type"].endswith("spreadsheetml.sheet")
    return bytes(answer.content)


def brought(desk: Desk, run: JobRunner, headers: dict[str, str], content: bytes, name: str = "交办表.xlsx") -> Any:
    """The job of the sheet that came back."""
    sent = desk.client.post("/v1/jobs", data={"kind": "decided"}, files={"file": (name, content)}, headers=headers)
    return done(desk, run, headers, sent)


def records(desk: Desk, headers: dict[str, str], job: Any) -> dict[str, Any]:
    assert job["state"] == "done", job["problem"]
    lines = desk.client.get(f"/v1/jobs/{job['id']}/result", headers=headers).text.splitlines()
    return {record["id"]: record for record in map(json.loads, lines)}


def filled(content: bytes, change: Callable[[Workbook], Any]) -> bytes:
    book = load_workbook(io.BytesIO(content))
    change(book)
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def put(ref: str, **cells: str) -> Callable[[Workbook], None]:
    """Fill in the row of an id, by headers."""

    def change(book: Workbook) -> None:
        page = book["交办表"]
        row = next(row for row in range(2, page.max_row + 1) if page.cell(row, 1).value == ref)
        for header, text in cells.items():
            page.cell(row, column(page, header)).value = text

    return change


def rows_of(content: bytes) -> dict[str, dict[str, Any]]:
    page = load_workbook(io.BytesIO(content))["交办表"]
    header, *rows = page.values
    return {str(row[0]): dict(zip(map(str, header), row, strict=True)) for row in rows}


def test_a_sheet_goes_out_and_comes_back(desk: Desk, run: JobRunner, triager: Triager, tmp_path: Path) -> None:
    headers = desk.key("triage")
    content = taken(desk, run, headers)
    (tmp_path / "a.xlsx").write_bytes(content)
    assert is_meeting(tmp_path / "a.xlsx")
    assert [row.case.suggestion.id for row in read_meeting(tmp_path / "a.xlsx").rows] == ["RD-1", "RD-2", "ZX-3"]
    shown = rows_of(content)
    (answer,) = triager.triage(TEXTS[:1])
    assert shown["RD-1"]["建议主办"] == answer.lead[0].unit
    assert (shown["RD-2"]["确定主办"], shown["RD-2"]["确定会办"]) == triager.units[:2]
    other = triager.units[2]

    def change(book: Workbook) -> None:
        put("RD-1", 确定主办="同意")(book)
        put("RD-2", 确定主办=other, 原因="会上改派")(book)

    told = records(desk, headers, brought(desk, run, headers, filled(content, change)))
    assert {ref: record["change"] for ref, record in told.items()} == {
        "RD-1": "new",
        "RD-2": "changed",
        "ZX-3": "undecided",
    }
    first, second, third = told["RD-1"], told["RD-2"], told["ZX-3"]
    assert first["decided"]["lead"] == [answer.lead[0].unit] == first["suggested"]["lead"]
    assert (first["before"], first["expected"], first["title"]) == (None, 0, TEXTS[0].title)
    assert second["before"] == {"lead": [triager.units[0]], "co": [triager.units[1]], "topics": [], "number": 1}
    assert second["decided"] == {"lead": [other], "co": [triager.units[1]], "topics": [], "reason": "会上改派"}
    assert (second["expected"], second["address"]) == (1, "交办表!A3")
    assert (third["decided"], third["before"]) == (None, None)
    with desk.store.read() as session:
        assert {row.state for row in session.query(suggestions.SuggestionRow)} == {"open", "decided"}, "untouched"
        assert suggestions.find(session, "RD-2", confidential=False).decision == 1


def test_a_sheet_as_it_was_taken_changes_nothing(desk: Desk, run: JobRunner) -> None:
    headers = desk.key("triage")
    told = records(desk, headers, brought(desk, run, headers, taken(desk, run, headers)))
    assert {ref: one["change"] for ref, one in told.items()} == {
        "RD-1": "undecided",
        "RD-2": "same",
        "ZX-3": "undecided",
    }


def test_the_filter_chooses_the_rows(desk: Desk, run: JobRunner) -> None:
    headers = desk.key("triage")
    assert list(rows_of(taken(desk, run, headers, filter={"source": ["政协"]}))) == ["ZX-3"]
    answer = desk.client.post("/v1/jobs", json={"kind": "sheet", "filter": {"source": ["没有"]}}, headers=headers)
    job = done(desk, run, headers, answer)
    assert (job["state"], job["problem"]["code"]) == ("failed", "unusable-input")


def test_a_kept_answer_is_shown_and_none_is_asked_anew(
    desk: Desk, run: JobRunner, triager: Triager, monkeypatch: pytest.MonkeyPatch
) -> None:
    unit = triager.units[3]
    (answer,) = triager.triage(TEXTS[:1])
    kept = json.loads(json.dumps(answer.to_dict()))
    kept["lead"] = [{"unit": unit, "score": 0.77}]
    with desk.store.write("test") as writing:
        row = suggestions.find(writing.session, "RD-1", confidential=False)
        number = suggestions.keep_answer(writing, row, kept, answer.model, "").id
        other = suggestions.find(writing.session, "ZX-3", confidential=False)
        suggestions.keep_answer(writing, other, kept | {"id": "ZX-3"}, "another model", "")
    asked: list[str] = []
    whole = Triager.triage

    def counted(self: Triager, some: Any, **rest: Any) -> Any:
        asked.extend(one.id for one in some)
        return whole(self, some, **rest)

    monkeypatch.setattr(Triager, "triage", counted)
    headers = desk.key("triage")
    content = taken(desk, run, headers)
    assert rows_of(content)["RD-1"]["建议主办"] == unit
    assert asked == ["RD-2", "ZX-3"]
    told = records(desk, headers, brought(desk, run, headers, filled(content, put("RD-1", 确定主办="同意"))))
    assert told["RD-1"]["answer"] == number
    assert told["RD-1"]["decided"]["lead"] == [unit]
    assert told["RD-2"]["answer"] is None


def test_merges_and_conflicts_among_the_rows_come_where_they_are_asked_for(desk: Desk, run: JobRunner) -> None:
    with desk.store.write("test") as writing:
        suggestions.create(writing, Suggestion("ZX-9", TEXTS[0].title, TEXTS[0].text, "政协"))
    headers = desk.key("triage")
    plain = load_workbook(io.BytesIO(taken(desk, run, headers))).sheetnames
    compared = load_workbook(io.BytesIO(taken(desk, run, headers, options={"together": True}))).sheetnames
    assert set(plain) < set(compared)
    assert "并案建议" in compared


def test_a_file_becomes_a_sheet_as_the_command_line_makes_it(desk: Desk, run: JobRunner, triager: Triager) -> None:
    headers = desk.key("triage")
    file = ("来件.csv", "编号,标题\n1,关于增设公交站点的建议\n2,关于修复路灯的建议\n".encode())
    sent = desk.client.post("/v1/jobs", data={"kind": "sheet"}, files={"file": file}, headers=headers)
    job = done(desk, run, headers, sent)
    content = desk.client.get(f"/v1/jobs/{job['id']}/result", headers=headers).content
    shown = rows_of(content)
    done_there = triager.together([Suggestion("1", "关于增设公交站点的建议"), Suggestion("2", "关于修复路灯的建议")])
    assert [row["建议主办"] for row in shown.values()] == [one.lead[0].unit for one in done_there.answers]
    told = records(desk, headers, brought(desk, run, headers, filled(content, put("1", 确定主办="同意"))))
    assert {one["change"] for one in told.values()} == {"unknown"}, "none of them is in the memory"
    assert told["1"]["title"] == "关于增设公交站点的建议"


def test_confidential_rows_are_those_of_who_may_see_them(desk: Desk, run: JobRunner, triager: Triager) -> None:
    may, may_not = desk.key("triage", confidential=True), desk.key("triage")
    content = taken(desk, run, may)
    assert rows_of(content)["BM-4"]["标题"] == "（保密件）"
    assert b"BM-4" not in taken(desk, run, may_not)
    full = filled(content, put("BM-4", 确定主办=triager.units[0]))
    job = brought(desk, run, may, full)
    assert job["confidential"]
    assert records(desk, may, job)["BM-4"]["change"] == "new"
    assert desk.client.get(f"/v1/jobs/{job['id']}", headers=may_not).status_code == 404
    hidden = records(desk, may_not, brought(desk, run, may_not, full))["BM-4"]
    assert (hidden["change"], hidden["before"], hidden["title"]) == ("unknown", None, "")


def test_each_cell_that_cannot_be_read_is_named_and_nothing_is_changed(
    desk: Desk, run: JobRunner, triager: Triager
) -> None:
    headers = desk.key("triage")
    content = taken(desk, run, headers)

    def change(book: Workbook) -> None:
        put("RD-1", 确定主办="没有这个单位某某")(book)
        put("ZX-3", 确定会办=triager.units[0])(book)

    job = brought(desk, run, headers, filled(content, change))
    assert (job["state"], job["problem"]["code"], job["problem"]["status"]) == ("failed", "unusable-upload", 422)
    pointers = [one["pointer"] for one in job["problem"]["errors"]]
    page = load_workbook(io.BytesIO(content))["交办表"]
    lead, co = (page.cell(1, column(page, name)).column_letter for name in ("确定主办", "确定会办"))
    assert pointers == [f"#/cells/交办表!{lead}2", f"#/cells/交办表!{co}4"]
    assert all(one["detail_zh"] for one in job["problem"]["errors"])
    assert f"交办表!{lead}2" in job["problem"]["detail_zh"]
    assert "共2处" in job["problem"]["detail_zh"]


def test_a_decision_that_was_made_meanwhile_is_told(desk: Desk, run: JobRunner, triager: Triager) -> None:
    headers = desk.key("triage")
    content = taken(desk, run, headers)

    def earlier(book: Workbook) -> None:
        put("RD-2", 确定主办=triager.units[4])(book)
        page = book["数据-来历"]
        for row in page.iter_rows():
            if row[0].value == "day":
                row[1].value = (decisions.today() - timedelta(days=9)).isoformat()

    told = records(desk, headers, brought(desk, run, headers, filled(content, earlier)))["RD-2"]
    assert told["change"] == "changed"
    assert any("已登记新的决定" in notice for notice in told["notices"])


def test_other_names_of_units_are_told_with_their_row(desk: Desk, run: JobRunner, triager: Triager) -> None:
    headers = desk.key("triage")
    content = taken(desk, run, headers)
    unit = next(unit for unit in triager.catalogue.current() if unit.short_name or unit.aliases)
    other = unit.short_name or unit.aliases[0]
    told = records(desk, headers, brought(desk, run, headers, filled(content, put("RD-1", 确定主办=other))))
    assert told["RD-1"]["decided"]["lead"] == [unit.name]
    assert any(other in notice and unit.name in notice for notice in told["RD-1"]["notices"])
    assert not any(other in notice for notice in told["RD-2"]["notices"])


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.xlsx", b"PK\x03\x04 nothing"), ("a.csv", "编号,确定主办\n1,教育局\n".encode()), ("a.jsonl", b"{}")],
)
def test_what_is_no_meeting_sheet_is_refused(desk: Desk, run: JobRunner, name: str, content: bytes) -> None:
    headers = desk.key("triage")
    job = brought(desk, run, headers, content, name)
    assert (job["state"], job["problem"]["code"]) == ("failed", "unusable-upload")
    assert job["problem"]["errors"][0]["pointer"] == "#/file"


def test_what_cannot_be_asked_is_refused(desk: Desk) -> None:
    headers = desk.key("triage")
    for body in (
        {"kind": "decided"},
        {"kind": "sheet", "options": {"store": True}},
        {"kind": "sheet", "options": {"format": "csv"}},
        {"kind": "decided", "options": {"together": True}},
    ):
        assert desk.client.post("/v1/jobs", json=body, headers=headers).status_code == 422, body


# --- what the memory tells of many at once ---------------------------------------------------------------------------


def test_only_answers_to_this_wording_by_this_model_are_kept_ones(store: Store) -> None:
    with store.write("test") as writing:
        for ref, model, catalogue in (("1", "m", ""), ("2", "old", ""), ("3", "m", "4")):
            row = suggestions.create(writing, Suggestion(ref, "路灯"))
            suggestions.keep_answer(writing, row, {"id": ref, "lead": []}, model, catalogue)
        row = suggestions.create(writing, Suggestion("5", "路灯"))
        suggestions.keep_answer(writing, row, {"id": "5"}, "m", "")
        suggestions.revise(writing, row, Suggestion("5", "桥"), 1)
        row = suggestions.create(writing, Suggestion("6", "路灯", confidential=True))
        suggestions.keep_answer(writing, row, {"id": "6"}, "m", "")
    refs = ["1", "2", "3", "4", "5", "6"]
    with store.read() as session:
        assert set(kept_answers(session, refs, "m", "", confidential=False)) == {"1"}
        assert set(kept_answers(session, refs, "m", "", confidential=True)) == {"1", "6"}
        assert set(kept_answers(session, refs, "m", "4", confidential=True)) == {"3"}
        assert kept_answers(session, [], "m", "", confidential=True) == {}


def test_how_suggestions_stand_is_told_also_after_a_withdrawal(store: Store) -> None:
    with store.write("test") as writing:
        one = suggestions.create(writing, Suggestion("1", "修桥"))
        decisions.decide(writing, one, lead=["水利局"], co=["财政局"], topics=["桥"], expected=0)
        two = suggestions.create(writing, Suggestion("2", "修路"))
        decisions.decide(writing, two, lead=["水利局"], expected=0)
        decisions.withdraw(writing, two, expected=1)
        suggestions.create(writing, Suggestion("3", "密", confidential=True))
    with store.read() as session:
        held = standing(session, ["1", "2", "3", "4"], confidential=False)
        assert set(held) == {"1", "2"}
        assert set(standing(session, ["3"], confidential=True)) == {"3"}
    assert (held["1"].number, held["1"].lead, held["1"].co, held["1"].topics) == (1, ("水利局",), ("财政局",), ("桥",))
    assert (held["2"].number, held["2"].lead, held["2"].answer) == (2, (), 0)


@pytest.mark.parametrize("field", [{"sheet": "第二张"}, {"columns": '{"编号": "id"}'}])
def test_how_cases_are_read_says_nothing_of_a_meeting_sheet(desk: Desk, field: dict[str, str]) -> None:
    given = {"kind": "decided", **field}
    sent = desk.client.post(
        "/v1/jobs", data=given, files={"file": ("交办表.xlsx", b"PK\x03\x04")}, headers=desk.key("triage")
    )
    assert (sent.status_code, sent.json()["code"]) == (422, "invalid-request")
    assert next(iter(field)) in sent.json()["detail"]
