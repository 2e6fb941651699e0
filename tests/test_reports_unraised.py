"""Topics that nobody raises, held to a catalogue counted by hand."""

from __future__ import annotations

from datetime import date as Date

import pytest

from tests.reports import case
from triage import InputError
from triage.catalogue import Catalogue, Topic
from triage.reports import Timespan, Unraised, unraised

TOPICS = Catalogue(
    topics=(
        Topic("jt", "交通"),
        Topic("jt-lu", "道路", "jt"),
        Topic("jt-gj", "公交", "jt"),
        Topic("jy", "教育"),
        Topic("jy-xx", "学校", "jy"),
    )
)
YEAR = (Date(2025, 1, 1), Date(2025, 12, 31))
CASES = [
    case("1", topics="交通/道路", date="2025-03-01"),
    case("2", topics="教育", date="2024-05-01"),
    case("3", topics="jy-xx", date="2024-06-01"),
    case("4", topics="学校", date="2023-06-01"),
    case("5", topics="陌生", date="2025-04-01"),
    case("6", date="2025-05-01"),
    case("7", topics="公交"),
]


def names(found: Unraised) -> list[str]:
    return ["/".join(topic.path) for topic in found.topics]


def test_a_topic_that_is_raised_raises_those_above_it() -> None:
    found = unraised(CASES, TOPICS, *YEAR)
    assert names(found) == ["交通/公交", "教育", "教育/学校"]
    assert (found.cases, found.without, found.topics_known) == (3, 2, 5)


def test_the_period_before_and_the_last_day_are_told() -> None:
    found = unraised(CASES, TOPICS, *YEAR)
    assert found.previous == Timespan(Date(2024, 1, 1), Date(2024, 12, 31), "2024年")
    told = {topic.path[-1]: (topic.before, topic.last) for topic in found.topics}
    assert told == {"公交": (0, None), "教育": (2, Date(2024, 6, 1)), "学校": (1, Date(2024, 6, 1))}
    other = unraised(CASES, TOPICS, *YEAR, previous=Timespan(Date(2023, 1, 1), Date(2023, 12, 31)))
    assert {topic.path[-1]: topic.before for topic in other.topics} == {"公交": 0, "教育": 1, "学校": 1}


def test_without_days_all_cases_count_and_nothing_is_compared() -> None:
    found = unraised(CASES, TOPICS)
    assert names(found) == []
    assert found.previous is None
    open_ended = unraised(CASES, TOPICS, first=Date(2025, 1, 1))
    assert (names(open_ended), open_ended.previous) == (["交通/公交", "教育", "教育/学校"], None)
    assert {topic.before for topic in open_ended.topics} == {None}


def test_of_no_case_no_topic_is_raised_and_of_no_topic_none_is_missed() -> None:
    found = unraised([], TOPICS, *YEAR)
    assert len(found.topics) == found.topics_known == 5
    assert unraised(CASES, Catalogue(), *YEAR).topics == ()


def test_it_is_told_as_plain_types() -> None:
    told = unraised(CASES, TOPICS, *YEAR).to_dict()
    assert told["topics"][2] == {
        "name": "学校",
        "path": ["教育", "学校"],
        "level": 2,
        "before": 1,
        "last": "2024-06-01",
    }
    assert told["previous"]["words"] == "2024年"
    assert unraised([], TOPICS).to_dict()["previous"] is None


def test_a_period_backwards_is_refused() -> None:
    with pytest.raises(InputError, match="ends before it begins"):
        unraised(CASES, TOPICS, *reversed(YEAR))
