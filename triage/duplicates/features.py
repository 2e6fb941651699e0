"""What is measured of a pair of texts: overlap of characters and of words, nearness of meaning, copied passages, title
against title and body against body, and whether places, numbers and asks agree.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from triage.duplicates.agreement import FEATURES as AGREEMENT
from triage.duplicates.agreement import Agreement, agree
from triage.duplicates.grams import FOUR, Bags, Grams, Rarity
from triage.duplicates.profile import Profile
from triage.duplicates.slots import Heading, compare_headings

Floats = NDArray[np.float32]

LETTER = 150
"""Characters from which on a text counts as a full letter."""
OVERLAP = (
    "meaning",
    "matter",
    "wording",
    "contained",
    "covered",
    "words",
    "words_contained",
    "titles",
    "bodies",
    "copied",
    "copied_of_longer",
    "longest",
    "swapped",
    "narrowed",
    "length",
)
SILENT = ("narrowed", "place_missing", "ask_differs")
"""Features that count less the more one text is shorter than the other."""
FEATURES = (*OVERLAP, *AGREEMENT)
"""The names of the columns of `measure`, in order; each between 0 and 1 but `meaning`, which a cosine is."""


def measure(
    one: Profile, others: Sequence[Profile], nearness: Floats, rarity: Rarity
) -> tuple[Floats, list[Agreement]]:
    """The features of one text with each of the others, shape (others, FEATURES), and how what they name agrees.

    `nearness` (others, 2) are the cosines of meaning and of matter (`Calibration.nearness`). The same whichever of the
    two comes first.
    """
    whole = Bags([other.grams for other in others], rarity).overlap(one.grams)
    words = Bags([other.word_grams for other in others], rarity).overlap(one.word_grams)
    both = np.array([bool(one.title and other.title) for other in others], bool)
    titles = Bags([other.title_grams for other in others], rarity).overlap(one.title_grams).cosine
    with_bodies = np.array([bool(one.body and other.body) for other in others], bool)
    bodies = Bags([other.body_grams for other in others], rarity).overlap(one.body_grams).cosine
    copies = np.array([_copied(one, other) for other in others], np.float32).reshape(len(others), 3)
    mine = Heading(one.heading, rarity.weight(one.heading_grams))
    headings = [compare_headings(mine, Heading(other.heading, rarity.weight(other.heading_grams))) for other in others]
    slots = np.array(headings, np.float32).reshape(len(others), 2)
    agreements = [agree(one.mentions, other.mentions) for other in others]
    columns = [
        nearness[:, 0],
        nearness[:, 1],
        whole.cosine,
        np.maximum(whole.found, whole.covered),
        np.minimum(whole.found, whole.covered),
        words.cosine,
        np.maximum(words.found, words.covered),
        np.where(both, titles, whole.cosine),
        np.where(with_bodies, bodies, whole.cosine),
        *copies.T,
        *slots.T,
        np.array([_length(one, other) for other in others], np.float32),
    ]
    named = np.array([agreement.values for agreement in agreements], np.float32).reshape(len(others), len(AGREEMENT))
    measured = np.concatenate([np.stack(columns, axis=1), named], axis=1).astype(np.float32)
    # What a bare title does not say, it does not deny.
    balance = np.array([_balance(one, other) for other in others], np.float32)
    measured[:, [FEATURES.index(name) for name in SILENT]] *= balance[:, None]
    return measured, agreements


def _length(one: Profile, other: Profile) -> float:
    """How long the shorter text is, as a share of a full letter: one word decides in a title, and not in a letter."""
    return min(min(len(one.folded), len(other.folded)) / LETTER, 1.0)


def _balance(one: Profile, other: Profile) -> float:
    """1 for texts of about equal length, falling to 0 for a title beside a letter."""
    short, long = sorted((len(one.folded), len(other.folded)))
    return min(2.0 * short / long, 1.0) if long else 1.0


def _copied(one: Profile, other: Profile) -> tuple[float, float, float]:
    """The share of characters in passages of four or more that stand in both: of the text where it is larger, where it
    is smaller, and the longest passage as a share of the shorter text.
    """
    if not len(one.fours) or not len(other.fours):
        return 0.0, 0.0, 0.0
    here, there = _passages(one.fours, other.fours_sorted), _passages(other.fours, one.fours_sorted)
    shares = sorted((here[0], there[0]))
    return shares[1], shares[0], min(max(here[1], there[1]) / (min(len(one.fours), len(other.fours)) + FOUR - 1), 1.0)


def _passages(text: Grams, other: Grams) -> tuple[float, int]:
    """The share of the text's characters that are covered, and the length of the longest passage; `other` is sorted."""
    found = np.minimum(np.searchsorted(other, text), len(other) - 1)
    shared = other[found] == text
    covered = np.zeros(len(text) + FOUR - 1, bool)
    for shift in range(FOUR):
        covered[shift : shift + len(text)] |= shared
    edges = np.flatnonzero(np.diff(np.concatenate([[0], covered.astype(np.int8), [0]])))
    runs = edges[1::2] - edges[::2]
    return float(covered.mean()), int(runs.max(initial=0))
