"""What a suggestion names: places and objects, numbers, and what is asked of them.

Two suggestions of the same wording are different matters when one names 人民路 and the other 解放路; that is what the
comparison of pairs reads from here.
"""

from __future__ import annotations

import bisect
import itertools
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from triage.text.asks import Ask, find_asks
from triage.text.numerals import Number, find_numbers
from triage.text.places import Place, find_places, split_guesses
from triage.text.segment import Segmenter
from triage.text.stances import Stance, find_stances

READ = 3_000
"""Characters that are looked at; what comes later in a letter hardly ever names its matter."""
_TITLE_WEIGHT, _ASK_WEIGHT, _OTHER_WEIGHT = 1.0, 0.8, 0.4
_SENTENCE_END = re.compile(r"[。！？\n!?]+")
_POINT = re.compile(
    r"\s*(?:[（(]?[一二三四五六七八九十\d]{1,2}[）)、.．]|第?[一二三四五六七八九][是、，]|其[一二三四五]|[首其]次|最后|同时|此外)"
)
_ASKING = re.compile("建议|要求|恳请|恳求|请求|希望|期望|能否|可否|呼吁|建请|提请|诉求|尽快|应当|应该|请(?!问)|申请|盼")


@dataclass(frozen=True, slots=True)
class Mentions:
    """Places, numbers, asks and stances of one text, each in the order of the text."""

    places: tuple[Place, ...] = ()
    numbers: tuple[Number, ...] = ()
    asks: tuple[Ask, ...] = ()
    stances: tuple[Stance, ...] = ()

    def to_json(self) -> list[Any]:
        """Nested lists that JSON can hold; `from_json` reads them."""
        return [
            [[p.name, p.kind, p.start, p.end, p.weight] for p in self.places],
            [[n.value, n.measure, n.start, n.end, int(n.identity), n.weight] for n in self.numbers],
            [[a.action, a.polarity, a.start, a.end, a.object, a.verb, a.weight] for a in self.asks],
            [
                [s.sign, s.verb, s.start, s.end, s.object, s.about, s.axis, s.weight, int(s.verbless)]
                for s in self.stances
            ],
        ]

    @classmethod
    def from_json(cls, stored: list[Any]) -> Mentions:
        """The mentions that `to_json` stored; an index of an earlier version has no stances."""
        places, numbers, asks, *rest = stored
        return cls(
            tuple(Place(*row) for row in places),
            tuple(Number(row[0], row[1], row[2], row[3], bool(row[4]), row[5]) for row in numbers),
            tuple(Ask(*row) for row in asks),
            tuple(_stance(row) for row in (rest[0] if rest else ())),
        )


def _stance(row: list[Any]) -> Stance:
    sign, verb, start, end, thing, about, axis, weight, verbless = row
    return Stance(sign, verb, start, end, thing, about, axis, weight, bool(verbless))


def _weights(text: str) -> Callable[[int], float]:
    """How much a mention counts where it stands: most in the title or first sentence, then where something is asked.

    The numbered points after a sentence that asks (建议如下。一、…。二、…。) ask too.
    """
    ends = [0, *(found.end() for found in _SENTENCE_END.finditer(text)), len(text)]
    starts: list[int] = []
    weights: list[float] = []
    for start, end in itertools.pairwise(ends):
        if end == start:
            continue
        goes_on = len(weights) > 1 and weights[-1] == _ASK_WEIGHT and _POINT.match(text, start, end)
        asks = goes_on or _ASKING.search(text, start, end)
        weights.append(_TITLE_WEIGHT if not weights else _ASK_WEIGHT if asks else _OTHER_WEIGHT)
        starts.append(start)
    return lambda position: weights[bisect.bisect_right(starts, position) - 1] if weights else _TITLE_WEIGHT


def find_named(text: str, segmenter: Segmenter) -> tuple[Place, ...]:
    """The places alone, as `find_mentions` has them but for their weights, in half the time."""
    text = text[:READ]
    return tuple(find_places(text, split_guesses(segmenter.tag(text)), lambda _position: 1.0))


def find_mentions(text: str, segmenter: Segmenter) -> Mentions:
    """The places, numbers, asks and stances of a normalised text (`Prepared.full`), its first sentence taken for the
    title.

    Only the first `READ` characters are read.
    """
    text = text[:READ]
    weight = _weights(text)
    tokens = segmenter.tag(text)
    places = find_places(text, split_guesses(tokens), weight)
    numbers = find_numbers(text, weight)
    asks = find_asks(text, tokens, places, numbers, weight)
    if any(ask.weight > _OTHER_WEIGHT for ask in asks):
        asks = tuple(ask for ask in asks if ask.weight > _OTHER_WEIGHT)
    return Mentions(places, numbers, asks, find_stances(text, places))
