"""Answers: decisions, reasons, questions and matters, each brought about by what it stands for."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from dataclasses import replace
from datetime import date as Date
from typing import Any

import numpy as np
import pytest

from triage.catalogue import Area, Catalogue, Topic, Unit
from triage.heads import answers
from triage.heads.answers import HELPERS_LISTED, LEADS_LISTED, TOPICS_LISTED, answer
from triage.heads.co import CoHead
from triage.heads.judge import Judged, judge
from triage.heads.model import Model
from triage.heads.promise import NEVER, Promise
from triage.learning.train import train
from triage.records import Case, Decision, Mode, Suggestion, Triaged
from triage.text import Prepared

DISTRICTS = ("东湖", "西山", "南江")
KINDS = {
    "教育局": ("中小学校建设", "校园安全", "教师队伍", "幼儿园"),
    "交通局": ("公交线路", "农村公路", "客运站"),
    "水利局": ("河道整治", "水库", "防汛排涝"),
}
PLACE = Catalogue(
    units=(
        *(Unit(f"{d}{k}", f"{d}区{k}", duties=duties, area=d) for d in DISTRICTS for k, duties in KINDS.items()),
        Unit("cz", "市财政局", aliases=("财政局",), duties=("财政资金",), area="jz"),
    ),
    topics=(
        Topic("jy", "教育", phrases=("学校", "教师", "幼儿园")),
        Topic("jy-xx", "中小学", "jy", phrases=("中小学校",)),
        Topic("jt", "交通", phrases=("公交", "公路")),
        Topic("jt-gj", "公交", "jt", phrases=("公交线路",)),
        Topic("sl", "水利", phrases=("河道", "水库")),
        Topic("sl-hd", "河道", "sl", phrases=("河道整治",)),
    ),
    areas=(Area("jz", "江州市"), *(Area(d, f"{d}区", (d,), "区", "jz") for d in DISTRICTS)),
)
TWO_MATTERS = (
    "1.东湖区的中小学校建设跟不上，请东湖区教育局建学校，增加教师队伍，管好校园安全和幼儿园。\n"
    "2.西山区的河道整治没有做完，水库要加固，防汛排涝要加强，请西山区水利局整治河道。\n"
)


@pytest.fixture(scope="module")
def model() -> Model:
    return train((), catalogue=PLACE)


def ask(model: Model, title: str = "", **fields: object) -> Triaged:
    (found,) = answer(model, None, [Suggestion(id="x", title=title, **fields)], "试-1")  # type: ignore[arg-type]
    return found


def promising(model: Model, threshold: float, kept: float = 0.93) -> Model:
    return replace(model, promise=Promise(0.9, threshold=threshold, coverage=0.4, kept=kept))


def reasons(found: Triaged) -> list[str]:
    return [reason.code for reason in found.reasons]


SURE = "关于东湖区中小学校建设和校园安全的建议"


def test_what_is_sure_enough_is_suggested(model: Model) -> None:
    found = ask(promising(model, 0.3), SURE)
    assert found.decision is Decision.SUGGEST
    assert found.lead[0].unit == "东湖区教育局"
    (reason,) = found.reasons
    assert reason.code == "promise"
    assert reason.text == "以往同样有把握的建议中，首选单位正确的占93%（承诺90%），建议交东湖区教育局主办。"


def test_what_is_not_sure_enough_is_left_to_choose(model: Model) -> None:
    found = ask(promising(model, 0.9999), SURE)
    assert (found.decision, reasons(found)) == (Decision.CHOOSE, ["unsure"])
    assert "90%" in found.reasons[0].text


def test_the_threshold_decides_by_the_first_lead_s_probability(model: Model) -> None:
    score = ask(model, SURE).lead[0].score
    assert ask(promising(model, score - 0.002), SURE).decision is Decision.SUGGEST
    assert ask(promising(model, score + 0.002), SURE).decision is Decision.CHOOSE


def test_without_history_nothing_is_promised(model: Model) -> None:
    found = ask(promising(model, NEVER, kept=0.0), SURE)
    assert (found.decision, reasons(found)) == (Decision.CHOOSE, ["history"])


def test_close_leads_with_many_helpers_are_coordinated(model: Model) -> None:
    crowded = replace(model, co=_eager(model))
    found = ask(crowded, "关于加强公交线路建设的建议")
    assert found.lead[1].score >= 0.6 * found.lead[0].score
    assert (found.decision, reasons(found)) == (Decision.COORDINATE, ["close"])
    assert f"{found.lead[0].unit}与{found.lead[1].unit}把握相近" in found.reasons[0].text
    assert ask(model, "关于加强公交线路建设的建议").decision is Decision.CHOOSE
    assert found.mode is Mode.JOINT


def _eager(model: Model) -> CoHead:
    """A co-handling head to which everybody is a likely helper."""
    head = copy(model.co)
    head.weights_ = model.co.weights_.copy()
    head.weights_[-1] += 5.0
    return head


def test_the_mode_follows_the_chance_of_any_helper(model: Model) -> None:
    title = "关于东湖区公交线路的建议"
    assert ask(replace(model, promise=Promise(0.9, joint=(9.0, 0.0))), title).mode is Mode.JOINT
    assert ask(replace(model, promise=Promise(0.9, joint=(-9.0, 0.0))), title).mode is Mode.SOLE


def test_lists_are_as_long_as_they_are_useful(model: Model) -> None:
    found = ask(model, SURE)
    assert len(found.lead) == min(LEADS_LISTED, len(PLACE.units))
    assert len(found.co) == min(HELPERS_LISTED, len(PLACE.units) - 1)
    assert found.lead[0].unit not in [helper.unit for helper in found.co]
    assert found.topics[0].path == ("教育",)
    assert {len(topic.path) for topic in found.topics} == {1, 2}
    assert len(found.topics) <= TOPICS_LISTED + 2
    assert found.model == "试-1"


def test_each_level_of_topics_is_answered_however_many_there_are(model: Model) -> None:
    topics = (
        *(Topic(f"t{n}", f"类{n}", phrases=("学校",)) for n in range(12)),
        Topic("u", "另类", "t0"),
        Topic("v", "细类", "u", phrases=("极少",)),
    )
    found = ask(train((), catalogue=replace(PLACE, topics=topics)), "关于学校的建议")
    assert {len(topic.path) for topic in found.topics} == {1, 2, 3}
    scores = [topic.score for topic in found.topics]
    assert scores == sorted(scores, reverse=True)


@pytest.mark.parametrize(
    ("wish", "code", "told"),
    [
        ("东湖区教育局", "wish.first", "提出人也希望由东湖区教育局办理。"),
        ("财政局", "wish.other", "提出人希望由市财政局办理，按内容排在第"),
        ("某某公司", "wish.unknown", "提出人希望的承办单位不在目录中，请核对。"),
    ],
)
def test_the_wish_is_said_and_does_not_decide(model: Model, wish: str, code: str, told: str) -> None:
    found, plain = ask(model, SURE, wish=wish), ask(model, SURE)
    assert found.reasons[-1].code == code
    assert found.reasons[-1].text.startswith(told)
    assert wish not in found.reasons[-1].text or code != "wish.unknown"
    assert (found.lead, found.co, found.decision) == (plain.lead, plain.co, plain.decision)
    rank = [lead.unit for lead in found.lead].index("市财政局") + 1
    assert code != "wish.other" or f"第{rank}位" in found.reasons[-1].text
    evidence = [item for item in found.evidence if item.kind == "wish"]
    assert [item.unit for item in evidence] == (["东湖区教育局"] if code == "wish.first" else [])


def test_where_the_kind_is_clear_and_the_place_is_not_the_place_is_asked_for(model: Model) -> None:
    found = ask(model, "关于加强中小学校建设和校园安全的建议")
    (question,) = found.questions
    assert "请核实在哪个区" in question
    assert all(f"{district}区教育局" in question for district in DISTRICTS)
    assert ask(model, SURE).questions == ()
    flat = replace(PLACE, units=tuple(unit for unit in PLACE.units if unit.area == "东湖"))
    assert ask(train((), catalogue=flat), "关于加强中小学校建设和校园安全的建议").questions == ()


def shares(count: int, place: int, share: float) -> list[float]:
    """A row of probabilities in which one has a share and the others the rest."""
    return [share if column == place else (1 - share) / (count - 1) for column in range(count)]


Said = tuple[str, str, float, float]


class Told:
    """The heads replaced by what they would say of the whole letter and of each part: unit, topic, how surely."""

    def __init__(self, model: Model, whole: Said, *parts: Said) -> None:
        self.model, self.whole, self.parts = model, whole, parts
        self.asked: list[list[str]] = []

    def __call__(self, model: Model, sentence: object, texts: Sequence[Prepared], told: object = None) -> Judged:
        self.asked.append([text.full for text in texts])
        said = self.parts if len(self.asked) > 1 else (self.whole,)
        columns = model.topics.columns
        lead = [shares(len(model.units), model.units.index[unit], sure) for unit, _, sure, _ in said]
        topics = [shares(len(columns), columns.index[topic], sure) for _, topic, _, sure in said]
        return replace(
            judge(model, None, texts),
            lead=np.array(lead, np.float32),
            topics=np.array(topics, np.float32),
            certainty=np.array([max(row) for row in lead]),
        )


UNSURE: Said = ("东湖区教育局", "jy-xx", 0.5, 0.5)
SCHOOLS: Said = ("东湖区教育局", "jy-xx", 0.8, 0.8)
RIVERS: Said = ("西山区水利局", "sl-hd", 0.8, 0.8)


def split(monkeypatch: pytest.MonkeyPatch, told: Told, **fields: object) -> Triaged:
    with monkeypatch.context() as patch:
        patch.setattr(answers, "judge", told)
        return ask(told.model, "关于两件事的建议", **{"text": TWO_MATTERS, **fields})


def test_two_matters_are_told_apart(monkeypatch: pytest.MonkeyPatch, model: Model) -> None:
    found = split(monkeypatch, Told(model, UNSURE, SCHOOLS, RIVERS))
    assert (found.mode, found.decision) == (Mode.SPLIT, Decision.COORDINATE)
    assert reasons(found)[-1] == "matters"
    assert "2件事" in found.reasons[-1].text
    assert [matter.lead[0].unit for matter in found.matters] == ["东湖区教育局", "西山区水利局"]
    assert [len(matter.lead) for matter in found.matters] == [3, 3]
    assert "中小学校" in found.matters[0].text
    assert "河道" in found.matters[1].text


def test_the_matters_of_a_confidential_letter_are_not_repeated(monkeypatch: pytest.MonkeyPatch, model: Model) -> None:
    found = split(monkeypatch, Told(model, UNSURE, SCHOOLS, RIVERS), confidential=True)
    assert [matter.text for matter in found.matters] == ["", ""]
    assert [matter.lead[0].unit for matter in found.matters] == ["东湖区教育局", "西山区水利局"]


@pytest.mark.parametrize(
    ("whole", "parts"),
    [
        (("东湖区教育局", "jy-xx", 0.7, 0.5), (SCHOOLS, RIVERS)),
        (("东湖区教育局", "jy-xx", 0.5, 0.7), (SCHOOLS, RIVERS)),
        (UNSURE, (SCHOOLS, ("西山区水利局", "jy-xx", 0.8, 0.8))),
        (UNSURE, (SCHOOLS, ("东湖区教育局", "sl-hd", 0.8, 0.8))),
        (UNSURE, (SCHOOLS, ("西山区水利局", "sl-hd", 0.5, 0.8))),
        (UNSURE, (SCHOOLS, ("西山区水利局", "sl-hd", 0.8, 0.5))),
    ],
    ids=["sure lead", "sure topic", "one topic", "one unit", "unsure unit", "unsure topic of a part"],
)
def test_what_is_not_surely_apart_stays_one(
    monkeypatch: pytest.MonkeyPatch, model: Model, whole: Said, parts: tuple[Any, Any]
) -> None:
    found = split(monkeypatch, Told(model, whole, *parts))
    assert found.matters == ()
    assert found.mode is not Mode.SPLIT


@pytest.mark.parametrize(
    "text",
    [TWO_MATTERS.replace("1.", "").replace("2.", ""), "1.水库。\n" + TWO_MATTERS.partition("\n")[2], ""],
    ids=["no numbers", "a part too short", "no body"],
)
def test_what_the_writer_did_not_number_is_not_looked_into(
    monkeypatch: pytest.MonkeyPatch, model: Model, text: str
) -> None:
    told = Told(model, UNSURE, SCHOOLS, RIVERS)
    assert split(monkeypatch, told, text=text).matters == ()
    assert len(told.asked) == 1


def test_a_suggested_letter_is_not_split(model: Model) -> None:
    found = ask(promising(model, 0.0), "关于两件事的建议", text=TWO_MATTERS)
    assert (found.decision, found.matters) == (Decision.SUGGEST, ())


def test_a_place_without_topics_answers_numbered_letters_too() -> None:
    found = ask(train((), catalogue=replace(PLACE, topics=())), "关于两件事的建议", text=TWO_MATTERS)
    assert (found.topics, found.matters) == ((), ())
    assert len(found.lead) == 10


@pytest.mark.parametrize(
    ("title", "code"),
    [("", "text.empty"), ("！！！", "text.noise"), ("please repair the lamps of our road", "text.foreign")],
)
def test_a_text_that_says_nothing_is_answered_from_history_and_says_so(title: str, code: str) -> None:
    cases = [
        Case(Suggestion(str(n), f"关于第{n}座水库的建议"), ("东湖区水利局",), ("市财政局",) if n else ())
        for n in range(4)
    ]
    found = ask(train(cases, catalogue=PLACE), title)
    assert (found.decision, found.mode, reasons(found)) == (Decision.CHOOSE, Mode.SOLE, [code])
    assert found.lead[0].unit == "东湖区水利局"
    assert found.co[0].unit == "市财政局"
    assert found.co[0].score == pytest.approx(0.75)
    assert "东湖区水利局" not in [helper.unit for helper in found.co]
    assert found.topics[0].path == ("教育",)
    assert (found.evidence, found.matters, found.questions) == ((), (), ())
    assert found.notices


@pytest.mark.parametrize("title", ["修路", "路"])
def test_a_short_text_gets_no_promise(model: Model, title: str) -> None:
    found = ask(promising(model, 0.0), title)
    assert (found.decision, reasons(found)) == (Decision.CHOOSE, ["text.short"])


def test_usable_and_unusable_texts_keep_their_places(model: Model) -> None:
    titles = ["", SURE, "！！！", "关于西山区水库的建议", ""]
    found = answer(model, None, [Suggestion(id=str(n), title=title) for n, title in enumerate(titles)], "m")
    assert [triaged.id for triaged in found] == ["0", "1", "2", "3", "4"]
    assert [triaged.lead[0].unit for triaged in (found[1], found[3])] == ["东湖区教育局", "西山区水利局"]
    assert [bool(triaged.evidence) for triaged in found] == [False, True, False, True, False]
    assert answer(model, None, [], "m") == []


def test_scores_are_told_in_four_digits(model: Model) -> None:
    found = ask(model, SURE)
    scores = [*(unit.score for unit in (*found.lead, *found.co)), *(topic.score for topic in found.topics)]
    assert scores == [round(score, 4) for score in scores]
    assert np.isclose(sum(lead.score for lead in found.lead), 1.0, atol=0.001)


def test_a_wish_for_a_former_unit_means_the_one_that_took_over() -> None:
    former = Unit("sd", "水电局", active_to=Date(2019, 3, 1), succeeded_by=("东湖水利局",))
    model = train((), catalogue=replace(PLACE, units=(*PLACE.units, former)))
    found = ask(model, "关于东湖区河道整治的建议", wish="水电局")
    assert found.lead[0].unit == "东湖区水利局"
    assert "wish.first" in [reason.code for reason in found.reasons]
    assert [item.unit for item in found.evidence if item.kind == "wish"] == ["东湖区水利局"]
