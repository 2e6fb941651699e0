"""``POST /v1/workbook``: tables of a page as a workbook, bounded, texts never formulas."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import openpyxl
import pytest
from fastapi.testclient import TestClient

from service.app import create_app
from service.settings import Settings
from triage.sheets import fitting_widths, sheet_names

if TYPE_CHECKING:
    from openpyxl import Workbook

    from tests.conftest import Desk
    from triage import Triager


@pytest.fixture(scope="module")
def client(triager: Triager) -> Iterator[TestClient]:
    with TestClient(create_app(Settings(), triager)) as client:
        yield client


def made(client: TestClient, body: Any) -> Workbook:
    answer = client.post("/v1/workbook", json=body)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("application/vnd.openxmlformats")
    return openpyxl.load_workbook(io.BytesIO(answer.content))


def table(**more: Any) -> dict[str, Any]:
    return {"title": "表", "header": ["单位", "件数"], "rows": [["教育局", 3]]} | more


def test_tables_become_sheets_and_numbers_stay_numbers(client: TestClient) -> None:
    rows = [["教育局", 12, 0.25, "007", True], ["公安局", 9, None, "8", False], ["财政局"]]
    header = ["单位", "件数", "占比", "编号", "超期"]
    book = made(client, {"title": "工作量", "tables": [table(header=header, rows=rows)], "note": "统计范围：\n一月"})
    page, note = book.worksheets
    assert [[cell.value for cell in row] for row in page.iter_rows()] == [
        header,
        ["教育局", 12, 0.25, "007", "是"],
        ["公安局", 9, None, "8", "否"],
        ["财政局", None, None, None, None],
    ]
    assert book.sheetnames == ["表", "说明"]
    assert [row[0].value for row in note.iter_rows()] == ["工作量", "统计范围：", "一月"]
    assert page.oddHeader.center.text == "工作量"


def test_a_column_with_one_text_stays_text(client: TestClient) -> None:
    page = made(client, {"tables": [table(rows=[["教育局", 3], ["公安局", "无"]])]}).worksheets[0]
    assert [row[1].value for row in page.iter_rows(min_row=2)] == ["3", "无"]


def test_no_cell_is_a_formula(client: TestClient) -> None:
    evil = ["=1+1", '=HYPERLINK("http://x")', "+1", "-1", "@SUM(A1)", "\t=1", "'=1"]
    page = made(client, {"tables": [table(header=["甲"], rows=[[one] for one in evil])]}).worksheets[0]
    cells = [row[0] for row in page.iter_rows(min_row=2)]
    assert {cell.data_type for cell in cells} == {"s"}
    assert cells[0].value == "=1+1"


@pytest.mark.parametrize(
    ("number", "kept"),
    [(0, 0), (-7, -7), (0.1 + 0.2, 0.3), (1e-7, 1e-7), (10**15, "1000000000000000"), (1e300, "1e+300"), (2.0, 2)],
)
def test_a_number_is_never_another_one(client: TestClient, number: float, kept: object) -> None:
    page = made(client, {"tables": [table(header=["数"], rows=[[number]])]}).worksheets[0]
    assert page["A2"].value == kept


def test_the_file_is_called_as_the_table(client: TestClient) -> None:
    answer = client.post("/v1/workbook", json={"title": '各/单位\r\n"x"', "tables": [table()]})
    told = answer.headers["content-disposition"]
    assert told.startswith("attachment; filename=\"workbook.xlsx\"; filename*=UTF-8''")
    assert unquote(told.rpartition("''")[2]).startswith('各/单位\r\n"x"-')


def test_sheets_are_named_as_excel_takes_them() -> None:
    titles = ["甲/乙", "甲:乙", "", "'", "x" * 40, "x" * 40, "History", "😀" * 20, "[]*?", "a\x00b"]
    names = sheet_names(titles)
    assert names[:4] == ["甲 乙", "甲 乙 2", "表", "表 2"]
    assert (names[4], names[5], names[6]) == ("x" * 31, "x" * 29 + " 2", "History 2")
    assert len({name.lower() for name in names}) == len(titles)
    assert all(len(name.encode("utf-16-le")) <= 62 for name in names)
    book = openpyxl.Workbook()
    for name in names:
        book.create_sheet(name)


def test_columns_are_as_wide_as_they_need() -> None:
    narrow, wide, widest = fitting_widths(("一", "二", "三"), [("x", "文" * 10, "长" * 500)])
    assert narrow < wide < widest == 60


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"tables": []},
        {"tables": [table(header=[])]},
        {"tables": [table(header=["列"] * 101)]},
        {"tables": [table(rows=[["a", 1, 2]])]},
        {"tables": [table(rows=[[{"x": 1}]])]},
        {"tables": [table(rows=[[["x"]]])]},
        {"tables": [table(rows="x")]},
        {"tables": [table(extra=1)]},
        {"tables": [table()], "notes": "x"},
        {"tables": [table()] * 31},
        {"tables": [table(header=["a"], rows=[["x"]] * 20_001)]},
        {"tables": [table(header=["a"] * 100, rows=[["x"]] * 2_001)]},
        {"tables": [table(title="长" * 201)]},
        {"tables": [table()], "note": "长" * 5_001},
    ],
)
def test_what_is_too_much_or_no_table_is_refused(client: TestClient, body: dict[str, Any]) -> None:
    answer = client.post("/v1/workbook", json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid-request")
    assert answer.json()["errors"]


def test_numbers_that_are_none_and_broken_characters_do_no_harm(client: TestClient) -> None:
    content = b'{"tables": [{"header": ["a"], "rows": [[NaN], [Infinity], [1]]}]}'
    answer = client.post("/v1/workbook", content=content, headers={"Content-Type": "application/json"})
    assert answer.status_code in {200, 422}
    content = b'{"tables": [{"header": ["a"], "rows": [["\\ud83d"], ["\\u0000\\u0008"]]}]}'
    answer = client.post("/v1/workbook", content=content, headers={"Content-Type": "application/json"})
    assert answer.status_code in {200, 422}


def test_to_read_is_enough(desk: Desk) -> None:
    assert desk.client.post("/v1/workbook", json={"tables": [table()]}).status_code == 401
    assert desk.client.post("/v1/workbook", json={"tables": [table()]}, headers=desk.key("read")).status_code == 200
