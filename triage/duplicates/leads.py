"""Whether two answers name the same lead unit, although names and units change over the years.

卫生局 of 2010 and 卫生健康局 of 2024 are one through the catalogue's reorganisations, 规划局 and 市规划局 by the name.
Two units that both existed on the day are two, even if they were merged later.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date as Date
from enum import StrEnum

from triage.catalogue import Catalogue, How, Resolver, Unit, UnitName, parse_unit_name
from triage.catalogue.names import fold
from triage.catalogue.shapes import EQUAL, likeness, shape_of


class Agreement(StrEnum):
    """Whether two answers name the same leads.

    PARTLY: they share a lead and one has more (分办), or the unit is the same but for its level (省、市、县) or branch.
    """

    SAME = "same"
    PARTLY = "partly"
    DIFFERENT = "different"


_STRENGTH = (Agreement.DIFFERENT, Agreement.PARTLY, Agreement.SAME)
_PLACE_FORM = re.compile("(?<=.)(?:省|市|新区|区|县|镇|乡|街道)$")
_GOVERNMENT = re.compile(
    "(镇|乡|街道|村|社区|管理?委员?会)(?:人民政府|政府|办事处|办|村?民?委员会|村?委会|居民委员会|居委会|党委)?"
)
_TOWNS = frozenset({"镇", "乡", "街道"})


@dataclass(frozen=True, slots=True)
class _Name:
    """A lead as it is written: taken apart, with the catalogue's units that it means (none: unknown to it).

    `own` says that the catalogue has this very name, places and all.
    """

    parsed: UnitName
    units: tuple[Unit, ...] = ()
    own: bool = False


class LeadComparison:
    """Compares the leads of answers in one place. Without a catalogue it goes by the names alone."""

    def __init__(self, catalogue: Catalogue | None = None) -> None:
        self._catalogue = catalogue
        self._resolver = Resolver(catalogue) if catalogue is not None else None
        self._names: dict[str, _Name] = {}

    def compare(self, one: Sequence[str], other: Sequence[str], on: Date | None = None) -> Agreement:
        """Whether two sets of lead units agree, seen from a day; without a day, seen from now."""
        table = [[self.compare_units(name, met, on) for met in other] for name in one]
        if not table or not other:
            return Agreement.SAME if not one and not other else Agreement.DIFFERENT
        best: list[Agreement] = [
            *(max(row, key=_STRENGTH.index) for row in table),
            *(max(column, key=_STRENGTH.index) for column in zip(*table, strict=True)),
        ]
        if len(set(best)) == 1:
            return best[0]
        return Agreement.PARTLY

    def compare_units(self, one: str, other: str, on: Date | None = None) -> Agreement:
        """The same for two names of units."""
        if fold(one) == fold(other):
            return Agreement.SAME
        first, second = self._name(one), self._name(other)
        if first.units and second.units:
            if not any(self._one_unit(unit, met, on) for unit in first.units for met in second.units):
                return Agreement.DIFFERENT
        elif not _same_function(first.parsed, second.parsed):
            return Agreement.DIFFERENT
        return min(_same_place(first, second), _same_branch(first.parsed, second.parsed), key=_STRENGTH.index)

    def _name(self, name: str) -> _Name:
        if name not in self._names:
            self._names[name] = self._read(name)
        return self._names[name]

    def _read(self, name: str) -> _Name:
        parsed = parse_unit_name(name)
        found = self._resolver.resolve(name) if self._resolver else None
        # A kind only lends its duties: which town or school it is, the name says.
        if found is None or found.unit is None or found.how is How.KIND:
            return _Name(parsed)
        own = fold(name) in {fold(known) for known in found.unit.names}
        return _Name(parsed, (found.unit, *found.others), own)

    def _one_unit(self, one: Unit, other: Unit, on: Date | None) -> bool:
        """Whether the work of both lies with one unit on the day."""
        if one.code == other.code:
            return True
        if self._catalogue is None or (one.active(on) and other.active(on)):
            return False
        if not self._carriers(one, on).isdisjoint(self._carriers(other, on)):
            return True
        # A name from another time than the day: history that was rewritten to today's names.
        return one in self._catalogue.predecessors(other.code) or other in self._catalogue.predecessors(one.code)

    def _carriers(self, unit: Unit, on: Date | None) -> set[str]:
        successors = () if self._catalogue is None or unit.active(on) else self._catalogue.successors(unit.code, on)
        return {carrier.code for carrier in successors} or {unit.code}


def _same_function(one: UnitName, other: UnitName) -> bool:
    """Whether two names, apart from places, are one name written differently."""
    here, there = _local_form(one), _local_form(other)
    if here or there:
        return here == there or {here, there} <= _TOWNS
    cores = {(a, b) for a in _cores(one) for b in _cores(other)}
    return any(a == b or likeness(shape_of(a), shape_of(b)) >= EQUAL for a, b in cores)


def _local_form(name: UnitName) -> str:
    """镇 of 某镇人民政府, 管委会 of a zone's; empty for other units."""
    match = _GOVERNMENT.fullmatch(name.core)
    return ("管委会" if match[1].startswith("管") else match[1]) if match else ""


def _cores(name: UnitName) -> tuple[str, ...]:
    return tuple(fold(core) for core in (name.head or name.core, *name.seconds))


def _same_place(one: _Name, other: _Name) -> Agreement:
    """Whether the places in two names can be one. What the catalogue itself calls the unit is never doubted."""
    if one.own or other.own:
        return Agreement.SAME
    here, there = one.parsed, other.parsed
    if here.places and there.places:
        smallest = here.places[-1], there.places[-1]
        if smallest[0] == smallest[1]:
            return Agreement.SAME
        if _PLACE_FORM.sub("", smallest[0]) != _PLACE_FORM.sub("", smallest[1]):
            return Agreement.DIFFERENT
        # 某县 became 某区; a town and a street of one name may stand side by side.
        return Agreement.PARTLY if {here.rank, there.rank} & _TOWNS else Agreement.SAME
    if bool(here.places) != bool(there.places) and _local_form(here):
        return Agreement.PARTLY  # 镇政府 alone could be any town's.
    if not here.rank or not there.rank or here.rank == there.rank:
        return Agreement.SAME
    return Agreement.PARTLY


def _same_branch(one: UnitName, other: UnitName) -> Agreement:
    """Whether two branches are one. After a reorganisation the bureau itself may have become a branch."""
    if one.branch == other.branch:
        return Agreement.SAME
    if one.branch and other.branch:
        return Agreement.DIFFERENT
    return Agreement.PARTLY if (one.head or one.core) == (other.head or other.core) else Agreement.SAME
