"""What is wrong on a meeting sheet, or was read otherwise than it stands there, in Chinese for the clerk's screen.

The reader's own sentences are English and name the cell; each form of them has its Chinese here.
"""

from __future__ import annotations

import re

_CELL = re.compile(r"(?P<cell>[^!\n]{1,31}![A-Z]{1,3}\d+(?::[A-Z]{1,3}\d+)?)(?: and [^!\n]{1,31}![A-Z]{1,3}\d+)?: ")

_FORMS: tuple[tuple[str, str], ...] = (
    (r"同意: (?P<rest>.+)", "写了“同意”，但是{rest}"),
    (
        r"“(?P<name>.*)” is no unit of the catalogue; did you mean (?P<units>.+)\?",
        "目录中没有“{name}”，是不是{units}？",
    ),
    (r"“(?P<name>.*)” is no unit of the catalogue(?: \(.*\))?", "目录中没有“{name}”这个单位，请核对名称"),
    (
        r"“(?P<name>.*)” names several units \((?P<units>.+)\); write .*",
        "“{name}”是几个单位（{units}），中间请用“；”隔开",
    ),
    (
        r"“(?P<name>.*)” is a former unit whose work went to (?P<units>.+); write which of them",
        "“{name}”已撤并，职责分给了{units}，请写明是哪一个",
    ),
    (
        r"“(?P<name>.*)” ended.* and the catalogue names no successor; write who took over",
        "“{name}”已撤销，目录没有写明由谁接续，请写现在的单位",
    ),
    (r"“(?P<name>.*)” is read as (?P<unit>.+) \(former name.*\)", "“{name}”是原名，按现在的{unit}读取"),
    (r"“(?P<name>.*)” is read as (?P<unit>.+)", "“{name}”按{unit}读取"),
    (
        r"(?P<id>.+) is a date, and no id of the sheet: Excel made it.*",
        "编号变成了日期（{id}），是表格软件改的，请把单元格设为文本后重新填写编号",
    ),
    (r"the row has no id \(编号\); write one", "这一行没有编号，请填写"),
    (r"id '(?P<id>.*)' is none of this sheet, and the row .*", "编号“{id}”不在本表中，这一行也没有标题和正文"),
    (
        r"the title of id '(?P<id>.*)' stands beside id '(?P<other>.*)'; some columns .*",
        "编号“{other}”旁边是“{id}”的标题：只排了部分列，请撤销排序，或整行排序",
    ),
    (r"helpers without a lead; .*", "只填了会办，没有主办，请填确定主办，或填“同意”"),
    (r"同意, but nothing was suggested for this row; name the unit", "填了“同意”，但这一行没有建议，请写明单位"),
    (r"date \(日期\) is '(?P<day>.*)'; write it as .*", "日期“{day}”不能识别，请写成2024-03-01"),
    (r"merged cells over several columns; take the merging back", "合并了几列的单元格，请取消合并"),
    (r"merged cells; each row needs its own, so take the merging back", "这里不能合并单元格，每行都要有，请取消合并"),
    (r"merged cells, taken for each of their rows", "合并的单元格，其中各行都按此读取"),
    (
        r"both columns are (?P<name>.+); delete one, or number them.*",
        "有两列都是“{name}”，请删去一列，或改名为“确定会办2”",
    ),
    (r"holds a formula that came to nothing; write the value itself", "公式没有结果，请直接写内容"),
    (r"holds the error (?P<name>.+); write the value itself", "单元格是错误值{name}，请直接写内容"),
    (
        r"id '(?P<id>.*)' has \d+ decisions: (?P<told>.+)\. Keep one row",
        "编号“{id}”有几个不同的决定（{told}），请只留一行",
    ),
    (r"the row was added by hand: nothing had been suggested for it", "这一行是手工添加的，没有建议"),
    (r"the row is no suggestion and is passed over", "这一行不是建议，已跳过"),
    (r"the text was longer than a cell holds; the sheet has its beginning", "正文太长，表中只有开头"),
    (
        r"the hidden sheet \S+ is gone: what was suggested is taken from the columns.*",
        "隐藏的“数据”表不在了，建议按表上显示的读取，把握是取整的",
    ),
    (
        r"the sheet was made by the model (?P<name>.+) with another catalogue; .*",
        "本表是用另一版单位目录做的（模型{name}），单位按现行目录读取",
    ),
)


def cell_of(told: str) -> tuple[str, str]:
    """The cell that a sentence begins with (交办表!N12), empty where it names none, and the rest of it."""
    match = _CELL.match(told)
    return (match["cell"], told[match.end() :]) if match else ("", told)


def in_chinese(told: str) -> str:
    """A sentence of the reader in Chinese, without its cell; empty for one that nobody has translated."""
    _, said = cell_of(told)
    for form, chinese in _FORMS:
        if match := re.fullmatch(form, said, re.DOTALL):
            parts = {name: value or "" for name, value in match.groupdict().items()}
            if "rest" in parts:
                parts["rest"] = in_chinese(parts["rest"]) or parts["rest"]
            return chinese.format(**parts)
    return ""
