"""`triage hot`: topics of a file or a period, as lines, tables and pictures."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest
from openpyxl import load_workbook

from tests.conftest import Said
from triage.duplicates.hot import HEADERS

Command = Callable[..., Said]
LAMP = "青石巷的路灯坏了一个月，晚上看不见路，请派人来修。"


@pytest.fixture
def calls(tmp_path: Path) -> Path:
    made = [(f"R{n}", "青石巷路灯不亮", LAMP, "热线", f"2026-03-{n + 1:02}") for n in range(5)]
    made += [(f"B{n}", "青石巷路灯不亮", LAMP, "群众", f"2026-02-{n + 10:02}") for n in range(2)]
    made += [("X1", "咨询落户材料", "外省户口怎么迁入。", "热线", "2026-03-02"), ("X2", "公园里的凳子", "", "热线", "")]
    with (tmp_path / "calls.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(["编号 标题 正文 来源 日期".split(), *made])
    return tmp_path / "calls.csv"


def test_a_line_a_topic(command: Command, calls: Path) -> None:
    done = command("hot", calls, "--no-encoder")
    (topic,) = [json.loads(line) for line in done.out.splitlines()]
    assert (topic["size"], topic["before"]) == (7, None)
    assert "路灯" in topic["name"]
    assert topic["members"] == [*(f"R{n}" for n in range(5)), "B0", "B1"]
    assert "1 件没有日期" in done.err


def test_a_period_is_compared_with_the_one_before(command: Command, calls: Path) -> None:
    (topic,) = [
        json.loads(line)
        for line in command("hot", calls, "--no-encoder", "--period", "month", "--until", "2026-03-31").out.splitlines()
    ]
    assert (topic["size"], topic["before"]) == (5, 2)
    assert topic["earlier"] == ["B0", "B1"]
    days = ("--since", "2026-03-01", "--until", "2026-03-02", "--least", "2")
    (topic,) = [json.loads(line) for line in command("hot", calls, "--no-encoder", *days).out.splitlines()]
    assert topic["members"] == ["R0", "R1"]
    assert command("hot", calls, "--no-encoder", "--period", "3").code == 0


def test_tables_and_pictures(command: Command, calls: Path, tmp_path: Path) -> None:
    table, picture = tmp_path / "hot.xlsx", tmp_path / "hot.svg"
    done = command("hot", calls, "--no-encoder", "--period", "5", "--output", table, "--picture", picture)
    assert (done.code, done.out) == (0, "")
    book = load_workbook(table)
    assert book.sheetnames == ["热点事项", "说明"]
    header, row = book["热点事项"].values
    assert header == HEADERS
    assert row[1] == "5"
    told = dict(list(book["说明"].values)[1:])
    assert told["时段"] == "2026-03-01 至 2026-03-05"
    assert told["不属于任何热点"] == "1"
    assert ElementTree.parse(picture).getroot().tag.endswith("svg")  # noqa: S314 - our own file
    assert command("hot", calls, "--no-encoder", "--output", tmp_path / "hot.csv").code == 0
    assert (tmp_path / "hot.csv").read_text("utf-8-sig").startswith(",".join(HEADERS))


def test_a_reader_sees_the_topics(command: Command, calls: Path) -> None:
    done = command("hot", calls, "--no-encoder", "--format", "text", "--period", "month", "--until", "2026-03-31")
    assert "2026-03-01 至 2026-03-31，6件，其中1件不属于任何热点。" in done.out
    assert "来源：热线 5" in done.out
    assert "代表：" in done.out
    assert "青石巷路灯不亮" in done.out


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--period", "fortnight"), "--period is 'fortnight'; allowed are week, month, quarter, year or a number"),
        (("--period", "0"), "--period is '0'"),
        (("--period", "９"), "--period is"),
        (("--period", "9" * 30), "--period is"),
        (("--period", "month", "--since", "2026-01-01"), "give one of them"),
        (("--since", "2026-13-01"), "--since is '2026-13-01'"),
        (("--picture", "a.gif"), "ending '.gif' cannot be drawn"),
        (("--output", "a.doc"), "ending '.doc' cannot be written"),
        (("--least", "1"), "--least"),
    ],
)
def test_what_is_refused(
    command: Command, calls: Path, options: tuple[str, ...], message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(calls.parent)
    done = command("hot", calls, "--no-encoder", *options)
    assert (done.code, done.out) == (2, "")
    assert message in done.err
    assert [path.name for path in calls.parent.iterdir()] == ["calls.csv"]


def test_a_file_without_dates_has_no_period(command: Command, tmp_path: Path) -> None:
    file = tmp_path / "x.csv"
    file.write_text("编号,标题\nA,路灯不亮\n", encoding="utf-8")
    assert command("hot", file, "--no-encoder").code == 0
    done = command("hot", file, "--no-encoder", "--period", "week")
    assert done.code == 2
    assert "no text has a date" in done.err
