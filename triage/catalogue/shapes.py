"""How alike two unit names are, apart from their places: what the unit is about (stem) and what form it has.

局, 委, 委员会, 办 and 办公室 are one form: places choose differently for the same function (教育局, 教育委员会). 协会, 联合会, 中心 or
大队 are not: 科技局 is not 科协. Stems are compared without 和 and in any order (规划和自然资源 = 自然资源和规划), then by the ways in
which Chinese shortens a name (人社 ← 人力资源社会保障).
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import cached_property

from triage.catalogue.names import PARTY

EQUAL = 0.9
"""From here on two names are the same name written differently; below, one shortens the other."""

LEAST = 0.5
"""Below this, likeness says nothing."""

_ORGAN = "局"
_FORMS: dict[str, str] = {
    "委员会办公室": _ORGAN,
    "领导小组办公室": _ORGAN,
    "工作委员会": _ORGAN,
    "委员会": _ORGAN,
    "办公室": _ORGAN,
    "办公厅": _ORGAN,
    "总局": _ORGAN,
    "局": _ORGAN,
    "厅": _ORGAN,
    "办": _ORGAN,
    "委": _ORGAN,
    "党工委": "工委",
    "工委": "工委",
    "研究室": "室",
    "室": "室",
    "部": "部",
    "联合会": "联",
    "联": "联",
    "协会": "协",
    "协": "协",
    "总会": "会",
    "事务中心": "中心",
    "服务中心": "中心",
    "中心": "中心",
    "集团有限公司": "公司",
    "股份有限公司": "公司",
    "有限责任公司": "公司",
    "有限公司": "公司",
    "总公司": "公司",
    "集团公司": "公司",
    "公司": "公司",
    "集团": "公司",
    "总队": "队",
    "支队": "队",
    "大队": "队",
    "指挥部": "指挥部",
    "管理委员会": _ORGAN,
    "管委会": "管委会",
}
_LONGEST_FIRST = sorted(_FORMS, key=len, reverse=True)
_CONJUNCTIONS = re.compile("[和与及、]")
_FILLERS = re.compile("监督管理|管理|工作|事务|服务|事业|综合|领导小组")
_PEOPLES = re.compile("人民(?=政府|法院|检察院|代表|武装|防空)")
_GOVERNMENT = re.compile("^政?府(?=办|督|$)")


@dataclass(frozen=True)
class Shape:
    """A core taken apart further. `stem` has no form, no conjunctions; `form` is empty where the name shows none."""

    parts: tuple[str, ...]
    form: str
    party: bool

    @cached_property
    def stem(self) -> str:
        """What the unit is about, in one word."""
        return "".join(self.parts)

    @cached_property
    def reduced(self) -> str:
        """The stem without the words that every unit's name may have (管理, 工作, 事务 …)."""
        return _FILLERS.sub("", self.stem)

    @cached_property
    def letters(self) -> tuple[str, ...]:
        """The stem's characters in a fixed order, to compare names whose halves changed places."""
        return tuple(sorted(self.stem))


def shape_of(core: str) -> Shape:
    """The shape of a core, as `parse_unit_name` gives it, folded."""
    party = core.startswith(PARTY) and core != PARTY
    name = _GOVERNMENT.sub("政府", _PEOPLES.sub("", core.removeprefix(PARTY) if party else core))
    form = ""
    for ending in _LONGEST_FIRST:
        if name.endswith(ending) and (len(name) > len(ending) or party):
            name, form = name.removesuffix(ending), _FORMS[ending]
            break
    if form == _ORGAN and name.endswith(("监督", "管理")) and len(name) > 4:
        name = re.sub("(?<=..)(监督)?管理$", r"\1管理", name)
    if party and not name:
        name, party = PARTY, False
    parts = tuple(part for part in _CONJUNCTIONS.split(name) if part)
    return Shape(parts or (name,), form, party)


def likeness(asked: Shape, known: Shape) -> float:
    """How surely two shapes mean one unit, 0 to 1."""
    if not asked.stem or not known.stem:
        return 0.0
    if asked.party != known.party and ("政府" in (asked.stem, known.stem) or PARTY in (asked.stem, known.stem)):
        return 0.0
    same = _stem_likeness(asked, known)
    if asked.form == known.form:
        return same
    bare = not asked.form or not known.form
    if bare and _ORGAN not in (asked.form, known.form):
        return same * 0.95 if same >= EQUAL else 0.0
    if (
        same >= EQUAL
        and (len(asked.stem) >= 4 or bare and len(asked.stem) >= 2)
        and {asked.form, known.form} <= {"", _ORGAN, "中心", "室"}
    ):
        return same * 0.85
    return 0.0


def _stem_likeness(asked: Shape, known: Shape) -> float:
    one, two = asked.stem, known.stem
    if one == two:
        return 1.0
    if len(one) >= 4 and asked.letters == known.letters:
        return 0.98
    if len(asked.reduced) >= 2 and (asked.reduced == known.reduced):
        return 0.95
    if len(asked.reduced) >= 4 and Counter(asked.reduced) == Counter(known.reduced):
        return 0.92
    short, long, parts = (one, two, known.parts) if len(one) < len(two) else (two, one, asked.parts)
    if len(short) < 2:
        return 0.0
    share = len(short) / len(long)
    if short in parts:
        return 0.55 + 0.3 * share
    if long.startswith(short) and len(one) < len(two):
        return 0.5 + 0.3 * share
    return 0.42 + 0.4 * share if _shortens(short, long) else 0.0


def _shortens(short: str, long: str) -> bool:
    """Whether `short` takes the first characters of the words of `long`: it begins with it, and reaches its last half."""
    if short[0] != long[0]:
        return False
    position = 0
    for character in short[1:]:
        found = long.find(character, position + 1)
        # The first of a two-character word, or the character right after the last one taken.
        while found > position + 1 and found % 2:
            found = long.find(character, found + 1)
        if found < 0:
            return False
        position = found
    return 2 * (position + 1) > len(long)
