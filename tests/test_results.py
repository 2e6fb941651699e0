"""Files of answers: by their ending, whole or not at all, never over what was read."""

from __future__ import annotations

import csv
import json
import os
from pathlib import Path

import pytest
from openpyxl import load_workbook

from triage import Decision, InputError, Mode, StorageError, Suggestion, Triaged, UnitScore
from triage.records import Duplicate, Grade, PairEvidence, ReturnRisk
from triage.results import HEADERS, check_target, json_line, replace_file, write_file, write_results
from triage.sheets import Sheet

CHANCES = {"identical": 0.0, "rewritten": 0.1, "same matter": 0.9, "related": 1.0}


def hit(name: str, grade: Grade) -> Duplicate:
    return Duplicate(name, grade, 0.9, CHANCES, PairEvidence("同一事项的可能性90%。"))


ASKED = [Suggestion("甲", "=路灯", "路灯不亮"), Suggestion("乙", "井盖", confidential=True)]
ANSWERED = [
    Triaged(
        "甲",
        (),
        (UnitScore("城管局", 0.8),),
        (),
        Mode.SOLE,
        Decision.CHOOSE,
        duplicates=(hit("丙", Grade.SAME_MATTER), hit("丁", Grade.RELATED)),
        return_risk=ReturnRisk(0.2, False, ("与水利局把握相近。", "若退单，可改交水利局。")),
    ),
    Triaged("乙", (), (), (), Mode.SOLE, Decision.CHOOSE),
]
MORE = Sheet("并案建议", ("组",), (5,), [("1",)])


def test_the_sheet_names_what_a_text_repeats_and_not_what_is_only_related(tmp_path: Path) -> None:
    write_results(tmp_path / "a.xlsx", ASKED, ANSWERED, [MORE])
    book = load_workbook(tmp_path / "a.xlsx")
    assert book.sheetnames == ["交办建议", "并案建议"]
    header, first, second = book["交办建议"].values
    assert header == HEADERS
    row = dict(zip(HEADERS, first, strict=True))
    assert row["标题"] == "=路灯"
    assert row["重复"] == "丙 同一事项 90%"
    assert row["退单风险"] == "20% 与水利局把握相近。 若退单，可改交水利局。"
    assert dict(zip(HEADERS, second, strict=True))["退单风险"] is None
    assert dict(zip(HEADERS, second, strict=True))["标题"] == "（保密件）"


def test_csv_and_lines_hold_the_same_answers(tmp_path: Path) -> None:
    write_results(tmp_path / "a.csv", ASKED, ANSWERED, [MORE])
    rows = list(csv.DictReader((tmp_path / "a.csv").read_text("utf-8-sig").splitlines()))
    assert [row["编号"] for row in rows] == ["甲", "乙"]
    assert rows[0]["标题"] == "'=路灯"
    write_results(tmp_path / "a.jsonl", ASKED, ANSWERED)
    lines = [json.loads(line) for line in (tmp_path / "a.jsonl").read_text("utf-8").splitlines()]
    assert lines == [json.loads(json.dumps(answer.to_dict())) for answer in ANSWERED]
    assert lines[0]["duplicates"][0]["grade"] == "same matter"


def test_a_target_is_no_file_that_is_read(tmp_path: Path) -> None:
    taken = tmp_path / "a.csv"
    taken.write_text("标题\n路灯\n", encoding="utf-8")
    check_target(tmp_path / "b.csv", [taken, None])
    for same in (taken, tmp_path / "." / "a.csv"):
        with pytest.raises(InputError, match="its own name"):
            check_target(same, [taken])
    with pytest.raises(InputError, match=r"allowed are \.jsonl, \.csv, \.xlsx"):
        check_target(tmp_path / "a.pdf")


def test_half_a_character_does_not_stop_a_line() -> None:
    assert json_line({"id": "路灯"}) == '{"id": "路灯"}'
    broken = json_line({"id": "路\ud800灯"})
    broken.encode()
    assert json.loads(broken) == {"id": "路\ud800灯"}


def test_an_older_file_stays_until_the_new_one_is_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "a.jsonl"
    target.write_bytes(b"old")

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StorageError):
        write_file(target, [{"id": "甲"}], [MORE])
    assert target.read_bytes() == b"old"
    monkeypatch.undo()
    replace_file(target, b"new")
    assert [path.name for path in tmp_path.iterdir()] == ["a.jsonl"]
    assert target.read_bytes() == b"new"
