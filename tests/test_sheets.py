"""Workbooks and csv files: what is written is read back, nothing becomes a formula, and it prints."""

from __future__ import annotations

import csv
import io
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from triage import InputError, sheets
from triage.datasets import read_table
from triage.sheets import (
    INPUT,
    INPUT_HEAD,
    LANDSCAPE_A3,
    Choices,
    Sheet,
    as_csv,
    as_xlsx,
    cell_text,
    opened_workbook,
    unmarked,
)

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


FORM = Sheet(
    "表",
    ("编号", "标题", "决定", "确定"),
    (10, 20, 10, 12),
    [("1", "路" * 400, "建议交办", ""), ("2", "短", "请选择", "")],
    inputs=(3,),
    choices=(Choices((3,), "单位", 2, 5, "information", "不在名单中。", "请选择"),),
    folded=(1,),
    closed=(2,),
    tints=((2, "建议交办", "C6E0B4"),),
    lines=6,
    size=10,
    paper=LANDSCAPE_A3,
)


def test_a_form_has_coloured_cells_lists_to_pick_from_and_bounded_rows() -> None:
    book = load_workbook(io.BytesIO(as_xlsx([FORM, Sheet("数据", ("一",), (5,), [("甲",)], hidden=True)])))
    page = book["表"]
    assert [sheet.sheet_state for sheet in book] == ["visible", "hidden"]
    assert page.page_setup.paperSize == LANDSCAPE_A3
    assert page["D1"].fill.fgColor.rgb.endswith(INPUT_HEAD)
    assert page["D3"].fill.fgColor.rgb.endswith(INPUT)
    assert page["C3"].fill.fgColor.rgb == "00000000"
    assert (page["A2"].number_format, page["D2"].number_format, page["B2"].number_format) == ("@", "@", "General")
    (offer,) = page.data_validations.dataValidation
    assert (offer.type, offer.formula1, str(offer.sqref)) == ("list", "'单位'!$A$2:$A$5", "D2:D3")
    assert (offer.errorStyle, offer.error, offer.prompt) == ("information", "不在名单中。", "请选择")
    assert [(page.column_dimensions[name].outlineLevel, page.column_dimensions[name].hidden) for name in "ABC"] == [
        (0, False),
        (1, False),
        (1, True),
    ]
    tall, short = page.row_dimensions[2].height, page.row_dimensions[3].height
    assert short < tall < 100
    (tint,) = page.conditional_formatting
    assert (str(tint.sqref), tint.rules[0].formula) == ("C2:C3", ['"建议交办"'])
    assert "&P" in page.oddFooter.center.text


def test_a_text_that_looks_like_a_formula_stays_a_text_when_it_is_edited() -> None:
    page = load_workbook(io.BytesIO(as_xlsx([TABLE])))["重复"]
    assert [page[f"B{row}"].quotePrefix for row in (2, 3, 4)] == [False, True, True]


@pytest.mark.parametrize("text", ["=1+1", "'=1+1", "''-1", "+86", "@x", "'甲'", "甲", "-", "'"])
def test_a_csv_file_gives_back_what_looked_like_a_formula(tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(as_csv(Sheet("一", ("编号", "标题"), (5, 5), [("1", text)])))
    ((_, row),) = read_table(path).rows
    assert row["title"] == text
    assert unmarked(unmarked(text)) == unmarked(text) or text.startswith("''")


def test_a_cell_holds_only_what_a_workbook_can_hold() -> None:
    texts = ["甲\ufffe乙\uffff丙\x07", "😀" * 20_000, "\ud800甲"]
    page = load_workbook(io.BytesIO(as_xlsx([Sheet("一", ("标题",), (9,), [(text,) for text in texts])])))["一"]
    assert [page[f"A{row}"].value for row in (2, 3, 4)] == ["甲乙丙", "😀" * 16_383, "?甲"]


def test_cells_are_read_as_they_look() -> None:
    values = [None, 3.0, 2.5, datetime.fromisoformat("2024-03-01T09:30"), " 甲 ", 7, True]
    assert [cell_text(value) for value in values] == ["", "3", "2.5", "2024-03-01", "甲", "7", "True"]


def test_a_workbook_with_a_password_is_told_so(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(bytes.fromhex("d0cf11e0a1b11ae1") * 64)
    with pytest.raises(InputError, match="Take the password off"), opened_workbook(path):
        pass


def test_a_workbook_that_breaks_while_it_is_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(as_xlsx([TABLE]))
    with pytest.raises(InputError, match="not an xlsx workbook"), opened_workbook(path) as book:
        book["没有"]
    with opened_workbook(path, streamed=False, formulas=True) as book:
        assert book["重复"]["B3"].value == "=1+1"
