"""``/v1/jobs``: handed in as JSON or as a form, followed, fetched, cancelled; seen by whom it concerns."""

from __future__ import annotations

import base64
import csv
import io
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest

from service.jobs import results
from service.jobs.bench import Bench
from service.jobs.runner import JobRunner
from service.served.model import ServedModel
from service.settings import Settings
from service.store import decisions, keys
from service.store.suggestions import create, find
from service.store.tables_service import DeliveryRow, WebhookRow
from triage.datasets import read_cases, read_suggestions
from triage.records import Suggestion
from triage.results import write_results

if TYPE_CHECKING:
    from tests.conftest import Desk
    from triage import Triager

FILE = (
    "编号,标题,正文\n"
    "RD1,关于修复老街路灯的建议,路灯坏了半个月。\n"
    "ZX2,=关于增设公交站点的提案,\n"
    "RX3,老街的路灯全坏了,请尽快修好\n"
)


@pytest.fixture
def run(desk: Desk, triager: Triager, tmp_path: Path) -> JobRunner:
    """A worker, to be stepped by hand."""
    return JobRunner(Bench(Settings(data=tmp_path), desk.store, ServedModel(triager)))


def work(run: JobRunner) -> None:
    while run.step():
        pass


def upload(
    desk: Desk,
    headers: dict[str, str],
    content: str | bytes = FILE,
    name: str = "来件.csv",
    kind: str = "triage",
    more: dict[str, str] | None = None,
    **options: Any,
) -> Any:
    data = {"kind": kind, **({"options": json.dumps(options)} if options else {})}
    file = (name, content.encode() if isinstance(content, str) else content)
    return desk.client.post("/v1/jobs", data=data, files={"file": file}, headers=headers | (more or {}))


def ask(desk: Desk, headers: dict[str, str], kind: str, wanted: dict[str, Any] | None = None, **options: Any) -> Any:
    body = {"kind": kind, "options": options} | ({"filter": wanted} if wanted is not None else {})
    return desk.client.post("/v1/jobs", json=body, headers=headers)


def fetched(desk: Desk, headers: dict[str, str], job: str, form: str | None = None) -> Any:
    return desk.client.get(f"/v1/jobs/{job}/result", params={"format": form} if form else {}, headers=headers)


@pytest.fixture
def clerk(desk: Desk) -> dict[str, str]:
    return desk.key("triage")


@pytest.fixture
def stored(desk: Desk, root: Path) -> list[Suggestion]:
    """The examples' suggestions, in the memory."""
    found = [case.suggestion for case in read_cases(root / "examples" / "cases.csv")][:30]
    with desk.store.write("test") as writing:
        for suggestion in found:
            create(writing, suggestion)
    return found


def test_a_file_becomes_answers_as_the_library_and_the_command_line_give_them(
    desk: Desk, run: JobRunner, clerk: dict[str, str], triager: Triager, tmp_path: Path
) -> None:
    answer = upload(desk, clerk)
    assert answer.status_code == 202
    job = answer.json()["id"]
    assert answer.headers["location"] == f"/v1/jobs/{job}"
    assert (answer.json()["state"], answer.json()["result"], answer.json()["name"]) == ("queued", None, "来件.csv")
    assert fetched(desk, clerk, job).json()["code"] == "not-finished"
    work(run)
    told = desk.client.get(f"/v1/jobs/{job}", headers=clerk).json()
    assert (told["state"], told["done"], told["total"], told["failures"]) == ("done", 3, 3, 0)
    (tmp_path / "来件.csv").write_text(FILE, "utf-8")
    suggestions = read_suggestions(tmp_path / "来件.csv")
    answers = triager.triage(suggestions)
    assert told["result"] == f"/v1/jobs/{job}/result"
    for form in results.FORMS:
        write_results(tmp_path / f"library.{form}", suggestions, answers)
        content = fetched(desk, clerk, job, form).content
        if form == "xlsx":
            assert cells(content) == cells((tmp_path / "library.xlsx").read_bytes())
        else:
            assert content == (tmp_path / f"library.{form}").read_bytes()
    assert fetched(desk, clerk, job).content == fetched(desk, clerk, job, "jsonl").content


def cells(content: bytes) -> dict[str, list[tuple[Any, ...]]]:
    book = openpyxl.load_workbook(io.BytesIO(content))
    return {page.title: list(page.iter_rows(values_only=True)) for page in book}


def test_one_sitting_is_what_recommend_writes(
    desk: Desk, run: JobRunner, clerk: dict[str, str], triager: Triager, tmp_path: Path
) -> None:
    job = upload(desk, clerk, together=True).json()["id"]
    work(run)
    (tmp_path / "来件.csv").write_text(FILE, "utf-8")
    done = triager.together(read_suggestions(tmp_path / "来件.csv"))
    lines = [json.loads(line) for line in fetched(desk, clerk, job).text.splitlines()]
    assert lines == [json.loads(json.dumps(answer.to_dict())) for answer in done.answers]
    assert next(iter(cells(fetched(desk, clerk, job, "xlsx").content))) == "交办建议"


@pytest.mark.parametrize(
    ("kind", "options", "sheets"),
    [
        ("check", {"on": "2025-03-01"}, ["预审", "预审明细"]),
        ("duplicates", {"k": 5, "least": "same matter"}, ["重复", "并案建议", "同事不同办"]),
        ("groups", {}, ["并案建议"]),
        ("conflicts", {}, ["同事不同办"]),
        ("hot", {"least_texts": 2}, ["热点事项", "说明"]),
    ],
)
def test_each_kind_works_on_a_file_and_on_the_memory(
    desk: Desk, run: JobRunner, clerk: dict[str, str], stored: list[Suggestion], kind: str, options: Any, sheets: Any
) -> None:
    for answer in (upload(desk, clerk, kind=kind, **options), ask(desk, clerk, kind, **options)):
        assert answer.status_code == 202, answer.text
        work(run)
        job = desk.client.get(answer.headers["location"], headers=clerk).json()
        assert (job["state"], job["problem"]) == ("done", None)
        assert job["done"] == job["total"] > 0
        assert list(cells(fetched(desk, clerk, job["id"], "xlsx").content)) == sheets
        header = next(csv.reader(io.StringIO(fetched(desk, clerk, job["id"], "csv").content.decode("utf-8-sig"))))
        assert header
        lines = [json.loads(line) for line in fetched(desk, clerk, job["id"]).text.splitlines()]
        if kind in {"check", "duplicates"}:
            assert len(lines) == job["total"]


@pytest.mark.parametrize("form", ["xlsx", "html", "docx"])
def test_a_report_is_a_file(
    desk: Desk, run: JobRunner, clerk: dict[str, str], stored: list[Suggestion], form: str
) -> None:
    answer = ask(desk, clerk, "report", report="overview", format=form)
    work(run)
    got = fetched(desk, clerk, answer.json()["id"])
    assert got.status_code == 200, got.text
    assert got.headers["content-type"] == results.media_type(f".{form}")
    assert f"report-{answer.json()['id'][:8]}.{form}" in got.headers["content-disposition"]
    assert got.headers["x-content-type-options"] == "nosniff"
    assert ("content-security-policy" in got.headers) == (form == "html")
    assert len(got.content) > 1000
    assert fetched(desk, clerk, answer.json()["id"], "csv").status_code == 422


def test_an_export_is_a_file_of_the_decided_cases(
    desk: Desk, run: JobRunner, clerk: dict[str, str], stored: list[Suggestion], tmp_path: Path
) -> None:
    with desk.store.write("test") as writing:
        for one in stored[1:3]:
            row = find(writing.session, one.id, confidential=True)
            decisions.decide(writing, row, lead=["教育局"], expected=0)
    answer = ask(desk, clerk, "export", format="jsonl")
    work(run)
    (tmp_path / "cases.jsonl").write_bytes(fetched(desk, clerk, answer.json()["id"]).content)
    exported = read_cases(tmp_path / "cases.jsonl")
    assert [(case.suggestion, case.leads) for case in exported] == [(one, ("教育局",)) for one in stored[1:3]]


def test_stored_suggestions_can_be_answered_and_the_answers_kept(
    desk: Desk, run: JobRunner, clerk: dict[str, str], stored: list[Suggestion]
) -> None:
    job = ask(desk, clerk, "triage", {"source": [stored[0].source]}, store=True).json()["id"]
    work(run)
    chosen = [one for one in stored if one.source == stored[0].source]
    lines = [json.loads(line) for line in fetched(desk, clerk, job).text.splitlines()]
    assert [line["id"] for line in lines] == [one.id for one in chosen]
    kept = desk.client.get(f"/v1/suggestions/{stored[0].id}/answers", headers=clerk).json()
    assert kept["answers"][0]["triaged"] == lines[0]


def test_rows_that_fail_say_so_in_every_form(
    desk: Desk, run: JobRunner, clerk: dict[str, str], stored: list[Suggestion]
) -> None:
    job = upload(desk, clerk, f"编号,标题\n{stored[0].id},关于修路的建议\n新1,关于建桥的建议\n", store=True).json()[
        "id"
    ]
    work(run)
    lines = [json.loads(line) for line in fetched(desk, clerk, job).text.splitlines()]
    assert lines[0]["problem"]["code"] == "already-there"
    assert lines[1]["lead"]
    rows = list(csv.reader(io.StringIO(fetched(desk, clerk, job, "csv").content.decode("utf-8-sig"))))
    assert rows[1][1].startswith("（未处理：")
    assert [row[0] for row in cells(fetched(desk, clerk, job, "xlsx").content)["交办建议"][1:]] == [stored[0].id, "新1"]


def test_the_same_upload_under_one_idempotency_key_is_one_job(desk: Desk, clerk: dict[str, str]) -> None:
    key = {"Idempotency-Key": "session-18-4"}
    first, again = upload(desk, clerk, more=key), upload(desk, clerk, more=key)
    assert first.json()["id"] == again.json()["id"]
    assert again.headers["idempotency-replayed"] == "true"
    assert upload(desk, clerk, FILE + "Z,又一件,\n", more=key).json()["code"] == "idempotency-mismatch"
    assert len(desk.client.get("/v1/jobs", headers=clerk).json()["jobs"]) == 1


def test_a_job_is_seen_by_its_key_and_by_administrators(desk: Desk, run: JobRunner, clerk: dict[str, str]) -> None:
    mine = upload(desk, clerk).json()["id"]
    secret = upload(desk, clerk, "标题,保密\n关于某事的建议,是\n").json()["id"]
    work(run)
    other, admin, full = desk.key("triage"), desk.key("admin"), desk.key("admin", confidential=True)
    for headers, seen in ((clerk, {mine, secret}), (other, set()), (admin, {mine}), (full, {mine, secret})):
        assert {job["id"] for job in desk.client.get("/v1/jobs", headers=headers).json()["jobs"]} == seen
        for job in (mine, secret):
            status = 200 if job in seen else 404
            for path in ("", "/result", "/events"):
                assert desk.client.get(f"/v1/jobs/{job}{path}", headers=headers).status_code == status
            assert desk.client.delete(f"/v1/jobs/{job}", headers=headers).status_code == status


def test_a_key_that_follows_another_sees_its_jobs(desk: Desk) -> None:
    with desk.store.write("test") as writing:
        old = keys.make(writing, "clerk", ["triage"])
    headers = {"Authorization": f"Bearer {old.token}"}
    job = upload(desk, headers).json()["id"]
    with desk.store.write("test") as writing:
        new = keys.rotate(writing, old.token.split("_")[1])
    found = desk.client.get(f"/v1/jobs/{job}", headers={"Authorization": f"Bearer {new.token}"})
    assert found.status_code == 200


def test_a_job_on_the_memory_sees_what_its_key_may_see(desk: Desk, run: JobRunner, clerk: dict[str, str]) -> None:
    with desk.store.write("test") as writing:
        for suggestion in (
            Suggestion(id="open", title="关于修路的建议"),
            Suggestion(id="secret", title="关于某事的建议", confidential=True),
        ):
            decisions.decide(writing, create(writing, suggestion), lead=["交通运输局"], expected=0)
    full = desk.key("triage", confidential=True)
    for headers, refs in ((clerk, ["open"]), (full, ["open", "secret"])):
        for kind in ("triage", "check", "duplicates", "export"):
            job = ask(desk, headers, kind, **({"format": "jsonl"} if kind == "export" else {})).json()["id"]
            work(run)
            lines = fetched(desk, headers, job).text.splitlines()
            assert [json.loads(line)["id"] for line in lines] == refs


def test_jobs_are_listed_a_page_at_a_time(desk: Desk, run: JobRunner, clerk: dict[str, str]) -> None:
    made = [upload(desk, clerk).json()["id"] for _ in range(5)]
    seen, cursor = [], ""
    for _ in range(3):
        page = desk.client.get("/v1/jobs", params={"limit": 2, "cursor": cursor}, headers=clerk).json()
        seen += [job["id"] for job in page["jobs"]]
        cursor = page["next"]
    assert seen == made[::-1]
    assert cursor is None
    run.step()
    assert len(desk.client.get("/v1/jobs", params={"state": "running"}, headers=clerk).json()["jobs"]) == 1
    moments = ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00")
    beyond = [base64.urlsafe_b64encode(json.dumps([moment, "x"]).encode()).decode() for moment in moments]
    for wrong in (
        "x",
        "W10",
        "WyJhIiwiYiJd",
        "é",
        *(base64.urlsafe_b64encode(one.encode()).decode() for one in beyond),
    ):
        assert desk.client.get("/v1/jobs", params={"cursor": wrong}, headers=clerk).status_code == 422


def events_of(text: str) -> list[tuple[str, str, dict[str, Any]]]:
    found = []
    for block in text.split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if ": " in line and not line.startswith(":"))
        if "event" in fields:
            found.append((fields["id"], fields["event"], json.loads(fields["data"])))
    return found


def test_events_tell_until_it_has_ended_and_go_on_where_they_were(
    desk: Desk, run: JobRunner, clerk: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from service.endpoints import job_results

    monkeypatch.setattr(job_results, "LONGEST", 0.7)
    monkeypatch.setattr(job_results, "PAUSE", 0.1)
    monkeypatch.setattr(job_results, "ALIVE", 0.3)
    job = upload(desk, clerk).json()["id"]
    path = f"/v1/jobs/{job}/events"
    waiting = desk.client.get(path, headers=clerk)
    assert waiting.headers["content-type"].startswith("text/event-stream")
    assert [(mark, name) for mark, name, _ in events_of(waiting.text)] == [("queued.0.0", "progress")]
    assert ": still there" in waiting.text
    assert not events_of(desk.client.get(path, headers=clerk | {"Last-Event-ID": "queued.0.0"}).text)
    work(run)
    ended = desk.client.get(path, headers=clerk | {"Last-Event-ID": "queued.0.0"})
    assert events_of(ended.text) == [
        ("done.3.3", "finished", {"id": job, "state": "done", "done": 3, "total": 3, "failures": 0})
    ]
    assert desk.client.get(path, headers=clerk | {"Last-Event-ID": "done.3.3"}).status_code == 204


def test_a_stream_does_not_hold_up_a_server_that_stops(desk: Desk, clerk: dict[str, str]) -> None:
    job = upload(desk, clerk).json()["id"]
    desk.client.app.state.stops = lambda: True  # type: ignore[attr-defined]
    told = desk.client.get(f"/v1/jobs/{job}/events", headers=clerk)
    assert [mark for mark, _, _ in events_of(told.text)] == ["queued.0.0"]


def test_no_more_streams_than_allowed(desk: Desk, clerk: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    from service.endpoints import job_results

    monkeypatch.setattr(job_results, "MOST_STREAMS", 0)
    job = upload(desk, clerk).json()["id"]
    assert desk.client.get(f"/v1/jobs/{job}/events", headers=clerk).json()["code"] == "queue-full"


def test_a_job_is_cancelled(desk: Desk, run: JobRunner, clerk: dict[str, str]) -> None:
    job = upload(desk, clerk).json()["id"]
    assert desk.client.delete(f"/v1/jobs/{job}", headers=clerk).json()["state"] == "cancelled"
    assert not run.step()
    assert fetched(desk, clerk, job).json()["code"] == "no-result"
    assert desk.client.delete(f"/v1/jobs/{job}", headers=desk.key("read")).status_code == 403


def test_who_asked_is_told_once_when_a_job_has_ended(desk: Desk, run: JobRunner, clerk: dict[str, str]) -> None:
    with desk.store.write("test") as writing:
        hook = WebhookRow(id="wh_1", url="http://127.0.0.1:9/", events=["job.finished"], secret="s", actor="test")
        writing.session.add(hook)
    good, bad, gone = (upload(desk, clerk, content).json()["id"] for content in (FILE, "标题,日期\n甲,昨天\n", FILE))
    desk.client.delete(f"/v1/jobs/{gone}", headers=clerk)
    work(run)
    with desk.store.read() as session:
        told = [row.payload["data"] for row in session.query(DeliveryRow)]
    assert {(one["job"], one["state"]) for one in told} == {(good, "done"), (bad, "failed"), (gone, "cancelled")}
    assert len(told) == 3
    assert "昨天" not in json.dumps(told, ensure_ascii=False)


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({}, "#/kind: is missing"),
        ({"kind": "other"}, "#/kind"),
        ({"kind": "groups", "options": {"k": 3}}, "the kind groups has no option k; allowed: none"),
        ({"kind": "report"}, "the option report is needed"),
        ({"kind": "report", "options": {"report": "overview", "format": "csv"}}, "written as xlsx, html, docx"),
        ({"kind": "triage", "options": {"store": True, "together": True}}, "do not go together"),
        ({"kind": "hot", "options": {"since": "2025-03-01", "until": "2025-02-01"}}, "ends before it begins"),
        ({"kind": "hot", "options": {"since": "2025-03-01", "period": "month"}}, "since or period"),
        ({"kind": "triage", "options": {"titel": 1}}, "unknown field 'titel'"),
        ({"kind": "triage", "rows": []}, "unknown field 'rows'"),
        ({"kind": "triage", "filter": {"state": ["lost"]}}, "#/filter/state/0"),
        ({"kind": "triage", "filter": {"since": "2025-03-01", "until": "2025-02-01"}}, "has no day"),
    ],
)
def test_what_cannot_be_asked_is_refused(desk: Desk, clerk: dict[str, str], body: Any, told: str) -> None:
    answer = desk.client.post("/v1/jobs", json=body, headers=clerk)
    assert answer.status_code == 422
    assert told in answer.json()["detail"]


def test_a_filter_that_chooses_nothing_or_too_much_fails_the_job(
    desk: Desk, clerk: dict[str, str], stored: list[Suggestion], triager: Triager, tmp_path: Path
) -> None:
    narrow = JobRunner(Bench(Settings(data=tmp_path, max_job_rows=5), desk.store, ServedModel(triager)))
    for kind in ("triage", "groups"):
        job = ask(desk, clerk, kind).json()["id"]
        work(narrow)
        assert desk.client.get(f"/v1/jobs/{job}", headers=clerk).json()["problem"]["code"] == "too-many-rows"
    job = ask(desk, clerk, "groups", {"source": ["没有"]}).json()["id"]
    work(narrow)
    assert "chooses no suggestion" in desk.client.get(f"/v1/jobs/{job}", headers=clerk).json()["problem"]["detail"]


def test_one_key_cannot_fill_the_queue(desk: Desk, clerk: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.jobs.queue.MOST_WAITING", 2)
    first, _ = (upload(desk, clerk).json()["id"] for _ in range(2))
    full = upload(desk, clerk)
    assert (full.status_code, full.json()["code"], full.headers["Retry-After"]) == (503, "queue-full", "60")
    assert upload(desk, desk.key("triage")).status_code == 202
    desk.client.delete(f"/v1/jobs/{first}", headers=clerk)
    assert upload(desk, clerk).status_code == 202
