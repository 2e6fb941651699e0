"""What handled cases say that the model has not learned from: who led and who helped with the same matter before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from triage.heads.columns import UnitColumns

Floats = NDArray[np.float32]

RELIABLE = 0.7
"""How often a case of the same matter has the lead that the next one gets; a city's session had .8 to .9 where the
matter was sure, so this promises less than it could.
"""
HELPFUL = 0.6
"""How much less often its helpers help again."""
LEAST = 0.3
"""Cases that are less likely on the same matter say nothing."""


@dataclass(frozen=True, slots=True)
class Told:
    """For units by name, the highest probability that a case of theirs is on the same matter: those that led it, and
    those that helped.
    """

    leads: Mapping[str, float] = field(default_factory=dict)
    co: Mapping[str, float] = field(default_factory=dict)


def heard(lead: Floats, co: Floats, told: Told, units: UnitColumns) -> tuple[Floats, Floats]:
    """The probabilities of a text (units,) once the cases are heard: either the model is right, or the cases are.

    The leads sum to no more than one; nothing changes where no case speaks.
    """
    spoken, helped = _columns(told.leads, units) * RELIABLE, _columns(told.co, units) * RELIABLE * HELPFUL
    if spoken.any():
        either = 1.0 - (1.0 - lead) * (1.0 - spoken)
        lead = np.asarray(either / max(float(either.sum()), 1.0), np.float32)
    if helped.any():
        co = np.asarray(1.0 - (1.0 - co) * (1.0 - helped), np.float32)
    return lead, co


def _columns(named: Mapping[str, float], units: UnitColumns) -> Floats:
    row = np.zeros(len(units), np.float32)
    for name, chance in named.items():
        if chance >= LEAST and name in units.index:
            row[units.index[name]] = max(row[units.index[name]], chance)
    return row
