"""What speaks for a unit: every piece of evidence held to the text, the catalogue and the history it comes from."""

from __future__ import annotations

from dataclasses import replace
from datetime import date as Date
from typing import Any

import numpy as np
import pytest

from triage.catalogue import Area, Catalogue, Topic, Unit
from triage.heads.evidence import LEADS_SHOWN, LEAST_DUTY, LEAST_PRECEDENT, PRECEDENTS, WORDS, evidence
from triage.heads.judge import Judged, judge
from triage.heads.model import Model
from triage.learning.train import train
from triage.records import Case, Evidence, Suggestion
from triage.text import prepare

PLACE = Catalogue(
    units=(
        Unit("jt", "交通局", duties=("公交线路和站点", "农村公路养护", "路灯安装与维修")),
        Unit("jy", "教育局", duties=("中小学校建设", "教师队伍", "校园安全")),
        Unit("cz", "财政局", duties=("财政资金安排",)),
        Unit("bt", "白塔镇政府", area="bt", duties=("村庄环境整治",)),
        Unit("wl", "未列职责办公室"),
    ),
    topics=(Topic("jt", "交通"), Topic("jy", "教育")),
    areas=(Area("bt", "白塔镇", level="乡镇"),),
)
LAMPS = [
    ("L1", "关于在滨河路安装路灯的建议", ("交通局",), ("财政局",)),
    ("L2", "关于维修滨河路路灯的建议", ("交通局",), ()),
    ("L3", "关于在学府路安装路灯的建议", ("交通局",), ("教育局",)),
    ("L4", "关于滨河路路灯太暗的建议", ("交通局",), ()),
    ("L5", "关于在滨江路安装太阳能路灯的建议", ("交通局", "白塔镇政府"), ()),
    ("S1", "关于扩建实验小学的建议", ("教育局",), ("财政局",)),
    ("S2", "关于充实乡村教师队伍的建议", ("教育局",), ()),
    ("V1", "关于白塔镇村庄环境整治的建议", ("白塔镇政府",), ()),
]
NEW = Suggestion(id="N", title="关于在滨河路安装路灯的建议", text="滨河路晚上漆黑一片，请尽快安装路灯。")


def cases() -> list[Case]:
    made = []
    for number, title, leads, co in LAMPS:
        suggestion = Suggestion(number, title, source="人大", date=Date(2024, 3, 1))
        made.append(Case(suggestion, leads, co, ("交通",), outcome="A"))
    made[3] = replace(made[3], suggestion=replace(made[3].suggestion, confidential=True))
    return made


@pytest.fixture(scope="module")
def model() -> Model:
    return train(cases(), catalogue=PLACE)


def judged(model: Model, suggestion: Suggestion = NEW) -> Judged:
    return judge(model, None, [prepare(suggestion)])


def found(model: Model, text: Suggestion = NEW, **named: Any) -> list[Evidence]:
    """The evidence for the units in the order of the catalogue, as if all led."""
    known: dict[str, Any] = {"leads": range(len(PLACE.units)), "helpers": (), "wish": None, **named}
    answer = judged(model, text)
    leads, helpers, wish = known["leads"], known["helpers"], known["wish"]
    return list(evidence(model, answer, 0, leads, helpers, wish, suggestion=None if known.get("quiet") else text))


def of_kind(kind: str, items: list[Evidence]) -> dict[str, list[Evidence]]:
    table: dict[str, list[Evidence]] = {}
    for item in items:
        if item.kind == kind:
            table.setdefault(item.unit, []).append(item)
    return table


def test_a_duty_is_the_unit_s_own_nearest_phrase(model: Model) -> None:
    (duty,) = of_kind("duty", found(model))["交通局"]
    assert duty.text == "职责“路灯安装与维修”与本文相符"
    near = judged(model).closeness[0, model.rows.duties]
    assert duty.score == pytest.approx(near[model.units.phrases.index("路灯安装与维修")], abs=1e-4)
    assert duty.score >= LEAST_DUTY


def test_a_duty_that_is_far_is_no_evidence(model: Model) -> None:
    near = judged(model).closeness[0, model.rows.duties]
    told = of_kind("duty", found(model))
    for unit in PLACE.units[:LEADS_SHOWN]:
        best = max((near[model.units.phrases.index(phrase)] for phrase in unit.duties), default=0.0)
        assert (unit.name in told) == (best >= LEAST_DUTY)
    assert "财政局" not in told


def test_at_most_three_precedents_are_shown_the_nearest_first(model: Model) -> None:
    precedents = of_kind("precedent", found(model))["交通局"]
    assert len(precedents) == PRECEDENTS == 3
    near = judged(model).closeness[0, model.rows.cases]
    handled = [row for row, case in enumerate(LAMPS) if "交通局" in (*case[2], *case[3])]
    nearest = sorted(handled, key=lambda row: -near[row])[:3]
    assert [item.case for item in precedents] == [LAMPS[row][0] for row in nearest]
    assert [item.score for item in precedents] == pytest.approx([near[row] for row in nearest], abs=1e-4)
    assert precedents[0].case == "L1"


def test_a_precedent_tells_its_units_lead_first_and_what_became_of_it(model: Model) -> None:
    shown = {item.case: item for item in of_kind("precedent", found(model))["交通局"]}
    assert shown["L1"].units == ("交通局", "财政局")
    title = prepare(Suggestion(title=LAMPS[0][1])).title
    assert shown["L1"].text == f"相近案件《{title}》（人大、2024-03-01）由交通局主办，会办：财政局，办理结果：A"


def test_a_unit_that_helped_then_has_its_precedents_too(model: Model) -> None:
    helped = of_kind("precedent", found(model))["财政局"]
    assert {item.case for item in helped} <= {"L1", "S1"}
    assert helped[0].case == "L1"
    assert all("财政局" in item.units for item in helped)


def test_cases_that_are_unlike_are_no_precedents(model: Model) -> None:
    shown = [item for items in of_kind("precedent", found(model)).values() for item in items]
    near = judged(model).closeness[0, model.rows.cases]
    number = {case[0]: row for row, case in enumerate(LAMPS)}
    assert all(near[number[item.case]] >= LEAST_PRECEDENT for item in shown)
    assert not of_kind("precedent", found(model, Suggestion(title="关于引进民办养老机构的建议")))


def test_the_title_of_a_confidential_case_is_not_shown(model: Model) -> None:
    asked = Suggestion(title="关于滨河路路灯太暗的建议")
    first = of_kind("precedent", found(model, asked))["交通局"][0]
    assert first.case == "L4"
    assert first.text.startswith("相近案件（保密件）（人大")
    assert "太暗" not in first.text


def test_the_words_are_those_that_weighed_most(model: Model) -> None:
    """x_j · Σ_i alpha_i X_ij, over the rows that the regression learned from."""
    (words,) = of_kind("words", found(model))["交通局"]
    column = model.units.index["交通局"]
    regression = model.lead.regressions_
    alpha = regression.models_["mixed"].alpha_[:, column]
    rows = model.rows.lexical.toarray()[regression.known_]
    own = judged(model).vectors.lexical.toarray()[0]
    pushed = own * (alpha @ rows)
    terms = model.lexical.terms
    weighed = {
        terms[place]: float(pushed[place])
        for place in range(len(model.lexical.chars_), len(terms))
        if own[place] and len(terms[place]) > 1 and pushed[place] > 0
    }
    most = sorted(weighed, key=lambda word: -weighed[word])[:WORDS]
    assert words.text == f"起作用的词：{'、'.join(most)}"
    assert "路灯" in most
    assert words.score == pytest.approx(sum(weighed[word] for word in most), abs=1e-3)


def test_cases_that_teach_nothing_do_not_shift_the_words() -> None:
    """Cases without a lead are no rows of the regression; the others keep their own coefficients."""
    mute = [Case(Suggestion(f"M{n}", title=f"关于第{n}件没有交办的事的建议"), topics=("教育",)) for n in range(3)]
    shifted, plain = (train([*before, *cases()], catalogue=PLACE) for before in (mute, []))
    for model in (shifted, plain):
        (words,) = of_kind("words", found(model))["交通局"]
        assert "路灯" in words.text
        assert "没有" not in words.text
        rows = model.rows.lexical.toarray()[model.lead.regressions_.known_]
        alpha = model.lead.regressions_.models_["mixed"].alpha_[:, model.units.index["交通局"]]
        pushed = judged(model).vectors.lexical.toarray()[0] * (alpha @ rows)
        of_words = pushed[len(model.lexical.chars_) :]
        long = [
            value for value, word in zip(of_words, model.lexical.words_, strict=True) if len(word) > 1 and value > 0
        ]
        assert words.score == pytest.approx(sum(sorted(long)[-WORDS:]), abs=1e-3)


def test_words_that_speak_against_a_unit_are_not_shown(model: Model) -> None:
    told = of_kind("words", found(model))
    assert all("路灯" not in item.text for unit in told if unit == "教育局" for item in told[unit])


def test_a_place_is_said_as_near_as_it_is(model: Model) -> None:
    asked = replace(NEW, text="白塔镇的路灯坏了")
    (ground,) = of_kind("place", found(model, asked, leads=(3,)))["白塔镇政府"]
    assert (ground.text, ground.score) == ("文中写明的地点在该单位辖区内", 1.0)
    (named,) = of_kind("place", found(model, replace(NEW, text="请交通局修路灯")))["交通局"]
    assert (named.text, named.score) == ("文中提到该单位", 0.5)
    assert not of_kind("place", found(model))


def test_the_proposer_s_wish_stands_by_its_unit(model: Model) -> None:
    told = of_kind("wish", found(model, wish=1))
    assert list(told) == ["教育局"]
    assert told["教育局"][0].text == "提出人希望由该单位办理"
    assert not of_kind("wish", found(model, leads=(0,), wish=1)), "a unit that is not shown has no evidence"


def test_no_word_of_a_confidential_text_is_repeated(model: Model) -> None:
    loud, quiet = found(model), found(model, quiet=True)
    assert of_kind("words", loud)
    assert [replace(item, spans=()) for item in loud if item.kind != "words"] == quiet


def test_evidence_is_given_for_the_first_leads_and_helpers_once(model: Model) -> None:
    every = replace(NEW, text="交通局、教育局、财政局、白塔镇政府、未列职责办公室都要管路灯")
    names = [unit.name for unit in PLACE.units]
    for leads, helpers, expected in (
        ((0, 1, 2, 3, 4), (), [0, 1, 2]),
        ((0, 1), (2, 3, 4, 0), [0, 1, 2, 3, 4]),
        ((4, 3, 2, 1), (1, 2, 3, 0), [4, 3, 2, 1]),
        ((0, 1, 2, 3), (0, 1, 2, 4), [0, 1, 2]),
    ):
        shown = found(model, every, leads=leads, helpers=helpers)
        assert list(dict.fromkeys(item.unit for item in shown)) == [names[column] for column in expected]
        assert len(shown) == len({(item.unit, item.kind, item.text) for item in shown})


def test_strengths_run_from_nothing_to_one(model: Model) -> None:
    for suggestion in (NEW, *(case.suggestion for case in cases())):
        for item in found(model, suggestion, wish=2):
            assert 0.0 <= item.score <= 1.0
            assert item.unit in model.units.names


def test_a_unit_without_duties_or_cases_has_no_evidence(model: Model) -> None:
    assert found(model, leads=(4,)) == []


def test_a_text_without_long_words_has_no_words(model: Model) -> None:
    assert not of_kind("words", found(model, Suggestion(title="龘靐齉爩")))
    assert np.isfinite(judged(model, Suggestion(title="龘靐齉爩")).lead).all()


def stand(suggestion: Suggestion, item: Evidence) -> list[str]:
    return [getattr(suggestion, span.field)[span.start : span.end] for span in item.spans]


def test_the_words_that_match_the_duty_are_marked_where_they_stand(model: Model) -> None:
    asked = replace(NEW, text="滨河路晚上漆黑一片，请尽快安装路燈，并及时维修。")
    (duty,) = of_kind("duty", found(model, asked))["交通局"]
    assert duty.phrase == "路灯安装与维修"
    assert stand(asked, duty) == ["安装路灯", "安装路燈", "维修"]


def test_the_words_that_weighed_are_marked_where_they_stand(model: Model) -> None:
    (words,) = of_kind("words", found(model))["交通局"]
    told = words.text.removeprefix("起作用的词：").split("、")
    assert words.phrase == ""
    assert set(told) <= {word for word in told if any(word in one for one in stand(NEW, words))}
    assert {span.field for span in words.spans} == {"title", "text"}


def test_nothing_of_a_confidential_text_is_pointed_at(model: Model) -> None:
    quiet = found(model, quiet=True)
    assert of_kind("duty", quiet)["交通局"][0].phrase
    assert not any(item.spans for item in quiet)
    assert any(item.spans for item in found(model))


def test_only_duties_and_words_have_places_and_only_duties_a_phrase(model: Model) -> None:
    for item in found(model, wish=0):
        assert not item.spans or item.kind in ("duty", "words")
        assert bool(item.phrase) == (item.kind == "duty")
        assert not item.phrase or item.phrase in item.text
