"""What the index still holds of a suggestion that has turned confidential: no job that may not see it names it."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import select, update

from service.jobs import comparing
from service.jobs.bench import Bench
from service.jobs.queue import find, submit
from service.jobs.runner import JobRunner
from service.jobs.work import tables_of
from service.served.model import ServedModel
from service.settings import Settings
from service.store.store import Store
from service.store.suggestions import create
from service.store.tables import AnswerRow
from service.store.tables_service import JobItem, JobRow
from triage.records import Case, Suggestion

if TYPE_CHECKING:
    from triage import Triager

TITLE = "关于在学府路北段加装路灯的建议"
TEXT = "学府路北段没有路灯，夜里很黑，学生下晚自习不安全，请加装路灯。"
FILE = f"编号,标题,正文\nN1,{TITLE},{TEXT}\nN2,关于清理护城河淤泥的建议,护城河淤泥很多，请清理。\n".encode()


@pytest.fixture
def bench(store: Store, triager: Triager, tmp_path: Path) -> Iterator[Bench]:
    """An index that holds two texts on the matter of the file, handled by two units, of which one is confidential."""
    lead, other = triager.units[:2]
    path = tmp_path / "texts.index"
    with triager.index(path, create=True) as index:
        index.add([Case(Suggestion("open", TITLE, TEXT), (lead,)), Case(Suggestion("secret", TITLE, TEXT), (other,))])
    with store.write("test") as writing:
        create(writing, Suggestion("open", TITLE, TEXT))
        create(writing, Suggestion("secret", TITLE, TEXT, confidential=True))
    made = ServedModel(triager)
    settings = Settings(data=tmp_path, index=path)
    made.open(settings, store)
    yield Bench(settings, store, made)
    made.close()


def result(
    store: Store, bench: Bench, kind: str, /, *, may_see: bool = False, file: bytes = FILE, **options: Any
) -> str:
    """All that the result of a job on the file holds, as text."""
    with store.write("key:test") as writing:
        job_id = submit(writing, kind, options, key_id="test", upload=("来件.csv", file)).id
        if may_see:
            writing.session.execute(update(JobRow).where(JobRow.id == job_id).values(confidential=True))
    runner = JobRunner(bench)
    while runner.step():
        pass
    with store.read() as session:
        job = find(session, job_id)
        assert (job.state, job.failures) == ("done", 0), job.problem
        rows = list(session.scalars(select(JobItem.result).where(JobItem.job_id == job_id)))
        if job.output and job.output_name.endswith(".xlsx"):
            book = load_workbook(io.BytesIO(job.output))
            return json.dumps([list(line) for page in book for line in page.values], ensure_ascii=False)
        if job.output and job.output_name:
            return job.output.decode()
        return json.dumps(tables_of(job.output) if job.output else rows, ensure_ascii=False)


KINDS: list[tuple[str, dict[str, Any]]] = [
    ("triage", {}),
    ("triage", {"together": True}),
    ("triage", {"store": True}),
    ("check", {}),
    ("duplicates", {}),
    ("sheet", {}),
]


@pytest.mark.parametrize(("kind", "options"), KINDS)
def test_no_job_names_what_it_may_not_see(store: Store, bench: Bench, kind: str, options: dict[str, Any]) -> None:
    told = result(store, bench, kind, **options)
    assert "secret" not in told
    assert "open" in told, "the other text is found"
    if "store" in options:
        with store.read() as session:
            assert "secret" not in json.dumps(list(session.scalars(select(AnswerRow.answer))))


@pytest.mark.parametrize(("kind", "options"), KINDS)
def test_who_may_see_it_is_told(store: Store, bench: Bench, kind: str, options: dict[str, Any]) -> None:
    assert "secret" in result(store, bench, kind, may_see=True, **options)


def test_a_matter_that_names_it_is_left_out_of_the_conflicts(store: Store, bench: Bench) -> None:
    assert "secret" not in result(store, bench, "conflicts")
    assert "secret" in result(store, bench, "conflicts", may_see=True)


def test_a_report_on_a_file_leaves_it_out(store: Store, bench: Bench, triager: Triager) -> None:
    file = f"编号,标题,正文,主办\nN1,{TITLE},{TEXT},{triager.units[2]}\n".encode()
    options = {"report": "conflicts", "format": "json"}
    told = result(store, bench, "report", file=file, **options)
    assert "open" in told
    assert "secret" not in told
    assert "secret" in result(store, bench, "report", file=file, may_see=True, **options)


def test_the_cells_of_a_row_are_made_anew(store: Store, bench: Bench) -> None:
    from service.jobs.kinds import Answered
    from service.jobs.rows import triaged_sheets
    from service.jobs.sight import rows_seen
    from service.jobs.sources import Order, Row

    suggestion = Suggestion("N1", TITLE, TEXT)
    answering = bench.answering()
    (answer,) = answering.triager.triage([suggestion], history=answering.index)
    record = answer.to_dict()
    cells = [[list(line) for line in sheet.rows] for sheet in triaged_sheets(suggestion, record)]
    order = Order("j", "triage", {}, "key:test", False, "来件.csv")
    (seen,) = rows_seen(store, order, [Row(suggestion, "N1")], [Answered(record, cells)], triaged_sheets)
    assert {hit["id"] for hit in record["duplicates"]} == {"open", "secret"}
    assert {hit["id"] for hit in seen.record["duplicates"]} == {"open"}
    assert "secret" in str(cells)
    assert "secret" not in str(seen.cells)
    assert [len(sheet) for sheet in seen.cells] == [1]
    (same,) = rows_seen(store, order, [Row(suggestion, "N1")], [seen], triaged_sheets)
    assert same is seen
    assert comparing.hidden(store, order, {"open", "secret", "nobody"}) == {"secret"}


def test_a_sheet_of_the_memory_names_nothing_of_it_where_the_answer_is_new(store: Store, bench: Bench) -> None:
    def taken(*, may_see: bool) -> str:
        with store.write("key:test") as writing:
            job_id = submit(writing, "sheet", {"filter": {"refs": ["open"]}}, key_id="test").id
            writing.session.execute(update(JobRow).where(JobRow.id == job_id).values(confidential=may_see))
        runner = JobRunner(bench)
        while runner.step():
            pass
        with store.read() as session:
            output = find(session, job_id).output
        assert output
        page = load_workbook(io.BytesIO(output))["交办表"]
        return str([line for line in page.values if line[0] != "secret"])

    assert "secret" not in taken(may_see=False)
    assert "secret" in taken(may_see=True)
