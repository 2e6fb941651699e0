"""Workbooks and csv files: what is written is read back, nothing becomes a formula, and it prints."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from triage import sheets
from triage.sheets import Sheet, as_csv, as_xlsx

TABLE = Sheet("重复", ("编号", "标题"), (10, 40), [("甲", "路灯不亮"), ("乙", "=1+1"), ("丙", "@SUM(A1)\n第二行")])

cells = st.text(st.characters(codec="utf-8", exclude_characters="\r"), max_size=20)


def test_a_workbook_is_read_back() -> None:
    book = load_workbook(io.BytesIO(as_xlsx([TABLE, Sheet("空", ("一",), (5,), [])])))
    assert book.sheetnames == ["重复", "空"]
    assert [tuple(row) for row in book["重复"].values] == [TABLE.headers, *TABLE.rows]
    assert [tuple(row) for row in book["空"].values] == [("一",)]


def test_a_workbook_prints_landscape_one_page_wide_with_its_header() -> None:
    page = load_workbook(io.BytesIO(as_xlsx([TABLE])))["重复"]
    assert page.page_setup.orientation == "landscape"
    assert (page.page_setup.fitToWidth, page.page_setup.fitToHeight) == (1, 0)
    assert page.sheet_properties.pageSetUpPr.fitToPage
    assert page.print_title_rows == "$1:$1"
    assert page.freeze_panes == "C2"
    assert page.auto_filter.ref == "A1:B4"
    assert page.column_dimensions["B"].width == 40
    assert page["A1"].font.b
    assert not page["A2"].font.b
    assert page["A2"].alignment.wrap_text


def test_no_cell_is_a_formula() -> None:
    page = load_workbook(io.BytesIO(as_xlsx([TABLE])))["重复"]
    assert {cell.data_type for row in page.iter_rows() for cell in row} == {"s"}
    rows = list(csv.reader(io.StringIO(as_csv(TABLE).decode("utf-8-sig"))))
    assert rows[2:] == [["乙", "'=1+1"], ["丙", "'@SUM(A1)\n第二行"]]


def test_what_a_cell_cannot_hold_is_left_out() -> None:
    table = Sheet("一", ("甲", "乙"), (5, 5), [("\x00控\x0b制", "长" * 40_000), ("半\ud800个", "")])
    rows = [tuple(row) for row in load_workbook(io.BytesIO(as_xlsx([table])))["一"].values]
    assert rows[1] == ("控制", "长" * 32_767)
    assert rows[2][0] == "半?个"
    assert "半?个" in as_csv(table).decode("utf-8-sig")


def test_more_rows_than_a_sheet_holds_go_on_in_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "MOST_ROWS", 4)
    table = Sheet("重复", ("编号",), (5,), [(str(number),) for number in range(7)])
    book = load_workbook(io.BytesIO(as_xlsx([table])))
    assert book.sheetnames == ["重复", "重复 2", "重复 3"]
    kept = [value for name in book.sheetnames for (value,) in list(book[name].values)[1:]]
    assert kept == [str(number) for number in range(7)]
    assert all(next(iter(book[name].values)) == ("编号",) for name in book.sheetnames)


@settings(max_examples=30)
@given(st.lists(st.tuples(cells, cells), max_size=5))
def test_any_text_comes_back(rows: list[tuple[str, str]]) -> None:
    table = Sheet("一", ("甲", "乙"), (5, 5), rows)
    read = list(load_workbook(io.BytesIO(as_xlsx([table])))["一"].values)[1:]
    wanted = [tuple(ILLEGAL_CHARACTERS_RE.sub("", cell) for cell in row) for row in rows]
    assert [tuple(cell or "" for cell in row) for row in read] == wanted
    assert len(list(csv.reader(io.StringIO(as_csv(table).decode("utf-8-sig"))))) == len(rows) + 1
