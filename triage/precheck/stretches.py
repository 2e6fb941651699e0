"""What tells a stretch of sentences that is a matter of its own from one that is none: a preface, thanks, a word about
the writer, or a piece of a longer story.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from triage.precheck.borders import Block, Borders
from triage.precheck.cues import column
from triage.precheck.linear import Floats
from triage.precheck.reading import Reading
from triage.precheck.roles import ASK, PROBLEM

_CUES = (
    ("matter", "announces"),
    ("matter", "announces_measures"),
    ("matter", "aside"),
    ("matter", "go_on_new"),
    ("matter", "go_on_same"),
    ("matter", "opens"),
    ("role", "ask_strong"),
)
_NO_BORDER = -1.0
"""The chance of the border in front of the first stretch, and behind the last: there is none."""


def rows(seen: Borders, found: Sequence[Block], chances: Sequence[float], rarity: Floats) -> Floats:
    """Stretches × features, of two stretches or more; `chances`: how likely the borders between them are, in order."""
    reading, count = seen.reading, len(found)
    told = [seen.roles[block.start : block.stop] for block in found]
    greatest = np.stack([each.max(axis=0) for each in told])
    lengths = np.array([sum(len(reading.sentences[number].bare) for number in block) for block in found])
    columns = [column(group, name) for group, name in _CUES]
    sides = unit_sides(reading, [range(seen.body.start), *found], rarity)
    alike = sides[1:] @ sides[1:].T
    others = ~np.eye(count, dtype=np.bool_)
    place = np.arange(count)
    features = [
        *greatest.T,
        *np.stack([each.mean(axis=0) for each in told]).T,
        np.array([len(block) for block in found]) / 10,
        lengths / 100,
        lengths / max(lengths.sum(), 1),
        place == 0,
        place == count - 1,
        np.full(count, count / 5),
        [_NO_BORDER, *chances],
        [*chances, _NO_BORDER],
        *(np.full(count, one) for one in (max(chances), min(chances), float(np.mean(chances)))),
        [any(len(reading.asks[number]) > 0 for number in block) for block in found],
        *_of_others(lengths / 100, others),
        *np.stack([reading.cues[block.start : block.stop, columns].any(axis=0) for block in found]).T,
        np.where(others, alike, -1).max(axis=1),
        np.where(others, alike, 0).sum(axis=1) / (count - 1),
        sides[1:] @ sides[0],
        *_of_others(greatest[:, ASK], others),
        *_of_others(greatest[:, PROBLEM], others),
    ]
    return np.asarray(np.stack(features, axis=1), np.float32)


def unit_sides(reading: Reading, found: Sequence[Block], rarity: Floats) -> Floats:
    """Stretches × the text's different runs of characters: vectors of length one (of no length where a stretch has no
    runs), weighed by how rare a run is; their products are rarity-weighted cosines.
    """
    sides = np.zeros((len(found), len(reading.every)), np.float32)
    for side, block in zip(sides, found, strict=True):
        for number in block:
            side[np.searchsorted(reading.every, reading.runs[number])] = 1
    sides *= rarity[reading.every]
    lengths = np.linalg.norm(sides, axis=1, keepdims=True)
    return np.asarray(sides / np.maximum(lengths, np.finfo(np.float32).tiny))


def _of_others(values: NDArray[np.float64] | Floats, others: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """The greatest and the least value of the other stretches, for each."""
    table = np.broadcast_to(values, others.shape)
    return np.where(others, table, -np.inf).max(axis=1), np.where(others, table, np.inf).min(axis=1)
