"""`triage.columns` and files as offices write them: what a header means, what is asked, what a person says it means."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from triage.casefiles import look_into
from triage.columns import COLUMNS, SEVERAL, column_key, column_of, known_columns, likely_column
from triage.datasets import read_cases, read_suggestions, read_table
from triage.errors import InputError


def file(folder: Path, text: str, name: str = "来件.csv", encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


def book(folder: Path, *sheets: tuple[str, list[list[Any]]], hidden: tuple[str, ...] = ()) -> Path:
    made = openpyxl.Workbook()
    made.remove(made.active)  # type: ignore[arg-type]
    for title, rows in sheets:
        page = made.create_sheet(title)
        for row in rows:
            page.append(row)
        page.sheet_state = "hidden" if title in hidden else "visible"
    buffer = io.BytesIO()
    made.save(buffer)
    path = folder / "来件.xlsx"
    path.write_bytes(buffer.getvalue())
    return path


# --- what a header means ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "column"),
    [
        *(("案号", "id"), ("案由", "title"), ("建议内容", "text"), ("提案内容", "text"), ("承办单位", "lead")),
        *(("主办", "lead"), ("协办", "co"), ("会办", "co"), ("提出人", "proposers"), ("领衔代表", "proposers")),
        *(("第一提案人", "proposers"), ("附议人", "proposers"), ("提交日期", "date"), ("提交时间", "date")),
        *(("*标题", "title"), ("标题：", "title"), ("案由（必填）", "title"), ("承办\n单位", "lead")),
        *(("主办 单位(牵头)", "lead"), ("ＴＩＴＬＥ", "title"), ("会办单位1", "co"), ("会办单位②", "co")),
        *(("会办单位 (2)", "co"), ("  编号 ", "id"), ("是否保密", "confidential"), ("工单编号", "id")),
    ],
)
def test_headers_that_offices_write_are_known(header: str, column: str) -> None:
    assert column_of(header) == column


@pytest.mark.parametrize("header", ["备注", "电话", "", " ", "标题1", "是否公开", "建议", "（）", "长" * 500, "编号2"])
def test_others_are_not(header: str) -> None:
    assert column_of(header) is None


def test_no_header_means_two_columns() -> None:
    keys = [column_key(alias) for name, aliases in COLUMNS.items() for alias in {name, *aliases}]
    assert len(keys) == len(set(keys))
    assert not SEVERAL - COLUMNS.keys()


@pytest.mark.parametrize(
    ("header", "values", "likely"),
    [
        ("诉求事项", (), "title"),
        ("建议内容摘要", (), "text"),
        ("拟办单位", (), "wish"),
        ("单位", (), "lead"),
        ("协办（会办）", (), "co"),
        ("打印时间", (), "date"),
        ("委员", (), "proposers"),
        ("文件号", (), "id"),
        ("第2列", ("关于修路的建议", "关于增设站点的提案"), "title"),
        ("第3列", ("字" * 80, "字" * 70), "text"),
        ("第4列", ("是", "否"), ""),
        ("是否公开", ("公开",), ""),
        ("联系电话", (), ""),
        ("备注", (), ""),
        ("", (), ""),
    ],
)
def test_what_a_header_may_well_be_is_said(header: str, values: tuple[str, ...], likely: str) -> None:
    assert likely_column(header, values) == likely


@pytest.mark.parametrize(
    ("header", "found"),
    [
        (["序号", "案号", "案由"], {"案号": "id", "案由": "title"}),
        (["序号", "案由"], {"序号": "id", "案由": "title"}),
        (["标题", "承办单位", "主办单位"], {"标题": "title", "主办单位": "lead"}),
        (["标题", "日期", "提交日期", "时间"], {"标题": "title", "提交日期": "date"}),
        (["标题", "时间", "日期"], {"标题": "title", "日期": "date"}),
        (["标题", "会办单位1", "会办单位2"], {"标题": "title", "会办单位1": "co", "会办单位2": "co"}),
        (["提案人", "附议人", "联名人"], {"提案人": "proposers", "附议人": "proposers", "联名人": "proposers"}),
        (["标题", "备注", ""], {"标题": "title"}),
    ],
)
def test_what_is_written_beside_a_better_header_gives_way(header: list[str], found: dict[str, str]) -> None:
    assert known_columns("a.csv", header) == found


@pytest.mark.parametrize("header", [["标题", "案由"], ["标题", "会办", "协办"], ["编号", "案号", "标题"]])
def test_two_that_are_as_good_are_refused(header: list[str]) -> None:
    with pytest.raises(InputError, match=r"a\.csv: two columns mean") as raised:
        known_columns("a.csv", header)
    assert "请只保留一列" in raised.value.zh


# --- what a person says ----------------------------------------------------------------------------------------------


def test_what_a_person_says_goes_before_the_header(tmp_path: Path) -> None:
    path = file(tmp_path, "编号,标题,诉求,备注,单位\n7,旧题,修路灯,急,公安局\n")
    chosen = {"诉求": "title", "标题": None, " 单位 ": "lead", "备注": ""}
    (case,) = read_cases(path, columns=chosen)
    assert (case.suggestion.id, case.suggestion.title, case.leads) == ("7", "修路灯", ("公安局",))
    (suggestion,) = read_suggestions(path, columns={"诉求": "title"})
    assert suggestion.title == "修路灯", "the column that was chosen goes before the one that is called so"


def test_several_columns_may_hold_one_list(tmp_path: Path) -> None:
    text = "标题,主办,会办,协办,提案人,附议人\n修路,交通局,公安局,财政局,张三,李四;王五\n"
    (case,) = read_cases(file(tmp_path, text), columns={"会办": "co", "协办": "co"})
    assert case.co == ("公安局", "财政局")
    assert case.suggestion.proposers == ("张三", "李四", "王五")
    (case,) = read_cases(file(tmp_path, "标题,主办,会办1,会办2,会办3\n修路,交通局,公安局,,财政局\n"))
    assert case.co == ("公安局", "财政局")
    (case,) = read_cases(file(tmp_path, "标题,主办,会办,会办\n修路,交通局,公安局,财政局\n"))
    assert case.co == ("公安局", "财政局"), "two headers that are written alike"


@pytest.mark.parametrize(
    ("chosen", "told", "zh"),
    [
        ({"没有": "title"}, "no column is called '没有'; the file has 编号, 标题", "文件中没有“没有”这一列"),
        ({"备注": "reason"}, "'reason' is no column that is read; allowed are id, title", "没有“reason”这一项"),
        ({"标题": "title", "备注": "title"}, "two columns mean title", "请只保留一列"),
    ],
)
def test_a_choice_without_sense_is_refused(tmp_path: Path, chosen: dict[str, str | None], told: str, zh: str) -> None:
    path = file(tmp_path, "编号,标题,备注\n1,修路,急\n")
    for read in (read_suggestions, look_into):
        if read is look_into and "备注" in chosen and "标题" in chosen:
            continue  # a look says it as a problem
        with pytest.raises(InputError, match=told) as raised:
            read(path, columns=chosen)  # type: ignore[operator]
        assert zh in raised.value.zh


def test_with_everything_left_out_nothing_can_be_read(tmp_path: Path) -> None:
    path = file(tmp_path, "编号,标题\n1,修路\n")
    with pytest.raises(InputError, match="neither a column title") as raised:
        read_suggestions(path, columns={"标题": None})
    assert "至少要有一列" in raised.value.zh


# --- where the header stands -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_title_above_the_header_is_passed_over(tmp_path: Path, encoding: str) -> None:
    text = "某县2026年建议汇总表,,\n填表单位：某办,,2026年3月\n,,\n案号,案由,提交日期\n7,关于修路的建议,2026-03-01\n"
    table = read_table(file(tmp_path, text, encoding=encoding))
    assert (table.line, table.columns) == (4, ("id", "title", "date"))
    assert table.rows == ((5, {"id": "7", "title": "关于修路的建议", "date": "2026-03-01"}),)


def test_the_same_in_a_workbook_with_merged_headers(tmp_path: Path) -> None:
    rows = [
        ["建议汇总表"],
        ["案号", "案由", "承办单位", None, "备注"],
        [None, None, "主办", "会办", None],
        [7, "关于修路的建议", "交通局", "公安局", "急"],
    ]
    (case,) = read_cases(book(tmp_path, ("表", rows)))
    assert (case.suggestion.id, case.leads, case.co) == ("7", ("交通局",), ("公安局",))
    assert look_into(tmp_path / "来件.xlsx").line == 3


def test_a_first_row_that_names_a_column_is_the_header(tmp_path: Path) -> None:
    (first, second) = read_suggestions(file(tmp_path, "标题\n案号\n案由\n"))
    assert (first.title, second.title) == ("案号", "案由")


def test_one_column_below_a_title_is_found(tmp_path: Path) -> None:
    (only,) = read_suggestions(file(tmp_path, "2026年来件\n标题\n关于修路的建议\n"))
    assert only.title == "关于修路的建议"


def test_a_header_that_a_person_names_is_found_below_a_title(tmp_path: Path) -> None:
    path = file(tmp_path, "汇总\n甲,乙\n修路,急\n")
    (only,) = read_suggestions(path, columns={"甲": "title", "乙": "text"})
    assert (only.title, only.text) == ("修路", "急")


def test_complaints_name_the_line_in_the_file(tmp_path: Path) -> None:
    path = file(tmp_path, "汇总,\n案号,案由\n1,修路\n2,\n")
    with pytest.raises(InputError, match=r":4: title and text are both empty") as raised:
        read_suggestions(path)
    assert raised.value.zh == "标题和正文都是空的，请填写其中一项或删去这一行"


# --- sheets ----------------------------------------------------------------------------------------------------------


def test_the_first_sheet_that_names_columns_is_read(tmp_path: Path) -> None:
    path = book(
        tmp_path,
        ("说明", [["请先阅读"], ["一、如实填写"]]),
        ("隐藏", [["标题"], ["不应读到"]]),
        ("人大", [["案由"], ["修路"]]),
        ("政协", [["案由"], ["修桥"]]),
        ("空白", []),
        hidden=("隐藏",),
    )
    assert [one.title for one in read_suggestions(path)] == ["修路"]
    assert [one.title for one in read_suggestions(path, sheet="政协")] == ["修桥"]
    seen = look_into(path)
    assert (seen.sheet, seen.others, seen.rows) == ("人大", ("说明", "政协"), 1)
    for wrong in ("隐藏", "没有"):
        with pytest.raises(InputError, match=f"no sheet is called '{wrong}'; the workbook has 说明, 人大") as raised:
            read_suggestions(path, sheet=wrong)
        assert "没有名为" in raised.value.zh


def test_a_workbook_of_hidden_sheets_is_read_from_the_first(tmp_path: Path) -> None:
    path = book(tmp_path, ("甲", [["标题"], ["修路"]]), ("乙", [["标题"], ["修桥"]]))
    made = openpyxl.load_workbook(path)
    made["甲"].sheet_state = "hidden"
    made.save(path)
    assert [one.title for one in read_suggestions(path)] == ["修桥"]


# --- a look at a file ------------------------------------------------------------------------------------------------


def test_a_look_says_what_would_be_read(tmp_path: Path) -> None:
    path = file(tmp_path, "汇总表\n序号,诉求事项,主办,备注\n1,关于修路的建议,交通局,急\n2,关于修桥的建议,,急\n,,,\n")
    seen = look_into(path)
    assert (seen.rows, seen.line, seen.sheet, seen.others, seen.missing) == (2, 2, "", (), ("title",))
    assert [(one.header, one.field, one.likely, one.examples) for one in seen.columns] == [
        ("序号", "id", "", ("1", "2")),
        ("诉求事项", "", "title", ("关于修路的建议", "关于修桥的建议")),
        ("主办", "lead", "", ("交通局",)),
        ("备注", "", "", ("急",)),
    ]
    ((line, problem),) = seen.problems
    assert line == 0
    assert "指定哪一列" in problem.zh


def test_a_look_with_a_choice_says_what_that_comes_to(tmp_path: Path) -> None:
    path = file(tmp_path, "序号,诉求事项,时间\n1,修路,2026-03-01\n1,修桥,去年\n3,,\n4,铺路,2026-13-01\n")
    seen = look_into(path, {"诉求事项": "title"})
    assert seen.missing == ()
    assert [(line, error.zh) for line, error in seen.problems] == [
        (3, "“日期”不是日期，请写成 2024-03-01 的样子"),
        (4, "标题和正文都是空的，请填写其中一项或删去这一行"),
        (5, "“日期”不是日期，请写成 2024-03-01 的样子"),
    ]
    assert [line for line, _ in look_into(path, {"诉求事项": "title", "时间": None}).problems] == [3, 4]
    assert [line for line, _ in look_into(path, {"诉求事项": "title"}, told=2).problems] == [3, 4]
    assert look_into(path, {"诉求事项": "title"}).columns[1].likely == ""


def test_a_look_asks_which_of_two_columns_it_is(tmp_path: Path) -> None:
    path = file(tmp_path, "标题,案由,会办,协办\n修路,修路,公安局,财政局\n")
    seen = look_into(path)
    assert [(one.field, one.likely) for one in seen.columns] == [("", "title"), ("", "title"), ("", "co"), ("", "co")]
    assert [error.zh for _, error in seen.problems][:2] == [
        "“标题”、“案由”都像是“标题”，请确认用哪一列",
        "“会办”、“协办”都像是“会办单位”，请确认用哪一列",
    ]
    chosen = {"标题": "title", "案由": None, "会办": "co", "协办": "co"}
    assert look_into(path, chosen).problems == ()
    ((_, problem),) = look_into(path, {"标题": "title", "案由": "title", "会办": None, "协办": None}).problems[:1]
    assert "columns mean title" in str(problem)


def test_long_cells_are_shown_in_part(tmp_path: Path) -> None:
    seen = look_into(file(tmp_path, f"标题,正文\n修路,{'长' * 300}\n"))
    assert seen.columns[1].examples == ("长" * 40 + "…",)


def test_a_look_at_json_lines(tmp_path: Path) -> None:
    lines = [{"诉求": "修路", "主办": ["交通局", "公安局"]}, {"诉求": "修桥", "别的": {"x": 1}}]
    path = file(tmp_path, "\n".join(json.dumps(line, ensure_ascii=False) for line in lines), "来件.jsonl")
    seen = look_into(path, {"诉求": "title"})
    assert [(one.header, one.field) for one in seen.columns] == [("诉求", "title"), ("主办", "lead"), ("别的", "")]
    assert (seen.rows, seen.problems) == (2, ())


def test_a_file_without_rows_is_told(tmp_path: Path) -> None:
    seen = look_into(file(tmp_path, "标题,主办\n"))
    assert (seen.rows, [error.zh for _, error in seen.problems]) == (0, ["表头下面没有内容"])


def test_what_is_no_file_at_all_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        look_into(tmp_path / "没有.csv")
    with pytest.raises(InputError, match="empty"):
        look_into(file(tmp_path, ",,\n"))
