"""Metrics: counted by templates of paths, the same from every process, and never with a word that a caller has sent."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from fastapi.testclient import TestClient
from prometheus_client.parser import text_string_to_metric_families

from service.app import create_app
from service.settings import Settings
from service.store.errors import StoreBusy
from service.store.tables import SuggestionRow
from service.store.tables_service import DEAD, DeliveryRow, JobRow, WebhookRow
from service.web.metrics import Metrics, State, Tally

if TYPE_CHECKING:
    from service.store.store import Store
    from tests.conftest import Desk
    from triage import Triager

Sample = dict[tuple[str, frozenset[tuple[str, str]]], float]


def samples(text: str) -> Sample:
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def value(found: Sample, name: str, **labels: str) -> float | None:
    return found.get((name, frozenset(labels.items())))


def asked(desk: Desk) -> Sample:
    answer = desk.client.get("/metrics", headers=desk.key("read"))
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=")
    return samples(answer.text)


def test_requests_are_counted_by_the_template_of_their_path(desk: Desk) -> None:
    admin = desk.key("admin")
    for path in ("/v1/webhooks/wh_marked1", "/v1/webhooks/wh_marked2", "/marked/路灯", "/v1/model?q=marked"):
        desk.client.get(path, headers=admin)
    desk.client.request("MARKED", "/v1/model", headers=admin)
    text = desk.client.get("/metrics", headers=admin).text
    found = samples(text)
    assert value(found, "triage_requests_total", path="/v1/webhooks/{webhook}", method="GET", status="404") == 2
    assert value(found, "triage_requests_total", path="(unknown)", method="GET", status="404") == 1
    assert value(found, "triage_requests_total", path="/v1/model", method="(unknown)", status="405") == 1
    assert value(found, "triage_request_seconds_count", path="/v1/webhooks/{webhook}", method="GET") == 2
    assert value(found, "triage_problems_total", code="not-found") == 3
    assert "marked" not in text.lower()
    assert "路灯" not in text


def test_suggestions_problems_and_the_queue_are_counted(desk: Desk) -> None:
    key = desk.key("triage")
    body = {"suggestions": [{"title": "老街路灯不亮"}, {"title": "关于增设公交站的建议"}]}
    assert desk.client.post("/v1/triage", json=body, headers=key).status_code == 200
    desk.client.post("/v1/triage", json={}, headers=key)
    desk.client.post("/v1/triage", json=body)
    found = asked(desk)
    assert value(found, "triage_suggestions_total", path="/v1/triage") == 2
    assert value(found, "triage_problems_total", code="invalid-request") == 1
    assert value(found, "triage_problems_total", code="no-key") == 1
    assert value(found, "triage_queue_inside") == 0
    assert value(found, "triage_queue_room") == 18


def test_the_model_the_index_and_the_memory_are_told(desk: Desk, triager: Triager) -> None:
    with desk.store.write("t") as writing:
        for number in range(3):
            mode, advice = ("sole", "taken") if number else ("joint", "changed")
            writing.note("decision.made", f"RD-{number}", mode=mode, advice=advice)
        writing.note("decision.changed", "RD-1", mode="sole")
        writing.session.add(JobRow(id="j1", kind="triage"))
        writing.session.add(WebhookRow(id="w", url="http://x", events=[], secret="s", actor="t"))
        writing.session.flush()
        writing.session.add(DeliveryRow(id="m", webhook_id="w", event="job.finished", payload={}, state=DEAD))
    found = asked(desk)
    models = [dict(labels) for name, labels in found if name == "triage_model_info"]
    assert [model["model"] for model in models] == [triager.card["model"]]
    assert value(found, "triage_store_up") == 1
    assert value(found, "triage_decisions_total", kind="made", mode="sole", advice="taken") == 2
    assert value(found, "triage_decisions_total", kind="made", mode="joint", advice="changed") == 1
    assert value(found, "triage_decisions_total", kind="changed", mode="sole", advice="unknown") == 1
    assert value(found, "triage_trail_entries_total", action="decision.made") == 3
    assert value(found, "triage_jobs", state="queued") == 1
    assert value(found, "triage_jobs", state="done") == 0
    assert value(found, "triage_deliveries", state="dead") == 1
    behind = value(found, "triage_index_behind")
    assert behind is not None
    assert behind >= 4, "nobody follows the trail here"


def test_entries_are_read_once_and_anew_after_an_older_backup(store: Store) -> None:
    tally = Tally()
    with store.write("t") as writing:
        writing.note("decision.made", "RD-1", mode="sole", advice="none")
    with store.read() as session:
        assert tally.read(session) == ({"decision.made": 1}, {("made", "sole", "none"): 1})
    with store.write("t") as writing:
        writing.note("decision.made", "RD-2", mode="sole", advice="none")
        writing.note("key.made", "k")
    with store.read() as session:
        assert tally.read(session) == ({"decision.made": 2, "key.made": 1}, {("made", "sole", "none"): 2})
        assert tally.read(session) == tally.read(session)
    tally._seq = 99
    with store.read() as session:
        assert tally.read(session)[0] == {"decision.made": 2, "key.made": 1}


def test_a_memory_that_fails_is_told_and_the_rest_is_answered(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def busy(*_: object) -> None:
        raise StoreBusy("held")

    monkeypatch.setattr(Tally, "read", busy)
    found = asked(desk)
    assert value(found, "triage_store_up") == 0
    assert value(found, "triage_queue_room") is not None
    assert not [name for name, _ in found if name.startswith("triage_jobs")]


@pytest.mark.parametrize(("scope", "status"), [("read", 200), ("admin", 200), ("decide", 200), ("", 401)])
def test_a_key_is_needed(desk: Desk, scope: str, status: int) -> None:
    headers = desk.key(scope) if scope else {}
    assert desk.client.get("/metrics", headers=headers).status_code == status


def test_open_metrics_need_no_key(triager: Triager, sqlite_store: Store) -> None:
    settings = Settings(database=str(sqlite_store.url), open_metrics=True)
    with TestClient(create_app(settings, triager)) as client:
        assert client.get("/metrics").status_code == 200
        assert client.get("/v1/webhooks").status_code == 401


def test_without_a_memory_they_answer_too(triager: Triager) -> None:
    with TestClient(create_app(Settings(), triager)) as client:
        client.get("/v1/health")
        found = samples(client.get("/metrics").text)
    assert value(found, "triage_requests_total", path="/v1/health", method="GET", status="200") == 1
    assert value(found, "triage_store_up") is None


PROCESS = """
    import os, signal, sys
    from service.web.metrics import FOLDER, Metrics, State, Tally, counted_together, died

    together = counted_together()
    together.__enter__()
    folder = os.environ[FOLDER]
    metrics = Metrics()
    metrics.queue(0, 18)
    entry = {"path": "/v1/triage", "method": "POST", "status": 200, "suggestions": 3}
    metrics.seen(entry, 0.02)
    children = []
    for inside in (2, 5):
        ended, ends = os.pipe()
        child = os.fork()
        if not child:
            for _ in range(10):
                metrics.seen(entry, 0.02)
            metrics.queue(inside, 18)
            os.write(ends, b"x")
            signal.pause()
        os.read(ended, 1)
        children.append(child)
    metrics.seen({**entry, "status": 503}, 0.2, "store-busy")

    def show():
        body, _ = metrics.text(State(None, Tally(), "starter", "", lambda: None))
        sys.stdout.write(body.decode() + "====")

    show()
    for child in children:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        died(child)
    show()
    together.__exit__(None, None, None)
    assert not os.path.exists(folder) and FOLDER not in os.environ
    with counted_together():
        assert FOLDER not in os.environ, "how it counts is settled"
"""


def test_several_processes_are_added_up_and_one_that_died_keeps_its_totals(root: Path) -> None:
    environment = os.environ | {"PYTHONPATH": str(root)}
    ran = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(PROCESS)], env=environment, capture_output=True, text=True, check=True
    )
    alive, dead = (samples(text) for text in ran.stdout.split("====")[:2])
    for found in (alive, dead):
        assert value(found, "triage_requests_total", path="/v1/triage", method="POST", status="200") == 21
        assert value(found, "triage_suggestions_total", path="/v1/triage") == 63
        assert value(found, "triage_problems_total", code="store-busy") == 1
        assert value(found, "triage_request_seconds_count", path="/v1/triage", method="POST") == 22
        assert [dict(labels)["model"] for name, labels in found if name == "triage_model_info"] == ["starter"]
    assert value(alive, "triage_queue_inside") == 7
    assert value(dead, "triage_queue_inside") == 0
    assert value(alive, "triage_queue_room") == 54
    assert value(dead, "triage_queue_room") == 18


def test_every_metric_is_documented_and_no_other(root: Path, sqlite_store: Store) -> None:
    with sqlite_store.write("t") as writing:
        writing.session.add(SuggestionRow(ref="RD-1"))
        writing.note("decision.made", "RD-1", mode="sole", advice="none")
    metrics = Metrics()
    entry = {"path": "/v1/triage", "method": "POST", "status": 200, "suggestions": 3}
    metrics.seen(entry, 0.02)
    metrics.seen(entry, 0.02, "queue-full")
    state = State(sqlite_store, Tally(), "starter", "3", lambda: {"texts": 4, "behind": 0})
    there = {re.sub(r"_(created|bucket|count|sum)$", "", name) for name, _ in samples(metrics.text(state)[0].decode())}
    page = (root / "docs" / "metrics.md").read_text(encoding="utf-8")
    told = set(re.findall(r"^\| `(triage_\w+)`", page, flags=re.MULTILINE))
    assert told == {f"{name}_total" if f"{name}_total" in there else name for name in there}
