"""The areas of a catalogue as a tree, with the names by which a text can mean each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from triage.catalogue import Area, Catalogue
from triage.errors import CatalogueError

FULL, SHORT, FORMER, ROAD = "full", "short", "former", "road"
"""How a name means an area: its own name, a short one or alias, one of before, or the road a street office is named
after (四平路 for 四平路街道), which may run on through others' grounds.
"""
_ROAD_STREETS = ("路街道", "大道街道", "街街道")


@dataclass(frozen=True, slots=True)
class Meaning:
    """An area that a name can mean, and how it does."""

    area: str
    sort: str


class AreaTree:
    """The areas of a catalogue. `own` is the code of the office's own area; empty: the whole catalogue is its own.

    Raises CatalogueError for an `own` that the catalogue lacks, and for parents that are unknown or go in a circle.
    """

    def __init__(self, catalogue: Catalogue, own: str = "") -> None:
        self.areas = {area.code: area for area in catalogue.areas}
        if own and own not in self.areas:
            raise CatalogueError(f"area {own!r} is not a code of areas.csv, which has {len(self.areas)}; correct it")
        self.own = own
        self.paths = {code: self._upwards(code) for code in self.areas}
        self.children: dict[str, list[str]] = {}
        for area in self.areas.values():
            self.children.setdefault(area.parent, []).append(area.code)
        roots = self.children.get("", [])
        # A catalogue of one county has one root, which is the place as a whole; towns without a county have none.
        self.whole = own or (roots[0] if len(roots) == 1 and roots[0] in self.children else "")
        self.units = {area.code: area.served_by for area in self.areas.values()}
        for unit in catalogue.current():
            if unit.area in self.units and unit.code not in self.units[unit.area]:
                self.units[unit.area] = (*self.units[unit.area], unit.code)
        self.meanings = self._meanings()

    def _upwards(self, code: str) -> tuple[str, ...]:
        path: list[str] = []
        while code:
            if code in path or code not in self.areas:
                wrong = "goes in a circle" if code in path else f"has the unknown parent {code!r}"
                raise CatalogueError(f"area {path[0]!r} {wrong}; `triage catalogue check` says where")
            path.append(code)
            code = self.areas[code].parent
        return tuple(path)

    def is_own(self, code: str) -> bool:
        """Whether an area is the office's own, or lies in it."""
        return not self.own or self.own in self.paths[code]

    def is_whole(self, code: str) -> bool:
        """Whether an area is the place as a whole, or contains it: naming it tells nothing of where in it."""
        return bool(self.whole) and code in self.paths[self.whole]

    def names(self, code: str) -> tuple[str, ...]:
        """The names from the outermost area down to this one."""
        return tuple(self.areas[one].name for one in reversed(self.paths[code]))

    def serving(self, code: str) -> tuple[str, ...]:
        """The units of the smallest area around, this one first, that has any."""
        return next((self.units[one] for one in self.paths[code] if self.units[one]), ())

    def around(self, codes: Iterable[str]) -> str:
        """The smallest area that contains all of them; empty where there is none."""
        paths = [self.paths[code] for code in codes]
        return next((one for one in paths[0] if all(one in path for path in paths)), "") if paths else ""

    def _meanings(self) -> dict[str, list[Meaning]]:
        meanings: dict[str, list[Meaning]] = {}
        for area in self.areas.values():
            for name, sort in _named(area):
                known = meanings.setdefault(name, [])
                if len(name) >= 2 and area.code not in {meaning.area for meaning in known}:
                    known.append(Meaning(area.code, sort))
        # What is one area's own name is no other's road.
        return {name: [one for one in found if one.sort != ROAD] or found for name, found in meanings.items() if found}


def _named(area: Area) -> Iterable[tuple[str, str]]:
    yield area.name, FULL
    for name in (area.short_name, *area.aliases):
        yield name, SHORT
    for name in area.former_names:
        yield name, FORMER
    if area.name.endswith(_ROAD_STREETS):
        yield area.name.removesuffix("街道"), ROAD
