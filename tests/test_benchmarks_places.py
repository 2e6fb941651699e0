"""The benchmark of places: letters are grouped by plain search, answers counted as it says, and no row is repeated."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from benchmarks.places.__main__ import main
from benchmarks.places.report import markdown
from benchmarks.places.sets import read_city, read_sentences, written_out
from benchmarks.places.systems import by_confidence, figures, found_in, ours, plain
from triage.places import divisions

ROWS = [
    ("2023-06-01", "徐汇区田林街道电梯坏了", "徐汇区", "上海市徐汇区绿化和市容管理局"),
    ("2023-06-02", "长宁的公园太小", "长宁区", "上海市长宁区绿化和市容管理局"),
    ("2023-06-03", "银杏里小区漏水", "长宁区", "上海市长宁区绿化和市容管理局"),
    ("2023-06-04", "银杏里小区停车难", "长宁区", "上海市长宁区绿化和市容管理局"),
    ("2023-06-05", "全市公交线网调整", "市级", "上海市交通委员会"),
    ("2023-10-05", "银杏里小区有噪音", "长宁区", "上海市长宁区绿化和市容管理局"),
    ("2023-11-05", "长宁路井盖松动", "普陀区", "上海市普陀区建设和管理委员会"),
    ("2023-11-06", "青浦区公交太少", "青浦区", "上海市青浦区建设和管理委员会"),
]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    with (tmp_path / "shanghai2023.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "date", "title", "text", "lead", "district"])
        writer.writerows((n, day, "", text, lead, where) for n, (day, text, where, lead) in enumerate(ROWS))
    return tmp_path


def test_letters_of_the_whole_city_are_learned_from_and_not_asked(data: Path) -> None:
    city = read_city(data)
    assert len(city.letters) == 7
    assert len(city.everything) == 8
    assert [letter.late for letter in city.letters] == [False] * 4 + [True] * 3
    assert city.district("310104") == "徐汇区"
    assert city.district("310104010") == "徐汇区"
    assert city.district("31") == city.district("") == ""


def test_letters_are_grouped_by_what_plainly_stands_in_them() -> None:
    areas = divisions().areas("31")
    assert written_out(areas, "徐汇区的路") == written_out(areas, "七宝镇的路") == "full"
    assert written_out(areas, "徐汇的路") == "short"
    assert written_out(areas, "某小区的路") == written_out(areas, "上海市的路") == ""


def test_systems_differ_where_they_should(data: Path) -> None:
    city = read_city(data)
    road = next(letter for letter in city.letters if "井盖" in letter.text.full)
    park = next(letter for letter in city.letters if "公园" in letter.text.full)
    assert ours(city)(road) == ("", 0.0)
    assert plain(city, stems=True)(road)[0] == "310105"
    assert ours(city)(park)[0] == plain(city, stems=True)(park)[0] == "310105"
    assert plain(city, stems=False)(park) == ("", 0.0)


def test_figures_count_answers_and_right_ones() -> None:
    found = figures(["a", "b", "", "d"], ["a", "c", "c", "d"])
    assert found == {"letters": 4, "answered": 0.75, "accuracy": 0.6667, "right": 0.5}
    assert figures([], [])["accuracy"] == 0
    found = found_in(["a", "", "b", ""], ["a", "", "", "c"])
    assert found == {"sentences": 4, "precision": 0.5, "recall": 0.5, "right": 0.5}
    assert by_confidence([("a", 0.9), ("b", 0.9), ("", 0.0)], ["a", "c", "c"]) == [
        {"from": 0.85, "answers": 2, "confidence": 0.9, "accuracy": 0.5}
    ]


def test_the_own_sentences_name_areas_of_the_table_or_none() -> None:
    names = {area.name for area in divisions().areas("31")}
    sentences = read_sentences()
    assert len(sentences) >= 50
    assert {sentence.area for sentence in sentences} <= {*names, ""}
    assert sum(not sentence.area for sentence in sentences) >= 15


def test_a_result_has_all_groups_and_no_row(data: Path, tmp_path: Path) -> None:
    assert main(["--data", str(data), "--out", str(tmp_path / "out")]) == 0
    result = json.loads((tmp_path / "out" / "places.json").read_text(encoding="utf-8"))
    text = (tmp_path / "out" / "places.md").read_text(encoding="utf-8")
    assert text == markdown(result)
    assert result["groups"]["all"]["triage"] == {"letters": 7, "answered": 0.4286, "accuracy": 1.0, "right": 0.4286}
    late = result["groups"]["late, none"]
    assert late["triage"]["answered"] < late["triage, with earlier letters"]["answered"]
    assert late["triage, with earlier letters"]["accuracy"] == 1.0
    assert not any(row[1][-5:] in text + json.dumps(result, ensure_ascii=False) for row in ROWS)


def test_without_the_file_it_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--data", str(tmp_path), "--out", str(tmp_path)]) == 2
    said = capsys.readouterr().err.replace("\n", "")  # a long path may be wrapped
    assert "shanghai2023.csv" in said
