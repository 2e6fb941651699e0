"""`triage sheet` and `triage decided`, and the sheet as a file to train on and to be measured on."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl import load_workbook

from tests.conftest import Said
from tests.meetings import edited, put
from triage import Triager
from triage.datasets import read_cases
from triage.meeting import read_meeting

Command = Callable[..., Said]
LAMP = "青石巷从邮政所到粮站一共十三盏路灯，九盏不亮，晚上老人摔过跤，请安排人来修。"
NEW = [
    ("N1", "关于修复路灯的建议", LAMP, ""),
    ("N2", "关于建设小学的建议", "县城南片至今没有一所小学，请规划建设一所。", ""),
    ("N3", "关于增设公交站的建议", "开发区东边没有公交站，上班要走两公里，请增设站点。", "是"),
    ("N4", "关于修复路灯的建议", LAMP, ""),
]


def write(path: Path, header: str, rows: list[tuple[str, ...]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header.split(), *rows])
    return path


@pytest.fixture
def new(tmp_path: Path) -> Path:
    return write(tmp_path / "new.csv", "编号 标题 正文 保密", NEW)


@pytest.fixture
def sheet(command: Command, small_bundle: Path, new: Path, tmp_path: Path) -> Path:
    path = tmp_path / "交办表.xlsx"
    done = command("sheet", new, "--model", small_bundle, "--out", path)
    assert done.code == 0, done.err
    return path


def test_the_sheet_holds_what_the_library_answers(sheet: Path, new: Path, triager: Triager) -> None:
    answers = triager.together([case.suggestion for case in read_cases(new, required=())]).answers
    meeting = read_meeting(sheet)
    assert meeting.model == triager.card["model"]
    for row, answer in zip(meeting.rows, answers, strict=True):
        assert row.suggested is not None
        assert (row.suggested.lead, row.suggested.co, row.suggested.decision) == (
            answer.lead,
            answer.co,
            answer.decision,
        )
    book = load_workbook(sheet)
    assert book.sheetnames[:3] == ["交办表", "单位", "说明"]
    assert "并案建议" in book.sheetnames
    assert "开发区东边" not in repr([list(page.values) for page in book])


def test_history_brings_precedents(command: Command, small_bundle: Path, new: Path, tmp_path: Path) -> None:
    header = "编号 标题 正文 日期 主办单位 会办单位 办理结果"
    old = write(
        tmp_path / "old.csv", header, [("H1", "关于修复路灯的建议", LAMP, "2024-02-26", "气象局", "财政局", "B")]
    )
    path = tmp_path / "交办表.xlsx"
    done = command("sheet", new, "--model", small_bundle, "--out", path, "--history", old)
    assert done.code == 0, done.err
    page = load_workbook(path)["交办表"]
    row = dict(zip([cell.value for cell in page[1]], [cell.value for cell in page[2]], strict=True))
    assert "H1" in row["重复"]
    assert row["先例"].startswith("H1《关于修复路灯的建议》")
    assert "由气象局主办，财政局会办" in row["先例"]


def test_what_was_decided_comes_out_as_cases(command: Command, sheet: Path, new: Path, tmp_path: Path) -> None:
    edited(
        sheet, put(确定主办_2="同意", 确定主办_3="教体局", 确定会办_3="财政局", 原因_3="学校在先", 确定主办_4="同意")
    )
    out, counts = tmp_path / "decided.csv", tmp_path / "counts.json"
    done = command("decided", sheet, "--out", out, "--figures", counts)
    assert done.code == 0, done.err
    assert "4 rows: 3 decided, 1 not" in done.out
    assert "原因 1: 学校在先" in done.out
    assert "1 of 4 rows are not decided" in done.err
    assert "1 decided rows have no text" in done.err
    assert "“教体局” is read as 教育局" in done.err
    cases = read_cases(out)
    assert [case.suggestion.id for case in cases] == ["N1", "N2"]
    assert (cases[1].leads, cases[1].co) == (("教育局",), ("财政局",))
    assert json.loads(counts.read_text(encoding="utf-8"))["decided"] == 3
    assert command("decided", sheet, "--out", out, "--from", new).code == 0
    assert [(case.suggestion.id, case.suggestion.confidential) for case in read_cases(out)][2] == ("N3", True)


def test_a_sheet_is_read_by_another_catalogue(
    command: Command, sheet: Path, small_bundle: Path, tmp_path: Path
) -> None:
    edited(sheet, put(确定主办_2="同意"))
    assert command("decided", sheet, "--model", small_bundle).err.count("another catalogue") == 0
    folder = tmp_path / "catalogue"
    folder.mkdir()
    (folder / "units.csv").write_text("code,name,level,duties\na,教育局,县,学校\n", encoding="utf-8")
    done = command("decided", sheet, "--catalogue", folder, "--out", tmp_path / "a.csv")
    assert (done.code, (tmp_path / "a.csv").exists()) == (2, False)
    assert "交办表!T2: 同意: " in done.err
    assert "Give one of them" in command("decided", sheet, "--catalogue", folder, "--model", small_bundle).err


def test_the_sheet_is_a_training_file_and_is_measured_on(
    command: Command, sheet: Path, small_bundle: Path, root: Path, tmp_path: Path
) -> None:
    edited(sheet, put(确定主办_2="公安局", 确定主办_3="同意"))
    history = root / "examples" / "cases.csv"
    done = command("train", history, sheet, "--out", tmp_path / "next", "--no-encoder")
    assert done.code == 0, done.err
    assert "a meeting sheet; 2 decided rows count as cases" in done.err
    assert "2 of 4 rows are not decided: nothing is learned from them" in done.err
    card = Triager.load(tmp_path / "next").card
    assert card["cases"] == len(read_cases(history)) + 2
    done = command("evaluate", sheet, "--model", small_bundle, "--output", tmp_path / "report.json")
    assert done.code == 0, done.err
    assert "2 decided rows count as cases" in done.err
    done = command("index", "build", sheet, "--out", tmp_path / "history.index", "--no-encoder")
    assert done.code == 0, done.err


def test_a_case_that_stands_in_several_files_counts_once(
    command: Command, sheet: Path, new: Path, tmp_path: Path
) -> None:
    edited(sheet, put(确定主办_2="公安局"))
    earlier = write(
        tmp_path / "earlier.csv", "编号 标题 正文 主办单位", [(*NEW[0][:3], "教育局"), (*NEW[1][:3], "教育局")]
    )
    done = command("train", earlier, sheet, "--out", tmp_path / "next", "--no-encoder")
    assert done.code == 0, done.err
    assert "1 cases stand in several files; what the later file says counts" in done.err
    assert Triager.load(tmp_path / "next").card["cases"] == 2


def test_nothing_is_learned_from_a_sheet_that_nobody_filled_in(command: Command, sheet: Path, tmp_path: Path) -> None:
    done = command("train", sheet, "--out", tmp_path / "next", "--no-encoder")
    assert (done.code, (tmp_path / "next").exists()) == (2, False)
    assert "no row is decided and has a text" in done.err
    done = command("decided", sheet, "--out", tmp_path / "a.csv", "--figures", tmp_path / "a.json")
    assert (done.code, list(tmp_path.glob("a.*"))) == (2, [])


def test_problems_stop_every_command_with_the_cells(command: Command, sheet: Path, tmp_path: Path) -> None:
    edited(sheet, put(确定主办_2="教育居", 确定主办_3="财正局"))
    for command_line in (("decided", sheet), ("train", sheet, "--out", tmp_path / "next", "--no-encoder")):
        done = command(*command_line)
        assert done.code == 2
        assert "交办表!T2: “教育居” is no unit of the catalogue; did you mean 教育局" in done.err
        assert "交办表!T3: “财正局” is no unit of the catalogue; did you mean 财政局" in done.err
    assert not (tmp_path / "next").exists()


def test_decisions_are_not_written_over(command: Command, sheet: Path, small_bundle: Path, new: Path) -> None:
    before = edited(sheet, put(确定主办_2="同意")).read_bytes()
    done = command("sheet", new, "--model", small_bundle, "--out", sheet)
    assert (done.code, sheet.read_bytes()) == (2, before)
    assert "holds 1 decision, and is left as it is" in done.err


def test_files_are_not_mixed_up(command: Command, sheet: Path, small_bundle: Path, new: Path, tmp_path: Path) -> None:
    assert "written as .xlsx" in command("sheet", new, "--model", small_bundle, "--out", tmp_path / "a.csv").err
    assert "its own name" in command("sheet", sheet, "--model", small_bundle, "--out", sheet).err
    assert "its own name" in command("decided", sheet, "--out", sheet).err
    assert "written as .json" in command("decided", sheet, "--figures", tmp_path / "a.csv").err
    assert "a meeting sheet is an .xlsx workbook" in command("decided", new).err
