"""A catalogue for the unit names that a place really uses, with duties found by name in another catalogue.

An office has a list of names or handled cases, seldom duties. Each name keeps standing as it is; what it is for comes
from the unit that it means in the source, and where it has its ground is read from the name itself.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from triage.catalogue.model import KIND_PREFIX, Area, Catalogue, Topic, Unit
from triage.catalogue.names import UnitName, fold, parse_unit_name
from triage.catalogue.resolve import Resolution, Resolver

_LEVEL_OF_PLACE: dict[str, str] = {
    "省": "省",
    "市": "市",
    "州": "市",
    "盟": "市",
    "县": "县",
    "旗": "县",
    "区": "区",
    "新区": "区",
    "开发区": "开发区",
    "镇": "乡镇",
    "乡": "乡镇",
    "街道": "街道",
    "村": "村",
    "社区": "社区",
}
_FORMS_OF_PLACE = sorted(_LEVEL_OF_PLACE, key=len, reverse=True)
_ZONE = re.compile("(?:开发|高新|工业|产业|园|度假|旅游|保税|集聚)区$")

# Names of towns and streets that are everyday words without their last character: alone they would turn up in every
# letter.
_EVERYDAY = frozenset(
    "大桥 中山 和平 新城 城关 城东 城西 城南 城北 城中 城厢 东门 西门 南门 北门 解放 人民 建设 光明 幸福 团结 胜利 "
    "友谊 阳光 文化 工业 新华 民主 新村 中心 河东 河西 江南 江北 前进 红旗 东风 开发 高新 新建 新兴 长江 长征 大学 "
    "学府 北站 南站 东站 西站 火车站 万里 四平 永丰 车站".split()
)


def catalogue_for_names(names: Iterable[str], source: Catalogue) -> tuple[Catalogue, tuple[Resolution, ...]]:
    """A catalogue of exactly these units, and what each name was found to mean, in the order of the names.

    A unit's code and name are the name given; names that differ only in width, brackets or spaces are one unit, under
    the first, and the rest are its aliases. Duties come from the unit that the name means in `source`, or from all of
    them where it covers several; a name that is unknown has none. Short names and aliases are taken where no other
    unit of the list could mean them. Dates and successors are taken where both sides of a reorganisation are in the
    list: alone, a former name is the name in use. Areas are read from the names; topics are those of `source`, with
    these units.
    """
    distinct: dict[str, list[str]] = defaultdict(list)
    for name in dict.fromkeys(name.strip() for name in names):
        if name:
            distinct[fold(name)].append(name)
    groups = [group for key, group in distinct.items() if key]
    parsed = {group[0]: parse_unit_name(group[0]) for group in groups}
    resolver = Resolver(source, places=(place for name in parsed.values() for place in name.places))
    resolutions = {group[0]: resolver.resolve(group[0]) for group in groups}
    areas, ground = _areas(parsed.values())
    sources = {name: _sources(resolution) for name, resolution in resolutions.items()}
    units = _units(groups, parsed, sources, ground)
    units = _with_dates(units, sources, source)
    topics = _topics(source, {unit.code: sources[unit.name] for unit in units})
    found = tuple(
        replace(resolutions[group[0]], name=name) if position else resolutions[group[0]]
        for group in groups
        for position, name in enumerate(group)
    )
    return Catalogue(units, topics, areas), found


def _sources(resolution: Resolution) -> tuple[Unit, ...]:
    return () if resolution.unit is None else (resolution.unit, *resolution.others)


def _units(
    groups: Sequence[Sequence[str]],
    parsed: Mapping[str, UnitName],
    sources: Mapping[str, tuple[Unit, ...]],
    ground: Mapping[str, str],
) -> tuple[Unit, ...]:
    """The units, as yet without dates."""
    taken = {fold(name) for group in groups for name in group}
    firsts = [units[0] for units in sources.values() if units and not units[0].is_kind]
    wanted = Counter(alias for unit in firsts for alias in {fold(name) for name in unit.names})
    codes = _codes([group[0] for group in groups])
    made: list[Unit] = []
    for group in groups:
        name = group[0]
        first = sources[name][0] if sources[name] else Unit("", "")
        aliases = [alias for alias in first.names if wanted[fold(alias)] == 1 and fold(alias) not in taken]
        aliases = [] if first.is_kind else aliases
        short = first.short_name if first.short_name in aliases else ""
        made.append(
            Unit(
                code=codes[name],
                name=name,
                short_name=short,
                aliases=(*group[1:], *(alias for alias in aliases if alias != short)),
                level="上级" if parsed[name].rank == "省" else first.level,
                area=ground.get(name, ""),
                duties=tuple(dict.fromkeys(duty for unit in sources[name] for duty in unit.duties)),
                system=first.system,
            )
        )
    return tuple(made)


def _codes(names: Sequence[str]) -> dict[str, str]:
    """The name itself, without what a list of codes in a cell could not hold."""
    codes: dict[str, str] = {}
    used: set[str] = set()
    for name in names:
        stem = re.sub(r"[;；\s]+", "-", name)
        stem = f"unit-{stem}" if stem.startswith(KIND_PREFIX) else stem
        code, number = stem, 2
        while code in used:
            code, number = f"{stem}-{number}", number + 1
        used.add(code)
        codes[name] = code
    return codes


def _with_dates(
    units: tuple[Unit, ...], sources: Mapping[str, tuple[Unit, ...]], source: Catalogue
) -> tuple[Unit, ...]:
    """Dates and successors, where a unit and one that took over from it are both in the list."""
    holders: dict[str, list[str]] = defaultdict(list)
    for unit in units:
        for origin in sources[unit.name][:1]:
            if not origin.is_kind:
                holders[origin.code].append(unit.code)
    heirs: dict[str, tuple[str, ...]] = {}
    for code in holders:
        reached = _nearest_heirs(code, source, holders)
        if reached:
            heirs[code] = reached
    inherited = {heir for reached in heirs.values() for heir in reached}
    dated: list[Unit] = []
    for unit in units:
        dates: dict[str, Any] = {}
        origins = [origin for origin in sources[unit.name][:1] if not origin.is_kind]
        for origin in origins:
            if origin.code in heirs:
                codes = (code for heir in heirs[origin.code] for code in holders[heir] if code != unit.code)
                dates.update(active_to=origin.active_to, succeeded_by=tuple(codes))
            if origin.code in inherited:
                dates.update(active_from=origin.active_from)
        dated.append(replace(unit, **dates))
    return tuple(dated)


def _nearest_heirs(code: str, source: Catalogue, holders: Mapping[str, list[str]]) -> tuple[str, ...]:
    """The nearest units of the source, in the list, to which a unit's work went."""
    found: dict[str, None] = {}
    seen, queue = {code}, list(source.unit(code).succeeded_by)
    while queue:
        heir = queue.pop(0)
        if heir in seen or heir not in source:
            continue
        seen.add(heir)
        if heir in holders:
            found[heir] = None
        else:
            queue.extend(source.unit(heir).succeeded_by)
    return tuple(found)


def _areas(names: Iterable[UnitName]) -> tuple[tuple[Area, ...], dict[str, str]]:
    """The places of all names as a tree, and the smallest place of each name (by the name as given)."""
    named = [name for name in names if name.places]
    codes: dict[tuple[str, ...], str] = {}
    for name in sorted(named, key=lambda name: -len(name.places)):
        for end in range(len(name.places), 0, -1):
            codes.setdefault(name.places[:end], "".join(name.places[:end]))
    # 某区某局 beside 某市某区某局: a path that begins in the middle of exactly one other is that other's.
    for path in sorted(codes, key=len):
        longer = [other for other in codes if len(other) > len(path) and other[-len(path) :] == path]
        if len(longer) == 1:
            codes[path] = codes[longer[0]]
    areas: dict[str, Area] = {}
    for path, code in sorted(codes.items(), key=lambda item: (-len(item[0]), item[0])):
        parent = codes[path[:-1]] if len(path) > 1 else ""
        areas.setdefault(code, Area(code, path[-1], _bare(path[-1]), _level(path[-1]), parent))
    ground = {name.raw: codes[name.places] for name in named}
    for name in named:
        if name.branch:
            inside = [
                area.code for area in areas.values() if name.branch in area.names and area.parent == ground[name.raw]
            ]
            if len(inside) == 1:
                ground[name.raw] = inside[0]
    return tuple(areas[code] for code in sorted(areas)), ground


def _bare(place: str) -> tuple[str, ...]:
    """The place without its level character, if that is a word of its own and no everyday one."""
    form = next((form for form in _FORMS_OF_PLACE if place.endswith(form)), "")
    bare = place.removesuffix(form)
    return (bare,) if form and len(bare) >= 2 and bare not in _EVERYDAY and not _ZONE.search(place) else ()


def _level(place: str) -> str:
    if _ZONE.search(place):
        return "开发区"
    return next((_LEVEL_OF_PLACE[form] for form in _FORMS_OF_PLACE if place.endswith(form)), "其他")


def _topics(source: Catalogue, origins: Mapping[str, tuple[Unit, ...]]) -> tuple[Topic, ...]:
    """The source's topics, each with the new units that come from its units, or from those before or after them."""
    holders: dict[str, list[str]] = defaultdict(list)
    for code, units in origins.items():
        for unit in units:
            holders[unit.code].append(code)
    related = {
        unit.code: ([heir.code for heir in source.successors(unit.code)], source.predecessors(unit.code))
        for unit in source.units
        if unit.code not in holders
    }
    topics: list[Topic] = []
    for topic in source.topics:
        mapped: dict[str, None] = {}
        for code in topic.units:
            if code in holders:
                mapped.update(dict.fromkeys(holders[code]))
                continue
            heirs, before = related.get(code, ([], ()))
            near = [heir for heir in heirs if heir in holders]
            near = near or _fitting(topic, [unit for unit in before if unit.code in holders])
            mapped.update((new, None) for origin in near for new in holders[origin])
        topics.append(replace(topic, units=tuple(mapped)))
    return tuple(topics)


def _fitting(topic: Topic, units: Sequence[Unit]) -> list[str]:
    """Which of the units that were merged into a topic's unit had this topic: those whose words it shares most."""
    words = _pairs((topic.name, *topic.phrases))
    shared = {unit.code: len(words & _pairs((unit.name, *unit.duties))) for unit in units}
    most = max(shared.values(), default=0)
    return [code for code, count in shared.items() if 2 * count >= most]


def _pairs(texts: Iterable[str]) -> set[str]:
    return {text[start : start + 2] for text in texts for start in range(len(text) - 1)}
