"""一事一议: the several matters of a text as stretches of sentences, and what can be done with them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np

from triage.precheck.borders import Block, Borders, Window, blocks, overlap
from triage.precheck.linear import Floats, together
from triage.precheck.reading import Reading
from triage.precheck.roles import ANALYSIS, ASK, PROBLEM
from triage.precheck.trees import Trees

LEAST = 10
"""Characters that a matter has at least."""
SAYS = 0.6
"""How likely a sentence is none of subject, greeting and the like, from which it says something."""
MOST = 20
"""Matters of a text that are told apart."""


def matters_of(reading: Reading, chances: Floats, model: Trees, rarity: Floats) -> tuple[Block, ...]:
    """The stretches of sentences that are a matter each, two or more; none where the text has one matter.

    `chances` are the probabilities of roles by sentence, those of ``ask`` and ``problem`` among them. Borders are set
    from the surest down: each one set narrows what its neighbours are compared with. A stretch that says nothing of a
    matter (a greeting, "two things:") belongs to none.
    """
    seen = Borders(reading, chances, rarity)
    if len(seen.body) < 2:
        return ()
    chosen: list[int] = []
    known: dict[Window, float] = {}
    while len(chosen) < MOST:
        _weigh(seen, model, seen.windows(chosen), known)
        left = [window for window in seen.windows(chosen) if window[0] not in chosen]
        best = max(left, key=lambda window: known[window], default=None)
        if best is None or known[best] < model.threshold:
            break
        chosen.append(best[0])
    kept = [block for block in blocks(seen.body, chosen) if _is_matter(seen, block)]
    return tuple(kept) if len(kept) > 1 else ()


def _weigh(seen: Borders, model: Trees, windows: Sequence[Window], known: dict[Window, float]) -> None:
    """Add how likely each border is, of those that are not known with these sides."""
    new = [window for window in windows if window not in known]
    if new:
        chances = model.probabilities(np.stack([seen.features(*window) for window in new]))
        known.update(zip(new, chances.tolist(), strict=True))


def _is_matter(seen: Borders, block: Block) -> bool:
    """Whether a stretch says or asks anything: long enough, and a problem or an ask is likely in it."""
    length = sum(len(seen.reading.sentences[number].bare) for number in block)
    told = seen.roles[list(block)][:, [ANALYSIS, ASK, PROBLEM]].sum(axis=1)
    return length >= LEAST and bool((told > SAYS).any())


def likeness(reading: Reading, found: Sequence[Block], rarity: Floats) -> float:
    """How much the likest two matters have in common: the rarity-weighted cosine of their runs of characters."""
    sides = [together(reading.runs[number] for number in block) for block in found]
    return max((overlap(one, other, rarity) for one, other in combinations(sides, 2)), default=0.0)
