"""What is asked for: an action upon an object, 增设 + 公交站点, and which actions are each other's opposite.

The verbs stand in ``asks.csv`` beside this file: action, verb, opposite action.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from triage.text.numerals import Number
from triage.text.places import Place
from triage.text.segment import Token

_LONGEST_OBJECT = 8
_NEGATION = re.compile(
    r"(?:不要|不应该?|不得|不再|不能再?|不可|不宜|不准|不许|不该|停止|反对|暂缓|避免|杜绝|禁止|严禁|谨慎|别|勿|拒绝|不同意|不赞成|不支持|取消对?|请勿|切勿)"
    r"(?:再|随意|盲目|擅自|继续|在|对|将|把|其|进行|强制|强行|一刀切)?$"
)
_STATE = re.compile(r"(?:未|没有|没|尚未|从未|无|已经?|曾|刚刚?|正在|早已|缺少|缺乏)(?:能|曾|及时|再|按规定|进行)?$")
_END_OF_OBJECT = frozenset(
    "建议 提案 议案 意见 问题 工作 力度 步伐 进度 等 以 并 并且 以便 从而 来 为 让 使 于 对 在 给 由 后 时 前 及其 "
    "等等 情况 措施 方案 请求 诉求".split()
)
_SKIP = frozenset(
    "了 着 过 一 一些 一个 个 几 条 座 处 所 更 更多 新 老 新的 原 原有 现有 相关 有关 相应 必要 适当 部分 其 该 这 "
    "这些 此 全 我市 我县 我区 本市 一批 一定 进行 对 的".split()
)
_LINKS = frozenset(("和", "与", "及", "以及", "、", "或", "至", "到"))
_BEFORE_VERB = re.compile(
    r"(?:把|将|对|给)([^，。；、！？]{2,16}?)(?:进行|予以|加以|给予|全面|尽快|及时|统一|彻底|重新)?$"
)
_SINGLE_VERB_TAGS = ("v", "vn", "vg")


@dataclass(frozen=True, slots=True)
class Ask:
    """An action class of ``asks.csv`` (add, remove, repair …), whether it is wanted (1) or not wanted (-1), of what.

    `object` is the head of what follows the verb, at most eight characters, or empty; `verb` is what the text says.
    `weight` as for places.
    """

    action: str
    polarity: int
    start: int
    end: int
    object: str = ""
    verb: str = ""
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class _Verbs:
    actions: dict[str, str]
    opposites: frozenset[tuple[str, str]]
    longest: int


@cache
def _verbs() -> _Verbs:
    actions: dict[str, str] = {}
    opposites: set[tuple[str, str]] = set()
    with files("triage.text").joinpath("asks.csv").open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            actions[row["verb"]] = row["action"]
            opposites.update((row["action"], other) for other in row["opposite"].split())
    both = opposites | {(other, action) for action, other in opposites}
    return _Verbs(actions, frozenset(both), max(map(len, actions)))


def are_opposite(one: str, other: str) -> bool:
    """Whether two actions want the contrary of the same object (add and remove)."""
    return (one, other) in _verbs().opposites


def _verb_at(tokens: Sequence[Token], index: int, text: str, verbs: _Verbs) -> tuple[str, int] | None:
    """The longest verb that begins with this token and ends with one; and the index of the token after it."""
    start = tokens[index].start
    best: tuple[str, int] | None = None
    for after in range(index + 1, len(tokens) + 1):
        end = tokens[after - 1].end
        if end - start > verbs.longest:
            break
        word = text[start:end]
        if word in verbs.actions and (len(word) > 1 or tokens[index].tag.startswith(_SINGLE_VERB_TAGS)):
            best = word, after
    if (
        best is None
        and (token := tokens[index]).tag.startswith("v")
        and len(token.text) == 2
        and token.text[0] in "修建装拆"
    ):
        return token.text[0], index + 1
    return best


def _head(words: list[str]) -> str:
    """The end of a noun phrase, after its last 的, at most eight characters."""
    phrase = "".join(words).strip("的")
    return phrase.rpartition("的")[2][-_LONGEST_OBJECT:]


def _inside(position: int, spans: Sequence[tuple[int, int]]) -> bool:
    return any(start <= position < end for start, end in spans)


def _ends_object(token: Token, verbs: _Verbs) -> bool:
    word = token.text
    return (
        word in _END_OF_OBJECT
        or word in _LINKS
        or (token.tag[:1] in tuple("pcdrx") and bool(token.tag) and token.known)
        or (token.tag == "v" and word in verbs.actions and len(word) > 1)
    )


def _object(tokens: Sequence[Token], after: int, spans: Sequence[tuple[int, int]], verbs: _Verbs) -> str:
    """The object of a verb: the nouns after it up to the next verb, sign or formula, without places and numbers."""
    words: list[str] = []
    for token in tokens[after : after + 14]:
        if _inside(token.start, spans) or (token.text in _SKIP and not words):
            continue
        if _ends_object(token, verbs):
            if words or token.tag[:1] == "x" or token.text in _END_OF_OBJECT:
                break
            continue
        words.append(token.text)
    return _head(words)


def _object_before(tokens: Sequence[Token], index: int, spans: Sequence[tuple[int, int]], verbs: _Verbs) -> str:
    """The object that stands before its verb: 河道 in 河道治理."""
    words: list[str] = []
    for token in reversed(tokens[max(0, index - 6) : index]):
        if _inside(token.start, spans) or token.tag[:1] == "m":
            continue
        if _ends_object(token, verbs) or token.text in _SKIP or token.text in verbs.actions:
            if words or token.tag[:1] == "x":
                break
            continue
        words.insert(0, token.text)
    return _head(words)


def find_asks(
    text: str,
    tokens: Sequence[Token],
    places: Sequence[Place],
    numbers: Sequence[Number],
    weight: Callable[[int], float],
) -> tuple[Ask, ...]:
    """The asks of a text in order; what is told of (已建成, 没有设置) is none."""
    verbs = _verbs()
    named = [(place.start, place.end) for place in places]
    spans = [*named, *((number.start, number.end) for number in numbers)]
    asks: list[Ask] = []
    index = 0
    while index < len(tokens):
        start = tokens[index].start
        found = None if _inside(start, named) else _verb_at(tokens, index, text, verbs)
        if found is None:
            index += 1
            continue
        verb, after = found
        before = text[max(0, start - 8) : start]
        if not _STATE.search(before):
            polarity = -1 if _NEGATION.search(before) else 1
            end = tokens[after - 1].end
            target = text[start + 1 : end] if end - start > len(verb) else _object(tokens, after, spans, verbs)
            if not target and (back := _BEFORE_VERB.search(text[max(0, start - 24) : start])):
                target = back[1].rpartition("的")[2][-_LONGEST_OBJECT:]
            target = target or _object_before(tokens, index, spans, verbs)
            target = target or next((place.name for place in places if place.start >= end), "")
            asks.append(Ask(verbs.actions[verb], polarity, start, end, target, verb, weight(start)))
        index = after
    return tuple(asks)
