"""Counts for each area of a place: what is about it, and what its own units lead."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from triage.catalogue import Catalogue, Resolver
from triage.places.finder import AreaFinder
from triage.places.tree import AreaTree
from triage.records import Case


@dataclass(frozen=True, slots=True)
class ZoneRow:
    """One area in numbers, what lies within it included.

    `filed` are the cases that are about it, by their registered area (属地) or, where none is written, by their text;
    `led` those that a unit of it led. Each with the ids of the cases and the share of all cases, so that a development
    zone that leads 120 of 466 stands out though hardly a text names it. `depth` is 0 for what lies just below the
    whole.
    """

    area: str
    name: str
    level: str
    depth: int
    filed: tuple[str, ...]
    led: tuple[str, ...]
    share_filed: float
    share_led: float


@dataclass(frozen=True, slots=True)
class Zones:
    """The counts of all areas of a place that have any, each below the one that contains it.

    `cases` is how many were counted, `nowhere` the ids of those that are about no part of the place, `whole` of those
    that units for all of the place led.
    """

    cases: int
    rows: tuple[ZoneRow, ...]
    nowhere: tuple[str, ...]
    whole: tuple[str, ...]


def by_zone(cases: Sequence[Case], catalogue: Catalogue, finder: AreaFinder) -> Zones:
    """How many cases are about each area of the catalogue, and how many its units led.

    A case that several units led (分办) counts for the area of each. Cases without an id are told by their number,
    ``1`` for the first.
    """
    tree, grounds = finder.tree, _Grounds(catalogue, finder.tree)
    filed: dict[str, list[str]] = {}
    led: dict[str, list[str]] = {}
    nowhere, whole = [], []
    for number, case in enumerate(cases, start=1):
        told = case.suggestion.id or str(number)
        about = grounds.registered(case.area) or finder.of(case.suggestion).area
        if not _counted(filed, (about,), told, tree):
            nowhere.append(told)
        if not _counted(led, [code for unit in case.leads for code in grounds.of(unit)], told, tree) and case.leads:
            whole.append(told)
    return Zones(len(cases), _rows(tree, filed, led, max(len(cases), 1)), tuple(nowhere), tuple(whole))


class _Grounds:
    """Which areas a unit's name and a registered area's name mean; each name is looked up once."""

    def __init__(self, catalogue: Catalogue, tree: AreaTree) -> None:
        self._resolver, self._tree = Resolver(catalogue), tree
        self._served: dict[str, list[str]] = {}
        for area in catalogue.areas:
            for code in area.served_by:
                self._served.setdefault(code, []).append(area.code)
        self._known: dict[str, tuple[str, ...]] = {}

    def of(self, name: str) -> tuple[str, ...]:
        """The areas of a unit: its own, else those that it serves."""
        if name not in self._known:
            unit = self._resolver.resolve(name).unit
            codes = () if unit is None else (unit.area,) if unit.area else tuple(self._served.get(unit.code, ()))
            self._known[name] = codes
        return self._known[name]

    def registered(self, name: str) -> str:
        """The area that an office wrote, by code or name; empty for none and for one that the catalogue lacks."""
        if name in self._tree.areas:
            return name
        meanings = self._tree.meanings.get(name, [])
        return meanings[0].area if len(meanings) == 1 else ""


def _counted(counts: dict[str, list[str]], areas: Sequence[str], told: str, tree: AreaTree) -> bool:
    """Count a case once for each area and all around it; whether it was for any part of the place."""
    codes = dict.fromkeys(code for area in areas if area in tree.paths for code in tree.paths[area])
    parts = [code for code in codes if not tree.is_whole(code)]
    for code in parts:
        counts.setdefault(code, []).append(told)
    return bool(parts)


def _rows(
    tree: AreaTree, filed: Mapping[str, Sequence[str]], led: Mapping[str, Sequence[str]], whole: int
) -> tuple[ZoneRow, ...]:
    rows: list[ZoneRow] = []

    def add(codes: Sequence[str], depth: int) -> None:
        met = [code for code in codes if tree.is_whole(code) or code in filed or code in led]
        for code in sorted(met, key=lambda one: (-len(filed.get(one, ())) - len(led.get(one, ())), one)):
            if tree.is_whole(code):
                add(tree.children.get(code, ()), depth)
                continue
            area, about, own = tree.areas[code], tuple(filed.get(code, ())), tuple(led.get(code, ()))
            shares = len(about) / whole, len(own) / whole
            rows.append(ZoneRow(code, area.name, area.level, depth, about, own, *shares))
            add(tree.children.get(code, ()), depth + 1)

    add(tree.children.get("", ()), 0)
    return tuple(rows)
