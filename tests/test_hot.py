"""Hot topics: counted right, named in their own words, compared with the time before, silent about what is secret."""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage import InputError, Suggestion
from triage.duplicates.hot import HEADERS, HotTopics, hot_topics
from triage.duplicates.naming import STOP_WORDS
from triage.text import Segmenter

TITLES = {
    "lift": [
        "关于老旧小区加装电梯的建议",
        "关于推进老旧小区加装电梯的提案",
        "老旧小区加装电梯补贴太少",
        "关于加快老旧小区加装电梯审批的建议",
        "老旧小区加装电梯一楼不同意怎么办",
        "关于既有住宅加装电梯的建议",
    ],
    "bike": [
        "电动车进楼道充电",
        "关于整治电动车进楼道充电的建议",
        "楼道里电动车充电很危险",
        "关于建设小区电动车集中充电棚的建议",
    ],
    "school": [
        "关于学校门口交通拥堵的建议",
        "实验小学门口上下学交通拥堵",
        "关于缓解学校门口交通拥堵问题的提案",
    ],
    "": ["关于发展茶产业的建议", "河道淤积", "公园里路灯不亮", "关于培养乡村医生的建议"],
}
SOURCES = ("人大", "政协", "群众")
FIRST = date(2026, 3, 1)

Edge = tuple[int, int, float]


def batch() -> tuple[list[Suggestion], list[Edge], list[str]]:
    """Seventeen suggestions on three topics and on none, a day apart, with what joins them and their topics."""
    topics = [topic for topic, titles in TITLES.items() for _ in titles]
    titles = [title for group in TITLES.values() for title in group]
    suggestions = [
        Suggestion(id=f"A{n + 1}", title=title, source=SOURCES[n % 3], date=FIRST + timedelta(days=n))
        for n, title in enumerate(titles)
    ]
    edges = [(a, b, 0.9) for a, b in itertools.combinations(range(len(topics)), 2) if topics[a] == topics[b] != ""]
    return suggestions, edges, topics


@pytest.fixture(scope="module")
def segmenter() -> Segmenter:
    return Segmenter()


def hot(segmenter: Segmenter, suggestions: Sequence[Suggestion], edges: Any, **options: Any) -> HotTopics:
    words = [segmenter.words(one.title + one.text) for one in suggestions]
    places = options.pop("places", [[] for _ in suggestions])
    return hot_topics(suggestions, edges, words, places, **options)


def test_topics_come_largest_first_under_a_name_of_their_own_words(segmenter: Segmenter) -> None:
    suggestions, edges, topics = batch()
    found = hot(segmenter, suggestions, edges)
    assert [(topic.name, topic.size) for topic in found] == [
        ("老旧小区加装电梯", 6),
        ("电动车进楼道充电", 4),
        ("学校门口交通拥堵", 3),
    ]
    assert [list(topic.members) for topic in found] == [
        [one.id for one, topic in zip(suggestions, topics, strict=True) if topic == name]
        for name in ("lift", "bike", "school")
    ]
    assert (found.texts, found.alone, len(found), found[1].name) == (17, 4, 3, "电动车进楼道充电")


def test_each_topic_tells_where_when_and_through_whom(segmenter: Segmenter) -> None:
    suggestions, edges, _ = batch()
    suggestions[1] = replace(suggestions[1], source="")
    places = [["东湖街道", "东湖街道"] if n % 2 else ["西山镇", "东湖街道"] for n in range(17)]
    topic = hot(segmenter, suggestions, edges, places=places)[0]
    assert topic.places == (("东湖街道", 6), ("西山镇", 3))
    assert topic.sources == (("人大", 2), ("群众", 2), ("政协", 1), ("（来源不明）", 1))
    assert (topic.first, topic.last) == (date(2026, 3, 1), date(2026, 3, 6))
    assert (topic.before, topic.growth, topic.rising, topic.change) == (None, None, False, "")
    weights = [weight for _, weight in topic.words]
    assert weights == sorted(weights, reverse=True)
    assert all(weight > 0 for weight in weights)
    assert not {word for word, _ in topic.words} & STOP_WORDS


def test_the_representatives_are_the_middle_and_two_far_ones(segmenter: Segmenter) -> None:
    titles = ["加装电梯", "加装电梯", "加装电梯补贴", "给老人装电梯", "电梯噪声大"]
    suggestions = [Suggestion(id=str(n), title=title) for n, title in enumerate(titles)]
    edges = [(0, 2, 0.9), (0, 3, 0.6), (0, 4, 0.6), (2, 3, 0.55)]
    (topic,) = hot(segmenter, suggestions, edges)
    assert topic.representatives == ("0", "3", "4")
    assert topic.titles == ("加装电梯", "给老人装电梯", "电梯噪声大")


def test_copies_are_voices_of_one_wording(segmenter: Segmenter) -> None:
    suggestions = [Suggestion(id=f"c{n}", title="恢复12路公交车", text="请恢复。") for n in range(3000)]
    suggestions += [Suggestion(id=f"d{n}", title=f"第{n}个路口信号灯") for n in range(2)]
    (topic,) = hot(segmenter, suggestions, [(0, 2999, 1.0), (5, 3000, 0.2)])
    assert (topic.size, topic.representatives) == (3000, ("c0",))
    assert "公交车" in topic.name
    # the copies carry the one pair that joins their wording to another
    (joined,) = hot(segmenter, suggestions, [(2999, 3001, 0.8)])
    assert (joined.size, joined.representatives) == (3001, ("c0", "d1"))


def test_texts_without_a_word_are_not_copies_of_each_other(segmenter: Segmenter) -> None:
    assert not hot(segmenter, [Suggestion(id=str(n)) for n in range(9)], []).topics


def test_one_hot_matter_is_not_cut_in_three(segmenter: Segmenter) -> None:
    chance = random.Random(8)
    titles = [f"{road}路{ask}" for road in "东南西北中" for ask in ("积水", "下雨积水", "排水不畅积水")] * 12
    suggestions = [Suggestion(id=str(n), title=f"{title}{n}") for n, title in enumerate(titles)]
    # 180 texts on one matter, of which each knows 12 only
    edges = {tuple(sorted((n, other))) for n in range(180) for other in chance.sample(range(180), 12) if other != n}
    (topic,) = hot(segmenter, suggestions, [(a, b, 0.6 + chance.random() / 3) for a, b in sorted(edges)])
    assert topic.size == 180
    assert "积水" in topic.name


def spread(counts: tuple[int, int], start: int = 0) -> list[Suggestion]:
    """So many suggestions in February and in March."""
    days = [date(2026, 2, 1 + n % 28) for n in range(counts[0])] + [date(2026, 3, 1 + n % 28) for n in range(counts[1])]
    return [
        Suggestion(id=f"{start}-{n}", title=f"{'停车' if start else '供暖'}{n}", date=d) for n, d in enumerate(days)
    ]


def test_growth_is_measured_against_the_period_before(segmenter: Segmenter) -> None:
    one, other = spread((4, 20)), spread((12, 10), start=1)
    edges = [(a, b, 0.9) for a, b in itertools.combinations(range(24), 2)]
    edges += [(a + 24, b + 24, 0.9) for a, b in itertools.combinations(range(22), 2)]
    odd = [Suggestion(id="x", title="无日期"), Suggestion(id="y", title="去年的", date=date(2025, 5, 1))]
    found = hot(
        segmenter, [*one, *other, *odd], edges, since=date(2026, 3, 1), until=date(2026, 3, 28), places=[["城区"]] * 48
    )
    heating, parking = found
    assert (heating.size, heating.before, heating.rising, heating.change) == (20, 4, True, "增16（4.6倍），明显上升")
    assert (parking.size, parking.before, parking.rising, parking.change) == (10, 12, False, "减2（0.8倍）")
    assert heating.places == (("城区", 20),)
    assert (len(heating.members), len(heating.earlier)) == (20, 4)
    assert set(heating.earlier) == {one.id for one in one[:4]}
    assert (heating.first, heating.last) == (date(2026, 3, 1), date(2026, 3, 20))
    assert (found.texts, found.texts_before, found.alone) == (30, 16, 0)
    assert found.before == (date(2026, 2, 1), date(2026, 2, 28))
    assert found.notices == ("1 件没有日期，未计入。", "1 件不在所选时段内，未计入。")


def test_a_topic_of_the_past_is_not_hot(segmenter: Segmenter) -> None:
    edges = [(a, b, 0.9) for a, b in itertools.combinations(range(22), 2)]
    options = {"since": date(2026, 3, 1), "until": date(2026, 3, 28)}
    assert not hot(segmenter, spread((20, 2)), edges, **options).topics
    assert hot(segmenter, spread((20, 2)), edges, least=2, **options)[0].change == "减18（0.1倍）"


def test_a_new_topic_is_called_new(segmenter: Segmenter) -> None:
    suggestions = [*spread((0, 4)), Suggestion(id="old", title="河道", date=date(2026, 2, 3))]
    edges = [(a, b, 0.9) for a, b in itertools.combinations(range(4), 2)]
    found = hot(segmenter, suggestions, edges, since=date(2026, 3, 1), until=date(2026, 3, 28))
    assert found[0].change == "新出现"
    alone = hot(segmenter, suggestions[:4], edges, since=date(2026, 3, 1), until=date(2026, 3, 28))
    assert (alone[0].before, alone.texts_before, alone.before) == (None, None, None)
    assert alone.notices == ("上一时段没有文本，无法比较。",)


def test_nothing_of_a_confidential_text_is_repeated(segmenter: Segmenter) -> None:
    suggestions, edges, _ = batch()
    suggestions[4] = replace(
        suggestions[4], title="老旧小区加装电梯受贿线索", text="举报王某受贿", confidential=True, source="纪委"
    )
    suggestions[3] = replace(suggestions[3], title="老旧小区加装电梯受贿名单", confidential=True)
    places = [["密县"] if one.confidential else ["东湖街道"] for one in suggestions]
    found = hot(segmenter, suggestions, edges, places=places)
    assert found[0].size == 6
    assert {"A4", "A5"} <= set(found[0].members)
    assert ("纪委", 1) in found[0].sources
    told = json.dumps(found.to_dict(), ensure_ascii=False) + str(found.rows())
    assert not [word for word in ("受贿", "线索", "名单", "王某", "密县") if word in told]


def test_a_topic_of_confidential_texts_has_no_name(segmenter: Segmenter) -> None:
    suggestions, edges, _ = batch()
    secret = [replace(one, confidential=True) for one in suggestions]
    found = hot(segmenter, secret, edges)
    assert [topic.name for topic in found] == ["（保密件）"] * 3
    assert [topic.words for topic in found] == [()] * 3
    assert found[0].titles == ("", "", "")
    assert found.rows()[0][6] == "\n".join(found[0].representatives)


def test_two_topics_of_one_name_are_told_apart(segmenter: Segmenter) -> None:
    suggestions = [Suggestion(id=str(n), title="关于疏浚河道的建议", text=f"见{n}。") for n in range(9)]
    edges = [(a, b, 0.9) for a, b in itertools.combinations(range(9), 2) if a // 3 == b // 3]
    places = [["甲镇"]] * 3 + [["乙镇"]] * 3 + [[]] * 3
    names = [topic.name for topic in hot(segmenter, suggestions, edges, places=places)]
    assert names[:2] == ["疏浚河道", "疏浚河道（乙镇）"]
    assert len(set(names)) == 3


def test_the_table_and_the_record_are_plain(segmenter: Segmenter) -> None:
    suggestions, edges, _ = batch()
    found = hot(segmenter, suggestions, edges, since=FIRST + timedelta(days=3), places=[["东湖街道"]] * 17)
    told = json.loads(json.dumps(found.to_dict(), ensure_ascii=False))
    assert told == found.to_dict()
    assert told["topics"][0]["first"] == "2026-03-07"
    assert (told["since"], told["until"], told["texts"], told["texts_before"]) == ("2026-03-04", "2026-03-17", 14, 3)
    lines = [dict(zip(HEADERS, line, strict=True)) for line in found.rows()]
    row = lines[1]
    assert (row["热点"], row["件数"], row["上期"], row["变化"]) == ("学校门口交通拥堵", "3", "0", "新出现")
    lift = next(line for line in lines if line["上期"] == "3")
    assert (lift["件数"], lift["上期"], lift["变化"], lift["地点"]) == ("3", "3", "持平", "东湖街道 3")
    assert lift["成员"] == "A4、A5、A6"
    assert lift["代表"].count("\n") == 2


def test_texts_without_id_are_told_by_their_place(segmenter: Segmenter) -> None:
    suggestions, edges, _ = batch()
    found = hot(segmenter, [replace(one, id="") for one in suggestions], edges)
    assert found[2].members == ("第11件", "第12件", "第13件")


def test_an_array_of_pairs_serves_as_well(segmenter: Segmenter) -> None:
    suggestions, edges, _ = batch()
    assert hot(segmenter, suggestions, np.array(edges)) == hot(segmenter, suggestions, edges)
    assert not hot(segmenter, suggestions, np.empty((0, 3))).topics
    assert hot(segmenter, [], []).to_dict()["topics"] == []


@given(st.randoms(use_true_random=False))
def test_the_order_of_pairs_changes_nothing(chance: random.Random) -> None:
    suggestions, edges, _ = batch()
    words = [list(one.title) for one in suggestions]
    places: list[list[str]] = [[] for _ in suggestions]
    expected = hot_topics(suggestions, edges, words, places)
    chance.shuffle(edges)
    assert hot_topics(suggestions, edges, words, places) == expected


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"edges": [(0, 1, 0.9), (1, 17, 0.9)]}, r"edges\[1\] is \(1, 17, 0.9\)"),
        ({"edges": [(1, 0, 0.9)]}, r"edges\[0\] is \(1, 0, 0.9\).*the smaller first, below 17"),
        ({"edges": [(0, 1, 1.1)]}, "a probability from 0 to 1"),
        ({"edges": [(0, 1, float("nan"))]}, "a probability from 0 to 1"),
        ({"least": 0}, "least=0"),
        ({"threshold": 0.0}, r"threshold=0\.0"),
        ({"places": [[]]}, "17 suggestions, 17 lists of words, 1 of places"),
        ({"since": date(2026, 3, 2), "until": date(2026, 3, 1)}, "ends before it begins"),
    ],
)
def test_bad_input_is_told(segmenter: Segmenter, options: dict[str, Any], message: str) -> None:
    suggestions, edges, _ = batch()
    with pytest.raises(InputError, match=message):
        hot(segmenter, suggestions, options.pop("edges", edges), **options)
