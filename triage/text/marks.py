"""Where words of the prepared text stand in the suggestion as it came in, so that they can be marked there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cached_property

from triage.records import Span, Suggestion
from triage.text.characters import to_simplified
from triage.text.written import Written, written

READ = 20_000
"""Characters of each field that are searched."""
EACH = 5
"""Places that are marked of one word."""
SHOWN = 12
"""Stretches that are marked in all, the first ones."""

_PINYIN = re.compile(r"[(（\[【][^\W\d_\u4e00-\u9fff]{1,8}[)）\]】]")

Stretch = tuple[int, int, int]
"""Title (0) or body (1), start, end."""


class Marks:
    """The places of words in one suggestion; made once for a text, asked for each piece of evidence.

    Words are looked for in the text as it came in, and where one was written in another way there (traditional
    characters, full width, pinyin within) in its plain form, which knows each character's place.
    """

    def __init__(self, suggestion: Suggestion) -> None:
        self._suggestion = suggestion
        self._fields = (_lowered(suggestion.title[:READ]), _lowered(suggestion.text[:READ]))

    def of(self, words: Iterable[str]) -> tuple[Span, ...]:
        """Where these words stand, in order, title first; what touches or overlaps is one stretch."""
        found: set[Stretch] = set()
        for word in words:
            found.update(self._standing(word))
        spans = [Span(("title", "text")[field], start, end) for field, start, end in _merged(sorted(found))]
        return tuple(spans[:SHOWN])

    def _standing(self, word: str) -> list[Stretch]:
        size = len(word)
        found = [(field, at, at + size) for field, text in enumerate(self._fields) for at in _places(text, word)]
        if word and (not found or self._converted):
            plain, text = self._plain
            spans = [plain.span(at, at + size) for at in _places(text, word)]
            found.extend((int(span.field == "text"), span.start, span.end) for span in spans)
        return sorted(set(found))[:EACH]

    @cached_property
    def _converted(self) -> bool:
        """Whether a field holds traditional characters or pinyin: then a word may stand in it in two ways."""
        return any(to_simplified(text) != text or _PINYIN.search(text) for text in self._fields)

    @cached_property
    def _plain(self) -> tuple[Written, str]:
        plain = written(self._suggestion)
        return plain, _lowered(plain.text)


def _lowered(text: str) -> str:
    """In small letters, each where it stood (İ would become two characters)."""
    low = text.lower()
    return low if len(low) == len(text) else "".join(one if len(one := c.lower()) == 1 else c for c in text)


def _places(text: str, word: str) -> Iterator[int]:
    """Where a word begins; never within a longer number or Latin word."""
    start = text.find(word) if word else -1
    while start >= 0:
        end = start + len(word)
        if not (_goes_on(text, start) or _goes_on(text, end)):
            yield start
        start = text.find(word, end)


def _goes_on(text: str, place: int) -> bool:
    return 0 < place < len(text) and all(c.isascii() and c.isalnum() for c in text[place - 1 : place + 1])


def _merged(stretches: Iterable[Stretch]) -> list[Stretch]:
    merged: list[Stretch] = []
    for field, start, end in stretches:
        if merged and merged[-1][0] == field and start <= merged[-1][2]:
            merged[-1] = (field, merged[-1][1], max(end, merged[-1][2]))
        else:
            merged.append((field, start, end))
    return merged
