"""What returns (退单) cost: handing out to the first unit, against a clerk's choice, at every threshold."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from triage.errors import InputError
from triage.learning.evaluation.asking import Scored
from triage.learning.evaluation.intervals import Resampling, Share, value_of
from triage.records import Decision

Floats = NDArray[np.float64]

LISTED = 5
"""Units that a clerk chooses among."""
STEPS = 50


@dataclass(frozen=True, slots=True)
class Costs:
    """What things cost an office, in one unit of its own (minutes, say).

    `returned`: a suggestion went to a wrong unit and came back. `chosen`: a clerk chose among five units. `searched`:
    what is added where the right unit was not among the five. `clerk_errors`: the share of clerks' choices that come
    back, too. Raises InputError for a cost that is no number from 0 on, and for a share outside [0, 1).
    """

    returned: float = 10.0
    chosen: float = 1.0
    searched: float = 3.0
    clerk_errors: float = 0.0

    def __post_init__(self) -> None:
        for name, value in (("returned", self.returned), ("chosen", self.chosen), ("searched", self.searched)):
            if not (math.isfinite(value) and value >= 0):
                raise InputError(f"cost {name}: {value}; a cost is a number from 0 on, e.g. 10")
        if not 0 <= self.clerk_errors < 1:
            raise InputError(f"clerk errors: {self.clerk_errors}; the share must lie in [0, 1), e.g. 0.05")


def returns(scored: Sequence[Scored], costs: Costs, resampling: Resampling) -> dict[str, Any]:
    """Expected costs a case: everything to the first unit (`first`), everything by a clerk (`clerk`), by the decision
    (`decision`: *suggest* is handed out, the rest chosen), and `best`: the least, over all thresholds of the first
    lead's score from which on cases are handed out. `curve` has the cost at each threshold.

    The best threshold was found on these very cases, so it will cost a little more on others.
    """
    led = np.array([bool(one.leads) for one in scored])
    if not led.any():
        return {}
    score = np.array([one.score for one in scored])
    ranks = np.array([one.rank for one in scored])
    handed = costs.returned * (ranks > 0)
    chosen = costs.chosen + costs.searched * (ranks >= LISTED) + costs.returned * costs.clerk_errors
    suggested = np.array([one.answer.decision is Decision.SUGGEST for one in scored])
    best = _best(score[led], handed[led], chosen[led])
    ways = {
        "first": np.ones(len(scored), bool),
        "clerk": np.zeros(len(scored), bool),
        "decision": suggested,
        "best": np.zeros(len(scored), bool) if best is None else score >= best,
    }
    statistics = {name: Share(np.where(way, handed, chosen), led) for name, way in ways.items()}
    bounds = resampling.intervals(statistics)
    made: dict[str, Any] = {"costs": asdict(costs)}
    for name, way in ways.items():
        made[name] = {
            "cost": round(float(value_of(statistics[name], len(scored))), 4),
            "interval": bounds[name],
            **_handed(way[led], ranks[led], costs),
        }
    made["best"]["threshold"] = best
    made["curve"] = [
        {
            "threshold": step / STEPS,
            "cost": round(float(np.where(score >= step / STEPS, handed, chosen)[led].mean()), 4),
            **_handed((score >= step / STEPS)[led], ranks[led], costs),
        }
        for step in range(STEPS + 1)
    ]
    return made


def _best(score: Floats, handed: Floats, chosen: Floats) -> float | None:
    """The threshold with the least cost; of equal ones the highest, which hands out least. None: a clerk for all."""
    order = np.argsort(-score, kind="stable")
    total = chosen.sum() + np.concatenate([[0.0], np.cumsum((handed - chosen)[order])])
    # A threshold lets in all that are equally sure.
    possible = np.concatenate([[True], np.append(np.diff(score[order]) < 0, True)])
    total = np.where(possible, np.round(total, 9), np.inf)
    count = int(np.argmin(total))
    return float(score[order[count - 1]]) if count else None


def _handed(way: NDArray[np.bool_], ranks: NDArray[np.intp], costs: Costs) -> dict[str, float]:
    """The share that is handed out, and the share of all cases that comes back: wrong units, and clerks' errors."""
    wrong = (way & (ranks > 0)).mean() + costs.clerk_errors * (~way).mean()
    return {"share": round(float(way.mean()), 4), "returned": round(float(wrong), 4)}
