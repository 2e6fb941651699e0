"""Whatever the reader of a meeting sheet says is said in Chinese, too."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from tests.meetings import CATALOGUE, back, column, edited, made, put
from triage import InputError
from triage.catalogue import Catalogue, Unit
from triage.meeting import read_meeting
from triage.meeting.chinese import cell_of, in_chinese

FORMS = (
    (
        "交办表!T5: “教语局” is no unit of the catalogue; did you mean 教育局、公安局?",
        *("交办表!T5", "目录中没有“教语局”，是不是教育局、公安局？"),
    ),
    (
        "交办表!T5: “某局” is no unit of the catalogue (太短)",
        *("交办表!T5", "目录中没有“某局”这个单位，请核对名称"),
    ),
    (
        "交办表!U12: 同意: “文体局” is a former unit whose work went to 文化和旅游局、体育局; write which of them",
        "交办表!U12",
        "写了“同意”，但是“文体局”已撤并，职责分给了文化和旅游局、体育局，请写明是哪一个",
    ),
    (
        "“国土局” is read as 自然资源和规划局 (former name, which ended on 2019-04-01)",
        *("", "“国土局”是原名，按现在的自然资源和规划局读取"),
    ),
    ("“资规局” is read as 自然资源和规划局", "", "“资规局”按自然资源和规划局读取"),
    (
        "交办表!S2 and 交办表!T2: both columns are 编号; delete one, or number them (确定会办2)",
        *("交办表!S2", "有两列都是“编号”，请删去一列，或改名为“确定会办2”"),
    ),
    (
        "交办表!A5:A7: merged cells, taken for each of their rows",
        *("交办表!A5:A7", "合并的单元格，其中各行都按此读取"),
    ),
    (
        "交办表!F3: date (日期) is '去年{春}天'; write it as 2024-03-01",
        *("交办表!F3", "日期“去年{春}天”不能识别，请写成2024-03-01"),
    ),
    ("something new", "", ""),
)


@pytest.mark.parametrize(("told", "cell", "said"), FORMS)
def test_each_form_has_its_chinese(told: str, cell: str, said: str) -> None:
    assert cell_of(told)[0] == cell
    assert in_chinese(told) == said


def test_whatever_is_wrong_on_a_sheet_is_listed_in_chinese(tmp_path: Path) -> None:
    """Each mistake that people make, on a sheet of its own."""
    mistakes: list[Callable[[Worksheet], Any]] = [
        put(确定主办_2="教语局"),
        put(确定主办_2="龘"),
        put(确定主办_2="教育局和财政局"),
        put(确定主办_2="文体局"),
        put(确定主办_2="市容整治办公室"),
        put(确定会办_2="财政局"),
        put(日期_2="去年春天", 确定主办_2="同意"),
        put(编号_2="XX-9", 标题_2="", 正文_2="", 确定主办_2="教育局"),
        put(编号_2="", 确定主办_2="教育局"),
        put(编号_2="新增", 确定主办_2="同意"),
        put(标题_2="关于修桥的建议"),
        put(确定主办_2="=1/0"),
        put(编号_3="RD-1", 标题_3="关于增设校车的建议", 确定主办_3="财政局", 确定主办_2="教育局"),
        lambda page: page.merge_cells("A2:A3"),
        lambda page: page.merge_cells(f"{letter(page, '确定主办')}2:{letter(page, '确定会办')}2"),
        put(届次_1="编号"),
    ]
    for place, mistake in enumerate(mistakes):
        path = edited(made(tmp_path / f"{place}.xlsx"), mistake)
        with pytest.raises(InputError) as raised:
            back(path, catalogue=CATALOGUE)
        assert raised.value.listed, str(raised.value)
        assert raised.value.zh.startswith(f"有{len(raised.value.listed)}处不能读取")
        for one in raised.value.listed:
            assert one.zh, str(one)
            assert not re.search("[a-z]{4}", one.zh.replace("triage-0123456789ab", "")), one.zh


def test_whatever_was_read_otherwise_is_told_in_chinese(tmp_path: Path) -> None:
    change = put(
        确定主办_2="教委",
        确定主办_3="交通局",
        确定主办_4="国土局",
        编号_6="合计",
        编号_7="手工",
        标题_7="关于修路的建议",
    )
    path = edited(made(tmp_path / "a.xlsx"), change)
    edited(path, lambda page: page.merge_cells(f"{letter(page, '确定主办')}2:{letter(page, '确定主办')}3"))
    meeting = back(path, catalogue=CATALOGUE)
    assert len(meeting.remarks) >= 4
    for remark, cell in meeting.remarks:
        assert in_chinese(remark), remark
        assert cell.startswith("交办表!")


def test_what_holds_for_the_whole_sheet_is_told_in_chinese(tmp_path: Path) -> None:
    other = Catalogue((*CATALOGUE.units, Unit("new", "新成立的局")), CATALOGUE.topics)
    (notice,) = back(made(tmp_path / "a.xlsx"), catalogue=other).notices
    assert in_chinese(notice) == "本表是用另一版单位目录做的（模型triage-0123456789ab），单位按现行目录读取"
    book = load_workbook(tmp_path / "a.xlsx")
    del book["数据"]
    book.save(tmp_path / "b.xlsx")
    (notice,) = back(tmp_path / "b.xlsx", catalogue=CATALOGUE).notices
    assert in_chinese(notice).startswith("隐藏的“数据”表不在了")


def test_a_file_that_is_no_meeting_sheet_says_so_in_chinese(tmp_path: Path) -> None:
    book = Workbook()
    book.save(tmp_path / "a.xlsx")
    with pytest.raises(InputError) as raised:
        read_meeting(tmp_path / "a.xlsx")
    assert raised.value.zh.startswith("这不是交办表")


def letter(page: Worksheet, header: str) -> str:
    return get_column_letter(column(page, header))
