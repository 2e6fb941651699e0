"""Cases as a file, read back unchanged."""

from __future__ import annotations

import csv
import json
import string
from datetime import date as Date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from triage import Case, InputError, Suggestion
from triage.casefiles import PART, case_file
from triage.datasets import COLUMNS, read_cases
from triage.sheets import LONGEST_CELL, opened_workbook

ENDINGS = (".csv", ".xlsx", ".jsonl")
CASE = Case(
    Suggestion(
        id="RD-1",
        title="关于在学府路加装路灯的建议",
        text="夜里很黑，\n学生下晚自习不安全。“尽快”装灯，行吗？",
        source="人大",
        session="十八届一次",
        date=Date(2025, 2, 18),
        proposers=("王一", "李二"),
        wish="城市管理局",
        confidential=True,
    ),
    leads=("城市管理局",),
    co=("财政局", "公安局"),
    topics=("城建", "路灯"),
    reply="已经装好。",
    outcome="A",
    returned=("公安局",),
    handed_out=Date(2025, 3, 1),
    replied=Date(2025, 5, 20),
    area="学府街道",
    level="乡镇",
)
PLAIN = Case(Suggestion(id="2", title="补种行道树"), leads=("园林局", "交通局"))
FORMULA = Case(Suggestion(id="3", title="=HYPERLINK(1)", text="'+1\n-2"), leads=("@财政局",), reply="'=1+1")


def written(path: Path, cases: list[Case]) -> Path:
    path.write_bytes(b"".join(case_file(cases, path.suffix)))
    return path


@pytest.mark.parametrize("ending", ENDINGS)
def test_every_field_comes_back(tmp_path: Path, ending: str) -> None:
    cases = [CASE, PLAIN, FORMULA]
    assert read_cases(written(tmp_path / f"cases{ending}", cases)) == cases


def test_every_column_that_is_known_is_written(tmp_path: Path) -> None:
    lines = written(tmp_path / "cases.jsonl", [CASE]).read_text("utf-8").splitlines()
    assert list(json.loads(lines[0])) == list(COLUMNS)
    with written(tmp_path / "cases.csv", [CASE]).open(encoding="utf-8-sig", newline="") as file:
        assert next(csv.reader(file)) == [names[0] for names in COLUMNS.values()]


def test_a_formula_stays_a_text(tmp_path: Path) -> None:
    with written(tmp_path / "cases.csv", [FORMULA]).open(encoding="utf-8-sig", newline="") as file:
        cells = list(csv.reader(file))[1]
    assert not any(cell.startswith(("=", "+", "-", "@")) for cell in cells)
    with opened_workbook(written(tmp_path / "cases.xlsx", [FORMULA]), streamed=False) as book:
        cell = book.worksheets[0]["B2"]
        assert (cell.value, cell.data_type, cell.quotePrefix) == ("=HYPERLINK(1)", "s", True)


@pytest.mark.parametrize("ending", [".csv", ".jsonl"])
def test_a_large_file_comes_in_parts_and_reads_no_further_than_it_must(ending: str) -> None:
    taken = []

    def many() -> list[Case]:
        for number in range(3 * PART):
            taken.append(number)
            yield Case(Suggestion(id=str(number), title="修路"), leads=("交通局",))

    parts = case_file(many(), ending)
    next(parts)
    assert len(taken) <= PART
    assert len(list(parts)) >= 2


@pytest.mark.parametrize("ending", ENDINGS)
def test_no_cases_are_a_file_too(ending: str) -> None:
    content = b"".join(case_file([], ending))
    assert bool(content) == (ending != ".jsonl")


def test_a_workbook_cuts_no_text() -> None:
    long = Case(Suggestion(id="7", text="长" * (LONGEST_CELL + 1)), leads=("交通局",))
    with pytest.raises(InputError, match=r"'7': text has 32,768 characters.* csv or jsonl"):
        next(case_file([long], ".xlsx"))


def test_only_the_known_endings() -> None:
    with pytest.raises(InputError, match=r"'\.xls' cannot be written; allowed are \.jsonl"):
        case_file([], ".xls")


WORDS = st.text(st.sampled_from(string.printable + "路灯，。“”=+@' \u2028\x85🚧"), max_size=30).map(str.strip)
NAMES = st.lists(st.text("甲乙丙局科", min_size=1, max_size=4), unique=True, max_size=3).map(tuple)


@settings(max_examples=150, deadline=None)
@given(
    title=WORDS, text=WORDS, leads=NAMES, proposers=NAMES, day=st.none() | st.dates(), ending=st.sampled_from(ENDINGS)
)
def test_whatever_a_case_holds_comes_back(
    tmp_path_factory: pytest.TempPathFactory,
    title: str,
    text: str,
    leads: tuple[str, ...],
    proposers: tuple[str, ...],
    day: Date | None,
    ending: str,
) -> None:
    case = Case(Suggestion(id="1", title=title or "题", text=text, proposers=proposers, date=day), leads or ("甲局",))
    path = tmp_path_factory.mktemp("cases") / f"cases{ending}"
    (found,) = read_cases(written(path, [case]))
    if ending == ".xlsx":  # a workbook knows one kind of line end and no control characters
        assert (found.leads, found.suggestion.proposers, found.suggestion.date) == (case.leads, proposers, day)
    else:
        assert found == case
