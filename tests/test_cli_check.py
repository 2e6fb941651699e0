"""``triage check``: files, drafts and texts in; text, JSON lines or a workbook out."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

Run = Callable[..., Any]

LETTER = "杨树沟村口的路灯坏了半年，晚上漆黑一片。建议村委会在6月底前修好。"


def test_a_text_comes_back_as_a_json_line(command: Run) -> None:
    said = command("check", LETTER, LETTER)
    assert said.code == 0
    rows = [json.loads(line) for line in said.out.splitlines()]
    assert [row["id"] for row in rows] == ["text-1", "text-2"]
    assert {part["role"] for part in rows[0]["parts"]} == {"subject", "problem", "analysis", "ask"}


def test_a_reader_gets_chinese_lines(command: Run) -> None:
    said = command("check", LETTER, "--format", "text", "--on", "2030-03-01")
    assert said.code == 0
    assert "【text-1】" in said.out
    assert "时限" in said.out
    assert "2030-06-30" in said.out


def test_a_file_becomes_a_workbook(command: Run, root: Path, tmp_path: Path) -> None:
    target = tmp_path / "预审.xlsx"
    said = command("check", root / "examples" / "suggestions.csv", "--output", target)
    assert said.code == 0
    book = openpyxl.load_workbook(target)
    assert book.sheetnames == ["预审", "预审明细"]
    first = book["预审"]
    assert [cell.value for cell in first[1]][:3] == ["编号", "标题", "缺少"]
    with (root / "examples" / "suggestions.csv").open(encoding="utf-8") as lines:
        assert first.max_row > 1
        assert first.max_row <= sum(1 for _ in lines)


def test_a_text_is_never_a_formula(command: Run, tmp_path: Path) -> None:
    source, target = tmp_path / "in.csv", tmp_path / "out.xlsx"
    source.write_text("编号,标题,正文\n1,=1+1,=cmd|' /C calc'!A0 路灯坏了请修\n", encoding="utf-8")
    assert command("check", source, "--output", target).code == 0
    cells = [cell for row in openpyxl.load_workbook(target)["预审"].iter_rows() for cell in row]
    assert all(cell.data_type != "f" for cell in cells)


def test_a_confidential_row_shows_no_wording(command: Run, tmp_path: Path) -> None:
    source, target = tmp_path / "in.csv", tmp_path / "out.xlsx"
    source.write_text(f"编号,标题,正文,保密\n1,举报所长,我实名举报所长收受红包。{LETTER},是\n", encoding="utf-8")
    assert command("check", source, "--output", target).code == 0
    book = openpyxl.load_workbook(target)
    told = "".join(str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row)
    assert "（保密件）" in told
    assert not any(word in told for word in ("杨树沟", "红包", "漆黑", "举报所长"))
    shown = command("check", source, "--format", "text").out
    assert not any(word in shown for word in ("杨树沟", "红包", "漆黑", "举报所长"))


def test_a_word_draft_has_its_first_line_as_title(command: Run, tmp_path: Path) -> None:
    docx = pytest.importorskip("docx")
    document = docx.Document()
    document.add_paragraph("关于修复杨树沟村路灯的建议")
    document.add_paragraph(LETTER)
    table = document.add_table(rows=1, cols=2)
    table.rows[0].cells[0].text = "提出人"
    table.rows[0].cells[1].text = "某代表"
    path = tmp_path / "草稿.docx"
    document.save(str(path))
    row = json.loads(command("check", path).out)
    assert row["id"] == "草稿"
    assert row["parts"][0]["spans"][0] == {"field": "title", "start": 0, "end": 13}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_a_plain_draft_in_any_encoding(command: Run, tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "草稿.txt"
    path.write_bytes(f"关于路灯的建议\r\n\r\n{LETTER}\r\n".encode(encoding))
    row = json.loads(command("check", path).out)
    assert row["parts"][0]["spans"][0] == {"field": "title", "start": 0, "end": 7}


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.docx", b"no document", "not a Word document"),
        ("a.docx", b"PK\x03\x04broken", "not a Word document"),
        ("a.docx", b"", "not a Word document"),
        ("a.txt", b"", "no text in it"),
        ("a.txt", b"\x00\xff\x00\x81\x20", "neither UTF-8"),
        ("a.csv", b"", "empty"),
    ],
)
def test_a_broken_file_is_one_message(command: Run, tmp_path: Path, name: str, content: bytes, says: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    said = command("check", path)
    assert said.code == 2
    assert says in said.err
    assert str(path) in said.err


def test_a_missing_file_is_one_message(command: Run, tmp_path: Path) -> None:
    said = command("check", tmp_path / "none.docx")
    assert said.code == 2
    assert "cannot be read" in said.err


def test_without_python_docx_it_says_what_to_install(
    command: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.docx"
    path.write_bytes(b"PK")
    monkeypatch.setitem(sys.modules, "docx", None)
    said = command("check", path)
    assert said.code == 2
    assert "suggestion-triage[reports]" in said.err


def test_options_that_cannot_be(command: Run, tmp_path: Path) -> None:
    assert "--on" in command("check", LETTER, "--on", "tomorrow").err
    assert "cannot be written" in command("check", LETTER, "--output", tmp_path / "a.pdf").err
    assert command("check", LETTER, "--catalogue", tmp_path / "none").code == 2


def test_the_rules_of_the_place_count(command: Run, root: Path) -> None:
    text = "谷仓岭的土路坑坑洼洼，建议拓宽谷仓岭到镇上的公路。"
    places = root / "examples" / "places"
    here = json.loads(command("check", text, "--catalogue", places / "zhenxi-county").out)
    there = json.loads(command("check", text, "--catalogue", places / "linlan-district").out)
    assert "ZX-P1" in {tag["rule"] for tag in here["tags"]}
    assert not {tag["rule"] for tag in there["tags"]} & {tag["rule"] for tag in here["tags"]}
