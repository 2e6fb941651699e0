"""Figures, their intervals, confusion and costs, each held to another way of reckoning it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm, poisson
from sklearn.metrics import f1_score, precision_recall_fscore_support, top_k_accuracy_score
from sklearn.preprocessing import MultiLabelBinarizer

from triage import Decision, Evidence, InputError, Mode, TopicScore, Triaged, UnitScore
from triage.learning.evaluation import Costs, Resampling, Scored
from triage.learning.evaluation.asking import NOTHING
from triage.learning.evaluation.calibration import CalibrationError, calibration
from triage.learning.evaluation.confusion import confusion, mistakes, quasi_independent
from triage.learning.evaluation.figures import AccuracyAt, MacroF1, co_figures, figures, lead_figures, topic_figures
from triage.learning.evaluation.intervals import Ratio, Share, Statistic, value_of, wilson
from triage.learning.evaluation.promise import coverage, promise
from triage.learning.evaluation.returns import returns
from triage.learning.evaluation.tables import cold, repeats, sources, units
from triage.learning.measures import accuracy_at_coverage, calibration_error, macro_f1

UNITS = tuple("甲乙丙丁戊己庚辛")


def scored(count: int, seed: int = 0) -> list[Scored]:
    """Invented answers: rankings with scores, some right, to cases of which some lack a lead, helpers or a topic."""
    chance = np.random.default_rng(seed)
    made = []
    for number in range(count):
        order = chance.permutation(len(UNITS))
        score = np.sort(chance.dirichlet(np.full(len(UNITS), 0.4)))[::-1].round(4)
        right = order[0] if chance.random() < score[0] else order[chance.integers(1, len(order))]
        helpers = [UNITS[unit] for unit in chance.permutation(len(UNITS)) if unit != order[0]]
        co = tuple(UnitScore(unit, value) for unit, value in zip(helpers, np.sort(chance.random(7))[::-1], strict=True))
        answer = Triaged(
            f"case-{number}",
            (),
            tuple(UnitScore(UNITS[unit], float(value)) for unit, value in zip(order, score, strict=True)),
            co,
            Mode.SOLE,
            Decision.SUGGEST if score[0] > 0.8 else Decision(chance.choice(["choose", "coordinate"])),
        )
        wanted = tuple(UNITS[unit] for unit in chance.permutation(len(UNITS))[: chance.integers(0, 4)])
        lead = () if chance.random() < 0.1 else (UNITS[right],)
        made.append(
            Scored(
                answer,
                lead,
                tuple(unit for unit in wanted if unit not in lead),
                topic="" if chance.random() < 0.1 else str(chance.choice(["路", "水", "电"])),
                said=TopicScore(str(chance.choice(["路", "水", "电", "气"])), float(chance.random())),
                source=str(chance.choice(["人大", "政协"])),
                taught=int(chance.integers(0, 8)),
                learned=bool(chance.random() < 0.2),
                group=int(chance.integers(0, max(1, count * 3 // 4))),
            )
        )
    return made


def statistics(cases: Sequence[Scored]) -> dict[str, Statistic]:
    return {**lead_figures(cases), **co_figures(cases), **topic_figures(cases)}


# --- the figures themselves ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(5))
def test_leads_are_counted_as_sklearn_counts_them(seed: int) -> None:
    cases = [one for one in scored(200, seed) if one.leads]
    values = figures(cases).values
    right = [UNITS.index(one.leads[0]) for one in cases]
    table = np.zeros((len(cases), len(UNITS)))
    for row, one in enumerate(cases):
        for place, lead in enumerate(one.answer.lead):
            table[row, UNITS.index(lead.unit)] = -place
    for k in (1, 3, 5):
        expected = top_k_accuracy_score(right, table, k=k, labels=range(len(UNITS)))
        assert values[f"lead_top_{k}"] == pytest.approx(expected, abs=1e-4)
    said = [one.first for one in cases]
    f1 = f1_score([one.leads[0] for one in cases], said, average="macro")
    assert values["lead_macro_f1"] == pytest.approx(f1, abs=1e-4)
    assert values["lead_macro_f1"] == macro_f1(said, [one.leads[0] for one in cases])
    first, correct = np.array([one.score for one in cases]), np.array([one.right for one in cases])
    assert values["lead_calibration_error"] == pytest.approx(calibration_error(first, correct), abs=1e-4)
    for share, rate in accuracy_at_coverage(first, correct, (0.2, 0.35, 0.5, 0.8)).items():
        assert values[f"lead_accuracy_at_{share:.0%}"] == rate
    suggested = np.array([one.answer.decision is Decision.SUGGEST for one in cases])
    assert values["suggest_accuracy"] == pytest.approx(correct[suggested].mean(), abs=1e-4)


@pytest.mark.parametrize("seed", range(3))
def test_sets_and_topics_are_counted_as_sklearn_counts_them(seed: int) -> None:
    cases = scored(150, seed)
    values = figures(cases).values
    settled = [one for one in cases if one.co or one.leads]
    table = MultiLabelBinarizer(classes=list(UNITS)).fit([UNITS])
    wanted = table.transform([one.co for one in settled])
    sizes = [round(sum(helper.score for helper in one.answer.co)) for one in settled]
    for name, sets in (
        ("co_set", [[helper.unit for helper in one.answer.co if helper.score >= 0.5] for one in settled]),
        ("co_expected", [[h.unit for h in one.answer.co[:size]] for one, size in zip(settled, sizes, strict=True)]),
    ):
        expected = precision_recall_fscore_support(wanted, table.transform(sets), average="micro")[:3]
        found = [values[f"{name}_{part}"] for part in ("precision", "recall", "f1")]
        assert found == pytest.approx(expected, abs=1e-4)
    filed = [one for one in cases if one.topic]
    f1 = f1_score([one.topic for one in filed], [one.said.name for one in filed], average="macro")
    assert values["topic_macro_f1"] == pytest.approx(f1, abs=1e-4)
    assert values["co_count"] == pytest.approx(np.mean([len(one.co) for one in settled]), abs=1e-4)


def test_the_calibration_error_is_what_the_hand_reckons() -> None:
    scores = np.array([0.05, 0.15, 0.12, 0.95, 1.0, 0.55])
    right = np.array([0, 1, 0, 1, 1, 0])
    # Bins: {.05: 0}, {.15: 1, .12: 0}, {.55: 0}, {.95: 1, 1.0: 1}
    by_hand = (abs(0.05 - 0) + 2 * abs(0.135 - 0.5) + abs(0.55 - 0) + 2 * abs(0.975 - 1)) / 6
    assert float(value_of(CalibrationError(scores, right), 6)) == pytest.approx(by_hand)
    found = calibration(scores, right, Resampling(np.arange(6)))
    assert [(row["from"], row["cases"], row["accuracy"]) for row in found["bins"]] == [
        (0.0, 1, 0.0),
        (0.1, 2, 0.5),
        (0.5, 1, 0.0),
        (0.9, 2, 1.0),
    ]
    assert found["error"] == pytest.approx(by_hand, abs=1e-4)
    assert calibration(np.zeros(0), np.zeros(0), Resampling(np.arange(0))) == {}


@settings(max_examples=30)
@given(st.integers(1, 25), st.integers(0, 1_000))
def test_a_weight_is_a_repetition(count: int, seed: int) -> None:
    """Every figure of weighted cases is the figure of the cases written down as often."""
    cases = scored(count, seed)
    weights = np.random.default_rng(seed + 1).integers(0, 4, count)
    weights[0] += 1  # of no case at all there are no figures
    repeated = [one for one, times in zip(cases, weights, strict=True) for _ in range(times)]
    weighted = {name: float(one(weights[None].astype(float))[0]) for name, one in statistics(cases).items()}
    plain = {name: float(value_of(one, len(repeated))) for name, one in statistics(repeated).items()}
    assert weighted == pytest.approx(plain, nan_ok=True)


def test_a_figure_that_no_case_allows_is_absent() -> None:
    answer = Triaged("1", (), (UnitScore("甲", 0.9),), (), Mode.SOLE, Decision.CHOOSE)
    assert figures([]).values == {}
    assert set(figures([Scored(answer, ("甲",))]).values) == {"lead_cases", *lead_figures([Scored(answer, ("甲",))])}
    assert figures([Scored(answer, ("甲",))]).values["suggest_accuracy"] == 0.0
    nothing = Scored(Triaged("2", (), (), (), Mode.SOLE, Decision.CHOOSE), ("甲",), topic="路", said=NOTHING)
    assert figures([nothing]).values["lead_top_5"] == figures([nothing]).values["topic_accuracy"] == 0.0


# --- intervals -------------------------------------------------------------------------------------------------------


def test_the_interval_of_a_share_is_the_textbook_one_where_cases_stand_alone() -> None:
    values = np.random.default_rng(3).random(2_000) < 0.7
    low, high = Resampling(np.arange(2_000), 4_000).intervals({"share": Share(values)})["share"] or (0, 0)
    half = norm.ppf(0.975) * np.sqrt(values.mean() * (1 - values.mean()) / 2_000)
    assert (low, high) == pytest.approx((values.mean() - half, values.mean() + half), abs=0.003)


def test_copies_make_intervals_wider_as_fewer_cases_would() -> None:
    values = np.random.default_rng(3).random(300) < 0.7
    once = Resampling(np.arange(300)).intervals({"x": Share(values)})["x"] or (0, 0)
    copied = Resampling(np.repeat(np.arange(300), 4)).intervals({"x": Share(np.repeat(values, 4))})["x"] or (0, 0)
    assert copied == pytest.approx(once, abs=1e-6), "four copies of each say no more than one"
    alone = Resampling(np.arange(1_200)).intervals({"x": Share(np.repeat(values, 4))})["x"] or (0, 0)
    assert alone[1] - alone[0] < 0.6 * (once[1] - once[0])


def test_intervals_are_the_same_every_time_and_hold_their_figure() -> None:
    cases = scored(120)
    groups = np.array([one.group for one in cases])
    first = figures(cases, Resampling(groups, 300, 7))
    assert first == figures(cases, Resampling(groups, 300, 7))
    assert first != figures(cases, Resampling(groups, 300, 8))
    for name, interval in first.intervals.items():
        assert interval is not None
        assert interval[0] <= first.values[name] <= interval[1], name
        assert not name.endswith("_cases")


def test_drawn_in_parts_is_drawn_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    cases = scored(50)
    whole = Resampling(np.arange(50), 100).drawn(statistics(cases))
    monkeypatch.setattr("triage.learning.evaluation.intervals.ENTRIES", 50 * 100)
    same = Resampling(np.arange(50), 100)
    for found in (same.drawn(statistics(cases)), same.drawn(statistics(cases))):
        assert all(np.array_equal(found[name], whole[name], equal_nan=True) for name in whole)


def test_where_all_agree_the_range_is_wilsons() -> None:
    found = Resampling(np.array([0, 0, 1, 2, 3])).intervals({"all": Share(np.ones(5)), "none": Share(np.zeros(5))})
    assert found == {"all": wilson(4, 4), "none": wilson(0, 4)}
    assert wilson(4, 4) == pytest.approx((0.5101, 1.0), abs=1e-4)  # as statsmodels' proportion_confint gives it
    assert wilson(7, 10) == pytest.approx((0.3968, 0.8922), abs=1e-4)
    assert wilson(0, 0) is None


def test_one_group_alone_has_no_interval_and_an_undefined_figure_neither() -> None:
    assert Resampling(np.zeros(5, int)).intervals({"x": Share(np.ones(5))}) == {"x": None}
    assert Resampling(np.arange(5)).intervals({"x": Ratio(np.ones(5), np.zeros(5))}) == {"x": None}


def test_a_calibration_error_of_exact_scores_may_be_nothing() -> None:
    chance = np.random.default_rng(5)
    scores = chance.uniform(0.2, 1.0, 300)
    exact = calibration(scores, chance.random(300) < scores, Resampling(np.arange(300)))
    assert exact["interval"][0] == 0.0
    assert exact["error"] == pytest.approx(exact["by_chance"], abs=0.04)
    boastful = calibration(scores, chance.random(300) < scores - 0.2, Resampling(np.arange(300)))
    assert boastful["interval"][0] > 0.1
    assert boastful["interval"][0] <= 0.2 <= boastful["interval"][1]


def test_macro_f1_is_not_drawn_below_itself() -> None:
    said, right = [str(n) for n in range(40)] * 2, [str(n) for n in range(40)] * 2
    said[:10] = ["0"] * 10
    statistic = MacroF1(said, right, np.ones(80, bool))
    value = float(value_of(statistic, 80))
    low, high = Resampling(np.arange(80)).intervals({"x": statistic})["x"] or (0, 0)
    assert low < value < high


# --- coverage and the promise ----------------------------------------------------------------------------------------


def test_accuracy_falls_with_coverage_as_the_sorted_answers_say() -> None:
    cases = [one for one in scored(80) if one.leads]
    ordered = sorted(cases, key=lambda one: -one.score)
    for row in coverage(cases, Resampling(np.arange(len(cases)), 50)):
        part = ordered[: row["cases"]]
        assert row["accuracy"] == pytest.approx(np.mean([one.right for one in part]), abs=1e-4)
        assert row["score"] == part[-1].score
        assert row["interval"][0] <= row["accuracy"] <= row["interval"][1] + 1e-9
    assert coverage([], Resampling(np.zeros(0, int))) == []
    nobody = AccuracyAt(np.zeros(2), np.zeros(2), np.zeros(2, bool), (0.5, 1.0))
    assert np.isnan(nobody(np.ones((3, 2)))).all()


def told(right: bool, decision: Decision, number: int) -> Scored:
    answer = Triaged(str(number), (), (UnitScore("甲", 0.9), UnitScore("乙", 0.1)), (), Mode.SOLE, decision)
    return Scored(answer, ("甲",) if right else ("乙",), group=number)


@pytest.mark.parametrize(
    ("right", "of", "verdict"), [(96, 100, "kept"), (90, 100, "kept"), (86, 100, "open"), (60, 100, "broken")]
)
def test_the_verdict_weighs_chance(right: int, of: int, verdict: str) -> None:
    cases = [told(number < right, Decision.SUGGEST, number) for number in range(of)]
    cases += [told(number % 2 == 0, Decision.CHOOSE, of + number) for number in range(of)]
    found = promise(cases, Resampling(np.arange(2 * of)), 0.9)
    assert found["verdict"] == verdict
    assert found["suggest"]["top_1"] == right / of
    assert (found["suggest"]["share"], found["choose"]["share"], found["coordinate"]["cases"]) == (0.5, 0.5, 0)
    assert found["choose"]["top_5"] == 1.0
    assert found["coordinate"]["top_1"] is None


def test_without_a_target_or_a_suggestion_there_is_no_verdict() -> None:
    cases = [told(True, Decision.SUGGEST, number) for number in range(9)]
    assert promise(cases, Resampling(np.arange(9)), None)["verdict"] == "none"
    cases = [told(True, Decision.CHOOSE, number) for number in range(9)]
    assert promise(cases, Resampling(np.arange(9)), 0.9)["verdict"] == "none"
    assert promise([], Resampling(np.zeros(0, int)), 0.9) == {}


# --- tables ----------------------------------------------------------------------------------------------------------


def test_parts_add_up_to_the_whole() -> None:
    cases = scored(200)
    resampling = Resampling(np.array([one.group for one in cases]), 50)
    whole = figures(cases).values
    parts = sources(cases, resampling)
    assert sum(row["cases"] for row in parts) == 200
    pooled = sum(row["figures"]["lead_top_1"] * row["figures"]["lead_cases"] for row in parts)
    assert pooled / whole["lead_cases"] == pytest.approx(whole["lead_top_1"], abs=1e-3)
    kinds = cold(cases, resampling)
    assert sum(kinds[name]["cases"] for name in ("none", "few", "more")) == whole["lead_cases"]
    assert all(row["learned"] <= 3 for row in kinds["units"])
    seen = repeats(cases, resampling)
    assert seen["learned"]["cases"] + seen["new"]["cases"] == 200
    rows = units(cases)
    assert (
        sum(row["cases"] for row in rows)
        == whole["lead_cases"]
        == sum(row["named"] for row in rows)
        + sum(one.first not in {row["unit"] for row in rows} for one in cases if one.leads)
    )


def test_what_nobody_knows_is_not_told() -> None:
    plain = Scored(told(True, Decision.CHOOSE, 1).answer, ("甲",))
    resampling = Resampling(np.arange(1))
    assert cold([plain], resampling) == {}
    assert repeats([plain], resampling) == {}
    assert units([plain])[0]["learned"] is None


# --- confusion -------------------------------------------------------------------------------------------------------


def wrong(right: str, answered: str, number: int, evidence: tuple[Evidence, ...] = ()) -> Scored:
    lead = (UnitScore(answered, 0.9), UnitScore("别处", 0.1))
    return Scored(Triaged(f"{number:03}", (), lead, (), Mode.SOLE, Decision.CHOOSE, evidence=evidence), (right,))


def test_pairs_are_counted_and_the_surprising_ones_told_from_the_large() -> None:
    pairs = [("甲", "乙")] * 6 + [("丙", "丁")] * 4 + [("甲", "丁")] * 5 + [("丙", "乙")] * 5 + [("戊", "己")] * 3
    cases = [wrong(*pair, number) for number, pair in enumerate(pairs)]
    cases += [Scored(cases[0].answer, ("乙",))] * 7
    found = confusion(cases)
    assert (found["mistakes"], found["different"]) == (23, 5)
    first = found["pairs"][0]
    assert (first["right"], first["answered"], first["count"]) == ("甲", "乙", 6)
    loudest = max(found["pairs"], key=lambda row: row["surprise"])
    assert (loudest["right"], loudest["answered"]) == ("戊", "己"), "few, and by no chance"
    for row in found["pairs"]:
        tail = poisson.sf(row["count"] - 1, row["expected"])
        assert row["surprise"] == pytest.approx(-np.log10(tail), abs=0.02)
        assert len(row["ids"]) == row["count"]
    assert found["pairs"][0]["share"] == round(6 / 11, 4)
    assert confusion([]) == {"mistakes": 0, "different": 0, "pairs": []}


@settings(max_examples=30)
@given(st.integers(3, 6), st.integers(0, 500))
def test_expected_mistakes_have_the_same_sums_and_no_diagonal(size: int, seed: int) -> None:
    table = np.random.default_rng(seed).integers(1, 9, (size, size)) * (1.0 - np.eye(size))
    expected = quasi_independent(table, rounds=2_000)
    assert np.diagonal(expected).tolist() == [0.0] * size
    assert expected.sum(axis=1) == pytest.approx(table.sum(axis=1), abs=0.01)
    assert expected.sum(axis=0) == pytest.approx(table.sum(axis=0), abs=0.01)


def test_pairs_are_many_at_most_and_the_loudest_stay() -> None:
    cases = [wrong(f"甲{number}", f"乙{number % 17}", number) for number in range(400)]
    cases += [wrong("丙", "丁", 1_000)]
    found = confusion(cases)
    assert found["different"] == 401
    assert 150 <= len(found["pairs"]) <= 200
    assert ("丙", "丁") in {(row["right"], row["answered"]) for row in found["pairs"]}


def test_mistakes_tell_duties_and_precedents_and_no_words_of_a_text() -> None:
    evidence = (
        Evidence("乙", "duty", "职责“修路”与本文相符", 0.4, phrase="修路"),
        Evidence("乙", "precedent", "相近案件《秘密的题目》由乙主办", 0.9, "P-1", ("乙", "丙")),
        Evidence("乙", "words", "起作用的词：秘密", 1.0),
        Evidence("甲", "duty", "职责“管水（含“泵站”）”与本文相符", 0.3, phrase="管水（含“泵站”）"),
        Evidence("别处", "duty", "职责“别的”与本文相符", 0.8),
    )
    (row,) = mistakes([wrong("甲", "乙", 1, evidence)])
    assert row["evidence"] == {
        "answered": [
            {"kind": "duty", "unit": "乙", "phrase": "修路", "score": 0.4},
            {"kind": "precedent", "unit": "乙", "case": "P-1", "units": ["乙", "丙"], "score": 0.9},
        ],
        "right": [{"kind": "duty", "unit": "甲", "phrase": "管水（含“泵站”）", "score": 0.3}],
    }
    assert row["rank"] is None
    assert "秘密" not in str(row)


# --- returns ---------------------------------------------------------------------------------------------------------


def cost_of(cases: Sequence[Scored], costs: Costs, threshold: float) -> float:
    total = 0.0
    for one in cases:
        if one.score >= threshold:
            total += 0.0 if one.right else costs.returned
        else:
            total += costs.chosen + costs.clerk_errors * costs.returned
            total += 0.0 if one.rank < 5 else costs.searched
    return total / len(cases)


@pytest.mark.parametrize("costs", [Costs(), Costs(3, 1, 0), Costs(1, 5, 5), Costs(10, 1, 3, 0.2), Costs(0, 0, 0)])
def test_the_cheapest_threshold_is_the_one_that_trying_all_finds(costs: Costs) -> None:
    cases = [one for one in scored(120, 2) if one.leads]
    found = returns(cases, costs, Resampling(np.arange(len(cases)), 50))
    tried = {one.score: cost_of(cases, costs, one.score) for one in cases} | {2.0: cost_of(cases, costs, 2.0)}
    assert found["best"]["cost"] == pytest.approx(min(tried.values()), abs=1e-4)
    threshold = found["best"]["threshold"]
    assert cost_of(cases, costs, 2.0 if threshold is None else threshold) == pytest.approx(min(tried.values()))
    assert found["first"]["cost"] == pytest.approx(cost_of(cases, costs, 0.0), abs=1e-4)
    assert found["clerk"]["cost"] == pytest.approx(cost_of(cases, costs, 2.0), abs=1e-4)
    for row in found["curve"]:
        assert row["cost"] == pytest.approx(cost_of(cases, costs, row["threshold"]), abs=1e-4)
    assert found["clerk"]["returned"] == costs.clerk_errors
    assert found["best"]["cost"] <= min(found["first"]["cost"], found["clerk"]["cost"])


def test_where_nothing_is_saved_a_clerk_chooses() -> None:
    cases = [wrong("甲", "乙", number) for number in range(9)]
    assert returns(cases, Costs(), Resampling(np.arange(9)))["best"]["threshold"] is None
    assert returns([], Costs(), Resampling(np.zeros(0, int))) == {}


@pytest.mark.parametrize(
    "bad", [{"returned": -1.0}, {"chosen": float("nan")}, {"searched": float("inf")}, {"clerk_errors": 1.0}]
)
def test_a_cost_is_a_number(bad: dict[str, Any]) -> None:
    with pytest.raises(InputError, match=r"e\.g\."):
        Costs(**bad)
