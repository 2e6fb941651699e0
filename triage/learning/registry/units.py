"""What happened to the units between two models: lost, carried on under another name, new; and who won where."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from triage.catalogue import Catalogue, How, Resolver
from triage.learning.evaluation.asking import Answers, Scored

_THE_SAME = frozenset({How.EXACT, How.ALIAS, How.PREFIX, How.FORMER, How.BRACKET, How.ABBREVIATION})
"""Ways in which a name means the unit itself, not what it is a part of or the kind that it is of."""


@dataclass(frozen=True, slots=True)
class UnitChanges:
    """Units that the earlier model could answer. `lost`: the later one can answer neither them nor who carries on their
    work. `carried`: they are answered under the names of others. `new`: only the later one has them.
    """

    lost: tuple[str, ...]
    carried: tuple[tuple[str, tuple[str, ...]], ...]
    new: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class UnitRecord:
    """A lead's cases, in how many only the later model had it first (`wins`) or only the earlier (`losses`), and the
    probability of so uneven a count by chance, alone (`p`) and among all units (`adjusted`).
    """

    unit: str
    cases: int
    wins: int
    losses: int
    p: float
    adjusted: float


def unit_changes(earlier: Answers, later: Answers) -> UnitChanges:
    """Compare what the two can answer, reorganisations considered that either catalogue knows."""
    answerable = set(later.units)
    own, other = _known_by(earlier.catalogue), _known_by(later.catalogue)
    lost: list[str] = []
    carried: dict[str, tuple[str, ...]] = {}
    for name in earlier.units:
        if name in answerable:
            continue
        heirs = tuple(dict.fromkeys(heir for heir in (*other(name), *own(name)) if heir in answerable))
        if heirs:
            carried[name] = heirs
        else:
            lost.append(name)
    known = {*earlier.units, *(heir for heirs in carried.values() for heir in heirs)}
    new = tuple(name for name in later.units if name not in known)
    return UnitChanges(tuple(lost), tuple(carried.items()), new)


class _known_by:  # noqa: N801 - called like a function
    """A name's unit in a catalogue and those that carry on its work, by their names."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._resolver = Resolver(catalogue)

    def __call__(self, name: str) -> tuple[str, ...]:
        found = self._resolver.resolve(name)
        if found.unit is None or found.how not in _THE_SAME:
            return ()
        return (found.unit.name, *(heir.name for heir in self._catalogue.successors(found.unit.code)))


def unit_records(earlier: Sequence[Scored], later: Sequence[Scored]) -> tuple[UnitRecord, ...]:
    """A record for each lead of the cases, by the later model's names, those with most cases first.

    Sign test, two-sided and exact; adjusted for the number of units that differ at all by Holm's (1979) procedure.
    """
    counts: dict[str, list[int]] = {}
    for one, other in zip(earlier, later, strict=True):
        for unit in other.leads:
            counts.setdefault(unit, [0, 0, 0])
            counts[unit][0] += 1
            counts[unit][1] += other.right and not one.right
            counts[unit][2] += one.right and not other.right
    ordered = sorted(counts.items(), key=lambda item: (-item[1][0], item[0]))
    values = np.array([sign_test(wins, losses) for _, (_, wins, losses) in ordered])
    differing = np.array([wins + losses > 0 for _, (_, wins, losses) in ordered], bool)
    adjusted = np.ones(len(values))
    adjusted[differing] = holm(values[differing])
    return tuple(
        UnitRecord(unit, count, wins, losses, round(float(p), 6), round(float(fair), 6))
        for (unit, (count, wins, losses)), p, fair in zip(ordered, values, adjusted, strict=True)
    )


def sign_test(wins: int, losses: int) -> float:
    """The probability of at least so uneven a split of `wins` + `losses` fair coins, two-sided and exact: for cases
    that only one of two models has right this is McNemar's test in its exact form.
    """
    from scipy.stats import binomtest

    return float(binomtest(wins, wins + losses).pvalue) if wins + losses else 1.0


def holm(values: NDArray[np.floating[Any]]) -> NDArray[np.floating[Any]]:
    """Probabilities adjusted for their number (Holm, 1979): the k-th smallest times those that are left, never below
    the one before.
    """
    order = np.argsort(values, kind="stable")
    steps = np.minimum(1.0, values[order] * np.arange(len(values), 0, -1))
    adjusted = np.empty(len(values))
    adjusted[order] = np.maximum.accumulate(steps) if len(steps) else steps
    return adjusted
