"""The sentences of a suggestion, with what stands at their beginning: a number, a heading, a word that goes on."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import pairwise

from triage.text.written import Written

MOST = 400
"""Sentences of a text that are looked at."""
LONG = 60
"""A sentence without a mark at its end falls apart at commas from four times this on."""
LEAST = 6
"""Characters that a part of a sentence has at least."""
_END = re.compile(r"[。！？!?；;…]+[”’」』）】)\"]*|\n+")
_NUMERAL = "[一二三四五六七八九十]{1,3}"
_MARK = re.compile(
    rf"[ 　]*(?:(?P<chinese>{_NUMERAL})[、.．](?!{_NUMERAL}[、期号月年楼层栋])"
    r"|(?P<digit>\d{1,2})(?:[、．)）]|\.(?!\d))"
    rf"|[（(](?P<brackets>{_NUMERAL})[）)][、.]?|[（(](?P<inner>\d{{1,2}})[）)][、.]?|(?P<circled>[\u2460-\u2473])[、.]?"
    rf"|第(?P<ordinal>{_NUMERAL}|\d{{1,2}})(?:[，,：:、]|点(?:是|，)?|是|个(?:问题|事|建议|方面|愿望|请求|意见|想法)?[，,：:]?(?:是)?|[件桩样条则](?:事)?[，,：:]?(?:是)?)"
    rf"|(?P<one_is>{_NUMERAL})(?:是(?!否)|来(?=[，,]))|[^\W\d]{{1,4}}(?P<labelled>[一二三四五六])[：:]|(?P<adverb>首先|其[一二三四五六]|其次|再次|再者|最后)[，,：:是]?)"
)
_VALUES = {"首先": 1, "其次": 2, "再次": 3, "再者": 3, "最后": 0}
_DIGITS = {character: value for value, character in enumerate("一二三四五六七八九", start=1)}
_NEW_THOUGHT = re.compile(
    r"[，, ](?=(?:另外|还有|此外|再就是|再有就?是?|顺便|同时(?:也)?(?:建议|希望|请)"
    r"|(?:我们?|特此|强烈|所以|因此|恳|烦|敬|望|还)?(?:建议|希望|恳请|请求|盼望|要求|请(?!问|假|客|示|教|愿|来的)|能不能|能否|可否|是否可以|是不是可以)(?!的)"
    r"|(?:二|三|四|五|六)是(?!否)|(?:其次|再次|再者|最后)[，,：:]?|[\u2460-\u2473]|[（(][二三四五2-9][）)]))"
)
_COMMA = re.compile(r"[，,、 ]")


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence: its text with the mark at its end, where it stands in the plain text, what it begins with.

    `style` and `value` are those of its number (chinese, digit, brackets, inner, circled, ordinal, one_is, labelled,
    adverb; value 0 where it only says "the last") and `bare` the text behind it. `line` counts the lines; `first` says
    that it opens one. A sentence in which a new thought begins at a comma (…坏了，请修一修) is told in parts; `whole`
    is the number of the sentence that a part belongs to.
    """

    text: str
    start: int
    end: int
    line: int
    first: bool
    title: bool
    style: str = ""
    value: int = 0
    bare: str = ""
    whole: int = 0


def sentences_of(source: Written) -> tuple[Sentence, ...]:
    """The sentences of title and body in order, at most `MOST`; blank ones are left out."""
    found: list[Sentence] = []
    line = 0
    start = 0
    text = source.text
    fresh = True
    for whole, (end, breaks) in enumerate(_ends(text)):
        for left, right in _pieces(text, start, end):
            left, right = _trimmed(text, left, right)
            if left == right:
                continue
            found.append(replace(_sentence(source, left, right, line, fresh), whole=whole))
            fresh = False
            if len(found) == MOST:
                return tuple(found)
        start = end
        if breaks:
            line += 1
            fresh = True
    return tuple(found)


def _ends(text: str) -> list[tuple[int, bool]]:
    """Where sentences end, and whether a line ends there."""
    ends = [(found.end(), text[found.start()] == "\n") for found in _END.finditer(text)]
    return [*ends, (len(text), True)]


def _pieces(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """A sentence, or its parts where new thoughts begin in it."""
    cuts = [found.end() for found in _NEW_THOUGHT.finditer(text, start, end)]
    cuts = [cut for cut in cuts if cut - start >= LEAST and end - cut >= LEAST]
    bounds = [start, *cuts, end]
    pieces: list[tuple[int, int]] = []
    for left, right in pairwise(bounds):
        pieces.extend(_shorter(text, left, right))
    return pieces


def _shorter(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """A stretch without any mark of a sentence's end is cut at commas, four times as long as a long sentence."""
    pieces: list[tuple[int, int]] = []
    while end - start > 4 * LONG:
        window = text[start + 2 * LONG : start + 4 * LONG]
        comma = _COMMA.search(window)
        cut = start + (2 * LONG + comma.end() if comma else 4 * LONG)
        pieces.append((start, cut))
        start = cut
    return [*pieces, (start, end)]


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def _sentence(source: Written, start: int, end: int, line: int, first: bool) -> Sentence:
    text = source.text[start:end]
    mark = _MARK.match(text)
    if mark is None or mark.lastgroup is None:
        return Sentence(text, start, end, line, first, start < source.body, bare=text)
    style = mark.lastgroup
    return Sentence(
        text, start, end, line, first, start < source.body, style, _value(mark[style]), text[mark.end() :].lstrip()
    )


def _value(numeral: str) -> int:
    """The value of a number of any style; 0 where it is "the last"."""
    if numeral in _VALUES:
        return _VALUES[numeral]
    if numeral.isascii():
        return int(numeral)
    if numeral[0] == "其":
        numeral = numeral[1:]
    if "\u2460" <= numeral[0] <= "\u2473":
        return ord(numeral[0]) - 0x245F
    tens, ten, ones = numeral.rpartition("十")
    if not ten:
        return _DIGITS.get(numeral[-1], 0)
    return _DIGITS.get(tens, 1) * 10 + _DIGITS.get(ones, 0)
