"""Texts to measure with, assembled from the invented examples of this repository by recombining their sentences."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from pathlib import Path

from triage.datasets import read_cases, read_suggestions
from triage.records import Case, Suggestion

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
_SENTENCE = re.compile(r"[^。！？；\n]+[。！？；]?")
_MEDIAN_LETTER = 130
"""Characters; half of the letters are longer, one in ten is over 360, as citizens' letters to a large city are."""


def sentences() -> list[str]:
    """The sentences of the example suggestions."""
    texts = (suggestion.text for suggestion in read_suggestions(EXAMPLES / "suggestions.csv"))
    found = (sentence.strip() for text in texts for sentence in _SENTENCE.findall(text))
    return list(dict.fromkeys(sentence for sentence in found if len(sentence) >= 5))


def texts_of(length: int, count: int, seed: int = 0) -> list[str]:
    """`count` different texts of exactly `length` characters: sentences in chance order, the last one cut."""
    chance = random.Random(f"{length} {seed}")  # noqa: S311 - the same texts in every run, not secrets
    pool, texts = sentences(), dict[str, None]()
    while len(texts) < count:
        texts[_filled(pool, length, chance)[:length]] = None
    return list(texts)


def letters(count: int, seed: int = 0) -> list[Case]:
    """`count` handled cases: the title, units and topic of an example case, its unit's sentences and chance ones."""
    chance = random.Random(seed)  # noqa: S311 - the same letters in every run, not secrets
    cases = read_cases(EXAMPLES / "cases.csv")
    own: dict[tuple[str, ...], list[str]] = {}
    for case in cases:
        own.setdefault(case.leads, []).extend(_SENTENCE.findall(case.suggestion.text) or [case.suggestion.title])
    pool = sentences()
    return [_letter(number, chance.choice(cases), own, pool, chance) for number in range(count)]


def _letter(
    number: int, case: Case, own: dict[tuple[str, ...], list[str]], pool: Sequence[str], chance: random.Random
) -> Case:
    length = min(2000, max(20, round(chance.lognormvariate(0.0, 0.8) * _MEDIAN_LETTER)))
    mixed = [*own[case.leads], *chance.sample(list(pool), 12)]
    date = case.suggestion.date
    suggestion = Suggestion(f"letter-{number}", case.suggestion.title, _filled(mixed, length, chance), date=date)
    return Case(suggestion, case.leads, case.co, case.topics)


def _filled(pool: Sequence[str], length: int, chance: random.Random) -> str:
    """Sentences of the pool in chance order, over and over, until they are long enough."""
    text = ""
    while len(text) < length:
        text += "".join(chance.sample(list(pool), len(pool)))
    end = next((match.end() for match in _SENTENCE.finditer(text) if match.end() >= length), len(text))
    return text[:end]
