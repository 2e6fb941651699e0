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
        *("委员会办公室", "领导小组办公室", "委员会", "办公室", "办公厅"),
        *("总局", "分局", "支局", "局", "厅", "办", "委"),
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
_OFFICES = ("办公室", "办")
_COMMITTEES = ("委员会", "委")
_INTERCHANGED = frozenset({"", ORGAN, "中心", "室"})

_CONJUNCTIONS = re.compile("[和与及、]")
_FILLERS = re.compile("监督|管理|工作|事务|服务|事业|综合|领导小组")
_GENERIC = re.compile("(?:监督|监管|管理|工作|事务|服务|事业|综合|行政|执法|建设|发展|指导)+")
_PEOPLES = re.compile("人民(?=政府|法院|检察院|代表|武装|防空)")
_GOVERNMENT = re.compile("^政?府(?=办|督|$)")


@dataclass(frozen=True)
class Shape:
    """A core taken apart further.

    `parts` are what stood between 和 and 与; `form` is empty where the name shows none; `party` says whether it is a
    party organ's, `office` and `committee` whether it was written 办 or 委 where the form is 局.
    """

    parts: tuple[str, ...]
    form: str = ""
    party: bool = False
    office: bool = False
    committee: bool = False

    @cached_property
    def stem(self) -> str:
        """What the unit is about, in one word."""
        return "".join(self.parts)

    @cached_property
    def letters(self) -> str:
        """The stem's characters in a fixed order: names whose halves changed places have the same."""
        return "".join(sorted(self.stem))

    @cached_property
    def gist(self) -> str:
        """The stem without the words that any unit's name may have (管理, 工作 …)."""
        return _FILLERS.sub("", self.stem)

    @cached_property
    def is_generic(self) -> bool:
        """Whether nothing in the stem says what the unit is about: 管理局, 监管支局."""
        return _GENERIC.fullmatch(self.stem) is not None

    @cached_property
    def reduced(self) -> str:
        """The gist's characters in a fixed order."""
        return "".join(sorted(self.gist))


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
    elif name.startswith("政府") and name != "政府":
        # 人民政府法制办公室 is 法制办公室.
        name = name.removeprefix("政府")
    return Shape(
        parts=tuple(part for part in _CONJUNCTIONS.split(name) if part),
        form=form,
        party=party,
        office=form == ORGAN and ending.endswith(_OFFICES),
        committee=form == ORGAN and ending.endswith(_COMMITTEES),
    )


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
        same = one[0] == two[0] and asked.office == known.office
        return 0.95 if len(asked.reduced) >= 4 or same else 0.0
    if asked.office != known.office:
        return 0.0
    # 科协, 残联: one character is enough where the form says the rest.
    least = 1 if asked.form == known.form and asked.form not in ("", ORGAN) else 2
    if (one[0] != two[0] and one not in known.parts) or min(len(one), len(two)) < least or asked.is_generic:
        return 0.0
    pairs = {(one, two), (asked.gist, known.gist), (one, known.gist)}
    # 计划委员会 is not 计划生育局: a word of a name stands for the whole only in the same form.
    parts = known.parts if asked.committee == known.committee else ()
    return max(_shortening(short, long, parts) for short, long in pairs if short and long)


def _shortening(one: str, two: str, parts: tuple[str, ...]) -> float:
    """How surely the asked stem `one` shortens the known stem `two` with these parts, or the other way round."""
    if len(one) < len(two):
        share = len(one) / len(two)
        if one in parts:
            return 0.55 + 0.3 * share
        if parts and two.startswith(one):
            return 0.5 + 0.3 * share
        return 0.42 + 0.4 * share if _shortens(one, two) else 0.0
    # Two characters could be cut from many a longer name: 国资 also from 国土资源.
    reverse = 3 <= len(two) < len(one) and _shortens(two, one)
    return 0.42 + 0.4 * len(two) / len(one) if reverse else 0.0


def _shortens(short: str, long: str) -> bool:
    """Whether `short` takes the first characters of the words of `long`, from its first to its last half (人社)."""
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
