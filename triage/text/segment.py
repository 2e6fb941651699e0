"""Words: jieba's dictionary and statistics (as rjieba) with the words of government added.

Each `Segmenter` has a dictionary of its own: rjieba's shared one would let one caller's words change another's cuts.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from rjieba import Jieba

_SURROGATE = re.compile("[\ud800-\udfff]")
_COMPOUND = re.compile(r"[A-Za-z0-9][\-._+#&%][A-Za-z0-9+#]")
_PART = re.compile(r"[A-Za-z0-9]+(?:\.\d+)?%?|[^A-Za-z0-9]")
_READABLE = re.compile(r"\w")


class Token(NamedTuple):
    """A piece of a text: where it stands, its part of speech in jieba's tags, and whether it is a word of a dictionary.

    Words that were added have no part of speech (an empty `tag`). A piece that is in no dictionary (`known` is false)
    was guessed by jieba's character model: its ends and its tag are weak.
    """

    text: str
    tag: str
    start: int
    end: int
    known: bool


@cache
def domain_words() -> tuple[str, ...]:
    """The words of this domain that every segmenter knows, from ``words.txt`` beside this file."""
    lines = files("triage.text").joinpath("words.txt").read_text(encoding="utf-8").splitlines()
    return tuple(dict.fromkeys(line.strip() for line in lines if line.strip() and not line.startswith("#")))


def _dictionary(words: Iterable[str]) -> Jieba:
    # Imported here because rjieba builds a dictionary of its own while it is imported.
    from rjieba import Jieba

    jieba = Jieba()
    for word in dict.fromkeys(words):
        jieba.add_word(word, None, None)
    return jieba


def _parts(piece: str, jieba: Jieba) -> list[str]:
    return _PART.findall(piece) if _COMPOUND.search(piece) and not jieba.has_word(piece) else [piece]


class Segmenter:
    """Cuts Chinese text into words.

    `words` are added to the domain's own, for example the names of units and places; each gets the lowest frequency at
    which jieba keeps it whole. The dictionary is loaded at the first cut, once, also when threads ask at the same time.
    A copy or a pickle holds the words only.
    """

    def __init__(self, words: Iterable[str] = ()) -> None:
        self._words = tuple(dict.fromkeys(word.strip() for word in words if word.strip()))
        self._lock = threading.Lock()
        self._jieba: Jieba | None = None

    def __reduce__(self) -> tuple[type[Segmenter], tuple[tuple[str, ...]]]:
        return Segmenter, (self._words,)

    def _loaded(self) -> Jieba:
        if self._jieba is None:
            with self._lock:
                if self._jieba is None:
                    self._jieba = _dictionary((*domain_words(), *self._words))
        return self._jieba

    def cut(self, text: str) -> list[str]:
        """Every piece of the text in order, punctuation and blanks included: joined they are the text."""
        jieba = self._loaded()
        try:
            pieces = jieba.cut(text)
        except UnicodeEncodeError:
            # Half of a surrogate pair, which no text in UTF-8 can hold.
            pieces = jieba.cut(_SURROGATE.sub("\ufffd", text))
        if not _COMPOUND.search(text):
            return pieces
        # rjieba keeps 2018-2028 and 126.com in one piece, jieba does not: features should not depend on which is used.
        return [part for piece in pieces for part in _parts(piece, jieba)]

    def words(self, text: str) -> list[str]:
        """The pieces that can be features: words, single characters, digits and Latin; no punctuation, no blanks."""
        return [piece for piece in self.cut(text) if _READABLE.search(piece)]

    def tag(self, text: str) -> list[Token]:
        """Every piece of the text in order with its part of speech; joined they are the text."""
        jieba = self._loaded()
        try:
            pairs = jieba.tag(text)
        except UnicodeEncodeError:
            pairs = jieba.tag(_SURROGATE.sub("\ufffd", text))
        tokens: list[Token] = []
        start = 0
        for piece, tag in pairs:
            known = len(piece) == 1 or jieba.has_word(piece)
            if known or not _COMPOUND.search(piece):
                tokens.append(Token(piece, tag, start, end := start + len(piece), known))
                start = end
                continue
            for part in _PART.findall(piece):
                tokens.append(Token(part, tag, start, end := start + len(part), known))
                start = end
        return tokens
