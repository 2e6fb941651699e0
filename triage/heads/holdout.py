"""How a head learns what it would answer for a case it has not seen: near-identical cases are held out together."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

FOLDS = 10


class Holdout:
    """Groups of near-identical cases, and ten folds of whole groups.

    A regression's scores and the precedents' votes can leave out exactly a case's group. What is counted over all
    history is counted without the case's fold instead: leaving out one case would make every unit look rarer just
    where it is right.
    """

    def __init__(self, groups: Sequence[NDArray[np.intp]]) -> None:
        self.groups = tuple(groups)
        self.cases = sum(map(len, groups))
        self.number = np.zeros(self.cases, np.intp)
        for number, group in enumerate(self.groups):
            self.number[group] = number
        self.fold = self.number % FOLDS

    @cached_property
    def barred(self) -> NDArray[np.bool_]:
        """(cases, cases): whether the one is of the other's group, itself included."""
        table = np.zeros((self.cases, self.cases), bool)
        for group in self.groups:
            table[np.ix_(group, group)] = True
        return table

    def groups_among(self, taught: NDArray[np.intp]) -> list[NDArray[np.intp]]:
        """The groups within a selection of cases, as positions in it."""
        place = np.full(self.cases, -1, np.intp)
        place[taught] = np.arange(len(taught))
        found = [place[group][place[group] >= 0] for group in self.groups]
        return [group for group in found if len(group)]

    def splits(self) -> list[tuple[NDArray[np.intp], NDArray[np.intp]]]:
        """For each fold that is not empty: the cases outside it and inside it."""
        return [
            (np.flatnonzero(self.fold != number), np.flatnonzero(self.fold == number))
            for number in range(min(FOLDS, len(self.groups)))
        ]
