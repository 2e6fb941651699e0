"""Two prescribed models on the same cases: figures by hand, verdicts only where chance could not, units, leaks."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date as Date
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from triage import Case, Decision, InputError, Mode, Suggestion, TopicScore, Triaged, UnitScore
from triage.catalogue import Catalogue, Topic, Unit
from triage.learning.registry.compare import Comparison, Difference, Verdict, compare
from triage.learning.registry.gate import objections, remarks
from triage.learning.registry.units import holm, sign_test, unit_changes

UNITS = ("甲局", "乙局", "丙局", "丁局")
PLACE = Catalogue(tuple(Unit(name, name) for name in UNITS), (Topic("x", "城建"), Topic("y", "教育")))
SYLLABLES = "道路桥梁学校医院河流水库树林田地市场车站公园图书场馆灯光管网电梯码头茶园渔港寺庙祠堂农机种子"


class Model:
    """Answers each id with the lead that it was told to, in front of the others."""

    def __init__(
        self,
        leads: Mapping[str, str],
        *,
        name: str = "model",
        sure: float = 0.8,
        helpers: Mapping[str, Sequence[str]] | None = None,
        topics: Mapping[str, str] | None = None,
        suggest: bool = False,
        seen: Mapping[str, float] | None = None,
        catalogue: Catalogue = PLACE,
        units: Sequence[str] = UNITS,
    ) -> None:
        self.leads, self.sure, self.helpers, self.topics = leads, sure, helpers or {}, topics or {}
        self.suggest, self.seen = suggest, seen or {}
        self.catalogue, self.units = catalogue, tuple(units)
        self.card: dict[str, Any] = {"model": name}

    def learned(self, suggestions: Sequence[Suggestion]) -> list[float]:
        return [self.seen.get(suggestion.id, 0.0) for suggestion in suggestions]

    def triage(self, suggestions: Sequence[Suggestion]) -> list[Triaged]:
        return [self._answer(suggestion.id) for suggestion in suggestions]

    def _answer(self, name: str) -> Triaged:
        first = self.leads[name]
        rest = [unit for unit in self.units if unit != first]
        lead = (UnitScore(first, self.sure), *(UnitScore(unit, (1 - self.sure) / len(rest)) for unit in rest))
        co = tuple(UnitScore(unit, 0.6) for unit in self.helpers.get(name, ()))
        topic = self.topics.get(name, "城建")
        decision = Decision.SUGGEST if self.suggest else Decision.CHOOSE
        return Triaged(name, (TopicScore(topic, 0.9, (topic,)),), lead, co, Mode.SOLE, decision)


def cases(count: int, *, copies: bool = False, co: tuple[str, ...] = (), topic: str = "") -> list[Case]:
    """Cases of 甲局 whose texts have nothing in common, or all the same text."""
    chance = np.random.default_rng(7)
    made = []
    for number in range(count):
        letters = "".join(chance.choice(list(SYLLABLES), 14)) if not copies else "在村口修一座能过车的桥"
        suggestion = Suggestion(f"n{number}", f"关于{letters}的建议")
        made.append(Case(suggestion, ("甲局",), co, (topic,) if topic else ()))
    return made


def right_in(share: Sequence[int], count: int) -> dict[str, str]:
    """甲局 for the numbers given, 乙局 for the others."""
    return {f"n{number}": "甲局" if number in share else "乙局" for number in range(count)}


def figure(found: Comparison, name: str) -> Difference:
    return next(entry for entry in found.figures if entry.figure == name)


# --- figures ---------------------------------------------------------------------------------------------------------


def test_a_model_against_itself_differs_in_nothing() -> None:
    found = compare(Model(right_in(range(30), 60)), Model(right_in(range(30), 60)), cases(60))
    assert (found.cases, found.groups) == (60, 60)
    for entry in found.figures:
        assert entry.verdict is Verdict.OPEN
        assert entry.difference in (0.0, None)
    first = figure(found, "lead_top_1")
    assert (first.earlier, first.later, first.interval, first.p) == (0.5, 0.5, (0.0, 0.0), 1.0)
    assert first.detectable == 0.05, "of sixty cases without a difference three may still be one"
    assert found.moved == ()
    assert objections(found) == ()


def test_the_interval_is_that_of_pairs() -> None:
    """40 won and 10 lost of 200: the difference is .15, its standard error that of paired shares."""
    earlier, later = right_in(range(100), 200), right_in([*range(10, 100), *range(100, 140)], 200)
    found = compare(Model(earlier), Model(later), cases(200))
    first = figure(found, "lead_top_1")
    assert (first.earlier, first.later, first.difference) == (0.5, 0.65, 0.15)
    deviation = np.sqrt((50 / 200 - 0.15**2) / 200)
    assert first.interval == pytest.approx((0.15 - 1.96 * deviation, 0.15 + 1.96 * deviation), abs=0.012)
    assert first.detectable == pytest.approx(2.8 * deviation, rel=0.1)
    assert first.p == pytest.approx(binomtest(40, 50).pvalue, abs=1e-6)
    assert first.verdict is Verdict.BETTER
    assert not found.enough
    assert found.wanted == pytest.approx(200 * (2.8 * deviation / 0.05) ** 2, rel=0.2)
    back = compare(Model(later), Model(earlier), cases(200))
    assert figure(back, "lead_top_1").verdict is Verdict.WORSE
    assert any("lead_top_1 is worse: 0.650 → 0.500" in objection for objection in objections(back))


def test_the_same_seed_gives_the_same_intervals_and_another_others() -> None:
    def drawn(seed: int) -> Comparison:
        return compare(Model(right_in(range(30), 60)), Model(right_in(range(10, 50), 60)), cases(60), seed=seed)

    assert drawn(1) == drawn(1)
    assert drawn(1).figures != drawn(2).figures


def test_five_cases_prove_nothing_and_six_do() -> None:
    for count, verdict in ((5, Verdict.OPEN), (6, Verdict.WORSE)):
        found = compare(Model(right_in(range(count), 40)), Model(right_in((), 40)), cases(40))
        assert figure(found, "lead_top_1").verdict is verdict


def test_copies_of_one_text_count_as_one() -> None:
    found = compare(Model(right_in(range(40), 40)), Model(right_in((), 40)), cases(40, copies=True))
    assert (found.cases, found.groups) == (40, 1)
    assert figure(found, "lead_top_1").verdict is Verdict.OPEN
    assert objections(found) == ()


def test_helpers_topics_and_calibration_are_compared() -> None:
    helped = {f"n{number}": ("乙局", "丙局") for number in range(60)}
    half = {f"n{number}": ("丙局",) for number in range(60)}
    right = right_in(range(60), 60)
    earlier = Model(right, helpers=helped, topics={f"n{number}": "教育" for number in range(60)}, sure=0.97)
    later = Model(right, helpers=half, topics={f"n{number}": "城建" for number in range(60)}, sure=0.6)
    found = compare(earlier, later, cases(60, co=("乙局",), topic="教育"))
    recall, topics = figure(found, "co_recall_5"), figure(found, "topic_macro_f1")
    assert (recall.earlier, recall.later, recall.verdict) == (1.0, 0.0, Verdict.WORSE)
    assert (topics.earlier, topics.later, topics.verdict) == (1.0, 0.0, Verdict.WORSE)
    error = figure(found, "lead_calibration_error")
    assert (error.earlier, error.later) == pytest.approx((0.03, 0.4))
    assert error.verdict is Verdict.WORSE, "of an error more is worse"
    better = figure(compare(later, earlier, cases(60, co=("乙局",), topic="教育")), "lead_calibration_error")
    assert better.verdict is Verdict.BETTER
    told = " ".join(objections(found))
    assert all(name in told for name in ("co_recall_5", "topic_macro_f1", "lead_calibration_error"))


def test_a_figure_that_is_not_defined_is_left_open() -> None:
    right = right_in(range(30), 40)
    found = compare(Model(right, suggest=True), Model(right), cases(40))
    accuracy, coverage = figure(found, "suggest_accuracy"), figure(found, "suggest_coverage")
    assert (accuracy.earlier, accuracy.later, accuracy.difference, accuracy.interval) == (0.75, None, None, None)
    assert accuracy.verdict is Verdict.OPEN
    assert (coverage.earlier, coverage.later, coverage.verdict) == (1.0, 0.0, Verdict.WORSE)


# --- cases that one of them knows ------------------------------------------------------------------------------------


def test_what_a_model_learned_from_is_left_out_and_told() -> None:
    earlier = Model(right_in(range(60), 60), seen={"n0": 1.0, "n1": 0.8, "n2": 0.7})
    later = Model(right_in(range(60), 60), seen={"n1": 1.0, "n3": 0.9})
    found = compare(earlier, later, cases(60))
    assert found.left_out == {"earlier": ["n0", "n1"], "later": ["n1", "n3"]}
    assert found.cases == 57
    assert "left out: 3 of the cases; 2 of them" in remarks(found)[0]


def test_nothing_left_to_compare_is_said() -> None:
    with pytest.raises(InputError, match=r"of 3 cases 3 are among those .* Give later handled cases"):
        compare(Model(right_in((), 3), seen=dict.fromkeys(("n0", "n1", "n2"), 1.0)), Model(right_in((), 3)), cases(3))
    with pytest.raises(InputError, match="none of the other 1 has a lead"):
        compare(Model({"q": "甲局"}), Model({"q": "甲局"}), [Case(Suggestion("q", "关于修桥的建议"))])
    with pytest.raises(InputError, match="of 0 cases"):
        compare(Model({}), Model({}), [])


def test_too_few_cases_are_said_with_the_number_that_would_do() -> None:
    found = compare(Model(right_in(range(15), 20)), Model(right_in(range(5, 20), 20)), cases(20))
    assert not found.enough
    assert found.wanted > 20
    assert any("20 cases are too few to tell" in remark for remark in remarks(found))
    plenty = compare(Model(right_in(range(300), 400)), Model(right_in(range(2, 301), 400)), cases(400))
    assert plenty.enough
    assert not any("too few" in remark for remark in remarks(plenty))


# --- units and cases -------------------------------------------------------------------------------------------------


def test_who_won_where_and_which_cases_moved() -> None:
    given = [
        Case(Suggestion(f"n{n}", f"关于{SYLLABLES[n]}{SYLLABLES[-n - 1]}的建议"), (UNITS[n % 2],)) for n in range(8)
    ]
    earlier = {f"n{n}": UNITS[n % 2] for n in range(8)}
    later = {**earlier, "n1": "丙局", "n3": "丙局", "n0": "丁局"}
    found = compare(Model({**earlier, "n0": "丙局"}), Model(later), given)
    units = {unit.unit: unit for unit in found.units}
    assert (units["乙局"].cases, units["乙局"].wins, units["乙局"].losses) == (4, 0, 2)
    assert units["乙局"].p == sign_test(0, 2) == 0.5
    assert [(case.id, case.better) for case in found.moved] == [("n1", "earlier"), ("n3", "earlier"), ("n0", "")]
    assert found.moved[0].right == ("乙局",)
    assert (found.moved[0].earlier, found.moved[0].later) == ("乙局", "丙局")


def test_nothing_that_is_kept_holds_a_text() -> None:
    given = cases(30)
    found = compare(Model(right_in(range(30), 30)), Model(right_in((), 30)), given)
    for kept in (found.to_dict(), found.summary()):
        written = json.dumps(kept, ensure_ascii=False)
        assert json.loads(written)["cases"] == 30
        assert not any(case.suggestion.title in written for case in given)
    assert found.summary()["moved"] == {"earlier": 30, "later": 0, "neither": 0}
    assert found.summary()["left_out"] == {"earlier": 0, "later": 0}


OLD = Catalogue(
    (
        Unit("js", "建设局"),
        Unit("fg", "房产管理局"),
        Unit("ly", "旅游局"),
        Unit("wj", "文化局"),
        Unit("qx", "气象局"),
    )
)
NEW = Catalogue(
    (
        Unit("zj", "住房和城乡建设局", aliases=("住建局",)),
        Unit("js", "建设局", active_to=Date(2024, 1, 1), succeeded_by=("zj",)),
        Unit("fg", "房产管理局", active_to=Date(2024, 1, 1), succeeded_by=("zj",)),
        Unit("wl", "文化和旅游局"),
        Unit("wj", "文化局", active_to=Date(2024, 1, 1), succeeded_by=("wl",)),
        Unit("sj", "数据局"),
    )
)


def names(catalogue: Catalogue) -> tuple[str, ...]:
    return tuple(unit.name for unit in catalogue.current())


def test_a_reorganised_unit_is_carried_on_and_not_lost() -> None:
    earlier = Model({}, catalogue=OLD, units=names(OLD))
    later = Model({}, catalogue=NEW, units=names(NEW))
    found = unit_changes(earlier, later)
    assert found.lost == ("气象局",), "nobody says who took over from it"
    assert dict(found.carried) == {
        "建设局": ("住房和城乡建设局",),
        "房产管理局": ("住房和城乡建设局",),
        "旅游局": ("文化和旅游局",),
        "文化局": ("文化和旅游局",),
    }
    assert found.new == ("数据局",)
    assert unit_changes(later, later).lost == ()


def test_a_successor_that_only_the_earlier_model_knows_of_counts_too() -> None:
    known = Catalogue((*OLD.units[:2], Unit("ly", "旅游局", succeeded_by=("wl",)), Unit("wl", "文化和旅游局")))
    earlier = Model({}, catalogue=known, units=("建设局", "旅游局"))
    later = Model(
        {}, catalogue=Catalogue((Unit("1", "文化和旅游局"), Unit("2", "建设局"))), units=("文化和旅游局", "建设局")
    )
    found = unit_changes(earlier, later)
    assert (found.lost, dict(found.carried), found.new) == ((), {"旅游局": ("文化和旅游局",)}, ())


def test_a_successor_that_cannot_be_answered_does_not_save_a_unit() -> None:
    later = Model({}, catalogue=NEW, units=("文化和旅游局", "数据局"))
    assert "建设局" in unit_changes(Model({}, catalogue=OLD, units=names(OLD)), later).lost


def test_an_alias_is_the_unit_and_a_part_of_it_is_not() -> None:
    earlier = Model(
        {}, catalogue=Catalogue((Unit("1", "住建局"), Unit("2", "气象局观测站"))), units=("住建局", "气象局观测站")
    )
    later = Model({}, catalogue=Catalogue((*NEW.units, Unit("qx", "气象局"))), units=(*names(NEW), "气象局"))
    found = unit_changes(earlier, later)
    assert (found.lost, dict(found.carried)) == (("气象局观测站",), {"住建局": ("住房和城乡建设局",)})


def test_lost_units_are_an_objection() -> None:
    given = [Case(Suggestion(f"n{n}", f"关于{SYLLABLES[n : n + 6]}的建议"), ("建设局",)) for n in range(0, 24, 6)]
    leads = {case.suggestion.id: "建设局" for case in given}
    heirs = dict.fromkeys(leads, "住房和城乡建设局")
    found = compare(Model(leads, catalogue=OLD, units=names(OLD)), Model(heirs, catalogue=NEW, units=names(NEW)), given)
    assert objections(found) == ("1 units can no longer be answered, and nobody who took over their work: 气象局",)
    assert found.moved == (), "the successor is the same answer"
    assert figure(found, "lead_top_1").difference == 0.0
    assert any("carried on by others: 建设局 → 住房和城乡建设局" in remark for remark in remarks(found))
    assert any("1 units are new: 数据局" in remark for remark in remarks(found))


def test_a_unit_that_is_surely_found_less_often_is_told() -> None:
    found = compare(Model(right_in(range(40), 40)), Model(right_in((), 40)), cases(40))
    assert any("found less often: 甲局" in remark for remark in remarks(found))


# --- tests of chance -------------------------------------------------------------------------------------------------


def test_holm_by_hand() -> None:
    assert holm(np.array([0.01, 0.04, 0.03, 0.005])) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm(np.array([])).tolist() == []
    assert holm(np.array([0.9, 0.8])).tolist() == [1.0, 1.0]


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_holm_is_between_single_and_bonferroni_and_keeps_the_order(values: list[float]) -> None:
    p = np.array(values)
    adjusted = holm(p)
    assert (adjusted >= p).all()
    assert (adjusted <= np.minimum(1.0, p * len(p)) + 1e-12).all()
    order = np.argsort(p, kind="stable")
    assert (np.diff(adjusted[order]) >= 0).all()


def test_the_sign_test_is_exact() -> None:
    assert sign_test(0, 0) == 1.0
    assert sign_test(6, 0) == sign_test(0, 6) == pytest.approx(2 / 2**6)
    assert sign_test(3, 3) == 1.0
