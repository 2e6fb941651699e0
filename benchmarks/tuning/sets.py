"""The experiments: cases, splits, and from how many pairs an encoder is tuned."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.quality.sets import Experiment, experiments
from triage.learning.evaluation.copies import copy_groups
from triage.learning.evaluation.splits import grouped_folds
from triage.records import Case

Rows = NDArray[np.intp]

FOLDS = 3
LETTERS = 300
"""Letters that are learned from, and as many that are asked: on one core an epoch of all of them takes hours."""
PAIRS = 600
"""Pairs that are learned from, drawn from all."""


@dataclass(frozen=True, slots=True)
class Set:
    """Cases with splits into rows to learn from and rows to ask. `variants` are the ways of tuning that are tried.
    `units` are names that are known beside the cases.
    """

    name: str
    cases: tuple[Case, ...]
    splits: tuple[tuple[Rows, Rows], ...]
    variants: tuple[str, ...]
    units: tuple[str, ...] = ()


def sets(folder: Path, only: list[str], tell: Callable[[str], None]) -> list[Set]:
    """Those of the known sets that lie in `folder`; with `only`, those named."""
    found = {one.name: one for one in experiments(folder, only, tell)}
    makers = {"cixi2017": titles, "taidi2020_topics": _topics, "shanghai2023_last_month": _letters}
    made = [make(found[name]) for name, make in makers.items() if name in found]
    if "cixi2017_cold" in found:
        cold = found["cixi2017_cold"]
        made.insert(1, Set(cold.name, cold.cases, tuple(cold.splits), ("duties", "duties, half way"), cold.units))
    return made


def titles(one: Experiment) -> Set:
    """One city's titles in folds, copies together."""
    groups = copy_groups([case.suggestion for case in one.cases])
    splits = tuple((split.known, split.asked) for split in grouped_folds(groups, FOLDS))
    return Set(one.name, one.cases, splits, ("history", "history, half way", "duties", "duties, half way"))


def by_time(one: Experiment, learned: int, asked: int, variants: tuple[str, ...] = ("history",)) -> Set:
    """The first split of a set, with so many cases at most: the latest of those that are known."""
    known, rows = one.splits[0]
    return Set(one.name, one.cases, ((known[-learned:], rows[:asked]),), variants)


def _topics(one: Experiment) -> Set:
    learned, asked = one.splits[0]
    chance = np.random.default_rng(0)
    split = (np.sort(chance.choice(learned, min(LETTERS, len(learned)), replace=False)), asked[:LETTERS])
    return Set(one.name, one.cases, (split,), ("history",))


def _letters(one: Experiment) -> Set:
    return by_time(one, LETTERS, LETTERS)
