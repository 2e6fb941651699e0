"""Several matters in one letter: the parts that the writer numbered.

One matter a suggestion is the rule (一事一议); letters that break it must be split or coordinated (分办). Only the
writer's own first-level numbering is followed. Numbered sections of one matter (一、现状 二、问题 三、建议) are not
several matters.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_NUMERALS = {char: value for value, char in enumerate("一二三四五六七八九", start=1)}
_CIRCLED = {chr(0x2460 + offset): offset + 1 for offset in range(20)}
_WORDS = {"首先": 1, "其一": 1, "其次": 2, "其二": 2, "其三": 3, "再次": 3, "再者": 3, "其四": 4, "最后": 0}
_BOUNDARY = r"(?:^|(?<=[\n。！？；：:;!?……”）)]))[ \n]{0,4}"
_CN = r"[一二三四五六七八九十]{1,3}"
_STYLES: dict[str, re.Pattern[str]] = {
    "chinese": re.compile(rf"{_BOUNDARY}({_CN})[、.．](?!{_CN}[、期号])"),
    "digit": re.compile(rf"(?:{_BOUNDARY}|(?<=[，,、])[ ]?)(\d{{1,2}})(?:[、．)）]|\.(?!\d)|：) ?"),
    "chinese in brackets": re.compile(rf"(?:{_BOUNDARY}|(?<=，))[（(]({_CN})[）)][、.]?"),
    "digit in brackets": re.compile(rf"(?:{_BOUNDARY}|(?<=，))[（(](\d{{1,2}})[）)][、.]?"),
    "circled": re.compile(r"([\u2460-\u2473])[、.]?"),
    "ordinal": re.compile(rf"(?:{_BOUNDARY}|(?<=，))第({_CN}|\d{{1,2}})(?:[，,：:、]|点(?:是|，)?|是)"),
    "one is": re.compile(rf"(?:{_BOUNDARY}|(?<=，))({_CN})是"),
    "adverb": re.compile(rf"{_BOUNDARY}(首先|其一|其次|其二|其三|其四|再次|再者|最后)[，,：:是]"),
}
_LEADING = " \n，,；;：:、.。"
_SECTION = re.compile(
    r"(?:[^\n。！？；，]{0,12})(?:背景|现状|基本情况|现实情况|存在的?(?:主要)?问题|主要问题|问题(?:分析|描述|及原因)?|原因(?:分析)?|理由|依据|案由|案据"
    r"|意义|必要性|可行性|重要性|紧迫性|(?:对策|方案|措施|意见)?(?:和|与|及)?建议|对策|方案|措施|总结|结语|诉求|请求|事实(?:和|与)理由|事实)"
    r"(?:如下)?(?=[：:。，\n（(]|$)"
)


@dataclass(frozen=True, slots=True)
class _Mark:
    value: int
    start: int
    end: int


def _number(text: str) -> int:
    """The value of 1 to 99 in any style; 0 where it is none, or "the last"."""
    if text.isdigit() and text.isascii():
        return int(text)
    if text in _CIRCLED or text in _WORDS:
        return _CIRCLED.get(text) or _WORDS[text]
    tens, ten, ones = text.rpartition("十")
    if not ten:
        return _NUMERALS.get(text, 0)
    if tens not in ("", *_NUMERALS) or ones not in ("", *_NUMERALS):
        return 0
    return _NUMERALS.get(tens, 1) * 10 + _NUMERALS.get(ones, 0)


def _sequence(style: str, body: str) -> list[_Mark]:
    """The marks of one style that count 1, 2, 3 … in order; marks that repeat or skip a number stay in their part."""
    marks: list[_Mark] = []
    for found in _STYLES[style].finditer(body):
        value = _number(found[1])
        last_of_all = found[1] == "最后" and len(marks) > 1
        if value == len(marks) + 1 or last_of_all:
            marks.append(_Mark(value, found.start(), found.end()))
            if last_of_all:
                break
    return marks


def split_matters(body: str) -> tuple[str, ...]:
    """The enumerated parts of a letter, without their numbers, if it holds two or more; else the letter as one part.

    Of several styles of numbering the one that begins first is the first level; others inside its parts are not split.
    What stands before the first number belongs to no part and is not repeated.
    """
    sequences = [marks for style in _STYLES if len(marks := _sequence(style, body)) > 1]
    if not sequences:
        return (body,)
    marks = min(sequences, key=lambda found: found[0].start)
    ends = [mark.start for mark in marks[1:]] + [len(body)]
    parts = [body[mark.end : end].lstrip(_LEADING).rstrip(" \n，,；;") for mark, end in zip(marks, ends, strict=True)]
    parts = [part for part in parts if part]
    sections = sum(_SECTION.match(part) is not None for part in parts)
    if len(parts) < 2 or 2 * sections > len(parts):
        return (body,)
    return tuple(parts)
