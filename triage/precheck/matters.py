"""一事一议: the several matters of a text as stretches of sentences, and what can be done with them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from triage.precheck.borders import Block, Borders, blocks
from triage.precheck.linear import Floats, Learned
from triage.precheck.reading import Reading
from triage.precheck.stretches import rows, unit_sides
from triage.precheck.trees import Trees

MOST = 20
"""Matters of a text that are told apart."""


class Divided(NamedTuple):
    """The stretches into which borders part a text, and how likely each border between two of them is."""

    stretches: list[Block]
    chances: list[float]


def matters_of(reading: Reading, roles: Floats, learned: Learned) -> tuple[Block, ...]:
    """The stretches of sentences that are a matter each, two or more; none where the text has one matter.

    `roles` are the probabilities of roles by sentence. Borders that could be are set first, rather too many; then each
    stretch between them is looked at as a whole, and one that is no matter (a greeting, "two things:", a piece of a
    story) belongs to none.
    """
    if len(reading.body) < 2:
        return ()
    seen = Borders(reading, roles, learned.rarity)
    found = divided(seen, learned.borders)
    if len(found.stretches) < 2:
        return ()
    are = learned.stretches.probabilities(rows(seen, *found, learned.rarity)) >= learned.stretches.threshold
    kept = [block for block, is_matter in zip(found.stretches, are, strict=True) if is_matter]
    return tuple(kept) if len(kept) > 1 else ()


def divided(seen: Borders, model: Trees) -> Divided:
    """A text parted at the borders that the model finds likely, from the surest down: each one that is set narrows what
    its neighbours are compared with.
    """
    left = _weighed(seen, model, seen.body)
    chosen: list[int] = []
    while len(chosen) < MOST:
        best = max(left, key=lambda border: left[border][0], default=None)
        if best is None or left[best][0] < model.threshold:
            break
        _, block = left.pop(best)
        chosen.append(best)
        for side in (range(block.start, best), range(best, block.stop)):
            left.update(_weighed(seen, model, side))
    windows = [window for window in seen.windows(chosen) if window[0] in chosen]
    if not windows:
        return Divided([seen.body], [])
    chances = model.probabilities(np.stack([seen.features(*window) for window in windows]))
    return Divided(blocks(seen.body, chosen), chances.tolist())


def _weighed(seen: Borders, model: Trees, block: Block) -> dict[int, tuple[float, Block]]:
    """How likely each border inside a block is, by the sentence behind it, with the block."""
    if len(block) < 2:
        return {}
    chances = model.probabilities(seen.rows(block)).tolist()
    return {number: (chance, block) for number, chance in zip(block[1:], chances, strict=True)}


def likeness(reading: Reading, found: Sequence[Block], rarity: Floats) -> float:
    """How much the likest two matters have in common: the rarity-weighted cosine of their runs of characters."""
    sides = unit_sides(reading, found, rarity)
    return float(np.triu(sides @ sides.T, 1).max(initial=0.0))
