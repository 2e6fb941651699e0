"""What can be asked: classes of action, their verbs and their opposites, from ``asks.csv`` beside this file."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Actions:
    """The class of each verb (增设: add), the pairs of opposite classes, and what the verbs are found by."""

    classes: dict[str, str]
    opposites: frozenset[tuple[str, str]]
    longest: int
    first: frozenset[str]


@cache
def actions() -> Actions:
    """The table of verbs, read once."""
    classes: dict[str, str] = {}
    opposites: set[tuple[str, str]] = set()
    with files("triage.text").joinpath("asks.csv").open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            classes[row["verb"]] = row["action"]
            opposites.update((row["action"], other) for other in row["opposite"].split())
    both = opposites | {(other, action) for action, other in opposites}
    return Actions(classes, frozenset(both), max(map(len, classes)), frozenset(verb[0] for verb in classes))


def are_opposite(one: str, other: str) -> bool:
    """Whether two classes of action want the contrary of the same object (add and remove)."""
    return (one, other) in actions().opposites
