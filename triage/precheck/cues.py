"""Words that speak for a role, another matter, a tag or a level: rows of ``cues.csv`` beside this file.

They decide nothing by themselves: what each weighs is learned from labelled texts.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Cue:
    """A group (role, matter, level or a tag), a name that is the only one in its group, and what it looks like."""

    group: str
    name: str
    pattern: re.Pattern[str]


@cache
def cues() -> tuple[Cue, ...]:
    """All cues, read once."""
    with files("triage.precheck").joinpath("cues.csv").open(encoding="utf-8") as lines:
        return tuple(Cue(row["group"], row["name"], re.compile(row["pattern"])) for row in csv.DictReader(lines))


@cache
def column(group: str, name: str) -> int:
    """The number of a cue among all of them."""
    return next(number for number, cue in enumerate(cues()) if (cue.group, cue.name) == (group, name))
