"""Why two texts are graded as they are: the phrases that they share, with their places in both, what agrees and what
differs.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from triage.duplicates.agreement import Agreement
from triage.duplicates.grams import FOUR, Rarity, pairs_of
from triage.records import LABELS, Grade, PairEvidence, SharedPhrase, Span, Suggestion
from triage.text.characters import HAN, fold_width, to_simplified
from triage.text.pii import mask

SHOWN = 5
"""Phrases that are shown, the most telling ones."""
READ = 3_000
"""Characters of each field in which phrases are looked for."""
_LEAST_WEIGHT = 2.5
"""Phrases whose pairs of characters are more common than this on average (希望有关部门) tell nothing."""
_INJECTED = re.compile(rf"(?<=[{HAN}])[(（\[【][^\W\d_{HAN}]{{1,8}}[)）\]】]")
_HALF = re.compile("[\x00\ud800-\udfff]")
_COMPARED = re.compile(rf"[{HAN}A-Za-z0-9]")
_END = "\x00"


@dataclass(frozen=True, slots=True)
class _Written:
    """A suggestion as it came in, with only what can be compared: each character and where it stands."""

    characters: str
    places: list[tuple[str, int]]


def _written(suggestion: Suggestion) -> _Written:
    kept: list[str] = []
    places: list[tuple[str, int]] = []
    for field, text in (("title", suggestion.title[:READ]), ("text", suggestion.text[:READ])):
        for position, character in enumerate(_folded(text)):
            if character == _END or _COMPARED.match(character):
                kept.append(character.lower())
                places.append((field, position))
        kept.append(_END)
        places.append((field, len(text)))
    return _Written("".join(kept), places)


def _folded(text: str) -> str:
    """The text with plain characters, each where it stood. What is no wording is blank: pinyin in brackets, halves of
    characters. Personal numbers, which an answer does not repeat, end a phrase.
    """
    blanked = _INJECTED.sub(lambda match: " " * len(match[0]), _HALF.sub(" ", text))
    for found in mask(text).findings:
        blanked = blanked[: found.start] + _END * (found.end - found.start) + blanked[found.end :]
    return _in_place(to_simplified, _in_place(fold_width, blanked))


def _in_place(fold: Callable[[str], str], text: str) -> str:
    """A text folded as a whole, or where that moves characters (㎡ to 平方米) one by one, as far as they stay one."""
    folded = fold(text)
    if len(folded) == len(text):
        return folded
    return "".join(one if len(one := fold(character)) == 1 else character for character in text)


def shared_phrases(here: Suggestion, there: Suggestion, rarity: Rarity) -> tuple[SharedPhrase, ...]:
    """The most telling phrases of four characters or more that stand in both texts, in the order of the first.

    Width, traditional characters, blanks, signs and bracketed pinyin make no difference; spans point into the texts as
    they came in. Passages that both hold several times are shown once, personal numbers never.
    """
    one, other = _written(here), _written(there)
    found: list[tuple[float, int, int, int]] = []
    for start, mark, length in _matches(one.characters, other.characters):
        phrase = one.characters[start : start + length]
        weights = rarity.weight(pairs_of(phrase))
        if float(weights.mean()) >= _LEAST_WEIGHT:
            found.append((float(weights.sum()), start, mark, length))
    best = sorted(sorted(found, key=lambda match: -match[0])[:SHOWN], key=lambda match: match[1])
    return tuple(_phrase(here, one, other, start, mark, length) for _, start, mark, length in best)


def _matches(one: str, other: str) -> list[tuple[int, int, int]]:
    """The longest passages from each place of the first text on: (place in it, place in the other, length)."""
    places: dict[str, list[int]] = {}
    for mark in range(len(other) - FOUR + 1):
        places.setdefault(other[mark : mark + FOUR], []).append(mark)
    matches: list[tuple[int, int, int]] = []
    seen: set[str] = set()
    start = 0
    while start + FOUR <= len(one):
        marks = places.get(one[start : start + FOUR], ())
        # Of a phrase that stands there very often the first places will do.
        length, mark = max(((_run(one, other, start, mark), -mark) for mark in marks[:20]), default=(0, 0))
        if length < FOUR:
            start += 1
            continue
        phrase = one[start : start + length]
        if phrase not in seen:
            seen.add(phrase)
            matches.append((start, -mark, length))
        start += length
    return matches


def _run(one: str, other: str, start: int, mark: int) -> int:
    """How many characters agree from these places on, within a field."""
    length = 0
    while (
        start + length < len(one) and mark + length < len(other) and one[start + length] == other[mark + length] != _END
    ):
        length += 1
    return length


def _phrase(here: Suggestion, one: _Written, other: _Written, start: int, mark: int, length: int) -> SharedPhrase:
    near, far = _span(one, start, length), _span(other, mark, length)
    text = here.title if near.field == "title" else here.text
    return SharedPhrase(text[near.start : near.end], near, far)


def _span(written: _Written, start: int, length: int) -> Span:
    field, first = written.places[start]
    return Span(field, first, written.places[start + length - 1][1] + 1)


def pair_evidence(
    here: Suggestion,
    there: Suggestion,
    grade: Grade,
    score: float,
    wording: float,
    agreement: Agreement,
    rarity: Rarity,
) -> PairEvidence:
    """The evidence for one pair; `wording` is the share of characters that both have. Of a confidential text nothing
    but the grade is told.
    """
    likely = "99%以上" if score >= 0.995 else f"{score:.0%}"
    says = f"{LABELS[grade]}的可能性{likely}" if grade is not Grade.IDENTICAL else "整理后全文相同"
    if here.confidential or there.confidential:
        return PairEvidence(f"{says}；保密件，不显示内容。")
    told = [says]
    if grade is not Grade.IDENTICAL:
        told.append(f"文字重合{wording:.0%}")
        if agreement.agrees:
            told.append(f"一致：{'、'.join(agreement.agrees)}")
        if agreement.differs:
            told.append(f"不一致：{'、'.join(agreement.differs)}")
    return PairEvidence(
        "；".join(told) + "。", shared_phrases(here, there, rarity), tuple(agreement.agrees), tuple(agreement.differs)
    )
