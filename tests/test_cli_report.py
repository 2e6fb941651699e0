"""`triage report`: a file in, a paper out, and what is wrong said before any work is done."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl import load_workbook

from tests.conftest import Said
from triage.catalogue import load_catalogue, load_office
from triage.datasets import read_cases
from triage.reports import KINDS
from triage.reports.inspection import again

Command = Callable[..., Said]
PLACES = Path(__file__).resolve().parent.parent / "examples" / "places"
COUNTY = PLACES / "zhenxi-county"
HEADER = "编号 标题 来源 日期 类别 主办单位 会办单位 办理结果".split()
ROWS = [
    *(["1", "安装路灯", "人大", "2025-03-01", "城建", "住建局", "城管局", "A"],),
    *(["2", "延长公交", "政协", "2025-04-01", "交通", "交通局", "", "B"],),
    *(["3", "修水塘", "人大", "", "水利", "水利局", "", "办结"],),
    *(["4", "修路", "人大", "2024-03-01", "交通", "交通局", "", "A"],),
]


@pytest.fixture
def cases(tmp_path: Path) -> Path:
    return written(tmp_path / "cases.csv", ROWS)


def written(path: Path, rows: list[list[str]], encoding: str = "utf-8") -> Path:
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file).writerows([HEADER, *rows])
    return path


def words(path: Path) -> list[str]:
    """Every cell of a workbook as text."""
    book = load_workbook(path)
    return [str(value) for sheet in book for row in sheet.values for value in row if value is not None]


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_of_a_whole_place(command: Command, tmp_path: Path, kind: str) -> None:
    out = tmp_path / "report.xlsx"
    done = command(
        *("report", COUNTY / "cases.csv", "--kind", kind, "--catalogue", COUNTY, "--out", out, "--no-encoder"),
        *("--on", "2025-12-01"),
    )
    assert (done.code, done.out) == (0, ""), done.err
    assert KINDS[kind].title in done.err
    assert any(f"报告种类：{kind}；" in word for word in words(out))


@pytest.mark.parametrize("ending", [".html", ".docx"])
def test_pages_and_letters(command: Command, cases: Path, tmp_path: Path, ending: str) -> None:
    out = tmp_path / f"report{ending}"
    done = command("report", cases, "--kind", "overview", "--out", out)
    assert done.code == 0, done.err
    assert out.stat().st_size > 1000
    assert "有1件没有日期，已计入总数。" in done.err


def test_a_period_against_the_year_before(command: Command, cases: Path, tmp_path: Path) -> None:
    out = tmp_path / "report.xlsx"
    done = command("report", cases, "--kind", "overview", "--out", out, "--from", "2025-01-01", "--to", "2025-12-31")
    said = words(out)
    assert "2025年共收到2件。" in said
    assert "比2024年增加1件，增长100.0%（2024年1件）。" in said
    assert "有1件没有日期，不能归入任何时段，未计入。" in done.err
    assert "上期：2024年（2024-01-01 至 2024-12-31），1件" in said


def test_another_file_to_compare_with_in_another_encoding(command: Command, cases: Path, tmp_path: Path) -> None:
    before, out = written(tmp_path / "before.csv", ROWS[:1], "gb18030"), tmp_path / "report.xlsx"
    done = command("report", cases, "--kind", "overview", "--out", out, "--previous", before)
    assert done.code == 0, done.err
    said = words(out)
    assert any(word.startswith("比2025年3月1日增加3件") for word in said)
    assert any("上期文件：before.csv" in word for word in said)
    assert not any(str(tmp_path) in word for word in said)


def test_the_sample_again_from_the_footer_of_the_sheet(command: Command, tmp_path: Path) -> None:
    out = tmp_path / "sample.xlsx"
    done = command(
        *(
            "report",
            COUNTY / "cases.csv",
            "--kind",
            "inspection",
            "--catalogue",
            COUNTY,
            "--out",
            out,
            "--seed",
            "2025",
        ),
        *("--share", "0.2", "--per-unit"),
    )
    assert done.code == 0, done.err
    listed = next(sheet for sheet in load_workbook(out) if sheet.title == "抽查清单")
    header = next(row for row in listed.values if "编号" in row)
    drawn = [row[header.index("编号")] for row in listed.values if row[0] not in (None, "序号") and row[1]]
    footer = [word for word in words(out) if "：" in word]
    cases = read_cases(COUNTY / "cases.csv", required=())
    assert again(footer, cases, load_office(COUNTY), load_catalogue(COUNTY)) == tuple(map(str, drawn))
    assert "种子2025" in " ".join(footer)


def test_a_model_suggests_leads_for_the_workload(command: Command, small_bundle: Path, tmp_path: Path) -> None:
    new = written(tmp_path / "new.csv", [["1", "公交车到站不停", *[""] * 6]])
    out = tmp_path / "report.xlsx"
    done = command("report", new, "--kind", "workload", "--out", out)
    assert (done.code, "--model" in done.err) == (2, True)
    assert not out.exists()
    done = command("report", new, "--kind", "workload", "--out", out, "--model", small_bundle)
    assert done.code == 0, done.err
    said = words(out)
    assert "其中1件的主办单位是模型的建议，尚未决定。" in said
    assert any(word.endswith("（模型建议）") for word in said)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--kind", "all"], "--kind is 'all'; allowed are overview, targets"),
        (["--from", "2025-02-01", "--to", "2025-01-01"], "the period ends before it begins. Swap them."),
        (["--from", "gestern"], "--from is 'gestern'"),
        (["--from", "2030-01-01"], "none of the 4 cases lies in the period from 2030-01-01 to the end"),
        (["--previous", "a.csv", "--previous-from", "2024-01-01"], "Give one of them."),
        (["--previous-from", "2025-03-01"], "overlaps that of the report"),
        (["--out", "report.pdf"], "ending '.pdf' cannot be written; allowed are .xlsx, .html, .docx"),
        (["--out", "nowhere/report.xlsx"], "does not exist"),
        (["--kind", "inspection", "--share", "1.5"], "the share of the sample is 1.5"),
        (["--catalogue", "nowhere"], "nowhere"),
    ],
)
def test_what_is_wrong_is_said(
    command: Command, cases: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: list[str], told: str
) -> None:
    monkeypatch.chdir(tmp_path)
    given = {"--kind": "overview", "--out": "report.xlsx", **dict(zip(options[::2], options[1::2], strict=True))}
    done = command("report", cases, *(word for pair in given.items() for word in pair))
    assert done.code == 2
    assert told in done.err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cases.csv"]


def test_a_report_never_takes_the_place_of_what_it_is_made_from(command: Command, tmp_path: Path) -> None:
    source = tmp_path / "cases.csv"
    written(source, ROWS)
    book = tmp_path / "cases.xlsx"
    assert command("report", source, "--kind", "overview", "--out", book).code == 0
    before = book.read_bytes()
    done = command("report", source, "--kind", "overview", "--out", book, "--previous", book)
    assert (done.code, "also named as another file" in done.err) == (2, True)
    assert book.read_bytes() == before


def test_an_older_report_stays_where_the_new_one_fails(command: Command, cases: Path, tmp_path: Path) -> None:
    out = tmp_path / "report.xlsx"
    out.write_bytes(b"old")
    assert command("report", cases, "--kind", "overview", "--from", "2030-01-01", "--out", out).code == 2
    assert out.read_bytes() == b"old"
