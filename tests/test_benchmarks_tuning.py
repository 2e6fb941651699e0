"""The benchmark of tuning: a tiny run holds figures for every way of tuning, and no text."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from benchmarks.tuning.__main__ import main
from benchmarks.tuning.report import markdown
from benchmarks.tuning.sets import sets
from tests.test_encoders_adopt import write_tiny
from tests.test_learning_tuning import CATALOGUE, history
from triage.encoders.install import install
from triage.learning.tuning.samples import gathered


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A folder with one small set, in the form of the real one."""
    place = tmp_path / "data"
    place.mkdir()
    with (place / "cixi2017.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "title", "lead", "co", "topic"])
        for case in history(48):
            said = case.suggestion
            writer.writerow([said.id, said.title + said.text, case.leads[0], ";".join(case.co), case.leads[0][:2]])
    return place


def test_sets_are_split_without_leaks(data: Path) -> None:
    (one,) = sets(data, [], lambda what: None)
    assert one.name == "cixi2017"
    asked = np.concatenate([rows for _, rows in one.splits])
    assert sorted(asked.tolist()) == list(range(48))
    assert all(not set(known.tolist()) & set(rows.tolist()) for known, rows in one.splits)


@pytest.mark.filterwarnings("ignore")
def test_a_tiny_run_measures_each_way_and_keeps_no_text(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("sentence_transformers", reason="the extra `sentence-transformers` is not installed")
    monkeypatch.setattr("benchmarks.tuning.run.PAIRS", 40)
    monkeypatch.setattr(
        "benchmarks.tuning.run.gathered", lambda cases: gathered(cases, catalogue=None if cases else CATALOGUE)
    )
    monkeypatch.setattr("benchmarks.tuning.sets.FOLDS", 2)
    encoder = install(tmp_path / "encoder", source=write_tiny(tmp_path / "source"))
    options = ["--encoder", str(encoder), "--epochs", "1", "--layers", "1"]
    assert main(["--data", str(data), "--out", str(tmp_path), *options]) == 0
    result = json.loads((tmp_path / "tuning.json").read_text(encoding="utf-8"))
    found = result["sets"]["cixi2017"]
    assert found["asked"] == 48
    assert list(found["variants"]) == ["history", "history, half way", "duties", "duties, half way"]
    assert {measure["key"] for measure in found["variants"]["history"]["measures"]} >= {"lead_top_1", "topic"}
    assert len(result["tuned"]) == 3, "one for each fold, one for duties"
    said = (tmp_path / "tuning.md").read_text(encoding="utf-8")
    assert said == markdown(result)
    assert said.strip() in capsys.readouterr().out
    written = said + (tmp_path / "tuning.json").read_text(encoding="utf-8")
    assert not any(case.suggestion.title in written for case in history(48))


def test_what_is_missing_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert main(["--data", str(tmp_path), "--out", str(tmp_path), "--encoder", str(tmp_path)]) == 2
    monkeypatch.setenv("TRIAGE_ENCODER", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert main(["--data", str(tmp_path), "--out", str(tmp_path)]) == 2
    assert not (tmp_path / "tuning.json").exists()
