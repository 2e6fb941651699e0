"""Texts of several matters, made of texts of one: joined in the ways that writers join them, and near misses.

Few people label where one matter ends and the next begins; texts that are put together of known ones teach it too.
Hard negatives are made beside them: the measures of one matter numbered, or its last ask behind 另外 or 此外.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from triage.learning.pairs import our_pairs, our_sessions
from triage.records import Suggestion
from triage.text.formulas import strip_title

LONGEST = 160
"""Characters of a text that is joined whole; of a longer one its first and last sentences are taken."""
_SENTENCE = re.compile(r"[^。！？!?；;\n]+[。！？!?；;\n]*")
_OPENERS = tuple(
    "另外， 另外 另， 还有， 还有 还有一件事， 还有个事， 再就是 再有就是 再一个， 再有， 顺便说一下， 顺便问一句， "
    "顺便提一下， 顺带反映， 对了， 此外， 除此之外， 另一件事是 另一个问题， 再说 最后再说一件， 最后， 其次， "
    "还想反映一下， 我还想说说 捎带提一句， "
    "说到这里，还有 也想提一下， 同时， 同时还想反映，".split()
)
_NUMBERS = (
    ("一、", "二、", "三、", "四、"),
    ("1.", "2.", "3.", "4."),
    ("1、", "2、", "3、", "4、"),
    ("（一）", "（二）", "（三）", "（四）"),
    ("第一，", "第二，", "第三，", "第四，"),
    ("第一件是", "第二件是", "第三件是", "第四件是"),
    ("一是", "二是", "三是", "四是"),
    ("首先，", "其次，", "再次，", "最后，"),
    ("①", "②", "③", "④"),
    ("第一个问题，", "第二个问题，", "第三个问题，", "第四个问题，"),
)
_MEASURES = _NUMBERS[:5] + _NUMBERS[6:9]
_PREFACES = (
    *("", "", "", "我想反映几个问题：", "现将群众关心的几件事反映如下：", "我要说的有这么几件。"),
    *("你好，反映两件事。", "走访中群众提得最多的有以下问题：", "领导好，我有几点意见。"),
)
_TITLES = (
    *("反映几件事", "几点意见", "建议", "关于几个民生问题的建议", "群众反映的几个问题"),
    *("给领导的信", "几个小问题", "一点想法", "情况反映", ""),
)
_ADDED = tuple("另外， 此外， 同时， 还有， 再者， 最后， 其次， 也希望 另外也 再就是 顺便也请".split())
_MOSTLY = 0.45
"""How often matters follow each other without a word between them."""


@dataclass(frozen=True, slots=True)
class Joined:
    """A text, and the (first, past the last) characters of each matter in it; none where it is one matter."""

    suggestion: Suggestion
    matters: tuple[tuple[int, int], ...] = ()


def material() -> list[Suggestion]:
    """The letters of our own writing that have one matter each: those of the pairs and sessions, once each."""
    pairs = [one for pair in our_pairs("train") for one in (pair.one, pair.other)]
    filed = [entry.suggestion for session in our_sessions() for entry in session]
    return list({one.text: one for one in [*pairs, *filed] if len(one.text) > 30}.values())


def joined(texts: Sequence[Suggestion], count: int, seed: int) -> list[Joined]:
    """So many texts of several matters, and half as many near misses of one, drawn from these; the same for a seed."""
    chance = random.Random(seed)  # noqa: S311 (repeatable, no secret)
    several = [_several(chance, texts, number) for number in range(count)]
    one = [_near(chance, texts[chance.randrange(len(texts))], number) for number in range(count // 2)]
    return [*several, *one]


def _several(chance: random.Random, texts: Sequence[Suggestion], number: int) -> Joined:
    chosen = [texts[chance.randrange(len(texts))] for _ in range(chance.choice((2, 2, 2, 3, 3, 4)))]
    lines = chance.random() < 0.5
    numbers = chance.choice(_NUMBERS) if chance.random() < 0.3 else None
    text = chance.choice(_PREFACES)
    if text and lines:
        text += "\n"
    matters = []
    for place, one in enumerate(chosen):
        if numbers:
            opener = numbers[place]
        else:
            opener = "" if not place or chance.random() < _MOSTLY else chance.choice(_OPENERS)
        start = len(text)
        text += opener + _shortened(chance, one.text)
        matters.append((start, len(text)))
        if place + 1 < len(chosen):
            text += "\n" if lines else ""
    return Joined(Suggestion(f"joined-{number}", _title(chance, chosen), text), tuple(matters))


def _title(chance: random.Random, chosen: Sequence[Suggestion]) -> str:
    """A title that names all matters, only the first, or none."""
    names = [strip_title(one.title) for one in chosen if one.title]
    kind = chance.random()
    if names and kind < 0.25:
        return f"关于{'和'.join(names[:2])}的建议"
    if names and kind < 0.5:
        return chosen[0].title or names[0]
    return chance.choice(_TITLES)


def _sentences(text: str) -> list[str]:
    return [found for found in _SENTENCE.findall(text) if found.strip()]


def _shortened(chance: random.Random, text: str) -> str:
    """A text as a part of a longer one: at most `LONGEST` characters of its sentences, often only the last two."""
    sentences = _sentences(text.replace("\n", ""))
    if len(text) > LONGEST and len(sentences) > 3:
        sentences = [*sentences[:2], sentences[-1]]
    elif len(sentences) > 2 and chance.random() < 0.3:
        sentences = sentences[-2:]
    whole = "".join(sentences)
    return whole if whole.endswith(tuple("。！？!?；;")) else whole + "。"


def _near(chance: random.Random, one: Suggestion, number: int) -> Joined:
    """One matter that looks like several: its sentences numbered, or its last one behind a word that goes on."""
    sentences = _sentences(one.text)
    kind = chance.random()
    if len(sentences) > 1 and kind < 0.6:
        sentences[-1] = chance.choice(_ADDED) + sentences[-1]
    elif len(sentences) > 2 and kind < 0.85:
        marks = chance.choice(_MEASURES)
        tail = min(len(sentences) - 1, 3)
        for place in range(tail):
            sentences[-tail + place] = marks[place] + sentences[-tail + place]
    lines = chance.random() < 0.3
    text = ("\n" if lines else "").join(sentence.strip("\n") for sentence in sentences)
    return Joined(replace(one, id=f"near-{number}", text=text))
