"""A file of cases with a few cells changed: every other row, column and character as it was."""

from __future__ import annotations

import csv
import io
import json
import tempfile
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.styles import Font

from triage.datasets import read_cases
from triage.errors import InputError
from triage.learning.audit import CaseFile

TEXT = (
    '编号,标题,备注,主办单位,会办单位,"类别 "\r\n'
    '1,关于路灯的建议,"含,逗号",教育局,"公安局；财政局",教育\r\n'
    "\r\n"
    '2,"两行的\n标题",\'=1+1,公安局,,\r\n'
    "3,关于河道的建议,  空格  ,水利局,教育局;水利局,水利"
)


def write(folder: Path, name: str, data: bytes) -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


# --- csv -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mark", "encoding"),
    [
        (b"", "utf-8"),
        (b"\xef\xbb\xbf", "utf-8"),
        (b"", "gb18030"),
        (b"\xff\xfe", "utf-16-le"),
        (b"\xfe\xff", "utf-16-be"),
    ],
)
def test_only_the_cells_that_change_do(tmp_path: Path, mark: bytes, encoding: str) -> None:
    file = CaseFile.read(write(tmp_path, "cases.csv", mark + TEXT.encode(encoding)))
    assert file.rewritten({}) == mark + TEXT.encode(encoding)
    data = file.rewritten({"2": {"lead": ("交警大队",), "co": ("公安局", "教育局")}})
    assert data.startswith(mark)
    wanted = TEXT.replace("公安局,,\r\n", "交警大队,公安局;教育局,\r\n")
    assert data[len(mark) :].decode(encoding) == wanted
    again = CaseFile.read(write(tmp_path, "again.csv", data))
    assert again.cases[1].leads == ("交警大队",)
    assert again.cases[0] == file.cases[0]


def test_a_cell_keeps_its_separator_and_a_last_line_without_an_end_has_none(tmp_path: Path) -> None:
    file = CaseFile.read(write(tmp_path, "cases.csv", TEXT.encode()))
    text = file.rewritten({"1": {"co": ("公安局", "民政局")}, "3": {"co": ("教育局",)}}).decode()
    assert "公安局；民政局" in text
    assert text.endswith("水利局,教育局,水利")


def test_helpers_are_read_as_they_are_written_and_ids_made_from_lines(tmp_path: Path) -> None:
    path = write(tmp_path, "cases.csv", "title,lead,co\n路灯,教育局,教育局;公安局\n\n河道,水利局,\n".encode())
    file = CaseFile.read(path)
    assert [case.co for case in file.cases] == [("教育局", "公安局"), ()]
    assert [case.co for case in read_cases(path)] == [("公安局",), ()], "elsewhere a lead is no helper"
    assert [case.suggestion.id for case in file.cases] == ["line-2", "line-4"]
    assert file.rewritten({"line-4": {"lead": ("民政局",)}}).decode().endswith("\n\n河道,民政局,\n")


def test_a_row_that_is_shorter_than_the_header_is_filled_up(tmp_path: Path) -> None:
    file = CaseFile.read(write(tmp_path, "cases.csv", "id,title,lead,co\n1,路灯,教育局\n".encode()))
    assert file.rewritten({"1": {"co": ("公安局",)}}).decode() == "id,title,lead,co\n1,路灯,教育局,公安局\n"


def test_a_field_without_a_column_is_refused(tmp_path: Path) -> None:
    file = CaseFile.read(write(tmp_path, "cases.csv", "id,title,lead\n1,路灯,教育局\n".encode()))
    with pytest.raises(InputError, match="no column co"):
        file.rewritten({"1": {"co": ("公安局",)}})


cells = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=8) | st.sampled_from(
    ['"', 'a"b', "a,b", "行\n行"]
)


@given(st.lists(st.tuples(cells, cells, cells), min_size=1, max_size=8), st.data())
def test_any_table_comes_back_but_for_what_was_changed(rows: list[tuple[str, str, str]], data: st.DataObject) -> None:
    buffer = io.StringIO(newline="")
    table = [[str(number), "题", "教育局", *row] for number, row in enumerate(rows)]
    csv.writer(buffer, lineterminator="\n").writerows([["id", "title", "lead", "x", "备注", "z"], *table])
    chosen = data.draw(st.sets(st.sampled_from([row[0] for row in table])))
    with tempfile.TemporaryDirectory() as folder:
        file = CaseFile.read(write(Path(folder), "cases.csv", buffer.getvalue().encode()))
        text = file.rewritten({name: {"lead": ("公安局",)} for name in chosen}).decode()
    wanted = [
        [cell if place != 2 or row[0] not in chosen else "公安局" for place, cell in enumerate(row)] for row in table
    ]
    assert list(csv.reader(io.StringIO(text, newline="")))[1:] == wanted


# --- xlsx and jsonl --------------------------------------------------------------------------------------------------


def test_a_workbook_keeps_its_other_columns_sheets_and_looks(tmp_path: Path) -> None:
    path = tmp_path / "cases.xlsx"
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (
        ["编号", "标题", "主办", "会办", "备注"],
        [1, "路灯", "教育局", "公安局", 3.5],
        [2, "河道", "水利局", None, "=1"],
    ):
        sheet.append(row)
    sheet["B2"].font = Font(bold=True)
    book.create_sheet("别的")["A1"] = "留着"
    book.save(path)
    file = CaseFile.read(path)
    changed = write(tmp_path, "new.xlsx", file.rewritten({"2": {"lead": ("民政局",)}}))
    again = openpyxl.load_workbook(changed)
    rows = list(again.worksheets[0].iter_rows(values_only=True))
    assert rows[1:] == [(1, "路灯", "教育局", "公安局", 3.5), (2, "河道", "民政局", None, "=1")]
    assert again.worksheets[0]["B2"].font.bold
    assert again["别的"]["A1"].value == "留着"
    assert CaseFile.read(changed).cases[1].leads == ("民政局",)


def test_json_lines_keep_unknown_keys_lists_and_the_lines_that_do_not_change(tmp_path: Path) -> None:
    lines = [
        '{"id":"1","title":"路灯", "lead":["教育局"],"deep":{"a":[1]}}',
        "",
        json.dumps({"id": "2", "title": "河道", "lead": "水利局", "x": None}, ensure_ascii=False),
        '{"id":"3","title":"学校","lead":"教育局"}',
    ]
    file = CaseFile.read(write(tmp_path, "cases.jsonl", "\n".join(lines).encode()))
    values = {"1": {"lead": ("公安局", "民政局")}, "2": {"lead": ("民政局",), "co": ("教育局",)}}
    found = file.rewritten(values).decode().split("\n")
    assert json.loads(found[0]) == {"id": "1", "title": "路灯", "lead": ["公安局", "民政局"], "deep": {"a": [1]}}
    assert json.loads(found[2]) == {"id": "2", "title": "河道", "lead": "民政局", "x": None, "co": "教育局"}
    assert (found[1], found[3]) == ("", lines[3])


# --- what tells one file from another --------------------------------------------------------------------------------


def test_the_digest_is_that_of_the_content_not_of_the_encoding(tmp_path: Path) -> None:
    one = CaseFile.read(write(tmp_path, "a.csv", TEXT.encode()))
    other = CaseFile.read(write(tmp_path, "b.csv", b"\xef\xbb\xbf" + TEXT.encode()))
    changed = CaseFile.read(write(tmp_path, "c.csv", TEXT.replace("水利局,教", "民政局,教").encode()))
    assert one.digest == other.digest != changed.digest


def test_a_file_without_leads_or_rows_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="column lead"):
        CaseFile.read(write(tmp_path, "a.csv", "id,title\n1,路灯\n".encode()))
    with pytest.raises(InputError, match="no rows below the header"):
        CaseFile.read(write(tmp_path, "b.csv", b"id,title,lead\n"))


def test_a_file_that_went_away_is_an_error_with_its_name(tmp_path: Path) -> None:
    file = CaseFile.read(write(tmp_path, "cases.csv", TEXT.encode()))
    file.path.unlink()
    with pytest.raises(InputError, match=r"cases\.csv: cannot be read"):
        file.rewritten({"1": {"lead": ("公安局",)}})
