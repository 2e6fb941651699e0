"""What speaks for a new matter beginning at a sentence, measured on both sides of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from triage.precheck.cues import column
from triage.precheck.linear import Floats, together
from triage.precheck.ngrams import SIZE
from triage.precheck.occurrences import Near, Occurrences, Sides, Sums
from triage.precheck.reading import Reading
from triage.precheck.roles import ASK, HEADINGS, PROBLEM, headings
from triage.precheck.sentences import Sentence

SIDE = 3
"""Sentences next to a border that are compared, where no other border is nearer."""
_MANY = re.compile(
    r"几点|几个|若干|多个|两个|三个|两件|三件|几件|等(?:方面|问题|事)|一些|有关(?:问题|事项)|系列|多项|两项|三项|几项"
)
_BOTH = re.compile(r"(?:和|与|及|以及|、|并|暨|，|；|兼)")
_OPENING = (
    "go_on_new",
    "opens",
    "go_on_same",
    "aside",
    "announces",
    "announces_measures",
    "measure_verb",
    "measure_general",
)
"""Cues for matters that are looked for in the sentence behind a border itself."""

Block = range
Window = tuple[int, Block, Block]


class Borders:
    """The borders that a text could have, and their features for any choice of blocks around them.

    What does not depend on the blocks is measured once, so that each choice costs a few sums over its sentences.
    """

    def __init__(self, reading: Reading, roles: NDArray[np.float32], rarity: Floats) -> None:
        self.reading, self.roles = reading, roles
        self.body = reading.body
        titles = reading.runs[: self.body.start]
        titled = np.zeros(SIZE, np.bool_)
        titled[together(titles)] = True
        worth = np.square(rarity.astype(np.float64))
        self._title = float(worth[titled].sum())
        self._runs = Occurrences(reading.runs, worth, titled)
        self._near = self._runs.near(SIDE)
        self._places = _named([one.name for one in found if not one.coarse] for found in reading.places)
        self._objects = _named([one.object for one in found if one.object] for found in reading.asks)
        self._lengths = np.concatenate([[0], np.cumsum([len(one.bare) for one in reading.sentences])])
        self._asks, self._problems = np.asarray(roles[:, [ASK, PROBLEM]].T, np.float64)
        self._signs = self._measured()
        self._opened = self._openings()
        self._alone = self._each()
        self._text = np.tile(self._whole(), (len(reading.sentences), 1))
        self._rows: dict[Block, Floats] = {}

    def features(self, number: int, before: Block, after: Block) -> Floats:
        """What speaks for a border in front of the sentence `number`, where two blocks of sentences meet."""
        return np.asarray(self.rows(range(before.start, after.stop))[number - before.start - 1])

    def rows(self, block: Block) -> Floats:
        """The features of every border inside a block: in front of each of its sentences but the first."""
        if block not in self._rows:
            here = slice(block.start + 1, block.stop)
            runs = self._runs.within(block.start, block.stop)
            sides = np.array([*self._sides(block), *self._stretches(block, runs)]).T
            found = [self._opened[here], sides, self._text[here], np.array(self._sizes(block)).T]
            self._rows[block] = np.concatenate(found, axis=1, dtype=np.float32)
        return self._rows[block]

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

    def _measured(self) -> tuple[Sums, Sums]:
        """Number of sentences × borders × signs: what is found among these sentences before a border, and after it."""
        cues, count = self.reading.cues, len(self.reading.sentences)
        asked = [bool(asks) for asks in self.reading.asks]
        strong, general = cues[:, column("role", "ask_strong")], cues[:, column("matter", "measure_general")]
        signs = np.column_stack([strong, self._asks, self._problems, asked, general])
        before, after = np.zeros((2, SIDE, count + 1, signs.shape[1]))
        for far in range(min(SIDE, count)):
            before[far, far + 1 :], after[far, : count - far] = signs[: count - far], signs[far:]
        return np.maximum.accumulate(before), np.maximum.accumulate(after)

    def _openings(self) -> Sums:
        """Sentences × features: what a sentence begins with, and what the one before it is."""
        reading, cues, sentences = self.reading, self.reading.cues, self.reading.sentences
        style = _first_style(sentences[self.body.start :])
        top = np.array([one.style != "" and one.style == style for one in sentences], np.bool_)
        value = np.array([one.value for one in sentences])
        styled = np.array([one.style != "" for one in sentences], np.bool_)
        under = np.array(headings(reading), np.str_)
        told = [_so_far(cues[:, column("matter", name)]) for name in ("announces", "announces_measures")]
        return np.column_stack(
            [
                cues[:, [column("matter", name) for name in _OPENING]],
                [one.first for one in sentences],
                styled,
                top,
                top & (value == 1),
                top & (value > 1),
                styled & ~top,
                cues[:, [column("role", f"heading_{role}") for role in HEADINGS]].any(axis=1),
                top & (under == "ask"),
                top & (under == "problem"),
                top & (under == ""),
                *(top & one for one in told),
                cues[:, column("role", "greeting")],
                self.roles,
                np.roll(self.roles, 1, axis=0),
                np.roll([one.text.endswith(("：", ":")) for one in sentences], 1),
                [min(len(one.bare), 100) / 50 for one in sentences],
            ]
        )

    def _each(self) -> tuple[Sums, Sums]:
        """How much each sentence has in common with the title, and with the sentence before it."""
        numbers = np.arange(len(self.reading.sentences))
        one = np.ones_like(numbers)
        runs = self._near.sides(numbers, one, one)
        return _cosine(runs.marked_after, runs.after, self._title), _cosine(runs.both, runs.before, runs.after)

    def _sides(self, block: Block) -> list[Sums]:
        """What the sentences near a border say on both sides, and how much of it is the same."""
        numbers = np.arange(block.start + 1, block.stop)
        back, on = np.minimum(numbers - block.start, SIDE), np.minimum(block.stop - numbers, SIDE)
        runs, itself = self._near.sides(numbers, back, on), self._near.sides(numbers, back, np.ones_like(on))
        before, after = self._signs[0][back - 1, numbers].T, self._signs[1][on - 1, numbers].T
        (strong, own, trouble, asked, _), (strong_, own_, trouble_, asked_, general) = before, after
        places, objects = self._places.sides(numbers, back, on), self._objects.sides(numbers, back, on)
        return [
            *self._overlaps(runs),
            _cosine(itself.both, itself.before, itself.after),
            *(one[numbers] for one in self._alone),
            strong,
            strong_,
            strong * strong_,
            own,
            own_,
            own * own_,
            trouble,
            trouble_,
            trouble * trouble_,
            own * own_ * trouble * trouble_,
            own * trouble_,
            places.after > places.both,
            places.both > 0,
            (places.before > 0) & (places.after > 0) & (places.both == 0),
            (objects.after > objects.both) & (objects.before > 0),
            objects.both > 0,
            asked * asked_,
            general,
        ]

    def _overlaps(self, runs: Sides) -> list[Sums]:
        """How much the two sides have in common, and each with the title."""
        return [
            _cosine(runs.both, runs.before, runs.after),
            _cosine(runs.marked_before, runs.before, self._title),
            _cosine(runs.marked_after, runs.after, self._title),
        ]

    def _stretches(self, block: Block, runs: Sides) -> list[Sums]:
        """What the whole stretches on both sides say: whether each has a problem and an ask, in this order."""
        asks, troubles = self._asks[block.start : block.stop], self._problems[block.start : block.stop]
        ask, trouble = (np.maximum.accumulate(one)[:-1] for one in (asks, troubles))
        ask_, trouble_ = (np.maximum.accumulate(one[::-1])[::-1][1:] for one in (asks, troubles))
        done = asks[:-1] * troubles[1:]
        both, title, title_ = self._overlaps(runs)
        return [
            ask,
            trouble,
            ask_,
            trouble_,
            ask * ask_,
            ask * ask_ * trouble_,
            np.minimum.reduce([ask, trouble, ask_, trouble_]),
            done,
            done * ask_,
            asks[:-1] * (1 - asks[1:]),
            1 - ask,
            both,
            title * title_,
            np.minimum(title, title_),
        ]

    def _whole(self) -> list[float]:
        """What the whole text is like."""
        reading, inside = self.reading, self.body
        title = "".join(sentence.text for sentence in reading.sentences[: inside.start])
        told = reading.cues[inside.start :]
        return [
            float(bool(title)),
            float(_MANY.search(title) is not None),
            float(_BOTH.search(title) is not None),
            *(
                float(told[:, column("matter", name)].any())
                for name in ("announces", "announces_measures", "aside", "go_on_new")
            ),
            min(len(inside), 30) / 15,
            min(float(told[:, column("role", "ask_strong")].sum()), 5) / 2,
            float(any(headings(reading))),
        ]

    def _sizes(self, block: Block) -> list[Sums]:
        """How long the two sides are."""
        borders = self._lengths[block.start + 1 : block.stop]
        before, after = borders - self._lengths[block.start], self._lengths[block.stop] - borders
        least = np.minimum(before, after)
        return [np.minimum(before, 300) / 150, np.minimum(after, 300) / 150, least < 20, least < 40]


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


def _named(said: Iterable[Sequence[str]]) -> Near:
    """What stands near each border of names, each of which counts one."""
    known: dict[str, int] = {}
    numbers = [
        np.array([known.setdefault(name, len(known)) for name in dict.fromkeys(names)], np.int64) for names in said
    ]
    return Occurrences(numbers, np.ones(len(known)), np.zeros(len(known), np.bool_)).near(SIDE)


def _so_far(found: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Whether a sentence before this one has it."""
    return np.asarray(np.cumsum(found) > found)


def _cosine(both: Sums, one: Sums, other: Sums | float) -> Sums:
    """The rarity-weighted cosine of two sets of runs; 0 where one has none."""
    return np.asarray(both / np.sqrt(np.maximum(one * other, np.finfo(np.float64).tiny)))
