"""Words that point somewhere: for or against, more or less, from ``stances.csv`` beside this file.

Roles: *turn* (不要, 暂缓, 允许) and *judge* (反对, 同意) are multiplied with the verb that follows; a judge may also be
about what was told. *act* (建, 拆), *more* (提高, 缩短), *curb* (限制), *push* (取消) and *loose* (放开, 管严) are
verbs; *state* (限行), *way* (单行), *fee* (收费) and *book* (预约) are measures; *site* (搬迁, 原址) moves a thing. The
sign is 1 for, -1 against.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import NamedTuple

_GUARDS = {
    "建": "(?<![修新重改扩兴筹创搭组构组封福违基党城承共配补增限缓停住])建(?![议筑国设材成立军华业德安康宁档局房])",
    "禁": "(?<![严不违失])禁(?![止忌区毒令行放烧燃售鸣停养左摩入用])",
    "涨": "(?<![上看暴高])涨(?![停潮水势幅])",
    "装": "(?<![加安改组包服西吊假])装(?![修备饰置配扮载卸货作])",
    "设": "(?<![建开增添假架铺敷常附人])设(?![计施备立置想法定])",
    "营业": "营业(?![时执额员厅场点房面收])",
    "开门": "(?<![才不没])开门",
    "盖": "(?<![覆井涵掩锅膜])盖(?![章帽子板满住])",
    "拆": "(?<!征)拆(?![分解字])",
    "搬": "搬(?![家运])",
    "伐": "(?<![步征讨])伐",
    "别": "(?<![特区分级性类个辨识另告离差各派鉴])别(?![墅人的处名])",
    "勿": "勿(?!庸)",
    "不能": "(?<!能)不能(?!只|一|再?[等忍])",
    "不可": "(?<!可)不可(?![以避缺少思或])",
    "不得": "(?<!舍)不得(?![不已])",
    "不该": "(?<!该)不该",
    "不要": "(?<!要)不要(?!让|一刀切|紧)",
    "同意": "(?<![不没])同意",
    "合法": "(?<![不非违])合法(?![律规])",
    "答应": "(?<![不没])答应",
    "支持": "(?<!不)支持",
    "坚持": "坚持(?!不)",
    "启动": "启动(?!不)",
    "收费": "(?<![乱低])收费",
    "关停": "关停(?!车)",
    "建设": "建设(?!中|项目|工程|单位|者|局|用地|部门|资金|标准|成本|期间|进度|规划|领域|质量|水平|银行)",
    "拆迁": "拆迁(?!安置|补偿|户|款|房|改造)",
    "涨价": "涨价(?!听证)",
    "原址": "原址(?!改|新)",
    "控制": "控制(?![室柜])",
    "预约": "预约(?!电话)",
    "不搞": "不搞(?!.?一刀切)",
    "让": "让(?=[^，。]{1,8}能[开进停通走过上卖摆带养放用])",
}
"""Where a word means what its row says, for those that also stand within other words."""
_NEVER_NAMED = "多少填"
"""No name of a place begins with them, though a guess may: 多划些路边停车位."""


class Word(NamedTuple):
    """A word of ``stances.csv`` where it stands."""

    text: str
    role: str
    sign: int
    start: int
    end: int


class Entry(NamedTuple):
    """A row of ``stances.csv`` and the pattern that its word must match too where it stands."""

    text: str
    role: str
    sign: int
    guard: re.Pattern[str] | None


@dataclass(frozen=True, slots=True)
class Directions:
    """The rows of ``stances.csv`` by the first two characters of their words, the longest first."""

    entries: dict[str, tuple[Entry, ...]]
    first: re.Pattern[str]


@cache
def directions() -> Directions:
    """The table of words that point somewhere, read once."""
    found: dict[str, list[Entry]] = {}
    with files("triage.text").joinpath("stances.csv").open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            guard = _GUARDS.get(row["word"])
            entry = Entry(row["word"], row["role"], int(row["sign"]), re.compile(guard) if guard else None)
            found.setdefault(entry.text[:2], []).append(entry)
    for key, entries in found.items():
        entries.sort(key=lambda entry: -len(entry.text))
        if len(key) > 1:
            entries += found.get(key[0], [])
    return Directions(
        {key: tuple(entries) for key, entries in found.items()},
        re.compile(f"[{''.join({key[0] for key in found})}]"),
    )


def find_words(text: str, named: bytearray) -> list[Word]:
    """The pointing words of a text in order, without those in the names of places (`named`, a byte a character)."""
    table = directions()
    entries = table.entries
    found: list[Word] = []
    done = 0
    for candidate in table.first.finditer(text):
        at = candidate.start()
        if at < done:
            continue
        for word, role, sign, guard in entries.get(text[at : at + 2]) or entries.get(text[at], ()):
            if not text.startswith(word, at) or (guard and not guard.match(text, at)):
                continue
            if named[at] and word[0] not in _NEVER_NAMED:
                continue
            done = at + len(word)
            found.append(Word(word, role, sign, at, done))
            break
    return found
