"""From a suggestion to what the models may see: masked, normalised, without formulas, and judged.

Personal numbers are masked before anything else sees the text, and once more after normalising, which can lay bare
numbers that were broken up. The suggestion itself is kept untouched.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from triage.records import Suggestion
from triage.text import formulas, pii
from triage.text.characters import HAN, drop_invisible, fold_width
from triage.text.normalize import MASK, normalize

FULL_LIMIT = 20_000
"""Characters of title and body that lexical features see."""
READ_LIMIT = 200_000
"""Characters of a body that are read at all."""
_TITLE_READ_LIMIT = 300
"""A longer title is a letter in the wrong field and is read as the beginning of the body."""
_TITLE_LIMIT = 80
_SHORT = 4
"""Fewer Chinese characters than this name no matter."""


class Condition(StrEnum):
    """Whether a text can be triaged at all.

    OK; EMPTY: nothing in it; NOISE: only signs, digits, formulas or one word over and over; FOREIGN: letters or
    emoji of another script instead of Chinese; SHORT: fewer than four Chinese characters; LONG: more than is looked at.
    """

    OK = "ok"
    EMPTY = "empty"
    NOISE = "noise"
    FOREIGN = "foreign"
    SHORT = "short"
    LONG = "long"


CONDITION_NOTICES: dict[Condition, str] = {
    Condition.OK: "",
    Condition.EMPTY: "标题和正文都是空的，无法判断承办单位，请补充内容。",
    Condition.NOISE: "文本只有符号、数字、套话或反复的字样，没有可以判断的内容，请核对原件。",
    Condition.FOREIGN: "文本几乎没有汉字（外文或表情符号），无法可靠判断，请人工阅读或先译成中文。",
    Condition.SHORT: f"文本不足{_SHORT}个汉字，内容太少，结果仅供参考，请补充内容。",
    Condition.LONG: f"文本超过{FULL_LIMIT}字，只分析了前面的部分，请人工通读全文。",
}
"""What the clerk reads for each condition."""

_ROUTINE = frozenset(("合并附加符号", "统一全角半角", "统一标点", "整理空白"))
"""Changes that nearly every text needs and no clerk wants to read about."""
_KIND_NAMES = {kind: sign.strip("〔〕") for kind, sign in pii.SIGNS.items()}
_IS_HAN = re.compile(f"[{HAN}]")
_SIGN = re.compile("〔[^〔〕]{1,6}〕")
_OTHER_LETTER = re.compile(rf"[^\W\d_{HAN}]")
_LATIN = re.compile(r"[A-Za-z]")
_EMOJI = re.compile("[\u2600-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff]")
_SENTENCE = re.compile(r"[^。！？；\n!?;]*(?:[。！？；!?;]+[”’」』）】〕)\"]*\n*|\n+|$)")
_CLAUSE = re.compile(r"[^，、：,:]*(?:[，、：,:]+|$)")
_STRONG_ASK = re.compile("建议|要求|恳请|恳求|请求|希望|期望|能否|可否|呼吁|建请|提请|诉求")
_ASK = re.compile("请(?!问)|望(?!远)|是否可以|应当|应该|申请|尽快")
_NUMERAL = r"[一二三四五六七八九十\d]{1,2}"
_ENUMERATED = re.compile(rf"{_NUMERAL}[、.．]|[（(]{_NUMERAL}[）)]|第一[，、]|首先")
_TITLE_BREAK = "，。！？：；、,!?:; \n"
_END_MARKS = "。！？；!?;…"


@dataclass(frozen=True, slots=True)
class Prepared:
    """A suggestion as the models see it. `suggestion` is the untouched original; `title` and `body` never overlap.

    `notices` are Chinese sentences for the clerk: the condition's, what was masked, what was converted, what was cut.
    They hold no word of the text.
    """

    suggestion: Suggestion
    title: str
    body: str
    condition: Condition
    notices: tuple[str, ...] = ()

    @property
    def usable(self) -> bool:
        """Whether there is anything to judge by: not EMPTY, not NOISE, not FOREIGN."""
        return self.condition in (Condition.OK, Condition.SHORT, Condition.LONG)

    @property
    def full(self) -> str:
        """Title and body for lexical features, at most `FULL_LIMIT` characters, cut at the end of a sentence."""
        text = _joined(self.title, self.body)
        return text if len(text) <= FULL_LIMIT else _whole_sentences(text, FULL_LIMIT)

    def focus(self, budget: int) -> str:
        """At most `budget` characters that say what is wanted: title, opening and the sentences that ask, in order.

        Sentences are taken whole: first the opening, then those that ask (建议, 要求, 恳请 …), then the others from the
        front. Only a sentence that alone is over the budget is cut, at its commas if it has any. Raises ValueError for
        a budget below 1.
        """
        if budget < 1:
            raise ValueError(f"budget must be at least 1 character, got {budget}")
        text = _joined(self.title, self.body)
        return text if len(text) <= budget else _focused(self.title, self.body[:FULL_LIMIT], budget)


def _joined(title: str, body: str) -> str:
    if not title or not body:
        return title or body
    return title + ("" if title[-1] in _END_MARKS else "。") + body


def _sentences(text: str) -> list[str]:
    return [sentence for sentence in _SENTENCE.findall(text) if sentence.strip()]


def _whole_sentences(text: str, limit: int) -> str:
    head = text[:limit]
    end = max(head.rfind(mark) for mark in _END_MARKS + "\n") + 1
    return (head[:end] if end > limit // 2 else head).rstrip()


def _pieces(text: str, budget: int, room: int) -> list[str]:
    """Sentences; one over the budget falls into its clauses, and a clause that has no room into runs of characters."""
    pieces: list[str] = []
    for sentence in _sentences(text):
        if len(sentence) <= budget:
            pieces.append(sentence)
            continue
        for clause in _CLAUSE.findall(sentence):
            pieces.extend(clause[start : start + room] for start in range(0, len(clause), room))
    return pieces


def _focused(title: str, body: str, budget: int) -> str:
    room = budget - len(title) - (0 if not title or title[-1] in _END_MARKS else 1)
    if room <= 0:
        return title if len(title) <= budget else _front(title, budget)
    pieces = _pieces(body, budget, room)
    chosen: set[int] = set()
    for index in sorted(range(len(pieces)), key=lambda number: (_priority(number, pieces[number]), number)):
        if len(pieces[index]) <= room:
            chosen.add(index)
            room -= len(pieces[index])
    return _joined(title, "".join(pieces[index] for index in sorted(chosen)).strip())


def _front(title: str, budget: int) -> str:
    """The first clauses of a title that is over the budget, or its first characters."""
    end = max(title.rfind(mark, 0, budget) for mark in "，、：；。,:;")
    return title[: end if end > 0 else budget]


def _priority(index: int, sentence: str) -> int:
    if index == 0:
        return 0
    if _STRONG_ASK.search(sentence):
        return 1
    return 2 if _ASK.search(sentence) else 3


def _masked(text: str, counts: dict[pii.Kind, int]) -> str:
    masked = pii.mask(text)
    for finding in masked.findings:
        counts[finding.kind] = counts.get(finding.kind, 0) + 1
    return masked.text


def _cleaned(text: str, counts: dict[pii.Kind, int], changes: dict[str, None]) -> str:
    """Masked, normalised, and masked again."""
    if not text:
        return ""
    normal = normalize(_masked(text, counts))
    changes.update(dict.fromkeys(normal.changes))
    return _masked(normal.text, counts)


def _without_title(body: str, titles: tuple[str, ...]) -> str:
    """The body after a title that is repeated at its start."""
    for title in titles:
        bare = title.rstrip(_TITLE_BREAK)
        if not bare or not body.startswith(bare):
            continue
        rest = body[len(bare) :]
        if not rest or rest[0] in _TITLE_BREAK or bare.endswith(("建议", "提案", "议案", "意见", "报告")):
            return rest.lstrip(_TITLE_BREAK)
    return body


def _first_sentence(body: str) -> tuple[str, str]:
    """A first sentence that can serve as title, and the rest; no title where it is long or the first of a list."""
    sentences = _sentences(body[: 4 * _TITLE_LIMIT])
    if not sentences or len(sentences[0]) > _TITLE_LIMIT or _ENUMERATED.match(sentences[0]):
        return "", body
    first = sentences[0]
    position = body.find(first) + len(first)
    return first.strip(), body[position:].lstrip()


def _condition(raw: str, text: str) -> Condition:
    if not text and not fold_width(drop_invisible(raw[:READ_LIMIT])).strip():
        return Condition.EMPTY
    content = _SIGN.sub("", text[:FULL_LIMIT]).replace(MASK, "")
    han = _IS_HAN.findall(content)
    letters = len(_OTHER_LETTER.findall(content))
    latin = len(_LATIN.findall(content))
    if not han:
        return Condition.FOREIGN if letters or _EMOJI.search(content) else Condition.NOISE
    # Six Latin letters make about one word and weigh as one Chinese character; other scripts count letter by letter.
    if latin / 6 + (letters - latin) > len(han):
        return Condition.FOREIGN
    if len(han) >= 8 and len(set(han)) <= 2:
        return Condition.NOISE
    if len(han) < _SHORT:
        return Condition.SHORT
    return Condition.LONG if len(text) > FULL_LIMIT else Condition.OK


def prepare(suggestion: Suggestion) -> Prepared:
    """A suggestion, ready for the models; never raises for any text, says in `condition` and `notices` what it met.

    If the title is missing, a short first sentence serves; if the body repeats the title, it is not doubled.
    """
    counts: dict[pii.Kind, int] = {}
    changes: dict[str, None] = {}
    raw_title, raw_body = suggestion.title, suggestion.text
    if len(raw_title) > _TITLE_READ_LIMIT:
        raw_title, raw_body = "", f"{raw_title}\n{raw_body}"
    framed = _cleaned(raw_title, counts, changes).replace("\n", " ")
    title = formulas.strip_title(formulas.strip_body(framed))
    body = formulas.strip_body(_cleaned(raw_body[:READ_LIMIT], counts, changes))
    body = formulas.strip_body(_without_title(body, (framed, title)))
    promoted = False
    if not title and body:
        first, rest = _first_sentence(body)
        title = formulas.strip_title(first)
        promoted = bool(title)
        body = rest if promoted else body
    unread = len(raw_body) > READ_LIMIT
    condition = _condition(raw_title + raw_body, _joined(title, body))
    if condition in (Condition.OK, Condition.SHORT) and unread:
        condition = Condition.LONG
    return Prepared(suggestion, title, body, condition, _notices(condition, counts, changes, unread, promoted))


def _notices(
    condition: Condition, counts: dict[pii.Kind, int], changes: dict[str, None], unread: bool, promoted: bool
) -> tuple[str, ...]:
    notices = [CONDITION_NOTICES[condition]] if condition is not Condition.OK else []
    if unread:
        notices.append(f"正文超过{READ_LIMIT}字，其后的内容没有读取。")
    if counts:
        told = "、".join(f"{_KIND_NAMES[kind]}{count}处" for kind, count in counts.items())
        notices.append(f"已遮盖个人信息：{told}。")
    if condition is Condition.EMPTY:
        return tuple(notices)
    if done := [change for change in changes if change not in _ROUTINE]:
        notices.append(f"已整理文本：{'、'.join(done)}。")
    if promoted and condition not in (Condition.NOISE, Condition.FOREIGN):
        notices.append("没有标题，以正文首句代替。")
    return tuple(notices)
