"""`benchmarks.service`: what is counted and told, without the minutes that measuring takes."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import Any

import pytest

from benchmarks.service import history, load, turns
from benchmarks.service.__main__ import _parser
from benchmarks.service.plain import application
from benchmarks.service.report import markdown, ratios, write
from benchmarks.service.servers import Server, free_port
from triage import Suggestion, Triager


def test_a_share_of_times_is_the_nearest_rank() -> None:
    times = [float(number) for number in range(1, 21)]
    assert [turns.quantile(times, share) for share in (0.0, 0.05, 0.5, 0.95, 1.0)] == [1.0, 1.0, 10.0, 19.0, 20.0]
    assert turns.quantile([7.0], 0.95) == 7.0


def test_what_failed_is_counted_and_the_arrival_is_not() -> None:
    times = [(9_000.0, False)] * 2 + [(float(number), True) for number in range(1, 9)]
    found = load.told(times, 5)
    assert found == {"requests": 10, "failed": 2, "a_second": 2.0, "median_ms": 4.0, "p95_ms": 8.0, "p99_ms": 8.0}
    assert load.told([(1.0, False)] * 5, 5) == {"requests": 5, "failed": 5, "a_second": 1.0}


def test_all_ask_the_same_in_turns_and_the_difference_is_text_by_text() -> None:
    asked: list[tuple[str, str]] = []

    def asking(name: str) -> turns.Ask:
        def ask(text: str) -> float | None:
            asked.append((name, text))
            return None if name == "library" else 0.0

        return ask

    names = ("library", "service", "plain")
    found = turns.measure({name: asking(name) for name in names}, ["甲", "乙", "丙", "丁"])
    counted = asked[9:]
    assert [text for _, text in counted] == [text for text in "甲乙丙丁" for _ in names]
    assert [counted[place][0] for place in (0, 3, 6, 9)] == ["library", "service", "plain", "library"]
    assert found["texts"] == 4
    assert "above_library_ms" in found["service"]
    assert found["service"]["around_ms"] >= 0
    assert not {"above_library_ms", "around_ms"} & set(found["library"])


def test_the_made_up_history_is_the_same_each_time_and_kept(tmp_path: Path, triager: Triager) -> None:
    said: list[object] = []
    files = [history.built(tmp_path / name, triager, 60, None, said.append) for name in ("a", "a")]
    assert len(said) == 1, "the second time it is there"
    assert files[0] == files[1]
    with triager.index(files[0]) as index:
        assert len(index) == 60
        lengths = [len(case.suggestion.title + case.suggestion.text) for case in index.cases()]
        assert 40 < sum(lengths) / 60 < 200


def test_the_plain_endpoint_answers_what_the_library_does(tmp_path: Path, small_bundle: Path, triager: Triager) -> None:
    from fastapi.testclient import TestClient

    index = history.built(tmp_path / "index", triager, 20, None, lambda what: None)
    client = TestClient(application(str(small_bundle), str(index)))
    answer = client.post("/v1/triage", json={"suggestions": [{"text": "老街路灯不亮"}]})
    with triager.index(index) as asked:
        (expected,) = triager.triage([Suggestion(text="老街路灯不亮")], history=asked)
    assert answer.json()["results"][0]["lead"][0]["unit"] == expected.lead[0].unit


def test_memory_is_that_of_the_process_and_those_it_started() -> None:
    found = Server(os.getpid(), "", 0.0, {}).memory()
    if not found:
        pytest.skip("this system does not say what a process holds")
    assert found[0]["generation"] == 0
    assert found[0]["rss"] >= found[0]["pss"] >= found[0]["private"] > 1
    assert free_port() > 1023


def result() -> dict[str, Any]:
    memory = [{"generation": 0, "rss": 110.0, "pss": 60.0, "private": 50.0}]
    served = {"requests": 100, "failed": 0, "a_second": 10.0, "median_ms": 50.0, "p95_ms": 90.0, "p99_ms": 95.0}
    plain = {**served, "median_ms": 100.0, "p95_ms": 360.0, "a_second": 8.0}
    part = {"clients": 50, "seconds": 60, "service": served, "plain": plain}
    return {
        "date": "2026-01-02",
        "versions": {"triage": "0.1.0"},
        "setup": {"cores": 2, "rows": 100_000, "processes": 2, "characters": 100},
        "one_at_a_time": {
            "texts": 9,
            "library": {"median_ms": 20.0, "p95_ms": 25.0},
            "service": {"median_ms": 23.0, "p95_ms": 29.0, "above_library_ms": 2.9},
            "plain": {"median_ms": 22.0, "p95_ms": 28.0, "above_library_ms": 2.1},
        },
        "clerks": {**part, "think": [2.0, 8.0]},
        "without_pause": {**part, "think": [0.0, 0.0]},
        "start": {name: {"ready_s": 3.1, "memory": memory} for name in ("service", "plain")},
    }


def test_ratios_are_those_of_one_run() -> None:
    found = ratios(result())
    assert found["p95, clerks"] == 0.25
    assert found["requests a second, without a pause"] == 1.25
    assert found["median, one at a time"] == round(23 / 22, 2)


def test_the_report_says_what_was_measured(tmp_path: Path) -> None:
    raw, readable = write({**result(), "ratios": ratios(result())}, tmp_path)
    text = readable.read_text(encoding="utf-8")
    assert raw.name == "service.json"
    assert text == markdown({**result(), "ratios": ratios(result())})
    for told in ("100,000 texts in the index", "50 clerks, 2 to 8 s of thought", "| 2.9 |", "0.25 times"):
        assert told in text, told


def test_what_is_measured_by_default_is_what_was_asked_for() -> None:
    wanted: argparse.Namespace = _parser().parse_args([])
    assert (wanted.rows, wanted.clients, wanted.think) == (100_000, 50, [2.0, 8.0])
