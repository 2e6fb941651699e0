"""A report as a letter: opened again, its links land, its headers repeat, nothing leads out of the file."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import replace
from typing import Any

import pytest
from docx import Document
from docx.enum.section import WD_ORIENT
from docx.oxml.ns import qn

from tests.papers import sample
from tests.test_reports_paper_write import NASTY
from triage.reports.paper import letter as letters
from triage.reports.paper.letter import as_letter
from triage.reports.report import Report, Section, Table


def opened(report: Report) -> Any:
    return Document(io.BytesIO(as_letter(report)))


def bookmarks(document: Any) -> list[str]:
    return [one.get(qn("w:name")) for one in document.element.body.iter(qn("w:bookmarkStart"))]


def anchors(document: Any) -> list[tuple[str, str]]:
    """The words of each link and the bookmark that it leads to."""
    found = document.element.body.iter(qn("w:hyperlink"))
    return [("".join(text.text for text in one.iter(qn("w:t"))), one.get(qn("w:anchor"))) for one in found]


def words(document: Any) -> str:
    return "\n".join(paragraph.text for paragraph in document.paragraphs)


def test_every_link_lands() -> None:
    document = opened(sample())
    names = bookmarks(document)
    assert len(names) == len(set(names))
    numbers = [one.get(qn("w:id")) for one in document.element.body.iter(qn("w:bookmarkStart"))]
    assert len(numbers) == len(set(numbers))
    found = anchors(document)
    assert len(found) > 60
    assert {anchor for _, anchor in found} <= set(names)


def test_a_number_leads_to_its_list_and_from_there_to_its_rows() -> None:
    document = opened(sample(12))
    assert anchors(document)[:5] == [("12", "rows"), ("4", "list1"), ("4", "list2"), ("2", "list3"), ("1", "row1")]
    (line,) = [one for one in document.paragraphs if one.text.startswith("清单1　")]
    assert line.text == "清单1　其中人大代表建议4件（4 件）：1, 4, 7, 10。"
    assert line._p.find(qn("w:bookmarkStart")).get(qn("w:name")) == "list1"
    assert ("4", "row4") in anchors(document)
    row = document.tables[-1].rows[4]
    assert [cell.text for cell in row.cells][:2] == ["4", "QH00004"]
    assert next(row._tr.iter(qn("w:bookmarkStart"))).get(qn("w:name")) == "row4"


def test_the_page_is_that_of_an_office() -> None:
    document = opened(sample())
    first, last = document.sections
    assert [round(one.mm) for one in (first.page_width, first.page_height)] == [210, 297]
    margins = (first.top_margin, first.bottom_margin, first.left_margin, first.right_margin)
    assert [round(one.mm) for one in margins] == [37, 35, 28, 26]
    assert last.orientation == WD_ORIENT.LANDSCAPE
    fonts = {
        name: document.styles[name].element.rPr.rFonts.get(qn("w:eastAsia")) for name in ("Report Title", "Heading 1")
    }
    assert fonts == {"Report Title": "方正小标宋简体", "Heading 1": "黑体"}
    assert document.styles["Report Text"].font.size.pt == 16
    assert [one.text for one in document.paragraphs if one.style.name == "Heading 1"] == [
        "一、总体情况",
        "二、主办单位",
        "三、重点督办",
        "四、数字所计清单",
        "五、来历",
        "附表 全部件",
    ]
    assert "PAGE" in first.footer.part.blob.decode()
    assert 'w:val="left"' in first.even_page_footer.part.blob.decode()


def test_tables_repeat_their_header_and_have_lines() -> None:
    document = opened(sample())
    assert len(document.tables) == 2
    for table in document.tables:
        assert table.style.name == "Table Grid"
        assert table.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None
    assert [cell.text for cell in document.tables[0].rows[1].cells][-2:] == ["10.0%", "—"]
    assert words(document).count("表1　各单位主办件数") == 1


def test_a_wide_table_stands_on_turned_pages_and_the_letter_ends_with_a_paragraph() -> None:
    wide = Table("多列", tuple(f"第{one}列" for one in range(14)), (tuple(range(14)),))
    none = Table("没有列", (), ())
    report = sample(5)
    document = opened(replace(report, sections=(Section("一", (), (wide, none)), *report.sections)))
    assert [one.orientation == WD_ORIENT.LANDSCAPE for one in document.sections] == [False, True, False, True]
    assert [element.tag for element in document.element.body][-2:] == [qn("w:p"), qn("w:sectPr")]
    assert len(document.tables) == 3


def test_a_long_title_breaks_after_its_period() -> None:
    report = replace(sample(3), title="清河县2025年1月1日至2025年12月31日办理情况报告")
    document = opened(report)
    assert document.paragraphs[0].text == "清河县2025年1月1日至2025年12月31日\n办理情况报告"
    assert [one.text for one in document.paragraphs if one.style.name == "Report About"] == ["清河县人民政府办公室"]


def test_columns_that_hold_nothing_have_no_room_on_paper() -> None:
    rows = Table("附表", ("编号", "标题", "范围"), (("甲", "一", ""), ("乙", "二", None)))
    document = opened(replace(sample(0), sections=(), rows=rows))
    assert [cell.text for cell in document.tables[0].rows[0].cells] == ["序号", "编号", "标题"]


def test_pictures_have_words() -> None:
    document = opened(sample())
    assert len(document.inline_shapes) == 3
    told = [one.get("descr") for one in document.element.body.iter(qn("wp:docPr"))]
    assert all(one.startswith(("条形图《", "折线图《", "堆积条形图《")) for one in told)


def test_nothing_leads_out_and_nothing_runs() -> None:
    with zipfile.ZipFile(io.BytesIO(as_letter(sample(9, odd=NASTY)))) as archive:
        assert b"TargetMode" not in b"".join(archive.read(one) for one in archive.namelist() if one.endswith(".rels"))
        assert not any(re.search(r"vba|macro|embed|activeX", name, re.IGNORECASE) for name in archive.namelist())
        assert "仿宋_GB2312" in archive.read("word/fontTable.xml").decode()


def test_texts_are_kept_as_they_are() -> None:
    document = opened(sample(4, odd="<w:p/>&amp;😀=1+1\n下一行"))
    assert "<w:p/>&amp;😀=1+1" in words(document)
    assert "<w:p/>&amp;😀=1+1\n下一行" in document.tables[-1].rows[1].cells[2].text


def test_a_long_appendix_is_cut_and_told_with_the_rows_of_short_lists_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(letters, "MOST_ROWS", 20)
    document = opened(sample(60))
    places = [int(row.cells[0].text) for row in document.tables[-1].rows[1:]]
    assert len(places) == 20
    assert places == sorted(places)
    assert {1, 34} <= set(places)  # the one row of a number, and a list of two
    assert "共 60 件，这里只印 20 件" in words(document)
    assert "--out 文件名.xlsx" in words(document)
    assert {anchor for _, anchor in anchors(document)} <= set(bookmarks(document))


def test_what_brings_the_report_out_again_stands_at_the_end() -> None:
    assert "抽样：种子 20250308，按主办单位 × 类别 × 办理结果分层，抽 10%" in words(opened(sample()))
