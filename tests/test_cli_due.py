"""`triage due`: what is due, for a reader, for programs and on paper."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl import load_workbook

from tests.conftest import Said

Command = Callable[..., Said]
HEADERS = "编号 标题 来源 提交日期 主办单位 会办单位 交办日期 答复日期 退单单位".split()
ROWS = [
    ("R1", "关于修桥的建议", "人大", "2026-01-20", "交通局", "财政局", "2026-02-10", "", "水利局"),
    ("R2", "关于修路的建议", "人大", "2026-01-20", "交通局", "", "2026-02-10", "2026-04-01", ""),
    ("R3", "=1+1", "政协", "2026-01-21", "水利局", "", "2026年2月27日", "", ""),
    ("R4", "关于河道的建议", "政协", "2026-01-21", "", "", "", "", ""),
]


def write(path: Path, rows: list[tuple[str, ...]], encoding: str = "utf-8") -> Path:
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file).writerows([HEADERS, *rows])
    return path


@pytest.fixture
def cases(tmp_path: Path) -> Path:
    return write(tmp_path / "cases.csv", ROWS)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder of a place where hot lines are quick and one day is its own."""
    folder = tmp_path / "place"
    folder.mkdir()
    (folder / "office.toml").write_text('name = "清河县人大代表工委"\nplace = "清河县"\n', encoding="utf-8")
    (folder / "days.csv").write_text("日期,working,note\n2026-05-11,休,本地节日\n", encoding="utf-8")
    return folder


def test_a_line_an_item(command: Command, cases: Path) -> None:
    done = command("due", cases, "--on", "2026-05-18")
    items = [json.loads(line) for line in done.out.splitlines()]
    assert [(item["id"], item["unit"], item["duty"], item["state"]) for item in items] == [
        ("R1", "交通局", "reply", "overdue"),
        ("R3", "水利局", "reply", "soon"),
        ("R1", "财政局", "opinion", "overdue"),
    ]
    assert items[0] == {
        "unit": "交通局", "duty": "reply", "state": "overdue", "last_day": "2026-05-11", "left": -5, "id": "R1",
        "title": "关于修桥的建议", "source": "人大", "handed_out": "2026-02-10", "returned": ["水利局"],
        "provisional": False,
    }  # fmt: skip


def test_text_for_a_reader(command: Command, cases: Path) -> None:
    told = command("due", cases, "--on", "2026-05-18", "--format", "text").out
    assert "已交办3件，未交办1件" in told
    assert "答复 2026-05-11 超5个工作日　【R1】关于修桥的建议　已超期" in told
    assert told.index("交通局") < told.index("水利局")


def test_the_place_has_its_own_days(command: Command, cases: Path, place: Path) -> None:
    done = command("due", cases, "--catalogue", place, "--on", "2026-05-18")
    assert json.loads(done.out.splitlines()[0])["last_day"] == "2026-05-12"


def test_a_sheet_to_print(command: Command, cases: Path, place: Path, tmp_path: Path) -> None:
    out = tmp_path / "due.xlsx"
    assert command("due", cases, "--catalogue", place, "--on", "2026-05-18", "--output", out).code == 0
    book = load_workbook(out)
    assert book.sheetnames == ["到期提醒", "单位汇总", "全部期限", "说明"]
    page = book["到期提醒"]
    assert [cell.value for cell in page[2]][:5] == ["交通局", "答复", "2026-05-12", "超4个工作日", "已超期"]
    assert (page["G3"].value, page["G3"].data_type) == ("=1+1", "s")
    assert "清河县人大代表工委办理期限提醒（截至2026-05-18）" in str(page.oddHeader.center.text)
    assert page.print_title_rows == "$1:$1"
    units = [[cell.value for cell in row] for row in book["单位汇总"].iter_rows(min_row=2)]
    assert units[0] == ["交通局", "2", "1", "0", "0", "1", "0", "0", "0"]
    assert units[-1][:2] == ["合计", "3"]
    assert book["全部期限"].max_row == 8


def test_files_of_office_programs_are_read(command: Command, tmp_path: Path) -> None:
    plain = command("due", write(tmp_path / "a.csv", ROWS), "--on", "2026-05-18").out
    assert command("due", write(tmp_path / "b.csv", ROWS, "gb18030"), "--on", "2026-05-18").out == plain


def test_without_a_day_it_is_today(command: Command, cases: Path) -> None:
    items = [json.loads(line) for line in command("due", cases).out.splitlines()]
    assert {item["id"] for item in items if item["duty"] == "reply"} <= {"R1", "R3"}


def test_a_day_beyond_the_announced_holidays_is_told(command: Command, tmp_path: Path) -> None:
    rows = [("R1", "关于修桥的建议", "人大", "", "交通局", "", "2031-02-10", "", "")]
    done = command("due", write(tmp_path / "a.csv", rows), "--on", "2031-05-12")
    assert "暂定" in done.err
    assert json.loads(done.out)["provisional"] is True


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({5: "2003-05-06"}, ":2: handed_out (交办日期): 2003-05-06 lies outside the calendar"),
        ({3: "2026-02-11"}, ":2: handed_out (交办日期) 2026-02-10 is before date (日期) 2026-02-11"),
        ({7: "2026-02-09"}, ":2: replied (答复日期) 2026-02-09 is before handed_out (交办日期) 2026-02-10"),
        ({6: "明天"}, ":2: handed_out (交办日期) is '明天'; write it as 2024-03-01"),
        ({6: ""}, "nothing can be due"),
    ],
)
def test_what_cannot_be_is_told_by_line(command: Command, tmp_path: Path, change: dict[int, str], told: str) -> None:
    row = list(ROWS[0])
    for column, value in change.items():
        row[6 if column == 5 else column] = value
    done = command("due", write(tmp_path / "a.csv", [tuple(row)]), "--on", "2026-05-18")
    assert done.code == 2
    assert told in done.err


def test_bad_files_and_options_are_told(command: Command, cases: Path, place: Path, tmp_path: Path) -> None:
    for text in ("", ",".join(HEADERS) + "\n"):
        (tmp_path / "empty.csv").write_text(text, encoding="utf-8")
        assert command("due", tmp_path / "empty.csv").code == 2
    done = command("due", cases, "--on", "gestern")
    assert (done.code, "--on is 'gestern'" in done.err) == (2, True)
    assert command("due", cases, "--on", "1999-01-01").code == 2
    assert command("due", cases, "--output", cases).code == 2
    (place / "days.csv").write_text("date,working,note\n2026-05-11,休,\n2026-05-11,班,\n", encoding="utf-8")
    done = command("due", cases, "--catalogue", place, "--on", "2026-05-18")
    assert done.code == 2
    assert "days.csv:3" in done.err
