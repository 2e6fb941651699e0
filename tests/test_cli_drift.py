"""`triage drift` and `triage next` as a user runs them: verdict, files, a sheet that trains, and clear refusals."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from triage import Case, Triager
from triage.datasets import read_cases
from triage.learning.labelling.sheet import HEADERS

Command = Callable[..., Any]


@pytest.fixture(scope="module")
def cases(root: Path) -> list[Case]:
    return read_cases(root / "examples" / "cases.csv")


@pytest.fixture(scope="module")
def bundle(cases: list[Case], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Triager.train(cases[::4]).save(tmp_path_factory.mktemp("drift") / "bundle")


def write(path: Path, cases: Sequence[Case], encoding: str = "utf-8") -> Path:
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["编号", "标题", "正文", "来源", "日期"])
        for case in cases:
            said = case.suggestion
            writer.writerow([said.id, said.title, said.text, said.source, said.date or ""])
    return path


@pytest.fixture
def recent(cases: list[Case], tmp_path: Path) -> Path:
    return write(tmp_path / "recent.csv", cases[1::4], "gb18030")


def test_drift_tells_the_verdict_and_writes_every_form(
    command: Command, bundle: Path, recent: Path, tmp_path: Path
) -> None:
    outputs = [tmp_path / f"report.{ending}" for ending in ("json", "md", "html", "svg")]
    options = zip(("--output", "--markdown", "--html", "--picture"), outputs, strict=True)
    said = command("drift", recent, "--model", bundle, *(part for option in options for part in option))
    assert said.code == 0, said.err
    assert "无明显变化" in said.out
    assert "预计正确率" in said.out
    report = json.loads(outputs[0].read_bytes())
    assert report["verdict"] == "none"
    assert report["reference"] == "训练用案件"
    assert report["model"].startswith("triage-")
    assert all("无明显变化" in path.read_text(encoding="utf-8") for path in outputs[1:])
    assert not list(tmp_path.glob(".*"))


def test_drift_against_a_reference(command: Command, bundle: Path, recent: Path, cases: list[Case]) -> None:
    reference = write(recent.with_name("reference.csv"), cases[2::4])
    said = command("drift", recent, "--model", bundle, "--reference", reference)
    assert said.code == 0
    assert "对照文件" in said.out


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ([], "no rows below the header"),
        ([["1", "", "", "", ""]], "title and text are both empty"),
        ([["1", "？？？", "", "", ""], ["2", "！！！", "", "", ""]], "none of 2 texts can be read"),
    ],
)
def test_drift_refuses_what_cannot_be_read(
    command: Command, bundle: Path, tmp_path: Path, rows: list[list[str]], told: str
) -> None:
    path = tmp_path / "bad.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["编号", "标题", "正文", "来源", "日期"], *rows])
    said = command("drift", path, "--model", bundle, "--output", tmp_path / "report.json")
    assert (said.code, told in said.err) == (2, True)
    assert not (tmp_path / "report.json").exists()


def test_ten_texts_are_too_few(command: Command, bundle: Path, tmp_path: Path, cases: list[Case]) -> None:
    said = command("drift", write(tmp_path / "ten.csv", cases[:10]), "--model", bundle)
    assert said.code == 0
    assert "件数太少，无法判断" in said.out


def test_outputs_are_checked_before_any_work(command: Command, recent: Path, tmp_path: Path) -> None:
    nothing = tmp_path / "no-bundle"
    said = command("drift", recent, "--model", nothing, "--output", tmp_path / "report.txt")
    assert (said.code, "'.txt' cannot be written here" in said.err) == (2, True)
    twice = command(
        "drift", recent, "--model", nothing, "--html", tmp_path / "a.html", "--markdown", tmp_path / "a.html"
    )
    assert twice.code == 2
    assert command("next", recent, "--model", nothing, "--out", recent).code == 2
    assert "no bundle here" in command("drift", recent, "--model", nothing).err


def test_next_writes_a_sheet_that_trains(command: Command, bundle: Path, recent: Path, tmp_path: Path) -> None:
    sheet = tmp_path / "待标.xlsx"
    said = command("next", recent, "--model", bundle, "--most", 10, "--out", sheet)
    assert said.code == 0, said.err
    assert "10 of" in said.out
    assert "2 of them drawn by chance" in said.out
    refused = command("train", sheet, "--out", tmp_path / "none", "--no-encoder")
    assert (refused.code, "no row has a lead (主办单位) yet" in refused.err) == (2, True)
    book = openpyxl.load_workbook(sheet)
    for line in range(2, 8):
        book.worksheets[0].cell(line, HEADERS.index("主办单位") + 1).value = "教育局"
    book.save(sheet)
    trained = command("train", sheet, "--out", tmp_path / "new", "--no-encoder")
    assert trained.code == 0, trained.err
    assert "6 labelled rows count as cases" in trained.err
    assert "4 rows have no lead" in trained.err


def test_next_says_what_was_left_aside(command: Command, bundle: Path, tmp_path: Path, cases: list[Case]) -> None:
    texts = write(tmp_path / "texts.csv", [*cases[:8], *cases[1:40:4]])
    said = command("next", texts, "--model", bundle, "--out", tmp_path / "out.jsonl", "--most", 5)
    assert said.code == 2  # ids stand twice
    texts = write(tmp_path / "texts.csv", [*cases[:8], *cases[9:40:4]])
    said = command("next", texts, "--model", bundle, "--out", tmp_path / "out.jsonl", "--most", 5)
    assert said.code == 0, said.err
    assert "repeat cases that the bundle knows" in said.out
    rows = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines()]
    assert len(rows) == 5
    assert all(row["lead"] == "" and row["candidates"] for row in rows)
