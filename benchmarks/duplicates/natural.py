"""Whole sessions of our own writing, labelled by matter: repeats are as rare, and the rest as near, as they come in.

Two sessions of titles and a mailbox, each by an author who saw neither the pairs and sessions that the grades are
learned from nor the others'. Pairs that people write as pairs are made hard on purpose; these are not.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.duplicates.field import Field
from benchmarks.duplicates.judged import SESSION_RECALL, every_system
from benchmarks.duplicates.scores import decided
from triage.duplicates.batch import Batch
from triage.learning.pairs import Filed, read_session
from triage.records import Case, Suggestion

SESSIONS = Path(__file__).parent / "sessions"
NEAR = 5
"""Texts that each is paired with: so many by its characters, and by its sentence vector."""


def sessions_as_filed(field: Field) -> dict[str, Any]:
    """Every system on each session: the pairs of one matter among near ones, and for ours what merges it proposes."""
    return {"sessions": {path.stem: _session(read_session(path), field) for path in sorted(SESSIONS.glob("*.csv"))}}


def _session(filed: Sequence[Filed], field: Field) -> dict[str, Any]:
    texts = [entry.suggestion for entry in filed]
    matters = np.array([entry.matter for entry in filed])
    rows = near_pairs(texts, matters, field)
    right = np.array([matters[one] == matters[other] for one, other in rows])
    pairs = [(texts[one], texts[other]) for one, other in rows]
    systems = every_system(pairs, right, field.library.chances(pairs), field.peers, SESSION_RECALL)
    return {
        "texts": len(texts),
        "matters": len(set(matters.tolist())),
        "pairs": len(pairs),
        "same_matter_or_closer": int(right.sum()),
        "systems": systems,
        "merged": _merged(texts, matters, field),
    }


def near_pairs(texts: Sequence[Suggestion], matters: Any, field: Field) -> list[tuple[int, int]]:
    """All pairs of one matter, and each text with its nearest by characters and by meaning."""
    one, other = np.nonzero(np.triu(matters[:, None] == matters[None], 1))
    found = set(zip(one.tolist(), other.tolist(), strict=True))
    for name in ("character TF-IDF cosine", "sentence cosine"):
        if name not in field.peers:
            continue
        nearest = field.peers[name].index(texts)(texts, NEAR + 1)
        found |= {(min(row, near), max(row, near)) for row, some in enumerate(nearest) for near in map(int, some)}
    return sorted((row, near) for row, near in found if row != near)


def _merged(texts: Sequence[Suggestion], matters: Any, field: Field) -> dict[str, Any]:
    """Of the pairs that stand together in a merge proposal, how many are of one matter, and of those of one matter how
    many stand together.
    """
    batch = Batch([Case(text) for text in texts], sentence=field.library.sentence)
    try:
        proposals = batch.proposals()
    finally:
        batch.close()
    place = {member.id: number for number, proposal in enumerate(proposals) for member in proposal.members}
    groups = np.array([place.get(text.id, -1 - row) for row, text in enumerate(texts)])
    one, other = np.triu_indices(len(texts), 1)
    return {"proposals": len(proposals), **decided(groups[one] == groups[other], matters[one] == matters[other])}
