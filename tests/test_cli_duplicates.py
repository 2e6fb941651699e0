"""`triage duplicates`: lines, tables, workbooks, filters, history in both forms, and what is refused."""

from __future__ import annotations

import csv
import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from tests.conftest import Said
from triage.duplicates.sheets import CONFLICT_HEADERS, MERGE_HEADERS, PAIR_HEADERS

Command = Callable[..., Said]

LAMP = "青石巷从邮政所到粮站一共十三盏路灯，九盏不亮，晚上老人摔过跤，请安排人来修，最好换成太阳能的。"
DOG = "柳树湾小学门口有七八条流浪狗追咬学生，请派人处置。"
NEW = [
    ("N1", "关于修复青石巷路灯的建议", LAMP, "人大", "十七届五次", "2026-01-21", "张三；李四", "城市管理局"),
    ("N2", "关于修复青石巷路灯的建议", LAMP, "政协", "十五届五次", "2026-01-22", "王五", "交通运输局"),
    ("N3", "=HYPERLINK(A1)", DOG, "群众", "", "2026-02-01", "", "公安局"),
]
OLD = [
    ("H1", "关于修复青石巷路灯的建议", LAMP, "人大", "十七届三次", "2024-02-26", "赵六", "城市管理局", "B"),
    ("H2", "关于规范共享单车停放的建议", "人行道停满单车。", "政协", "十五届三次", "2024-02-27", "", "公安局", "A"),
]


def write(path: Path, header: str, rows: list[Any]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header.split(), *rows])
    return path


@pytest.fixture
def new(tmp_path: Path) -> Path:
    return write(tmp_path / "new.csv", "编号 标题 正文 来源 届次 日期 提出人 主办单位", NEW)


@pytest.fixture
def old(tmp_path: Path) -> Path:
    return write(tmp_path / "old.csv", "编号 标题 正文 来源 届次 日期 提出人 主办单位 办理结果", OLD)


@pytest.fixture
def index(tmp_path: Path, old: Path, command: Command) -> Path:
    path = tmp_path / "old.index"
    assert command("index", "build", old, "--out", path, "--no-encoder").code == 0
    return path


def lines(text: str) -> dict[str, Any]:
    read = [json.loads(line) for line in text.splitlines()]
    return {line["id"]: line["duplicates"] for line in read}


def rows(path: Path, sheet: str) -> list[dict[str, Any]]:
    header, *found = load_workbook(path)[sheet].values
    return [dict(zip(map(str, header), row, strict=True)) for row in found]


@pytest.mark.parametrize("earlier", ["old", "index"])
def test_each_text_has_its_line_and_both_histories_say_the_same(
    command: Command, new: Path, earlier: str, request: pytest.FixtureRequest
) -> None:
    history = request.getfixturevalue(earlier)
    done = command("duplicates", new, "--history", history, "--no-encoder", "--least", "same-matter")
    assert done.code == 0
    found = lines(done.out)
    assert list(found) == ["N1", "N2", "N3"]
    assert [hit["id"] for hit in found["N1"]] == ["N2", "H1"]
    assert found["N3"] == []
    first = found["N1"][1]
    assert list(first)[:4] == ["id", "grade", "score", "probabilities"]
    assert (first["grade"], first["score"]) == ("identical", 1.0)
    assert (first["lead"], first["outcome"], first["proposers"]) == (["城市管理局"], "B", ["赵六"])
    assert first["evidence"]["shared"][0]["here"].keys() == {"field", "start", "end"}
    assert "warning" not in done.err


def test_a_file_alone_is_compared_within(command: Command, new: Path) -> None:
    found = lines(command("duplicates", new, "--no-encoder", "--least", "identical").out)
    assert {name: [hit["id"] for hit in hits] for name, hits in found.items()} == {"N1": ["N2"], "N2": ["N1"], "N3": []}


def test_the_workbook_can_be_printed_and_loses_nobody(command: Command, new: Path, old: Path, tmp_path: Path) -> None:
    target = tmp_path / "out.xlsx"
    done = command("duplicates", new, "--history", old, "--no-encoder", "--output", target, "--least", "同一事项")
    assert (done.code, done.out) == (0, "")
    assert "out.xlsx: 3 texts" in done.err
    book = load_workbook(target)
    assert book.sheetnames == ["重复", "并案建议", "同事不同办"]
    for name, headers in zip(book.sheetnames, (PAIR_HEADERS, MERGE_HEADERS, CONFLICT_HEADERS), strict=True):
        assert next(iter(book[name].values)) == headers
        assert book[name].page_setup.orientation == "landscape"
    pair = rows(target, "重复")[1]
    assert (pair["编号"], pair["等级"], pair["把握"], pair["对方编号"]) == ("N1", "相同", "100%", "H1")
    assert (pair["主办"], pair["办理结果"], pair["届次"]) == ("城市管理局", "B", "十七届三次")
    assert "青石巷" in pair["共同语句"]
    merges = rows(target, "并案建议")
    assert {row["编号"]: row["提出人"] for row in merges} == {"N1": "张三；李四", "N2": "王五"}
    assert all("应当分别答复每一位提出人" in row["说明"] for row in merges)
    meeting = rows(target, "同事不同办")
    assert {(row["编号"], row["状态"], row["主办"]) for row in meeting} == {
        ("N1", "拟办", "城市管理局"),
        ("N2", "拟办", "交通运输局"),
        ("H1", "已办", "城市管理局"),
    }
    assert "请会前统一" in meeting[0]["说明"]
    assert all(row["会议确定"] in ("", None) for row in meeting)


def test_no_title_becomes_a_formula(command: Command, new: Path, tmp_path: Path) -> None:
    copied = write(tmp_path / "copy.csv", "编号 标题 正文", [("C1", *NEW[2][1:3]), ("C2", *NEW[2][1:3])])
    for ending in ("xlsx", "csv"):
        assert command("duplicates", copied, "--no-encoder", "--output", tmp_path / f"o.{ending}").code == 0
    assert rows(tmp_path / "o.xlsx", "重复")[0]["对方标题"] == "=HYPERLINK(A1)"
    cells = [cell for row in load_workbook(tmp_path / "o.xlsx")["重复"].iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "n"}  # n: an empty one
    assert "'=HYPERLINK(A1)" in (tmp_path / "o.csv").read_text("utf-8-sig")


def test_proposals_and_conflicts_have_files_of_their_own(
    command: Command, new: Path, old: Path, tmp_path: Path
) -> None:
    merges, meeting = tmp_path / "m.jsonl", tmp_path / "c.jsonl"
    done = command("duplicates", new, "--history", old, "--no-encoder", "--proposals", merges, "--conflicts", meeting)
    assert len(lines(done.out)) == 3
    (proposal,) = [json.loads(line) for line in merges.read_text("utf-8").splitlines()]
    assert {member["id"] for member in proposal["members"]} == {"N1", "N2"}
    assert "分别答复每一位提出人" in proposal["note"]
    (item,) = [json.loads(line) for line in meeting.read_text("utf-8").splitlines()]
    assert item["majority"] == ["城市管理局"]
    assert item["kind"] == "against history"
    assert command("duplicates", new, "--no-encoder", "--conflicts", tmp_path / "c.csv").code == 0
    assert (tmp_path / "c.csv").read_text("utf-8-sig").startswith(",".join(CONFLICT_HEADERS))


def test_a_unit_that_was_renamed_is_no_conflict(command: Command, tmp_path: Path) -> None:
    now = write(tmp_path / "now.csv", "编号 标题 日期 主办单位", [("N1", NEW[0][1], "2026-01-21", "卫生健康局")])
    then = write(tmp_path / "then.csv", "编号 标题 日期 主办单位", [("H1", NEW[0][1], "2012-02-01", "卫生局")])
    target = tmp_path / "c.jsonl"
    assert command("duplicates", now, "--history", then, "--no-encoder", "--conflicts", target).code == 0
    assert target.read_text() == ""


def test_filters_say_what_may_be_told(command: Command, new: Path, old: Path) -> None:
    def told(*options: str) -> list[str]:
        done = command("duplicates", new, "--history", old, "--no-encoder", "--least", "rewritten", *options)
        return [hit["id"] for hit in lines(done.out)["N1"]]

    assert told("--source", "政协") == ["N2"]
    assert told("--source", "政协", "--source", "人大") == ["N2", "H1"]
    assert told("--session", "十七届三次") == ["H1"]
    assert told("--since", "2025-01-01") == ["N2"]
    assert told("--until", "2025年1月1日") == ["H1"]
    assert told("--since", "2030-01-01") == []
    assert told("--k", "1") == ["N2"]


def test_a_reader_sees_what_a_program_reads(command: Command, new: Path, old: Path) -> None:
    done = command("duplicates", new, "--history", old, "--no-encoder", "--format", "text", "--least", "same matter")
    assert "【N1】关于修复青石巷路灯的建议" in done.out
    assert "H1：相同 100%" in done.out
    assert "主办：城市管理局　结果：B" in done.out
    assert "另有1件未发现重复" in done.out
    assert "张三、李四" in done.out
    assert "同事不同办1" in done.out


def test_of_a_confidential_text_nothing_is_told(command: Command, tmp_path: Path) -> None:
    secret = "刘某家住青石巷九号"
    made = [("S1", secret, LAMP, "是"), ("S2", secret, LAMP, "是"), ("S3", secret, LAMP, "否")]
    file = write(tmp_path / "s.csv", "编号 标题 正文 保密", made[:2])
    for form in ("text", "jsonl"):
        done = command("duplicates", file, "--no-encoder", "--format", form)
        assert "S2" in done.out
        assert "刘某" not in done.out + done.err
        assert "路灯" not in done.out
    assert command("duplicates", file, "--no-encoder", "--output", tmp_path / "s.xlsx").code == 0
    for sheet in ("重复", "并案建议"):
        found = rows(tmp_path / "s.xlsx", sheet)
        assert found
        assert not [cell for row in found for cell in row.values() if "刘某" in str(cell) or "路灯" in str(cell)]
        assert found[0]["标题"] == "（保密件）"


def test_rows_without_ids_in_both_files_are_told_apart(command: Command, tmp_path: Path) -> None:
    one = write(tmp_path / "one.csv", "标题 正文", [("路灯", LAMP)])
    other = write(tmp_path / "other.csv", "标题 正文", [("路灯", LAMP)])
    found = lines(command("duplicates", one, "--history", other, "--no-encoder").out)
    assert [hit["id"] for hit in found["line-2"]] == ["other.csv:2"]


def test_texts_with_nothing_in_common_and_texts_without_words(command: Command, tmp_path: Path) -> None:
    made = [("A", "？！……"), ("B", "12345"), ("C", "关于发展蓝莓产业的建议"), ("D", "Dear Sir")]
    done = command("duplicates", write(tmp_path / "x.csv", "编号 标题", made), "--no-encoder", "--least", "rewritten")
    assert done.code == 0
    assert lines(done.out) == {"A": [], "B": [], "C": [], "D": []}


def test_many_identical_texts_are_told_up_to_k(command: Command, tmp_path: Path) -> None:
    file = write(tmp_path / "many.csv", "编号 标题 正文", [(f"M{n:03}", "路灯", LAMP) for n in range(120)])
    found = lines(command("duplicates", file, "--no-encoder", "--k", "7").out)
    assert len(found) == 120
    assert all(len(hits) == 7 and name not in {hit["id"] for hit in hits} for name, hits in found.items())


REFUSED: dict[str, tuple[tuple[str, ...], str]] = {
    "grade": (("--least", "alike"), "--least is 'alike'; allowed are identical, rewritten, same-matter, related"),
    "day": (("--since", "gestern"), "--since is 'gestern'; write it as 2024-03-01"),
    "month": (("--until", "2024-03"), "--until is '2024-03'; write it as 2024-03-01"),
    "period": (("--since", "2025-01-01", "--until", "2024-01-01"), "the period ends before it begins"),
    "ending": (("--output", "a.pdf"), "ending '.pdf' cannot be written"),
    "proposals": (("--proposals", "a.txt"), "ending '.txt' cannot be written"),
    "twice": (("--output", "a.csv", "--proposals", "a.csv"), "a.csv: is also named as another file"),
    "encoder": (("--encoder", "nowhere"), "nowhere"),
    "k": (("--k", "0"), "--k"),
    "catalogue": (("--no-encoder", "--catalogue", "nowhere"), "nowhere"),
    "history": (("--no-encoder", "--history", "nowhere.csv"), "nowhere.csv"),
    "index": (("--no-encoder", "--history", "nowhere.sqlite"), "there is no such file"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_refused_is_one_message_and_writes_nothing(
    command: Command, new: Path, case: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(new.parent)
    options, message = REFUSED[case]
    done = command("duplicates", new, *options)
    assert (done.code, done.out) == (2, "")
    assert message in done.err
    assert "Traceback" not in done.err
    assert LAMP not in done.err
    assert [path.name for path in new.parent.iterdir()] == ["new.csv"]


def test_the_file_that_is_read_is_never_written_over(command: Command, new: Path, old: Path) -> None:
    before = new.read_bytes(), old.read_bytes()
    for target in (new, old):
        done = command("duplicates", new, "--history", old, "--no-encoder", "--output", target)
        assert done.code == 2
        assert "Give the output its own name" in done.err
    assert (new.read_bytes(), old.read_bytes()) == before


def test_a_history_that_is_damaged_or_another_program_s_is_refused(
    command: Command, new: Path, index: Path, tmp_path: Path
) -> None:
    cut = tmp_path / "cut.index"
    cut.write_bytes(index.read_bytes()[:5000])
    foreign = tmp_path / "foreign.sqlite"
    with sqlite3.connect(foreign) as connection:
        connection.execute("CREATE TABLE t (a)")
    connection.close()
    text = tmp_path / "history.txt"
    text.write_text(LAMP, encoding="utf-8")
    for path, message in ((cut, "damaged"), (foreign, "another program"), (text, "no duplicate index of triage")):
        done = command("duplicates", new, "--history", path, "--no-encoder", "--output", tmp_path / "o.jsonl")
        assert done.code == 2
        assert message in done.err
        assert LAMP not in done.err
    assert not (tmp_path / "o.jsonl").exists()


def test_without_encoder_it_says_so_once_and_goes_on(
    command: Command, new: Path, index: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("TRIAGE_ENCODER", str(tmp_path / "none"))
    done = command("duplicates", new)
    assert done.code == 0
    assert done.err.count("no sentence encoder is installed") == 1
    # An index that was made without one needs none.
    assert "warning" not in command("duplicates", new, "--history", index).err


def test_an_index_of_an_encoder_wants_it(
    command: Command, new: Path, old: Path, encoder_folder: Path, tmp_path: Path
) -> None:
    made = tmp_path / "meaning.index"
    assert command("index", "build", old, "--out", made, "--encoder", encoder_folder).code == 0
    done = command("duplicates", new, "--history", made, "--encoder", encoder_folder, "--least", "identical")
    assert [hit["id"] for hit in lines(done.out)["N2"]] == ["N1", "H1"]
    refused = command("duplicates", new, "--history", made, "--no-encoder")
    assert refused.code == 2
    assert "was made with sentence encoder" in refused.err
