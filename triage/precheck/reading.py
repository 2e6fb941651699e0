"""A suggestion read once: its plain form, sentences, cues, runs of characters, and what it names. Everything that the
pre-check says of a text comes from one of these.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from triage.precheck.cues import column, cues
from triage.precheck.findings import Wording, found_in
from triage.precheck.home import at_home, elsewhere
from triage.precheck.linear import together
from triage.precheck.ngrams import Places, hashed
from triage.precheck.sentences import Sentence, sentences_of
from triage.records import Jurisdiction, Suggestion
from triage.text import Segmenter
from triage.text.asks import Ask, find_asks
from triage.text.numerals import find_numbers
from triage.text.places import Place, find_places, split_guesses
from triage.text.written import Written, written

NAMED = 3_000
"""Characters in which places and asks are looked for."""
_Found = TypeVar("_Found", Place, Ask)
_SIGNS = re.compile(r"^[\W_]+|[\W_]+$")


@dataclass(frozen=True, slots=True)
class Reading:
    """What was found in a text, by sentence.

    `cues` is sentences × cues, True where the cue is found; `runs` holds the hashed runs of characters of each
    sentence, `every` those of the text; `places` and `asks` are those of each sentence. `home` and `away` say which
    sentences name the own place or one elsewhere, `placed` whether the own place is known at all. `signs` are those of
    copying and `urgent` those of urgency, each with its sentence. `jurisdiction` is None where no places of the
    catalogue were looked for.
    """

    source: Written
    sentences: tuple[Sentence, ...]
    cues: NDArray[np.bool_]
    runs: tuple[Places, ...]
    every: Places
    places: tuple[tuple[Place, ...], ...]
    asks: tuple[tuple[Ask, ...], ...]
    home: NDArray[np.bool_]
    away: NDArray[np.bool_]
    placed: bool
    signs: tuple[tuple[Wording, int], ...]
    urgent: tuple[tuple[Wording, int], ...]
    jurisdiction: Jurisdiction | None = None

    @property
    def body(self) -> range:
        """The numbers of the sentences that do not belong to the title."""
        first = next((number for number, one in enumerate(self.sentences) if not one.title), len(self.sentences))
        return range(first, len(self.sentences))

    @property
    def deputy(self) -> bool:
        """Whether it came through the congress or the conference, where people write for others."""
        return any(word in self.source.suggestion.source for word in ("人大", "政协", "代表", "委员"))

    def cue(self, group: str, name: str) -> NDArray[np.bool_]:
        """In which sentences a cue is found."""
        return np.asarray(self.cues[:, column(group, name)])


def read(
    suggestion: Suggestion, segmenter: Segmenter, own: Sequence[str] = (), jurisdiction: Jurisdiction | None = None
) -> Reading:
    """A suggestion, read for an office whose place goes by the names `own`; never raises for any text."""
    source = written(suggestion)
    sentences = sentences_of(source)
    found = np.array(
        [[cue.pattern.search(sentence.text) is not None for cue in cues()] for sentence in sentences], dtype=np.bool_
    ).reshape(len(sentences), len(cues()))
    runs = tuple(hashed([_SIGNS.sub("", sentence.bare) for sentence in sentences]))
    text = source.text[:NAMED]
    tokens = segmenter.tag(text)
    places = find_places(text, split_guesses(tokens), _evenly)
    asks = find_asks(text, tokens, places, find_numbers(text, _evenly), _evenly)
    return Reading(
        source,
        sentences,
        found,
        runs,
        together(runs),
        _dealt(places, sentences),
        _dealt(asks, sentences),
        at_home(sentences, own, jurisdiction),
        elsewhere(sentences, places, own, jurisdiction),
        bool(own),
        tuple(found_in("signs", sentences)),
        tuple(found_in("urgency", sentences)),
        jurisdiction,
    )


def _evenly(_position: int) -> float:
    return 1.0


def _dealt(found: Sequence[_Found], sentences: Sequence[Sentence]) -> tuple[tuple[_Found, ...], ...]:
    """What was found, by the sentence in which it begins."""
    dealt: list[list[_Found]] = [[] for _ in sentences]
    number = 0
    for one in sorted(found, key=lambda one: one.start):
        while number < len(sentences) and sentences[number].end <= one.start:
            number += 1
        if number < len(sentences) and sentences[number].start <= one.start:
            dealt[number].append(one)
    return tuple(map(tuple, dealt))
