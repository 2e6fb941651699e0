"""Texts that came in together, without labels: how many repeat each other, what merges follow, is nothing lost?"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from benchmarks.duplicates.field import Field
from benchmarks.duplicates.sets import Texts
from triage.duplicates.batch import Batch
from triage.duplicates.groups import MergeProposal
from triage.records import Case, Grade, Suggestion

NEIGHBOURS = 30
"""Texts that each is compared with."""
SIZES = (2, 3, 5, 10, 20)
"""Where the sizes of groups are divided."""


def session_together(texts: Texts, field: Field) -> dict[str, Any]:
    """One session: pairs by grade, how many of them cross the bodies that they came through, and merge proposals."""
    batch = Batch([Case(text) for text in texts.suggestions], sentence=field.library.sentence)
    try:
        found = batch.duplicates(k=NEIGHBOURS)
        grades: dict[tuple[str, str], tuple[Grade, bool]] = {}
        for text, hits in zip(texts.suggestions, found, strict=True):
            for hit in hits:
                pair = (min(text.id, hit.id), max(text.id, hit.id))
                grades.setdefault(pair, (hit.grade, text.source != hit.source))
        proposals = batch.proposals()
    finally:
        batch.close()
    check_nothing_lost(texts.suggestions, proposals)
    return {
        "texts": len(texts.suggestions),
        "pairs": {
            str(grade): {
                "pairs": sum(given is grade for given, _ in grades.values()),
                "cross_bodies": sum(given is grade and crosses for given, crosses in grades.values()),
            }
            for grade in Grade
        },
        "proposals": _told(proposals),
    }


def messages_together(texts: Texts, field: Field) -> dict[str, Any]:
    """A platform's messages: the sizes of groups, and the seconds it takes, encoding apart."""
    field.warm(texts.suggestions)
    started = time.perf_counter()
    batch = Batch([Case(text) for text in texts.suggestions], sentence=field.library.sentence)
    try:
        read = time.perf_counter()
        pairs = batch.pairs()
        compared = time.perf_counter()
        proposals = batch.proposals()
        done = time.perf_counter()
    finally:
        batch.close()
    check_nothing_lost(texts.suggestions, proposals)
    return {
        "texts": len(texts.suggestions),
        "pairs_of_same_matter_or_closer": len(pairs),
        "proposals": _told(proposals),
        "seconds": {
            "reading": round(read - started, 1),
            "comparing": round(compared - read, 1),
            "grouping": round(done - compared, 1),
        },
    }


def check_nothing_lost(texts: Sequence[Suggestion], proposals: Sequence[MergeProposal]) -> None:
    """Every text stands in one proposal at most, whole; the others stand alone. Raises AssertionError."""
    known = {text.id: text for text in texts}
    members = [member for proposal in proposals for member in proposal.members]
    often = Counter(member.id for member in members)
    if any(count > 1 for count in often.values()) or not set(often) <= set(known):
        raise AssertionError("a text stands in two proposals, or one stands there that nobody sent")
    changed = [m.id for m in members if (m.title, m.text) != (known[m.id].title, known[m.id].text)]
    if changed:
        raise AssertionError(f"{len(changed)} texts differ in a proposal from what was sent")
    if len(often) + len(set(known) - set(often)) != len(texts):
        raise AssertionError("the texts in proposals and those that stand alone are not all")


def _told(proposals: Sequence[MergeProposal]) -> dict[str, Any]:
    sizes = np.array([len(proposal.members) for proposal in proposals], int)
    upper = [*SIZES[1:], None]
    names = [_range(low, high) for low, high in zip(SIZES, upper, strict=True)]
    place = np.searchsorted(SIZES, sizes, "right") - 1
    return {
        "groups": len(proposals),
        "texts_in_groups": int(sizes.sum()),
        "cross_bodies": sum(proposal.crosses_bodies for proposal in proposals),
        "largest": int(sizes.max(initial=0)),
        "groups_by_size": {name: int((place == number).sum()) for number, name in enumerate(names)},
        "groups_by_grade": {
            str(grade): sum(proposal.grade is grade for proposal in proposals)
            for grade in Grade
            if grade is not Grade.RELATED
        },
    }


def _range(low: int, end: int | None) -> str:
    if end is None:
        return f"{low} and more"
    return str(low) if end == low + 1 else f"{low} to {end - 1}"
