"""Names in the cases: ended, unknown and misspelt units, double roles, topics, differences between sources."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import partial
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.catalogue import Catalogue, Topic, Unit
from triage.learning.audit import Finding, Kind
from triage.learning.audit.conflicts import conflicts
from triage.learning.audit.differences import differences
from triage.learning.audit.findings import listed, percent
from triage.learning.audit.topic_names import topic_findings
from triage.learning.audit.unit_names import UnitNames
from triage.learning.audit.unseen import Unseen, unseen_answers
from triage.learning.audit.vocabulary import KnownNames
from triage.learning.train import Settings, train
from triage.records import Case, Suggestion

TODAY = date(2026, 6, 1)
REFORM = date(2019, 3, 1)
PLACE = Catalogue(
    units=(
        Unit("jy", "教育局", "教体局", duties=("学校建设",)),
        Unit("ws", "卫生局", active_to=REFORM, succeeded_by=("wj",)),
        Unit("wj", "卫生健康局", "卫健局", duties=("医院",), active_from=REFORM),
        Unit("gt", "国土资源局", active_to=REFORM, succeeded_by=("zg", "jy")),
        Unit("zg", "自然资源和规划局", active_from=REFORM),
        Unit("dz", "东镇人民政府"),
        Unit("xz", "西镇人民政府"),
        Unit("lj", "粮食局", active_to=REFORM),
    ),
    topics=(
        Topic("1", "教育"),
        Topic("11", "学前教育", "1"),
        Topic("12", "职业教育", "1"),
        Topic("2", "卫生"),
        Topic("21", "医院", "2"),
    ),
)


def case(name: str, lead: str, co: str = "", on: str = "", topic: str = "", source: str = "") -> Case:
    day = date.fromisoformat(on) if on else None
    return Case(
        Suggestion(name, f"关于加强学校建设的建议{name}", source=source, date=day),
        tuple(filter(None, lead.split(";"))),
        tuple(filter(None, co.split(";"))),
        tuple(filter(None, topic.split(";"))),
    )


def names(found: list[Finding]) -> list[tuple[str, tuple[str, ...]]]:
    return [(finding.name, finding.proposed) for finding in found]


# --- units -----------------------------------------------------------------------------------------------------------


def test_a_unit_that_had_ended_by_the_cases_day_is_told_with_its_heirs() -> None:
    cases = [
        case("a", "卫生局", "国土资源局", on="2020-01-01"),
        case("b", "卫生局", on="2018-01-01"),
        case("c", "卫生局", on="2019-03-01"),
        case("d", "卫生局"),
        case("e", "粮食局", on="2024-01-01"),
    ]
    found = UnitNames(cases, PLACE).ended()
    assert [(finding.cases, finding.field, finding.name, finding.proposed) for finding in found] == [
        (("a",), "lead", "卫生局", ("卫生健康局",)),
        (("a",), "co", "国土资源局", ("自然资源和规划局", "教育局")),
        (("c",), "lead", "卫生局", ("卫生健康局",)),
        (("e",), "lead", "粮食局", ()),
    ]
    assert "2019-03-01" in found[0].text


def test_a_unit_of_the_past_is_told_once_where_it_was_right_then() -> None:
    cases = [case("a", "卫生局", on="2018-01-01"), case("b", "卫生局"), case("c", "国土资源局", on="2018-01-01")]
    found = UnitNames(cases, PLACE).former(TODAY)
    assert names(found) == [("卫生局", ("卫生健康局",)), ("国土资源局", ())], "of several heirs nobody can say which"
    assert found[0].cases == ("a", "b")
    assert not UnitNames(cases, PLACE).former(date(2018, 6, 1)), "on that day they existed"


def test_without_a_catalogue_the_national_reforms_are_known() -> None:
    found = UnitNames([case("a", "卫生和计划生育局"), case("b", "卫生健康局")]).former(TODAY)
    assert names(found) == [("卫生和计划生育局", ("卫生健康局",))]
    assert found[0].text.startswith("按通用目录")
    assert not UnitNames([case("a", "卫生和计划生育局", on="2024-01-01")]).ended(), (
        "the day of a reform is the place's own"
    )


def test_a_unit_that_the_catalogue_lacks_is_told_with_what_it_may_mean() -> None:
    cases = [case("a", "教肓局"), case("b", "宇宙局"), case("c", "教育局"), case("d", "南镇人民政府")]
    found = UnitNames(cases, PLACE).unknown()
    assert names(found) == [("教肓局", ("教育局",)), ("南镇人民政府", ()), ("宇宙局", ())]
    assert "是不是教育局？" in found[0].text


def test_without_a_catalogue_only_a_slip_of_a_usual_name_is_unknown() -> None:
    cases = [
        *(case(str(number), "交通运输局") for number in range(3)),
        case("a", "交通运输居"),
        case("b", "某某集团办"),
    ]
    assert names(UnitNames(cases).unknown()) == [("交通运输居", ("交通运输局",))]


def test_two_ways_of_writing_one_unit_are_told_with_the_one_to_write() -> None:
    cases = [case("a", "教体局"), case("b", "教体局"), case("c", "教育局"), case("d", "东镇人民政府", "西镇人民政府")]
    assert names(UnitNames(cases, PLACE).spellings()) == [("教体局", ("教育局",))], "the catalogue's own name"
    plain = [case("a", "卫健委"), case("b", "卫生健康局"), case("c", "卫生健康局"), case("d", "（卫生健康局")]
    assert ("卫健委", ("卫生健康局",)) in names(UnitNames(plain).spellings()), "the usual one"


def test_a_lead_that_is_listed_as_helper_is_told_under_any_of_its_names() -> None:
    cases = [case("a", "教育局", "教体局;卫健局"), case("b", "教育局", "教育局"), case("c", "教育局", "卫健局")]
    found = UnitNames(cases, PLACE).both_roles()
    assert [(finding.cases, finding.name) for finding in found] == [(("a",), "教体局"), (("b",), "教育局")]


def test_a_lead_of_one_case_is_told_those_that_never_help_first() -> None:
    cases = [case("a", "卫健局", "教育局"), case("b", "教育局"), case("c", "东镇人民政府"), case("d", "东镇人民政府")]
    assert [finding.name for finding in UnitNames(cases, PLACE).single()] == ["卫健局", "教育局"]


# --- names that may be written ---------------------------------------------------------------------------------------


def test_a_name_is_known_under_any_width_and_bracket() -> None:
    known = KnownNames(["统战部（侨办）", "教育局"])
    assert known.find("统战部(侨办)") == "统战部（侨办）"
    assert known.find(" 教育 局") == "教育局"
    assert known.find("教局") is None


def test_the_nearest_names_come_likeliest_first() -> None:
    known = KnownNames(["教育局", "体育局", "东镇人民政府", "西镇人民政府", "住房和城乡建设局"])
    assert known.nearest("住房和城乡建社局") == ("住房和城乡建设局",)
    assert known.nearest("南镇人民政府") == ("东镇人民政府", "西镇人民政府")
    assert known.nearest("南镇人民政府", same_place=True) == ()
    assert known.nearest("宇宙") == ()


@given(st.text(max_size=30))
def test_any_text_may_be_asked_about(text: str) -> None:
    known = KnownNames(["教育局", "东镇人民政府"])
    assert set(known.nearest(text)) <= set(known.names)


# --- topics ----------------------------------------------------------------------------------------------------------


def topics(found: list[Finding], kind: Kind) -> list[tuple[str, tuple[str, ...]]]:
    return names([finding for finding in found if finding.kind is kind])


def test_topics_that_are_unknown_unused_used_once_or_written_in_two_ways() -> None:
    cases = [
        case("a", "教育局", topic="教育/学前教育"),
        case("b", "教育局", topic="学前教育"),
        case("c", "教育局", topic="教育>学前教育"),
        case("d", "教育局", topic="教育/学前教育"),
        case("e", "教育局", topic="学前教肓"),
        case("f", "教育局"),
    ]
    found = topic_findings(cases, PLACE)
    assert topics(found, Kind.TOPIC_UNKNOWN) == [("学前教肓", ("学前教育",))]
    best = ("教育/学前教育",)
    assert topics(found, Kind.TOPIC_SPELLING) == [("学前教育", best), ("教育>学前教育", best)]
    assert topics(found, Kind.TOPIC_UNUSED) == [("教育/职业教育", ()), ("卫生", ())], "of an unused branch its top"
    assert [name for name, _ in topics(found, Kind.TOPIC_ONCE)] == ["学前教育", "教育>学前教育", "学前教肓"]


def test_without_a_catalogue_topics_are_held_against_each_other() -> None:
    cases = [
        case("a", "教育局", topic="交通/公交"),
        case("b", "教育局", topic="交通＞公交"),
        case("c", "x", topic="交通/公交"),
    ]
    found = topic_findings(cases, None)
    assert topics(found, Kind.TOPIC_SPELLING) == [("交通＞公交", ("交通/公交",))]
    assert not topics(found, Kind.TOPIC_UNUSED)


def test_cases_without_topics_have_no_findings_about_them() -> None:
    assert topic_findings([case("a", "教育局")], PLACE) == []


# --- differences -----------------------------------------------------------------------------------------------------


def seen(cases: list[Case], units: list[str]) -> Unseen:
    """What the differences read of the answers."""
    led = np.zeros((len(cases), len(units)))
    for row, one in enumerate(cases):
        led[row, units.index(one.leads[0])] = 1
    model: Any = SimpleNamespace(units=SimpleNamespace(names=units))
    none = np.zeros((len(cases), 0))
    return Unseen(model, np.arange(len(cases)), none, led, none, none, none, none)


def test_a_source_that_is_handled_otherwise_is_told_with_counts() -> None:
    cases = [case(f"a{n}", "教育局", topic="学前教育", source="人大") for n in range(20)]
    cases += [case(f"b{n}", "卫健局", topic="学前教育", source="政协") for n in range(19)]
    found = differences(cases, seen(cases, ["教育局", "卫健局"]), set())
    assert len(found) == 1
    assert "人大20件中20件由教育局主办（100%），政协19件中0件" in found[0].text
    assert len(found[0].cases) == 20


def test_what_chance_explains_is_no_difference() -> None:
    cases = [
        case(f"{n}", ("教育局", "卫健局")[n % 2], topic="学前教育", source=("人大", "政协")[n % 3 // 2])
        for n in range(60)
    ]
    assert differences(cases, seen(cases, ["教育局", "卫健局"]), {"1", "2"}) == []


def test_a_later_half_with_more_doubts_is_told() -> None:
    cases = [case(str(n), "教育局", on=f"20{20 + n // 12}-{n % 12 + 1:02d}-01") for n in range(60)]
    found = differences(cases, seen(cases, ["教育局"]), {str(n) for n in range(40, 60)})
    assert [finding.kind for finding in found] == [Kind.DIFFERENCE]
    assert "主办存疑" in found[0].text


# --- one matter, several leads ---------------------------------------------------------------------------------------


def repeated(name: str, lead: str, on: str) -> Case:
    text = "建议在东门路口安装红绿灯，这里早晚高峰车多人多，学生过马路很危险。"
    return Case(Suggestion(name, "关于在东门路口安装红绿灯的建议", text, date=date.fromisoformat(on)), (lead,))


def test_one_matter_with_several_leads_is_a_group_with_what_most_have() -> None:
    cases = [
        repeated("a", "公安局", "2024-01-01"),
        repeated("b", "公安局", "2024-02-01"),
        repeated("c", "住房和城乡建设局", "2024-03-01"),
        case("d", "教育局"),
    ]
    found = conflicts(cases, PLACE)
    assert sorted((finding.cases, finding.proposed, finding.group) for finding in found) == [
        (("a",), (), 1),
        (("b",), (), 1),
        (("c",), ("公安局",), 1),
    ]
    assert "住房和城乡建设局1件（c）" in found[0].text


def test_a_reorganisation_is_no_conflict() -> None:
    cases = [repeated("a", "卫生局", "2018-01-01"), repeated("b", "卫生健康局", "2024-01-01")]
    assert conflicts(cases, PLACE) == []


def test_between_equals_the_content_decides_then_the_day() -> None:
    cases = [repeated("a", "公安局", "2024-01-01"), repeated("b", "住房和城乡建设局", "2024-03-01")]
    later = {finding.cases[0]: finding.proposed for finding in conflicts(cases, PLACE)}
    assert later == {"a": ("住房和城乡建设局",), "b": ()}
    liked = conflicts(cases, PLACE, chance=lambda name, leads: 0.8 if leads == ("公安局",) else 0.1)
    assert {finding.cases[0]: finding.proposed for finding in liked} == {"a": (), "b": ("公安局",)}
    same = [repeated(one, lead, "2024-01-01") for one, lead in (("a", "公安局"), ("b", "住房和城乡建设局"))]
    assert not any(finding.proposed for finding in conflicts(same, PLACE))


def test_nothing_conflicts_with_itself() -> None:
    assert conflicts([repeated("a", "公安局", "2024-01-01")], PLACE) == []


# --- a catalogue that is strict does not stop the audit --------------------------------------------------------------


def test_names_that_a_catalogue_lacks_are_not_learned_and_stop_nothing() -> None:
    cases = [case("a", "教肓局", "卫健局;宇宙局", topic="太空"), case("b", "教育局", topic="教育/学前教育")]
    answers = unseen_answers(cases, PLACE, None)
    assert answers.rows.tolist() == [0, 1]
    assert not answers.led[0].any()
    assert answers.units(np.flatnonzero(answers.helped[0])) == ("卫生健康局",)
    assert not answers.filed[0].any()
    assert answers.filed[1].any()


def test_cases_beyond_what_a_model_learns_from_are_answered_but_for_copies(monkeypatch: pytest.MonkeyPatch) -> None:
    titles = (
        "学校操场太小 医院挂号排队久 幼儿园学位不够 急诊缺少医生 课后托管没人管 乡镇卫生院设备旧 食堂差 老人体检远 "
        "职业学校招不到人 疫苗接种时间短 校门口车多 中医馆药材不全 乡村教师留不住 救护车来得慢 图书角没新书 孕妇建档难"
    ).split()
    cases = [Case(Suggestion(str(n), title), (("教育局", "卫生健康局")[n % 2],)) for n, title in enumerate(titles)]
    cases.append(replace(cases[3], suggestion=replace(cases[3].suggestion, id="copy", date=date(2000, 1, 1))))
    dated = [replace(one, suggestion=replace(one.suggestion, date=one.suggestion.date or TODAY)) for one in cases]
    few = partial(train, settings=Settings(max_cases=12))
    monkeypatch.setattr("triage.learning.audit.unseen.train", few)
    answers = unseen_answers(dated, PLACE, None)
    assert len(answers.helped) == 12
    assert 12 < len(answers.rows) <= 17
    assert len(set(answers.rows.tolist())) == len(answers.rows)
    for row, place in enumerate(answers.rows):
        assert answers.units(np.flatnonzero(answers.led[row])) == dated[place].leads
        assert answers.lead[row].sum() == pytest.approx(1, abs=1e-4)
        near = answers._closeness(row)[0, answers.model.rows.cases]
        assert near.max() < 0.99, "no case is its own precedent"
    assert answers.topic.shape[0] == answers.filed.shape[0] == len(answers.rows)


# --- words for a clerk -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("chance", "told"), [(0.0, "不到1%"), (0.004, "不到1%"), (0.5, "50%"), (0.994, "99%"), (0.999, "99%以上")]
)
def test_nothing_is_impossible_and_little_is_certain(chance: float, told: str) -> None:
    assert percent(chance) == told


def test_a_long_list_of_names_is_counted() -> None:
    assert listed(["甲", "乙", "丙"], most=2) == "甲、乙等3个"
    assert listed(["甲", "乙"], most=2) == "甲、乙"
