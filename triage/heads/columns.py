"""The units as columns: their phrases, their kinds (教育局 of every district) and their grounds, as the matrices
heads use.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from triage.catalogue import Catalogue, Unit, parse_unit_name
from triage.heads.signals import PhraseGroups

Floats = NDArray[np.float32]

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
        self.kind, self.kinds = _grouped(unit.duties or parse_unit_name(unit.name).core for unit in self.units)
        self.area, self.areas = _grouped(map(self._district, self.units))
        self._words = self._mentionable()

    def __len__(self) -> int:
        return len(self.units)

    @property
    def structured(self) -> bool:
        """Whether units repeat over areas, so that kind and place decide together."""
        return self.kinds < len(self.units) and self.areas > 1

    def local(self, column: int) -> bool:
        """Whether the unit serves a part of the place and not all of it."""
        code = self.units[column].area
        area = self.catalogue.area(code) if code else None
        return area is not None and bool(area.parent or area.level in _SMALL)

    def _district(self, unit: Unit) -> str:
        """The area just below the place as a whole; the whole itself for those that serve all of it."""
        path = self.catalogue.area_path(unit.area) if unit.area else ()
        return path[-2] if len(path) > 1 else (path[-1] if path else "")

    def _mentionable(self) -> dict[str, list[tuple[int, int]]]:
        """The words by which a text can name a unit's own ground (0), the ground around it (1) or the unit itself (2).

        The place as a whole tells nothing, so it has no words.
        """
        words: dict[str, list[tuple[int, int]]] = {}
        for column, unit in enumerate(self.units):
            path = [self.catalogue.area(code) for code in self.catalogue.area_path(unit.area)] if unit.area else []
            inner = path[:1] if self.local(column) else []
            sorts = (inner, [area for area in path[1:] if area.parent])
            for sort, areas in enumerate(sorts):
                for name in dict.fromkeys(name for area in areas for name in area.names):
                    words.setdefault(name, []).append((column, sort))
            for name in unit.names:
                if len(name) >= 3:
                    words.setdefault(name, []).append((column, 2))
        return words

    def mentions(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Whether each text names the unit's own ground, the ground around it, or the unit: (texts, units, 3) of 0
        and 1.

        A name that occurs only inside longer ones does not count.
        """
        table = np.zeros((len(texts), len(self.units), 3), np.float32)
        for row, text in enumerate(texts):
            hits = sorted((word for word in self._words if word in text), key=lambda word: (-len(word), word))
            rest = text
            for word in hits:
                if word in rest:
                    rest = rest.replace(word, "\n")
                    for column, sort in self._words[word]:
                        table[row, column, sort] = 1.0
        return table

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
