"""The benchmark of the return risk: figures as their field defines them, returns that are simulated as it says."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmarks.quality.sets import Experiment
from benchmarks.returns.report import markdown
from benchmarks.returns.run import FITTED, FIXED, LEARNED, PLAIN, auc, run
from triage.records import Case, Suggestion

ROOT = Path(__file__).resolve().parents[1]
WORDS = {"交通局": "公路桥梁公交", "水利局": "河道水库堤坝", "教育局": "学校教师操场"}


def cases(count: int) -> tuple[Case, ...]:
    rng = np.random.default_rng(1)
    made = []
    for number in range(count):
        lead, other = rng.choice(list(WORDS), 2, replace=False)
        words = WORDS[str(lead)] if rng.random() < 0.6 else WORDS[str(other)]
        text = "".join(rng.permutation(list(words))[:4]) + f"第{rng.integers(100)}号"
        made.append(Case(Suggestion(str(number), f"关于{text}的建议"), (str(lead),)))
    return tuple(made)


@pytest.fixture(scope="module")
def experiment() -> Experiment:
    rows = np.arange(260)
    return Experiment("made", "", "", ("lead",), cases(260), ((rows[:200], rows[200:]),), "")


def test_auc_counts_pairs_in_the_right_order() -> None:
    wrong = np.array([True, True, False, False])
    assert auc(np.array([0.9, 0.4, 0.4, 0.1]), wrong) == pytest.approx(3.5 / 4)
    assert auc(np.array([0.1, 0.2, 0.8, 0.9]), wrong) == 0
    assert np.isnan(auc(np.ones(2), np.array([True, True])))


def test_each_way_is_scored_and_returns_are_learned_from(experiment: Experiment) -> None:
    found = run(experiment, None)
    assert found["asked"] == 60
    assert 30 <= found["simulated_returns_learned_from"] < 200
    assert set(found["ways"]) == {PLAIN, FIXED, LEARNED, FITTED}
    ways = found["ways"]
    assert ways[FIXED]["auc"] == pytest.approx(ways[PLAIN]["auc"], abs=0.01)  # without records one is the other
    assert ways[LEARNED]["auc"] != ways[FIXED]["auc"]
    for scored in ways.values():
        assert 0 <= scored["calibration_error"] <= 1
        assert scored["more_than_plain"] is None or scored["more_than_plain"][0] <= scored["more_than_plain"][1]


def test_without_history_there_is_nothing_to_learn_from(experiment: Experiment) -> None:
    none = np.array([], np.intp)
    cold = replace(experiment, splits=((none, np.arange(60)),), units=tuple(WORDS))
    found = run(cold, None)
    assert LEARNED not in found["ways"]
    assert found["simulated_returns_learned_from"] == 0


def test_the_page_is_made_from_the_figures() -> None:
    result = json.loads((ROOT / "benchmarks" / "results" / "returns.json").read_bytes())
    page = (ROOT / "benchmarks" / "results" / "returns.md").read_text(encoding="utf-8")
    assert page == markdown(result)
    assert "stands in for one" in page
    for found in result["sets"].values():
        assert set(found) <= {
            "title", "split", "file", "asked", "wrong", "simulated_returns_learned_from", "ways"
        }  # fmt: skip
