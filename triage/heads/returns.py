"""The chance that the unit which a suggestion is handed out to sends it back (退单), before it is handed out.

Where the training cases say who sent them back, often enough, the chance is learned from the first hand-outs that
history shows: to a unit that returned the case, or to the lead that kept it. Without, the weights are `START`, which
take a return for what a wrong first lead is; the answer then says that it is not learned.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from triage.bundle import Part
from triage.heads.blend import held_subset, sigmoid
from triage.heads.columns import INNER, OUTER, OWN, UnitColumns
from triage.text import Prepared, split_matters

Floats = NDArray[Any]
Index = NDArray[np.intp]

SIGNS = ("unsure", "rivals", "alone", "elsewhere", "placeless", "several", "often", "constant")
"""What the chance is read from, in the order of the weights; see `signs`."""
START = (1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0)
"""The weights without enough records of returns: the chance that the lead is another one, more of it for a unit that
sends back more than others. What else is read stands in that chance already: for wrong leads as a stand-in for returns
no other weight did better on two sets of cases that were not learned from (``benchmarks.returns``).
"""
LEAST_RETURNS = 30
"""Cases that must have come back from their first hand-out before the weights are learned."""
PRIOR = 10.0
"""Hand-outs at the usual rate that a unit's own rate is mixed with: three returns of three say little."""
NEAREST = 5
LEAST_NEAR = 0.25
"""The handled cases that may conflict with the lead: so many of the nearest, from this closeness on."""
LEAST_PART = 12
"""Characters that an enumerated part needs to be a matter of its own."""


@dataclass(frozen=True, slots=True)
class HandOuts:
    """What was handed out to whom, and came back or not: for each hand-out the case's row, the unit's column, whether
    the unit `returned` it, and whether the case was handed out for the `first` time, all (n,).
    """

    case: Index
    unit: Index
    returned: NDArray[np.bool_]
    first: NDArray[np.bool_]

    def of(self, some: NDArray[Any]) -> HandOuts:
        """Some of the hand-outs."""
        return HandOuts(self.case[some], self.unit[some], self.returned[some], self.first[some])

    @property
    def enough(self) -> bool:
        """Whether the weights can be learned from the first hand-outs."""
        back = self.returned[self.first]
        return bool(back.sum() >= LEAST_RETURNS and not back.all())

    def counts(self, units: int) -> tuple[Floats, Floats]:
        """Hand-outs and returns of each unit, (units,) both."""
        handed = np.bincount(self.unit, minlength=units).astype(np.float32)
        return handed, np.bincount(self.unit[self.returned], minlength=units).astype(np.float32)


@dataclass(frozen=True, slots=True)
class Returns:
    """The stored numbers: a weight for each of `SIGNS`, whether they were `learned` from records, and how many
    suggestions each unit was handed and sent back, (units,) both.
    """

    handed: Floats
    returned: Floats
    weights: tuple[float, ...] = START
    learned: bool = False

    @classmethod
    def empty(cls, units: int) -> Returns:
        """Without any record."""
        return cls(np.zeros(units, np.float32), np.zeros(units, np.float32))

    @classmethod
    def learn(cls, found: HandOuts, seen: Floats, units: int) -> Returns:
        """From hand-outs and what was `seen` of the first ones (first, signs) by models that had not seen the case.

        The rates of units count all hand-outs. The weights are learned from the first ones, since a second one knows
        of the return, and held to `START` as `held_subset` holds them; with fewer than `LEAST_RETURNS` returns they
        stay there.
        """
        handed, returned = found.counts(units)
        if not found.enough:
            return cls(handed, returned)
        weights = held_subset(START, seen.astype(float), found.returned[found.first].astype(float)).weights_
        return cls(handed, returned, tuple(map(float, weights)), learned=True)

    def score(self, seen: Floats) -> Floats:
        """The chance of a return for signs (n, signs), (n,)."""
        return sigmoid(seen @ np.array(self.weights))

    def often(self, unit: Index) -> Floats:
        """The sign ``often`` of units by column."""
        return often(self.handed, self.returned)[unit]

    def to_part(self) -> Part:
        """The numbers, for a bundle."""
        data = {"weights": list(self.weights), "learned": self.learned}
        return Part(data, {"handed": self.handed, "returned": self.returned})

    @classmethod
    def from_part(cls, part: Part) -> Returns:
        """Rebuild from a bundle. Raises ValueError for other signs than `SIGNS`."""
        weights = tuple(float(weight) for weight in part.data["weights"])
        if len(weights) != len(SIGNS):
            raise ValueError(f"{len(weights)} weights of return signs, wanted {len(SIGNS)}")
        return cls(part.arrays["handed"], part.arrays["returned"], weights, bool(part.data["learned"]))


def signs(
    unit: Index,
    lead: Floats,
    elsewhere: Floats,
    nearest: Floats,
    placeless: NDArray[np.bool_],
    several: NDArray[np.bool_],
    often: Floats,
) -> Floats:
    """What speaks for a return of each text from a unit, (n, signs), in the order of `SIGNS`.

    ``unsure``: the log odds that another unit leads. ``rivals``: how near the best other unit comes, as the logarithm
    of its share of both. ``alone``: how unlike the nearest handled case is, 0 to 1. ``elsewhere``: the share of the
    near cases that another unit led. ``placeless``: units of this kind stand in several areas, and no place is named.
    ``several``: the text holds several matters. ``often``: the logarithm of how much more often than usual the unit
    sends back.

    `unit` (n,) columns, `lead` (n, units) probabilities; the rest (n,).
    """
    rows = np.arange(len(unit))
    own = np.clip(lead[rows, unit].astype(float), 1e-4, 1 - 1e-4)
    others = lead.astype(float).copy()
    others[rows, unit] = 0.0
    best = np.maximum(others.max(axis=1, initial=0.0), 1e-6)
    return np.stack(
        [
            np.log(1 - own) - np.log(own),
            np.log(best / (best + own)) + np.log(2),
            1.0 - nearest,
            elsewhere,
            placeless.astype(float),
            several.astype(float),
            often,
            np.ones(len(unit)),
        ],
        axis=1,
    )


def led_elsewhere(near: Floats, leads: Floats, unit: Index, told: Sequence[dict[int, float]] = ()) -> Floats:
    """The sign ``elsewhere``: of the nearest handled cases, weighed by closeness, the share that another unit led.

    `near` (n, cases) closeness, 0 for a case that does not count; `leads` (cases, units) shares; `told` are units with
    the chance that a case of theirs is the same matter, which count as a case each. 0 where no case is near.
    """
    found = np.zeros(len(unit))
    for row, column in enumerate(unit):
        likely = np.flatnonzero(near[row] >= LEAST_NEAR)
        likely = likely[np.argsort(-near[row, likely], kind="stable")[:NEAREST]]
        likely = likely[leads[likely].any(axis=1)]
        weights, others = near[row, likely].astype(float), 1.0 - leads[likely, column].astype(float)
        said = told[row] if told else {}
        total = weights.sum() + sum(said.values())
        other = weights @ others + sum(chance for name, chance in said.items() if name != column)
        found[row] = other / total if total else 0.0
    return found


def without_place(columns: UnitColumns, mentions: Floats, lead: Floats, unit: Index) -> NDArray[np.bool_]:
    """The sign ``placeless``: other units are of the same kind, the text names no area, and this one is not sure."""
    if not columns.structured:
        return np.zeros(len(unit), bool)
    shared = np.bincount(columns.kind, minlength=columns.kinds)[columns.kind] > 1
    named = mentions[:, :, [OWN, OUTER, INNER]].any(axis=(1, 2))
    return np.asarray(shared[unit] & ~named & (lead[np.arange(len(unit)), unit] < 0.5))


def several_matters(text: Prepared) -> int:
    """How many enumerated parts of a text are long enough to be matters; 0 for one matter."""
    parts = sum(len(part) >= LEAST_PART for part in split_matters(text.body))
    return parts if parts > 1 else 0


def often(handed: Floats, returned: Floats) -> Floats:
    """How much more often than usual each unit sends back, as a logarithm, (units,); 0 without any return."""
    if not returned.sum():
        return np.zeros(len(handed))
    usual = returned.sum() / handed.sum()
    return np.asarray(np.log((returned + PRIOR * usual) / (handed + PRIOR)) - np.log(usual))
