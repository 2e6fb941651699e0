"""What each sentence is for: the matter (案由), the problem, its analysis, what is asked, or none of them."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from triage.precheck.cues import cues
from triage.precheck.linear import Floats, Linear
from triage.precheck.reading import Reading

NONE = "none"
"""A sentence that is no part: a greeting, thanks, a signature."""
Chances = NDArray[np.float32]
"""Sentences × `CLASSES`: how likely each sentence is each role."""
CLASSES = ("analysis", "ask", "none", "problem", "subject")
ANALYSIS, ASK, PROBLEM = (CLASSES.index(role) for role in ("analysis", "ask", "problem"))
"""The order of the model's classes, and three of its columns."""
HEADINGS = ("subject", "problem", "analysis", "ask")
_LONG_HEADING = 24
"""A heading with more characters behind it than this is a sentence too."""


@cache
def _columns() -> tuple[dict[str, int], list[int]]:
    """The numbers of the cues for roles: by name, and all in order."""
    numbered = {cue.name: number for number, cue in enumerate(cues()) if cue.group == "role"}
    return numbered, list(numbered.values())


def headings(reading: Reading) -> list[str]:
    """The heading under which each sentence stands: one of `HEADINGS`, or nothing.

    A heading holds until the next one; the sentence that has it stands under it.
    """
    numbered, _ = _columns()
    under: list[str] = []
    current = ""
    for number, sentence in enumerate(reading.sentences):
        if sentence.title:
            under.append("")
            continue
        short = len(sentence.bare) <= _LONG_HEADING or any(sign in sentence.bare[:16] for sign in ":：")
        if short and (sentence.first or sentence.style):
            row = reading.cues[number]
            current = next((role for role in HEADINGS if row[numbered[f"heading_{role}"]]), current)
        under.append(current)
    return under


def features(reading: Reading) -> Floats:
    """Sentences × features: the cues of the sentence and of its neighbours, the heading it stands under, its place."""
    numbered, columns = _columns()
    count = len(reading.sentences)
    own = reading.cues[:, columns].astype(np.float32)
    asked = reading.cues[:, numbered["ask_strong"]].astype(np.float32)
    before, after = _shifted(asked, 1), _shifted(asked, -1)
    seen = np.minimum(np.cumsum(asked) - asked, 1)
    under = np.array([[role == heading for heading in HEADINGS] for role in headings(reading)], np.float32)
    place = np.arange(count, dtype=np.float32) / max(count - 1, 1)
    body = reading.body
    rows = [
        [
            sentence.title,
            number == body.start,
            number == count - 1,
            sentence.style != "",
            bool(reading.asks[number]),
            "？" in sentence.text or "?" in sentence.text,
            any(character.isdigit() for character in sentence.bare),
            sentence.bare.endswith(("：", ":")),
            len(sentence.bare) < 12,
            min(len(sentence.bare), 120) / 60,
            bool(reading.places[number]),
        ]
        for number, sentence in enumerate(reading.sentences)
    ]
    more = np.array(rows, np.float32).reshape(count, -1)
    both = own[:, columns.index(numbered["ask_verb"])] * seen if count else seen
    return np.column_stack(
        [own, before, after, seen, both, under.reshape(count, len(HEADINGS)), place, place**2, more]
    ).astype(np.float32)


def _shifted(row: Floats, by: int) -> Floats:
    moved = np.zeros_like(row)
    if by > 0:
        moved[by:] = row[:-by]
    else:
        moved[:by] = row[-by:]
    return moved


def probabilities(reading: Reading, model: Linear) -> Chances:
    """Sentences × `model.classes`: how likely each sentence is each role."""
    rows = features(reading)
    if not len(rows):
        return np.zeros((0, len(CLASSES)), np.float32)
    return model.probabilities_of_each(reading.runs, rows)


def named(reading: Reading, chances: Chances) -> tuple[str, ...]:
    """The likeliest role of each sentence; a title is the subject."""
    return tuple(
        "subject" if sentence.title else CLASSES[int(best)]
        for sentence, best in zip(reading.sentences, chances.argmax(axis=1), strict=True)
    )
