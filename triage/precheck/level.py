"""The level at which a matter can be settled: 村, 乡镇, 县, 市, 省及以上, or no answer where that is not clear."""

from __future__ import annotations

from functools import cache

import numpy as np

from triage.precheck.cues import cues
from triage.precheck.linear import Floats, Linear
from triage.precheck.reading import Reading
from triage.records import LevelFound, Span

MODEL = "level"
SHOWN = 3
"""Words that are shown as evidence."""
_KINDS = ("village", "community", "estate", "town", "street", "road", "bridge", "school", "hospital", "water", "city")
_CUE_OF = {
    "村": ("village", "small"),
    "乡镇": ("town",),
    "县": ("county",),
    "市": ("city",),
    "省": ("province", "money"),
}


@cache
def _columns() -> dict[str, int]:
    return {cue.name: number for number, cue in enumerate(cues()) if cue.group == "level"}


def features(reading: Reading) -> Floats:
    """One row: the cues of each level in the text, in the title and in sentences that ask, and the kinds of places."""
    columns = list(_columns().values())
    own = reading.cues[:, columns].astype(np.float32)
    width = len(columns)
    title = np.array([sentence.title for sentence in reading.sentences], np.bool_)
    asking = reading.cue("role", "ask_strong") | reading.cue("role", "ask_unit")
    parts = [
        (own[rows].max(axis=0) if rows.any() else np.zeros(width, np.float32))
        for rows in (np.ones(len(own), np.bool_), title, asking)
    ]
    often = own.mean(axis=0) if len(own) else np.zeros(width, np.float32)
    kinds = [place.kind for sentence in reading.places for place in sentence]
    more = [
        *(kind in kinds for kind in _KINDS),
        min(len(set(kinds)), 5) / 5,
        not kinds,
        min(len(reading.source.text), 1000) / 500,
        bool(reading.away.any()),
    ]
    return np.concatenate([*parts, often, np.array(more, np.float32)]).astype(np.float32)


def level_of(reading: Reading, model: Linear) -> LevelFound:
    """The likeliest level if it is likely enough, with the words that speak for it."""
    if not reading.sentences:
        return LevelFound()
    chances = model.probabilities(reading.every, features(reading))
    best = int(chances.argmax())
    score = round(float(chances[best]), 4)
    if score < model.thresholds[best]:
        return LevelFound(score=score)
    level = model.classes[best]
    words, spans = _evidence(reading, level)
    return LevelFound(level, score, words, spans)


def _evidence(reading: Reading, level: str) -> tuple[tuple[str, ...], tuple[Span, ...]]:
    """The words of the level's cues where they stand first."""
    found: dict[str, tuple[int, int]] = {}
    patterns = [cues()[_columns()[name]].pattern for name in _CUE_OF[level]]
    for sentence in reading.sentences:
        for pattern in patterns:
            for match in pattern.finditer(sentence.text):
                found.setdefault(match[0], (sentence.start + match.start(), sentence.start + match.end()))
    places = list(found.values())[:SHOWN]
    shown = tuple(word for place in places if (word := reading.source.shown(*place)))
    return shown, tuple(reading.source.span(*place) for place in places)
