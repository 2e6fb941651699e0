"""Where names stand in a text: the longest first, whole words only, and what stands right behind them.

A name inside a longer one is none: 长宁路 is a road, 上海市场 a market, 提高行政 no 高行.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from triage.text.places import kind_words
from triage.text.segment import Token

_WHOLE = re.compile(r"[省市县区州盟旗镇乡村]$|街道$|社区$|[区园]$")
_GOES_ON = re.compile(
    r"(?<=区)[域间块划别位级]|(?<=市)[场容政值价话]|(?<=县)[级志]|(?<=镇)[静定]|(?<=乡)[愁亲]|(?<=村)[庄]"
)
_SET_PHRASES = re.compile(
    "金山银山|枫桥经验|延安精神|大庆精神|井冈山精神|红旗渠精神|北京时间|中山装|兰州(?:拉面|牛肉面)|重庆(?:小面|火锅)"
)
"""Phrases of the language in which a name means no place."""
_MOUNTAINS = frozenset("山岭峰")
_LEAD = re.compile(r"[东南西北中新老上下内外一二三四五六七八九十]{0,2}")
_ROAD_END = re.compile(r"[东南西北中]?(?:[一二三四五六])?(?:路|支路|大道|大街|街(?!道|镇|区|坊)|公路|高速|高架|巷|弄)")


@dataclass(frozen=True, slots=True)
class Hit:
    """A name in a text: `word`, where it stands, and `behind`: the kind of the longer place that it begins (``road`` in
    长宁路, ``school`` in 青浦中学), or empty.
    """

    word: str
    start: int
    end: int
    behind: str = ""


class Names:
    """Many names that are looked for together: by their first two characters, the longest first."""

    def __init__(self, words: Iterable[str]) -> None:
        self._by_head: dict[str, list[str]] = {}
        for word in sorted({word for word in words if len(word) >= 2}, key=lambda word: (-len(word), word)):
            self._by_head.setdefault(word[:2], []).append(word)

    def shorter(self, text: str, start: int, end: int) -> tuple[int, int] | None:
        """The longest name that begins where a longer one was looked for in vain: 宝山 in 宝山区域."""
        words = self._by_head.get(text[start : start + 2], ())
        found = next((word for word in words if len(word) < end - start and text.startswith(word, start)), "")
        return (start, start + len(found)) if found else None

    def find(self, text: str) -> list[tuple[int, int]]:
        """The stretches of a text that are names, in order; where two overlap, the longer one, then the first."""
        found = [
            (start, start + len(word))
            for start in range(len(text) - 1)
            for word in self._by_head.get(text[start : start + 2], ())
            if text.startswith(word, start)
        ]
        found.sort(key=lambda span: (span[0] - span[1], span[0]))
        covered = bytearray(len(text))
        for phrase in _SET_PHRASES.finditer(text):
            covered[phrase.start() : phrase.end()] = b"\x01" * len(phrase[0])
        taken: list[tuple[int, int]] = []
        for start, end in found:
            if not any(covered[start:end]):
                covered[start:end] = b"\x01" * (end - start)
                taken.append((start, end))
        return sorted(taken)


class Cut:
    """A text that was cut into tokens, and what may stand in it as a name."""

    def __init__(self, text: str, tokens: Sequence[Token]) -> None:
        self.text, self.tokens = text, tokens
        self._starts = [token.start for token in tokens]

    def hit(self, start: int, end: int) -> Hit | None:
        """The name from `start` to `end`, or None where it is a part of other words."""
        word = self.text[start:end]
        first, last = self._at(start), self._at(end - 1)
        whole = bool(_WHOLE.search(word)) and len(word) > 2
        if whole:
            if _GOES_ON.match(self.text, end) or (last.end > end and last.known and last.start > start):
                return None
            if first.start < start and first.known and first.end < end:
                return None
            return Hit(word, start, end, self._behind(end))
        if first.start < start and (first.known or first.end < end):
            return None
        if last.end > end and last.known and last.start > start:
            return None
        return Hit(word, start, end, self._behind(end))

    def _at(self, position: int) -> Token:
        return self.tokens[bisect_right(self._starts, position) - 1]

    def _behind(self, end: int) -> str:
        """The kind of place that a name begins: 路 in 长宁路, 中学 in 青浦中学, 山 in 普陀山."""
        if end >= len(self.text):
            return ""
        token = self._at(end)
        rest = self.text[end : token.end]
        if _ROAD_END.match(self.text, end) and not (
            token.start == end and token.known and not _ROAD_END.fullmatch(rest)
        ):
            return "road"
        kinds = kind_words()
        lead = _LEAD.match(rest)
        bare = rest[lead.end() :] if lead else rest
        for told in (rest, bare):
            if told in kinds:
                return "mountain" if told in _MOUNTAINS else kinds[told]
        # 静安寺 stands in the dictionary as one word: its end says what it is.
        if token.start < end:
            return next((kinds[rest[at:]] for at in range(len(rest)) if rest[at:] in kinds), "other")
        return ""
