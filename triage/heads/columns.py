"""The units as columns: their phrases, their kinds (教育局 of every district) and their grounds, as the matrices
heads use.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from triage.catalogue import Catalogue, Unit, parse_unit_name, system_of
from triage.heads.signals import PhraseGroups
from triage.places import AreaFinder

Floats = NDArray[np.float32]

OWN, OUTER, UNIT, INNER = range(4)
"""What `UnitColumns.mentions` tells of a unit: its own ground is named, the ground around it, the unit itself, or a
place within its ground (a street of its district).
"""
_SMALL = frozenset({"乡镇", "街道", "村", "社区", "开发区", "片区"})
"""Levels of areas that are part of a place even where the catalogue does not say of which."""


class UnitColumns:
    """The answerable units in a fixed order, and what of the catalogue the heads need to know about them.

    `phrases` are the different duty phrases of all of them; `membership` (phrases, units) is 1 where a phrase is a
    unit's. Units with the same duties are of one *kind*; each unit sits on an *area* (its district, or the whole
    place). `share` below are matrices that hand a kind's or an area's score to its units.
    """

    def __init__(self, catalogue: Catalogue, units: Sequence[Unit]) -> None:
        self.catalogue = catalogue
        self.units = tuple(units)
        self.names = tuple(unit.name for unit in self.units)
        self.systems = tuple(system_of(unit) for unit in self.units)
        self.index = {name: column for column, name in enumerate(self.names)}
        rows: dict[str, int] = {}
        pairs = [
            (rows.setdefault(phrase, len(rows)), column)
            for column, unit in enumerate(self.units)
            for phrase in unit.duties
        ]
        self.phrases = tuple(rows)
        self.membership = np.zeros((len(rows), len(self.units)), np.float32)
        for row, column in pairs:
            self.membership[row, column] = 1.0
        self.groups = PhraseGroups(self.membership)
        self._grounds = {unit.code: tuple(filter(None, (unit.area,))) for unit in self.units}
        for area in catalogue.areas:
            for code in area.served_by:
                if code in self._grounds and area.code not in self._grounds[code]:
                    self._grounds[code] = (*self._grounds[code], area.code)
        self.kind, self.kinds = _grouped(unit.duties or parse_unit_name(unit.name).core for unit in self.units)
        self.area_codes = tuple(dict.fromkeys(map(self._district, self.units)))
        self.area, self.areas = _grouped(map(self._district, self.units))
        self._words = self._unit_words()

    def __len__(self) -> int:
        return len(self.units)

    @property
    def structured(self) -> bool:
        """Whether units repeat over areas, so that kind and place decide together."""
        return self.kinds < len(self.units) and self.areas > 1

    def local(self, column: int) -> bool:
        """Whether the unit serves a part of the place and not all of it."""
        return any(map(self.is_part, self._grounds[self.units[column].code]))

    def is_part(self, code: str) -> bool:
        """Whether an area is a part of the place, and not all of it."""
        area = self.catalogue.area(code)
        return bool(area.parent) or area.level in _SMALL

    def _district(self, unit: Unit) -> str:
        """The area just below the place as a whole; the whole itself for those that serve all of it."""
        path = self.catalogue.area_path(self._grounds[unit.code][0]) if self._grounds[unit.code] else ()
        return path[-2] if len(path) > 1 else (path[-1] if path else "")

    def _unit_words(self) -> dict[str, list[int]]:
        """The words by which a text can name a unit itself."""
        words: dict[str, list[int]] = {}
        for column, unit in enumerate(self.units):
            for name in unit.names:
                if len(name) >= 3:
                    words.setdefault(name, []).append(column)
        return words

    @cached_property
    def finder(self) -> AreaFinder:
        """Finds the catalogue's areas in texts; made when it is first asked for."""
        return AreaFinder(self.catalogue)

    @cached_property
    def _sorts(self) -> dict[str, list[tuple[int, int]]]:
        """For each area the units whose own ground it is, lies around or lies within, with which of these."""
        owned: dict[str, list[int]] = {}
        for column, unit in enumerate(self.units):
            for code in filter(self.is_part, self._grounds[unit.code]):
                owned.setdefault(code, []).append(column)
        sorts: dict[str, list[tuple[int, int]]] = {}
        for area in self.catalogue.areas:
            path = self.catalogue.area_path(area.code)
            sorts.setdefault(area.code, []).extend((column, OWN) for column in owned.get(area.code, ()))
            for above in path[1:]:
                sorts[area.code].extend((column, INNER) for column in owned.get(above, ()))
                if self.catalogue.area(above).parent:
                    around = sorts.setdefault(above, [])
                    around.extend((column, OUTER) for column in owned.get(area.code, ()))
        return sorts

    def mentions(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Whether each text names the unit's own ground, the ground around it, the unit, or a place within its ground:
        (texts, units, 4) from 0 to 1 (`OWN`, `OUTER`, `UNIT`, `INNER`).

        Areas are those that the `finder` reads, as shares of all that is named: where two districts are named each
        gets its half. The place as a whole tells nothing. A unit's name that occurs only inside longer ones does not
        count.
        """
        table = np.zeros((len(texts), len(self.units), 4), np.float32)
        for row, text in enumerate(texts):
            for area, share in self._named(text).items():
                for column, sort in self._sorts[area]:
                    table[row, column, sort] = max(table[row, column, sort], share)
            hits = sorted((word for word in self._words if word in text), key=lambda word: (-len(word), word))
            rest = text
            for word in hits:
                if word in rest:
                    rest = rest.replace(word, "\n")
                    table[row, self._words[word], UNIT] = 1.0
        return table

    def _named(self, text: str) -> dict[str, float]:
        """The areas that a text names, each with its district's share of all that is named."""
        if not self._sorts or not any(self._sorts.values()):
            return {}
        sure: dict[str, float] = {}
        for named in self.finder.named(text, hints=True):
            for area in (named.area, *named.rivals):
                if self.is_part(area):
                    sure[area] = max(sure.get(area, 0.0), named.confidence)
        districts: dict[str, float] = {}
        for area, confidence in sure.items():
            district = self._top(area)
            districts[district] = districts.get(district, 0.0) + confidence
        whole = sum(districts.values())
        return {area: districts[self._top(area)] / whole for area in sure}

    def _top(self, area: str) -> str:
        path = self.catalogue.area_path(area)
        return path[-2] if len(path) > 1 else path[-1]

    def spread(self, kind_scores: Floats, area_scores: Floats) -> tuple[Floats, Floats]:
        """Scores of kinds and of areas (q, kinds), (q, areas) handed to their units: two (q, units)."""
        return kind_scores[:, self.kind], area_scores[:, self.area]


def pooled(units: Floats, index: NDArray[np.intp], count: int) -> Floats:
    """Columns of units added up into the `count` columns of their kinds or areas, which `index` names."""
    sums = np.zeros((len(units), count), np.float32)
    np.add.at(sums.T, index, units.T)
    return sums


def _grouped(keys: Iterable[object]) -> tuple[NDArray[np.intp], int]:
    numbers: dict[object, int] = {}
    index = np.array([numbers.setdefault(key, len(numbers)) for key in keys], np.intp)
    return index, len(numbers)
