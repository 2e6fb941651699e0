"""The rules of a place, applied sentence by sentence: a pattern, a learned tag, or either, and what takes them back."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date as Date
from functools import lru_cache
from itertools import groupby

from triage.catalogue.rules import Rule
from triage.precheck.sentences import Sentence

SCOPE_TITLE, SCOPE_TEXT = "title", "text"


@dataclass(frozen=True, slots=True)
class TagHit:
    """A learned tag that a text has: the probability, and its sentences by how much they speak for it, best first."""

    score: float
    sentences: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Applied:
    """A rule that found something: the rule, the numbers of the first and the last part of the sentence that shows it,
    and 1 or the tag's probability.
    """

    rule: Rule
    sentence: int
    score: float = 1.0
    last: int = -1


def applied(
    rules: Sequence[Rule],
    sentences: Sequence[Sentence],
    tags: Mapping[str, TagHit] | None = None,
    *,
    on: Date | None = None,
) -> tuple[Applied, ...]:
    """The rules that hold on a day and find something in these sentences, in the order of the rules, each once.

    A pattern is looked for in each sentence of the rule's scope; a learned tag is shown by its best sentence there. Of
    a sentence in which `unless` is found neither counts. A text whose title is all it has is looked at by rules of the
    scope ``text`` too.
    """
    wholes = wholes_of(sentences)
    found = (_first(rule, wholes, tags or {}) for rule in rules if rule.active(on))
    return tuple(hit for hit in found if hit is not None)


def _first(rule: Rule, wholes: Sequence[Whole], tags: Mapping[str, TagHit]) -> Applied | None:
    alone = all(whole.title for whole in wholes)
    allowed = [
        whole
        for whole in wholes
        if (rule.scope != SCOPE_TITLE or whole.title) and (rule.scope != SCOPE_TEXT or not whole.title or alone)
    ]
    if rule.unless:
        unless = _compiled(rule.unless)
        allowed = [whole for whole in allowed if not unless.search(whole.text)]
    if rule.pattern:
        pattern = _compiled(rule.pattern)
        for whole in allowed:
            if pattern.search(whole.text):
                return Applied(rule, whole.numbers[0], last=whole.numbers[-1])
    if rule.tag and (hit := tags.get(rule.tag)) is not None:
        parts = {number: whole for whole in allowed for number in whole.numbers}
        number = next((one for one in hit.sentences if one in parts), None)
        if number is not None:
            return Applied(rule, parts[number].numbers[0], hit.score, parts[number].numbers[-1])
    return None


@dataclass(frozen=True, slots=True)
class Whole:
    """A sentence with all its parts: what it says, and the numbers of the parts."""

    text: str
    title: bool
    numbers: range


def wholes_of(sentences: Sequence[Sentence]) -> tuple[Whole, ...]:
    """The sentences whose parts these are."""
    found: list[Whole] = []
    for _, group in groupby(enumerate(sentences), key=lambda pair: (pair[1].title, pair[1].whole)):
        listed = list(group)
        numbers = range(listed[0][0], listed[-1][0] + 1)
        found.append(Whole("".join(one.text for _, one in listed), listed[0][1].title, numbers))
    return tuple(found)


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)
