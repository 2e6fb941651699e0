"""A meeting sheet that comes back: what was decided, wherever it stands now, and all that is wrong with it at once."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from tests.meetings import (
    ANSWERS,
    CATALOGUE,
    SUGGESTIONS,
    TODAY,
    answer,
    back,
    column,
    edited,
    made,
    put,
    rebuilt,
)
from triage import InputError, Suggestion
from triage.catalogue import Catalogue, Unit
from triage.meeting import Decided, is_meeting, meeting_sheets, read_meeting
from triage.sheets import as_xlsx

CURRENT = [unit.name for unit in CATALOGUE.current(TODAY)]


@pytest.fixture
def sheet(tmp_path: Path) -> Path:
    return made(tmp_path / "交办表.xlsx")


def refused(path: Path, **options: Any) -> str:
    with pytest.raises(InputError) as raised:
        back(path, **options)
    return str(raised.value).replace(str(path), "")


def by_id(path: Path, **options: Any) -> dict[str, Decided]:
    return {row.case.suggestion.id: row for row in back(path, **options).rows}


def units(row: Decided) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return row.case.leads, row.case.co


# --- what was decided ------------------------------------------------------------------------------------------


def test_a_sheet_that_nobody_filled_in_teaches_nothing(sheet: Path) -> None:
    meeting = back(sheet)
    assert [row.case.suggestion.id for row in meeting.rows] == ["RD-1", "007", "3-1", "BM-4"]
    assert (meeting.undecided, meeting.cases(), meeting.notices) == (4, [], ())
    assert (meeting.model, meeting.catalogue, meeting.day) == ("triage-0123456789ab", CATALOGUE.digest(), TODAY)


def test_the_suggestions_come_back_as_they_were_and_confidential_ones_without_wording(sheet: Path) -> None:
    found = [row.case.suggestion for row in back(sheet).rows]
    assert found[:3] == list(SUGGESTIONS[:3])
    assert found[3] == replace(SUGGESTIONS[3], title="", text="")
    assert "密不外传" not in repr([list(page.values) for page in load_workbook(sheet)])


def test_what_was_suggested_comes_back_to_the_last_digit(sheet: Path) -> None:
    for row, told in zip(back(sheet).rows, ANSWERS, strict=True):
        assert row.suggested is not None
        assert (row.suggested.lead, row.suggested.co) == (told.lead, told.co)
        assert (row.suggested.mode, row.suggested.decision) == (told.mode, told.decision)


@pytest.mark.parametrize("word", ["同意", " 同 意 ", "√", "OK", "照建议"])
def test_who_agrees_takes_the_lead_and_the_helpers(sheet: Path, word: str) -> None:
    row = by_id(edited(sheet, put(确定主办_2=word)))["RD-1"]
    assert units(row) == (("教育局",), ("交通运输局", "财政局"))
    assert row.lead_kept
    assert row.co_kept


@pytest.mark.parametrize(
    ("cells", "wanted"),
    [
        ({"确定主办_2": "教育局"}, (("教育局",), ())),
        ({"确定主办_2": "同意", "确定会办_2": "无"}, (("教育局",), ())),
        ({"确定主办_2": "同意", "确定会办3_2": "公安局"}, (("教育局",), ("公安局",))),
        ({"确定主办_2": "公安局", "确定会办_2": "同意"}, (("公安局",), ("交通运输局", "财政局"))),
        ({"确定主办_2": "同意；公安局"}, None),
        ({"确定主办_2": "教育局；公安局", "确定会办_2": "公安局\n财政局"}, (("教育局", "公安局"), ("财政局",))),
        (
            {"确定主办_2": "教育局 91%", "确定会办_2": "交通运输局 62%；财政局 41%"},
            (("教育局",), ("交通运输局", "财政局")),
        ),
        ({"确定主办_2": "教委、公安局"}, (("教育局", "公安局"), ())),
        ({"确定主办_2": "统战部（侨办、台办）"}, (("统战部（侨办、台办）",), ())),
        ({"确定主办_2": "教育局 财政局"}, (("教育局", "财政局"), ())),
        ({"确定主办_2": "待定", "确定会办_2": "财政局"}, ((), ())),
        ({"确定主办_2": "—"}, ((), ())),
    ],
)
def test_what_is_written_is_what_is_read(sheet: Path, cells: dict[str, str], wanted: Any) -> None:
    edited(sheet, put(**cells))
    if wanted is None:
        assert "交办表!T2: “同意”" in refused(sheet)
    else:
        assert units(by_id(sheet)["RD-1"]) == wanted


def test_why_is_kept_also_where_nothing_was_decided(sheet: Path) -> None:
    rows = by_id(edited(sheet, put(原因_2="缺材料")))
    assert (rows["RD-1"].why, rows["RD-1"].decided) == ("缺材料", False)


def test_a_topic_is_learned_only_where_somebody_changed_it(sheet: Path) -> None:
    edited(sheet, put(确定主办_2="同意", 确定主办_3="同意", 类别_3="教育；交通"))
    rows = by_id(sheet)
    assert (rows["RD-1"].case.topics, rows["007"].case.topics) == ((), ("教育", "交通"))


def test_texts_may_be_taken_from_where_they_came_from(sheet: Path) -> None:
    edited(sheet, put(确定主办_5="同意", 标题_5="改了"))
    assert by_id(sheet)["BM-4"].case.suggestion.title == "改了"
    meeting = back(sheet, suggestions=SUGGESTIONS)
    assert [row.case.suggestion for row in meeting.rows] == list(SUGGESTIONS)
    assert meeting.unreadable == 0


def test_a_confidential_row_that_was_decided_is_counted_and_not_learned_from(sheet: Path) -> None:
    meeting = back(edited(sheet, put(确定主办_5="同意")))
    assert (meeting.unreadable, meeting.cases()) == (1, [])
    assert meeting.rows[3].case.leads == ("公安局",)


# --- old and new names -----------------------------------------------------------------------------------------


def test_a_former_unit_is_read_as_who_took_over_by_the_day_of_the_case(sheet: Path) -> None:
    meeting = back(edited(sheet, put(确定主办_2="国土局", 确定主办_4="国土资源局")))
    assert meeting.rows[0].case.leads == ("自然资源和规划局",)
    assert meeting.rows[2].case.leads == ("国土资源局",), "in 2018 it was still there"
    assert meeting.notices == (
        "交办表!T2: “国土局” is read as 自然资源和规划局 (former name, which ended on 2019-04-01)",
    )


def test_other_names_are_told_once_with_their_places(tmp_path: Path) -> None:
    many = [Suggestion(f"A{number}", "修路") for number in range(7)]
    path = made(tmp_path / "a.xlsx", many, [answer(one, "教育局") for one in many])
    edited(path, put(**{f"确定主办_{row}": "交通局" for row in range(2, 9)}))
    assert back(path).notices == (
        "交办表!T2, 交办表!T3, 交办表!T4, 交办表!T5 and 3 more: “交通局” is read as 交通运输局",
    )


def test_a_unit_that_people_put_on_the_list_is_a_unit(sheet: Path) -> None:
    book = load_workbook(sheet)
    book["单位"].append(["大数据中心"])
    put(确定主办_2="大数据中心", 确定会办_2="大数剧中心")(book["交办表"])
    book.save(sheet)
    assert "交办表!U2: “大数剧中心” is no unit of the catalogue; did you mean 大数据中心?" in refused(sheet)
    edited(sheet, put(确定会办_2=""))
    assert by_id(sheet)["RD-1"].case.leads == ("大数据中心",)


# --- what is wrong ---------------------------------------------------------------------------------------------


def test_all_problems_are_told_at_once_with_their_cells(sheet: Path) -> None:
    edited(
        sheet,
        put(
            确定主办_2="教育居",
            确定会办2_2="财正局",
            确定主办_3="文体局",
            确定会办_3="教育局和财政局",
            确定会办_4="财政局",
            日期_5="昨天",
        ),
    )
    assert refused(sheet).splitlines() == [
        ": 6 problems, so nothing was read:",
        "交办表!T2: “教育居” is no unit of the catalogue; did you mean 教育局?",
        "交办表!V2: “财正局” is no unit of the catalogue; did you mean 财政局?",
        "交办表!T3: “文体局” is a former unit whose work went to 文化和旅游局、体育局; write which of them",
        "交办表!U3: “教育局和财政局” names several units (教育局、财政局); write ； between them",
        "交办表!U4: helpers without a lead; fill in 确定主办, or write 同意 there",
        "交办表!F5: date (日期) is '昨天'; write it as 2024-03-01",
        "A unit that is really new is written below the last row of the sheet 单位.",
    ]


def test_a_long_list_of_problems_is_counted(tmp_path: Path) -> None:
    many = [Suggestion(f"A{number}", "修路") for number in range(30)]
    path = made(tmp_path / "a.xlsx", many, [answer(one, "教育局") for one in many])
    edited(path, put(**{f"确定主办_{row}": "教育居" for row in range(2, 32)}))
    lines = refused(path).splitlines()
    assert (lines[0], len(lines), lines[-2]) == (": 30 problems, so nothing was read:", 23, "and 10 more")


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("不予受理", "is no unit of the catalogue"),
        ("某某小学", "is no unit of the catalogue"),
        ("教", "is no unit of the catalogue"),
        ("市容整治办公室", "ended on 2019-04-01 and the catalogue names no successor"),
        ("=HYPERLINK", "is no unit of the catalogue"),
        ("交通" * 200, "is no unit of the catalogue"),
    ],
)
def test_what_is_no_unit_stops(sheet: Path, name: str, told: str) -> None:
    def write(page: Worksheet) -> None:
        cell = page.cell(2, column(page, "确定主办"))
        cell.value = name
        cell.data_type = "s"

    assert told in refused(edited(sheet, write))


def test_two_decisions_under_one_id_are_told_with_both_places(sheet: Path) -> None:
    def copy(page: Worksheet) -> None:
        put(确定主办_2="教育局")(page)
        page.append([cell.value for cell in page[2]])
        page.cell(6, column(page, "确定主办")).value = "公安局"
        page.cell(6, column(page, "确定会办")).value = "财政局"

    told = refused(edited(sheet, copy))
    assert "id 'RD-1' has 2 decisions: 交办表!A2 教育局; 交办表!A6 公安局（会办财政局）. Keep one row" in told
    edited(sheet, put(确定主办_6="教育局", 确定会办_6="", 原因_6="会上同意"))
    assert [(units(row), row.why) for row in back(sheet).rows[:1]] == [((("教育局",), ()), "会上同意")]
    edited(sheet, put(确定主办_2=""))
    assert units(by_id(sheet)["RD-1"]) == (("教育局",), ())


def test_a_sheet_that_was_split_is_read_together(sheet: Path) -> None:
    book = load_workbook(sheet)
    copy = book.copy_worksheet(book["交办表"])
    copy.title = "政协"
    book["交办表"].delete_rows(3)
    copy.delete_rows(4, 2)
    copy.delete_rows(2)
    put(确定主办_2="同意")(copy)
    book.save(sheet)
    assert {name: row.address for name, row in by_id(sheet).items()} == {
        "RD-1": "交办表!A2",
        "3-1": "交办表!A3",
        "BM-4": "交办表!A4",
        "007": "政协!A2",
    }


def test_ids_that_the_program_made_into_something_else(sheet: Path) -> None:
    def retype(page: Worksheet) -> None:
        page.cell(3, 1).value = 7
        page.cell(4, 1).value = datetime.fromisoformat("2026-03-01")

    assert "交办表!A4: 2026-03-01 is a date, and no id of the sheet" in refused(edited(sheet, retype))
    edited(sheet, put(编号_4="３－１", 确定主办_3="同意"))
    assert by_id(sheet)["007"].case.leads == ("交通运输局",)
    assert [row.case.suggestion.id for row in back(sheet).rows] == ["RD-1", "007", "3-1", "BM-4"]


def test_rows_that_people_added(sheet: Path) -> None:
    def add(page: Worksheet) -> None:
        page.append(["RD-9", "关于建公园的建议"])
        put(确定主办_6="文旅局")(page)
        page.append(["合计4件"])

    meeting = back(edited(sheet, add))
    added = meeting.rows[4]
    assert (added.case.suggestion.title, added.case.leads, added.suggested) == (
        "关于建公园的建议",
        ("文化和旅游局",),
        None,
    )
    assert "交办表!A6: the row was added by hand: nothing had been suggested for it" in meeting.notices
    assert "交办表!A7: the row is no suggestion and is passed over" in meeting.notices
    assert "同意, but nothing was suggested for this row" in refused(edited(sheet, put(确定主办_6="同意")))
    assert "交办表!A7: id '合计4件' is none of this sheet" in refused(edited(sheet, put(确定主办_7="教育局")))
    assert "交办表!A7: the row has no id (编号)" in refused(edited(sheet, put(编号_7="", 确定主办_6="教育局")))


def test_columns_that_were_sorted_without_the_others(sheet: Path) -> None:
    def sort(page: Worksheet) -> None:
        one, other = page.cell(2, 2).value, page.cell(3, 2).value
        page.cell(2, 2).value, page.cell(3, 2).value = other, one

    told = refused(edited(sheet, sort))
    assert (
        "交办表!B2: the title of id '007' stands beside id 'RD-1'; some columns were sorted without the others" in told
    )
    # A corrected title is no such thing.
    assert by_id(edited(sheet, put(标题_2="关于增设校车的提案", 标题_3="关于修桥的建议")))["RD-1"]


# --- columns, cells and sheets that people have changed --------------------------------------------------------


def test_sorted_rows_moved_columns_and_titles_above(sheet: Path) -> None:
    edited(sheet, put(确定主办_2="同意", 确定主办_3="财政局", 原因_3="要钱"))
    plain = {name: (units(row), row.why, row.suggested) for name, row in by_id(sheet).items()}

    def shuffle(rows: list[list[Any]]) -> list[list[Any]]:
        header, *lines = rows
        order = list(range(len(header)))[::-1]
        lines = [[None] * len(header), *reversed(lines)]
        return [["二〇二六年交办会议"], [], *([row[place] for place in order] for row in (header, *lines))]

    rebuilt(sheet, shuffle)
    assert {name: (units(row), row.why, row.suggested) for name, row in by_id(sheet).items()} == plain
    assert by_id(sheet)["RD-1"].address == "交办表!X8"


def test_a_sheet_of_before_the_return_risk_is_read(sheet: Path) -> None:
    edited(sheet, put(确定主办_2="同意", 确定主办_3="财政局", 原因_3="要钱"))
    plain = {name: (units(row), row.why, row.suggested) for name, row in by_id(sheet).items()}

    def older(rows: list[list[Any]]) -> list[list[Any]]:
        place = rows[0].index("退单风险")
        return [[*row[:place], *row[place + 1 :]] for row in rows]

    rebuilt(sheet, older)
    assert {name: (units(row), row.why, row.suggested) for name, row in by_id(sheet).items()} == plain
    assert "退单风险" not in [cell.value for cell in load_workbook(sheet)["交办表"][1]]


def test_renamed_and_removed_columns(sheet: Path) -> None:
    def rename(rows: list[list[Any]]) -> list[list[Any]]:
        new = {
            "确定主办": "确定主办单位（必填）",
            "确定会办": "会议确定\n会办单位",
            "编号": "提案编号",
            "原因": "调整原因",
        }
        keep = [place for place, name in enumerate(rows[0]) if name not in ("正文", "届次", "理由", "重复")]
        rows[0] = [new.get(name, name) for name in rows[0]]
        return [[row[place] for place in keep] for row in rows]

    edited(sheet, put(确定主办_2="教育局", 确定会办_2="财政局", 原因_2="钱"))
    row = by_id(rebuilt(sheet, rename))["RD-1"]
    assert (units(row), row.why, row.case.suggestion.text) == ((("教育局",), ("财政局",)), "钱", "")


@pytest.mark.parametrize(
    ("new", "told"),
    [
        ({"确定主办": "谁来办"}, "交办表!A1: the header lacks 确定主办"),
        ({"编号": "号"}, "交办表!A1: the header lacks 编号"),
        ({"来源": "标题"}, "交办表!B1 and 交办表!D1: both columns are 标题"),
        ({"把握": "确定主办"}, "交办表!K1 and 交办表!T1: both columns are 确定主办"),
        ({"确定会办2": "确定会办"}, "交办表!U1 and 交办表!V1: both columns are 确定会办"),
    ],
)
def test_headers_that_cannot_be_told(sheet: Path, new: dict[str, str], told: str) -> None:
    def rename(page: Worksheet) -> None:
        for before, after in new.items():
            page.cell(1, column(page, before)).value = after

    assert told in refused(edited(sheet, rename))


def test_more_columns_for_units(sheet: Path) -> None:
    def add(page: Worksheet) -> None:
        last = page.max_column
        for place, (header, text) in enumerate(
            [("确定会办4", "公安局"), ("确定主办2", "财政局"), ("备注", "无")], start=1
        ):
            page.cell(1, last + place).value = header
            page.cell(2, last + place).value = text

    edited(sheet, put(确定主办_2="教育局", 确定会办_2="交通局"))
    assert units(by_id(edited(sheet, add))["RD-1"]) == (("教育局", "财政局"), ("交通运输局", "公安局"))


def test_merged_cells_are_one_decision_for_their_rows_or_told(sheet: Path) -> None:
    def merge(area: str) -> Callable[[Worksheet], None]:
        return lambda page: page.merge_cells(area)

    edited(sheet, put(确定主办_2="公安局"))
    meeting = back(edited(sheet, merge("T2:T4")))
    assert [row.case.leads for row in meeting.rows] == [("公安局",)] * 3 + [()]
    assert meeting.notices == ("交办表!T2:T4: merged cells, taken for each of their rows",)
    assert "交办表!U2:V2: merged cells over several columns" in refused(edited(sheet, merge("U2:V2")))
    assert "交办表!A4:A5: merged cells; each row needs its own" in refused(edited(sheet, merge("A4:A5")))


def test_headings_across_the_sheet_and_repeated_headers_are_passed_over(sheet: Path) -> None:
    def head(page: Worksheet) -> None:
        page.insert_rows(2)
        page.cell(2, 1).value = "一、教育"
        page.merge_cells("A2:X2")
        page.append([cell.value for cell in page[1]])

    edited(sheet, put(确定主办_2="同意"))
    meeting = back(edited(sheet, head))
    assert (len(meeting.rows), meeting.rows[0].case.leads, meeting.notices) == (4, ("教育局",), ())


def test_a_header_in_two_lines_with_merged_groups(sheet: Path) -> None:
    def group(page: Worksheet) -> None:
        page.insert_rows(1)
        page.cell(1, 19).value = "会议确定"
        page.merge_cells("T1:X1")
        page.cell(1, 1).value = "编号"
        page.merge_cells("A1:A2")

    edited(sheet, put(确定主办_2="同意"))
    assert by_id(edited(sheet, group))["RD-1"].case.leads == ("教育局",)


def test_formulas_count_as_what_they_came_to(sheet: Path) -> None:
    def point(page: Worksheet) -> None:
        page.cell(2, column(page, "确定主办")).value = "=J2"

    assert "交办表!T2: holds a formula that came to nothing; write the value itself" in refused(edited(sheet, point))
    data = sheet.read_bytes()
    book = load_workbook(io.BytesIO(data))
    assert book["交办表"]["T2"].value == "=J2"
    sheet.write_bytes(computed(data, "教育局"))
    assert by_id(sheet)["RD-1"].case.leads == ("教育局",)
    sheet.write_bytes(computed(data, "#REF!"))
    assert "came to nothing" in refused(sheet)


def computed(data: bytes, value: str) -> bytes:
    """The workbook as a program that computes saves it: each formula with what it came to."""
    import zipfile

    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as before, zipfile.ZipFile(made, "w") as after:
        for entry in before.infolist():
            text = before.read(entry)
            if entry.filename.startswith("xl/worksheets/"):
                text = re.sub(
                    rb"<c r=\"T2\"([^>]*?)><f>J2</f><v ?/?>(</v>)?</c>",
                    rb'<c r="T2"\1 t="str"><f>J2</f><v>' + value.encode() + b"</v></c>",
                    text,
                )
            after.writestr(entry, text)
    return made.getvalue()


def test_an_error_in_a_cell_is_told(sheet: Path) -> None:
    def fail(page: Worksheet) -> None:
        cell = page.cell(2, column(page, "确定会办"))
        cell.value = "#N/A"
        cell.data_type = "e"

    assert "交办表!U2: holds the error #N/A" in refused(edited(sheet, fail))


def test_a_stray_mark_in_the_last_row_costs_nothing(sheet: Path) -> None:
    def mark(page: Worksheet) -> None:
        page.cell(1_048_576, 40).number_format = "@"
        page.merge_cells("Z2:Z900")

    assert len(back(edited(sheet, mark)).rows) == 4


# --- hidden sheets, other models, other files ------------------------------------------------------------------


def test_without_the_hidden_sheets_the_columns_tell_what_was_suggested(sheet: Path) -> None:
    book = load_workbook(sheet)
    put(确定主办_2="同意", 确定主办_3="财政局")(book["交办表"])
    for name in ("数据", "数据-单位", "数据-来历"):
        del book[name]
    book.save(sheet)
    meeting = back(sheet)
    rows = {row.case.suggestion.id: row for row in meeting.rows}
    assert units(rows["RD-1"]) == (("教育局",), ("交通运输局", "财政局"))
    assert rows["RD-1"].lead_kept
    assert rows["007"].suggested is not None
    assert (rows["007"].suggested.leads, rows["007"].lead_kept) == (("交通运输局",), False)
    assert "the hidden sheet 数据 is gone" in meeting.notices[0]
    del book["单位"]
    book.save(sheet)
    assert "so no unit is known. Name a catalogue or a model" in refused(sheet)
    assert len(back(sheet, catalogue=CATALOGUE).rows) == 4


def test_a_sheet_of_another_model_is_read_by_the_catalogue_given(sheet: Path) -> None:
    edited(sheet, put(确定主办_2="同意", 确定主办_3="公安局"))
    other = Catalogue((Unit("jy", "教育和体育局", "", ("教育局",)), Unit("ga", "公安局"), Unit("jt", "交通运输局")))
    assert "交办表!T2: 同意: “财政局” is no unit of the catalogue" in refused(sheet, catalogue=other)
    more = Catalogue((*other.units, Unit("cz", "财政局")))
    meeting = back(sheet, catalogue=more)
    assert units(meeting.rows[0]) == (("教育和体育局",), ("交通运输局", "财政局"))
    assert meeting.notices[0].startswith("the sheet was made by the model triage-0123456789ab with another catalogue")
    assert back(sheet, catalogue=CATALOGUE).notices == ()


def test_hidden_sheets_that_were_changed_or_are_of_a_later_version(sheet: Path) -> None:
    data = sheet.read_bytes()

    def change(name: str, place: str, value: str) -> str:
        book = load_workbook(io.BytesIO(data))
        book[name][place] = value
        book.save(sheet)
        return refused(sheet)

    assert "数据!A3: the hidden sheet 数据 was changed there" in change("数据", "C3", "0.5；viel")
    assert "数据!A2: the hidden sheet 数据 was changed there" in change("数据", "F2", "")
    for score in ("nan", "inf", "-0.1", "1.5"):
        assert "are no probabilities" in change("数据", "C3", score)
    assert "format '2'; this version of triage reads format 1" in change("数据-来历", "B2", "2")
    assert "数据-单位: the hidden sheet was changed" in change("数据-单位", "G7", "irgendwann")


def test_files_that_are_no_meeting_sheet(tmp_path: Path, sheet: Path) -> None:
    book = Workbook()
    book.worksheets[0].append(["编号", "标题", "主办单位"])
    other = tmp_path / "cases.xlsx"
    book.save(other)
    assert "not a meeting sheet: Sheet!A1: the header lacks 确定主办" in refused(other)
    Workbook().save(other)
    assert "no sheet has a header" in refused(other)
    for content in (b"", b"PK\x03\x04", sheet.read_bytes()[:3000]):
        other.write_bytes(content)
        assert "not an xlsx workbook" in refused(other)
    other.write_bytes(bytes.fromhex("d0cf11e0a1b11ae1") * 64)
    assert "Take the password off" in refused(other)
    assert "no such file" in refused(tmp_path / "absent.xlsx")
    assert "Save it as .xlsx" in refused(tmp_path / "交办表.xls")
    assert not any(map(is_meeting, (other, tmp_path / "absent.xlsx", tmp_path / "交办表.csv")))
    assert is_meeting(sheet)


def test_a_sheet_without_rows(sheet: Path) -> None:
    assert "no rows below the header of 交办表" in refused(edited(sheet, lambda page: page.delete_rows(2, 9)))


# --- written, filled in, read: what was filled in ----------------------------------------------------------------

texts = st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), max_size=30).map(str.strip)
filled = st.none() | st.tuples(
    st.lists(st.sampled_from(CURRENT), min_size=1, max_size=2, unique=True),
    st.lists(st.sampled_from(CURRENT), max_size=4, unique=True),
    texts,
)
rows_of_a_sheet = st.lists(st.tuples(texts.filter(bool), texts, filled), min_size=1, max_size=6)


@settings(max_examples=25)
@given(rows_of_a_sheet, st.randoms(use_true_random=False))
def test_what_is_filled_in_is_what_is_read(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str, Any]], chance: Any
) -> None:
    made_of = [Suggestion(f"号{place}", title, text) for place, (title, text, _) in enumerate(rows)]
    told = [answer(one, *chance.sample(CURRENT, 3)) for one in made_of]
    path = tmp_path_factory.mktemp("sheet") / "交办表.xlsx"
    path.write_bytes(as_xlsx(meeting_sheets(made_of, told, CATALOGUE, day=TODAY)))

    def fill(page: Worksheet) -> None:
        for row, (_, _, decision) in enumerate(rows, start=2):
            if decision is not None:
                leads, co, why = decision
                for header, value in (("确定主办", "；".join(leads)), ("确定会办", "；".join(co)), ("原因", why)):
                    cell = page.cell(row, column(page, header))
                    cell.value = value or None
                    if value:
                        cell.data_type = "s"

    edited(path, fill)
    meeting = read_meeting(path, today=TODAY)
    for suggestion, suggested, (_, _, decision), row in zip(made_of, told, rows, meeting.rows, strict=True):
        leads, co, why = decision or ([], [], "")
        assert row.suggested is not None
        assert row.suggested.lead == suggested.lead
        assert row.case.suggestion == suggestion
        assert set(row.case.leads) == set(leads)
        assert set(row.case.co) == set(co) - set(leads)
        assert row.why == why
    assert len(meeting.cases()) == sum(decision is not None for _, _, decision in rows)
