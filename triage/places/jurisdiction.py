"""What is said of the places of a suggestion: which area, how sure, by which words, and what to ask."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AreaMention:
    """An area that a suggestion names: its code and name, the words as `written` and where they stand in the suggestion
    as it came in (`field` is ``title`` or ``text``, as in `records.Span`).

    `confidence` is how likely these words mean this area, from 0 to 1. Of a confidential suggestion `written` is empty.
    """

    area: str
    name: str
    written: str
    field: str
    start: int
    end: int
    confidence: float


@dataclass(frozen=True, slots=True)
class Jurisdiction:
    """Whose ground a suggestion is about: the smallest area that what is written agrees on.

    `area` is its code, empty where none is named; `path` the names from the place as a whole down to it. `served_by`
    are the codes of the units that serve it, those of the smallest area that has any. `outside` names places that lie
    outside the office's own area, where none of the own is named (never of a confidential suggestion). `question` is
    what to ask the proposer, empty where nothing needs to be asked. `learned` tells that no area is named and handled
    cases say where the named roads and estates lie.
    """

    area: str = ""
    name: str = ""
    path: tuple[str, ...] = ()
    confidence: float = 0.0
    mentions: tuple[AreaMention, ...] = ()
    outside: tuple[str, ...] = ()
    question: str = ""
    served_by: tuple[str, ...] = ()
    learned: bool = False
