"""`service.jobs.runner`: a job is taken, done in chunks, put back, given up, cancelled; each row once."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select, update

from service.jobs import leases, work
from service.jobs.bench import Bench
from service.jobs.kinds import Tables, WholeKind
from service.jobs.progress import HowFar
from service.jobs.queue import cancel, find, submit
from service.jobs.runner import JobRunner
from service.served.model import ServedModel
from service.settings import Settings
from service.store.columns import now
from service.store.errors import StoreBusy
from service.store.store import Store
from service.store.suggestions import create
from service.store.tables import AnswerRow, SuggestionRow
from service.store.tables_service import JobItem, JobRow, TrailRow
from triage.errors import InputError
from triage.records import Suggestion

if TYPE_CHECKING:
    from triage import Triager

TITLES = ("修桥", "路灯不亮", "增设公交站点", "清理河道", "学校门口拥堵", "公园缺少座椅", "老旧小区加装电梯")


@pytest.fixture
def bench(store: Store, triager: Triager, tmp_path: Path) -> Bench:
    return Bench(Settings(data=tmp_path), store, ServedModel(triager))


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "CHUNK", 3)
    monkeypatch.setattr(work, "STORED_CHUNK", 3)


def csv(rows: int = 7, ids: bool = True) -> bytes:
    lines = ["编号,标题"] if ids else ["标题"]
    lines += [f"{f'R{n},' if ids else ''}关于{TITLES[n % len(TITLES)]}第{n}号的建议" for n in range(rows)]
    return "\n".join(lines).encode()


def handed_in(store: Store, kind: str = "triage", /, content: bytes | None = None, **options: Any) -> str:
    with store.write("key:test") as writing:
        upload = ("来件.csv", content) if content is not None else None
        return submit(writing, kind, options, key_id="test", confidential=upload is None, upload=upload).id


def job(store: Store, job_id: str) -> JobRow:
    with store.read() as session:
        return find(session, job_id)


def items(store: Store, job_id: str) -> list[dict[str, Any]]:
    with store.read() as session:
        return list(session.scalars(select(JobItem.result).where(JobItem.job_id == job_id).order_by(JobItem.place)))


def actions(store: Store, job_id: str) -> list[str]:
    with store.read() as session:
        return list(session.scalars(select(TrailRow.action).where(TrailRow.subject == job_id).order_by(TrailRow.seq)))


def done(runner: JobRunner) -> int:
    steps = 0
    while runner.step():
        steps += 1
    return steps


def test_a_job_is_done_in_chunks_and_answers_as_the_library_does(
    store: Store, bench: Bench, triager: Triager, small: None
) -> None:
    job_id = handed_in(store, content=csv())
    assert done(JobRunner(bench)) > 3
    ended = job(store, job_id)
    assert (ended.state, ended.done, ended.total, ended.failures) == ("done", 7, 7, 0)
    suggestions = [Suggestion(id=f"R{n}", title=f"关于{TITLES[n % 7]}第{n}号的建议") for n in range(7)]
    told = [json.loads(json.dumps(answer.to_dict())) for answer in triager.triage(suggestions)]
    assert [item["record"] for item in items(store, job_id)] == told
    assert actions(store, job_id) == ["job.submitted", "job.finished"]


def test_nothing_waits_and_nothing_is_written(store: Store, bench: Bench) -> None:
    assert not JobRunner(bench).step()
    with store.read() as session:
        assert not session.scalar(select(func.count()).select_from(TrailRow))


def test_a_worker_that_stops_puts_its_job_back_and_another_goes_on(store: Store, bench: Bench, small: None) -> None:
    job_id = handed_in(store, content=csv())
    first = JobRunner(bench)
    for _ in range(3):
        first.step()
    first.close()
    put_back = job(store, job_id)
    assert (put_back.state, put_back.done, put_back.lease) == ("queued", 3, "")
    done(JobRunner(bench))
    assert job(store, job_id).state == "done"
    assert [item["record"]["id"] for item in items(store, job_id)] == [f"R{n}" for n in range(7)]


def test_who_lost_the_lease_writes_nothing(store: Store, bench: Bench, small: None) -> None:
    job_id = handed_in(store, content=csv())
    slow, quick = JobRunner(bench), JobRunner(bench)
    for _ in range(3):
        slow.step()
    assert not quick.step()
    with store.write("test") as writing:
        gone = update(JobRow).values(leased_until=now() - timedelta(seconds=1))
        writing.session.execute(gone)
    for _ in range(3):
        quick.step()
    slow.step()
    assert job(store, job_id).done == 6
    done(quick)
    assert not slow.step()
    assert [item["record"]["id"] for item in items(store, job_id)] == [f"R{n}" for n in range(7)]
    assert actions(store, job_id) == ["job.submitted", "job.finished"]


def test_a_job_that_gets_nowhere_is_given_up(store: Store, bench: Bench) -> None:
    job_id = handed_in(store, content=csv())
    for _ in range(leases.MOST_ATTEMPTS):
        with store.write("test") as writing:
            assert leases.claim(writing, job_id, 0.0) is not None
    assert not JobRunner(bench).step()
    ended = job(store, job_id)
    assert ended.state == "failed"
    assert ended.problem is not None
    assert ended.problem["code"] == "job-given-up"
    assert actions(store, job_id) == ["job.submitted", "job.failed"]


def test_attempts_count_only_while_there_is_no_progress(store: Store, bench: Bench, small: None) -> None:
    job_id = handed_in(store, content=csv(40))
    for _ in range(leases.MOST_ATTEMPTS + 2):
        runner = JobRunner(bench, lease=0.0)  # it dies after each chunk, as far as others can see
        before = job(store, job_id).done
        while job(store, job_id).done == before:  # three steps, or more: none finds a job whose lease is being renewed
            runner.step()
    assert job(store, job_id).attempts == 0
    assert job(store, job_id).done == 3 * (leases.MOST_ATTEMPTS + 2)


@pytest.mark.parametrize("steps", [0, 1, 3])
def test_a_job_can_be_cancelled_between_chunks(store: Store, bench: Bench, small: None, steps: int) -> None:
    job_id = handed_in(store, content=csv())
    runner = JobRunner(bench)
    for _ in range(steps):
        runner.step()
    with store.write("test") as writing:
        assert cancel(writing, job_id).state == ("running" if steps else "cancelled")
    done(runner)
    ended = job(store, job_id)
    assert (ended.state, ended.done) == ("cancelled", 3 if steps == 3 else 0)
    asked = ["job.cancel-asked"] if steps else []
    assert actions(store, job_id) == ["job.submitted", *asked, "job.cancelled"]
    with store.write("test") as writing:
        assert cancel(writing, job_id).state == "cancelled"


def test_rows_can_be_stored_with_their_answers_each_once(store: Store, bench: Bench, small: None) -> None:
    with store.write("test") as writing:
        create(writing, Suggestion(id="R1", title="早已登记"))
    job_id = handed_in(store, content=csv(), store=True)
    first = JobRunner(bench)
    for _ in range(3):
        first.step()
    first.close()
    done(JobRunner(bench))
    ended, found = job(store, job_id), items(store, job_id)
    assert (ended.state, ended.done, ended.failures) == ("done", 7, 1)
    assert found[1]["record"]["problem"]["code"] == "already-there"
    assert [item.get("stored") for item in found] == ["R0", None, *(f"R{n}" for n in range(2, 7))]
    with store.read() as session:
        assert session.scalar(select(func.count()).select_from(SuggestionRow)) == 7
        assert session.scalar(select(func.count()).select_from(AnswerRow)) == 6
        batches = {row.ref: row.batch for row in session.scalars(select(SuggestionRow))}
        assert batches == {"R1": ""} | {f"R{n}": job_id for n in (0, *range(2, 7))}
        created = select(TrailRow.actor).where(TrailRow.action == "suggestion.created").distinct()
        assert set(session.scalars(created)) == {"test", "key:test"}


def test_a_stored_row_without_an_id_gets_one(store: Store, bench: Bench) -> None:
    job_id = handed_in(store, content=csv(2, ids=False), store=True)
    done(JobRunner(bench))
    refs = [item["stored"] for item in items(store, job_id)]
    assert refs == [item["record"]["id"] for item in items(store, job_id)]
    assert all(ref.startswith("S") for ref in refs)


def test_stored_suggestions_are_chosen_once_and_read_as_they_stand(store: Store, bench: Bench, small: None) -> None:
    with store.write("test") as writing:
        for n in range(5):
            create(writing, Suggestion(id=f"S{n}", title=f"关于{TITLES[n]}的建议", source="人大"))
        create(writing, Suggestion(id="X", title="关于修路的提案", source="政协"))
    job_id = handed_in(store, filter={"sources": ["人大"]}, store=True)
    runner = JobRunner(bench)
    for _ in range(3):
        runner.step()
    with store.write("test") as writing:
        create(writing, Suggestion(id="S9", title="关于后来的建议", source="人大"))
        writing.session.delete(writing.session.scalars(select(SuggestionRow).where(SuggestionRow.ref == "S4")).one())
    runner.close()
    done(JobRunner(bench))
    found = items(store, job_id)
    assert [item["record"]["id"] for item in found] == [f"S{n}" for n in range(5)]
    assert found[4]["record"]["problem"]["code"] == "not-found"
    assert job(store, job_id).failures == 1


def test_confidential_suggestions_stay_out_of_a_job_that_may_not_see_them(store: Store, bench: Bench) -> None:
    with store.write("test") as writing:
        create(writing, Suggestion(id="open", title="关于修路的建议"))
        create(writing, Suggestion(id="secret", title="关于某事的建议", confidential=True))
    for allowed, refs in ((False, ["open"]), (True, ["open", "secret"])):
        with store.write("key:test") as writing:
            job_id = submit(writing, "triage", {"filter": {}}, confidential=allowed).id
        done(JobRunner(bench))
        assert [item["record"]["id"] for item in items(store, job_id)] == refs


def test_a_row_that_fails_fails_alone(
    store: Store, bench: Bench, triager: Triager, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole: Callable[..., Any] = type(triager).triage

    def broken(self: Triager, suggestions: list[Suggestion], **options: Any) -> Any:
        if any("第2号" in one.title for one in suggestions):
            raise ZeroDivisionError
        return whole(self, suggestions, **options)

    monkeypatch.setattr(type(triager), "triage", broken)
    job_id = handed_in(store, content=csv())
    done(JobRunner(bench))
    assert (job(store, job_id).state, job(store, job_id).failures) == ("done", 1)
    assert items(store, job_id)[2]["record"] == {"id": "R2", "problem": items(store, job_id)[2]["record"]["problem"]}


def test_a_file_that_cannot_be_read_fails_the_job_with_line_and_column(store: Store, bench: Bench) -> None:
    job_id = handed_in(store, content="标题,日期\n修路,昨天\n建桥,2025-01-01\n点灯,明天\n".encode())
    done(JobRunner(bench))
    ended = job(store, job_id)
    assert ended.problem is not None
    assert (ended.state, ended.problem["code"]) == ("failed", "unusable-upload")
    assert [error["pointer"] for error in ended.problem["errors"]] == ["#/lines/2", "#/lines/4"]
    assert "date (日期) is '昨天'" in ended.problem["detail"]
    assert actions(store, job_id) == ["job.submitted", "job.failed"]


def test_a_long_job_lets_a_short_one_in(store: Store, bench: Bench, small: None) -> None:
    long_, short = handed_in(store, content=csv(30)), handed_in(store, content=csv(2))
    runner = JobRunner(bench, turn=0.0)
    for _ in range(12):
        runner.step()
    assert job(store, short).state == "done"
    assert job(store, long_).state != "done"
    done(runner)
    assert [item["record"]["id"] for item in items(store, long_)] == [f"R{n}" for n in range(30)]


def test_a_queue_can_say_which_job_to_do(store: Store, bench: Bench, small: None) -> None:
    first, second = handed_in(store, content=csv()), handed_in(store, content=csv())
    assert JobRunner(bench).run(second, threading.Event())
    assert (job(store, first).state, job(store, second).state) == ("queued", "done")
    stopped = threading.Event()
    stopped.set()
    assert not JobRunner(bench).run(first, stopped)
    assert job(store, first).state == "queued"
    assert not JobRunner(bench).run(second, threading.Event())


@pytest.mark.parametrize("by_name", [False, True])
def test_what_goes_wrong_each_time_is_given_up(
    store: Store, bench: Bench, monkeypatch: pytest.MonkeyPatch, by_name: bool
) -> None:
    def broken(*_: Any) -> None:
        raise OSError("no space left")

    job_id = handed_in(store, content=csv())
    monkeypatch.setattr(work.Work, "_keep", broken)
    runner = JobRunner(bench)
    for attempt in range(1, leases.MOST_ATTEMPTS + 1):
        with pytest.raises(OSError, match="no space"):
            runner.run(job_id, threading.Event()) if by_name else done(runner)
        put_back = job(store, job_id)
        assert (put_back.state, put_back.lease, put_back.attempts) == ("queued", "", attempt)
    done(runner)
    ended = job(store, job_id)
    assert ended.problem is not None
    assert (ended.state, ended.problem["code"]) == ("failed", "job-given-up")


def test_a_busy_memory_costs_no_attempt(store: Store, bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    whole, busy = work.Work._keep, iter([True, True, False])

    def sometimes(self: work.Work, *rest: Any) -> None:
        if next(busy, False):
            raise StoreBusy("another writes")
        whole(self, *rest)

    job_id = handed_in(store, content=csv())
    monkeypatch.setattr(work.Work, "_keep", sometimes)
    runner = JobRunner(bench)
    for _ in range(20):
        with suppress(StoreBusy):
            runner.step()
    assert job(store, job_id).state == "done"
    assert len(items(store, job_id)) == 7


def reached(store: Store, job_id: str, count: int) -> None:
    until = time.monotonic() + 60
    while job(store, job_id).done != count:
        assert time.monotonic() < until, "nobody wrote down how far it is"
        time.sleep(0.01)


def test_how_far_work_on_all_rows_is_can_be_seen(store: Store, bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    job_id = handed_in(store, "groups", content=csv(40))
    seen: list[int] = []

    def make(_bench: Bench, _order: Any, cases: list[Any], far: HowFar) -> Tables:
        for share, done in ((0.25, 10), (0.1, 10), (0.75, 30)):
            far.tell(share)
            reached(store, job_id, done)
            seen.append(job(store, job_id).done)
        return Tables([{"id": case.suggestion.id} for case in cases], [])

    monkeypatch.setattr(work, "TELL_SECONDS", 0.01)
    monkeypatch.setattr(work, "kind_of", lambda _order: WholeKind(make))
    runner = JobRunner(bench)
    done(runner)
    assert seen == [10, 10, 30]
    assert (job(store, job_id).state, job(store, job_id).done) == ("done", 40)


@pytest.mark.parametrize("goes_on", [True, False])
def test_work_on_all_rows_that_broke_off_begins_again(
    store: Store, bench: Bench, monkeypatch: pytest.MonkeyPatch, goes_on: bool
) -> None:
    job_id = handed_in(store, "groups", content=csv(40))
    seen: list[int] = []

    def make(_bench: Bench, _order: Any, cases: list[Any], far: HowFar) -> Tables:
        seen.append(job(store, job_id).done)
        far.tell(0.5)
        reached(store, job_id, 20)
        if len(seen) == 1 and goes_on:
            raise StoreBusy("held")
        if not goes_on:
            raise InputError("no")
        return Tables([], [])

    monkeypatch.setattr(work, "TELL_SECONDS", 0.01)
    monkeypatch.setattr(work, "kind_of", lambda _order: WholeKind(make))
    runner = JobRunner(bench)
    if goes_on:
        runner.step()
        with pytest.raises(StoreBusy):
            runner.step()
        runner.close()
    done(JobRunner(bench))
    ended = job(store, job_id)
    assert (ended.state, ended.done) == (("done", 40) if goes_on else ("failed", 0))
    assert seen == ([0, 0] if goes_on else [0])
