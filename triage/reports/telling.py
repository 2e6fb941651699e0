"""Sentences that say what was counted, each number with the rows behind it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from triage.records import Case
from triage.reports.report import Link, Sentence

CONFIDENTIAL = "（保密件）"
"""What stands in place of a confidential suggestion's title."""
OPENING = 30
"""Characters of a text that stand for a title that is missing."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A number as it is printed, and the ids of the rows it counts."""

    shown: str
    rows: tuple[str, ...]


def counted(rows: Collection[str]) -> Figure:
    """How many rows there are."""
    return Figure(str(len(rows)), tuple(rows))


def part_of(rows: Collection[str], whole: int) -> Figure:
    """The rows as a share of a whole, in per cent with one decimal."""
    return Figure(percent(len(rows) / whole), tuple(rows))


def percent(share: float) -> str:
    """A share as it is printed: 0.125 is 12.5%."""
    return f"{share:.1%}"


def sentence(*parts: str | Figure, notice: bool = False) -> Sentence:
    """A sentence of its parts; the figures become links."""
    text, links = "", []
    for part in parts:
        if isinstance(part, str):
            text += part
        else:
            if part.rows:
                links.append(Link(len(text), len(text) + len(part.shown), part.rows))
            text += part.shown
    return Sentence(text, tuple(links), notice)


def notice(*parts: str | Figure) -> Sentence:
    """A sentence that says what could not be told, or was left out, and why."""
    return sentence(*parts, notice=True)


def joined(parts: Sequence[tuple[str | Figure, ...]], between: str = "，") -> tuple[str | Figure, ...]:
    """Parts of a sentence, with a sign between them."""
    flat: list[str | Figure] = []
    for number, some in enumerate(parts):
        flat.extend((between, *some) if number else some)
    return tuple(flat)


def changed(rows: Collection[str], before: Collection[str], against: str = "上期") -> tuple[str | Figure, ...]:
    """The change against a period as parts of a sentence: 「比上期增加3件，增长25.0%（上期12件）」."""
    difference = len(rows) - len(before)
    if not before:
        return (f"{against}没有",)
    was = (f"（{against}", counted(before), "件）")
    if not difference:
        return (f"与{against}持平", *was)
    word, grown = ("增加", "增长") if difference > 0 else ("减少", "下降")
    return (f"比{against}{word}{abs(difference)}件，{grown}{percent(abs(difference) / len(before))}", *was)


def ids(cases: Sequence[Case]) -> tuple[str, ...]:
    """Their ids, in order."""
    return tuple(case.suggestion.id for case in cases)


def title_of(case: Case) -> str:
    """The title, or the beginning of a text that has none; of a confidential suggestion neither."""
    suggestion = case.suggestion
    if suggestion.confidential:
        return CONFIDENTIAL
    return suggestion.title or suggestion.text[:OPENING].replace("\n", " ")


def listed(names: Sequence[str], most: int = 6) -> str:
    """Names in a row, the first so many, then how many there are."""
    shown = "、".join(names[:most])
    return f"{shown}等{len(names)}个" if len(names) > most else shown
