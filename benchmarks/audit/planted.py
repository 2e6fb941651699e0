"""Errors planted in cases at run time, with a seeded generator: which labels are wrong is then known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from triage.records import Case

SHARE = 0.05
"""Of the leads, of the topics and of the helpers each, so many are made wrong."""


@dataclass(frozen=True, slots=True)
class Planted:
    """Cases with errors, and what was right: leads and topics by row; helpers by row and name, those taken out and
    those added.
    """

    cases: list[Case]
    leads: dict[int, tuple[str, ...]]
    topics: dict[int, tuple[str, ...]]
    removed: set[tuple[int, str]]
    added: set[tuple[int, str]]


def at_random(cases: Sequence[Case], seed: int) -> Planted:
    """Leads and topics of other cases in their place, helpers taken out at random, and others' helpers added."""
    chance = np.random.default_rng(seed)
    made = list(cases)
    count = round(SHARE * len(made))
    rows = [int(row) for row in chance.choice(len(made), 2 * count, replace=False)]
    leads, topics = {}, {}
    for row in rows[:count]:
        wrong = _other([one.leads for one in cases if one.leads != made[row].leads], chance)
        leads[row] = made[row].leads
        made[row] = replace(made[row], leads=wrong, co=tuple(unit for unit in made[row].co if unit not in wrong))
    for row in rows[count:]:
        topics[row] = made[row].topics
        made[row] = replace(
            made[row], topics=_other([one.topics for one in cases if one.topics != made[row].topics], chance)
        )
    removed, added = _co_units_moved(made, {*leads}, chance)
    return Planted(made, leads, topics, removed, added)


def swapped(cases: Sequence[Case], seed: int) -> Planted:
    """The slip that offices make: a helper stands as the lead, and the lead among the helpers."""
    chance = np.random.default_rng(seed)
    made = list(cases)
    helped = [row for row, case in enumerate(made) if case.co and len(case.leads) == 1]
    leads = {}
    for row in chance.choice(helped, round(SHARE * len(made)), replace=False):
        case = made[row]
        wrong = case.co[int(chance.integers(len(case.co)))]
        leads[int(row)] = case.leads
        made[row] = replace(
            case, leads=(wrong,), co=tuple(case.leads[0] if unit == wrong else unit for unit in case.co)
        )
    return Planted(made, leads, {}, set(), set())


def _co_units_moved(
    made: list[Case], untouched: set[int], chance: np.random.Generator
) -> tuple[set[tuple[int, str]], set[tuple[int, str]]]:
    pairs = [(row, unit) for row, case in enumerate(made) for unit in case.co if row not in untouched]
    count = round(SHARE * len(pairs))
    removed = {pairs[place] for place in chance.choice(len(pairs), count, replace=False)}
    rows = sorted({row for row, _ in pairs})
    added: set[tuple[int, str]] = set()
    while len(added) < count:
        row = rows[int(chance.integers(len(rows)))]
        unit = pairs[int(chance.integers(len(pairs)))][1]
        if unit not in (*made[row].leads, *made[row].co):
            added.add((row, unit))
    for row in rows:
        kept = tuple(unit for unit in made[row].co if (row, unit) not in removed)
        more = tuple(sorted(unit for other, unit in added if other == row))
        made[row] = replace(made[row], co=(*kept, *more))
    return removed, added


def _other(values: Sequence[tuple[str, ...]], chance: np.random.Generator) -> tuple[str, ...]:
    """One of them, as often as it stands there."""
    return values[int(chance.integers(len(values)))]
