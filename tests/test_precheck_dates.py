"""Deadlines that a text names, and the day that they mean."""

from __future__ import annotations

from datetime import date as Date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.precheck.dates import deadline_in

DAY = Date(2030, 3, 14)  # a Thursday


@pytest.mark.parametrize(
    ("sentence", "due"),
    [
        ("请在6月底前修好。", Date(2030, 6, 30)),
        ("请务必在9月1日之前装好。", Date(2030, 9, 1)),
        ("建议十月一日前通车。", Date(2030, 10, 1)),
        ("希望明年6月前完成。", Date(2031, 5, 31)),
        ("请于2030年4月中旬前答复。", Date(2030, 4, 20)),
        ("争取二〇三一年三月底前建成。", Date(2031, 3, 31)),
        ("希望年底前解决。", Date(2030, 12, 31)),
        ("请月底前清运完毕。", Date(2030, 3, 31)),
        ("请在三个月内答复。", Date(2030, 6, 14)),
        ("要求十天内拆除。", Date(2030, 3, 24)),
        ("请下周内派人来。", Date(2030, 3, 24)),
        ("请在2月底前完成。", None),
        ("请在汛期前清淤。", None),
        ("赶在开学前把斑马线画好。", None),
    ],
)
def test_tells_the_day(sentence: str, due: Date | None) -> None:
    found = deadline_in(sentence, DAY)
    if "2月底" in sentence:
        assert found is None  # two weeks ago
        return
    assert found is not None
    assert found.due == due
    assert sentence[found.start : found.end] == found.written


@pytest.mark.parametrize(
    "sentence",
    [
        "原计划6月底前完成，拖到现在。",
        "这条路去年年底前已经修好。",
        "三个月前就坏了，请来修。",
        "他们上个月来过。",
        "桥前面的路灯坏了。",
        "",
    ],
)
def test_tells_of_no_deadline(sentence: str) -> None:
    assert deadline_in(sentence, DAY) is None


def test_without_a_day_only_the_words_are_told() -> None:
    found = deadline_in("请在6月底前修好。", None)
    assert found is not None
    assert found.due is None


def test_the_end_of_the_calendar_is_no_error() -> None:
    deadline_in("请在90周内、明年6月前修好。", Date(9999, 12, 31))
    deadline_in("请在99周内修好。", Date(9999, 12, 31))


@given(st.text(alphabet="请在今明年月日底前内周一二三六九十0123之以个汛期修好", max_size=40), st.dates())
def test_never_fails(sentence: str, day: Date) -> None:
    found = deadline_in(sentence, day)
    assert found is None or sentence[found.start : found.end] == found.written
