"""From a name met in a case to the unit of the catalogue that it means.

Names in history have prefixes, old forms, second names in brackets and local short forms. The steps go from the certain to the
likely, and a step that leaves two units possible ends in *unknown*: a wrong unit would be learned and answered.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from triage.catalogue.check import fold
from triage.catalogue.model import Catalogue, Unit
from triage.catalogue.names import UnitName, parse_unit_name
from triage.catalogue.shapes import EQUAL, LEAST, Shape, likeness, shape_of

MARGIN = 0.1
"""How far the likeliest unit must stand above the next, unless one took over from the other."""


class How(StrEnum):
    """How a name found its unit."""

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

    `unit` is ``None`` where `how` is ``unknown``. `others` are further units whose work the name also covers: second names
    (统战部（侨办、台办）), or functions joined in one (财政地税局). `successors` carry on the work of a former unit. `note` says it in
    Chinese.
    """

    name: str
    unit: Unit | None
    how: How
    note: str
    others: tuple[Unit, ...] = ()
    successors: tuple[Unit, ...] = ()


@dataclass(frozen=True, slots=True)
class _Entry:
    """One name of one unit, taken apart."""

    unit: Unit
    name: str
    parsed: UnitName
    core: str
    shape: Shape
    own: bool


@dataclass(frozen=True, slots=True)
class _Match:
    """A unit that a step found, or the units between which it could not choose."""

    units: tuple[Unit, ...]
    how: How
    by: str = ""
    others: tuple[Unit, ...] = ()


_LOCAL_CORE = re.compile("^(镇|乡|街道|村|社区)|^管委会$|^管理委员会$")
_ENDING_OF_ORGAN = re.compile("(?:局|委员会|委|办公室|厅)$")
_KIND_ENDINGS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("乡镇", ("镇人民政府", "乡人民政府", "镇政府", "乡政府", "镇党委", "乡党委")),
    ("街道", ("街道办事处", "街道办", "街道")),
    ("村", ("村民委员会", "村委会", "经济合作社")),
    ("社区", ("居民委员会", "居委会", "社区")),
    (
        "开发区",
        (
            "区管委会",
            "区管理委员会",
            "城管委会",
            "园管委会",
            "岛管委会",
            "开发区",
            "园区",
            "工业区",
            "度假区",
            "经济技术开发管理委员会",
        ),
    ),
    ("指挥部", ("指挥部",)),
    ("学校", ("大学", "学院", "学校", "中学", "小学", "幼儿园", "一中", "二中", "三中", "实验学校")),
    ("医院", ("医院", "卫生院", "医学中心", "卫生服务中心", "保健院")),
    ("企业", ("公司", "集团")),
)


class Resolver:
    """Finds the unit that a name means in one catalogue. Built once (some 10 ms), then some 20 µs a name.

    `places` are further places known to stand before names (某市), so that their bare form is recognised too (某海关 in that city).
    """

    def __init__(self, catalogue: Catalogue, places: Iterable[str] = ()) -> None:
        self._catalogue = catalogue
        self._exact: dict[str, list[_Entry]] = {}
        self._cores: dict[str, list[_Entry]] = {}
        self._entries: list[_Entry] = []
        self._likely: dict[Shape, _Match | None] = {}
        for unit in catalogue.units:
            for name in unit.names:
                self._add(unit, name)
        self._kind_endings = self._endings()
        known = (*places, *(name for area in catalogue.areas for name in area.names))
        bare = {re.sub("(?:省|市|新区|区|县|镇|乡|街道)$", "", place) for place in known}
        self._bare_places = sorted((place for place in bare if len(place) >= 2), key=lambda place: (-len(place), place))

    def resolve(self, name: str) -> Resolution:
        """The unit that `name` means. Never raises: an empty, foreign or ambiguous name is ``unknown``, with a note."""
        key = fold(name)
        if not key:
            return Resolution(name, None, How.UNKNOWN, "名称为空")
        parsed = parse_unit_name(name)
        match = self._whole(key) or self._core(parsed) or self._bracket(parsed) or self._abbreviated(parsed)
        match = match or self._without_place(parsed) or self._joined(parsed) or self._part(parsed) or self._kind(parsed)
        if match is None:
            return Resolution(name, None, How.UNKNOWN, "目录中没有这个单位：保留原名，没有职责可用")
        if len(match.units) != 1:
            candidates = "、".join(unit.name for unit in match.units[:5])
            return Resolution(name, None, How.UNKNOWN, f"可能是{candidates}，无法确定：保留原名，请在目录的别名中写明")
        return self._resolution(name, match, parsed)

    def _resolution(self, name: str, match: _Match, parsed: UnitName) -> Resolution:
        unit = match.units[0]
        others = {other.code: other for other in match.others if other.code != unit.code}
        for second in parsed.seconds:
            found = self._second(second)
            if found and found.code != unit.code and not found.is_kind:
                others.setdefault(found.code, found)
        how = How.KIND if unit.is_kind else match.how
        successors: tuple[Unit, ...] = ()
        note = _NOTES[how].format(unit.name, match.by)
        if unit.is_former:
            how = How.FORMER
            successors = self._catalogue.successors(unit.code) if all(map(self._has, unit.succeeded_by)) else ()
            since = f"（{unit.active_to.isoformat()}起停用）" if unit.active_to else ""
            heirs = f"，现由{'、'.join(heir.name for heir in successors)}承接" if successors else ""
            note = f"机构改革前的{unit.name}{since}{heirs}"
        if others:
            note += f"；兼有{'、'.join(other.name for other in others.values())}的职责"
        return Resolution(name, unit, how, note, tuple(others.values()), successors)

    # The steps, from the certain to the likely. Each gives a match, several candidates, or None to go on.

    def _whole(self, key: str) -> _Match | None:
        entries = self._exact.get(key, [])
        own = [entry for entry in entries if entry.own]
        if own:
            return _match(own, How.EXACT)
        return _match(entries, How.ALIAS) if entries else None

    def _core(self, parsed: UnitName) -> _Match | None:
        fitting = self._placed(self._cores.get(fold(parsed.core), []), parsed)
        return _match(fitting, How.PREFIX) if fitting else None

    def _bracket(self, parsed: UnitName) -> _Match | None:
        found = [unit for unit in map(self._second, parsed.seconds) if unit]
        if not found:
            return None
        return _Match((found[0],), How.BRACKET, parsed.seconds[0], tuple(found[1:]))

    def _abbreviated(self, parsed: UnitName) -> _Match | None:
        if _LOCAL_CORE.search(parsed.core):
            return None
        shape = shape_of(fold(parsed.core))
        if shape not in self._likely:
            self._likely[shape] = self._likeliest(shape)
        match = self._likely[shape]
        if match is None or not self._kind_of_ending(fold(parsed.core)):
            return match
        # A company, school or town is itself: only another way of writing its very name counts.
        return match if match.by == "=" else None

    def _without_place(self, parsed: UnitName) -> _Match | None:
        core = fold(parsed.core)
        for place in self._bare_places:
            if core.startswith(place) and len(core) >= len(place) + 2:
                inner = parse_unit_name(core.removeprefix(place))
                return self._core(inner) or self._abbreviated(inner)
        return None

    def _joined(self, parsed: UnitName) -> _Match | None:
        """Two or three known functions in one name: 财政地税局, 建设和交通委员会."""
        shape = shape_of(fold(parsed.core))
        if shape.form != "局" or len(shape.stem) < 4:
            return None
        parts = [part for part in shape.parts if shape_of(part + "局").reduced]
        found = (
            self._functions(parts) if len(parts) > 1 or len(shape.parts) > 1 else self._functions(self._cut(shape.stem))
        )
        if not found:
            return None
        units = tuple(dict.fromkeys(found))
        return _Match(units[:1], How.ABBREVIATION, "", units[1:])

    def _part(self, parsed: UnitName) -> _Match | None:
        """A bureau's team or office: 交通运输局执法大队. The longest bureau that the name begins with."""
        core = fold(parsed.core)
        for end in range(len(core) - 1, 2, -1):
            if _ENDING_OF_ORGAN.search(core[:end]):
                entries = [
                    entry for entry in self._placed(self._cores.get(core[:end], []), parsed) if not entry.unit.is_kind
                ]
                if entries:
                    return _match(entries, How.PART)
        return None

    def _kind(self, parsed: UnitName) -> _Match | None:
        unit = self._kind_of_ending(fold(parsed.core)) or self._kind_of_ending(fold(parsed.raw))
        return _Match((unit,), How.KIND) if unit else None

    # What the steps stand on.

    def _add(self, unit: Unit, name: str) -> None:
        parsed = parse_unit_name(name)
        core = fold(parsed.core)
        entry = _Entry(unit, name, parsed, core, shape_of(core), own=name == unit.name)
        self._exact.setdefault(fold(name), []).append(entry)
        for key in dict.fromkeys((core, *(fold(second) for second in parsed.seconds))):
            self._cores.setdefault(key, []).append(entry)
        self._entries.append(entry)

    def _endings(self) -> list[tuple[str, Unit]]:
        """What a name may end with → the kind whose template it takes; the longest first."""
        kinds = [unit for unit in self._catalogue.units if unit.is_kind]
        endings: dict[str, Unit] = {}
        for unit in kinds:
            for name in unit.names:
                if len(name) >= 2:
                    endings.setdefault(fold(name), unit)
        for level, words in _KIND_ENDINGS:
            first = next((unit for unit in kinds if unit.level == level), None)
            for word in words if first else ():
                endings.setdefault(word, first)  # type: ignore[arg-type]  # `first` is a unit where there are words
        return sorted(endings.items(), key=lambda item: (-len(item[0]), item[0]))

    def _kind_of_ending(self, core: str) -> Unit | None:
        return next((unit for ending, unit in self._kind_endings if core.endswith(ending)), None)

    def _placed(self, entries: list[_Entry], parsed: UnitName) -> list[_Entry]:
        """Those entries whose place does not contradict the asked one; where some have the very place, only these."""
        same = [entry for entry in entries if entry.parsed.places and _same_place(entry.parsed.places[-1], parsed)]
        if same:
            longest = max(len(entry.parsed.places[-1]) for entry in same)
            return [entry for entry in same if len(entry.parsed.places[-1]) == longest]
        if _LOCAL_CORE.search(parsed.core):
            return [entry for entry in entries if entry.unit.is_kind and not entry.parsed.places]
        if parsed.places:
            return [entry for entry in entries if not entry.parsed.places]
        return entries

    def _second(self, core: str) -> Unit | None:
        """The unit of a second name, if there is exactly one."""
        parsed = parse_unit_name(core)
        match = self._whole(fold(core)) or self._core(parsed) or self._abbreviated(parsed)
        return match.units[0] if match and len(match.units) == 1 else None

    def _functions(self, stems: Iterable[str]) -> list[Unit]:
        """The unit of each stem, or nothing if one of them has none."""
        found: list[Unit] = []
        for stem in stems:
            unit = self._second(stem + "局")
            if unit is None or unit.is_kind:
                return []
            found.append(unit)
        return found

    def _cut(self, stem: str) -> list[str]:
        """The stem cut into two or three stems that units have, the longest first piece preferred."""
        known = {entry.shape.stem for entry in self._entries if entry.shape.form == "局" and not entry.unit.is_kind}
        for end in range(len(stem) - 2, 1, -1):
            head, tail = stem[:end], stem[end:]
            if head in known and tail in known:
                return [head, tail]
        for end in range(len(stem) - 4, 1, -1):
            if stem[:end] in known:
                for second in range(end + 2, len(stem) - 1):
                    if stem[end:second] in known and stem[second:] in known:
                        return [stem[:end], stem[end:second], stem[second:]]
        return []

    def _likeliest(self, shape: Shape) -> _Match | None:
        """The unit with the likest name, if it stands clear of all unrelated ones."""
        scores: dict[str, float] = {}
        units: dict[str, Unit] = {}
        for entry in self._entries:
            if entry.parsed.places:
                continue
            score = likeness(shape, entry.shape)
            if score >= (EQUAL * 0.85 if entry.unit.is_kind else LEAST) and score > scores.get(entry.unit.code, 0.0):
                scores[entry.unit.code] = score
                units[entry.unit.code] = entry.unit
        if not scores:
            return None
        order = sorted(scores, key=lambda code: (-scores[code], units[code].is_kind, units[code].is_former, code))
        best = units[order[0]]
        level = scores[best.code]
        rivals = [
            units[code]
            for code in order[1:]
            if scores[code] > level - MARGIN and scores[code] >= min(level, EQUAL) - MARGIN
        ]
        rivals = [rival for rival in rivals if rival.is_kind == best.is_kind and not self._related(best, rival)]
        if level >= EQUAL:
            rivals = [rival for rival in rivals if scores[rival.code] >= level - 0.01]
        return _Match((best, *rivals), How.ABBREVIATION, "=" if level >= EQUAL else "")

    def _related(self, one: Unit, two: Unit) -> bool:
        """Whether one took over from the other, or both went into the same unit."""
        return bool(self._heirs(one) & self._heirs(two))

    def _heirs(self, unit: Unit) -> set[str]:
        heirs, queue = {unit.code}, list(unit.succeeded_by)
        while queue:
            code = queue.pop()
            if code not in heirs and self._has(code):
                heirs.add(code)
                queue.extend(self._catalogue.unit(code).succeeded_by)
        return heirs

    def _has(self, code: str) -> bool:
        return code in self._catalogue


_NOTES: dict[How, str] = {
    How.EXACT: "与目录中的名称一致",
    How.ALIAS: "是{0}的简称或别名",
    How.PREFIX: "去掉地名后即{0}",
    How.BRACKET: "按括号中的“{1}”即{0}",
    How.ABBREVIATION: "是{0}的另一种写法",
    How.PART: "是{0}的下属机构",
    How.KIND: "按“{0}”这一类单位的职责",
    How.FORMER: "",
    How.UNKNOWN: "",
}


def _same_place(known: str, asked: UnitName) -> bool:
    """Whether a known place is the asked name's smallest; a zone's general name (高新技术产业开发区) is also that of a certain one."""
    if not asked.places:
        return False
    place = asked.places[-1]
    return place == known or (
        len(known) >= 4 and known.endswith("区") and asked.core == "管委会" and place.endswith(known)
    )


def _match(entries: list[_Entry], how: How) -> _Match:
    """One match for all entries: a unit's own name outranks an alias, a unit a kind, and what exists what was."""
    preferences: tuple[Callable[[_Entry], bool], ...] = (
        lambda entry: entry.own,
        lambda entry: not entry.unit.is_kind,
        lambda entry: not entry.unit.is_former,
    )
    for preferred in preferences:
        entries = [entry for entry in entries if preferred(entry)] or entries
    return _Match(tuple({entry.unit.code: entry.unit for entry in entries}.values()), how)
