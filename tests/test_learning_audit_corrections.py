"""The workbook out, filled in, read back and applied: what is taken over, what is refused and by which cell."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from triage.errors import InputError
from triage.learning.audit import Audit, CaseFile, Corrected, Finding, Kind, corrected, read_corrections, workbook
from triage.learning.audit.layout import LAYOUTS

CASES = """id,title,source,date,topic,lead,co,note
1,关于路灯的建议,人大,2024-01-01,教育,教育局,公安局,甲
2,关于学校的建议,政协,2024-01-02,教育,卫生局,教育局;教体局,乙
3,关于河道的建议,人大,2024-01-03,水利,水利局;教育局,,丙
4,关于医院的建议,政协,2024-01-04,卫生,卫生局,水利局,丁
5,关于停车的建议,群众,2024-01-05,交通,公安局,,戊
"""
UNITS = ("教育局", "公安局", "水利局", "卫生局", "教体局", "卫生健康局", "交通运输局")
TOPICS = ("教育", "水利", "卫生", "交通", "交通/停车")
FOUND = (
    Finding(
        Kind.LEAD, "lead", ("1",), "像是公安局。", "", ("教育局",), ("公安局",), 0.01, 0.9, ("公安局：职责“路灯”",)
    ),
    Finding(Kind.LEAD, "lead", ("3",), "像是水利局。", "", ("水利局", "教育局"), ("水利局",), 0.1, 0.8),
    Finding(Kind.CONFLICT, "lead", ("1",), "一件事。", "", ("教育局",), (), None, 0.8, group=1),
    Finding(Kind.CONFLICT, "lead", ("5",), "一件事。", "", ("公安局",), ("教育局",), None, 0.8, group=1),
    Finding(Kind.BOTH_ROLES, "co", ("2",), "重复。", "教体局", ("教育局", "教体局")),
    Finding(Kind.CO_MISSING, "co", ("4",), "缺。", "教育局", ("水利局",), ("教育局",), None, 0.7),
    Finding(Kind.CO_SUPERFLUOUS, "co", ("4",), "多。", "水利局", ("水利局",), (), 0.01),
    Finding(Kind.TOPIC, "topic", ("5",), "更像停车。", "", ("交通",), ("交通/停车",), 0.1, 0.8),
    Finding(Kind.ENDED, "lead", ("4",), "已撤并。", "卫生局", ("卫生局",), ("卫生健康局",)),
    Finding(Kind.ENDED, "lead", ("2",), "已撤并。", "卫生局", ("卫生局",), ("卫生健康局", "教育局")),
    Finding(Kind.FORMER, "", ("2", "4"), "旧名。", "卫生局", ("卫生局",), ("卫生健康局",)),
    Finding(Kind.SPELLING, "", ("2",), "两种写法。", "教体局", ("教体局",), ("教育局",)),
    Finding(Kind.SINGLE, "lead", ("5",), "只有一件。", "公安局", ("公安局",)),
    Finding(Kind.TOPIC_ONCE, "", ("3",), "只有一次。", "水利", ("水利",)),
    Finding(Kind.TOPIC_UNUSED, "", (), "没人用。", "园林"),
    Finding(Kind.DIFFERENCE, "", ("1",), "有差别。", "类别“教育”，人大", chance=0.001),
)
Fill = Callable[[Any], None]


@pytest.fixture
def file(tmp_path: Path) -> CaseFile:
    path = tmp_path / "cases.csv"
    path.write_bytes(CASES.encode())
    return CaseFile.read(path)


@pytest.fixture
def sheet(tmp_path: Path, file: CaseFile) -> Path:
    path = tmp_path / "核查表.xlsx"
    path.write_bytes(workbook(Audit(5, FOUND, (), UNITS, TOPICS), file))
    return path


def fill(path: Path, *cells: tuple[str, int, str, object]) -> Path:
    """Fill cells of a workbook: sheet, row, header, value."""
    book = openpyxl.load_workbook(path)
    for title, row, header, value in cells:
        page = book[title]
        column = next(cell.column for cell in page[1] if cell.value == header)
        page.cell(row, column).value = value
    book.save(path)
    return path


def change(path: Path, what: Fill) -> Path:
    book = openpyxl.load_workbook(path)
    what(book)
    book.save(path)
    return path


def applied(path: Path, file: CaseFile) -> Corrected:
    return corrected(file, read_corrections(path, file))


def rows(done: Corrected) -> dict[str, dict[str, str]]:
    return {row["id"]: row for row in csv.DictReader(io.StringIO(done.content.decode(), newline=""))}


def refused(path: Path, file: CaseFile) -> str:
    with pytest.raises(InputError) as told:
        applied(path, file)
    return str(told.value)


# --- what is written -------------------------------------------------------------------------------------------------


def test_every_kind_has_a_sheet_and_every_sheet_is_read_by_its_headers(sheet: Path) -> None:
    book = openpyxl.load_workbook(sheet)
    assert {kind for layout in LAYOUTS for kind in layout.kinds} == set(Kind)
    assert book.sheetnames == ["填写说明", *(layout.title for layout in LAYOUTS), "单位清单", "类别清单", "是否"]
    for layout in LAYOUTS:
        assert tuple(cell.value for cell in book[layout.title][1]) == layout.headers


def test_the_cells_to_fill_in_have_lists(sheet: Path) -> None:
    book = openpyxl.load_workbook(sheet)
    offers = {str(one.sqref): one.formula1 for one in book["主办存疑"].data_validations.dataValidation}
    assert offers == {"H2:H3": "'单位清单'!$A$2:$A$8", "G2:G3": "'是否'!$A$2:$A$3"}
    assert [cell.value for cell in book["单位清单"]["A"]] == ["名称", *UNITS]
    assert "'类别清单'!$A$2:$A$6" in [one.formula1 for one in book["类别存疑"].data_validations.dataValidation]
    assert book["是否"].sheet_state == "hidden"


def test_a_confidential_case_shows_no_title(tmp_path: Path) -> None:
    path = tmp_path / "cases.csv"
    path.write_text("id,title,lead,保密\n1,不可说的事,教育局,是\n", encoding="utf-8")
    data = workbook(Audit(1, FOUND[:1], (), UNITS, TOPICS), CaseFile.read(path))
    book = openpyxl.load_workbook(io.BytesIO(data))
    assert book["主办存疑"]["B2"].value == "（保密件）"
    assert not any("不可说" in str(cell.value) for page in book for row in page.iter_rows() for cell in row)


def test_a_title_is_never_a_formula(tmp_path: Path) -> None:
    path = tmp_path / "cases.csv"
    path.write_text("id,title,lead\n1,=1+1,教育局\n", encoding="utf-8")
    data = workbook(Audit(1, FOUND[:1], (), UNITS, TOPICS), CaseFile.read(path))
    assert openpyxl.load_workbook(io.BytesIO(data))["主办存疑"]["B2"].data_type == "s"


def test_an_audit_without_findings_says_so(file: CaseFile) -> None:
    book = openpyxl.load_workbook(io.BytesIO(workbook(Audit(5, (), (), UNITS, TOPICS), file)))
    assert "没有发现可疑之处。" in [cell.value for cell in book["填写说明"]["B"]]


# --- what is taken over ----------------------------------------------------------------------------------------------


def test_an_untouched_workbook_changes_nothing(sheet: Path, file: CaseFile) -> None:
    done = applied(sheet, file)
    assert (done.content, done.changes) == (CASES.encode(), ())


def test_accepted_and_chosen_leads_are_taken_over_with_the_reason(sheet: Path, file: CaseFile) -> None:
    fill(
        sheet,
        ("主办存疑", 2, "采纳", "是"),
        ("主办存疑", 3, "改为", "卫生局；水利局"),
        ("主办存疑", 3, "原因", "会上定的"),
    )
    done = applied(sheet, file)
    found = rows(done)
    assert (found["1"]["lead"], found["1"]["co"]) == ("公安局", ""), "who leads does not help"
    assert found["3"]["lead"] == "卫生局;水利局"
    assert [(one.id, one.field, one.old, one.new, one.why, one.finding, one.cell) for one in done.changes] == [
        ("1", "lead", ("教育局",), ("公安局",), "像是公安局。", "主办存疑", "主办存疑!G2"),
        ("1", "co", ("公安局",), (), "现为主办单位，不再列为会办", "主办存疑", "主办存疑!G2"),
        ("3", "lead", ("水利局", "教育局"), ("卫生局", "水利局"), "会上定的", "主办存疑", "主办存疑!H3"),
    ]
    lines, before = done.content.decode().split("\n"), CASES.split("\n")
    assert [line for number, line in enumerate(lines) if number in (0, 2, 4, 5)] == [before[0], before[2], *before[4:6]]


def test_helpers_are_added_taken_out_and_replaced(sheet: Path, file: CaseFile) -> None:
    fill(sheet, ("会办存疑", 2, "采纳", "√"), ("会办存疑", 3, "改为", "公安局"), ("会办存疑", 4, "采纳", "是"))
    found = rows(applied(sheet, file))
    assert found["2"]["co"] == "教育局"
    assert found["4"]["co"] == "公安局"


def test_a_superfluous_helper_may_become_another(sheet: Path, file: CaseFile) -> None:
    fill(sheet, ("会办存疑", 4, "改为", "公安局"), ("会办存疑", 3, "采纳", "是"))
    assert rows(applied(sheet, file))["4"]["co"] == "公安局;教育局"


def test_topics_and_ended_units_are_taken_over(sheet: Path, file: CaseFile) -> None:
    fill(sheet, ("类别存疑", 2, "采纳", "是"), ("单位当时已撤并", 2, "采纳", "是"))
    found = rows(applied(sheet, file))
    assert found["5"]["topic"] == "交通/停车"
    assert [found[name]["lead"] for name in ("2", "4")] == ["卫生局", "卫生健康局"]


def test_a_name_is_changed_wherever_it_stands_after_single_cases(sheet: Path, file: CaseFile) -> None:
    fill(sheet, ("单位名称", 2, "采纳", "是"), ("单位名称", 3, "采纳", "是"), ("主办存疑", 2, "改为", "卫生局"))
    fill(sheet, ("类别名称", 2, "改为", "交通"))
    found = rows(applied(sheet, file))
    assert [found[name]["lead"] for name in "1245"] == ["卫生健康局", "卫生健康局", "卫生健康局", "公安局"]
    assert found["2"]["co"] == "教育局", "two names of one unit are one"
    assert found["3"]["topic"] == "交通"


def test_the_same_correction_twice_is_one(sheet: Path, file: CaseFile) -> None:
    fill(sheet, ("主办存疑", 2, "改为", "水利局"), ("同事不同办", 2, "改为", "水利局"))
    done = applied(sheet, file)
    assert [one.cell for one in done.changes] == ["主办存疑!H2；同事不同办!I2"]


def test_no_and_what_stands_there_already_change_nothing(sheet: Path, file: CaseFile) -> None:
    fill(sheet, ("主办存疑", 2, "采纳", "否"), ("主办存疑", 3, "改为", "水利局；教育局"))
    assert applied(sheet, file).changes == ()


def test_rows_may_be_sorted_or_deleted_and_columns_moved(sheet: Path, file: CaseFile) -> None:
    def rearrange(book: Any) -> None:
        page = book["主办存疑"]
        table = [[cell.value for cell in row] for row in page.iter_rows()]
        table[1][6] = "是"
        turned = [list(reversed(row)) for row in (table[0], table[2], table[1])]
        for number, row in enumerate(turned, start=1):
            for column, value in enumerate(row, start=1):
                page.cell(number, column).value = value
        book["会办存疑"].delete_rows(2, 2)
        del book["同事不同办"]

    change(sheet, rearrange)
    assert rows(applied(sheet, file))["1"]["lead"] == "公安局"


def test_a_new_unit_counts_when_it_was_added_to_the_list(sheet: Path, file: CaseFile) -> None:
    fill(sheet, ("主办存疑", 2, "改为", "数据局"))
    assert "'数据局' is not in 单位清单" in refused(sheet, file)
    change(sheet, lambda book: book["单位清单"].append(["数据局"]))
    assert rows(applied(sheet, file))["1"]["lead"] == "数据局"


def test_a_name_in_another_width_is_written_as_in_the_list(sheet: Path, file: CaseFile) -> None:
    fill(sheet, ("主办存疑", 2, "改为", "卫生 健康局"))
    assert rows(applied(sheet, file))["1"]["lead"] == "卫生健康局"


def test_the_list_of_changes_is_a_table(sheet: Path, file: CaseFile) -> None:
    log = applied(fill(sheet, ("主办存疑", 2, "采纳", "是")), file).log()
    assert log.headers == ("编号", "栏目", "原值", "新值", "原因", "来自", "单元格")
    assert log.rows[0] == ("1", "主办", "教育局", "公安局", "像是公安局。", "主办存疑", "主办存疑!G2")


# --- what is refused -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        ([("主办存疑", 2, "编号", "99"), ("主办存疑", 2, "采纳", "是")], "主办存疑!A2: '99' is no id of the cases"),
        ([("主办存疑", 2, "改为", "教玉局")], "主办存疑!H2: '教玉局' is not in 单位清单. Did you mean 教育局"),
        ([("主办存疑", 2, "改为", "教育局；教玉局")], "主办存疑!H2: '教玉局' is not in 单位清单"),
        ([("主办存疑", 2, "采纳", "也许")], "主办存疑!G2: is '也许'; allowed are 是 and 否"),
        (
            [("主办存疑", 2, "采纳", "是"), ("主办存疑", 2, "改为", "水利局")],
            "主办存疑!G2: says 是, and 改为 says '水利局'",
        ),
        (
            [("主办存疑", 2, "现主办", "公安局")],
            "主办存疑!E2: is '公安局', the file has '教育局'. Write corrections under 改为",
        ),
        ([("同事不同办", 2, "采纳", "是")], "同事不同办!H2: there is no proposal. Fill in 改为"),
        ([("单位当时已撤并", 3, "采纳", "是")], "单位当时已撤并!F3: 2 names, one is wanted"),
        ([("单位当时已撤并", 2, "角色", "协办")], "角色 is '协办'; allowed are 主办 and 会办"),
        ([("会办存疑", 2, "改为", "教育局；公安局")], "会办存疑!H2: 2 names, one is wanted"),
        (
            [("会办存疑", 3, "单位", "水利局"), ("会办存疑", 3, "采纳", "是")],
            "会办存疑!F3: '水利局' stands in the case already",
        ),
        ([("会办存疑", 4, "单位", "公安局")], "会办存疑!F4: is '公安局', the file has '水利局'"),
        ([("单位名称", 2, "现名称", "宇宙局"), ("单位名称", 2, "采纳", "是")], "单位名称!A2: no case has '宇宙局'"),
        ([("类别名称", 3, "改为", "教育")], "类别名称!A3: no case has '园林'"),
        ([("类别存疑", 2, "改为", "交通/停东")], "类别存疑!H2: '交通/停东' is not in 类别清单. Did you mean 交通/停车"),
        ([("主办存疑", 2, "改为", "=A1")], "主办存疑!H2: '=A1' is not in 单位清单"),
    ],
)
def test_what_cannot_be_taken_over_is_told_by_cell(
    sheet: Path, file: CaseFile, cells: list[tuple[str, int, str, object]], told: str
) -> None:
    message = refused(fill(sheet, *cells), file)
    assert told in message
    assert str(sheet) in message


def test_all_problems_are_told_at_once(sheet: Path, file: CaseFile) -> None:
    fill(sheet, ("主办存疑", 2, "改为", "甲"), ("主办存疑", 3, "改为", "乙"), ("类别存疑", 2, "改为", "丙"))
    message = refused(sheet, file)
    assert "3 cells cannot be taken over" in message
    assert all(cell in message for cell in ("主办存疑!H2", "主办存疑!H3", "类别存疑!H2"))


def test_two_different_corrections_of_one_cell_are_refused(sheet: Path, file: CaseFile) -> None:
    fill(sheet, ("主办存疑", 2, "采纳", "是"), ("同事不同办", 2, "改为", "水利局"))
    message = refused(sheet, file)
    assert "主办存疑!G2 and 同事不同办!I2: two different corrections of lead for case '1'" in message
    assert "'公安局' and '水利局'" in message


def test_two_corrections_of_one_helper_are_refused(sheet: Path, file: CaseFile) -> None:
    change(sheet, lambda book: book["会办存疑"].append([cell.value for cell in book["会办存疑"][4]]))
    fill(sheet, ("会办存疑", 4, "采纳", "是"), ("会办存疑", 5, "改为", "公安局"))
    assert "会办存疑!G4 and 会办存疑!H5: two different corrections of co" in refused(sheet, file)


def test_one_name_renamed_twice_or_in_a_chain_is_refused(sheet: Path, file: CaseFile) -> None:
    fill(sheet, ("单位名称", 2, "改为", "教体局"), ("单位名称", 3, "采纳", "是"))
    assert "'卫生局' is to become '教体局', which 单位名称!F3 renames to '教育局'" in refused(sheet, file)
    change(sheet, lambda book: book["单位名称"].append([cell.value for cell in book["单位名称"][2]]))
    fill(sheet, ("单位名称", 5, "改为", "公安局"))
    assert "单位名称!G2 and 单位名称!G5: '卫生局' is to become '教体局' and '公安局'" in refused(sheet, file)


def test_merged_cells_are_refused(sheet: Path, file: CaseFile) -> None:
    change(sheet, lambda book: book["主办存疑"].merge_cells("H2:H3"))
    assert "主办存疑!H2:H3: merged cells" in refused(sheet, file)


@pytest.mark.parametrize("header", ["编号", "现主办", "建议主办", "采纳", "改为"])
def test_a_column_that_is_missing_is_named(sheet: Path, file: CaseFile, header: str) -> None:
    def rename(book: Any) -> None:
        next(cell for cell in book["主办存疑"][1] if cell.value == header).value = "别的"

    assert f"sheet 主办存疑: the column {header} is missing" in refused(change(sheet, rename), file)


def test_a_column_that_stands_there_twice_is_named(sheet: Path, file: CaseFile) -> None:
    def double(book: Any) -> None:
        book["主办存疑"].cell(1, 20).value = "改为"

    assert "the column 改为 stands there twice" in refused(change(sheet, double), file)


def test_a_sheet_of_another_file_is_refused(sheet: Path, file: CaseFile, tmp_path: Path) -> None:
    other = tmp_path / "other.csv"
    other.write_text(CASES.replace("关于路灯", "关于电灯"), encoding="utf-8")
    with pytest.raises(InputError, match="made from other cases than"):
        read_corrections(sheet, CaseFile.read(other))


@pytest.mark.parametrize(("title", "told"), [("填写说明", "no audit sheet"), ("单位清单", "单位清单, with the names")])
def test_a_workbook_without_its_own_sheets_is_refused(sheet: Path, file: CaseFile, title: str, told: str) -> None:
    def remove(book: Any) -> None:
        del book[title]

    assert told in refused(change(sheet, remove), file)


def test_what_is_no_workbook_is_refused(tmp_path: Path, file: CaseFile) -> None:
    path = tmp_path / "no.xlsx"
    path.write_bytes(b"no workbook")
    with pytest.raises(InputError, match="not an xlsx workbook"):
        read_corrections(path, file)
    with pytest.raises(InputError, match="cannot be read"):
        read_corrections(tmp_path / "absent.xlsx", file)
