"""Unit names as people type them at a meeting: several in a cell, short, former, or mistyped."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date as Date
from difflib import SequenceMatcher
from functools import cached_property

from triage.catalogue import Catalogue, How, Resolver, Unit
from triage.catalogue.names import fold

NEAR = 0.5
"""Likeness from which a unit is offered for a name that nobody has."""
OFFERED = 3
"""Units that are offered at most."""
REMEMBERED = 10_000
"""Names that a reader remembers; one that serves for months must not grow with what people mistype."""
UNKNOWN = "is no unit of the catalogue"

_SCORE = re.compile(r"[\s(（]*\d{1,3}(?:\.\d+)?\s*[%％](?:以上)?\s*[)）]?$")
_MARKS = re.compile(r"[;；\n\r|]")
_OUTSIDE_BRACKETS = re.compile(r"[、,，/／](?![^(（]*[)）])")
_JOINED = re.compile(r"^[和与及、]|[和与及、]$")


@dataclass(frozen=True, slots=True)
class Named:
    """What a cell names: the units in force, what was read otherwise than it stands there, and what cannot be read."""

    units: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


class NameReader:
    """Reads cells of unit names in one catalogue. `added` are units that people put on the list themselves; `today` is
    the day for cases without a date.
    """

    def __init__(self, catalogue: Catalogue, added: Iterable[str] = (), today: Date | None = None) -> None:
        self._catalogue = catalogue
        self._resolver = Resolver(catalogue)
        self._today = today
        self._added = {fold(name): name for name in added}
        self._own = {fold(name) for unit in catalogue.units if not unit.is_kind for name in unit.names}
        self._read: dict[tuple[str, Date | None], Named] = {}

    @cached_property
    def _current(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """The units of today, each with its names as they are compared."""
        return tuple((unit.name, tuple(map(fold, unit.names))) for unit in self._catalogue.current())

    def read(self, cell: str, on: Date | None = None, sure: frozenset[str] = frozenset()) -> Named:
        """The units that a cell names, in force on a day (without one: today); the names in `sure` stand for
        themselves. A probability behind a name, as it comes along when a suggestion is copied, is no part of it.
        """
        found = [Named((name,)) if name in sure else self._unit(name, on) for name in self._names(cell)]
        return Named(
            tuple(dict.fromkeys(unit for one in found for unit in one.units)),
            tuple(dict.fromkeys(remark for one in found for remark in one.remarks)),
            tuple(dict.fromkeys(problem for one in found for problem in one.problems)),
        )

    def _names(self, cell: str) -> list[str]:
        """The names in a cell: ；and new lines always part them, commas and spaces where the whole is no name."""
        names: list[str] = []
        for part in _MARKS.split(cell):
            name = _SCORE.sub("", part).strip()
            if name and not self._is_own(name):
                pieces = [_SCORE.sub("", piece).strip() for piece in _OUTSIDE_BRACKETS.split(name)]
                if len(pieces) == 1 and all(self._is_own(piece) for piece in name.split()):
                    pieces = name.split()
                names.extend(piece for piece in pieces if piece)
            elif name:
                names.append(name)
        return names

    def _is_own(self, name: str) -> bool:
        return fold(name) in self._own or fold(name) in self._added

    def _unit(self, name: str, on: Date | None) -> Named:
        day = on or self._today
        found = self._read.get((name, day))
        if found is None:
            if len(self._read) >= REMEMBERED:
                self._read.clear()
            found = self._read[name, day] = self._resolved(name, day)
        return found

    def _resolved(self, name: str, day: Date | None) -> Named:
        found = self._resolver.resolve(name)
        if found.unit is None or found.how is How.KIND or len(fold(name)) < 2:
            if (own := self._added.get(fold(name))) is not None:
                return Named((own,))
            return Named(problems=(self._unknown(name, found.note if "可能是" in found.note else ""),))
        if found.how not in (How.EXACT, How.ALIAS, How.FORMER, How.PREFIX):
            others = [other.name for other in found.others] or self._second(name, found.unit)
            if others:
                listed = "、".join((found.unit.name, *others))
                return Named(problems=(f"“{name}” names several units ({listed}); write ； between them",))
        return self._in_force(name, found.unit, day)

    def _in_force(self, name: str, unit: Unit, day: Date | None) -> Named:
        """The unit itself, or the one that took over from it by the day."""
        ended = unit.active_to is not None and (day is None or unit.active_to <= day)
        heirs: tuple[Unit, ...] = ()
        if ended:
            heirs = self._catalogue.successors(unit.code, day)
        elif unit.active_to is None and unit.succeeded_by:
            heirs = self._catalogue.successors(unit.code)
        if len(heirs) > 1:
            listed = "、".join(heir.name for heir in heirs)
            return Named(problems=(f"“{name}” is a former unit whose work went to {listed}; write which of them",))
        if ended and not heirs:
            since = f" on {unit.active_to}" if unit.active_to else ""
            return Named(problems=(f"“{name}” ended{since} and the catalogue names no successor; write who took over",))
        current = heirs[0] if heirs else unit
        if heirs:
            when = f", which ended on {unit.active_to}" if unit.active_to else ""
            return Named((current.name,), (f"“{name}” is read as {current.name} (former name{when})",))
        remark = () if fold(name) == fold(current.name) else (f"“{name}” is read as {current.name}",)
        return Named((current.name,), remark)

    def _second(self, name: str, unit: Unit) -> list[str]:
        """Another unit behind the first one's name (教育局和财政局), which reads like a part of it."""
        for known in sorted(unit.names, key=len, reverse=True):
            before, met, after = fold(name).partition(fold(known))
            for rest in (_JOINED.sub("", before), _JOINED.sub("", after)) if met else ():
                second = self._resolver.resolve(rest).unit if rest in self._own else None
                if second is not None and second.code != unit.code:
                    return [second.name]
        return []

    def _unknown(self, name: str, note: str) -> str:
        offered = self._offered(name)
        told = f"“{name}” {UNKNOWN}"
        if offered:
            told += f"; did you mean {'、'.join(offered)}?"
        elif note:
            told += f" ({note.partition('，')[0]})"
        return told

    def _offered(self, name: str) -> list[str]:
        """The units whose names are likest to what was typed, each once, under the name of today."""
        key = fold(name)
        scores: dict[str, float] = {}
        for unit, names in self._current:
            score = max((_likeness(key, known) for known in names), default=0.0)
            if score >= NEAR:
                scores[unit] = score
        for folded, added in self._added.items():
            if (score := _likeness(key, folded)) >= NEAR:
                scores[added] = score
        return sorted(scores, key=lambda unit: (-scores[unit], unit))[:OFFERED]


def _likeness(typed: str, known: str) -> float:
    if abs(len(typed) - len(known)) > max(len(typed), len(known)) / 2:
        return 0.0
    # No more than the shared characters can match: most names need no comparing, which takes a hundred times as long.
    shared = min(sum(map(typed.count, set(known))), sum(map(known.count, set(typed))))
    if 2 * shared < NEAR * (len(typed) + len(known)):
        return 0.0
    return SequenceMatcher(None, typed, known, autojunk=False).ratio()
