"""Files in: every way in which a clerk's file can be odd or broken, each with one message of place and remedy."""

from __future__ import annotations

import codecs
import csv
import io
import json
import os
import warnings
import zipfile
from datetime import date as Date
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage import datasets
from triage.datasets import COLUMNS, parse_date, read_cases, read_names, read_suggestions, read_table
from triage.errors import InputError
from triage.tabular import decode

HEADER = (
    "编号,标题,正文,来源,届次,日期,提出人,建议承办单位,保密,类别,主办单位,会办单位,答复,办理结果,"
    "退单单位,交办日期,答复日期,属地,办理层级"
)
ROW = (
    "A1,关于修路的建议,路坏了。,人大,一届一次,2024-03-01,张某;李某,交通局,否,交通/道路,交通局,财政局;住建局,已修。,A,"
    "城管局；水利局,2024-03-04,2024年5月30日,东湖街道,乡镇"
)


def text_file(folder: Path, text: str, name: str = "cases.csv", encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


def workbook(path: Path, *rows: list[Any], sheets: dict[str, list[list[Any]]] | None = None) -> Path:
    book = openpyxl.Workbook()
    for row in rows:
        book.worksheets[0].append(row)
    for title, content in (sheets or {}).items():
        sheet = book.create_sheet(title)
        for row in content:
            sheet.append(row)
    book.save(path)
    return path


def repacked(path: Path, change: dict[str, Any]) -> Path:
    """The workbook with files of its archive passed through functions (None: left out)."""
    with zipfile.ZipFile(path) as archive:
        contents = {entry: archive.read(entry) for entry in archive.namelist()}
    with zipfile.ZipFile(path, "w") as archive:
        for entry, content in contents.items():
            if entry not in change:
                archive.writestr(entry, content)
            elif change[entry] is not None:
                archive.writestr(entry, change[entry](content))
    return path


def refused(path: Path, read: Any = read_cases) -> str:
    with pytest.raises(InputError) as raised:
        read(path)
    message = str(raised.value)
    assert message.startswith(str(path))
    assert "\n" not in message
    return message.removeprefix(str(path))


# --- what is read ----------------------------------------------------------------------------------------------------


def test_every_column_arrives_in_its_field(tmp_path: Path) -> None:
    (case,) = read_cases(text_file(tmp_path, f"{HEADER}\n{ROW}\n"))
    assert case.suggestion.id == "A1"
    assert (case.suggestion.title, case.suggestion.text) == ("关于修路的建议", "路坏了。")
    assert (case.suggestion.source, case.suggestion.session) == ("人大", "一届一次")
    assert case.suggestion.date == Date(2024, 3, 1)
    assert case.suggestion.proposers == ("张某", "李某")
    assert (case.suggestion.wish, case.suggestion.confidential) == ("交通局", False)
    assert (case.leads, case.co) == (("交通局",), ("财政局", "住建局"))
    assert (case.topics, case.reply, case.outcome) == (("交通/道路",), "已修。", "A")
    assert case.returned == ("城管局", "水利局")
    assert (case.handed_out, case.replied) == (Date(2024, 3, 4), Date(2024, 5, 30))
    assert (case.area, case.level) == ("东湖街道", "乡镇")


@pytest.mark.parametrize("column", COLUMNS)
def test_a_column_goes_by_each_of_its_headers(tmp_path: Path, column: str) -> None:
    for header in (column, column.upper(), f" {column} ", *COLUMNS[column]):
        table = read_table(text_file(tmp_path, f"{header},别的\n1,2\n"))
        assert table.columns == (column,)
        assert table.rows == ((2, {column: "1"}),)


def test_no_header_stands_for_two_columns() -> None:
    headers = [alias.casefold() for name, aliases in COLUMNS.items() for alias in (name, *aliases)]
    assert len(headers) == len(set(headers))


def test_the_three_kinds_of_file_say_the_same(tmp_path: Path) -> None:
    from_csv = read_cases(text_file(tmp_path, f"{HEADER}\n{ROW}\n"))
    cells = dict(zip(HEADER.split(","), ROW.split(","), strict=True))
    from_xlsx = read_cases(workbook(tmp_path / "cases.xlsx", list(cells), list(cells.values())))
    record = {**cells, "会办单位": ["财政局", "住建局"], "保密": False, "来源": "人大", "备注": {"any": ["thing"]}}
    from_jsonl = read_cases(text_file(tmp_path, json.dumps(record, ensure_ascii=False), "cases.jsonl"))
    assert from_csv == from_xlsx == from_jsonl


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16"])
def test_the_encodings_of_excel_and_wps_are_read(tmp_path: Path, encoding: str) -> None:
    assert read_cases(text_file(tmp_path, f"{HEADER}\r\n{ROW}\r\n", encoding=encoding)) == read_cases(
        text_file(tmp_path, f"{HEADER}\n{ROW}\n", "plain.csv")
    )


def test_big_endian_utf_16_is_read(tmp_path: Path) -> None:
    (tmp_path / "cases.csv").write_bytes(codecs.BOM_UTF16_BE + f"{HEADER}\n{ROW}\n".encode("utf-16-be"))
    assert read_cases(tmp_path / "cases.csv")[0].leads == ("交通局",)


@given(st.lists(st.tuples(st.text(), st.text(), st.text()), min_size=1, max_size=5))
def test_any_text_survives_a_csv_file(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str, str]]
) -> None:
    buffer = io.StringIO(newline="")
    csv.writer(buffer, quoting=csv.QUOTE_ALL).writerows([("id", "title", "text"), *rows])
    content = buffer.getvalue().encode("utf-8", "surrogatepass")
    expected = [[cell.replace("\x00", "").strip() for cell in row] for row in rows if any(map(str.strip, row))]
    assert list(csv.reader(io.StringIO(decode(Path("x"), content), newline="")))[1:] == [list(row) for row in rows]
    path = tmp_path_factory.getbasetemp() / "any.csv"
    path.write_bytes(content)
    assert [[row["id"], row["title"], row["text"]] for _, row in read_table(path).rows] == expected


def test_lines_are_counted_as_an_editor_counts_them(tmp_path: Path) -> None:
    text = 'id,title,date\n1,"甲\n乙",2024-01-01\n\n  ,,\n2,丙,never\n'
    assert refused(text_file(tmp_path, text), read_suggestions).startswith(":6: date")
    rows = read_table(text_file(tmp_path, text)).rows
    assert [line for line, _ in rows] == [2, 6]


def test_an_id_is_made_from_the_line(tmp_path: Path) -> None:
    found = read_suggestions(text_file(tmp_path, "title\n甲\n\n乙\n"))
    assert [suggestion.id for suggestion in found] == ["line-2", "line-4"]


def test_a_unit_that_leads_does_not_also_help(tmp_path: Path) -> None:
    (case,) = read_cases(text_file(tmp_path, "title,lead,co\n甲,交通局；住建局;交通局,财政局; 住建局 ;;财政局\n"))
    assert (case.leads, case.co) == (("交通局", "住建局"), ("财政局",))


@pytest.mark.parametrize(
    ("cell", "flag"),
    [("是", True), ("1", True), ("TRUE", True), ("保密", True), ("否", False), ("", False), ("0", False)],
)
def test_confidential_is_said_in_several_ways(tmp_path: Path, cell: str, flag: bool) -> None:
    (found,) = read_suggestions(text_file(tmp_path, f"title,保密\n甲,{cell}\n"))
    assert found.confidential is flag


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2024-03-01", (2024, 3, 1)),
        ("2024/3/1", (2024, 3, 1)),
        ("2024.3.1", (2024, 3, 1)),
        ("20240301", (2024, 3, 1)),
        ("2024年3月1日", (2024, 3, 1)),
        ("2024年3月1日 上午", (2024, 3, 1)),
        ("2024年3月", (2024, 3, 1)),
        ("2024-11", (2024, 11, 1)),
        ("2024-03-01T08:00:00+08:00", (2024, 3, 1)),
        ("2024-03-01 08:00", (2024, 3, 1)),
        (" ２０２４-０３-０１ ", (2024, 3, 1)),
    ],
)
def test_dates_are_written_in_many_ways(written: str, meant: tuple[int, int, int]) -> None:
    assert parse_date(written) == Date(*meant)


@pytest.mark.parametrize(
    "written",
    ["2024-02-30", "2024-13-01", "24-3-1", "2024", "三月一日", "2024-03-01x", "45352", "0000-01-01", "20240230"],
)
def test_what_is_no_date_is_refused(tmp_path: Path, written: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_date(written)
    message = refused(text_file(tmp_path, f"title,date\n甲,{written}\n"), read_suggestions)
    assert message == f":2: date (日期) is {written!r}; write it as 2024-03-01."
    message = refused(text_file(tmp_path, f"title,交办时间\n甲,{written}\n"), read_suggestions)
    assert message == f":2: handed_out (交办日期) is {written!r}; write it as 2024-03-01."


@given(st.dates(min_value=Date(1000, 1, 1)))
def test_every_iso_date_is_itself(day: Date) -> None:
    assert parse_date(day.isoformat()) == parse_date(f"{day:%Y%m%d}") == parse_date(f"{day:%Y年%m月%d日}") == day


# --- what is refused -------------------------------------------------------------------------------------------------


def test_a_missing_file_and_a_folder_are_said(tmp_path: Path) -> None:
    assert refused(tmp_path / "absent.csv") == ": no such file. Give a csv, xlsx or jsonl file."
    (tmp_path / "folder.csv").mkdir()
    assert "no such file" in refused(tmp_path / "folder.csv")
    assert "no such file" in refused(tmp_path / "absent.csv", read_names)


def test_an_unknown_ending_is_told_the_known_ones(tmp_path: Path) -> None:
    for read in (read_cases, read_names):
        message = refused(text_file(tmp_path, "x", "cases.xls"), read)
        assert "'.xls' is not known; allowed are .csv, .xlsx, .jsonl" in message


def test_an_ending_may_be_in_capitals(tmp_path: Path) -> None:
    assert read_cases(text_file(tmp_path, f"{HEADER}\n{ROW}\n", "CASES.CSV"))[0].suggestion.id == "A1"


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl", "a.xlsx"])
def test_a_file_that_the_system_keeps_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    path = text_file(tmp_path, "x", name)
    monkeypatch.setattr(Path, "read_bytes", lambda self: self.open())
    monkeypatch.setattr(zipfile, "ZipFile", lambda path: path.open())

    def locked(self: Path, *arguments: object) -> None:
        raise PermissionError(13, os.strerror(13))

    monkeypatch.setattr(Path, "open", locked)
    for read in (read_cases, read_names):
        assert "cannot be read (Permission denied). Close the program that holds it" in refused(path, read)


def test_an_oversized_file_is_refused_before_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(datasets, "MAX_BYTES", 10)
    for name in ("a.csv", "a.jsonl", "a.xlsx"):
        assert "11 bytes, the limit is 10. Split the file." in refused(text_file(tmp_path, "01234567890", name))


def test_a_workbook_that_unpacks_to_too_much_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = workbook(tmp_path / "cases.xlsx", ["title", "lead"], *(["甲" * 200, "交通局"] for _ in range(500)))
    monkeypatch.setattr(datasets, "MAX_BYTES", path.stat().st_size)
    assert "unpacks to" in refused(path)


def test_too_many_rows_and_too_long_a_cell_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(datasets, "MAX_ROWS", 2)
    assert refused(text_file(tmp_path, "title,lead\n甲,a\n乙,a\n丙,a\n")).startswith(":4: more than 2 rows")
    monkeypatch.undo()
    long = "字" * (datasets.MAX_CELL + 1)
    for path in (
        text_file(tmp_path, f"title,lead\n甲,a\n{long},a\n"),
        text_file(tmp_path, '{"title": "甲", "lead": "a"}\n{"title": "' + long + '", "lead": "a"}', "a.jsonl"),
    ):
        assert ": column title holds 1,000,001 characters; the limit is 1,000,000." in refused(path)
    longer = "字" * (4 * datasets.MAX_CELL + 1)
    assert "field larger than field limit" in refused(text_file(tmp_path, f"title,lead\n{longer},a\n"))


@pytest.mark.parametrize("text", ["", "\n", ",,\n", '"""', " "])
def test_a_file_without_header_is_refused(tmp_path: Path, text: str) -> None:
    message = refused(text_file(tmp_path, text))
    assert "empty" in message or "not a csv" in message


def test_wrong_columns_are_told_which_there_are(tmp_path: Path) -> None:
    message = refused(text_file(tmp_path, "名字,单位\n甲,乙\n"))
    assert message.startswith(":1: column lead (主办单位) is missing; the file has 名字, 单位.")
    message = refused(text_file(tmp_path, "名字;单位\n甲;乙\n"), read_suggestions)
    assert "no column that is known, which are id (编号), title (标题)" in message
    assert "the file has 名字;单位." in message
    message = refused(text_file(tmp_path, "id,lead\n1,乙\n"))
    assert message == ":1: neither a column title (标题) nor text (正文); at least one is needed."


def test_two_columns_of_one_meaning_are_refused(tmp_path: Path) -> None:
    assert ":1: two columns mean lead (主办单位)" in refused(text_file(tmp_path, "title,主办,主办单位\n甲,乙,丙\n"))
    assert ":1: two columns mean title" in refused(workbook(tmp_path / "a.xlsx", ["title", "标题", "lead"], [1, 2, 3]))
    records = '{"title": "甲", "lead": "a"}\n{"标题": "乙", "lead": "a"}'
    assert ":1: two columns mean title" in refused(text_file(tmp_path, records, "a.jsonl"))


def test_a_header_without_rows_is_refused(tmp_path: Path) -> None:
    assert refused(text_file(tmp_path, "title,lead\n,\n\n")) == ": no rows below the header."


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (",,,交通局,", "title and text are both empty"),
        ("1,甲,,,", "lead (主办单位) is empty. Fill it in or leave the row out."),
        ("1,甲,, ; ,", "lead (主办单位) is empty"),
        ("1,甲,乙,交通局,maybe", "confidential (保密) is 'maybe'; allowed are 是 and 否"),
        ("1,甲,乙,交通局,否,多,余", "7 cells below 5 columns. Put texts with commas in quotation marks."),
        ('1,甲,"乙,交通局,', "not a csv row (unexpected end of data). Is a quotation mark left open?"),
        ('1,"甲"乙,丙,交通局,', "not a csv row"),
        ("0,甲,乙,交通局,", "id '0' already stands in line 2. Give each its own."),
    ],
)
def test_a_row_that_cannot_be_read_stops_the_reading(tmp_path: Path, row: str, message: str) -> None:
    text = f"id,title,text,lead,保密\n0,甲,,交通局,\n{row}\n"
    assert refused(text_file(tmp_path, text)).startswith(f":3: {message}")


def test_a_row_with_nothing_but_a_remark_is_no_blank_row(tmp_path: Path) -> None:
    message = refused(text_file(tmp_path, "title,备注\n甲,\n,以上共1件\n"), read_suggestions)
    assert message.startswith(":3: title and text are both empty")


def test_blank_cells_behind_the_last_column_do_no_harm(tmp_path: Path) -> None:
    assert len(read_cases(text_file(tmp_path, "title,lead\n甲,乙,, ,\n丙\t,丁\n"))) == 2


def test_a_short_row_has_empty_cells(tmp_path: Path) -> None:
    (found,) = read_suggestions(text_file(tmp_path, "title,text,source\n甲\n"))
    assert (found.title, found.text, found.source) == ("甲", "", "")


def test_nul_bytes_are_dropped(tmp_path: Path) -> None:
    (case,) = read_cases(text_file(tmp_path, "title,lead\n\x00 修\x00路 \x00,交通\x00局\n"))
    assert (case.suggestion.title, case.leads) == ("修路", ("交通局",))


def test_bytes_in_no_encoding_are_refused_with_their_line(tmp_path: Path) -> None:
    path = tmp_path / "cases.csv"
    path.write_bytes("title,lead\n甲,乙\n".encode() + b"\x81\x20\xff\xff,\xfe\n")
    assert refused(path) == ":3: neither UTF-8 nor GB18030. Save the file as “CSV UTF-8”."
    path.write_bytes(f"{HEADER}\n{ROW}".encode("utf-16")[:-1])
    assert refused(path) == ": damaged UTF-16. Save the file as “CSV UTF-8”."


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "not JSON"),
        ("[1]", "list where an object is expected"),
        ("12", "int where an object is expected"),
        ('{"title": {"a": 1}, "lead": "x"}', "title is dict; text, a number or a list of texts is expected"),
        ('{"title": "甲", "lead": ["x", 1]}', "lead is list; text, a number or a list of texts is expected"),
        ('{"标题": [[]], "lead": "x"}', "标题 is list"),
        ("[" * 100_000, "not JSON"),
        ('{"title": ' + "9" * 5000 + "}", "not JSON"),
    ],
    ids=lambda text: text[:30],
)
def test_a_json_line_of_the_wrong_type_is_refused(tmp_path: Path, line: str, message: str) -> None:
    path = text_file(tmp_path, '{"title": "甲", "lead": "x"}\n\n' + line, "cases.jsonl")
    assert refused(path).startswith(f":3: {message}")


def test_json_says_numbers_truths_and_nothing(tmp_path: Path) -> None:
    record = '{"id": 7, "title": "甲", "text": null, "date": 20240301, "保密": true, "lead": ["a", "b"], "topic": []}'
    (case,) = read_cases(text_file(tmp_path, record, "cases.jsonl"))
    assert (case.suggestion.id, case.suggestion.text, case.suggestion.date) == ("7", "", Date(2024, 3, 1))
    assert (case.suggestion.confidential, case.leads, case.topics) == (True, ("a", "b"), ())


def test_a_json_text_may_hold_every_kind_of_line_break(tmp_path: Path) -> None:
    texts = ["甲\u2028乙", "甲\u0085乙", "甲\x0c乙", "甲\r\n乙"]
    lines = "\r\n".join(json.dumps({"text": text, "lead": "x"}, ensure_ascii=False) for text in texts)
    assert [case.suggestion.text for case in read_cases(text_file(tmp_path, lines, "cases.jsonl"))] == texts


def test_half_a_surrogate_pair_becomes_a_sign_that_files_can_hold(tmp_path: Path) -> None:
    (case,) = read_cases(text_file(tmp_path, r'{"id": "a\ud800", "title": "修路\udc00", "lead": "x"}', "a.jsonl"))
    assert (case.suggestion.id, case.suggestion.title) == ("a\ufffd", "修路\ufffd")


def test_an_empty_jsonl_file_is_refused(tmp_path: Path) -> None:
    assert refused(text_file(tmp_path, "\n \n", "a.jsonl")) == ": empty. One JSON object a line is expected."
    assert "no column that is known" in refused(text_file(tmp_path, "{}\n{}", "a.jsonl"), read_suggestions)


# --- workbooks -------------------------------------------------------------------------------------------------------


def test_numbers_and_dates_of_a_workbook_are_texts(tmp_path: Path) -> None:
    rows: list[list[Any]] = [
        ["编号", "标题", "日期", "主办单位", "保密"],
        [1, "甲", datetime.fromisoformat("2024-03-01T08:30"), "交通局", True],
        [2.0, 3.5, "2024年3月2日", "交通局", None],
        [None, " 丙 ", None, "交通局", "否"],
    ]
    cases = read_cases(workbook(tmp_path / "cases.xlsx", *rows))
    assert [case.suggestion.id for case in cases] == ["1", "2", "line-4"]
    assert [case.suggestion.title for case in cases] == ["甲", "3.5", "丙"]
    assert [case.suggestion.date for case in cases] == [Date(2024, 3, 1), Date(2024, 3, 2), None]
    assert [case.suggestion.confidential for case in cases] == [True, False, False]


def test_a_cell_without_header_is_left_alone(tmp_path: Path) -> None:
    path = workbook(
        tmp_path / "cases.xlsx", ["标题", None, "主办单位"], ["甲", "批注", "交通局", "另注"], [None, None, None]
    )
    (case,) = read_cases(path)
    assert (case.suggestion.title, case.leads) == ("甲", ("交通局",))


def test_an_empty_first_sheet_is_refused(tmp_path: Path) -> None:
    path = workbook(tmp_path / "cases.xlsx", sheets={"第二": [["甲", "乙"], ["丙", "丁"]]})
    assert ":1: column lead (主办单位) is missing; the file has 甲, 乙." in refused(path)
    assert "the first row of the first sheet is empty" in refused(workbook(tmp_path / "b.xlsx", [], [None]))
    assert ":2: column lead (主办单位) is missing" in refused(workbook(tmp_path / "d.xlsx", [], ["标题"], ["甲"]))
    assert refused(workbook(tmp_path / "c.xlsx", ["标题", "主办单位"])) == ": no rows below the header."


def test_lines_of_a_workbook_are_its_rows(tmp_path: Path) -> None:
    path = workbook(tmp_path / "cases.xlsx", ["标题", "日期"], ["甲", None], [], ["乙", "昨天"])
    assert refused(path, read_suggestions).startswith(":4: date (日期) is '昨天'")


def test_a_size_that_is_written_too_small_loses_no_row(tmp_path: Path) -> None:
    path = workbook(tmp_path / "cases.xlsx", ["标题", "主办单位"], *([f"第{n}件", "交通局"] for n in range(5)))
    told, less = b'<dimension ref="A1:B6"', b'<dimension ref="A1"'
    small = {"xl/worksheets/sheet1.xml": lambda xml: xml.replace(told, less)}
    with zipfile.ZipFile(path) as archive:
        assert told in archive.read("xl/worksheets/sheet1.xml")
    assert len(read_cases(repacked(path, small))) == 5


def excel_like(path: Path, texts: str) -> Path:
    """A workbook as Excel lays it out: the texts stand in a table of their own."""
    main, office = "http://schemas.openxmlformats.org/spreadsheetml/2006/main", "officeDocument/2006/relationships"
    package, kind = "http://schemas.openxmlformats.org/package/2006", "application/vnd.openxmlformats-officedocument"
    office = f"http://schemas.openxmlformats.org/{office}"
    files = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{kind}.spreadsheetml.sheet.main+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{kind}.spreadsheetml.worksheet+xml"/>'
        f'<Override PartName="/xl/sharedStrings.xml" ContentType="{kind}.spreadsheetml.sharedStrings+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{package}/relationships">'
        f'<Relationship Id="r1" Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets>'
        '<sheet name="一" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}/relationships">'
        f'<Relationship Id="r1" Type="{office}/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="r2" Type="{office}/sharedStrings" Target="sharedStrings.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}"><sheetData>'
        '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="C1" t="s"><v>1</v></c></row>'
        '<row r="3"><c r="A3" t="s"><v>2</v></c><c r="C3" t="s"><v>3</v></c></row></sheetData></worksheet>',
        "xl/sharedStrings.xml": f'<sst xmlns="{main}">{texts}',
    }
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def test_a_workbook_as_excel_lays_it_out_is_read(tmp_path: Path) -> None:
    texts = (
        "<si><t>标题</t></si><si><t>主办单位</t></si><si><r><t>修</t></r><r><t>路</t></r></si><si><t>交通局</t></si>"
    )
    (case,) = read_cases(excel_like(tmp_path / "cases.xlsx", texts + "</sst>"))
    assert (case.suggestion.id, case.suggestion.title, case.leads) == ("line-3", "修路", ("交通局",))
    for damaged in (texts, "<si><t>标题</t></si></sst>", ""):
        assert "not an xlsx workbook" in refused(excel_like(tmp_path / "cases.xlsx", damaged))


def test_what_openpyxl_finds_odd_is_read_in_silence(tmp_path: Path) -> None:
    path = workbook(tmp_path / "cases.xlsx", ["标题", "主办单位"], ["甲", "乙"])
    plain = {
        "xl/styles.xml": lambda xml: b'<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"/>'
    }
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        assert len(read_cases(repacked(path, plain))) == 1
    assert said == []


@pytest.mark.parametrize(
    "change",
    [
        {"xl/workbook.xml": None},
        {"[Content_Types].xml": None},
        {"xl/workbook.xml": lambda xml: xml[:80]},
        {"xl/worksheets/sheet1.xml": lambda xml: xml[: len(xml) // 2]},
        {"xl/worksheets/sheet1.xml": lambda xml: b"\x00\x01"},
        {"xl/worksheets/sheet1.xml": None},
    ],
    ids=["no workbook", "no types", "half a workbook", "half a sheet", "no xml", "no sheet"],
)
def test_a_damaged_workbook_is_refused(tmp_path: Path, change: dict[str, Any]) -> None:
    path = repacked(workbook(tmp_path / "cases.xlsx", ["标题", "主办单位"], ["甲", "乙"]), change)
    message = refused(path)
    assert "not an xlsx workbook" in message or "first sheet is empty" in message


def test_a_flipped_byte_in_a_workbook_never_passes_in_silence(tmp_path: Path) -> None:
    path = workbook(tmp_path / "cases.xlsx", ["标题", "主办单位"], *([f"第{n}件", "交通局"] for n in range(30)))
    whole, sound = path.read_bytes(), read_cases(path)
    outcomes: set[bool | None] = set()
    for place in range(30, len(whole), 97):
        changed = bytearray(whole)
        changed[place] ^= 0xFF
        path.write_bytes(changed)
        try:
            outcomes.add(read_cases(path) == sound)
        except InputError:
            outcomes.add(None)
    assert False not in outcomes
    assert None in outcomes


@pytest.mark.parametrize("content", [b"", b"title,lead\n", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" * 100, b"PK\x03\x04"])
def test_what_is_no_workbook_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "cases.xlsx"
    path.write_bytes(content)
    for read in (read_cases, read_names):
        assert "Save it from Excel or WPS as .xlsx." in refused(path, read)


# --- unit names ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("header", ["name", "名称", "单位", "单位名称", " NAME "])
def test_names_stand_one_a_row(tmp_path: Path, header: str) -> None:
    path = text_file(tmp_path, f"序号,{header}\n1,教育局\n2,\n3, 公安局 \n", "units.csv", "gb18030")
    assert read_names(path) == ["教育局", "公安局"]
    assert read_names(workbook(tmp_path / "units.xlsx", [header, "备注"], ["教育局", 1], ["公安局", 2])) == [
        "教育局",
        "公安局",
    ]


def test_a_list_of_names_is_refused_with_a_reason(tmp_path: Path) -> None:
    assert ":1: column name (名称) is missing; the file has 机构." in refused(
        text_file(tmp_path, "机构\n甲\n"), read_names
    )
    assert ":3: unit '甲' already stands in line 2." in refused(text_file(tmp_path, "name\n甲\n甲\n"), read_names)
    assert ": no unit names below the header." in refused(text_file(tmp_path, "name\n \n"), read_names)
    assert ":2: column name holds" in refused(text_file(tmp_path, f"name\n{'长' * 1_000_001}\n"), read_names)


def test_reading_leaves_the_limit_of_other_csv_readers(tmp_path: Path) -> None:
    usual = csv.field_size_limit()
    path = tmp_path / "cases.csv"
    path.write_text("id,title\n1,修路\n", encoding="utf-8")
    read_suggestions(path)
    assert csv.field_size_limit() == usual
