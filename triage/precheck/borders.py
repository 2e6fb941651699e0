"""What speaks for a new matter beginning at a sentence, measured on both sides of it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from triage.precheck.cues import column
from triage.precheck.linear import Floats, together
from triage.precheck.ngrams import Places
from triage.precheck.reading import Reading
from triage.precheck.roles import ASK, PROBLEM, headings
from triage.precheck.sentences import Sentence

SIDE = 3
"""Sentences next to a border that are compared, where no other border is nearer."""
_MANY = re.compile(
    r"几点|几个|若干|多个|两个|三个|两件|三件|几件|等(?:方面|问题|事)|一些|有关(?:问题|事项)|系列|多项|两项|三项|几项"
)
_BOTH = re.compile(r"(?:和|与|及|以及|、|并|暨|，|；|兼)")

Block = range
Window = tuple[int, Block, Block]


def _found(reading: Reading, name: str, block: Block, group: str = "matter") -> float:
    return float(reading.cues[block.start : block.stop, column(group, name)].any())


class Borders:
    """The borders that a text could have, and their features for any choice of blocks around them."""

    def __init__(self, reading: Reading, roles: NDArray[np.float32], rarity: Floats) -> None:
        self.reading, self.roles, self.rarity = reading, roles, rarity
        self.body = reading.body
        self.under = headings(reading)
        self.title = range(self.body.start)
        self.title_text = "".join(sentence.text for sentence in reading.sentences[: self.body.start])
        self.style = _first_style([reading.sentences[number] for number in self.body])
        self.asked = np.array([len(asks) > 0 for asks in reading.asks], np.bool_)
        self.runs = reading.runs
        self._unions: dict[Block, Places] = {}
        self._likeness: dict[tuple[Block, Block], float] = {}

    def union(self, block: Block) -> Places:
        """The runs of the sentences of a block."""
        if block not in self._unions:
            self._unions[block] = together(self.runs[one] for one in block)
        return self._unions[block]

    def overlap(self, one: Block, other: Block) -> float:
        """How much two blocks have in common."""
        key = (one, other)
        if key not in self._likeness:
            self._likeness[key] = overlap(self.union(one), self.union(other), self.rarity)
        return self._likeness[key]

    def features(self, number: int, before: Block, after: Block) -> Floats:
        """What speaks for a border in front of the sentence `number`, where two blocks of sentences meet."""
        near = range(max(before.start, number - SIDE), number), range(number, min(after.stop, number + SIDE))
        found = [
            *self._opening(number),
            *self._sides(number, *near),
            *self._stretches(before, after),
            *self._whole(before, after),
        ]
        return np.array(found, np.float32)

    def _opening(self, number: int) -> list[float]:
        """What the sentence itself begins with."""
        reading, sentence = self.reading, self.reading.sentences[number]
        row = reading.cues[number]
        previous = reading.sentences[number - 1]
        top = sentence.style != "" and sentence.style == self.style
        heading = any(row[column("role", f"heading_{role}")] for role in ("subject", "problem", "analysis", "ask"))
        names = (
            "go_on_new",
            "opens",
            "go_on_same",
            "aside",
            "announces",
            "announces_measures",
            "measure_verb",
            "measure_general",
        )
        return [
            *(float(row[column("matter", name)]) for name in names),
            float(sentence.first),
            float(sentence.style != ""),
            float(top),
            float(top and sentence.value == 1),
            float(top and sentence.value > 1),
            float(sentence.style != "" and not top),
            float(heading),
            float(top and self.under[number] == "ask"),
            float(top and self.under[number] == "problem"),
            float(top and not self.under[number]),
            float(top and _found(reading, "announces", range(number)) > 0),
            float(top and _found(reading, "announces_measures", range(number)) > 0),
            float(row[column("role", "greeting")]),
            *self.roles[number],
            *self.roles[number - 1],
            float(previous.text.endswith(("：", ":"))),
            min(len(sentence.bare), 100) / 50,
        ]

    def _sides(self, number: int, before: Block, after: Block) -> list[float]:
        """What the two sides say, and how much of it is the same."""
        reading = self.reading
        here = {place.name for one in after for place in reading.places[one] if not place.coarse}
        there = {place.name for one in before for place in reading.places[one] if not place.coarse}
        objects = {ask.object for one in after for ask in reading.asks[one] if ask.object}
        known = {ask.object for one in before for ask in reading.asks[one] if ask.object}
        strong = [_found(reading, "ask_strong", block, "role") for block in (before, after)]
        ask = self.roles[:, ASK]
        problem = self.roles[:, PROBLEM]
        own = [float(ask[list(block)].max(initial=0)) for block in (before, after)]
        trouble = [float(problem[list(block)].max(initial=0)) for block in (before, after)]
        one = range(number, number + 1)
        return [
            self.overlap(before, after),
            self.overlap(before, self.title),
            self.overlap(after, self.title),
            self.overlap(one, before),
            self.overlap(one, self.title),
            self.overlap(one, range(number - 1, number)),
            *strong,
            strong[0] * strong[1],
            *own,
            own[0] * own[1],
            *trouble,
            trouble[0] * trouble[1],
            own[0] * own[1] * trouble[0] * trouble[1],
            own[0] * trouble[1],
            float(bool(here - there)),
            float(bool(here & there)),
            float(bool(here) and bool(there) and not here & there),
            float(bool(objects - known) and bool(known)),
            float(bool(objects & known)),
            float(bool(self.asked[list(before)].any()) and bool(self.asked[list(after)].any())),
            _found(reading, "measure_general", after),
        ]

    def _stretches(self, before: Block, after: Block) -> list[float]:
        """What the whole stretches on both sides say: whether each has a problem and an ask, in this order."""
        found: list[float] = []
        ends = []
        for block in (before, after):
            rows = list(block)
            asks, troubles = self.roles[rows, ASK], self.roles[rows, PROBLEM]
            found += [float(asks.max(initial=0)), float(troubles.max(initial=0))]
            ends.append((float(asks[-1]), float(asks[0]), float(troubles[0]), float(asks.max(initial=0))))
        done = ends[0][0] * ends[1][2]
        return [
            *found,
            found[0] * found[2],
            found[0] * found[2] * found[3],
            min(found),
            done,
            done * ends[1][3],
            ends[0][0] * (1 - ends[1][1]),
            1 - found[0],
            self.overlap(before, after),
            self.overlap(before, self.title) * self.overlap(after, self.title),
            min(self.overlap(before, self.title), self.overlap(after, self.title)),
        ]

    def _whole(self, before: Block, after: Block) -> list[float]:
        """What the whole text is like, and how long the two sides are."""
        reading, title = self.reading, self.title_text
        inside = self.body
        lengths = [sum(len(reading.sentences[one].bare) for one in block) for block in (before, after)]
        return [
            float(bool(title)),
            float(_MANY.search(title) is not None),
            float(_BOTH.search(title) is not None),
            _found(reading, "announces", inside),
            _found(reading, "announces_measures", inside),
            _found(reading, "aside", inside),
            _found(reading, "go_on_new", inside),
            min(len(inside), 30) / 15,
            min(float(reading.cues[inside.start : inside.stop, column("role", "ask_strong")].sum()), 5) / 2,
            float(any(self.under)),
            *(min(length, 300) / 150 for length in lengths),
            float(min(lengths) < 20),
            float(min(lengths) < 40),
        ]

    def windows(self, borders: Sequence[int] = ()) -> list[Window]:
        """Every border that could be (in front of each sentence of the body but the first), with its sides: as far as
        the next of these borders.
        """
        stops = sorted({self.body.start, self.body.stop, *borders})
        found = []
        for number in self.body[1:]:
            first = max(stop for stop in stops if stop < number)
            last = min(stop for stop in stops if stop > number)
            found.append((number, range(first, number), range(number, last)))
        return found


def blocks(body: range, borders: Sequence[int]) -> list[Block]:
    """The stretches of sentences that borders leave."""
    stops = [body.start, *sorted(borders), body.stop]
    return [range(start, stop) for start, stop in pairwise(stops) if start < stop]


def _first_style(sentences: Sequence[Sentence]) -> str:
    """The style of numbering that begins first and counts to two at least: the first level."""
    for sentence in sentences:
        if (
            sentence.style
            and sentence.value == 1
            and any(other.style == sentence.style and other.value == 2 for other in sentences)
        ):
            return sentence.style
    return ""


def overlap(one: Places, other: Places, rarity: Floats) -> float:
    """The rarity-weighted cosine of two sets of runs."""
    if not len(one) or not len(other):
        return 0.0
    # Both are sorted and hold each run once.
    places = np.minimum(np.searchsorted(other, one), len(other) - 1)
    mine, its = rarity[one], rarity[other]
    shared = mine[other[places] == one]
    return float(shared @ shared) / float(np.sqrt((mine @ mine) * (its @ its)))
