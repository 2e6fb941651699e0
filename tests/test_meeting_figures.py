"""How far a meeting followed what was suggested, and the decided cases as a file."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from tests.meetings import SUGGESTIONS, back, edited, made, put
from triage import Decision, InputError
from triage.datasets import read_cases
from triage.meeting import Followed, Meeting, meeting_figures, write_decided


@pytest.fixture
def meeting(tmp_path: Path) -> Meeting:
    path = made(tmp_path / "交办表.xlsx")
    edited(
        path,
        put(
            确定主办_2="同意",
            确定主办_3="公安局",
            确定会办_3="财政局；教育局",
            原因_3="桥在 路口",
            确定主办_4="文旅局",
            原因_4="桥在\n路口",
        ),
    )
    return back(path)


def test_the_figures_count_what_became_of_the_suggestions(meeting: Meeting) -> None:
    counts = meeting_figures(meeting.rows)
    assert (counts.rows, counts.decided, counts.undecided, counts.compared) == (4, 3, 1, 3)
    assert (counts.lead_kept, counts.lead_listed, counts.lead_other, counts.kept) == (1, 1, 1, 1)
    assert (counts.co_kept, counts.co_added, counts.co_dropped) == (2, 1, 1)
    assert counts.promises == {
        Decision.SUGGEST: Followed(1, 1),
        Decision.CHOOSE: Followed(1, 0),
        Decision.COORDINATE: Followed(1, 0),
    }
    assert counts.changes == (("交通运输局", "公安局", 1), ("交通运输局", "文化和旅游局", 1))
    assert counts.reasons == (("桥在 路口", 2),)
    assert json.loads(json.dumps(counts.to_dict()))["promises"]["suggest"] == {"decided": 1, "kept": 1}


def test_no_rows_are_no_figures() -> None:
    counts = meeting_figures([])
    assert (counts.rows, counts.compared, counts.changes) == (0, 0, ())


@pytest.mark.parametrize("ending", [".csv", ".xlsx", ".jsonl"])
def test_the_decided_cases_are_a_cases_file(meeting: Meeting, tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"decided{ending}"
    assert write_decided(path, meeting) == 3
    assert read_cases(path) == meeting.cases()
    assert [case.suggestion for case in read_cases(path)] == list(SUGGESTIONS[:3])


def test_what_had_been_suggested_stands_beside(meeting: Meeting, tmp_path: Path) -> None:
    write_decided(tmp_path / "a.csv", meeting)
    rows = list(csv.DictReader(io.StringIO((tmp_path / "a.csv").read_text(encoding="utf-8-sig"), newline="")))
    assert [(row["主办单位"], row["建议主办"], row["把握"], row["原因"]) for row in rows] == [
        ("教育局", "教育局", "91%", ""),
        ("公安局", "交通运输局", "91%", "桥在 路口"),
        ("文化和旅游局", "交通运输局", "91%", "桥在\n路口"),
    ]
    assert rows[2]["标题"] == "'=关于修路的建议", "no program takes it for a formula"
    write_decided(tmp_path / "a.jsonl", meeting)
    first = json.loads((tmp_path / "a.jsonl").read_text(encoding="utf-8").splitlines()[0])
    assert (first["suggested_lead"], first["score"], first["decision"]) == (["教育局"], 0.9132, "suggest")


def test_nothing_decided_is_no_file(tmp_path: Path) -> None:
    meeting = back(made(tmp_path / "交办表.xlsx"))
    with pytest.raises(InputError, match="nothing to learn from"):
        write_decided(tmp_path / "a.csv", meeting)
    assert not (tmp_path / "a.csv").exists()
