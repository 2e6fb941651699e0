"""The labelling benchmark: splits that do not leak, differences with their sign, results that hold no text."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import benchmarks.labelling.__main__ as labelling
from benchmarks.labelling.curve import BUDGETS, CHOSEN, RANDOM, WAYS, Session
from benchmarks.labelling.report import markdown, summed
from triage.datasets import read_cases

ROOT = Path(__file__).resolve().parents[1]


def test_the_parts_of_a_split_share_no_near_copies() -> None:
    cases = read_cases(ROOT / "examples" / "cases.csv")[:120]
    session = Session.of(cases, (), 30)
    known, pool, asked = session.split(20, seed=1)
    assert (len(known), len(asked)) == (20, 30)
    assert sorted(np.concatenate([known, pool, asked]).tolist()) == list(range(120))
    again = session.split(20, seed=1)
    assert [part.tolist() for part in again] == [known.tolist(), pool.tolist(), asked.tolist()]


def test_the_difference_is_from_chance_with_the_same_seed() -> None:
    curves = [{way: dict.fromkeys((0, *BUDGETS), 0.5 + 0.1 * (way == CHOSEN)) for way in WAYS} for _ in range(4)]
    rows = summed({60: curves})
    chosen = next(row for row in rows if row["way"] == CHOSEN)
    assert chosen["labelled"]["50"] == {"top_1": 0.6, "beyond_random": 0.1, "low": 0.1, "high": 0.1}
    assert next(row for row in rows if row["way"] == RANDOM)["labelled"]["50"]["beyond_random"] == 0


def test_a_small_run_writes_figures_and_no_texts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "cixi2017.csv").write_bytes((ROOT / "examples" / "cases.csv").read_bytes())
    monkeypatch.setattr(labelling, "SETS", {"cixi2017": (350, (20,))})
    monkeypatch.setattr("benchmarks.labelling.curve.BUDGETS", (10,))
    monkeypatch.setattr("benchmarks.labelling.report.BUDGETS", (10,))
    arguments = ["--data", str(tmp_path), "--no-encoder", "--seeds", "1", "--only", "cixi2017", "--out", str(tmp_path)]
    assert labelling.main(arguments) == 0
    result = json.loads((tmp_path / "labelling.json").read_bytes())
    assert [row["way"] for row in result["sets"]["cixi2017"]["curves"]] == list(WAYS)
    assert "cixi2017: 459 cases" in (tmp_path / "labelling.md").read_text(encoding="utf-8")
    title = read_cases(ROOT / "examples" / "cases.csv")[0].suggestion.title
    assert title not in (tmp_path / "labelling.json").read_text(encoding="utf-8")


def test_a_missing_set_is_said(tmp_path: Path) -> None:
    assert labelling.main(["--data", str(tmp_path), "--no-encoder", "--out", str(tmp_path)]) == 2
    assert not list(tmp_path.iterdir())


def test_the_committed_table_is_that_of_the_committed_figures() -> None:
    folder = ROOT / "benchmarks" / "results"
    result = json.loads((folder / "labelling.json").read_bytes())
    assert (folder / "labelling.md").read_text(encoding="utf-8") == markdown(result)
