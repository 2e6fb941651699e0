"""What history's names mean: units old and new, topics flat and in paths, and what is refused."""

from __future__ import annotations

from datetime import date as Date
from typing import Any

import numpy as np
import pytest

from triage.catalogue import Catalogue, Topic, Unit, starter_catalogue
from triage.errors import InputError
from triage.heads.columns import UnitColumns
from triage.heads.topics import TopicColumns
from triage.learning.labels import Place, UnitLabels, filed_codes, place_for, topic_matrix, topic_path
from triage.records import Case, Suggestion

REFORM = Date(2019, 1, 1)
PLACE = Catalogue(
    units=(
        Unit("wj", "卫生和计划生育局", aliases=("卫计局",), active_to=REFORM, succeeded_by=("wjw", "yb")),
        Unit("wjw", "卫生健康局", aliases=("卫健局",), duties=("医院建设",), active_from=REFORM),
        Unit("yb", "医疗保障局", duties=("医保报销",), active_from=REFORM),
        Unit("ys", "药材公司", active_to=REFORM),
        Unit("kind-street", "街道办事处", duties=("社区",)),
        Unit("cz", "财政局", duties=("财政资金",)),
    ),
    topics=(
        Topic("ws", "卫生"),
        Topic("ws-yy", "医院", "ws"),
        Topic("ws-qt", "其他", "ws"),
        Topic("jt", "交通"),
        Topic("jt-qt", "其他", "jt"),
    ),
)
ORDER = ("卫生健康局", "医疗保障局", "财政局")


def case(
    *leads: str, co: tuple[str, ...] = (), topics: tuple[str, ...] = (), on: Date | None = None, number: str = "1"
) -> Case:
    return Case(Suggestion(number, "关于医院的建议", date=on), leads, co, topics)


@pytest.fixture
def labels() -> UnitLabels:
    place = place_for([], PLACE, ())
    return UnitLabels(place, UnitColumns(place.catalogue, place.answerable))


def units_of(matrix: Any) -> list[dict[str, float]]:
    return [{ORDER[column]: float(row[column]) for column in np.flatnonzero(row)} for row in matrix]


# --- which units can be answered -------------------------------------------------------------------------------------


def test_a_given_catalogue_answers_with_the_units_that_exist_still() -> None:
    place = place_for([case("卫计局")], PLACE, ())
    assert place.catalogue is PLACE
    assert tuple(unit.name for unit in place.answerable) == ORDER
    assert place.unknown == ()


def test_from_nothing_the_starter_answers() -> None:
    for cases in ((), [case()]):
        place = place_for(cases, None, ())
        assert place.catalogue.units == starter_catalogue().units
        assert place.answerable == starter_catalogue().current()


def test_names_are_answered_as_they_are_written() -> None:
    cases = [case("县教育局", co=("民政局",)), case("交警大队"), case("某某处")]
    place = place_for(cases, None, ("江州县财政局", "县教育局"))
    names = [unit.name for unit in place.answerable]
    assert sorted(names) == sorted(["江州县财政局", "县教育局", "民政局", "交警大队", "某某处"])
    assert place.unknown == ("某某处",)
    duties = {unit.name: unit.duties for unit in place.answerable}
    starter = {unit.name: unit.duties for unit in starter_catalogue().units}
    assert duties["县教育局"] == starter["教育局"]
    assert duties["某某处"] == ()


@pytest.mark.parametrize(
    ("latest", "answered"),
    [(Date(2018, 6, 1), {"卫计局"}), (Date(2024, 6, 1), {"卫健局"}), (None, {"卫计局", "卫健局"})],
)
def test_of_old_and_new_the_latest_case_decides(latest: Date | None, answered: set[str]) -> None:
    cases = [case("卫计局", on=latest and Date(2017, 1, 1)), case("卫健局", on=latest)]
    place = place_for(cases, None, ())
    assert {unit.name for unit in place.answerable} == answered
    assert {unit.name for unit in place.catalogue.units} == {"卫计局", "卫健局"}


def test_an_old_name_alone_is_the_name_in_use() -> None:
    place = place_for([case("卫计局", on=Date(2024, 1, 1))], None, ())
    assert [unit.name for unit in place.answerable] == ["卫计局"]
    assert place.answerable[0].duties


# --- units of cases --------------------------------------------------------------------------------------------------


def test_a_unit_is_found_by_each_of_its_names(labels: UnitLabels) -> None:
    assert labels.columns_of("卫生健康局") == labels.columns_of("卫健局") == (0,)
    assert labels.columns_of("江州县财政局") == (2,)
    assert labels.columns_of("某某公司") == ()


def test_a_former_unit_is_its_successors(labels: UnitLabels) -> None:
    assert labels.columns_of("卫生和计划生育局") == labels.columns_of("卫计局") == (0, 1)
    assert labels.columns_of("药材公司") == (), "nobody took over"


def test_a_template_is_no_unit(labels: UnitLabels) -> None:
    assert labels.columns_of("街道办事处") == ()


def test_of_several_successors_the_nearest_by_duty_took_over(labels: UnitLabels) -> None:
    cases = [case("卫计局"), case("卫计局"), case("财政局", co=("卫计局",)), case("财政局", co=("卫计局",))]
    duties = np.array([[0.9, 0.1, 0], [0.1, 0.9, 0], [0.9, 0.1, 0], [0.1, 0.9, 0]], np.float32)
    leads, helpers = labels.matrices(cases, duties)
    assert units_of(leads) == [{"卫生健康局": 1}, {"医疗保障局": 1}, {"财政局": 1}, {"财政局": 1}]
    assert units_of(helpers) == [{}, {}, {"卫生健康局": 1}, {"医疗保障局": 1}]
    assert leads.dtype == helpers.dtype == np.float32


def test_several_leads_share_a_case(labels: UnitLabels) -> None:
    cases = [
        case("卫健局", "财政局"),
        case("卫健局", "卫生健康局", co=("财政局",)),
        case("财政局", co=("财政局", "卫健局")),
        case("某某公司", "财政局", co=("某某公司",)),
        case("某某公司", co=("财政局",)),
        case(),
    ]
    leads, helpers = labels.matrices(cases, np.zeros((6, 3), np.float32))
    half = {"卫生健康局": 0.5, "财政局": 0.5}
    assert units_of(leads) == [half, {"卫生健康局": 1}, {"财政局": 1}, {"财政局": 1}, {}, {}]
    assert units_of(helpers) == [{}, {"财政局": 1}, {"卫生健康局": 1}, {}, {"财政局": 1}, {}]


def test_no_cases_make_empty_matrices(labels: UnitLabels) -> None:
    leads, helpers = labels.matrices([], np.zeros((0, 3), np.float32))
    assert leads.shape == helpers.shape == (0, 3)


def test_all_units_that_are_missing_are_named_in_one_message(labels: UnitLabels) -> None:
    labels.check([case("卫计局", co=("财政局",)), case()])
    cases = [
        case("财政局", co=("甲公司",), number="a"),
        case("乙公司", number="b"),
        case("甲公司", "丙公司", number="c"),
        case("药材公司", number="d"),
    ]
    with pytest.raises(InputError) as raised:
        labels.check(cases)
    message = str(raised.value)
    assert message.startswith("4 units of the cases are not in the catalogue: ")
    for name, where in (("甲公司", "a"), ("乙公司", "b"), ("丙公司", "c"), ("药材公司", "d")):
        assert f"{name!r} (case {where})" in message
    assert "leave out --catalogue" in message


def test_a_long_list_of_missing_units_is_counted(labels: UnitLabels) -> None:
    with pytest.raises(InputError, match=r"25 units .* and 5 more\. Add them to units\.csv"):
        labels.check([case(f"第{number}公司") for number in range(25)])


# --- topics of cases -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("label", "path"),
    [
        ("交通", ("交通",)),
        ("交通/公交", ("交通", "公交")),
        (" 交通 > 公交 > 票价 ", ("交通", "公交", "票价")),
        ("交通→公交", ("交通", "公交")),
        ("交通／公交", ("交通", "公交")),
        ("/交通//", ("交通",)),
        ("", ()),
    ],
)
def test_a_label_is_a_path(label: str, path: tuple[str, ...]) -> None:
    assert topic_path(label) == path


def filed(catalogue: Catalogue, *labels: tuple[str, ...]) -> list[dict[str, float]]:
    cases = [case(topics=topics) for topics in labels]
    columns = TopicColumns(catalogue, filed_codes(cases, catalogue))
    matrix = topic_matrix(cases, columns)
    return [{columns.leaves[column]: float(row[column]) for column in np.flatnonzero(row)} for row in matrix]


def test_topics_are_found_by_path_code_and_name() -> None:
    assert filed(PLACE, ("卫生/医院",), ("ws-yy",), ("医院",), ("卫生",), ("交通/其他",)) == [
        {"ws-yy": 1},
        {"ws-yy": 1},
        {"ws-yy": 1},
        {"ws": 1},
        {"jt-qt": 1},
    ]


def test_a_name_that_two_topics_have_and_one_that_none_has_say_nothing() -> None:
    assert filed(PLACE, ("其他",), ("没有",), ()) == [{}, {}, {}]


def test_several_topics_share_a_case() -> None:
    assert filed(PLACE, ("医院", "交通/其他"), ("医院", "没有")) == [{"ws-yy": 0.5, "jt-qt": 0.5}, {"ws-yy": 1}]


def test_a_given_catalogue_refuses_topics_that_it_lacks_all_in_one_message() -> None:
    with pytest.raises(InputError) as raised:
        place_for([case(topics=("卫生/医院", "水利")), case(topics=("交通/地铁",)), case(topics=("其他",))], PLACE, ())
    message = str(raised.value)
    assert message.startswith("3 topics of the cases are not in the catalogue: 水利; 交通/地铁; 其他.")
    assert "topics.csv" in message


def tree(place: Place) -> dict[str, str]:
    return {topic.code: topic.parent for topic in place.catalogue.topics}


@pytest.mark.parametrize("leads", [("财政局",), ()])
def test_without_catalogue_the_cases_own_topics_are_the_tree(leads: tuple[str, ...]) -> None:
    cases = [
        case(*leads, topics=("甲类/小类",)),
        case(*leads, topics=("乙类",)),
        case(*leads, topics=("甲类/另类/细类",)),
    ]
    place = place_for(cases, None, ())
    expected = {"甲类": "", "甲类/小类": "甲类", "乙类": "", "甲类/另类": "甲类", "甲类/另类/细类": "甲类/另类"}
    assert tree(place) == expected
    names = {topic.code: topic.name for topic in place.catalogue.topics}
    assert names["甲类/另类/细类"] == "细类"
    assert len(place.catalogue.units) == (1 if leads else len(starter_catalogue().units))


def test_a_catalogue_without_topics_takes_those_of_the_cases() -> None:
    bare = Catalogue(units=PLACE.units)
    assert tree(place_for([case("财政局", topics=("甲类",))], bare, ())) == {"甲类": ""}


def test_topics_that_the_starter_has_keep_its_tree() -> None:
    known = starter_catalogue()
    path = next(known.topic_path(topic.code) for topic in known.topics if topic.parent)
    place = place_for([case("财政局", topics=("/".join(path),))], None, ())
    assert [topic.code for topic in place.catalogue.topics] == [topic.code for topic in known.topics]


def test_a_topic_of_another_tree_brings_the_phrases_that_its_name_has_in_the_starter() -> None:
    known = starter_catalogue()
    first = next(topic for topic in known.topics if not topic.parent)
    below = [topic for topic in known.topics if topic.parent == first.code]
    place = place_for([case("财政局", topics=(first.name,)), case("财政局", topics=("没有见过",))], None, ())
    (own, new) = place.catalogue.topics
    assert own.name == first.name
    assert {topic.name for topic in below} <= set(own.phrases)
    assert set(below[0].phrases) <= set(own.phrases)
    assert new.phrases == ()


def test_an_empty_label_is_none() -> None:
    place = place_for([case("财政局", topics=("/",)), case("财政局", topics=("甲类",))], None, ())
    assert tree(place) == {"甲类": ""}
    assert place_for([case(topics=("/",))], PLACE, ()).catalogue == PLACE


def test_spellings_that_may_mean_one_unit_are_told_and_not_joined() -> None:
    names = ("卫健局", "市卫健委", "公安局城东分局", "公安局城西分局", "东山镇", "西山镇", "教育局")
    place = place_for([], None, names)
    assert place.spellings == (("卫健局", "市卫健委"),)
    assert len(place.answerable) == len(names)
