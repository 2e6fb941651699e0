"""Where places lie, learned from history: a road that one district's units were asked about is likely that district's.

Most letters to a city name no district. Many name a road, an estate or a school; hardly any place has a table of them,
but its handled cases name them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from triage.bundle import Part
from triage.heads.columns import UnitColumns, pooled
from triage.heads.holdout import Holdout
from triage.text import Segmenter
from triage.text.mentions import find_named

Floats = NDArray[np.float32]
Named = Sequence[tuple[str, ...]]

DOUBT = 1.0
"""How many cases' worth of the usual shares a place's own cases are mixed with. 0.3 to 3 make no difference."""


def named_places(texts: Iterable[str]) -> list[tuple[str, ...]]:
    """The places that each normalised text (`Prepared.full`) names, each once."""
    return [tuple(dict.fromkeys(place.name for place in find_named(text, _segmenter()))) for text in texts]


@cache
def _segmenter() -> Segmenter:
    """One for all, as its dictionary takes a tenth of a second to load."""
    return Segmenter()


@dataclass(frozen=True, slots=True)
class Gazetteer:
    """How often each area's units led cases that name a place: `counts` (places, areas), `names` their rows.

    `usual` (areas,) are the shares over all cases. Areas are those of `UnitColumns.area`; the gazetteer is empty
    where units do not repeat over areas, as a place then tells nothing.
    """

    names: dict[str, int]
    counts: sp.csr_array
    usual: Floats

    @classmethod
    def learn(
        cls, columns: UnitColumns, named: Named, leads: Floats, secret: NDArray[np.bool_], holdout: Holdout
    ) -> tuple[Gazetteer, Floats]:
        """From the places that each case names and its `leads` (cases, units): the gazetteer, and what it says of the
        cases themselves, (cases, areas), each without its own group.

        `secret` cases (cases,) are read and teach no names.
        """
        areas = pooled(leads, columns.area, columns.areas)
        usual = np.asarray((areas.sum(axis=0) + 0.5) / (areas.sum() + 0.5 * max(columns.areas, 1)), np.float32)
        names: dict[str, int] = {}
        if columns.structured:
            for case, places in enumerate(named):
                if not secret[case] and leads[case].any():
                    for place in places:
                        names.setdefault(place, len(names))
        teaches = ~secret[:, None] * areas
        whole = cls(names, sp.csr_array(_present(names, named).T @ sp.csr_array(teaches)), usual)
        said = np.zeros_like(areas)
        for group in holdout.groups:
            some = [named[case] for case in group]
            present = _present(names, some)
            said[group] = whole._said(present, present.T @ sp.csr_array(teaches[group]))
        return whole, said

    @classmethod
    def empty(cls, columns: UnitColumns) -> Gazetteer:
        """Without history."""
        return cls({}, sp.csr_array((0, columns.areas), dtype=np.float32), np.ones(columns.areas, np.float32))

    def __len__(self) -> int:
        return len(self.names)

    def says(self, named: Named) -> Floats:
        """How much the named places speak for each area, (texts, areas): the sum of the logarithms of how much likelier
        each place makes it; 0 where no place is known.
        """
        return self._said(_present(self.names, named))

    def chances(self, columns: UnitColumns, places: tuple[str, ...]) -> dict[str, float]:
        """How likely the named places lie in each part of the place, by area code: what `AreaFinder.find` takes as
        `learned`. They sum to one; empty where no place is known.

        The place as a whole is no candidate: its units lead cases from everywhere.
        """
        if not any(place in self.names for place in places):
            return {}
        said = self.says([places])[0].astype(float) + np.log(self.usual)
        parts = [number for number, code in enumerate(columns.area_codes) if code and columns.is_part(code)]
        if not parts:
            return {}
        weights = np.exp(said[parts] - said[parts].max())
        shares = weights / weights.sum()
        return {columns.area_codes[number]: float(share) for number, share in zip(parts, shares, strict=True)}

    def telling(self, places: Iterable[str], area: int) -> tuple[str, ...]:
        """Those of the places of whose cases the area's units led most, the likeliest first."""
        found = []
        for place in places:
            if place in self.names:
                cases = self.counts[[self.names[place]]].toarray()[0]
                if cases[area] > 0.5 * cases.sum():
                    found.append((-float(cases[area]), place))
        return tuple(place for _, place in sorted(found))

    def _said(self, present: sp.csr_array, without: sp.csr_array | None = None) -> Floats:
        said = np.zeros((present.shape[0], len(self.usual)), np.float32)
        for row in range(present.shape[0]):
            known = present.indices[present.indptr[row] : present.indptr[row + 1]]
            if len(known):
                cases = self.counts[known].toarray()
                if without is not None:
                    cases = np.maximum(cases - without[known].toarray(), 0.0)
                total = cases.sum(axis=1, keepdims=True)
                share = (cases + DOUBT * self.usual) / (total + DOUBT) / self.usual
                said[row] = np.log(share).sum(axis=0, where=total > 1e-6)
        return said

    def to_part(self) -> Part:
        """Names and counts, for a bundle."""
        arrays = {
            "counts": self.counts.data.astype(np.float32),
            "areas": self.counts.indices.astype(np.int32),
            "starts": self.counts.indptr.astype(np.int64),
            "usual": self.usual,
        }
        return Part({"names": list(self.names)}, arrays)

    @classmethod
    def from_part(cls, part: Part) -> Gazetteer:
        """Rebuild from a bundle. Raises ValueError where the arrays do not fit each other."""
        names = {str(name): row for row, name in enumerate(part.data["names"])}
        usual = part.arrays["usual"].astype(np.float32)
        table = (part.arrays["counts"].astype(np.float32), part.arrays["areas"], part.arrays["starts"])
        counts = sp.csr_array(table, shape=(len(names), len(usual)))
        counts.check_format()
        return cls(names, counts, usual)


def _present(names: dict[str, int], named: Named) -> sp.csr_array:
    """Which known places each text names, (texts, places) of 0 and 1."""
    rows = [[names[place] for place in places if place in names] for places in named]
    starts = np.cumsum([0, *map(len, rows)])
    columns = np.array([row for found in rows for row in found], np.intp)
    return sp.csr_array((np.ones(len(columns), np.float32), columns, starts), shape=(len(rows), len(names)))
