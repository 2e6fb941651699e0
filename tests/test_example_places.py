"""Two invented places with different rules: what an office says comes from its own files and from nowhere else."""

from __future__ import annotations

import re
from datetime import date as Date
from functools import cache
from pathlib import Path

import pytest

from triage.catalogue import (
    Catalogue,
    Office,
    Resolver,
    Rule,
    check_catalogue,
    check_office,
    committee_of,
    load_catalogue,
    load_office,
    starter_office,
    system_of,
)
from triage.datasets import read_cases, read_suggestions
from triage.deadlines import due
from triage.precheck.rules import applied
from triage.precheck.sentences import sentences_of
from triage.records import Case, Suggestion
from triage.text.written import written

PLACES = Path(__file__).resolve().parent.parent / "examples" / "places"
COUNTY, DISTRICT = "zhenxi-county", "linlan-district"
BOTH = pytest.mark.parametrize("place", [COUNTY, DISTRICT])
ZONE = "lg"


@cache
def catalogue_of(place: str) -> Catalogue:
    return load_catalogue(PLACES / place)


@cache
def office_of(place: str) -> Office:
    return load_office(PLACES / place)


@cache
def cases_of(place: str) -> list[Case]:
    return read_cases(PLACES / place / "cases.csv")


def found(office: Office, suggestion: Suggestion) -> list[Rule]:
    """The rules whose pattern finds something."""
    return [hit.rule for hit in applied(office.rules, sentences_of(written(suggestion)))]


@BOTH
def test_nothing_is_wrong_or_doubtful(place: str) -> None:
    assert check_catalogue(PLACES / place) == ()
    assert check_office(PLACES / place) == ()


@BOTH
def test_an_office_is_complete(place: str) -> None:
    office = office_of(place)
    assert all((office.name, office.place, office.area, office.level, office.committees, office.targets, office.days))
    assert 15 <= len(office.rules) <= 30
    assert all(rule.examples and rule.counterexamples and rule.wording and rule.article for rule in office.rules)
    assert len({rule.kind for rule in office.rules}) >= 4
    assert all("虚构" in rule.source for rule in (*office.rules, *starter_office().rules))


@BOTH
def test_cases_name_what_the_catalogue_has(place: str) -> None:
    catalogue, cases = catalogue_of(place), cases_of(place)
    resolver = Resolver(catalogue)
    assert len(cases) >= 60
    units = {name for case in cases for name in (*case.leads, *case.co, *case.returned)}
    assert {name for name in units if resolver.resolve(name).unit is None} == set()
    topics = {"/".join(catalogue.topic_path(topic.code)) for topic in catalogue.topics}
    assert {topic for case in cases for topic in case.topics} <= topics
    assert {case.area for case in cases if case.area} <= {area.name for area in catalogue.areas}
    assert {case.outcome for case in cases if case.outcome} == {one.code for one in office_of(place).outcomes}


@BOTH
def test_cases_are_enough_for_a_report(place: str) -> None:
    cases = cases_of(place)
    days = [case.suggestion.date for case in cases if case.suggestion.date]
    assert (max(days) - min(days)).days > 500
    assert len({case.suggestion.source for case in cases}) == 4
    assert len({case.suggestion.session for case in cases}) >= 4
    assert sum(bool(case.returned) for case in cases) >= 8
    assert all(case.handed_out and (case.replied is None or case.replied > case.handed_out) for case in cases)
    assert sum(case.replied is None for case in cases) == 3
    assert all(committee_of(office_of(place), case.topics[0].split("/")) for case in cases)


def test_the_zone_handles_about_a_quarter() -> None:
    catalogue, resolver = catalogue_of(DISTRICT), Resolver(catalogue_of(DISTRICT))
    leads = [resolver.resolve(case.leads[0]).unit for case in cases_of(DISTRICT)]
    share = sum(lead is not None and lead.area == ZONE for lead in leads) / len(leads)
    assert 0.2 < share < 0.35
    branches = [unit for unit in catalogue.units if unit.code.startswith("lg-")]
    assert len(branches) == 6
    assert all(unit.area == ZONE for unit in branches)
    assert all(unit.duties == catalogue.unit(unit.code.removeprefix("lg-")).duties for unit in branches)
    assert system_of(branches[0]) == "政府"


@pytest.mark.parametrize(
    ("text", "county", "district"),
    [
        ("建议在村东新建老年食堂。", {"票决"}, set()),
        ("建议修复老桥，桥墩裂缝扩大，随时会垮。", {"票决", "紧急"}, set()),
        ("消防通道被堵死了。", set(), {"紧急"}),
        ("停车场早已列入计划，请加快。", set(), {"不纳入"}),
        ("健身房关门不退钱。", set(), {"不纳入"}),
        ("这件事去年答复过，再提一次。", {"不纳入"}, set()),
        ("水渠断了，再不修就耽误插秧。", {"紧急"}, set()),
        ("建议在港湾里增设急救点。", set(), {"提示"}),
        ("村里的路灯坏了三盏。", {"提示"}, set()),
        ("建议加宽文化路。", set(), set()),
    ],
)
def test_the_same_text_is_told_apart_by_each_places_own_rules(text: str, county: set[str], district: set[str]) -> None:
    suggestion = Suggestion("a", text=text)
    assert {rule.kind for rule in found(office_of(COUNTY), suggestion)} == county
    assert {rule.kind for rule in found(office_of(DISTRICT), suggestion)} == district


def test_a_vote_in_one_place_and_a_list_of_exclusions_in_the_other() -> None:
    kinds = {place: [rule.kind for rule in office_of(place).rules] for place in (COUNTY, DISTRICT)}
    assert kinds[COUNTY].count("票决") == 6
    assert "票决" not in kinds[DISTRICT]
    assert kinds[DISTRICT].count("不纳入") == 3


def test_the_same_hand_out_is_due_on_other_days() -> None:
    day = Date(2025, 3, 3)
    county, district = due(office_of(COUNTY), day), due(office_of(DISTRICT), day)
    assert (county.return_until, district.return_until) == (Date(2025, 3, 17), Date(2025, 3, 10))
    assert (county.reply, district.reply) == (Date(2025, 6, 3), Date(2025, 5, 29))
    hotline = due(office_of(DISTRICT), day, "热线")
    assert (hotline.reply, hotline.return_until) == (Date(2025, 3, 17), Date(2025, 3, 6))
    assert due(office_of(COUNTY), day, "热线") == county


def test_a_day_of_the_place_moves_its_deadlines_only() -> None:
    day = Date(2025, 7, 1)
    county, district = (due(office_of(place), day) for place in (COUNTY, DISTRICT))
    assert county.return_until == Date(2025, 7, 15)  # ten working days; 8 July is off there, 12 July is worked
    assert district.return_until == Date(2025, 7, 8)


def test_outcomes_and_committees_differ() -> None:
    assert [one.code for one in office_of(COUNTY).outcomes] == ["A", "B", "C"]
    assert [one.code for one in office_of(DISTRICT).outcomes] == ["A", "B", "C", "D"]
    names = [{one.name for one in office_of(place).committees} for place in (COUNTY, DISTRICT)]
    assert not names[0] & names[1]


@BOTH
def test_new_suggestions_meet_the_rules(place: str) -> None:
    suggestions = read_suggestions(PLACES / place / "suggestions.csv")
    assert len(suggestions) == 8
    told = {rule.kind for suggestion in suggestions for rule in found(office_of(place), suggestion)}
    assert {"不予受理", "紧急", "提示"} <= told


def test_no_code_knows_these_places() -> None:
    names = re.compile("枕溪|临澜|蓝港|澄州|弯刀岭")
    code = (PLACES.parent.parent / "triage").rglob("*.py")
    assert [path.name for path in code if names.search(path.read_text(encoding="utf-8"))] == []
