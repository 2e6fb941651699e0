"""The catalogue's own words: units with duties and dates, a tree of topics, and areas.

A catalogue says which units there are, what each is for, when it existed and who took over its work. Everything here is
frozen and plain; reading, checking and writing live in `load`, `check` and `save`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, dataclass, field, fields
from datetime import date as Date
from typing import Any, TypeVar

from triage.errors import CatalogueError

KIND_PREFIX = "kind-"
"""A unit whose code starts so is a template: it lends its duties to units that are known by name only."""

LEVELS: dict[str, str] = {
    "党委": "party",
    "人大": "congress",
    "政协": "conference",
    "纪检": "discipline",
    "司法": "justice",
    "群团": "mass",
    "县": "county",
    "事业": "institution",
    "垂直": "vertical",
    "上级": "superior",
    "开发区": "zone",
    "指挥部": "headquarters",
    "乡镇": "town",
    "街道": "street",
    "村": "village",
    "社区": "community",
    "企业": "enterprise",
    "学校": "school",
    "医院": "hospital",
    "其他": "other",
}
"""Where a unit stands (层级), with the English word that a file may use instead.

县: a department of the county's government. 事业: a public institution (党校, 广播电视台, 行政服务中心). 垂直: run
from above but sitting here (税务, 海关, 气象, 消防). 上级: a unit of the city, province or state. 企业: companies and
utilities (供电, 电信). The rest say it themselves.
"""

AREA_LEVELS: dict[str, str] = {
    "国家": "country",
    "省": "province",
    "市": "city",
    "县": "county",
    "区": "district",
    "开发区": "zone",
    "片区": "quarter",
    "乡镇": "town",
    "街道": "street",
    "村": "village",
    "社区": "community",
    "其他": "other",
}
"""How large an area is, with the English word that a file may use instead."""

MAX_TOPIC_DEPTH = 3
"""First, second and third level: no place met so far has more."""

FORMAT = 1
"""The number of the shape that `Catalogue.to_dict` writes."""


@dataclass(frozen=True, slots=True)
class Unit:
    """One unit that can be answered, or was once, or lends its duties to others (a kind).

    `active_from` is its first day and `active_to` the first day on which it is no more, so that a reform's one date
    serves both the old unit and the new; ``None`` leaves that side open. `succeeded_by` holds the codes of those that
    took over its work. `system` is its first-level system (政府, 法院, …) where its level does not say it.
    """

    code: str
    name: str
    short_name: str = ""
    aliases: tuple[str, ...] = ()
    level: str = ""
    parent: str = ""
    area: str = ""
    duties: tuple[str, ...] = ()
    active_from: Date | None = None
    active_to: Date | None = None
    succeeded_by: tuple[str, ...] = ()
    system: str = ""

    @property
    def is_kind(self) -> bool:
        """Whether this is a template for units that are known by name only, never answered itself."""
        return self.code.startswith(KIND_PREFIX)

    @property
    def is_former(self) -> bool:
        """Whether an end is set, or somebody took over."""
        return self.active_to is not None or bool(self.succeeded_by)

    @property
    def names(self) -> tuple[str, ...]:
        """Name, short name and aliases, in this order, each once."""
        return tuple(dict.fromkeys(name for name in (self.name, self.short_name, *self.aliases) if name))

    def active(self, on: Date | None = None) -> bool:
        """Whether the unit exists on a day; without a day, whether it exists still (no end is set)."""
        if on is None:
            return self.active_to is None
        return (self.active_from is None or self.active_from <= on) and (self.active_to is None or on < self.active_to)


@dataclass(frozen=True, slots=True)
class Topic:
    """A node of the topic tree, the units that usually handle it and the phrases that stand for it."""

    code: str
    name: str
    parent: str = ""
    units: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Area:
    """A place with a jurisdiction: a district, a town, a street office's ground, a development zone.

    `served_by` holds the codes of the units that serve it, besides those that name it as their own area.
    """

    code: str
    name: str
    aliases: tuple[str, ...] = ()
    level: str = ""
    parent: str = ""
    short_name: str = ""
    former_names: tuple[str, ...] = ()
    served_by: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Name, short name, aliases and former names, in this order, each once."""
        names = (self.name, self.short_name, *self.aliases, *self.former_names)
        return tuple(dict.fromkeys(name for name in names if name))


Entry = TypeVar("Entry", Unit, Topic, Area)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Units, topics and areas of one place. Codes are unique in each; `check_catalogue` knows the other rules."""

    units: tuple[Unit, ...] = ()
    topics: tuple[Topic, ...] = ()
    areas: tuple[Area, ...] = ()
    _units: dict[str, Unit] = field(init=False, repr=False, compare=False)
    _topics: dict[str, Topic] = field(init=False, repr=False, compare=False)
    _areas: dict[str, Area] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_units", {unit.code: unit for unit in self.units})
        object.__setattr__(self, "_topics", {topic.code: topic for topic in self.topics})
        object.__setattr__(self, "_areas", {area.code: area for area in self.areas})

    def __contains__(self, code: object) -> bool:
        """Whether there is a unit of that code."""
        return code in self._units

    def unit(self, code: str) -> Unit:
        """The unit of that code; `CatalogueError` if there is none."""
        return _known(self._units, code, "unit")

    def topic(self, code: str) -> Topic:
        """The topic of that code; `CatalogueError` if there is none."""
        return _known(self._topics, code, "topic")

    def area(self, code: str) -> Area:
        """The area of that code; `CatalogueError` if there is none."""
        return _known(self._areas, code, "area")

    def topic_path(self, code: str) -> tuple[str, ...]:
        """The topic's names from the first level down to itself."""
        names: list[str] = []
        seen: set[str] = set()
        while code and code not in seen:
            seen.add(code)
            topic = self.topic(code)
            names.append(topic.name)
            code = topic.parent
        return tuple(reversed(names))

    def area_path(self, code: str) -> tuple[str, ...]:
        """The area's code and those of all that contain it, the area itself first."""
        codes: list[str] = []
        while code and code not in codes:
            codes.append(code)
            code = self.area(code).parent
        return tuple(codes)

    def current(self, on: Date | None = None) -> tuple[Unit, ...]:
        """The units that can be answered on a day; without a day, those with no end. Kinds never are."""
        return tuple(unit for unit in self.units if not unit.is_kind and unit.active(on))

    def successors(self, code: str, on: Date | None = None) -> tuple[Unit, ...]:
        """The units that carry on a unit's work on a day, through any number of reorganisations.

        Empty if the unit itself is active then. Without a day: those that exist still. A chain that ends before the
        day is reached (nobody took over) gives nothing.
        """
        start = self.unit(code)
        if start.active(on) and not (on is None and start.succeeded_by):
            return ()
        found: dict[str, Unit] = {}
        seen = {code}
        queue = list(start.succeeded_by)
        while queue:
            unit = self._units.get(queue.pop(0))
            if unit is None or unit.code in seen:
                continue
            seen.add(unit.code)
            if unit.active(on):
                found[unit.code] = unit
            else:
                queue.extend(unit.succeeded_by)
        return tuple(found.values())

    def predecessors(self, code: str) -> tuple[Unit, ...]:
        """Every unit whose work came to this one, directly or through others, nearest first."""
        found: dict[str, Unit] = {}
        frontier = {code}
        while frontier:
            nearest = [
                u for u in self.units if u.code not in found and u.code != code and frontier & set(u.succeeded_by)
            ]
            found.update((unit.code, unit) for unit in nearest)
            frontier = {unit.code for unit in nearest}
        return tuple(found.values())

    def to_dict(self) -> dict[str, Any]:
        """The catalogue as plain JSON types; empty fields are left out."""
        return {
            "format": FORMAT,
            "units": [_plain(unit) for unit in self.units],
            "topics": [_plain(topic) for topic in self.topics],
            "areas": [_plain(area) for area in self.areas],
        }

    def digest(self) -> str:
        """The catalogue's version: the SHA-256 of its units, topics and areas; their order counts, as it orders a
        model's columns.
        """
        told = json.dumps(self.to_dict(), sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Catalogue:
        """The catalogue that `to_dict` wrote; `CatalogueError` if the data has another shape."""
        if not isinstance(data, Mapping) or data.get("format") != FORMAT:
            found = data.get("format") if isinstance(data, Mapping) else type(data).__name__
            raise CatalogueError(
                f"the catalogue data has format {found!r}; this version of triage reads format {FORMAT}"
            )
        return cls(
            units=tuple(_made(Unit, entry) for entry in _entries(data, "units")),
            topics=tuple(_made(Topic, entry) for entry in _entries(data, "topics")),
            areas=tuple(_made(Area, entry) for entry in _entries(data, "areas")),
        )


def _known(table: Mapping[str, Entry], code: str, what: str) -> Entry:
    try:
        return table[code]
    except KeyError:
        raise CatalogueError(
            f"{what} {code!r} is not a code of this catalogue, which has {len(table)} {what}s"
        ) from None


def _plain(entry: Unit | Topic | Area) -> dict[str, Any]:
    plain: dict[str, Any] = {}
    for column in fields(entry):
        value = getattr(entry, column.name)
        if value:
            plain[column.name] = list(value) if isinstance(value, tuple) else str(value)
    return plain


def _entries(data: Mapping[str, Any], key: str) -> Iterable[Mapping[str, Any]]:
    entries = data.get(key, [])
    if not isinstance(entries, list) or not all(isinstance(entry, Mapping) for entry in entries):
        raise CatalogueError(f"the catalogue data has no list of objects under {key!r}")
    return entries


def _made(kind: type[Entry], entry: Mapping[str, Any]) -> Entry:
    """An entry from its JSON form: every value must have the type that its field has, and no field may be unknown."""
    defaults: dict[str, Any] = {column.name: column.default for column in fields(kind)}
    values: dict[str, Any] = {}
    for name, value in entry.items():
        default = defaults.get(name, MISSING)
        if isinstance(default, tuple) and isinstance(value, list) and all(isinstance(item, str) for item in value):
            values[name] = tuple(value)
        elif default is None and isinstance(value, str):
            values[name] = _day(value)
        elif name in defaults and not isinstance(default, tuple) and default is not None and isinstance(value, str):
            values[name] = value
        else:
            raise CatalogueError(
                f"the catalogue data has a {kind.__name__.lower()} with {name}={value!r}, which does not fit"
            )
    if not values.get("code") or not values.get("name"):
        raise CatalogueError(f"the catalogue data has a {kind.__name__.lower()} without code or name: {dict(entry)!r}")
    return kind(**values)


def _day(value: str) -> Date:
    try:
        return Date.fromisoformat(value)
    except ValueError:
        raise CatalogueError(f"the catalogue data has the day {value!r}; allowed is YYYY-MM-DD") from None
