"""`triage recommend` with what texts repeat, and `triage precedents`: the same answers as the library."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from tests.conftest import Said
from triage import Suggestion, Triager
from triage.catalogue import load_catalogue
from triage.datasets import read_suggestions
from triage.duplicates.leads import LeadComparison
from triage.duplicates.reasons import with_conflicts
from triage.duplicates.sheets import CONFLICT_HEADERS, MERGE_HEADERS, PRECEDENT_HEADERS
from triage.results import HEADERS

Command = Callable[..., Said]
LAMP = "青石巷从邮政所到粮站一共十三盏路灯，九盏不亮，晚上老人摔过跤，请安排人来修，最好换成太阳能的。"
SCHOOL = "县城南片至今没有一所小学，请规划建设一所。"


def write(path: Path, header: str, rows: list[Any]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header.split(), *rows])
    return path


@pytest.fixture
def new(tmp_path: Path) -> Path:
    made = [
        ("N1", "关于修复路灯的建议", LAMP),
        ("N2", "关于修复路灯的建议", LAMP),
        ("N3", "关于建设小学的建议", SCHOOL),
    ]
    return write(tmp_path / "new.csv", "编号 标题 正文", made)


@pytest.fixture
def old(tmp_path: Path) -> Path:
    made = [
        ("H1", "关于修复路灯的建议", LAMP, "2024-02-26", "气象局", "财政局", "已修好八盏。", "B"),
        ("H3", "关于修复路灯的建议", LAMP, "2023-02-26", "水利局", "", "", "C"),
        ("H2", "关于建设小学的建议", SCHOOL, "2024-02-27", "教育局", "", "", "A"),
    ]
    return write(tmp_path / "old.csv", "编号 标题 正文 日期 主办单位 会办单位 答复 办理结果", made)


def answers(done: Said) -> list[Any]:
    assert done.code == 0, done.err
    return [json.loads(line) for line in done.out.splitlines()]


def test_a_file_is_compared_within_and_with_history(
    command: Command, small_bundle: Path, new: Path, old: Path, triager: Triager
) -> None:
    found = answers(command("recommend", "--model", small_bundle, "--input", new, "--history", old))
    assert [hit["id"] for hit in found[0]["duplicates"] if hit["grade"] == "identical"] == ["N2", "H1", "H3"]
    codes = {reason["code"]: reason["text"] for reason in found[0]["reasons"]}
    assert "应分别答复每位提出人" in codes["duplicates.found"]
    # Two cases of the same text, two leads: one comes first, the other is a matter for the meeting.
    assert "同一事项的先例由" in codes["precedent.heard"]
    assert ("由气象局" in codes["duplicates.conflict"]) != ("由气象局" in codes["precedent.heard"])
    # What the cases do not tell of does not depend on them.
    for answer, alone in zip(found, triager.triage(read_suggestions(new)), strict=True):
        plain = json.loads(json.dumps(alone.to_dict()))
        assert (answer["topics"], answer["notices"]) == (plain["topics"], plain["notices"])


def test_texts_of_the_command_line_are_compared_too(command: Command, small_bundle: Path, new: Path) -> None:
    taken = write(new.parent / "taken.csv", "编号 标题", [("text-1", "关于修复青石巷水管的建议")])
    found = answers(command("recommend", "--model", small_bundle, "--input", taken, LAMP, LAMP))
    assert [answer["id"] for answer in found] == ["text-1", "text-2", "text-3"]
    assert found[1]["duplicates"][0]["id"] == "text-3"


def test_one_text_alone_repeats_nothing(command: Command, small_bundle: Path) -> None:
    (found,) = answers(command("recommend", "--model", small_bundle, LAMP))
    assert found["duplicates"] == []
    assert not [reason for reason in found["reasons"] if reason["code"].startswith("duplicates")]


def test_the_workbook_has_merges_and_conflicts_where_there_are_any(
    command: Command, small_bundle: Path, new: Path, old: Path, tmp_path: Path
) -> None:
    target = tmp_path / "meeting.xlsx"
    assert command("recommend", "--model", small_bundle, "--input", new, "--history", old, "--output", target).code == 0
    book = load_workbook(target)
    assert book.sheetnames == ["交办建议", "并案建议", "同事不同办"]
    header, *rows = book["交办建议"].values
    assert header == HEADERS
    assert rows[0][HEADERS.index("重复")] == "N2 相同 100%；H1 相同 100%；H3 相同 100%"
    leads = {row[0]: row[HEADERS.index("主办单位")] for row in rows}
    header, *merges = book["并案建议"].values
    assert header == MERGE_HEADERS
    assert {row[1]: row[MERGE_HEADERS.index("主办")] for row in merges} == {name: leads[name] for name in ("N1", "N2")}
    assert next(iter(book["同事不同办"].values)) == CONFLICT_HEADERS
    one = write(tmp_path / "one.csv", "编号 标题", [("N3", "关于建设小学的建议")])
    assert command("recommend", "--model", small_bundle, "--input", one, "--output", target).code == 0
    assert load_workbook(target).sheetnames == ["交办建议"]


def test_a_reader_sees_what_is_repeated(command: Command, small_bundle: Path, new: Path) -> None:
    done = command("recommend", "--model", small_bundle, "--input", new, "--format", "text")
    assert "  重复：N2《关于修复路灯的建议》 相同 100%" in done.out


def test_the_input_is_not_written_over(command: Command, small_bundle: Path, new: Path) -> None:
    before = new.read_bytes()
    done = command("recommend", "--model", small_bundle, "--input", new, "--output", new)
    assert done.code == 2
    assert new.read_bytes() == before


def test_together_says_what_differs_within_the_batch(triager: Triager) -> None:
    suggestions = [Suggestion("N1", "关于修复路灯的建议", LAMP), Suggestion("N2", "关于修复路灯的建议", LAMP)]
    done = triager.together(suggestions)
    assert [proposal.representative for proposal in done.proposals] == ["N1"]
    assert done.conflicts == ()
    first, second = done.answers
    other = next(unit for unit in triager.units if unit != first.lead[0].unit)
    second = replace(second, lead=(replace(second.lead[0], unit=other),))
    with closing(triager.duplicates(suggestions)) as batch:
        items = batch.conflicts([[first.lead[0].unit], [other]], triager.catalogue)
    told = with_conflicts([first, second], items, LeadComparison(triager.catalogue))
    (reason,) = [reason for reason in told[0].reasons if reason.code == "duplicates.batch"]
    assert reason.text == f"同批N2与本件属同一事项，首选单位为{other}，与本件不同，请会前统一。"
    assert [r.code for r in told[1].reasons].count("duplicates.batch") == 1


def test_together_encodes_each_text_once(encoder_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    units = "code,name,duties\njy,教育局,学校建设;学位供给\ncg,城市管理局,路灯维护;市容管理\n"
    (tmp_path / "units.csv").write_text(units, encoding="utf-8")
    triager = Triager.train(catalogue=load_catalogue(tmp_path), encoder=encoder_folder)
    sentence = triager.sentence
    assert sentence is not None
    encoded: list[str] = []
    encode = sentence.encode

    def counting(texts: Any, progress: Any = None) -> Any:
        encoded.extend(texts)
        return encode(texts, progress)

    monkeypatch.setattr(sentence, "encode", counting)
    suggestions = [Suggestion("N1", "", LAMP), Suggestion("N2", "", SCHOOL), Suggestion("N3", "", "！！")]
    done = triager.together(suggestions)
    assert len(encoded) == len(set(encoded))
    monkeypatch.undo()
    plain = triager.triage(suggestions)
    assert [
        replace(one, duplicates=(), reasons=other.reasons) for one, other in zip(done.answers, plain, strict=True)
    ] == plain
    with closing(triager.duplicates(suggestions)) as batch:
        assert batch.duplicates() == [one.duplicates for one in done.answers]


def test_precedents_tell_how_it_was_handled(
    command: Command, small_bundle: Path, new: Path, old: Path, tmp_path: Path
) -> None:
    found = answers(command("precedents", new, "--model", small_bundle, "--history", old, "--most", "1"))
    assert [line["id"] for line in found] == ["N1", "N2", "N3"]
    (case,) = found[0]["precedents"]
    assert (case["id"], case["kind"], case["lead"], case["outcome"]) == ("H1", "same matter", ["气象局"], "B")
    assert case["reply"] == "已修好八盏。"
    assert "列入计划解决" in case["text"]
    target = tmp_path / "p.xlsx"
    assert command("precedents", new, "--model", small_bundle, "--history", old, "--output", target).code == 0
    header, first, *_ = load_workbook(target)["先例"].values
    assert header == PRECEDENT_HEADERS
    row = dict(zip(header, first, strict=True))
    assert (row["类型"], row["先例编号"], row["答复"]) == ("同一事项", "H1", "已修好八盏。")
    text = command("precedents", new, "--model", small_bundle, "--history", old, "--format", "text").out
    assert "由气象局主办，财政局会办，办理结果B（列入计划解决）" in text


def test_a_model_of_wording_asks_an_index_of_meaning_with_its_encoder(
    command: Command, small_bundle: Path, new: Path, old: Path, encoder_folder: Path, tmp_path: Path
) -> None:
    made = tmp_path / "old.index"
    assert command("index", "build", old, "--out", made, "--encoder", encoder_folder).code == 0
    options = ("--input", new, "--history", made, "--encoder", encoder_folder)
    found = answers(command("recommend", "--model", small_bundle, *options))
    assert "H1" in [hit["id"] for hit in found[0]["duplicates"]]
    done = command("precedents", new, "--model", small_bundle, "--history", made, "--encoder", encoder_folder)
    assert answers(done)[0]["precedents"][0]["id"] == "H1"
