"""`triage audit`: the findings of a file as a workbook, and the workbook applied."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

Command = Callable[..., Any]

TITLES = ("路灯不亮", "学校太挤", "河水发臭", "没处停车", "看病太远", "树倒了没人管")
LEADS = ("城市管理局", "教育局", "水利局", "公安局", "卫生健康局", "林业局")


@pytest.fixture
def cases(tmp_path: Path) -> Path:
    """48 cases of six leads, one of them wrong, with a column that nobody knows."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    writer.writerow(["编号", "标题", "主办单位", "会办单位", "经办人"])
    for number in range(48):
        lead = "教育局" if number == 2 else LEADS[number % 6]
        title = f"{'东南西北'[number % 4]}{'门街路村'[number // 12]}{TITLES[number % 6]}"
        writer.writerow([f"A{number}", title, lead, "", f"甲{number}"])
    path = tmp_path / "cases.csv"
    path.write_bytes(buffer.getvalue().encode("gb18030"))
    return path


def test_a_file_is_audited_corrected_and_taken_back(command: Command, cases: Path, tmp_path: Path) -> None:
    sheet, output = tmp_path / "核查表.xlsx", tmp_path / "audit.jsonl"
    said = command("audit", cases, "--no-encoder", "--out", sheet, "--output", output)
    assert said.code == 0, said.err
    findings = [json.loads(line) for line in output.read_text(encoding="utf-8").splitlines()]
    lead = [finding for finding in findings if finding["kind"] == "lead"]
    assert (lead[0]["cases"], lead[0]["now"], lead[0]["proposed"]) == (["A2"], ["教育局"], ["水利局"])
    assert f"{len(findings)} findings" in said.out

    book = openpyxl.load_workbook(sheet)
    page = book["主办存疑"]
    assert page["A2"].value == "A2"
    page["G2"], page["I2"] = "是", "写错了"
    book.save(sheet)
    out = tmp_path / "cases.corrected.csv"
    said = command("audit", "apply", cases, sheet, "--out", out)
    assert said.code == 0, said.err
    assert "48 cases, 1 changed" in said.out
    before, after = (path.read_bytes().decode("gb18030").split("\r\n") for path in (cases, out))
    changed = [(old, new) for old, new in zip(before, after, strict=True) if old != new]
    assert changed == [(before[3], before[3].replace("教育局", "水利局"))]
    log = list(csv.DictReader((tmp_path / "cases.corrected.changes.csv").read_text(encoding="utf-8-sig").splitlines()))
    assert [(row["编号"], row["原值"], row["新值"], row["原因"]) for row in log] == [
        ("A2", "教育局", "水利局", "写错了")
    ]


def test_check_may_be_named(command: Command, cases: Path, tmp_path: Path) -> None:
    said = command("audit", "check", cases, "--no-encoder", "--most", "1", "--out", tmp_path / "a.xlsx")
    assert said.code == 0, said.err


def test_a_refused_sheet_leaves_nothing_and_an_older_file_as_it_was(
    command: Command, cases: Path, tmp_path: Path
) -> None:
    sheet, out = tmp_path / "a.xlsx", tmp_path / "new.csv"
    command("audit", cases, "--no-encoder", "--out", sheet)
    book = openpyxl.load_workbook(sheet)
    book["主办存疑"]["H2"] = "教玉局"
    book.save(sheet)
    out.write_text("older")
    before = sorted(tmp_path.iterdir())
    said = command("audit", "apply", cases, sheet, "--out", out)
    assert said.code == 2
    assert "主办存疑!H2: '教玉局' is not in 单位清单. Did you mean 教育局" in said.err
    assert out.read_text() == "older"
    assert sorted(tmp_path.iterdir()) == before


def test_a_file_that_cannot_be_written_leaves_no_list_of_changes(command: Command, cases: Path, tmp_path: Path) -> None:
    sheet = tmp_path / "a.xlsx"
    command("audit", cases, "--no-encoder", "--out", sheet)
    out = tmp_path / "absent" / "new.csv"
    said = command("audit", "apply", cases, sheet, "--out", out, "--changes", tmp_path / "log.jsonl")
    assert said.code == 2
    assert not (tmp_path / "log.jsonl").exists()
    assert not list(tmp_path.glob(".*"))


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--out", "a.csv"), ".xlsx is wanted here"),
        (("--out", "a.xlsx", "--output", "a.csv"), ".jsonl is wanted here"),
        (("--out", "cases.csv"), "also named"),
    ],
)
def test_endings_are_looked_at_before_any_work(
    command: Command,
    cases: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
    told: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    said = command("audit", "cases.csv", "--no-encoder", *arguments)
    assert said.code == 2
    assert told in said.err
    assert said.err.count("\n") == 1


@pytest.mark.parametrize("file", ["cases.csv", "absent.csv"])
def test_a_missing_cleanlab_is_told_before_any_work(
    command: Command, cases: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file: str
) -> None:
    monkeypatch.setitem(sys.modules, "cleanlab", None)
    said = command("audit", cases.with_name(file), "--no-encoder", "--out", tmp_path / "a.xlsx")
    assert said.code == 2
    assert "needs cleanlab" in said.err
    assert "suggestion-triage[analysis]" in said.err
    assert said.err.count("\n") == 1
    assert not (tmp_path / "a.xlsx").exists()


def test_the_corrected_file_has_the_ending_of_the_cases(command: Command, cases: Path, tmp_path: Path) -> None:
    said = command("audit", "apply", cases, tmp_path / "a.xlsx", "--out", tmp_path / "b.xlsx")
    assert (said.code, ".csv is wanted here" in said.err) == (2, True)


def test_three_cases_are_looked_at_with_a_word_about_what_they_cannot_tell(command: Command, tmp_path: Path) -> None:
    path = tmp_path / "few.csv"
    path.write_text("id,title,lead\n1,路灯,教育局\n2,河道,公安局\n3,停车,公安局\n", encoding="utf-8")
    said = command("audit", path, "--no-encoder", "--out", tmp_path / "a.xlsx")
    assert said.code == 0
    assert "只有3件" in said.err
    assert openpyxl.load_workbook(tmp_path / "a.xlsx")["填写说明"]["B2"].value == "few.csv"
