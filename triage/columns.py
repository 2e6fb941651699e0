"""Which column of an office's file holds what: the headers that offices write, and what to do where that is not plain.

A header is compared without case, width, spaces, what stands in brackets behind it, and marks of what must be filled
in. Nothing is guessed in silence: what a header only suggests (`likely_column`) is for a person to confirm.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence

from triage.errors import InputError

COLUMNS: dict[str, tuple[str, ...]] = {
    "id": tuple(
        "编号 案号 建议编号 提案编号 建议号 提案号 议案号 议案编号 建议案号 提案案号 件号 工单编号 工单号 "
        "受理编号 登记号 信件编号 来信编号 序号".split()
    ),
    "title": tuple(
        "标题 题目 案由 建议标题 提案标题 议案标题 建议题目 提案题目 议案题目 建议名称 提案名称 议案名称 建议案由 "
        "提案案由 信件标题 工单标题 诉求标题 主题".split()
    ),
    "text": tuple(
        "正文 内容 建议内容 content body 提案内容 议案内容 建议正文 提案正文 建议全文 提案全文 全文 原文 具体内容 "
        "反映内容 诉求内容 来信内容 信件内容 工单内容 诉求描述 问题描述 主要内容".split()
    ),
    "source": tuple("来源 来件来源 建议来源 诉求来源 来源渠道".split()),
    "session": tuple("届次 会次 届次会次".split()),
    "date": tuple(
        "日期 时间 提交日期 提交时间 提出日期 提出时间 建议日期 提案日期 来信日期 来信时间 来电时间 来件日期 "
        "来件时间 收到日期 收件日期 收件时间 收文日期 登记日期 登记时间 受理日期 受理时间 立案日期 立案时间".split()
    ),
    "proposers": tuple(
        "提出人 领衔代表 提案人 代表 proposer 第一提案人 第一提出人 领衔人 领衔提案人 提案者 第一提案者 建议人 "
        "建议提出人 提出代表 建议代表 代表姓名 委员姓名 来信人 来电人 反映人 诉求人 附议人 附议代表 联名人 "
        "联名代表 联名委员 联名提案人".split()
    ),
    "wish": tuple("建议承办单位 希望承办单位 意向单位 意向承办单位 建议办理单位 希望办理单位 建议主办单位".split()),
    "confidential": tuple("保密 不公开 是否保密".split()),
    "topic": tuple(
        "类别 分类 topics 建议类别 提案类别 议案类别 建议分类 提案分类 问题类别 诉求类别 诉求类型 所属类别 "
        "主题分类".split()
    ),
    "lead": tuple(
        "主办单位 主办 承办单位 牵头单位 leads 主办部门 牵头部门 主办单位名称 主责单位 牵头办理单位 承办部门 "
        "承办单位名称 办理单位 责任单位".split()
    ),
    "co": tuple(
        "会办单位 会办 协办单位 配合单位 协办 会办部门 协办部门 配合部门 会办单位名称 协办单位名称 参办单位 "
        "协同单位".split()
    ),
    "reply": tuple("答复 办理答复 答复内容 答复意见 回复内容 回复意见".split()),
    "outcome": tuple("办理结果 结果 办理结果分类 答复类别 办理等次".split()),
    "returned": tuple("退单单位 退回单位 退办单位".split()),
    "handed_out": tuple("交办日期 交办时间 转办日期 转办时间 分办日期 分办时间 派单时间".split()),
    "replied": tuple("答复日期 答复时间 办结日期 办结时间 回复日期 回复时间 办复日期 办复时间".split()),
    "area": tuple("属地 辖区 所属区域 涉及区域 所属辖区".split()),
    "level": tuple("办理层级 层级 办理级别".split()),
}
"""The columns that are read, each with the other headers it goes by, the usual one first."""

LONGEST_HEADER = 60
"""Characters; what is longer is no header, but a text in its place."""
SEVERAL = frozenset({"proposers", "topic", "lead", "co", "returned"})
"""The columns that may hold several values, and so may be several columns of a file (会办单位1, 会办单位2)."""

_GIVES_WAY = frozenset(
    "序号 主题 主要内容 全文 原文 承办单位 承办部门 承办单位名称 办理单位 责任单位 日期 时间 登记日期 "
    "登记时间 受理日期 受理时间 立案日期 立案时间 收到日期 收件日期 收件时间 收文日期 来源渠道 所属类别 结果 "
    "办理等次 答复类别 层级".split()
)
"""Headers that mean their column only where no other one does: 序号 beside 案号, 承办单位 beside 主办单位."""

_JOINS = frozenset("附议人 附议代表 联名人 联名代表 联名委员 联名提案人".split())
"""Headers of further values of their column: who signs too is a proposer, and no proposer is dropped."""

_LIKELY = {
    "title": re.compile("标题|题目|案由|事项|^名称$|件名$"),
    "text": re.compile("内容|正文|全文|摘要|描述|详情|诉求$|意见$|^建议$|^提案$"),
    "co": re.compile("会办|协办|配合|协同"),
    "wish": re.compile("意向|拟办|希望.*单位"),
    "lead": re.compile("主办|牵头|承办|办理单位|责任.*(单位|部门)|^(单位|部门|单位名称|部门名称)$"),
    "proposers": re.compile("提出|提案[人者]|代表|委员|姓名|联系人"),
    "replied": re.compile("(答复|办结|回复|办复).*(日期|时间)"),
    "handed_out": re.compile("(交办|转办|分办|派).*(日期|时间)"),
    "date": re.compile("日期$|时间$|^年月日$"),
    "id": re.compile("编号$|号$|编码$|^no$"),
    "topic": re.compile("类别|类型|分类"),
    "source": re.compile("来源|渠道"),
    "session": re.compile("届|次会议"),
    "outcome": re.compile("结果|等次"),
    "reply": re.compile("答复|回复"),
    "area": re.compile("区域|地区|街道|乡镇|属地"),
}
"""What a header that is not known may mean; the first that fits. Asked, never taken."""
_OPPOSITE = re.compile("是否.*公开|可否公开|退|满意|评价|电话|备注|附件|数量|字数")
"""Headers that only look as if they held one of the columns."""
_NUMBER = re.compile(r"[0-9一二三四五六七八九①-⑨]$")
_BRACKET = re.compile(r"\([^()]*\)$")
_MARK = re.compile(r"^[*\s]+|[*:\s]+$")
_SPACE = re.compile(r"\s+")
_LETTER = re.compile("^关于.{2,60}的(?:建议|提案|议案|意见)$")
_LONG = 60
"""Characters from which a cell on average is more than a title."""


def column_key(header: str) -> str:
    """A header as it is compared."""
    plain = _SPACE.sub("", unicodedata.normalize("NFKC", header)).casefold()
    while (shorter := _BRACKET.sub("", _MARK.sub("", plain))) != plain and shorter:
        plain = shorter
    return plain


_ALIASES = {column_key(alias): name for name, aliases in COLUMNS.items() for alias in (name, *aliases)}


def column_of(header: str) -> str | None:
    """The column that a header names by itself, None for one that is not known."""
    if not header or len(header) > LONGEST_HEADER:
        return None
    key = column_key(header)
    found = _ALIASES.get(key)
    if found is None and (name := _ALIASES.get(_NUMBER.sub("", key))) in SEVERAL:
        return name
    return found


def known_columns(
    where: str, header: Collection[str], chosen: Mapping[str, str | None] | None = None
) -> dict[str, str]:
    """Header as written → the column that is read from it, for those that are known.

    `chosen` says of headers what they mean, whatever they are called: the name of a column, or None (or empty) to leave
    it out. It goes before what the other headers would mean by themselves. Raises InputError, which begins with
    `where`, where two headers mean the same, and for a choice of a header or a column that there is not.
    """
    found, clashes = recognised(header, choice_of(where, header, chosen or {}))
    if clashes:
        name = next(iter(clashes.values()))
        told = f"{name} ({COLUMNS[name][0]})"
        named = "、".join(f"“{one}”" for one, meant in clashes.items() if meant == name)
        raise InputError(
            f"{where}: two columns mean {told}. Keep one.", zh=f"{named}都像是“{COLUMNS[name][0]}”，请只保留一列"
        )
    return found


def choice_of(where: str, header: Collection[str], chosen: Mapping[str, str | None]) -> dict[str, str | None]:
    """A choice under the headers as a file writes them. Raises InputError, which begins with `where`, for a header or a
    column that there is not.
    """
    written = {name.strip(): name for name in reversed(list(header)) if name}
    unknown = [name for name in chosen if name.strip() not in written]
    if unknown:
        raise InputError(
            f"{where}: no column is called {unknown[0][:40]!r}; the file has {', '.join(filter(None, header))}.",
            zh=f"文件中没有“{unknown[0][:40]}”这一列，请重新选择文件或重新指定各列",
        )
    wrong = [column for column in chosen.values() if column and column not in COLUMNS]
    if wrong:
        raise InputError(
            f"{where}: {wrong[0][:40]!r} is no column that is read; allowed are {', '.join(COLUMNS)}.",
            zh=f"没有“{wrong[0][:40]}”这一项，请从列表中选择",
        )
    return {written[name.strip()]: column for name, column in chosen.items()}


def recognised(
    header: Collection[str], chosen: Mapping[str, str | None] | None = None
) -> tuple[dict[str, str], dict[str, str]]:
    """Header as written → the column it means, and the same for headers of which only one can mean it: who reads a file
    must be told which.
    """
    chosen = chosen or {}
    found = {name: column for name in header if (column := chosen.get(name))}
    clashes: dict[str, str] = {}
    taken = Counter(found.values())
    clashes.update({name: column for name, column in found.items() if taken[column] > 1 and column not in SEVERAL})
    open_ones: dict[str, list[str]] = {}
    for name in dict.fromkeys(header):
        column = column_of(name)
        if column is not None and name not in chosen and column not in taken:
            open_ones.setdefault(column, []).append(name)
    for column, names in open_ones.items():
        meant = _meant(column, names)
        distinct = {_NUMBER.sub("", column_key(name)) for name in meant if column_key(name) not in _JOINS}
        alone = len(meant) == 1 or (column in SEVERAL and len(distinct) <= 1)
        (found if alone else clashes).update(dict.fromkeys(meant, column))
    return {name: found[name] for name in header if name in found and name not in clashes}, clashes


def likely_column(header: str, values: Iterable[str] = ()) -> str:
    """The column that a header, or what stands below it, suggests, for a person to confirm; empty where none is."""
    key = column_key(header)
    if (known := column_of(header)) is not None:
        return known
    if _OPPOSITE.search(key):
        return ""
    if name := next((name for name, pattern in _LIKELY.items() if pattern.search(key)), ""):
        return name
    filled = [value for value in values if value]
    if filled and sum(_LETTER.match(value) is not None for value in filled) * 2 > len(filled):
        return "title"
    return "text" if filled and sum(map(len, filled)) > _LONG * len(filled) else ""


def _meant(column: str, names: Sequence[str]) -> list[str]:
    """Of the headers that name a column those that do so best."""
    strong = [name for name in names if column_key(name) not in _GIVES_WAY]
    if strong:
        return strong
    order = [column_key(alias) for alias in COLUMNS[column]]
    return sorted(names, key=lambda name: order.index(key) if (key := column_key(name)) in order else len(order))[:1]
