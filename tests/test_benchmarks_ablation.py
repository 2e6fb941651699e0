"""The ablation: each variant changes what it says it changes, while it is open and no longer."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks.ablation import __main__ as command
from benchmarks.ablation import conformal
from benchmarks.ablation.report import markdown
from benchmarks.ablation.run import fits, run
from benchmarks.ablation.variants import CO, LEAD, VARIANTS, Variant
from benchmarks.quality.sets import Experiment
from triage.catalogue import Catalogue
from triage.datasets import read_cases
from triage.heads import co, lead, signals
from triage.learning import train as training

EXAMPLES = read_cases(Path(__file__).resolve().parents[1] / "examples" / "cases.csv")
OFTEN = [leads for leads, _ in Counter(case.leads for case in EXAMPLES).most_common(5)]
CASES = [case for case in EXAMPLES if case.leads in OFTEN][:70]
NAMES = {variant.name: variant for variant in VARIANTS}


@pytest.fixture(autouse=True)
def no_duties(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cases alone are quicker than the starter catalogue's phrases with them."""
    monkeypatch.setattr("triage.learning.labels.starter_catalogue", lambda: Catalogue((), (), ()))


def experiment(dated: bool = True, tasks: tuple[str, ...] = ("lead", "co", "topic")) -> Experiment:
    cases = [
        replace(
            case, suggestion=replace(case.suggestion, date=date(2025, 1, 1) + timedelta(days=row) if dated else None)
        )
        for row, case in enumerate(CASES)
    ]
    return Experiment(
        "set", "invented", "one split", tasks, tuple(cases), ((np.arange(56), np.arange(56, 70)),), "digest"
    )


def patched() -> tuple[Any, ...]:
    """What the variants change."""
    return (
        lead.LeadHead._features,
        co.CoHead._features,
        lead.votes,
        co.votes,
        signals.PhraseGroups.best,
        training.CoHead,
        training.later_cases,
    )


@pytest.mark.parametrize("variant", VARIANTS, ids=lambda variant: variant.name)
def test_every_variant_can_be_measured_and_leaves_nothing_behind(variant: Variant) -> None:
    before = patched()
    tasks = ("lead", "co") if variant.mixed else ("lead", "co", "topic")  # scikit-learn warns of so many rare topics
    scored = run(variant, experiment(tasks=tasks), None)
    assert patched() == before
    assert set(scored) == ({variant.task} if variant.task else set(tasks))
    for figures in scored.values():
        assert 0 < figures["cases"] <= 14
    assert ("suggest_coverage" in scored.get("lead", {})) == ("lead" in scored and not variant.mixed)


def test_a_dropped_signal_is_nothing_in_training_and_in_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Any] = []
    real = lead.held_choice

    def witness(start: Any, features: Any, chosen: Any) -> Any:
        seen.append(features)
        return real(start, features, chosen)

    monkeypatch.setattr(lead, "held_choice", witness)
    run(NAMES["no precedents"], experiment(tasks=("lead",)), None)
    dropped, kept = lead.SIGNALS.index("precedents"), lead.SIGNALS.index("regression")
    assert all(not features[..., dropped].any() for features in seen)
    assert all(features[..., kept].any() for features in seen)


def test_old_precedents_have_less_of_a_say() -> None:
    learned = experiment().cases[:10]
    closeness, outcomes = np.full((1, 10), 0.5, np.float32), np.eye(10, dtype=np.float32)
    with NAMES["precedents' votes halve in 15 days"].change(learned):
        votes = lead.votes(closeness, outcomes)[0]
    # One case a day: the newest has the most, and the one of nine days before 2 ** (9 / 15) times less.
    assert votes[9] / votes[0] == pytest.approx(2 ** (9 / 15), rel=1e-3)
    assert votes.sum() == pytest.approx(1.0)


def test_a_chained_head_weighs_one_signal_more() -> None:
    with NAMES["helpers chained"].change(CASES):
        model = training.train(CASES)
    assert len(model.co.weights_) == len(co.SIGNALS) + 1
    assert len(training.train(CASES).co.weights_) == len(co.SIGNALS)


def test_a_set_is_asked_what_it_can_show() -> None:
    lone, dated = experiment(dated=False, tasks=("topic",)), experiment()
    assert not fits(Variant("x", LEAD), lone)
    assert fits(Variant("x", CO), dated)
    assert not fits(Variant("x", dated=True), lone)
    assert fits(Variant("x", dated=True), dated)
    cold = replace(dated, splits=((np.arange(0), np.arange(70)),))
    assert not fits(Variant("x", mixed=True), cold)
    titles = replace(dated, cases=tuple(replace(c, suggestion=replace(c.suggestion, text="")) for c in dated.cases))
    assert not fits(NAMES["the title alone"], titles)
    assert fits(NAMES["the title alone"], dated)


def test_the_table_tells_the_difference() -> None:
    result = {
        "date": "2026-01-02",
        "versions": {"triage": "0.1.0"},
        "encoder": None,
        "sets": {
            "set": {
                "asked": 1200,
                "variants": {
                    "as it is": {"lead": {"top_1": 0.7, "top_3": 0.9, "top_5": 1.0, "suggest_accuracy": None}},
                    "worse": {"lead": {"top_1": 0.65, "top_3": 0.91, "top_5": 0.9}},
                },
            }
        },
    }
    table = markdown(result).splitlines()
    assert table[2].startswith("| **set, lead (1,200 asked)** | top-1 | top-3 |")
    assert table[4] == "| as it is | .700 | .900 | 1.00 | – | – | – |"
    assert table[5] == "| worse | .650 (−.050) | .910 (+.010) | .900 (−.100) | – | – | – |"


def drawn(seed: int, cases: int) -> tuple[Any, Any]:
    """Scores of which each says how probable it is that the unit helps, and who did; every case has a helper."""
    chance = np.random.default_rng(seed)
    scores = chance.random((cases, 12)) ** 2
    right = chance.random(scores.shape) < scores
    right[~right.any(axis=1), 0] = True
    return scores, right


@pytest.mark.parametrize("allowed", [0.2, 0.5])
def test_sets_reach_the_recall_that_is_promised(allowed: float) -> None:
    scores, right = drawn(1, 400)
    held = conformal.threshold(scores, right, allowed)

    def missed(threshold: float, table: Any, truth: Any) -> float:
        return float(
            np.mean([1 - truth[row][table[row] >= threshold].sum() / truth[row].sum() for row in range(len(table))])
        )

    assert (400 * missed(held, scores, right) + 1) / 401 <= allowed
    above = np.unique(scores[right])
    assert (400 * missed(above[above > held][0], scores, right) + 1) / 401 > allowed, "it is the highest"
    new = [missed(held, *drawn(seed, 400)) for seed in range(2, 12)]
    assert np.mean(new) <= allowed + 0.02


def test_sets_are_measured_beside_lists_of_one_length() -> None:
    found = conformal.measure(experiment(), None)
    assert [row["promised"] for row in found] == list(conformal.RECALLS)
    sizes = [row["size"] for row in found]
    assert sizes == sorted(sizes)
    assert all(0 <= row["recall"] <= 1 and row["list"] >= 1 for row in found)
    result = {
        "date": "2026-01-02",
        "versions": {"triage": "0.1.0"},
        "encoder": None,
        "sets": {"set": {"asked": 14, "variants": {}, "helper_sets": found}},
    }
    table = markdown(result).splitlines()
    assert table[2].startswith("| **set, helpers as sets: promised recall**")
    assert len(table) == 4 + len(conformal.RECALLS)


def test_sets_that_are_not_measured_keep_their_figures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    header = "id,title,topic,lead,co\n"
    rows = [f"{n},{c.suggestion.title},{c.topics[0]},{c.leads[0]},{';'.join(c.co)}" for n, c in enumerate(CASES)]
    (tmp_path / "cixi2017.csv").write_text(header + "\n".join(rows), encoding="utf-8")
    monkeypatch.setattr(command, "VARIANTS", VARIANTS[:2])
    kept = {"sets": {"taidi2020_topics": {"asked": 1, "variants": {}}}}
    (tmp_path / "ablation.json").write_text(json.dumps(kept), encoding="utf-8")
    arguments = ["--data", str(tmp_path), "--no-encoder", "--out", str(tmp_path), "--only", "cixi2017"]
    assert command.main(arguments) == 0
    sets = json.loads((tmp_path / "ablation.json").read_bytes())["sets"]
    assert set(sets) == {"taidi2020_topics", "cixi2017"}
    assert set(sets["cixi2017"]["variants"]) == {variant.name for variant in VARIANTS[:2]}
    assert command.main(["--data", str(tmp_path / "none"), "--no-encoder", "--out", str(tmp_path)]) == 2
