"""What is measured of a pair of texts: overlap of characters and of words, nearness of meaning, copied passages, title
against title and body against body, and whether places, numbers and asks agree.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from triage.duplicates.agreement import FEATURES as AGREEMENT
from triage.duplicates.agreement import Agreement, agree
from triage.duplicates.grams import FOUR, Bags, Overlap, Rarity
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
"""The names of the columns of `measure`, in order; each between 0 and 1 but the cosines `meaning` and `matter`."""


def measure(
    one: Profile, others: Sequence[Profile], nearness: Floats, rarity: Rarity, whole: Overlap | None = None
) -> tuple[Floats, list[Agreement]]:
    """The features of one text with each of the others, shape (others, FEATURES), and how what they name agrees.

    `nearness` (others, 2) are the cosines of meaning and of matter (`Calibration.nearness`), `whole` the overlap of all
    pairs of characters where that is known. The same whichever of the two comes first.
    """
    whole = whole or Bags([other.grams for other in others], rarity).overlap(one.grams)
    words = Bags([other.word_grams for other in others], rarity).overlap(one.word_grams)
    both = np.array([bool(one.title and other.title) for other in others], bool)
    titles = Bags([other.title_grams for other in others], rarity).overlap(one.title_grams).cosine
    with_bodies = np.array([bool(one.body and other.body) for other in others], bool)
    bodies = Bags([other.body_grams for other in others], rarity).overlap(one.body_grams).cosine
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
        *_copied(one, others),
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


def _copied(one: Profile, others: Sequence[Profile]) -> list[NDArray[np.float64]]:
    """For each of the others the share of characters in passages of four or more that stand in both: of the text where
    it is larger, where it is smaller, and the longest passage as a share of the shorter text.
    """
    mine, sizes = one.fours_sorted, np.array([len(other.fours) for other in others], np.int64)
    if not len(mine) or not sizes.any():
        return [np.zeros(len(others))] * 3
    theirs = np.concatenate([other.fours for other in others])
    found = np.minimum(np.searchsorted(mine, theirs), len(mine) - 1)
    there = mine[found] == theirs
    met = np.zeros((len(others), len(mine)), bool)
    met[np.repeat(np.arange(len(others)), sizes)[there], found[there]] = True
    here = met[:, np.searchsorted(mine, one.fours)].ravel()
    length = len(one.fours)
    of_one, longest = _passages(here, np.full(len(others), length))
    of_other, longest_ = _passages(there, sizes)
    share = np.maximum(longest, longest_) / (np.minimum(length, sizes) + FOUR - 1)
    return [np.maximum(of_one, of_other), np.minimum(of_one, of_other), np.minimum(share, 1.0)]


def _passages(shared: NDArray[np.bool_], sizes: NDArray[np.int64]) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """For texts of so many runs of four characters laid end to end, of which some are shared: the share of each text's
    characters that shared runs cover, and the length of its longest passage.
    """
    # One character more than a text has keeps the passages of two texts apart.
    starts = (sizes + FOUR).cumsum() - (sizes + FOUR)
    begun = np.flatnonzero(shared)
    begun += FOUR * (np.searchsorted(sizes.cumsum(), begun, side="right"))
    covered = np.zeros(int(sizes.sum()) + FOUR * len(sizes) + 1, np.int8)
    for shift in range(FOUR):
        covered[begun + shift + 1] = 1
    edges = np.flatnonzero(covered[1:] != covered[:-1])
    first, lengths = edges[::2], edges[1::2] - edges[::2]
    whose = np.searchsorted(starts, first, side="right") - 1
    longest = np.zeros(len(sizes), np.int64)
    np.maximum.at(longest, whose, lengths)
    return np.bincount(whose, lengths, len(sizes)) / (sizes + FOUR - 1), longest
