"""The library, asked as a user asks it: through `DuplicateIndex`, with the calibration that comes with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from triage.duplicates.index import DuplicateIndex
from triage.encoders.sentence import SentenceEncoder
from triage.records import Case, Grade, Suggestion

LIBRARY = "triage"
GRADES = tuple(reversed(Grade))
"""Farthest first, so that a grade's place is one below the rank that a label has."""
EVEN = 0.5


@dataclass(frozen=True, slots=True)
class Library:
    """The library with or without a sentence encoder."""

    sentence: SentenceEncoder | None

    def chances(self, pairs: Sequence[tuple[Suggestion, Suggestion]]) -> NDArray[np.float64]:
        """The probability of each grade or closer, farthest first, (pairs, 4)."""
        with DuplicateIndex.create(sentence=self.sentence) as index:
            ones = index.reader.read([pair[0] for pair in pairs])
            others = index.reader.read([pair[1] for pair in pairs])
            rows = [
                [index.chances(one, [other], grade)[0] for grade in GRADES]
                for one, other in zip(ones, others, strict=True)
            ]
        return np.array(rows, float).reshape(len(pairs), len(GRADES))

    def index(self, texts: Sequence[Suggestion]) -> Asked:
        """An index of texts; their row is their id there."""
        index = DuplicateIndex.create(sentence=self.sentence)
        index.add([Case(replace(text, id=str(row))) for row, text in enumerate(texts)])
        return Asked(index)


@dataclass(frozen=True, slots=True)
class Asked:
    """An index that answers with rows, as the peers do, or with rows and grades."""

    made: DuplicateIndex

    def __call__(self, queries: Sequence[Suggestion], k: int) -> list[list[int]]:
        """As `peers.Nearest`."""
        return [[row for row, _ in hits] for hits in self.graded(queries, k)]

    def graded(self, queries: Sequence[Suggestion], k: int) -> list[list[tuple[int, Grade]]]:
        """The rows of the hits and their grades, closest first."""
        read = self.made.reader.read([replace(query, id="") for query in queries])
        return [
            [(int(name), hit.grade) for name, hit in zip(self.made.ids_of(hits), hits, strict=True)]
            for hits in self.made.hits(read, k=k)
        ]


def ranks_given(chances: NDArray[Any]) -> NDArray[np.intp]:
    """The rank of the closest grade that is likelier than not, 0 for none, from `Library.chances`."""
    return np.asarray((chances >= EVEN).sum(axis=1), np.intp)
