"""A suggestion made ready for comparing with others: what was read once and is kept in the index."""

from __future__ import annotations

import hashlib
import json
from functools import cached_property
from typing import TYPE_CHECKING

from triage.duplicates.grams import Grams, fold, fours_of, pairs_of, words_of
from triage.duplicates.synonyms import canonical
from triage.text.mentions import Mentions, find_mentions

if TYPE_CHECKING:
    from triage.text import Prepared, Segmenter

LONGEST = 3_000
"""Characters of a body that are compared: a longer letter repeats itself, and every pair would pay for it."""


class Profile:
    """What comparing needs of a text: title and body as `triage.text.prepare` leaves them, words, and what is named.

    `words` are the different words, each as the first of its synonyms. Everything else follows from these and is made
    when it is first asked for.
    """

    def __init__(self, title: str, body: str, words: tuple[str, ...], mentions: Mentions) -> None:
        self.title = title
        self.body = body
        self.words = words
        self.mentions = mentions

    @classmethod
    def of(cls, text: Prepared, segmenter: Segmenter) -> Profile:
        """The profile of a prepared suggestion; of an unreadable one it is empty and repeats nothing."""
        if not text.usable:
            return cls("", "", (), find_mentions("", segmenter))
        body = text.body[:LONGEST]
        whole = f"{text.title}。{body}" if text.title and body else text.title or body
        words = tuple(dict.fromkeys(canonical(word) for word in segmenter.words(whole)))
        return cls(text.title, body, words, find_mentions(whole, segmenter))

    @cached_property
    def folded(self) -> str:
        """Title and body with nothing but what can be compared."""
        return fold(self.title + self.body)

    @cached_property
    def key(self) -> bytes:
        """The digest of the folded text: equal keys, `identical` texts. Empty for a text with nothing in it."""
        return hashlib.blake2b(self.folded.encode("utf-8", "replace"), digest_size=16).digest() if self.folded else b""

    @cached_property
    def grams(self) -> Grams:
        """Pairs of characters of the whole."""
        return pairs_of(self.folded)

    @cached_property
    def title_grams(self) -> Grams:
        """Pairs of characters of the title."""
        return pairs_of(fold(self.title))

    @cached_property
    def body_grams(self) -> Grams:
        """Pairs of characters of the body."""
        return pairs_of(fold(self.body))

    @cached_property
    def word_grams(self) -> Grams:
        """The words, as grams."""
        return words_of(self.words)

    @cached_property
    def fours(self) -> Grams:
        """Every run of four characters of the whole, in order: what copied passages are found by."""
        return fours_of(self.folded)

    def to_json(self) -> str:
        """The profile, for an index."""
        return json.dumps([self.title, self.body, self.words, self.mentions.to_json()], ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> Profile:
        """Back from an index."""
        title, body, words, mentions = json.loads(text)
        return cls(title, body, tuple(words), Mentions.from_json(mentions))
