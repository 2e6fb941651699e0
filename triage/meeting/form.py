"""The words of the meeting sheet (交办表): its sheets, its columns, and what may be written into them."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from triage.datasets import COLUMNS

TITLE, UNITS, GUIDE = "交办表", "单位", "说明"
"""The sheets that people see."""
ROWS, CATALOGUE, ORIGIN = "数据", "数据-单位", "数据-来历"
"""The hidden sheets: what was suggested for each row, all units with their dates, where the sheet comes from."""

AGREED, NOBODY = "同意", "无"
"""What stands in the lists beside the units: as suggested; no helper."""
AGREE = frozenset("同意 同意建议 照建议 按建议 照办 √ ✓ ✔ 是 对 ok yes".split())
NONE = frozenset("无 没有 不需要 无会办 - — —— / 0".split())
PENDING = frozenset("待定 待议 未定 暂缓 待协调 - — —— / ? ？".split())
"""How people write that they agree, that nobody helps, and that nothing is decided yet; compared with `plain`."""

HELPERS = 3
"""Columns for helpers. A list picks one unit a cell, a suggestion has 2.2 helpers in the mean, and a cell may be typed
into: more units, with ；between.
"""


@dataclass(frozen=True, slots=True)
class Column:
    """A column as it is written: what it holds, its header, its width in characters; whether it can be folded away, and
    whether it is at first: with fewer columns a printed page is easier to read.
    """

    key: str
    header: str
    width: float
    folded: bool = False
    closed: bool = False


WRITTEN: tuple[Column, ...] = (
    Column("id", "编号", 12),
    Column("title", "标题", 24),
    Column("text", "正文", 30, folded=True),
    Column("source", "来源", 7),
    Column("session", "届次", 9, closed=True),
    Column("date", "日期", 11, closed=True),
    Column("proposers", "提出人", 10, closed=True),
    Column("topic", "类别", 11),
    Column("decision", "决定", 10),
    Column("suggested_lead", "建议主办", 14),
    Column("sure", "把握", 7),
    Column("others", "其他候选", 18),
    Column("suggested_co", "建议会办", 18),
    Column("mode", "办理方式", 9),
    Column("reasons", "理由", 26),
    Column("grounds", "依据", 20, folded=True),
    Column("precedents", "先例", 22, folded=True),
    Column("duplicates", "重复", 22),
    Column("risk", "退单风险", 16),
    Column("lead", "确定主办", 14),
    Column("co", "确定会办", 13),
    *(Column("co", f"确定会办{number}", 12) for number in range(2, HELPERS + 1)),
    Column("why", "原因", 16),
)
"""The columns of the sheet, in order."""

INPUTS = ("lead", "co", "why")
READ = ("id", "title", "text", "source", "session", "date", "proposers", "topic")
"""Columns of the suggestion itself, which may be corrected on the sheet."""
SHOWN = ("decision", "suggested_lead", "sure", "suggested_co", "mode")
"""Columns that are read only where the hidden sheets are gone."""

_NAMES = {
    **{alias: key for key in READ for alias in (key, *COLUMNS[key])},
    **{column.header: column.key for column in WRITTEN if column.key in SHOWN},
    **dict.fromkeys(("原因", "调整原因", "变更原因", "改派原因", "修改原因"), "why"),
}
_DECIDED = {
    "lead": re.compile(r"(?:会议|最终)?确定的?(?:主办|牵头|承办)(?:单位)?\d*"),
    "co": re.compile(r"(?:会议|最终)?确定的?(?:会办|协办|配合)(?:单位)?\d*"),
}
_REMARK = re.compile(r"\([^()]*\)|\(.*$|[:*\s]")


def plain(text: str) -> str:
    """A word as it is compared: one width, no spaces, no capitals."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).casefold()


def column_of(header: str) -> str | None:
    """What a header means, also with a remark in brackets behind it or another usual name; None if it is not known."""
    name = _REMARK.sub("", unicodedata.normalize("NFKC", header)).casefold()
    return next((key for key, form in _DECIDED.items() if form.fullmatch(name)), _NAMES.get(name))
