"""Suggestions rewritten the way copies are disguised in life: pairs of the grade `rewritten`, made by rule.

Wording: `swap_synonyms`, `shuffle_sentences`, `cut_to`, `frame`. Characters: `inject_pinyin`, `add_noise`,
`to_full_width`, `to_traditional`; what these four do `triage.text.normalize` takes back (for `to_traditional` in all
but a few texts). Chance comes only from the `random.Random` that is handed in: the same seed gives the same copy.
"""

from __future__ import annotations

import csv
import re
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from random import Random
from typing import Any

from triage.duplicates.synonyms import SynonymGroup, group_of, longest_word
from triage.records import Suggestion
from triage.text import Segmenter, strip_title
from triage.text.characters import HAN

CUT_SHARE = 0.5
"""How much of a letter the rule `cut` leaves."""

_PINYIN_SHARE = 0.15
_ZERO_WIDTH = "\u200b\u200c\u200d\u2060\ufeff\u00ad"
_FURNITURE = (
    "【打印】【关闭】", "[打印本页] [关闭窗口]", "来源：网络", "来源：互联网", "责任编辑：小编",
    "分享到：微信 新浪微博 QQ空间", "当前位置：首页 > 建言献策 > 正文", "【字号：大 中 小】",
    "（收藏本文）（返回顶部）", "版权所有",
)  # fmt: skip
_FRAMES = (
    "关于{}的建议", "关于{}的提案", "关于{}的议案", "关于{}的几点建议", "关于{}的意见建议", "建议{}", "恳请{}", "{}",
)  # fmt: skip
_NAME_ENDS = frozenset("路 街 巷 弄 坊 村 镇 乡 县 市 区 州 旗 桥 大道 大街 局 厅 委 委员会 办公室 集团".split())
"""What makes a name of the word before it: 建设 路 must not become 修建 路."""
_NAME_WORDS = frozenset("建设 团结 和谐 幸福 友好 文明 民主 富强 繁荣 发展 爱国 交通 消防 公安 安全 健康".split())
_PLACES = frozenset("医院 公园 广场 小区 社区 小学 中学 学校 街道 新村 花园 大桥 大厦 学院 大学 公司 大队 支队".split())
_TITLE_OF_WORK = re.compile("《[^《》]{1,80}》")

_SENTENCE = re.compile(r"(?:[^。！？；!?;\n]|[!?;](?=[A-Za-z0-9/&=]))*+(?:[。！？；!?;]+[”’」』）)]*\s*|\n\s*|\Z)")
_OPEN_END = re.compile(rf"[{HAN}A-Za-z0-9％%）)]\Z")
_HAN_PAIR = re.compile(rf"(?<=[{HAN}])(?=[{HAN}])")
_CLAUSE = re.compile(rf"(?:\A|(?<=[，。！？；：、\n]))[{HAN}]{{3,12}}(?=[，。！？；：、\n]|\Z)")
_SINGLE_MARK = re.compile(r"([，。！？；：、])(?<!\1\1)(?!\1)")
_HALF_WIDTH = re.compile("[!-~]+")
_BETWEEN_MARKS = re.compile("[,:;!?]+")
_ENTITY = re.compile("&#?[A-Za-z0-9]{1,8};")
_IS_HAN = re.compile(f"[{HAN}]")
_SURROGATES = re.compile("([\ud800-\udfff]+)")
_DIGITS = re.compile(r"\d")

Rewriting = Callable[[str, Random], str]
"""What turns a title or a body into a copy of it."""

_lock = threading.Lock()


@dataclass(frozen=True, slots=True)
class Rule:
    """One way to disguise a copy: what it does to the title and to the body, None where it leaves them alone."""

    title: Rewriting | None
    text: Rewriting | None


@cache
def _segmenter() -> Segmenter:
    return Segmenter()


@cache
def _converter() -> Any:
    from opencc import OpenCC  # type: ignore[import-untyped,unused-ignore]

    return OpenCC("s2t")


@cache
def pinyin_of_characters() -> dict[str, str]:
    """Frequent characters of one reading and their pinyin with tone mark, from ``pinyin.csv`` beside this file."""
    lines = files("triage.duplicates").joinpath("pinyin.csv").read_text(encoding="utf-8").splitlines()
    return {row["character"]: row["pinyin"] for row in csv.DictReader(lines)}


def _checked(share: float) -> float:
    if not 0 <= share <= 1:
        raise ValueError(f"share must be between 0 and 1, got {share}")
    return share


def swap_synonyms(text: str, rng: Random, share: float = 0.5, *, clumsy: bool = True) -> str:
    """The text with a share (0 to 1, at least one) of the words that have synonyms replaced by one of them.

    The longest word at a place counts (路灯 before 灯). Names of streets, offices and laws keep their words. Without
    `clumsy` only words are used that a person would write.
    """
    candidates = _swappable(text, clumsy=clumsy)
    if not candidates or not _checked(share):
        return text
    chosen = sorted(rng.sample(range(len(candidates)), max(1, round(share * len(candidates)))))
    pieces: list[str] = []
    position = 0
    for start, end, group in (candidates[index] for index in chosen):
        others = [word for word in group.words if word != text[start:end]]
        pieces += (text[position:start], rng.choice(others))
        position = end
    return "".join((*pieces, text[position:]))


def _swappable(text: str, *, clumsy: bool) -> list[tuple[int, int, SynonymGroup]]:
    """Start, end and group of each word with synonyms, none inside another."""
    bounds = [0]
    for piece in _segmenter().cut(text):
        bounds.append(bounds[-1] + len(piece))
    named = [found.span() for found in _TITLE_OF_WORK.finditer(text)]
    found: list[tuple[int, int, SynonymGroup]] = []
    first = 0
    while first < len(bounds) - 1:
        last, group = _longest_at(text, bounds, first)
        start, end = bounds[first], bounds[last]
        inside = any(left < start < right for left, right in named)
        after = text[end : bounds[last + 1]] if last + 1 < len(bounds) else ""
        if group and _is_named(text[start:end], after):
            first = last + 1
            continue
        if group and (clumsy or not group.clumsy) and not inside:
            found.append((start, end, group))
        first = last
    return found


def _longest_at(text: str, bounds: Sequence[int], first: int) -> tuple[int, SynonymGroup | None]:
    """Where the longest word with synonyms that begins at a cut ends; the next cut and None if none begins there."""
    last = first + 1
    while last + 1 < len(bounds) and bounds[last + 1] - bounds[first] <= longest_word():
        last += 1
    for end in range(last, first, -1):
        if group := group_of(text[bounds[first] : bounds[end]]):
            return end, group
    return first + 1, None


def _is_named(word: str, after: str) -> bool:
    return after in _NAME_ENDS or (word in _NAME_WORDS and after in _PLACES)


def shuffle_sentences(text: str, rng: Random) -> str:
    """The same sentences in another order; a text of one sentence stays. Line breaks stay where they were."""
    sentences, gaps = _sentences(text)
    if len(sentences) < 2:
        return text
    order = list(range(len(sentences)))
    rng.shuffle(order)
    if order == sorted(order):
        order = [*order[1:], order[0]]
    moved = [sentences[index] for index in order]
    # A last sentence without a full stop would run into the one that now follows.
    moved = [_OPEN_END.sub(r"\g<0>。", sentence) for sentence in moved[:-1]] + moved[-1:]
    return "".join(piece for pair in zip(moved, gaps, strict=True) for piece in pair)


def _sentences(text: str) -> tuple[list[str], list[str]]:
    """The sentences with their end marks, and the blanks or breaks after each (before the first: part of it)."""
    sentences: list[str] = []
    gaps: list[str] = []
    for piece in filter(None, _SENTENCE.findall(text)):
        sentence = piece.rstrip()
        if sentence or not sentences:
            sentences.append(sentence)
            gaps.append(piece[len(sentence) :])
        else:
            gaps[-1] += piece
    return sentences, gaps


def cut_to(text: str, share: float, rng: Random | None = None) -> str:
    """About a share (0 to 1) of the text in whole sentences: its beginning or, as `rng` decides, a middle stretch.

    Without `rng` always the beginning. At least half a sentence is left, so that a text of one sentence is cut too.
    """
    target = len(text) * _checked(share)
    if share == 1 or not text.strip():
        return text
    sentences, gaps = _sentences(text)
    pieces = [sentence + gap for sentence, gap in zip(sentences, gaps, strict=True)]
    first = 0
    if rng is not None and rng.random() < 0.5:
        enough = [index for index in range(len(pieces)) if sum(map(len, pieces[index:])) >= target]
        first = rng.choice(enough)
    kept: list[str] = []
    length = 0
    for piece in pieces[first:]:
        if kept and length + len(piece) - target > target - length:
            break
        kept.append(piece)
        length += len(piece)
    if len(kept) == 1 and length > 1.5 * target and length > 1:
        kept = [kept[0][: max(round(target), (length + 1) // 2)]]
    return "".join(kept).strip()


def frame(title: str, rng: Random) -> str:
    """The title with another formula around its matter: 关于…的建议, 关于…的提案, 建议…, or bare.

    A title that is only a formula stays, and so does one whose number would go with the formula (建议第12号：…).
    """
    matter = strip_title(title)
    if not matter or _DIGITS.findall(matter) != _DIGITS.findall(title):
        return title
    return rng.choice([framed for form in _FRAMES if (framed := form.format(matter)) != title])


def inject_pinyin(text: str, rng: Random, share: float = _PINYIN_SHARE) -> str:
    """The text with pinyin after a share (0 to 1) of its frequent characters: 协(xié), 协（xié） or 协xié.

    One form a text. Bare pinyin is written only where a Chinese character, a Chinese mark or the end follows.
    """
    _checked(share)
    known = pinyin_of_characters()
    form = rng.choice(("({})", "（{}）", "{}"))
    pieces: list[str] = []
    for index, char in enumerate(text):
        pieces.append(char)
        if char not in known or rng.random() >= share:
            continue
        after = text[index + 1 : index + 2]
        if form != "{}" or not after or _IS_HAN.match(after) or after in "，。！？；：、":
            pieces.append(form.format(known[char]))
    return "".join(pieces)


def add_noise(text: str, rng: Random, *, furniture: bool = True) -> str:
    """The text with one to three kinds of noise: zero-width characters, a spaced-out clause, doubled marks, web page.

    With `furniture` a line of a web page (【打印】【关闭】, 来源：网络) may stand before or after it. Empty stays.
    """
    if not text.strip():
        return text
    kinds: list[Rewriting] = [_space_out, _hide_characters, _double_marks]
    if furniture:
        kinds.append(_add_furniture)
    chosen = set(rng.sample(range(len(kinds)), rng.randint(1, 3)))
    for index, kind in enumerate(kinds):
        if index in chosen:
            text = kind(text, rng)
    return text


def _space_out(text: str, rng: Random) -> str:
    clauses = list(_CLAUSE.finditer(text))
    if not clauses:
        return text
    chosen = rng.choice(clauses)
    return text[: chosen.start()] + " ".join(chosen[0]) + text[chosen.end() :]


def _hide_characters(text: str, rng: Random) -> str:
    return _at_some(_HAN_PAIR, text, rng, 0.05, lambda _: rng.choice(_ZERO_WIDTH))


def _double_marks(text: str, rng: Random) -> str:
    return _at_some(_SINGLE_MARK, text, rng, 0.3, lambda match: match[0] * 2)


def _add_furniture(text: str, rng: Random) -> str:
    item = rng.choice(_FURNITURE)
    return f"{item}\n{text}" if rng.random() < 0.5 else f"{text}\n{item}"


def _at_some(
    pattern: re.Pattern[str], text: str, rng: Random, share: float, change: Callable[[re.Match[str]], str]
) -> str:
    """The text with a share of the places that fit changed, at least one."""
    places = list(pattern.finditer(text))
    if not places:
        return text
    pieces: list[str] = []
    position = 0
    for index in sorted(rng.sample(range(len(places)), max(1, round(share * len(places))))):
        pieces += (text[position : places[index].start()], change(places[index]))
        position = places[index].end()
    return "".join((*pieces, text[position:]))


def to_full_width(text: str, rng: Random) -> str:
    """The text with most runs of half-width digits, Latin and marks (at least one) in full width: 3号 becomes ３号.

    Marks between digits or Latin (8:30, 1,200) and HTML entities stay: in full width nobody could tell what they were.
    """
    chinese = _IS_HAN.search(text) is not None
    return _at_some(_HALF_WIDTH, text, rng, 0.8, lambda match: _wide(match, chinese=chinese))


def _wide(match: re.Match[str], *, chinese: bool) -> str:
    text, (start, end) = match.string, match.span()
    beside = [text[start - 1 : start], text[end : end + 1]]
    kept: set[int] = set()
    for marks in _BETWEEN_MARKS.finditer(text, start, end):
        sides = (marks.start() == start and beside[0]) or (marks.end() == end and beside[1])
        if not (sides and _IS_HAN.match(sides)):
            kept.update(range(*marks.span()))
    for entity in _ENTITY.finditer(text, start, end):
        kept.update(range(*entity.span()))
    if not chinese:
        kept.update(index for index in range(start, end) if text[index] in "()")
    return "".join(text[index] if index in kept else chr(ord(text[index]) + 0xFEE0) for index in range(start, end))


def to_traditional(text: str) -> str:
    """The text in traditional characters, by OpenCC's phrases (s2t)."""
    if text.isascii():
        return text
    # Half of a surrogate pair is no text that OpenCC could read.
    parts = _SURROGATES.split(text)
    with _lock:
        return "".join(part if _SURROGATES.match(part) else _converter().convert(part) for part in parts)


def _traditional(text: str, rng: Random) -> str:  # noqa: ARG001 (a rule takes both)
    return to_traditional(text)


def _title_noise(title: str, rng: Random) -> str:
    return add_noise(title, rng, furniture=False)


def _cut(text: str, rng: Random) -> str:
    return cut_to(text, CUT_SHARE, rng)


RULES: dict[str, Rule] = {
    "frame": Rule(frame, None),
    "synonyms": Rule(swap_synonyms, swap_synonyms),
    "order": Rule(None, shuffle_sentences),
    "cut": Rule(None, _cut),
    "pinyin": Rule(inject_pinyin, inject_pinyin),
    "noise": Rule(_title_noise, add_noise),
    "width": Rule(to_full_width, to_full_width),
    "traditional": Rule(_traditional, _traditional),
}
"""All rules by name, in the order in which `rewrite` applies them: words are found before characters are disguised."""


def rewrite(suggestion: Suggestion, rng: Random, rules: Sequence[str] | None = None) -> Suggestion:
    """A copy of the suggestion, disguised in title and body; id, source, date and all else stay.

    `rules` are names from `RULES`, applied in its order whatever order they are given in (``tuple(RULES)``: all at
    once); None: two to four by chance. A text that a rule finds nothing in (no Chinese, one sentence) may come back
    as it was.
    """
    names = rng.sample(list(RULES), rng.randint(2, 4)) if rules is None else rules
    if unknown := sorted(set(names) - set(RULES)):
        raise ValueError(f"no rule is named {', '.join(map(repr, unknown))}; there are {', '.join(RULES)}")
    title, text = suggestion.title, suggestion.text
    for name, rule in RULES.items():
        if name in names:
            title = rule.title(title, rng) if rule.title else title
            text = rule.text(text, rng) if rule.text else text
    return replace(suggestion, title=title, text=text)
