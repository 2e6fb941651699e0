"""Periods: words, borders, the year before, and what is wrong with a period."""

from __future__ import annotations

from datetime import date as Date

import pytest

from tests.reports import case, section, texts
from triage.errors import InputError
from triage.reports import Timespan, make, timespan
from triage.reports.period import found_period, within, year_before


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [
        ("2025-01-01", "2025-12-31", "2025年"),
        ("2023-01-01", "2025-12-31", "2023年至2025年"),
        ("2024-02-01", "2024-02-29", "2024年2月"),
        ("2025-01-01", "2025-03-31", "2025年1月1日至3月31日"),
        ("2024-12-01", "2025-03-31", "2024年12月1日至2025年3月31日"),
        ("2025-03-01", "2025-03-01", "2025年3月1日"),
    ],
)
def test_words(first: str, last: str, words: str) -> None:
    assert timespan(Date.fromisoformat(first), Date.fromisoformat(last)).words == words


def test_open_periods() -> None:
    assert timespan(Date(2025, 1, 1), None).words == "2025年1月1日以来"
    assert timespan(None, Date(2025, 1, 1)).words == "截至2025年1月1日"
    assert timespan(None, None).words == "全部来件"


def test_both_days_belong_to_the_period() -> None:
    cases = [case(day, date=day) for day in ("2024-12-31", "2025-01-01", "2025-01-31", "2025-02-01")] + [case("x")]
    split = within(cases, timespan(Date(2025, 1, 1), Date(2025, 1, 31)))
    assert [one.suggestion.id for one in split.inside] == ["2025-01-01", "2025-01-31"]
    assert [one.suggestion.id for one in split.undated] == ["x"]
    assert len(split.outside) == 2
    assert found_period(cases).first == Date(2024, 12, 31)
    assert found_period([case("x")]) == Timespan(words="全部来件（未注明日期）")


def test_the_year_before() -> None:
    assert year_before(timespan(Date(2024, 2, 29), Date(2024, 2, 29))) == timespan(Date(2023, 2, 28), Date(2023, 2, 28))
    # The end of February stays the end of February.
    assert year_before(timespan(Date(2025, 2, 1), Date(2025, 2, 28))) == timespan(Date(2024, 2, 1), Date(2024, 2, 29))
    assert year_before(timespan(Date(2025, 2, 1), None)) is None


def test_a_period_that_ends_before_it_begins() -> None:
    with pytest.raises(InputError, match="2025-02-01 to 2025-01-01 ends before it begins"):
        timespan(Date(2025, 2, 1), Date(2025, 1, 1))
    with pytest.raises(InputError, match="ends before it begins"):
        make("overview", [case("1")], period=Timespan(Date(2025, 2, 1), Date(2025, 1, 1)))


def test_an_empty_period_says_what_there_is() -> None:
    cases = [case("1", date="2024-05-01"), case("2", date="2024-07-01"), case("3")]
    with pytest.raises(InputError, match=r"none of the 3 cases lies .* from 2024-05-01 to 2024-07-01, 1 have no date"):
        make("overview", cases, period=timespan(Date(2020, 1, 1), Date(2020, 12, 31)))
    with pytest.raises(InputError, match="none of them has a date"):
        make("overview", [case("3")], period=timespan(Date(2020, 1, 1), None))
    with pytest.raises(InputError, match="no case lies in the period to compare with"):
        make("overview", cases, previous=timespan(Date(2020, 1, 1), Date(2020, 12, 31)))


def test_rows_without_a_date_are_counted_and_said() -> None:
    cases = [case("1", date="2024-05-01"), case("2"), case("3")]
    report = make("overview", cases, period=timespan(Date(2024, 1, 1), Date(2024, 12, 31)))
    told = section(report, "说明").sentences
    assert texts(told) == ["有2件没有日期，不能归入任何时段，未计入。", "没有2023年的来件，不作比较。"]
    assert told[0].links[0].rows == ("2", "3")
    assert [row[:3] for row in report.rows.rows if row[0] != "1"] == [
        ("2", "关于2的建议", "未计入"),
        ("3", "关于3的建议", "未计入"),
    ]
    whole = make("overview", cases)
    assert texts(section(whole, "说明").sentences) == ["有2件没有日期，已计入总数。"]
    assert texts(section(whole, "总体情况").sentences) == ["2024年5月1日共收到3件。"]


def test_two_periods_of_one_file_must_not_overlap() -> None:
    cases = [case("1", date="2024-05-01"), case("2", date="2025-05-01")]
    report = make(
        "overview",
        cases,
        period=timespan(Date(2025, 1, 1), None),
        previous=timespan(None, Date(2024, 12, 31)),
    )
    assert "与截至2024年12月31日持平（截至2024年12月31日1件）。" in texts(section(report, "总体情况").sentences)
    with pytest.raises(InputError, match="overlaps that of the report: 1 cases are in both, the first is '2'"):
        make("overview", cases, period=timespan(Date(2025, 1, 1), None), previous=timespan(Date(2024, 1, 1), None))


def test_a_file_to_compare_with_may_number_its_rows_alike() -> None:
    report = make(
        "overview",
        [case("1", source="人大", date="2025-05-01"), case("2", source="人大", date="2025-06-01")],
        previous=[case("1", source="人大", date="2024-05-01"), case("9", source="人大", date="2024-06-01")],
    )
    assert [row[:3] for row in report.rows.rows] == [
        ("1", "关于1的建议", "本期"),
        ("2", "关于2的建议", "本期"),
        ("上期-1", "关于1的建议", "上期"),
        ("9", "关于9的建议", "上期"),
    ]
    with pytest.raises(InputError, match="no cases to compare with"):
        make("overview", [case("1")], previous=[])


def test_unknown_kinds_and_ids_that_come_twice() -> None:
    with pytest.raises(InputError, match="kind 'all' is not known; allowed are overview, targets"):
        make("all", [case("1")])
    with pytest.raises(InputError, match="the id '1' stands twice"):
        make("overview", [case("1"), case("1")])
    with pytest.raises(InputError, match="a case has no id"):
        make("overview", [case("")])
    with pytest.raises(InputError, match="no cases to report on"):
        make("overview", [])
