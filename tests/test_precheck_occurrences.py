"""What neighbouring stretches have in common, against plain sets."""

from __future__ import annotations

import numpy as np
import pytest

from triage.precheck.borders import SIDE, Borders
from triage.precheck.linear import shipped
from triage.precheck.occurrences import Occurrences, Sides
from triage.precheck.reading import read
from triage.precheck.roles import probabilities
from triage.records import Suggestion
from triage.text import Segmenter

THINGS = 30
LETTER = """关于修路和增开公交的建议
清河县东门路坑洼不平，雨天积水，老人出行不便。原因是多年没有养护。建议由县住建局修复路面。
另外，东门路公交班次太少，学生上学要等四十分钟。希望县交通局增开早班公交。
还有，南湖公园没有路灯，晚上散步容易摔跤。请城管局加装路灯，修好南湖公园的步道。
谢谢！"""


def plain(
    said: list[set[int]], worth: list[float], marked: list[bool], start: int, border: int, stop: int
) -> list[float]:
    """The same sides from sets of what the sentences say."""
    before = set().union(*said[start:border])
    after = set().union(*said[border:stop])
    named = {thing for thing in range(THINGS) if marked[thing]}
    sides = (before, after, before & after, before & named, after & named)
    return [sum(worth[thing] for thing in side) for side in sides]


@pytest.mark.parametrize("seed", range(6))
def test_sides_are_those_of_plain_sets(seed: int) -> None:
    chance = np.random.default_rng(seed)
    count = int(chance.integers(2, 14))
    said = [set(chance.choice(THINGS, chance.integers(0, 9), replace=False).tolist()) for _ in range(count)]
    worth, marked = chance.random(THINGS), chance.random(THINGS) < 0.3
    found = Occurrences([np.array(sorted(one), np.int64) for one in said], worth, marked)
    near = found.near(SIDE)
    for start in range(count - 1):
        for stop in range(start + 2, count + 1):
            borders = np.arange(start + 1, stop)
            back, on = np.minimum(borders - start, SIDE), np.minimum(stop - borders, SIDE)
            whole = [plain(said, worth.tolist(), marked.tolist(), start, border, stop) for border in borders.tolist()]
            close = [
                plain(said, worth.tolist(), marked.tolist(), border - one, border, border + other)
                for border, one, other in zip(borders.tolist(), back.tolist(), on.tolist(), strict=True)
            ]
            assert_same(found.within(start, stop), whole)
            assert_same(near.sides(borders, back, on), close)


def assert_same(sides: Sides, wanted: list[list[float]]) -> None:
    np.testing.assert_allclose(np.stack(sides, axis=1), wanted, atol=1e-12)


def test_a_border_has_the_same_features_alone_and_among_others() -> None:
    title, text = LETTER.split("\n", 1)
    reading, learned = read(Suggestion("1", title, text), Segmenter(), ("清河县",)), shipped()
    chances = probabilities(reading, learned.models["roles"])
    whole = Borders(reading, chances, learned.rarity)
    rows = whole.rows(whole.body)
    for row, window in zip(rows, whole.windows(), strict=True):
        alone = Borders(reading, chances, learned.rarity).features(*window)
        assert alone.tolist() == row.tolist()
    split = whole.windows([whole.body[3]])
    assert [number for number, _, _ in split] == list(whole.body[1:])
    narrowed = [whole.features(*window).tolist() for window in split]
    assert [one != other for one, other in zip(narrowed, rows.tolist(), strict=True)].count(True) > 3


def test_sentences_that_say_nothing_have_nothing_in_common() -> None:
    nothing = Occurrences([np.zeros(0, np.int64)] * 3, np.ones(1), np.ones(1, np.bool_))
    borders = np.array([1, 2])
    for sides in (nothing.within(0, 3), nothing.near(SIDE).sides(borders, borders, borders[::-1])):
        assert not np.stack(sides).any()
