"""What the check of a catalogue says, in Chinese: for the page on which a catalogue is edited.

Each kind of sentence has a pattern of its own; one that is not here stays English, as the command line says it.
"""

from __future__ import annotations

import re

from triage.catalogue.load import AREAS, TOPICS, UNITS
from triage.catalogue.rule_rows import DAYS, RULES

_WHAT = {"unit": "单位", "topic": "类别", "area": "区域", "rule": "规矩", "committee": "专工委", "target": "目标"}
_COLUMNS = {"unit": "单位"} | {
    name: others[0] for layout in (DAYS, RULES, AREAS, TOPICS, UNITS) for name, others in layout.columns.items()
}
_THING = r"(?P<what>unit|topic|area|rule|committee|target)"
_KINDS: tuple[tuple[str, str], ...] = (
    # the form of a file
    (r"does not exist in .*; a catalogue needs at least this file", "没有这个文件；目录至少要有单位表"),
    (
        r"is empty; the first line must name the columns, at least (?P<names>.*)",
        "是空的：第一行要写栏目名，至少有{names}",
    ),
    (r"has an empty (?P<column>\w+) .*", "“{column}”没有填，每一行都要有"),
    (r"has no column '(?P<column>\w+)' .*", "缺少“{column}”这一栏"),
    (r"has the column '(?P<column>\w+)' twice; keep one", "“{column}”这一栏有两个，留一个"),
    (r"column (?P<one>['\"].*['\"]) is not one of .* and is not read", "不认得{one}这一栏，没有读它"),
    (
        r"has (?P<one>\d+) cells, the first line names (?P<other>\d+); .*",
        "这一行有{one}格，第一行只有{other}栏；格子里有逗号的，整格要用英文双引号括起来",
    ),
    (r"is not proper CSV from here on .*", "从这里起不是正确的 CSV，多半是英文双引号只写了一半"),
    (
        r"cell '(?P<column>\w+)' has (?P<one>[\d,]+) characters, allowed are .*",
        "“{column}”有{one}个字，太长；是不是双引号没有写完",
    ),
    (r"is not proper TOML .*", "不是正确的设置格式：文字要用英文双引号括起来，中文的键也要"),
    # units, topics, areas
    (
        rf"{_THING} (?P<one>.+) repeats the (?:code|id) of line (?P<line>\d+); .*",
        "{what}{one}的编码和第{line}行一样，每个都要有自己的编码",
    ),
    (
        rf"(?:{_THING} )?(?P<one>.+) has (?P<column>\w+) (?P<value>.+), which is not a code of (?P<file>\S+); .*",
        "{what}{one}的“{column}”写的{value}，在{file}里没有这个编码",
    ),
    (
        r"unit (?P<one>.+) is succeeded by (?P<value>.+), which is not a code of units.csv; .*",
        "单位{one}的承接单位{value}，在单位表里没有这个编码",
    ),
    (
        r"area (?P<one>.+) is served by (?P<value>.+), which is not a code of units.csv; .*",
        "区域{one}的服务单位{value}，在单位表里没有这个编码",
    ),
    (
        rf"{_THING} (?P<one>.+) ends on (?P<last>\S+), (?:before|no later than) it begins on (?P<first>[\d-]+); .*",
        "{what}{one}的停用日期{last}不在启用日期{first}之后，请对调或改正",
    ),
    (
        r"unit (?P<one>.+) is succeeded by (?P<value>.+) but has no active_to; give its last year",
        "单位{one}有承接单位{value}，却没有停用日期，请填上",
    ),
    (
        r"unit (?P<one>.+) has no duties, so nothing but handled cases can lead to it; add some",
        "单位{one}没有写职责，只能靠往年案件认出它，请补上",
    ),
    (
        (
            r"unit (?P<one>.+) and unit (?P<other>.+) \(line (?P<line>\d+)\) share the name (?P<name>.+) at the same "
            r"time; .*"
        ),
        "单位{one}和第{line}行的{other}同一时间都叫{name}：名称只留给一个，或者写清启用、停用日期",
    ),
    (
        (
            r"(?P<what>unit|topic|area) (?P<one>.+) comes back to itself through (?P<column>\w+): (?P<way>.+); "
            r"break the circle"
        ),
        "{what}{one}的“{column}”绕了一圈又回到自己：{way}",
    ),
    (
        r"topic (?P<one>.+) has name and parent of line (?P<line>\d+) \((?P<name>.+)\); merge the two",
        "类别{one}和第{line}行同名同上级（{name}），请合成一个",
    ),
    (
        r"topic (?P<one>.+) is on level (?P<level>\d+); allowed are (?P<most>\d+); .*",
        "类别{one}在第{level}级，最多{most}级",
    ),
    (
        (
            r"(?:unit |rule )?(?P<one>['\"].+?['\"]) has (?P<column>active_from|active_to) (?P<value>.*); "
            r"allowed are YYYY.*"
        ),
        "{one}的“{column}”是{value}，应写成2019、2019-04或2019-04-01",
    ),
    (
        r"(?P<one>['\"].+?['\"]) has level (?P<value>.+); allowed are (?P<names>.*), or nothing",
        "{one}的层级是{value}，应为：{names}",
    ),
    # rules and days
    (
        r"rule (?P<one>.+) has (?P<column>\w+) (?P<value>.+); allowed are (?P<names>.*)",
        "规矩{one}的“{column}”是{value}，应为：{names}",
    ),
    (r"rule (?P<one>\S+): its (?P<column>pattern|unless) .*", "规矩{one}的“{column}”写得不对"),
    (r"rule (?P<one>.+) has neither pattern nor tag, .*", "规矩{one}既没有匹配也没有标签，什么也找不到，请写一样"),
    (r"rule (?P<one>.+) has no examples, .*", "规矩{one}没有例句，不知道它找不找得到，请写两句"),
    (r"rule (?P<one>.+) names no source, .*", "规矩{one}没有写依据，请写上出自哪个文件"),
    (
        r"rule (?P<one>\S+) does not find its example (?P<value>.+?…?): .*",
        "规矩{one}找不到自己的例句{value}，请改规矩或例句",
    ),
    (
        r"rule (?P<one>\S+) finds its counterexample (?P<value>.+?…?): .*",
        "规矩{one}把反例{value}也找了出来，请把匹配写窄，或写进“除外”",
    ),
    (r"has date (?P<value>.+); allowed is one day as YYYY-MM-DD, from .*", "日期是{value}，应写成2026-02-14这样的一天"),
    (r"day (?P<one>\S+) has working (?P<value>.+); allowed are 班 and 休", "{one}的“上班”是{value}，应为：班、休"),
    (r"day (?P<one>\S+) stands already in line (?P<line>\d+).*; keep one", "{one}在第{line}行已经有了，留一个"),
    # settings
    (r"has the unknown key '(?P<one>[^']*)'.*", "不认得设置“{one}”"),
    (
        r"(?P<one>\S+) is (?P<value>['\"].*['\"]); allowed is (?P<names>.*)",
        "设置“{one}”是{value}，写得不对（应为 {names}）",
    ),
)
_PATTERNS = tuple((re.compile(pattern, re.DOTALL), told) for pattern, told in _KINDS)


def in_chinese(message: str) -> str:
    """A message of `Finding` in Chinese; empty where there is none for it."""
    for pattern, told in _PATTERNS:
        if match := pattern.fullmatch(message):
            groups = {name: _word(name, value or "") for name, value in match.groupdict().items()}
            return told.format(**groups)
    return ""


def _word(group: str, value: str) -> str:
    if group == "what":
        return _WHAT.get(value, "")
    if group == "column":
        return _COLUMNS.get(value, value)
    if group == "names":
        return "、".join(_COLUMNS.get(name, name) for name in value.split(", "))
    if value[:1] in "'\"" and value[-1:] == value[:1]:
        return f"“{value[1:-1]}”"
    return value
