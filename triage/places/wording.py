"""Words around places: the whole place (全县), examples (学习…的经验), and the questions that a clerk asks."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from triage.places.tree import AreaTree

if TYPE_CHECKING:
    from triage.places.finder import Named

_BEFORE = re.compile(
    r"(?:学习|借鉴|参照|参考|仿照|仿效|效仿|对标|如同|比如|例如|譬如|不如|不像|诸如|像|毗邻|相邻)[^，。；！？\n]{0,6}$"
)
_AFTER = re.compile(
    r"[^，。；！？\n]{0,8}(?:(?:的|等地?的?|地区的?)?(?:先进)?(?:经验|做法|模式)|等地(?!铁)|那样|一样|已经?(?:率先|先行)|率先)"
)
_WHOLE = re.compile(
    r"(?:全|各)(?:省|市|县|区|州|旗|镇|乡|村)(?!体|面|部|程|长)|各(?:街道|街镇|乡镇|镇街|村居)|[省市县区]域范围|全域"
)
_LEVEL_WORDS = {
    "省": "省",
    "市": "市",
    "县": "县（市、区）",
    "区": "区（县）",
    "开发区": "开发区",
    "片区": "片区",
    "乡镇": "乡镇（街道）",
    "街道": "乡镇（街道）",
    "村": "村（社区）",
    "社区": "村（社区）",
}


def referred(text: str, start: int, end: int) -> bool:
    """Whether a place is an example to follow or to compare with, and not where the matter lies."""
    return bool(_BEFORE.search(text, max(0, start - 10), start) or _AFTER.match(text, end))


def whole_place(text: str) -> bool:
    """Whether a text is about the place as a whole: 全市, 各乡镇."""
    return bool(_WHOLE.search(text))


def question(tree: AreaTree, area: str, named: Sequence[Named], outside: Sequence[str], *, quiet: bool = False) -> str:
    """What to ask where the place is missing, lies outside or may be one of several; empty where nothing is to ask.

    `quiet` leaves out every word of the text (confidential suggestions).
    """
    rivals = next((one for one in named if one.rivals), None)
    if rivals is not None and (not area or tree.is_whole(area) or area == tree.around((rivals.area, *rivals.rivals))):
        paths = ("".join(tree.names(code)[-2:]) for code in (rivals.area, *rivals.rivals))
        return (
            "文中的地名不止一处同名，请确认是哪一处。"
            if quiet
            else f"文中的地名可能是{'，也可能是'.join(paths)}，请确认是哪一处。"
        )
    if any(tree.is_own(one.area) and not tree.is_whole(one.area) for one in named):
        return ""
    if area and not tree.is_whole(area):
        return ""
    inside = [code for code in tree.children.get(tree.whole, ()) if tree.areas[code].level in _LEVEL_WORDS]
    place = tree.areas[tree.whole].name if tree.whole else ""
    if not inside and area:
        return ""
    if outside:
        return f"文中写到{'、'.join(outside)}，不在{place or '本地'}范围内，请核实事情发生在哪里。"
    words = list(dict.fromkeys(_LEVEL_WORDS[tree.areas[code].level] for code in inside))
    which = "或".join(words[:3]) or "地方"
    return f"文中没有写明地点，请补充：事情发生在{place}哪个{which}，具体什么位置？"
