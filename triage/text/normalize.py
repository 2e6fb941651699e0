"""One way to write the same text: width, traditional characters, copied web pages, injected noise, masks, blanks.

`normalize` keeps the original, says in Chinese what it did, and is idempotent: what it returns it would return again.
It runs its steps until nothing changes; each step is linear in the length and the rounds are bounded.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from triage.text.characters import HAN, drop_invisible, fold_accents, fold_width, to_simplified
from triage.text.pinyin import drop_pinyin
from triage.text.web import drop_entities, drop_furniture, drop_tags, drop_urls

MASK = "某"
"""What stands for a hidden name: X县, XX公司, 张** become 某县, 某公司, 张某."""
NUMBER_SIGN = "〔号码〕"
"""What stands for a number that was hidden by others: 138****1234."""
_MAX_ROUNDS = 12

_HAN = f"[{HAN}]"
_CIRCLE_ZERO = re.compile(r"(?<=[一二三四五六七八九〇])○++|(?<!○)○++(?=[一二三四五六七八九〇])")
_HIDDEN_NUMBER = re.compile(
    r"(?<![\dA-Za-z])\d{1,18}(?:[*×]{2,18}|[xX]{3,18})\d{0,12}(?![\dA-Za-z])"
    r"|(?<![\d*×])[*×]{2,18}\d{2,18}(?![\d*×])"
    r"|(?<!\d)0{3,4}-0{7,8}(?!\d)"
)
_HIDDEN_RUN = re.compile(r"[*×]{2,}|(?<![A-Za-z0-9])(?:[xX]{2,})(?![A-Za-z0-9])|[○□■△▲●]{2,}")
_HIDDEN_ONE = re.compile(
    rf"(?<={_HAN})[*×](?!\d)|(?<=[^\d\s])[*×](?={_HAN})"
    r"|(?<![A-Za-z0-9])[xX](?=[省市县区旗州镇乡村组庄社街路道巷弄号栋幢座楼层室年月日时点元岁局厅委办院校厂店公小某先女])"
)
_MASKS = re.compile(f"{MASK}{{2,}}")
_MASK_HINT = re.compile(r"[*×xX○□■△▲●]|某某|000-0")

_HAS_HAN = re.compile(_HAN)
_NON_ASCII = "[^\x00-\x7f]"
_PUNCTUATION = re.compile(rf"(?<={_NON_ASCII}) ?([,;:!?]++)|(?<![,;:!?])([,;:!?]++) ?(?={_NON_ASCII})")
_CHINESE = str.maketrans(",;:!?", "，；：！？")
_BRACKETS = str.maketrans("()", "（）")
_FULL_STOP = re.compile(rf"(?<=[{HAN}](?<![一二三四五六七八九十百]))[.．](?={_HAN}|\n|$)")
_REPEATED = re.compile(r"([，。！？；：、])(?: ?\1)+")
_ELLIPSIS = re.compile(r"…+|\.{3,}|。{3,}|·{3,}")
_RULE = re.compile(r"-{3,}|={3,}|_{3,}|~{3,}|#{3,}|\+{3,}")
_DASHES = re.compile("—{2,}")

_BLANKS = re.compile(r" {2,}")
_AROUND_BREAK = re.compile(r" ?(?:\n ?)+")
_MARKS = "，。！？；：、“”‘’（）《》〈〉【】〔〕…—"
_AROUND_MARK = re.compile(rf" (?=[{_MARKS}])|(?<=[{_MARKS}]) ")
_HAN_ASCII = re.compile(rf"(?<={_HAN}) (?=[A-Za-z0-9])|(?<=[A-Za-z0-9%]) (?={_HAN})")
_SPACED_OUT = re.compile(rf"(?<!{_HAN}){_HAN}(?: {_HAN}){{2,}}(?!{_HAN})")


@dataclass(frozen=True, slots=True)
class Normalized:
    """A text in one way of writing. `original` is what came in; `changes` says in Chinese what was done to it."""

    original: str
    text: str
    changes: tuple[str, ...] = ()


def unify_masks(text: str) -> str:
    """Hidden names to 某, hidden numbers to 〔号码〕. Sizes (3×4米), XXL, X光 and lettered places (A7县) stay."""
    if not _MASK_HINT.search(text):
        return text
    text = _CIRCLE_ZERO.sub(lambda match: "〇" * len(match[0]), text)
    text = _HIDDEN_NUMBER.sub(NUMBER_SIGN, text)
    text = _HIDDEN_RUN.sub(MASK, text)
    text = _HIDDEN_ONE.sub(MASK, text)
    return _MASKS.sub(MASK, text)


def unify_punctuation(text: str) -> str:
    """Chinese marks next to Chinese characters, each once; rules such as ----- become a blank."""
    text = _RULE.sub(" ", text)
    if _HAS_HAN.search(text):
        text = text.translate(_BRACKETS)
        text = _PUNCTUATION.sub(lambda match: (match[1] or match[2]).translate(_CHINESE), text)
        text = _FULL_STOP.sub("。", text)
    text = _ELLIPSIS.sub("……", text)
    text = _DASHES.sub("——", text)
    return _REPEATED.sub(r"\1", text)


def unify_blanks(text: str) -> str:
    """One blank at most, none beside Chinese marks; s p a c e d characters are joined; lines trimmed, none empty."""
    text = _BLANKS.sub(" ", text)
    text = _AROUND_BREAK.sub("\n", text)
    text = _AROUND_MARK.sub("", text)
    text = _HAN_ASCII.sub("", text)
    text = _SPACED_OUT.sub(lambda match: match[0].replace(" ", ""), text)
    return text.strip()


_STEPS: tuple[tuple[str, Callable[[str], str]], ...] = (
    ("去除不可见字符", drop_invisible),
    ("合并附加符号", fold_accents),
    ("统一全角半角", fold_width),
    ("还原网页字符", drop_entities),
    ("去除网页标签", drop_tags),
    ("去除网址", drop_urls),
    ("去除夹注拼音", drop_pinyin),
    ("繁体转为简体", to_simplified),
    ("去除网页页眉页脚", drop_furniture),
    ("统一遮挡符号", unify_masks),
    ("统一标点", unify_punctuation),
    ("整理空白", unify_blanks),
)


def normalize(text: str) -> Normalized:
    """The text in one way of writing, with the original and what was done.

    `changes` holds short Chinese notes in the order of the steps, without a word of the text. An empty text, or one
    that was nothing but noise, gives an empty `text`.
    """
    current = text
    done: set[str] = set()
    for _ in range(_MAX_ROUNDS):
        before = current
        for note, step in _STEPS:
            after = step(current)
            if after != current:
                done.add(note)
                current = after
        if current == before:
            break
    return Normalized(text, current, tuple(note for note, _ in _STEPS if note in done))
