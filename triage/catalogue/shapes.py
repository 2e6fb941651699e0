"""How alike two unit names are, apart from their places: what the unit is about (stem) and what form it has.

局, 委, 委员会, 办 and 办公室 are one form: places choose differently for the same function (教育局, 教育委员会). 协会,
联合会, 中心 or 大队 are not: 科技局 is not 科协. Stems are compared without 和 and in any order (规划和自然资源 =
自然资源和规划), then by the ways in which Chinese shortens a name (人社 ← 人力资源社会保障).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from triage.catalogue.names import PARTY

EQUAL = 0.9
"""From here on two names are the same name written differently; below, one shortens the other."""

LEAST = 0.5
"""Below this, likeness says nothing."""

ORGAN = "局"
"""The one form of 局, 委, 办 and their longer ways of writing."""

_FORMS: dict[str, tuple[str, ...]] = {
    ORGAN: (
        *("委员会办公室", "领导小组办公室", "工作委员会", "管理委员会", "委员会", "办公室", "办公厅"),
        *("总局", "局", "厅", "办", "委"),
    ),
    "工委": ("党工委", "工委"),
    "室": ("研究室", "室"),
    "部": ("部",),
    "联": ("联合会", "联"),
    "协": ("协会", "协"),
    "会": ("总会",),
    "中心": ("事务中心", "服务中心", "中心"),
    "公司": (
        *("集团有限公司", "股份有限公司", "有限责任公司", "集团公司", "有限公司", "总公司"),
        *("公司", "集团"),
    ),
    "队": ("总队", "支队", "大队"),
    "指挥部": ("指挥部",),
    "管委会": ("管委会",),
}
_FORM_OF = {ending: form for form, endings in _FORMS.items() for ending in endings}
_LONGEST_FIRST = sorted(_FORM_OF, key=len, reverse=True)
_INTERCHANGED = frozenset({"", ORGAN, "中心", "室"})

_CONJUNCTIONS = re.compile("[和与及、]")
_FILLERS = re.compile("监督管理|管理|工作|事务|服务|事业|综合|领导小组")
_GENERIC = re.compile("(?:监督|监管|管理|工作|事务|服务|事业|综合|行政|执法|建设|发展|指导)+")
_PEOPLES = re.compile("人民(?=政府|法院|检察院|代表|武装|防空)")
_GOVERNMENT = re.compile("^政?府(?=办|督|$)")


@dataclass(frozen=True)
class Shape:
    """A core taken apart further: its parts between 和 and 与, its form (empty where it shows none), and whether it is
    the party's.
    """

    parts: tuple[str, ...]
    form: str
    party: bool

    @cached_property
    def stem(self) -> str:
        """What the unit is about, in one word."""
        return "".join(self.parts)

    @cached_property
    def letters(self) -> str:
        """The stem's characters in a fixed order: names whose halves changed places have the same."""
        return "".join(sorted(self.stem))

    @cached_property
    def reduced(self) -> str:
        """The stem's characters in a fixed order, without the words that any unit's name may have (管理, 工作 …)."""
        return "".join(sorted(_FILLERS.sub("", self.stem)))


def shape_of(core: str) -> Shape:
    """The shape of a core as `parse_unit_name` gives it, folded."""
    party = core.startswith(PARTY) and core != PARTY
    name = _GOVERNMENT.sub("政府", _PEOPLES.sub("", core.removeprefix(PARTY) if party else core))
    form = ""
    ending = next((end for end in _LONGEST_FIRST if name.endswith(end) and (party or name != end)), "")
    if ending:
        name, form = name.removesuffix(ending), _FORM_OF[ending]
    if party and not name:
        name, party = PARTY, False
    return Shape(tuple(part for part in _CONJUNCTIONS.split(name) if part), form, party)


def likeness(asked: Shape, known: Shape) -> float:
    """How surely two shapes mean one unit, from 0 to 1; from `EQUAL` on it is the same name written differently."""
    if not asked.stem or not known.stem:
        return 0.0
    if asked.party != known.party and not {"政府", PARTY}.isdisjoint((asked.stem, known.stem)):
        return 0.0
    score = _stem_likeness(asked, known)
    if asked.form == known.form:
        return score
    if score >= EQUAL and {asked.form, known.form} <= _INTERCHANGED and len(asked.stem) >= 4:
        # 机关事务管理局 and 机关事务服务中心: the same work in another legal form, if nothing fits better.
        return score * 0.85
    bare = not asked.form or not known.form
    if score < EQUAL or not bare:
        return 0.0
    return EQUAL if "公司" in (asked.form, known.form) and len(asked.stem) >= 4 else score * 0.85


def _stem_likeness(asked: Shape, known: Shape) -> float:
    one, two = asked.stem, known.stem
    if one == two:
        return 1.0
    if len(one) == len(two) >= 4 and asked.letters == known.letters:
        return 0.98
    if len(asked.reduced) >= 2 and asked.reduced == known.reduced:
        return 0.95 if len(asked.reduced) >= 4 or one[0] == two[0] else 0.0
    if min(len(one), len(two)) < 2 or _GENERIC.fullmatch(one):
        return 0.0
    if len(one) < len(two):
        share = len(one) / len(two)
        if one in known.parts:
            return 0.55 + 0.3 * share
        if two.startswith(one):
            return 0.5 + 0.3 * share
        return 0.42 + 0.4 * share if _shortens(one, two) else 0.0
    return 0.42 + 0.4 * len(two) / len(one) if len(two) < len(one) and _shortens(two, one) else 0.0


def _shortens(short: str, long: str) -> bool:
    """Whether `short` begins with `long`, takes the first characters of its words, and reaches into its last half."""
    if short[0] != long[0] or long.startswith(short):
        return False
    position = 0
    for character in short[1:]:
        # The first of a two-character word, or the character right after the one taken last.
        found = long.find(character, position + 1)
        while found > position + 1 and found % 2:
            found = long.find(character, found + 1)
        if found < 0:
            return False
        position = found
    return 2 * (position + 1) > len(long)
