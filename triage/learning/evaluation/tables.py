"""The figures apart: by unit, by source, by how much the model knew of the unit, and of what it had seen before."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from triage.learning.evaluation.asking import Scored, rank_of
from triage.learning.evaluation.figures import RANKS, figures
from triage.learning.evaluation.intervals import Resampling, wilson

FEW = 3
"""Units with so many learned cases or fewer are cold or nearly so."""
APART = ("lead_top_1", "lead_top_3", "lead_top_5")


def units(scored: Sequence[Scored]) -> list[dict[str, Any]]:
    """A row for each lead, those with most cases first: how often it is found, and how often it is right where it is
    named first. `learned` is the mean number of its learned cases, None where nobody knows.
    """
    led = [one for one in scored if one.leads]
    places: dict[str, list[tuple[int, Scored]]] = {}
    for one in led:
        for unit in one.leads:
            places.setdefault(unit, []).append((rank_of((unit,), one.answer), one))
    named: dict[str, list[bool]] = {}
    for one in led:
        named.setdefault(one.first, []).append(one.first in one.leads)
    rows = []
    for unit, found in places.items():
        ranks = np.array([rank for rank, _ in found])
        right = named.get(unit, [])
        taught = [one.taught for _, one in found if one.taught is not None]
        rows.append(
            {
                "unit": unit,
                "cases": len(found),
                **{f"top_{k}": round(float((ranks < k).mean()), 4) for k in RANKS},
                "interval": wilson(float((ranks < 1).sum()), len(found)),
                "named": len(right),
                "precision": round(float(np.mean(right)), 4) if right else None,
                "learned": round(float(np.mean(taught)), 1) if taught else None,
            }
        )
    return sorted(rows, key=lambda row: (-row["cases"], row["unit"]))


def sources(scored: Sequence[Scored], resampling: Resampling) -> list[dict[str, Any]]:
    """A row for each source (人大, 政协, 群众 …), those with most cases first, with the main figures on its cases."""
    named = np.array([one.source for one in scored])
    rows = [{"source": str(name), **_part(scored, resampling, named == name)} for name in np.unique(named)]
    return sorted(rows, key=lambda row: (-row["cases"], row["source"]))


def cold(scored: Sequence[Scored], resampling: Resampling) -> dict[str, Any]:
    """Cases whose lead the model has learned no case of, `FEW` at most, or more; and the units of the first two.

    Empty where nobody knows what the model has learned from.
    """
    led = [one for one in scored if one.leads]
    if not led or any(one.taught is None for one in led):
        return {}
    kinds: dict[str, Callable[[int], bool]] = {
        "none": lambda count: count == 0,
        "few": lambda count: 0 < count <= FEW,
        "more": lambda count: count > FEW,
    }
    parts = {
        name: _part(
            scored, resampling, np.array([bool(one.leads) and holds(one.taught or 0) for one in scored]), figures_=APART
        )
        for name, holds in kinds.items()
    }
    rows = [row for row in units(led) if row["learned"] is not None and row["learned"] <= FEW]
    listed = [{key: row[key] for key in ("unit", "cases", "learned", "top_1", "top_5")} for row in rows]
    return {**parts, "units": sorted(listed, key=lambda row: (row["learned"], -row["cases"], row["unit"]))}


def repeats(scored: Sequence[Scored], resampling: Resampling) -> dict[str, Any]:
    """The figures on cases that the model has learned from, or from a copy of them, and on the others; empty where
    there are none of the first.
    """
    learned = np.array([one.learned for one in scored], bool)
    if not learned.any():
        return {}
    return {"learned": _part(scored, resampling, learned), "new": _part(scored, resampling, ~learned)}


def _part(
    scored: Sequence[Scored],
    resampling: Resampling,
    inside: NDArray[np.bool_],
    figures_: Sequence[str] | None = None,
) -> dict[str, Any]:
    """The main figures on some of the cases: `cases`, `figures`, `intervals`."""
    some = [one for one, here in zip(scored, inside, strict=True) if here]
    if not some:
        return {"cases": 0, "figures": {}, "intervals": {}}
    found = figures(some, resampling.of(inside))
    kept = [name for name in found.values if figures_ is None or name in figures_]
    return {
        "cases": len(some),
        "figures": {name: found.values[name] for name in kept},
        "intervals": {name: found.intervals[name] for name in kept if name in found.intervals},
    }
