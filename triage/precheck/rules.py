"""The rules of a place, applied sentence by sentence: a pattern, a learned tag, or either, and what takes them back."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date as Date
from functools import lru_cache

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
    """A rule that found something: the rule, the number of the sentence that shows it, 1 or the tag's probability."""

    rule: Rule
    sentence: int
    score: float = 1.0


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
    found = (_first(rule, sentences, tags or {}) for rule in rules if rule.active(on))
    return tuple(hit for hit in found if hit is not None)


def _first(rule: Rule, sentences: Sequence[Sentence], tags: Mapping[str, TagHit]) -> Applied | None:
    alone = all(sentence.title for sentence in sentences)
    allowed = [
        number
        for number, sentence in enumerate(sentences)
        if (rule.scope != SCOPE_TITLE or sentence.title) and (rule.scope != SCOPE_TEXT or not sentence.title or alone)
    ]
    if rule.unless:
        unless = _compiled(rule.unless)
        allowed = [number for number in allowed if not unless.search(sentences[number].text)]
    if rule.pattern:
        pattern = _compiled(rule.pattern)
        for number in allowed:
            if pattern.search(sentences[number].text):
                return Applied(rule, number)
    if rule.tag and (hit := tags.get(rule.tag)) is not None:
        kept = set(allowed)
        return next((Applied(rule, number, hit.score) for number in hit.sentences if number in kept), None)
    return None


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)
