"""Unit names as people type them: taken apart, found, brought to the day, or told with what they may mean."""

from __future__ import annotations

from datetime import date as Date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.meetings import CATALOGUE, REFORM, TODAY
from triage.catalogue import Catalogue, Unit
from triage.meeting.names import NameReader

READER = NameReader(CATALOGUE, ["大数据中心"], TODAY)
CURRENT = [unit.name for unit in CATALOGUE.current(TODAY)]


@pytest.mark.parametrize(
    ("cell", "wanted"),
    [
        ("教育局", ("教育局",)),
        ("教育局；财政局;公安局", ("教育局", "财政局", "公安局")),
        ("教育局、财政局，公安局", ("教育局", "财政局", "公安局")),
        ("教育局\n财政局", ("教育局", "财政局")),
        ("教委 国土局", ("教育局", "自然资源和规划局")),
        ("教育局 91%；财政局99%以上；公安局（7%）", ("教育局", "财政局", "公安局")),
        ("县教育局", ("教育局",)),
        ("统战部（侨办、台办）、公安局", ("统战部（侨办、台办）", "公安局")),
        ("教 育 局", ("教育局",)),
        ("教育局；教委", ("教育局",)),
        ("大数据中心", ("大数据中心",)),
        ("；、 ", ()),
    ],
)
def test_names_in_a_cell(cell: str, wanted: tuple[str, ...]) -> None:
    found = READER.read(cell)
    assert (found.units, found.problems) == (wanted, ())


@pytest.mark.parametrize(
    ("day", "wanted"),
    [(Date(2018, 1, 1), "国土资源局"), (REFORM, "自然资源和规划局"), (None, "自然资源和规划局")],
)
def test_a_former_unit_by_the_day(day: Date | None, wanted: str) -> None:
    assert READER.read("国土资源局", day).units == (wanted,)


def test_a_name_that_stands_for_itself() -> None:
    assert READER.read("国土资源局", sure=frozenset(["国土资源局"])).units == ("国土资源局",)


def test_a_unit_that_was_taken_over_without_a_date() -> None:
    reader = NameReader(Catalogue((Unit("a", "旧局", succeeded_by=("b",)), Unit("b", "新局"))), (), TODAY)
    assert reader.read("旧局", Date(2010, 1, 1)).units == ("新局",)
    assert reader.read("旧局").remarks == ("“旧局” is read as 新局 (former name)",)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("教育居", "教育局"), ("财正局", "财政局"), ("交通运输句", "交通运输局"), ("大数居中心", "大数据中心")],
)
def test_a_slip_is_told_with_what_was_meant(typed: str, meant: str) -> None:
    (problem,) = READER.read(typed).problems
    assert problem.startswith(f"“{typed}” is no unit of the catalogue; did you mean {meant}")


@given(st.lists(st.sampled_from(CURRENT), max_size=6), st.sampled_from(["；", ";", "\n", "、", "，", "； ", " ；\n"]))
def test_names_that_are_joined_come_apart(names: list[str], mark: str) -> None:
    found = READER.read(mark.join(names))
    assert (found.units, found.problems) == (tuple(dict.fromkeys(names)), ())


@given(st.text(max_size=40))
def test_anything_may_be_typed(cell: str) -> None:
    found = READER.read(cell)
    assert set(found.units) <= {*(unit.name for unit in CATALOGUE.units), "大数据中心"}
