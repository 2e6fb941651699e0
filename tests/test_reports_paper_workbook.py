"""A report as a workbook: opened again, its links land, its charts can be edited, no text is a formula."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pytest
from openpyxl import load_workbook

from tests.papers import UNITS, sample
from tests.test_reports_paper_write import NASTY
from triage.reports.paper import workbook as books
from triage.reports.paper.workbook import as_workbook
from triage.reports.report import Chart, Link, Report, Section, Sentence, Table


def opened(report: Report) -> Any:
    return load_workbook(io.BytesIO(as_workbook(report)))


def links(book: Any) -> list[tuple[str, Any, str, str]]:
    """Sheet, value, and the sheet and cell that it leads to, of all links."""
    found = []
    for page in book:
        for row in page.iter_rows():
            for cell in row:
                if cell.hyperlink:
                    assert cell.hyperlink.target is None
                    assert cell.hyperlink.ref == cell.coordinate
                    sheet, _, place = cell.hyperlink.location.rpartition("!")
                    found.append((page.title, cell.value, sheet.strip("'").replace("''", "'"), place))
    return found


def test_every_link_lands() -> None:
    book = opened(sample())
    found = links(book)
    assert len(found) > 100
    for _, _, sheet, place in found:
        assert book[sheet][place].value is not None


def test_a_number_leads_to_its_list_and_from_there_to_its_rows() -> None:
    book = opened(sample(12))
    first = book["报告"]
    (row,) = [row for row in first.iter_rows(min_row=4) if str(row[0].value).startswith("本年共收到")]
    assert [cell.value for cell in row[1:6]] == [12, 4, 4, 2, 1]
    assert row[1].hyperlink.location == "'附表 全部件'!A1"
    assert row[5].hyperlink.location == "'附表 全部件'!A2"
    start = int(row[2].hyperlink.location.removeprefix("'清单'!A"))
    listed = book["清单"]
    assert [listed.cell(start, column).value for column in (1, 3, 4)] == [1, "4 件", "其中人大代表建议4件"]
    places = [listed.cell(start + one, 2) for one in range(1, 5)]
    assert [cell.value for cell in places] == [1, 4, 7, 10]
    for cell in places:
        target = book["附表 全部件"][cell.hyperlink.location.rpartition("!")[2]]
        assert target.value == cell.value
        assert target.offset(0, 1).value == listed.cell(cell.row, 3).value


def test_numbers_stay_numbers() -> None:
    page = opened(sample())["各单位主办件数"]
    row = [page.cell(3, column) for column in range(1, 8)]
    assert row[0].value == UNITS[0]
    assert all(isinstance(cell.value, int) for cell in row[1:5])
    assert row[5].number_format == "0.0%"
    assert row[6].value == "—"
    assert row[1].hyperlink.location.startswith("'清单'!")


def test_a_share_of_a_sentence_is_a_number_too() -> None:
    sentence = Sentence("办结25.0%，升2.50倍。", (Link(2, 7, ("甲",)), Link(9, 13, ("甲", "乙"))))
    rows = Table("行", ("编号",), (("甲",), ("乙",), ("丙",)))
    page = opened(Report("x", "t", "", sample(0).period, (Section("一", (sentence,)),), (), rows))["报告"]
    (row,) = [row for row in page.iter_rows() if row[0].value == sentence.text]
    assert [(cell.value, cell.number_format) for cell in row[1:3]] == [(0.25, "0.0%"), (2.5, "0.00")]


def test_charts_are_charts_of_excel_over_the_numbers_beside_them() -> None:
    content = as_workbook(sample())
    book = load_workbook(io.BytesIO(content))
    charts = book["图"]._charts
    assert [type(one).__name__ for one in charts] == ["LineChart", "BarChart", "BarChart"]
    assert [one.barDir for one in charts[1:]] == ["bar", "bar"]
    assert (charts[2].grouping, len(charts[2].series)) == ("stacked", 3)
    for chart in charts:
        assert not chart.x_axis.delete
        assert not chart.y_axis.delete
        for series in chart.series:
            sheet, _, cells = series.val.numRef.f.rpartition("!")
            values = [cell.value for (cell,) in book[sheet.strip("'")][cells]]
            assert all(isinstance(value, int | float) for value in values)
    cells = charts[1].series[0].val.numRef.f.rpartition("!")[2]
    assert [cell.value for (cell,) in book["图"][cells]] == [6, 11, 0, 21, 11, 11]


def test_sheets_print_on_a4() -> None:
    book = opened(sample())
    for page in book:
        assert page.page_setup.paperSize == 9
        assert page.page_setup.fitToWidth == 1
        assert "&P" in page.oddFooter.center.text
    assert book["各单位主办件数"].print_title_rows == "$1:$2"
    assert book["附表 全部件"].print_title_rows == "$1:$1"
    assert book["附表 全部件"].freeze_panes == "C2"
    assert book["附表 全部件"].column_dimensions["C"].width == 40


def test_what_brings_the_report_out_again_stands_on_the_first_sheet() -> None:
    words = [row[0].value for row in opened(sample())["报告"].iter_rows()]
    at = words.index("来历（按此可重做本报告、重抽同一样本）")
    assert words[at + 2] == "抽样：种子 20250308，按主办单位 × 类别 × 办理结果分层，抽 10%"


def test_no_text_is_a_formula() -> None:
    content = as_workbook(sample(5, odd=NASTY))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        sheets = [archive.read(name) for name in archive.namelist() if name.startswith("xl/worksheets/sheet")]
        assert not any(b"<f>" in sheet or b"<f " in sheet for sheet in sheets)
        relations = b"".join(archive.read(name) for name in archive.namelist() if name.endswith(".rels"))
        assert b"External" not in relations
    report = Report("x", "=1+1", "@sum", sample(0).period, (), ("=1+1",), Table("", ("编号",), (("=1+1",),)))
    book = opened(report)
    cells = [cell for page in book for row in page.iter_rows() for cell in row if cell.value is not None]
    assert all(cell.data_type in {"s", "n", "inlineStr"} for cell in cells)


def test_names_of_sheets_are_those_that_excel_takes() -> None:
    titles = ("a/b[c]:*?'", "A b c", "报告", "History", "", "'", "很" * 40, "很" * 40, "😀" * 20)
    tables = tuple(Table(title, ("甲",), ((1,),)) for title in titles)
    book = opened(Report("x", "t", "", sample(0).period, (Section("一", (), tables),), (), Table("图", ("编号",), ())))
    names = book.sheetnames
    assert len({name.lower() for name in names}) == len(names) == len(titles) + 2
    assert all(len(name.encode("utf-16-le")) <= 62 and not set(name) & set("[]:*?/\\") for name in names)
    assert "history" not in {name.lower() for name in names}
    for _, _, sheet, place in links(book):
        assert book[sheet][place] is not None


def test_values_that_are_no_numbers_make_no_broken_file() -> None:
    nan = float("nan")
    table = Table("表", ("甲", "乙"), ((nan, float("inf")),), forms=("count", "share"))
    chart = Chart("图", "bar", ("一", "二"), (("件", (nan, 2.0)),))
    empty = Chart("空", "line", (), ())
    section = Section("一", (), (table,), (chart, empty))
    book = opened(Report("x", "t", "", sample(0).period, (section,), (), Table("行", ("编号",), ())))
    assert [cell.value for cell in book["表"][3]] == ["—", "—"]
    assert book["图"]["B3"].value == "—"
    assert len(book["图"]._charts) == 1


def test_very_many_listed_rows_are_cut_and_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(books, "MOST_LISTED", 50)
    book = opened(sample(60))
    words = [str(row[3].value) for row in book["清单"].iter_rows()]
    assert any(word.startswith("另有") and word.endswith("件，见「附表 全部件」") for word in words)
    assert book["清单"].max_row < 110
    for _, _, sheet, place in links(book):
        assert book[sheet][place].value is not None
