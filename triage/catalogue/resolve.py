"""From a name met in a case to the unit of the catalogue that it means.

Names in history have prefixes, old forms, second names in brackets and local short forms. The steps go from the
certain to the likely, and a step that leaves two units possible ends in *unknown*: a wrong unit would be learned and
answered.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from triage.catalogue.model import Catalogue, Unit
from triage.catalogue.names import LONGEST_NAME, PARTY, UnitName, fold, parse_unit_name
from triage.catalogue.shapes import EQUAL, LEAST, ORGAN, Shape, likeness, shape_of

MARGIN = 0.1
"""How far a unit whose name is shortened must stand above the next, unless one took over from the other."""

EQUAL_MARGIN = 0.01
"""The same for a name that is only written differently."""


class How(StrEnum):
    """How a name found its unit.

    EXACT: the unit's own name. ALIAS: its short name or an alias. PREFIX: the same without places. FORMER: in one of
    these ways, a unit that a reorganisation ended. BRACKET: by a second name. ABBREVIATION: by another way of writing
    the name. PART: a team or office of the unit. KIND: only what kind of unit it is. UNKNOWN: nothing, or several.
    """

    EXACT = "exact"
    ALIAS = "alias"
    PREFIX = "prefix"
    FORMER = "former"
    BRACKET = "bracket"
    ABBREVIATION = "abbreviation"
    PART = "part"
    KIND = "kind"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Resolution:
    """What a name means.

    `unit` is ``None`` where `how` is ``unknown``. `others` are further units whose work the name also covers: its
    second names (统战部（侨办、台办）), or functions joined in one (财政地税局). `successors` carry on the work of a
    former unit. `note` says all this in Chinese.
    """

    name: str
    unit: Unit | None
    how: How
    note: str
    others: tuple[Unit, ...] = ()
    successors: tuple[Unit, ...] = ()


@dataclass(frozen=True, slots=True)
class _Entry:
    """One name of one unit, taken apart. `own`: its name, not a short name or alias."""

    unit: Unit
    parsed: UnitName
    own: bool


@dataclass(frozen=True, slots=True)
class _Match:
    """The unit that a step found, or several between which it could not choose. `same`: no name was shortened."""

    units: tuple[Unit, ...]
    how: How
    by: str = ""
    others: tuple[Unit, ...] = ()
    same: bool = True


_NOTES: dict[How, str] = {
    How.EXACT: "与目录中的名称一致",
    How.ALIAS: "是{unit}的简称或别名",
    How.PREFIX: "去掉地名后即{unit}",
    How.FORMER: "机构改革前的{unit}",
    How.BRACKET: "按第二名称“{by}”即{unit}",
    How.ABBREVIATION: "是{unit}的另一种写法",
    How.PART: "是{unit}的下属机构",
    How.KIND: "按“{unit}”这一类单位的职责",
}

# The government of a small place is written in several ways; the place says which one it is.
_LOCAL: dict[str, str] = {
    "镇": "镇 镇人民政府 镇政府",
    "乡": "乡 乡人民政府 乡政府",
    "街道": "街道 街道办事处 街道办",
    "管委会": "管委会 管理委员会",
    "村": "村 村民委员会 村委会",
    "社区": "社区 社区居民委员会 社区居委会",
}
_LOCAL_CORE = {word: core for core, words in _LOCAL.items() for word in words.split()}

# What the names of each level's units end with, for catalogues whose kinds do not list it themselves.
_KIND_ENDINGS: dict[str, str] = {
    "乡镇": "镇人民政府 乡人民政府 镇政府 乡政府 镇党委 乡党委",
    "街道": "街道办事处 街道办 街道",
    "村": "村民委员会 村委会 经济合作社",
    "社区": "居民委员会 居委会 社区",
    "开发区": "区管委会 区管理委员会 城管委会 园管委会 岛管委会 开发区 园区 工业区 度假区 技术开发管理委员会",
    "指挥部": "指挥部",
    "学校": "大学 学院 学校 中学 小学 幼儿园 一中 二中 三中",
    "医院": "医院 卫生院 医学中心 卫生服务中心 保健院",
    "企业": "公司 集团",
}
_ORGAN_ENDING = re.compile("(?:局|委员会|委|办公室|厅|^人大|^政协)$")
_ORDINAL = re.compile("^第[一二三四五六七八九十0-9]+")
_LANDSCAPE = re.compile("^.{1,5}?[湾湖江山岛河]")
_PLACE_FORM = re.compile("(?:省|市|新区|区|县|镇|乡|街道)$")
_RANKS = "市县区州旗省"
_REMEMBERED = 4096  # Comparisons kept, so that texts from outside cannot fill the memory.


class Resolver:
    """Finds the unit that a name means in one catalogue.

    Built in some 30 ms for 200 units with their aliases; a name then takes microseconds, one that needs comparing with
    all others some 2 ms, once. `places` are further places known to stand before names, so that their bare form is
    recognised too (某市 given: 某海关).
    """

    def __init__(self, catalogue: Catalogue, places: Iterable[str] = ()) -> None:
        self._catalogue = catalogue
        self._exact: dict[str, list[_Entry]] = {}
        self._cores: dict[str, list[_Entry]] = {}
        self._shapes: dict[Shape, dict[str, Unit]] = {}
        for unit in catalogue.units:
            for name in unit.names:
                self._add(unit, name)
        self._likely: dict[Shape, _Match | None] = {}
        self._stems = {
            shape.stem
            for shape, units in self._shapes.items()
            if shape.form == ORGAN and not shape.is_generic and not all(unit.is_kind for unit in units.values())
        }
        self._endings = _kind_endings(catalogue)
        known = (*places, *(name for area in catalogue.areas for name in area.names))
        bare = {_PLACE_FORM.sub("", place) for place in known}
        self._bare_places = sorted((place for place in bare if len(place) >= 2), key=lambda place: (-len(place), place))

    def resolve(self, name: str) -> Resolution:
        """The unit that `name` means. Never raises: an empty, foreign or ambiguous name is ``unknown``, with a note."""
        key = fold(name)
        if not key:
            return Resolution(name, None, How.UNKNOWN, "名称为空")
        if len(key) > LONGEST_NAME:
            return Resolution(name, None, How.UNKNOWN, f"名称超过{LONGEST_NAME}字，不是单位名称")
        parsed = parse_unit_name(name)
        match = self._whole(key) or self._core(parsed) or self._head(parsed) or self._bracket(parsed)
        match = match or self._alike(parsed) or self._stripped(parsed) or self._part(parsed) or self._kind(parsed)
        if match is None:
            return Resolution(name, None, How.UNKNOWN, "目录中没有这个单位：保留原名，没有职责可用")
        if len(match.units) > 1:
            candidates = "、".join(unit.name for unit in match.units[:5])
            return Resolution(name, None, How.UNKNOWN, f"可能是{candidates}，无法确定：保留原名；请在目录的别名中写明")
        return self._resolution(name, match, parsed)

    def _resolution(self, name: str, match: _Match, parsed: UnitName) -> Resolution:
        unit = match.units[0]
        how = How.FORMER if unit.is_former else How.KIND if unit.is_kind else match.how
        seconds = (second for second in map(self._second, parsed.seconds) if second and not second.is_kind)
        others = {other.code: other for other in (*match.others, *seconds) if other.code != unit.code}
        note = _NOTES[how].format(unit=unit.name, by=match.by)
        successors: tuple[Unit, ...] = ()
        if how is How.FORMER:
            successors = self._catalogue.successors(unit.code)
            note += f"（{unit.active_to.isoformat()}起停用）" if unit.active_to else ""
            note += f"，现由{_listed(successors)}承接" if successors else ""
        if others:
            note += f"；兼有{_listed(others.values())}的职责"
        return Resolution(name, unit, how, note, tuple(others.values()), successors)

    # The steps, from the certain to the likely. Each gives a match, several candidates, or None to go on.

    def _whole(self, key: str) -> _Match | None:
        entries = self._exact.get(key)
        return _match(entries, How.EXACT if any(entry.own for entry in entries) else How.ALIAS) if entries else None

    def _core(self, parsed: UnitName) -> _Match | None:
        """The same name under another place, or under none: 某市教育局, 市教育局, 教育局."""
        core = _core_key(parsed.core)
        entries = self._placed(self._cores.get(core, []), parsed)
        if not entries and not parsed.rank and core[0] in _RANKS:
            # 市志办 is no 市 + 志办, but it is what a county calls 县志办.
            entries = [entry for rank in (*_RANKS, "") for entry in self._cores.get(rank + core[1:], [])]
        if not entries and core.startswith(PARTY):
            # 县委农办 and 农办, 市委政法委 and 政法委 are one.
            entries = self._placed(self._cores.get(core.removeprefix(PARTY), []), parsed)
        return _match(entries, How.PREFIX) if entries else None

    def _head(self, parsed: UnitName) -> _Match | None:
        """A branch office is its bureau's or company's: 公安局某某分局."""
        if not parsed.head:
            return None
        head = replace(parsed, core=parsed.head, head="", branch="", seconds=())
        return self._core(head) or self._alike(head)

    def _bracket(self, parsed: UnitName) -> _Match | None:
        found = [(second, unit) for second in parsed.seconds if (unit := self._second(second))]
        if not found:
            return None
        (by, unit), *others = found
        return _Match((unit,), How.BRACKET, by, tuple(other for _, other in others if not other.is_kind))

    def _alike(self, parsed: UnitName) -> _Match | None:
        """The same name written differently, else several functions joined, else a name that is shortened."""
        core = fold(parsed.core)
        if core in _LOCAL_CORE:
            return None
        shape = shape_of(core)
        if shape not in self._likely:
            if len(self._likely) >= _REMEMBERED:
                self._likely.clear()
            self._likely[shape] = self._likeliest(shape)
        match = self._likely[shape]
        if match and match.same:
            return match
        # A company, school or hospital is itself: only another way of writing its very name counts.
        return None if self._kind_of_ending(core) else self._joined(shape) or match

    def _joined(self, shape: Shape) -> _Match | None:
        """Two or three known functions in one name: 财政地税局, 建设和交通委员会."""
        if shape.form != ORGAN or len(shape.stem) < 4:
            return None
        stems = [part for part in shape.parts if shape_of(part + ORGAN).reduced] if len(shape.parts) > 1 else []
        units = [self._second(stem + ORGAN) for stem in stems or self._cut(shape.stem)]
        # 水利和湖泊局 is 水利局 with something added; 湖泊和水利局 would be an unknown bureau with something added.
        if not units or units[0] is None:
            return None
        found = tuple({unit.code: unit for unit in units if unit is not None and not unit.is_kind}.values())
        return _Match(found[:1], How.ABBREVIATION, others=found[1:]) if found else None

    def _stripped(self, parsed: UnitName) -> _Match | None:
        """Without a place that shows no form (某某海关), a number (第三税务分局) or a landscape (某某湾创新中心)."""
        core = fold(parsed.core)
        for place in self._bare_places:
            if core.startswith(place) and len(core) >= len(place) + 2:
                inner = parse_unit_name(core.removeprefix(place))
                return self._core(inner) or self._alike(inner)
        for prefix, least in ((_ORDINAL, 2), (_LANDSCAPE, 4)):
            if (match := prefix.match(core)) and len(core) >= match.end() + least:
                return self._core(parse_unit_name(core[match.end() :]))
        return None

    def _part(self, parsed: UnitName) -> _Match | None:
        """A bureau's team or office (交通运输局执法大队): the longest bureau that the name begins with."""
        core = fold(parsed.core)
        for end in range(len(core) - 1, 1, -1):
            if _ORGAN_ENDING.search(core[:end]):
                entries = self._placed(self._cores.get(core[:end], []), parsed)
                entries = [entry for entry in entries if not entry.unit.is_kind]
                if entries:
                    return _match(entries, How.PART)
        return None

    def _kind(self, parsed: UnitName) -> _Match | None:
        unit = self._kind_of_ending(fold(parsed.core)) or self._kind_of_ending(fold(parsed.raw))
        return _Match((unit,), How.KIND) if unit else None

    # What the steps stand on.

    def _add(self, unit: Unit, name: str) -> None:
        key = fold(name)
        if not key:
            return
        parsed = parse_unit_name(name)
        entry = _Entry(unit, parsed, own=name == unit.name)
        self._exact.setdefault(key, []).append(entry)
        for core in dict.fromkeys((_core_key(parsed.core), *map(_core_key, parsed.seconds))):
            self._cores.setdefault(core, []).append(entry)
        if not parsed.places:
            self._shapes.setdefault(shape_of(fold(parsed.core)), {})[unit.code] = unit

    def _kind_of_ending(self, core: str) -> Unit | None:
        return next((unit for ending, unit in self._endings if core.endswith(ending)), None)

    def _placed(self, entries: Sequence[_Entry], parsed: UnitName) -> Sequence[_Entry]:
        """Those whose place does not contradict the asked one; where some have the very place, only these."""
        same = [entry for entry in entries if entry.parsed.places and _same_place(entry.parsed.places[-1], parsed)]
        if same:
            longest = max(len(entry.parsed.places[-1]) for entry in same)
            return [entry for entry in same if len(entry.parsed.places[-1]) == longest]
        if _core_key(parsed.core) in _LOCAL:
            return [entry for entry in entries if entry.unit.is_kind and not entry.parsed.places]
        if parsed.places:
            return [entry for entry in entries if not entry.parsed.places]
        return [entry for entry in entries if parsed.rank and entry.parsed.rank == parsed.rank] or entries

    def _second(self, core: str) -> Unit | None:
        """The unit of a further name, if there is exactly one and its name is not shortened."""
        parsed = parse_unit_name(core)
        match = self._whole(fold(core)) or self._core(parsed)
        if match is None:
            alike = self._likeliest(shape_of(fold(parsed.core)))
            match = alike if alike and alike.same else None
        return match.units[0] if match and len(match.units) == 1 else None

    def _cut(self, stem: str) -> list[str]:
        """A stem cut into two or three stems that units have, the first as long as possible."""
        for end in range(len(stem) - 2, 1, -1):
            head, tail = stem[:end], stem[end:]
            if head in self._stems:
                if tail in self._stems:
                    return [head, tail]
                for middle in range(len(tail) - 2, 1, -1):
                    if tail[:middle] in self._stems and tail[middle:] in self._stems:
                        return [head, tail[:middle], tail[middle:]]
        return []

    def _likeliest(self, asked: Shape) -> _Match | None:
        """The unit with the likest name, and those that come too near to it without being related."""
        scores: dict[str, float] = {}
        units: dict[str, Unit] = {}
        for shape, holders in self._shapes.items():
            score = likeness(asked, shape)
            if score < LEAST:
                continue
            for code, unit in holders.items():
                # A kind has no name of its own that could be shortened.
                if score > scores.get(code, 0.0) and (score >= EQUAL * 0.85 or not unit.is_kind):
                    scores[code], units[code] = score, unit
        if not scores:
            return None
        order = sorted(units.values(), key=lambda unit: (-scores[unit.code], unit.is_kind, unit.is_former, unit.code))
        best, top = order[0], scores[order[0].code]
        floor = top - (EQUAL_MARGIN if top >= EQUAL else MARGIN)
        rivals = (
            unit
            for unit in order[1:]
            if scores[unit.code] >= floor and unit.is_kind == best.is_kind and not self._related(best, unit)
        )
        return _Match((best, *rivals), How.ABBREVIATION, same=top >= EQUAL)

    def _related(self, one: Unit, two: Unit) -> bool:
        """Whether one took over from the other, or both went into the same unit."""
        return not self._heirs(one).isdisjoint(self._heirs(two))

    def _heirs(self, unit: Unit) -> set[str]:
        heirs, queue = {unit.code}, list(unit.succeeded_by)
        while queue:
            code = queue.pop()
            if code not in heirs and code in self._catalogue:
                heirs.add(code)
                queue.extend(self._catalogue.unit(code).succeeded_by)
        return heirs


def _core_key(core: str) -> str:
    core = fold(core)
    return _LOCAL_CORE.get(core, core)


def _same_place(known: str, asked: UnitName) -> bool:
    """Whether a known place is the asked name's smallest. A zone's general name (经济开发区) may mean any one."""
    if not asked.places:
        return False
    place = asked.places[-1]
    general = len(known) >= 4 and known.endswith("区") and asked.core == "管委会"
    return place == known or (general and place.endswith(known))


def _match(entries: Sequence[_Entry], how: How) -> _Match:
    """One match for all entries: a unit's own name outranks an alias, a unit a kind, and what exists what was."""
    preferences: tuple[Callable[[_Entry], bool], ...] = (
        lambda entry: entry.own,
        lambda entry: not entry.unit.is_kind,
        lambda entry: not entry.unit.is_former,
    )
    for preferred in preferences:
        entries = [entry for entry in entries if preferred(entry)] or entries
    return _Match(tuple({entry.unit.code: entry.unit for entry in entries}.values()), how)


def _kind_endings(catalogue: Catalogue) -> list[tuple[str, Unit]]:
    """What a name may end with and the kind that then lends its duties; the longest first."""
    kinds = [unit for unit in catalogue.units if unit.is_kind]
    endings: dict[str, Unit] = {}
    for unit in kinds:
        for name in unit.names:
            if len(name) >= 2:
                endings.setdefault(fold(name), unit)
    for unit in kinds:
        for word in _KIND_ENDINGS.get(unit.level, "").split():
            endings.setdefault(word, unit)
    return sorted(endings.items(), key=lambda item: (-len(item[0]), item[0]))


def _listed(units: Iterable[Unit]) -> str:
    return "、".join(unit.name for unit in units)
