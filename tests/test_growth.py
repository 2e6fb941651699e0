"""Periods and growth: the right days, and no rise out of chance."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage import InputError
from triage.duplicates.growth import Window, chosen_period, growth_ratio, period, period_before, rising


@pytest.mark.parametrize(
    ("until", "length", "since"),
    [
        ("2026-03-15", "week", "2026-03-09"),
        ("2026-03-15", "month", "2026-02-16"),
        ("2026-04-30", "month", "2026-04-01"),
        ("2026-02-28", "month", "2026-02-01"),
        ("2024-02-28", "month", "2024-01-29"),
        ("2026-03-31", "quarter", "2026-01-01"),
        ("2026-05-30", "quarter", "2026-03-01"),  # 30 February is cut to the 28th
        ("2026-12-31", "year", "2026-01-01"),
        ("2026-06-30", "year", "2025-07-01"),
        ("2026-03-15", 1, "2026-03-15"),
        ("2026-03-15", 10, "2026-03-06"),
    ],
)
def test_a_period_ends_with_its_day(until: str, length: str | int, since: str) -> None:
    assert period(date.fromisoformat(until), length) == (date.fromisoformat(since), date.fromisoformat(until))


@pytest.mark.parametrize("length", ["day", "", 0, -3, True, 10**9])
def test_another_period_is_refused(length: str | int) -> None:
    with pytest.raises(InputError, match="allowed are week, month, quarter, year or a number of days"):
        period(date(2026, 3, 15), length)


@given(st.dates(), st.sampled_from(["week", "month", "quarter", "year"]))
def test_any_day_can_end_a_period(until: date, length: str) -> None:
    if until.year > 1:
        since, last = period(until, length)
        assert last == until
        assert {"week": 7, "month": 28, "quarter": 89, "year": 365}[length] <= (until - since).days + 1 <= 366


@given(st.dates(min_value=date(1900, 1, 1)), st.integers(1, 5000))
def test_the_period_before_is_as_long_and_touches(until: date, days: int) -> None:
    since, _ = period(until, days)
    first, last = period_before(since, until)
    assert last == since - timedelta(days=1)
    assert last - first == until - since


def test_small_counts_do_not_explode() -> None:
    assert growth_ratio(1, 0) == 3
    assert growth_ratio(0, 0) == growth_ratio(7, 7) == 1
    assert growth_ratio(300, 100) == pytest.approx(3, rel=0.01)


def test_a_rise_needs_more_than_luck() -> None:
    # 5 of 5 is one in 32; 4 of 4 one in 16.
    assert rising([5], [0], 1005, 1000) == [True]
    assert rising([4], [0], 1004, 1000) == [False]
    assert rising([9], [5], 1009, 1005) == [False]
    assert rising([30], [10], 1030, 1010) == [True]
    assert rising([10], [30], 1010, 1030) == [False]
    assert rising([], [], 0, 0) == []
    assert rising([0], [0], 5, 5) == [False]


def test_what_grows_with_everything_is_not_rising() -> None:
    assert rising([30], [10], 3000, 1000) == [False]
    assert rising([30], [10], 1000, 1000) == [True]
    # fewer texts in all do not make a topic rise that has as many as before
    assert rising([10], [10], 100, 1000) == [False]


def test_hundreds_of_topics_that_did_not_change_are_not_flagged() -> None:
    chance = np.random.default_rng(3)
    flagged = 0
    for _ in range(200):
        now, before = chance.poisson(8, 150), chance.poisson(8, 150)
        flagged += any(rising(now.tolist(), before.tolist(), int(now.sum()), int(before.sum())))
    assert flagged <= 20  # 5 % of 200 lists, with room for chance


def test_of_the_flags_at_most_one_in_twenty_is_false() -> None:
    chance = np.random.default_rng(4)
    true = false = 0
    for _ in range(100):
        before = chance.poisson(8, 150)
        now = np.concatenate((chance.poisson(8, 120), chance.poisson(28, 30)))
        flags = rising(now.tolist(), before.tolist(), int(now.sum()) + 9000, int(before.sum()) + 9000)
        false += sum(flags[:120])
        true += sum(flags[120:])
    assert true > 0.6 * 3000
    assert false / (true + false) < 0.05


DAYS = [date(2026, 1, 5), date(2026, 1, 12), date(2026, 1, 14), None, date(2026, 3, 1)]


def test_a_whole_batch_counts_every_text() -> None:
    window = Window.over(DAYS, None, None)
    now, earlier = window.split(DAYS)
    assert (window.first, window.last, window.before) == (date(2026, 1, 5), date(2026, 3, 1), None)
    assert now.all()
    assert not earlier.any()
    assert window.notices(DAYS) == ("其中 1 件没有日期。",)


def test_a_period_takes_its_days_and_those_before() -> None:
    window = Window.over(DAYS, date(2026, 1, 11), date(2026, 1, 17))
    now, earlier = window.split(DAYS)
    assert now.tolist() == [False, True, True, False, False]
    assert earlier.tolist() == [True, False, False, False, False]
    assert window.before == (date(2026, 1, 4), date(2026, 1, 10))
    assert window.notices(DAYS) == ("1 件没有日期，未计入。", "1 件不在所选时段内，未计入。")


def test_one_end_is_enough() -> None:
    since = Window.over(DAYS, date(2026, 1, 12), None)
    assert (since.first, since.last) == (date(2026, 1, 12), date(2026, 3, 1))
    assert since.split(DAYS)[1].tolist() == [True, False, False, False, False]
    until = Window.over(DAYS, None, date(2026, 1, 12))
    assert until.split(DAYS)[0].tolist() == [True, True, False, False, False]
    assert until.before is None
    assert Window.over([], date(2026, 1, 12), None).last == date(2026, 1, 12)
    assert Window.over([], None, None).notices([]) == ()


def test_nothing_to_compare_with_is_told() -> None:
    window = Window.over(DAYS, date(2026, 3, 1), date(2026, 3, 7))
    assert window.notices(DAYS)[-1] == "上一时段没有文本，无法比较。"


def test_a_period_runs_forward() -> None:
    with pytest.raises(InputError, match="2026-03-02 to 2026-03-01: it ends before it begins"):
        Window.over(DAYS, date(2026, 3, 2), date(2026, 3, 1))


def test_a_length_alone_ends_with_the_last_date_there_is() -> None:
    first, last = date(2026, 1, 12), date(2026, 3, 1)
    assert chosen_period(DAYS, None, None, None) == (None, None)
    assert chosen_period(DAYS, first, last, None) == (first, last)
    assert chosen_period(DAYS, None, None, "week") == period(last, "week")
    assert chosen_period(DAYS, None, first, "month") == period(first, "month")


def test_a_length_needs_one_end_and_no_other() -> None:
    with pytest.raises(InputError, match="'week' and since 2026-03-01: give one of them"):
        chosen_period(DAYS, date(2026, 3, 1), None, "week")
    with pytest.raises(InputError, match="no text has a date that it could end with"):
        chosen_period([None], None, None, 7)
