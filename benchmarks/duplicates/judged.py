"""Pairs that people judged: who puts those of one matter first, and whether the grades as given are right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.duplicates.field import Field
from benchmarks.duplicates.ours import GRADES, LIBRARY, ranks_given
from benchmarks.duplicates.peers import THRESHOLDS, Pair, Peer
from benchmarks.duplicates.scores import decided, ranking
from benchmarks.duplicates.sets import JudgedPair
from triage.learning.measures import calibration_error
from triage.learning.pairs import RANK, LabelledPair
from triage.records import Grade

Floats = NDArray[Any]

OUR_RECALL, SESSION_RECALL = 0.85, 0.80
"""Recalls at which precision is asked for: on our own test pairs, and on labelled pairs of a session."""
SAME = GRADES.index(Grade.SAME_MATTER)
NAMES = tuple(RANK)


def our_test_pairs(pairs: Sequence[LabelledPair], field: Field) -> dict[str, Any]:
    """Every system on the test pairs of our own writing; for ours also grades, calibration, and kinds of pairs."""
    texts = [(pair.one, pair.other) for pair in pairs]
    ranks = np.array([pair.rank for pair in pairs])
    chances = field.library.chances(texts)
    systems = every_system(texts, ranks >= RANK[Grade.SAME_MATTER], chances, field.peers, OUR_RECALL)
    systems[LIBRARY] |= {
        "grade_or_closer": {str(grade): _of_grade(chances, ranks, place) for place, grade in enumerate(GRADES)},
        "confusion": _confusion(ranks, ranks_given(chances)),
        "kinds": _kinds(pairs, ranks, ranks_given(chances)),
    }
    same = int((ranks >= RANK[Grade.SAME_MATTER]).sum())
    return {"pairs": len(pairs), "same_matter_or_closer": same, "systems": systems}


def labelled_session(pairs: Sequence[JudgedPair], field: Field) -> dict[str, Any]:
    """Every system on pairs of which a person said whether they are the same matter."""
    texts = [(pair.one, pair.other) for pair in pairs]
    right = np.array([pair.same for pair in pairs])
    systems = every_system(texts, right, field.library.chances(texts), field.peers, SESSION_RECALL)
    return {"pairs": len(pairs), "same_matter_or_closer": int(right.sum()), "systems": systems}


def every_system(
    texts: Sequence[Pair], right: Floats, chances: Floats, peers: Mapping[str, Peer], recall: float
) -> dict[str, dict[str, Any]]:
    """The library with its `chances`, and the peers, on pairs of which it is known whether they are one matter."""
    own = ranking(chances[:, SAME], right, recall)
    own["as_given"] = decided(chances[:, SAME] >= 0.5, right)
    systems = {LIBRARY: own}
    for name, peer in peers.items():
        scores = peer.likeness(texts)
        systems[name] = ranking(scores, right, recall)
        if name in THRESHOLDS:
            systems[name]["as_given"] = decided(scores >= THRESHOLDS[name], right)
    return systems


def _of_grade(chances: Floats, ranks: Floats, place: int) -> dict[str, float]:
    """The decision "this grade or closer", and how far its probabilities are from what came true."""
    right = ranks > place
    return {
        **decided(chances[:, place] >= 0.5, right),
        "calibration_error": round(calibration_error(chances[:, place], right), 4),
    }


def _confusion(ranks: Floats, given: Floats) -> dict[str, dict[str, int]]:
    """How many pairs of each label were given each grade."""
    return {
        label: {name: int(((ranks == rank) & (given == other)).sum()) for other, name in enumerate(NAMES)}
        for rank, label in enumerate(NAMES)
        if (ranks == rank).any()
    }


def _kinds(pairs: Sequence[LabelledPair], ranks: Floats, given: Floats) -> dict[str, dict[str, Any]]:
    """For each kind of pair: its label, the share with the very grade, and with the right side of `same matter`."""
    border = RANK[Grade.SAME_MATTER]
    kinds = np.array([pair.kind for pair in pairs])
    found = {}
    for kind in sorted(set(kinds.tolist())):
        inside = kinds == kind
        found[kind] = {
            "label": NAMES[int(np.median(ranks[inside]))],
            "pairs": int(inside.sum()),
            "grade_right": round(float((ranks == given)[inside].mean()), 4),
            "same_matter_right": round(float(((ranks >= border) == (given >= border))[inside].mean()), 4),
        }
    return found
