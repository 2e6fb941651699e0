"""Models trained on what is known and asked about the rest: nothing leaks, and what a reader must know is told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date as Date
from datetime import timedelta
from typing import Any

import numpy as np
import pytest

from triage import Case, Decision, InputError, Mode, Suggestion, Triaged, Triager, UnitScore
from triage.catalogue import Catalogue, Unit
from triage.learning.evaluation import (
    Split,
    Terms,
    backtest,
    copy_groups,
    evaluate,
    evaluate_by_folds,
    evaluate_by_time,
)

LETTERS = (
    "东街路面破损请修补",
    "学校食堂饭菜太凉",
    "养老院缺少护工",
    "河道漂浮垃圾成片",
    "公交站没有遮雨棚",
    "夜里工地噪声扰民",
)
NAMES = ("甲局", "乙局", "丙局")
FAST = Terms(draws=50)


def cases(count: int, **more: Any) -> list[Case]:
    start = Date(2024, 1, 1)
    # Each has words of its own, or all of one matter would be copies.
    own = ["".join(chr(0x4E00 + (number * 97 + sign * 31) % 3_000) for sign in range(20)) for number in range(count)]
    wording = [f"{LETTERS[number % 6]}，{own[number]}" for number in range(count)]
    return [
        Case(
            Suggestion(f"{number}", text=text, source="人大", date=start + timedelta(number)),
            more.get("leads", lambda number: (NAMES[number % 3],))(number),
            more.get("co", lambda number: ())(number),
        )
        for number, text in enumerate(wording)
    ]


class Frequent:
    """A model that answers what was frequent in what it was given, and remembers what that was."""

    def __init__(self, known: Sequence[Case]) -> None:
        self.known = list(known)
        counts: dict[str, int] = {}
        for case in known:
            for unit in case.leads:
                counts[unit] = counts.get(unit, 0) + 1
        self.units = tuple(sorted(counts, key=lambda unit: (-counts[unit], unit))) or ("甲局",)
        self.catalogue = Catalogue(units=tuple(Unit(name, name) for name in self.units))
        self.card = {"promise": {"accuracy": 0.8}, "model": "frequent"}
        self.asked: list[str] = []

    def triage(self, suggestions: Sequence[Suggestion]) -> list[Triaged]:
        self.asked += [one.id for one in suggestions]
        lead = tuple(UnitScore(unit, 0.6 / (place + 1)) for place, unit in enumerate(self.units))
        return [Triaged(one.id, (), lead, (), Mode.SOLE, Decision.SUGGEST) for one in suggestions]


class Made(list[Frequent]):
    """The models that were made."""

    def __call__(self, known: Sequence[Case], progress: Callable[[str, float], None]) -> Frequent:
        progress("learning", 1.0)
        self.append(Frequent(known))
        return self[-1]


def test_by_time_the_model_knows_only_what_was_dated_before() -> None:
    made, history = Made(), cases(40)
    report = evaluate_by_time(made, history, share=0.25, terms=FAST)
    (model,) = made
    start = Date.fromisoformat(report["about"]["start"])
    assert all(case.suggestion.date is not None and case.suggestion.date < start for case in model.known)
    assert model.asked == [str(number) for number in range(30, 40)]
    assert (report["about"]["known"], report["cases"], report["promise"]["target"]) == (30, 10, 0.8)
    assert report["about"]["end"] == "2024-02-09"


def test_undated_cases_are_neither_known_nor_asked_and_this_is_told() -> None:
    made, history = Made(), cases(20)
    history += [Case(Suggestion("x", "没有日期的一件", source="人大"), ("甲局",))]
    report = evaluate_by_time(made, history, terms=FAST)
    assert "x" not in {case.suggestion.id for case in made[0].known} | set(made[0].asked)
    assert {"code": "cases.undated", "cases": 1} in report["notices"]
    assert report["about"]["undated"] == 1


def test_a_later_copy_of_a_known_text_is_told_apart() -> None:
    history = cases(20)
    copy = Case(Suggestion("again", text=history[3].suggestion.text, date=Date(2024, 2, 1)), ("甲局",))
    report = evaluate_by_time(Made(), [*history, copy], terms=FAST)
    assert report["repeats"]["learned"]["cases"] == 1
    assert report["repeats"]["new"]["cases"] == report["cases"] - 1
    (notice,) = [one for one in report["notices"] if one["code"] == "cases.repeated"]
    assert notice["cases"] == 1


def test_in_folds_each_case_is_asked_once_of_a_model_without_it_and_its_copies() -> None:
    made, history = Made(), cases(24)
    history += [
        Case(Suggestion(f"copy-{case.suggestion.id}", text=case.suggestion.text + "！"), case.leads)
        for case in history[:8]
    ]
    shares: list[float] = []
    report = evaluate_by_folds(made, history, lambda _, share: shares.append(share), folds=4, terms=FAST)
    asked = [one for model in made for one in model.asked]
    assert sorted(asked) == sorted(case.suggestion.id for case in history)
    groups = dict(
        zip([case.suggestion.id for case in history], copy_groups([c.suggestion for c in history]), strict=True)
    )
    for model in made:
        known = {groups[case.suggestion.id] for case in model.known}
        assert not known & {groups[one] for one in model.asked}
    assert report["repeats"] == {}
    assert report["about"]["groups"] < len(history)
    assert shares == sorted(shares)
    assert 0 < shares[0] < shares[-1] <= 1


def test_how_often_a_lead_was_learned_is_counted_by_fold() -> None:
    history = cases(9, leads=lambda number: ("甲局",) if number < 8 else ("丙局",))
    splits = [Split(np.arange(0, 5), np.arange(5, 9))]
    scored, target = backtest(Made(), history, splits)
    assert [one.taught for one in scored] == [5, 5, 5, 0]
    assert scored[-1].unknown == ("丙局",)
    assert target == 0.8


def test_the_same_seed_gives_the_same_report() -> None:
    one, other = (evaluate_by_folds(Made(), cases(20), folds=3, terms=Terms(seed=4, draws=30)) for _ in range(2))
    assert one == other
    assert one != evaluate_by_folds(Made(), cases(20), folds=3, terms=Terms(seed=5, draws=30))


def codes(report: dict[str, Any]) -> set[str]:
    return {notice["code"] for notice in report["notices"]}


def test_one_lead_alone_and_leads_that_all_differ_are_told() -> None:
    alike = evaluate_by_folds(Made(), cases(12, leads=lambda number: ("甲局",)), folds=2, terms=FAST)
    assert "leads.one" in codes(alike)
    assert alike["figures"]["lead_top_1"] == 1.0
    different = evaluate_by_folds(Made(), cases(12, leads=lambda number: (f"{number}局",)), folds=2, terms=FAST)
    assert {"leads.different", "names.unknown", "cases.few"} <= codes(different)
    assert different["figures"]["lead_top_5"] == 0.0
    assert len(different["unknown"]) == 12
    assert different["cold"]["none"]["cases"] == 12


def test_cases_without_leads_are_scored_for_what_they_have() -> None:
    report = evaluate_by_folds(
        Made(), cases(12, leads=lambda number: (), co=lambda number: ("甲局",)), folds=2, terms=FAST
    )
    assert "leads.none" in codes(report)
    assert report["promise"] == report["returns"] == {}
    assert report["coverage"] == report["units"] == report["mistakes"] == []
    assert report["figures"]["co_cases"] == 12


def test_cases_that_cannot_be_scored_are_refused() -> None:
    with pytest.raises(InputError, match="no cases"):
        evaluate_by_folds(Made(), [])
    with pytest.raises(InputError, match="no cases"):
        evaluate_by_time(Made(), [])
    with pytest.raises(InputError, match="none of the 5 cases has a lead"):
        evaluate_by_folds(Made(), cases(5, leads=lambda number: ()))
    with pytest.raises(InputError, match="1 cases in 1 groups"):
        evaluate_by_folds(Made(), cases(1))
    with pytest.raises(InputError, match=r"3 cases in 3 groups of copies cannot .* at most 3"):
        evaluate_by_folds(Made(), cases(3))
    with pytest.raises(InputError, match="none of the 2 cases has a date"):
        evaluate_by_time(Made(), [Case(Suggestion("1", "修路"), ("甲局",)), Case(Suggestion("2", "修桥"), ("甲局",))])


def test_a_bundle_that_has_seen_the_cases_is_told_from_one_that_has_not(triager: Triager, root: Any) -> None:
    from triage.datasets import read_cases

    history = read_cases(root / "examples" / "cases.csv")
    fresh = [Case(Suggestion(f"new-{case.suggestion.id}", text=case.suggestion.text), case.leads) for case in cases(5)]
    report = evaluate(triager, [*history[:20], *fresh], terms=FAST)
    (notice,) = [one for one in report["notices"] if one["code"] == "cases.learned"]
    assert (notice["cases"], notice["of"]) == (20, 25)
    assert report["repeats"]["learned"]["cases"] == 20
    assert report["about"]["known"] == 459
    assert report["cold"]["none"]["cases"] == 5, "the bundle has no case of 甲局, 乙局 and 丙局"
    assert "cases.learned" not in codes(evaluate(triager, fresh, terms=FAST))
    renamed = [
        Case(Suggestion("other-id", one.suggestion.title, one.suggestion.text), one.leads) for one in history[:3]
    ]
    assert evaluate(triager, renamed, terms=FAST)["repeats"]["learned"]["cases"] == 3, "known by the text, not the id"


def test_a_model_that_does_not_tell_what_it_learned_has_no_cold_units() -> None:
    report = evaluate(Frequent(cases(6)), cases(6), terms=FAST)
    assert report["cold"] == report["repeats"] == {}
    assert (report["about"]["known"], report["about"]["model"]) == (None, "frequent")
