"""Scoring: the figures of prescribed answers, worked out by hand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date as Date

import pytest

from triage.catalogue import Catalogue, Topic, Unit
from triage.learning.evaluation import evaluate
from triage.learning.evaluation.asking import CHUNK
from triage.records import Case, Decision, Mode, Suggestion, TopicScore, Triaged, UnitScore

PLACE = Catalogue(
    units=(
        Unit("a", "甲局", aliases=("甲委",)),
        Unit("b", "乙局"),
        Unit("c", "丙局"),
        Unit("old", "旧局", active_to=Date(2019, 1, 1), succeeded_by=("b", "c")),
    ),
    topics=(Topic("x", "城建"), Topic("x1", "道路", "x"), Topic("x2", "桥梁", "x"), Topic("y", "教育")),
)


class Prescribed:
    """A model that answers what it was told to, by the suggestion's id."""

    def __init__(self, **answers: Triaged) -> None:
        self.catalogue, self.units = PLACE, ("甲局", "乙局", "丙局")
        self.answers = answers
        self.asked: list[int] = []

    def triage(self, suggestions: Sequence[Suggestion]) -> list[Triaged]:
        self.asked.append(len(suggestions))
        return [self.answers[suggestion.id] for suggestion in suggestions]


def told(
    number: str, leads: str, share: float, co: str = "", topics: Sequence[TopicScore] = (), suggest: bool = False
) -> Triaged:
    names = {"a": "甲局", "b": "乙局", "c": "丙局"}
    lead = tuple(UnitScore(names[code], share / (place + 1)) for place, code in enumerate(leads))
    helpers = tuple(UnitScore(names[code], 0.5) for code in co)
    decision = Decision.SUGGEST if suggest else Decision.CHOOSE
    return Triaged(number, tuple(topics), lead, helpers, Mode.SOLE, decision)


def case(number: str, *leads: str, co: tuple[str, ...] = (), topics: tuple[str, ...] = ()) -> Case:
    return Case(Suggestion(number, "关于路的建议"), leads, co, topics)


def test_leads_are_counted_by_rank_certainty_and_decision() -> None:
    model = Prescribed(
        one=told("one", "abc", 0.9, suggest=True),
        two=told("two", "bac", 0.8, suggest=True),
        three=told("three", "cba", 0.6),
        four=told("four", "abc", 0.5),
    )
    cases = [case("one", "甲委"), case("two", "甲局"), case("three", "甲局", "乙局"), case("four", "某公司")]
    found = evaluate(model, cases)
    figures = found["figures"]
    assert found["cases"] == figures["lead_cases"] == 4
    assert (figures["lead_top_1"], figures["lead_top_3"], figures["lead_top_5"]) == (0.25, 0.75, 0.75)
    assert (figures["suggest_coverage"], figures["suggest_accuracy"]) == (0.5, 0.5)
    assert figures["lead_accuracy_at_50%"] == 0.5
    assert figures["lead_accuracy_at_20%"] == 1.0
    assert figures["lead_calibration_error"] == pytest.approx((0.1 + 0.8 + 0.6 + 0.5) / 4)
    assert found["unknown"] == ["某公司"]


def test_each_lead_has_its_row() -> None:
    model = Prescribed(one=told("one", "abc", 0.9), two=told("two", "bac", 0.8), three=told("three", "cba", 0.6))
    rows = evaluate(model, [case("one", "甲局"), case("two", "甲局"), case("three", "甲局", "乙局")])["units"]
    keys = ("unit", "cases", "top_1", "top_3", "top_5", "named", "precision", "learned")
    assert [tuple(row[key] for key in keys) for row in rows] == [
        ("甲局", 3, 0.3333, 1.0, 1.0, 1, 1.0, None),
        ("乙局", 1, 0.0, 1.0, 1.0, 1, 0.0, None),
    ]


def test_a_former_unit_is_right_with_any_successor() -> None:
    model = Prescribed(one=told("one", "cab", 0.9), two=told("two", "abc", 0.9))
    found = evaluate(model, [case("one", "旧局"), case("two", "旧局")])
    assert found["figures"]["lead_top_1"] == 0.5
    assert found["unknown"] == []


def test_the_surest_mistakes_come_first_and_quote_nothing() -> None:
    model = Prescribed(
        one=told("one", "bac", 0.6),
        two=told("two", "cab", 0.8),
        three=told("three", "abc", 0.9),
        four=told("four", "bac", 0.8),
    )
    found = evaluate(model, [case(number, "甲局") for number in ("one", "two", "three", "four")])
    told_ = [{key: row[key] for key in ("id", "right", "answered", "score", "rank")} for row in found["mistakes"]]
    assert told_ == [
        {"id": "four", "right": ["甲局"], "answered": "乙局", "score": 0.8, "rank": 2},
        {"id": "two", "right": ["甲局"], "answered": "丙局", "score": 0.8, "rank": 2},
        {"id": "one", "right": ["甲局"], "answered": "乙局", "score": 0.6, "rank": 2},
    ]
    assert "关于路" not in str(found)


def test_helpers_are_recalled() -> None:
    model = Prescribed(
        one=told("one", "a", 0.9, co="bc"), two=told("two", "a", 0.9, co="c"), three=told("three", "a", 0.9)
    )
    cases = [case("one", "甲局", co=("乙局", "丙局")), case("two", "甲局", co=("乙局",)), case("three", "甲局")]
    figures = evaluate(model, cases)["figures"]
    assert (figures["co_cases"], figures["co_recall_3"], figures["co_recall_10"]) == (2, 0.5, 0.5)


ROAD = TopicScore("道路", 0.7, ("城建", "道路"))
BRIDGE = TopicScore("桥梁", 0.1, ("城建", "桥梁"))
CITY = TopicScore("城建", 0.8, ("城建",))
SCHOOL = TopicScore("教育", 0.2, ("教育",))


def test_topics_are_scored_on_the_level_of_their_label() -> None:
    every = (CITY, ROAD, SCHOOL, BRIDGE)
    model = Prescribed(
        one=told("one", "a", 0.9, topics=every),
        two=told("two", "a", 0.9, topics=every),
        three=told("three", "a", 0.9, topics=(CITY, ROAD, SCHOOL)),
        four=told("four", "a", 0.9, topics=every),
    )
    cases = [
        case("one", topics=("城建/道路",)),
        case("two", topics=("城建",)),
        case("three", topics=("城建 > 桥梁",)),
        case("four", topics=("教育",)),
    ]
    figures = evaluate(model, cases)["figures"]
    assert (figures["topic_cases"], figures["topic_accuracy"]) == (4, 0.5)
    # 道路 is said of one and three, 城建 of two and four; 桥梁 and 教育 are never said.
    assert figures["topic_macro_f1"] == pytest.approx((2 / 3 + 2 / 3 + 0 + 0) / 4, abs=1e-4)
    assert figures["topic_calibration_error"] == pytest.approx((2 * abs(0.7 - 0.5) + 2 * abs(0.8 - 0.5)) / 4)


def test_a_label_that_the_model_does_not_know_and_an_answer_without_topics_are_wrong() -> None:
    model = Prescribed(
        one=told("one", "a", 0.9, topics=(CITY,)), two=told("two", "a", 0.9), three=told("three", "a", 0.9)
    )
    cases = [case("one", topics=("外星",)), case("two", topics=("城建",)), case("three", topics=("/",))]
    figures = evaluate(model, cases)["figures"]
    assert (figures["topic_cases"], figures["topic_accuracy"]) == (2, 0.0), "an empty label is none"


def test_what_no_case_has_is_not_scored() -> None:
    model = Prescribed(one=told("one", "a", 0.9))
    found = evaluate(model, [case("one")])
    assert {key: found[key] for key in ("cases", "figures", "units", "mistakes", "unknown")} == {
        "cases": 1,
        "figures": {},
        "units": [],
        "mistakes": [],
        "unknown": [],
    }
    assert evaluate(model, [])["figures"] == {}


def test_cases_are_asked_in_chunks_and_progress_is_told() -> None:
    model = Prescribed(one=told("one", "a", 0.9))
    shares: list[float] = []
    evaluate(model, [case("one", "甲局")] * (CHUNK + 6), lambda what, share: shares.append(share))
    assert model.asked == [CHUNK, 6]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
