"""`triage index`: build, add, remove, info, and what stops each of them."""

from __future__ import annotations

import csv
import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Said
from triage.duplicates import database
from triage.duplicates.index import DuplicateIndex

Command = Callable[..., Said]
ROWS = [
    ("A1", "关于修复青石巷路灯的建议", "人大", "2025-02-18", "城市管理局"),
    ("A2", "关于规范共享单车停放的建议", "政协", "2025-02-19", "公安局"),
    ("A3", "关于增设白岩村公交站点的建议", "人大", "2026-01-20", "交通运输局"),
]


def write(path: Path, rows: list[Any], header: str = "编号 标题 来源 日期 主办单位") -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header.split(), *rows])
    return path


@pytest.fixture
def cases(tmp_path: Path) -> Path:
    return write(tmp_path / "cases.csv", ROWS)


@pytest.fixture
def index(tmp_path: Path, cases: Path, command: Command) -> Path:
    path = tmp_path / "a.index"
    done = command("index", "build", cases, "--out", path, "--no-encoder")
    assert (done.code, done.out.strip()) == (0, f"{path}: 3 texts")
    return path


def known(command: Command, index: Path) -> Any:
    return json.loads(command("index", "info", index, "--json").out)


def test_info_says_what_is_in_it(command: Command, index: Path) -> None:
    told = known(command, index)
    assert (told["texts"], told["different_texts"], told["encoder"], told["search"]) == (3, 3, "", "exact")
    assert told["sources"] == {"人大": 2, "政协": 1}
    assert (told["since"], told["until"]) == ("2025-02-18", "2026-01-20")
    with DuplicateIndex.load(index) as opened:
        assert opened.info() == told
    text = command("index", "info", index, "--verify").out
    assert "3 texts, 3 different; wording alone" in text
    assert "人大 2, 政协 1" in text
    assert "everything was read and fits" in text
    assert not [title for _, title, *_ in ROWS if title in text]


def test_adding_is_adding_renewing_and_leaving_alone(command: Command, index: Path, tmp_path: Path) -> None:
    more = [ROWS[0], (*ROWS[1][:4], "城市管理局"), ("A4", "关于修缮北门粮站的提案", "政协", "", "文化和广电旅游局")]
    done = command("index", "add", index, write(tmp_path / "more.csv", more))
    assert (done.code, done.out.strip()) == (0, f"{index}: 1 new, 1 renewed, 1 unchanged; 4 texts")
    with DuplicateIndex.load(index) as opened:
        assert {case.suggestion.id: case.leads for case in opened.cases()}["A2"] == ("城市管理局",)


def test_the_same_id_with_another_text_adds_nothing(command: Command, index: Path, tmp_path: Path) -> None:
    before = index.read_bytes()
    more = write(tmp_path / "more.csv", [("A9", "新的一件"), ("A1", "关于拆除青石巷路灯的建议")], "编号 标题")
    done = command("index", "add", index, more)
    assert done.code == 2
    assert "A1: in the index already, with another text" in done.err
    assert "拆除" not in done.err
    assert index.read_bytes() == before


def test_removing_takes_all_or_none(command: Command, index: Path, tmp_path: Path) -> None:
    done = command("index", "remove", index, "A1", "Z9")
    assert done.code == 2
    assert "Z9: not in the index. Nothing was removed." in done.err
    assert known(command, index)["texts"] == 3
    listed = tmp_path / "ids.txt"
    listed.write_text("\ufeffA1\n\nA2\r\n", encoding="utf-8")
    done = command("index", "remove", index, "A2", "--ids", listed)
    assert (done.code, done.out.strip()) == (0, f"{index}: 2 removed; 1 texts")
    table = write(tmp_path / "ids.csv", [("A3",)], "编号")
    assert command("index", "remove", index, "--ids", table).code == 0
    assert known(command, index)["texts"] == 0
    refused = command("index", "remove", index)
    assert refused.code == 2
    assert "nothing to remove" in refused.err
    assert command("index", "remove", index, "--ids", tmp_path / "none.txt").code == 2


def test_many_unknown_ids_are_counted(command: Command, index: Path) -> None:
    done = command("index", "remove", index, *(f"Z{number}" for number in range(9)))
    assert "Z0, Z1, Z2, Z3, Z4 and 4 more: not in the index" in done.err


def test_building_never_writes_over_a_file(command: Command, index: Path, cases: Path) -> None:
    before = index.read_bytes()
    done = command("index", "build", cases, "--out", index, "--no-encoder")
    assert done.code == 2
    assert "exists already and is left as it is" in done.err
    assert index.read_bytes() == before


@pytest.mark.parametrize(
    ("rows", "header", "message"),
    [
        ([("路灯",)], "标题", "column id (编号) is missing"),
        ([("A1", "路灯"), ("", "井盖")], "编号 标题", "id (编号) is empty"),
        ([("A1", "路灯"), ("A1", "井盖")], "编号 标题", "already stands in line 2"),
        ([("A1", "", "2024-13-45")], "编号 标题 日期", "title and text are both empty"),
        ([], "编号 标题", "no rows"),
    ],
)
def test_a_file_that_cannot_be_indexed_leaves_nothing(
    command: Command, tmp_path: Path, rows: list[Any], header: str, message: str
) -> None:
    file = write(tmp_path / "bad.csv", rows, header)
    done = command("index", "build", file, "--out", tmp_path / "a.index", "--no-encoder")
    assert done.code == 2
    assert message in done.err
    assert [path.name for path in tmp_path.iterdir()] == ["bad.csv"]


def spoiled(index: Path, how: str) -> None:
    if how == "cut":
        index.write_bytes(index.read_bytes()[:3000])
    elif how == "empty":
        index.write_bytes(b"")
    elif how == "text":
        index.write_text("编号,标题\nA1,路灯\n", encoding="utf-8")
    elif how == "gone":
        index.unlink()
    else:
        with closing(sqlite3.connect(index)) as connection:
            if how == "newer":
                connection.execute(f"PRAGMA user_version={database.FORMAT + 1}")
            elif how == "foreign":
                connection.execute("PRAGMA application_id=7")
            else:
                connection.execute("UPDATE records SET record = replace(record, '青石巷', '别处巷')")
            connection.commit()


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ("cut", "damaged"),
        ("empty", "is no duplicate index of triage"),
        ("text", "is no duplicate index of triage"),
        ("gone", "there is no such file"),
        ("newer", "Update triage"),
        ("foreign", "of another program"),
    ],
)
def test_an_index_that_cannot_be_read_is_told_and_left(
    command: Command, index: Path, cases: Path, how: str, message: str
) -> None:
    spoiled(index, how)
    before = index.read_bytes() if index.exists() else None
    for arguments in (("info", index), ("add", index, cases), ("remove", index, "A1")):
        done = command("index", *arguments)
        assert (done.code, done.out) == (2, ""), arguments
        assert message in done.err
        assert "Traceback" not in done.err
    assert (index.read_bytes() if index.exists() else None) == before


def test_verify_finds_a_text_that_was_changed(command: Command, index: Path) -> None:
    spoiled(index, "changed")
    assert command("index", "info", index).code == 0
    done = command("index", "info", index, "--verify")
    assert done.code == 2
    assert "damaged" in done.err


def test_an_index_that_is_being_written_is_left_alone(
    command: Command, index: Path, cases: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "BUSY_SECONDS", 0.1)
    with closing(sqlite3.connect(index, isolation_level=None)) as writer:
        writer.execute("BEGIN EXCLUSIVE")
        for arguments in (("remove", index, "A1"), ("add", index, cases), ("info", index)):
            done = command("index", *arguments)
            assert done.code == 2
            assert "Another program is writing to it" in done.err
        writer.execute("ROLLBACK")
    assert known(command, index)["texts"] == 3


def test_an_index_of_an_encoder_is_not_added_to_without(
    command: Command, cases: Path, encoder_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = tmp_path / "meaning.index"
    assert command("index", "build", cases, "--out", made, "--encoder", encoder_folder).code == 0
    assert known(command, made)["encoder"]
    monkeypatch.setenv("TRIAGE_ENCODER", str(tmp_path / "none"))
    done = command("index", "add", made, cases)
    assert done.code == 2
    assert "Name its folder with --encoder" in done.err
    # To look at it and to take texts out needs no encoder.
    assert command("index", "remove", made, "A1").code == 0
    assert known(command, made)["texts"] == 2
