"""The meeting sheet as it is made: what stands on it, what can be picked, and what is never written over."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from tests.meetings import ANSWERS, CATALOGUE, SUGGESTIONS, TODAY, answer, back, column, edited, made, put
from triage import Case, Duplicate, Grade, InputError, Matter, Mode, PairEvidence, ReturnRisk, Suggestion, UnitScore
from triage.duplicates.precedents import HandledCase, Kind
from triage.meeting import Suggested, check_meeting_target, meeting_sheets, write_meeting
from triage.meeting.write import LINES
from triage.sheets import INPUT, LONGEST_CELL, Sheet, as_xlsx

CARD = {
    "model": "triage-0123456789ab",
    "trained": "2026-02-01T08:00:00+00:00",
    "promise": {"accuracy": 0.9, "proven": True, "coverage": 0.45},
    "lead": {"suggest_accuracy": 0.93},
}


def sheets(**options: Any) -> dict[str, Sheet]:
    made_of = meeting_sheets(SUGGESTIONS, ANSWERS, CATALOGUE, **{"card": CARD, "day": TODAY, **options})
    return {sheet.title: sheet for sheet in made_of}


def cells(sheet: Sheet, row: int) -> dict[str, str]:
    return dict(zip(sheet.headers, sheet.rows[row], strict=True))


def told(**options: Any) -> dict[str, str]:
    return dict(sheets(**options)["说明"].rows)


def test_a_row_says_what_is_suggested_and_why() -> None:
    row = cells(sheets()["交办表"], 0)
    assert {name: row[name] for name in ("编号", "标题", "来源", "届次", "日期", "类别", "决定", "办理方式")} == {
        "编号": "RD-1",
        "标题": "关于增设校车的建议",
        "来源": "人大",
        "届次": "十七届一次",
        "日期": "2026-01-08",
        "类别": "交通",
        "决定": "建议交办",
        "办理方式": "会办",
    }
    assert (row["建议主办"], row["把握"], row["其他候选"]) == ("教育局", "91%", "交通运输局 5%；财政局 2%")
    assert row["建议会办"] == "交通运输局 62%；财政局 41%"
    assert row["依据"] == "职责“学校建设”与本文相符"
    assert row["先例"] == "相近案件《旧桥》"
    assert [row[name] for name in ("确定主办", "确定会办", "确定会办2", "确定会办3", "原因")] == [""] * 5


def test_the_return_risk_is_told_with_its_reasons_where_it_is_not_small() -> None:
    risks = (
        ReturnRisk(0.32, True, ("与财政局把握相近。", "若退单，可改交财政局。")),
        ReturnRisk(0.04, True, ("没有相近的办理先例。",)),
    )
    answers = [replace(one, return_risk=risk) for one, risk in zip(ANSWERS, (*risks, None, None), strict=True)]
    sheet = meeting_sheets(SUGGESTIONS, answers, CATALOGUE, card=CARD, day=TODAY)[0]
    assert cells(sheet, 0)["退单风险"] == "32%\n与财政局把握相近。\n若退单，可改交财政局。"
    assert [cells(sheet, row)["退单风险"] for row in (1, 2)] == ["4%", ""]
    place = sheet.headers.index("退单风险")
    assert sheet.headers[place + 1] == "确定主办"


def test_precedents_repeats_questions_and_parts_are_shown() -> None:
    hit = Duplicate("H1", Grade.SAME_MATTER, 0.97, {}, PairEvidence(""), lead=("教育局",))
    parts = (Matter("修校门口的路", (UnitScore("交通运输局", 0.8),)), Matter("请增设校车", (UnitScore("教育局", 0.9),)))
    case = HandledCase(
        *("H1", Kind.SAME_MATTER, Grade.SAME_MATTER, 0.9, "同一事项：上次由教育局主办。", "旧题"),
        *("人大", "", "2024-02-01", ("教育局",), (), "A", ""),
    )
    first = replace(
        ANSWERS[0],
        mode=Mode.SPLIT,
        matters=parts,
        questions=("请核实地点",),
        notices=("遮去1处电话",),
        duplicates=(hit, replace(hit, id="H2", grade=Grade.RELATED)),
    )
    made_of = meeting_sheets(SUGGESTIONS[:1], [first], CATALOGUE, precedents=[(case,)], day=TODAY)
    row = cells(made_of[0], 0)
    assert row["建议主办"] == "交通运输局；教育局"
    assert "交通运输局" not in row["其他候选"]
    assert row["重复"] == "H1 同一事项 97%，教育局主办"
    assert row["先例"] == "H1《旧题》同一事项：上次由教育局主办。"
    assert "待核：请核实地点\n提示：遮去1处电话" in row["理由"]
    assert "分办：修校门口的路… → 交通运输局" in row["理由"]
    assert Suggested.of(first).leads == ("交通运输局", "教育局")


def test_of_a_confidential_suggestion_no_word_is_shown() -> None:
    row = cells(sheets()["交办表"], 3)
    assert (row["标题"], row["正文"], row["来源"]) == ("（保密件）", "", "热线")
    assert "密不外传" not in repr(sheets())
    assert "1件不显示标题和正文" in told()["保密件"]


def test_the_lists_offer_the_units_of_the_day_agreeing_and_nobody(tmp_path: Path) -> None:
    book = load_workbook(made(tmp_path / "a.xlsx"))
    page, names = book["交办表"], [row[0] for row in book["单位"].values]
    assert names == ["单位", "同意", *(unit.name for unit in CATALOGUE.current(TODAY)), "无"]
    leads, helpers = page.data_validations.dataValidation
    assert (leads.formula1, str(leads.sqref)) == (f"'单位'!$A$2:$A${len(names) - 1}", "T2:T5")
    assert (helpers.formula1, str(helpers.sqref)) == (f"'单位'!$A$3:$A${len(names)}", "U2:U5 V2:V5 W2:W5")
    assert (leads.errorStyle, helpers.errorStyle) == ("warning", "information"), "“A；B” may be typed"
    assert page.cell(2, column(page, "确定主办")).fill.fgColor.rgb.endswith(INPUT)
    assert page.protection.sheet is False


def test_a_unit_that_is_suggested_can_be_picked_whatever_its_dates() -> None:
    listed = meeting_sheets(
        SUGGESTIONS[:1], [answer(SUGGESTIONS[0], "国土资源局", "不在目录局")], CATALOGUE, day=TODAY
    )[1]
    assert [row[0] for row in listed.rows][-3:] == ["国土资源局", "不在目录局", "无"]


def test_it_prints_on_a3_with_its_header_and_rows_of_bounded_height(tmp_path: Path) -> None:
    long = replace(SUGGESTIONS[0], text="长" * 5000)
    page = load_workbook(made(tmp_path / "a.xlsx", [long], ANSWERS[:1]))["交办表"]
    assert (page.page_setup.orientation, page.page_setup.paperSize) == ("landscape", 8)
    assert page.print_title_rows == "$1:$1"
    assert page.row_dimensions[2].height < (LINES + 1) * 15
    assert page["C2"].value == long.text
    assert page.column_dimensions["F"].hidden


def test_the_guide_says_how_what_and_how_sure() -> None:
    rows = told()
    assert rows["件数"] == "4件：建议交办2件，请选择1件，先协调1件"
    assert rows["模型"] == "triage-0123456789ab，训练于2026-02-01"
    assert rows["承诺"].startswith(
        "“建议交办”的件，首选单位正确的不少于90%，在没有学过的历史件上实际为93%，约占全部的45%。"
    )
    assert rows["日期"] == "2026-03-02"
    assert "同意" in rows["照建议办"]
    assert told(card=None)["承诺"] == "未注明"
    cold = {"promise": {"accuracy": 0.9, "proven": False, "coverage": 0.0}, "lead": {}}
    assert told(card=cold)["承诺"].startswith("没有足够的办理历史来证明90%的把握")


def test_a_text_that_no_cell_holds_is_cut_and_said_so(tmp_path: Path) -> None:
    long = replace(SUGGESTIONS[0], text="长" * (LONGEST_CELL + 5))
    book = load_workbook(made(tmp_path / "a.xlsx", [long], ANSWERS[:1]))
    assert len(book["交办表"]["C2"].value) == LONGEST_CELL
    assert "长文" in [row[0] for row in book["说明"].values]


def test_no_text_is_a_formula(tmp_path: Path) -> None:
    bad = replace(SUGGESTIONS[0], id="=1+1", title='=HYPERLINK("x")', text="=cmd|' /C calc'!A0", source="@SUM(A1)")
    book = load_workbook(made(tmp_path / "a.xlsx", [bad], ANSWERS[:1]))
    found = {cell.data_type for page in book for row in page.iter_rows() for cell in row if cell.value is not None}
    assert found == {"s"}
    assert book["交办表"]["B2"].quotePrefix


@pytest.mark.parametrize("ids", [["甲", "甲"], ["甲", ""], ["甲", " 甲 "]])
def test_ids_are_needed_once_each(ids: list[str]) -> None:
    made_of = [Suggestion(name, "修路") for name in ids]
    with pytest.raises(InputError, match="empty or come twice"):
        meeting_sheets(made_of, [answer(one, "教育局") for one in made_of], CATALOGUE)
    with pytest.raises(InputError, match="at least one"):
        meeting_sheets([], [], CATALOGUE)


def test_a_sheet_with_decisions_is_never_written_over(tmp_path: Path) -> None:
    path = made(tmp_path / "a.xlsx")
    made(path)
    for change in (put(原因_2="会上再议"), put(确定主办_2="同意"), put(确定主办_2="教育居")):
        before = edited(path, change).read_bytes()
        with pytest.raises(InputError, match="is left as it is"):
            made(path)
        assert path.read_bytes() == before
    path.write_bytes(b"no workbook")
    made(path)
    with pytest.raises(InputError, match=r"written as \.xlsx"):
        write_meeting(tmp_path / "a.csv", SUGGESTIONS, ANSWERS, CATALOGUE)
    check_meeting_target(tmp_path / "new.xlsx")
    assert [each.name for each in tmp_path.iterdir()] == ["a.xlsx"], "nothing half-written"


def test_what_is_decided_already_stands_where_people_write(tmp_path: Path) -> None:
    decided = {
        "RD-1": Case(SUGGESTIONS[0], ("教育局",), ("财政局", "公安局", "交通运输局", "文化和旅游局")),
        "007": Case(SUGGESTIONS[1], ("教育局", "公安局")),
        "3-1": Case(SUGGESTIONS[2]),
    }
    sheets = meeting_sheets(SUGGESTIONS, ANSWERS, CATALOGUE, day=TODAY, decided=decided)
    path = tmp_path / "交办表.xlsx"
    path.write_bytes(as_xlsx(sheets))
    rows = {row.case.suggestion.id: row.case for row in back(path).rows}
    assert {name: (case.leads, case.co) for name, case in rows.items()} == {
        "RD-1": (decided["RD-1"].leads, decided["RD-1"].co),
        "007": (("教育局", "公安局"), ()),
        "3-1": ((), ()),
        "BM-4": ((), ()),
    }
    main = sheets[0]
    cells = dict(zip(main.headers, main.rows[0], strict=True))
    assert [cells[name] for name in ("确定会办", "确定会办2", "确定会办3")] == [
        "财政局",
        "公安局",
        "交通运输局；文化和旅游局",
    ]
    assert main.rows[1][main.headers.index("确定会办")] == "无"
