"""A suggestion made ready for comparing with others: what was read once and is kept in the index."""

from __future__ import annotations

import hashlib
import json
import re
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from triage.duplicates.grams import Grams, fold, fours_of, pairs_of, words_of
from triage.duplicates.slots import content_words
from triage.duplicates.synonyms import canonical
from triage.text.mentions import Mentions, find_mentions

if TYPE_CHECKING:
    from triage.text import Prepared, Segmenter

HEADING = 60
"""Characters of a body without title that serve as its heading."""
_SENTENCE_END = re.compile("[。！？；\\n]")
_BETWEEN_DIGITS = re.compile(r"(?<=\d)[\W_]+(?=\d)")
_SIGNS = re.compile(r"[^\w\x00]|_")
LONGEST = 3_000
"""Characters of a body that are compared: a longer letter repeats itself, and every pair would pay for it."""


class Profile:
    """What comparing needs of a text: title and body as `triage.text.prepare` leaves them, words, and what is named.

    `words` are the different words, each as the first of its synonyms, `heading` the content words of the title or, if
    there is none, of the first sentence. Everything else follows from these and is made
    when it is first asked for.
    """

    def __init__(
        self,
        title: str,
        body: str,
        words: tuple[str, ...],
        mentions: Mentions,
        heading: tuple[str, ...] = (),
        key: bytes = b"",
    ) -> None:
        self.title = title
        self.body = body
        self.words = words
        self.mentions = mentions
        self.heading = heading
        self.key = key

    @classmethod
    def of(cls, text: Prepared, segmenter: Segmenter) -> Profile:
        """The profile of a prepared suggestion; of an unreadable one it is empty and repeats nothing."""
        if not text.usable:
            return cls("", "", (), find_mentions("", segmenter))
        body = text.body[:LONGEST]
        whole = f"{text.title}。{body}" if text.title and body else text.title or body
        words = tuple(dict.fromkeys(canonical(word) for word in segmenter.words(whole)))
        heading = content_words(segmenter.tag(text.title or _first_sentence(body)))
        return cls(text.title, body, words, find_mentions(whole, segmenter), heading, identity(text))

    @cached_property
    def folded(self) -> str:
        """Title and body with nothing but what can be compared."""
        return fold(self.title + self.body)

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

    @cached_property
    def fours_sorted(self) -> Grams:
        """The different ones of `fours`, sorted."""
        return np.unique(self.fours)

    @cached_property
    def heading_grams(self) -> Grams:
        """The heading's words as grams, in order."""
        return np.concatenate([words_of((word,)) for word in self.heading] or [np.zeros(0, np.uint32)])

    def to_json(self) -> str:
        """The profile, for an index."""
        parts = [self.title, self.body, self.words, self.mentions.to_json(), self.heading, self.key.hex()]
        return json.dumps(parts, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> Profile:
        """Back from an index."""
        title, body, words, mentions, heading, key = json.loads(text)
        return cls(title, body, tuple(words), Mentions.from_json(mentions), tuple(heading), bytes.fromhex(key))


def identity(text: Prepared) -> bytes:
    """The digest of the whole text without case, blanks and signs, but for those between digits (3.5, 3-5号楼); empty
    where nothing is left. Texts of one digest are identical.
    """
    bare = _SIGNS.sub("", _BETWEEN_DIGITS.sub("\x00", (text.title + text.body).lower()))
    return hashlib.blake2b(bare.encode("utf-8", "replace"), digest_size=16).digest() if bare else b""


def _first_sentence(body: str) -> str:
    return _SENTENCE_END.split(body[:HEADING], maxsplit=1)[0]
