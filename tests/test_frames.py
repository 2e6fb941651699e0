"""Frames: what pandas holds is read as a file would be, and comes back the same."""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage import Case, InputError, Suggestion, Triager
from triage.datasets import COLUMNS, read_cases, read_suggestions
from triage.frames import (
    cases_from_frame,
    frame_from_answers,
    frame_from_cases,
    suggestions_from_frame,
    unit_frame_from_answers,
)

ROOT = Path(__file__).resolve().parent.parent
CASES = ROOT / "examples" / "cases.csv"

WORDS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12).map(str.strip)
NAMES = WORDS.filter(lambda name: name and not set(name) & set(";；"))
SEVERAL = st.lists(NAMES, max_size=3, unique=True).map(tuple)


@st.composite
def histories(draw: st.DrawFn) -> list[Case]:
    cases = []
    for identifier in draw(st.lists(NAMES, max_size=5, unique=True)):
        title, text = draw(WORDS), draw(WORDS)
        suggestion = Suggestion(
            id=identifier,
            title=title if title or text else "路灯",
            text=text,
            source=draw(WORDS),
            session=draw(WORDS),
            date=draw(st.none() | st.dates()),
            proposers=draw(SEVERAL),
            wish=draw(WORDS),
            confidential=draw(st.booleans()),
        )
        leads = draw(SEVERAL)
        co = tuple(unit for unit in draw(SEVERAL) if unit not in leads)
        known = Case(suggestion, leads, co, draw(SEVERAL), draw(WORDS), draw(WORDS))
        days = draw(st.none() | st.dates()), draw(st.none() | st.dates())
        cases.append(
            replace(
                known,
                returned=draw(SEVERAL),
                handed_out=days[0],
                replied=days[1],
                area=draw(WORDS),
                level=draw(WORDS),
            )
        )
    return cases


@given(histories(), st.booleans(), st.booleans())
def test_cases_come_back_from_a_frame(cases: list[Case], chinese: bool, joined: bool) -> None:
    frame = frame_from_cases(cases, chinese=chinese, joined=joined)
    assert len(frame) == len(cases)
    again = cases_from_frame(frame, required=())
    assert again == cases
    pd.testing.assert_frame_equal(frame_from_cases(again, chinese=chinese, joined=joined), frame)


@given(histories())
def test_missing_values_are_empty_cells(cases: list[Case]) -> None:
    frame = frame_from_cases(cases, joined=True).astype(object)
    for hole in (np.nan, None, pd.NA):
        holed = frame.map(lambda value, hole=hole: hole if isinstance(value, str) and not value else value)
        assert cases_from_frame(holed, required=()) == cases


def test_every_column_stands_in_the_frame() -> None:
    empty = frame_from_cases([])
    assert tuple(empty.columns) == tuple(COLUMNS)
    assert tuple(frame_from_cases([], chinese=True).columns) == tuple(names[0] for names in COLUMNS.values())
    assert all(empty[column].dtype.kind == "M" for column in ("date", "handed_out", "replied"))
    assert empty["confidential"].dtype == bool
    assert cases_from_frame(empty) == []


@pytest.mark.parametrize("how", [{}, {"dtype": str}, {"keep_default_na": False}, {"parse_dates": ["date"]}])
def test_a_frame_of_a_file_is_read_as_the_file(how: dict[str, Any]) -> None:
    assert cases_from_frame(pd.read_csv(CASES, **how)) == read_cases(CASES)


def test_suggestions_are_read_as_of_a_file() -> None:
    path = ROOT / "examples" / "suggestions.csv"
    assert suggestions_from_frame(pd.read_csv(path)) == read_suggestions(path)


def test_what_is_written_to_a_file_is_read_by_both(tmp_path: Path) -> None:
    cases = read_cases(CASES)
    frame_from_cases(cases, chinese=True, joined=True).to_csv(tmp_path / "a.csv", index=False)
    frame_from_cases(cases, joined=True).to_excel(tmp_path / "a.xlsx", index=False)
    assert read_cases(tmp_path / "a.csv") == cases
    assert read_cases(tmp_path / "a.xlsx") == cases


@pytest.mark.parametrize(
    "told",
    [
        "2024-03-01",
        "2024年3月1日",
        date(2024, 3, 1),
        datetime(2024, 3, 1, 23, 59, tzinfo=UTC),
        pd.Timestamp("2024-03-01 08:00", tz="Asia/Shanghai"),
        np.datetime64("2024-03-01"),
        np.datetime64("2024-03-01T23:59:59", "ns"),
        20240301,
        20240301.0,
    ],
)
def test_dates_in_every_form(told: Any) -> None:
    frame = pd.DataFrame({"title": ["路灯"], "date": pd.Series([told], dtype=object)})
    assert suggestions_from_frame(frame)[0].date == date(2024, 3, 1)


@pytest.mark.parametrize("hole", [None, np.nan, pd.NaT, pd.NA, np.datetime64("NaT"), "", Decimal("nan")])
def test_no_date_in_every_form(hole: Any) -> None:
    frame = pd.DataFrame({"title": ["路灯"], "date": pd.Series([hole], dtype=object)})
    assert suggestions_from_frame(frame)[0].date is None


@pytest.mark.parametrize(
    "told",
    [
        "城管局; 公安局；城管局",
        ["城管局", "公安局", None],
        ("城管局", "公安局"),
        np.array(["城管局", "公安局"]),
        pd.Series(["城管局", "公安局"]),
        pd.Categorical(["城管局", "公安局"]),
        ["城管局;公安局"],
    ],
)
def test_several_units_in_every_form(told: Any) -> None:
    frame = pd.DataFrame({"title": ["路灯"], "lead": pd.Series([None], dtype=object)})
    frame.at[0, "lead"] = told
    assert cases_from_frame(frame)[0].leads == ("城管局", "公安局")


def test_a_set_has_an_order() -> None:
    frame = pd.DataFrame({"title": ["路灯"], "co": [{"乙局", "甲局", "丙局"}], "lead": ["丁局"]})
    assert cases_from_frame(frame)[0].co == tuple(sorted(("乙局", "甲局", "丙局")))


def test_numbers_are_ids_without_a_point() -> None:
    for ids in ([1, 2], [1.0, 2.0], np.array([1, 2], "int64"), pd.array([1, 2], "Int64"), pd.Categorical([1, 2])):
        frame = pd.DataFrame({"编号": ids, "标题": ["路灯", "井盖"]})
        assert [suggestion.id for suggestion in suggestions_from_frame(frame)] == ["1", "2"]
    gap = suggestions_from_frame(pd.DataFrame({"id": [7, np.nan], "title": ["路灯", "井盖"]}))
    assert [suggestion.id for suggestion in gap] == ["7", "row-1"]


def test_flags_in_every_form() -> None:
    for told in (["是", ""], [True, False], [1, 0], pd.array([True, None], "boolean"), [np.True_, None]):
        frame = pd.DataFrame({"title": ["路灯", "井盖"], "保密": told})
        assert [suggestion.confidential for suggestion in suggestions_from_frame(frame)] == [True, False]


def test_the_index_names_the_rows() -> None:
    frame = pd.DataFrame({"title": ["路灯", "井盖"]}, index=["甲", "乙"])
    assert [suggestion.id for suggestion in suggestions_from_frame(frame)] == ["row-甲", "row-乙"]
    frame.index.name = "编号"
    assert [suggestion.id for suggestion in suggestions_from_frame(frame)] == ["甲", "乙"]
    frame["id"] = ["1", "2"]
    assert [suggestion.id for suggestion in suggestions_from_frame(frame)] == ["1", "2"]


def test_the_callers_frame_is_left_as_it_is() -> None:
    frame = pd.read_csv(CASES)
    before = frame.copy()
    cases_from_frame(frame)
    pd.testing.assert_frame_equal(frame, before)


def bad(**columns: Any) -> pd.DataFrame:
    return pd.DataFrame({name: pd.Series(values, index=["甲", "乙"], dtype=object) for name, values in columns.items()})


@pytest.mark.parametrize(
    ("frame", "told"),
    [
        ([1], "frame: list where a pandas DataFrame is expected"),
        (bad(title=["路灯", "井盖"]), r"frame: column lead \(主办单位\) is missing"),
        (bad(lead=["城管局", "城管局"]), r"frame: neither a column title \(标题\) nor text \(正文\)"),
        (pd.DataFrame({"a": []}), r"frame: column lead \(主办单位\) is missing"),
        (bad(title=["路灯", "井盖"], lead=["城管局", None]), r"row '乙': lead \(主办单位\) is empty"),
        (bad(title=["路灯", None], lead=["城管局"] * 2), "row '乙': title and text are both empty"),
        (bad(title=["路灯", "井盖"], lead=["城管局"] * 2, id=[5, "5"]), "row '乙': id '5' already stands in row '甲'"),
        (bad(title=["路灯", "井盖"], lead=["城管局"] * 2, date=[None, "昨天"]), r"row '乙': date \(日期\) is '昨天'"),
        (bad(title=["路灯", "井盖"], lead=["城管局"] * 2, 保密=[None, "也许"]), r"row '乙': confidential \(保密\) is"),
        (bad(title=["路灯", "井盖"], 标题=["路灯", "井盖"], lead=["城管局"] * 2), r"frame: two columns mean title"),
        (bad(title=["路灯", ["井", "盖"]], lead=["城管局"] * 2), "row '乙': title is list; text, a number, a date is"),
        (bad(title=["路灯", b"x"], lead=["城管局"] * 2), "row '乙': title is bytes"),
        (bad(title=["路灯", "井盖"], lead=["城管局", {"a": 1}]), "row '乙': lead is dict; .* or a list of texts"),
        (bad(title=["路灯", "井盖"], lead=["城管局", ["a", {}]]), "row '乙': a part of lead is dict"),
        (
            bad(title=["路灯", "长" * 1_000_001], lead=["城管局"] * 2),
            "row '乙': column title holds 1,000,001 characters",
        ),
    ],
)
def test_bad_frames_are_told_by_row(frame: Any, told: str) -> None:
    with pytest.raises(InputError, match=f"^{told}"):
        cases_from_frame(frame)


def test_headers_that_stand_twice_or_in_levels() -> None:
    twice = pd.DataFrame([["路灯", "井盖", "城管局"]], columns=["title", "title", "lead"])
    with pytest.raises(InputError, match="column 'title' stands there twice"):
        cases_from_frame(twice)
    levels = pd.DataFrame({("a", "title"): ["路灯"]})
    with pytest.raises(InputError, match="headers of 2 levels"):
        cases_from_frame(levels)
    strange = pd.DataFrame([["路灯", "城管局", 1, 2]], columns=["title", "lead", 3, 3])
    assert len(cases_from_frame(strange)) == 1


def test_a_label_that_comes_twice_or_is_a_text_is_told_by_position() -> None:
    frame = pd.DataFrame({"title": ["路灯", None]}, index=[0, 0])
    with pytest.raises(InputError, match=r"^row 0 \(position 1\): title"):
        suggestions_from_frame(frame)
    frame.index = ["关于路灯的建议" * 9, "关于井盖的建议" * 9]
    with pytest.raises(InputError, match=r"^row at position 1: title"):
        suggestions_from_frame(frame)


def test_answers_keep_step_with_the_frame(triager: Triager) -> None:
    frame = pd.read_csv(CASES, index_col="id").iloc[5:12]
    answers = triager.triage(suggestions_from_frame(frame))
    wide = frame_from_answers(answers, index=frame.index)
    assert wide.index.equals(frame.index)
    assert wide["id"].tolist() == frame.index.tolist()
    for row, answer in zip(wide.itertuples(), answers, strict=True):
        assert (row.decision, row.mode, row.model) == (answer.decision, answer.mode, answer.model)
        assert [row.lead_1, row.lead_5] == [answer.lead[0].unit, answer.lead[4].unit]
        assert [row.lead_1_score, row.lead_5_score] == [answer.lead[0].score, answer.lead[4].score]
        assert list(zip(row.co, row.co_scores, strict=True)) == [(one.unit, one.score) for one in answer.co]
        assert row.reasons == [reason.code for reason in answer.reasons]
    joined = frame.join(wide[["lead_1"]])
    assert (joined["lead"] == joined["lead_1"]).mean() > 0.5
    long = unit_frame_from_answers(answers)
    assert len(long) == sum(len(answer.lead) + len(answer.co) for answer in answers)
    first = long[(long["role"] == "lead") & (long["rank"] == 1)]
    assert first["unit"].tolist() == wide["lead_1"].tolist()


def test_fewer_leads_than_columns_are_missing(triager: Triager) -> None:
    answers = triager.triage([Suggestion(title="关于增设路灯的建议")])
    wide = frame_from_answers(answers, leads=12)
    assert wide.loc[0, "lead_10"]
    assert pd.isna(wide.loc[0, "lead_12"])
    assert pd.isna(wide.loc[0, "lead_12_score"])
    assert wide["lead_12_score"].dtype == float
    assert frame_from_answers([]).empty
    assert list(unit_frame_from_answers([]).columns) == ["id", "role", "rank", "unit", "score"]


def test_bad_asks_for_a_frame_of_answers(triager: Triager) -> None:
    answers = triager.triage([Suggestion(title="关于增设路灯的建议")])
    with pytest.raises(InputError, match="leads: 0"):
        frame_from_answers(answers, leads=0)
    with pytest.raises(InputError, match="index: 2 labels for 1 answers"):
        frame_from_answers(answers, index=pd.RangeIndex(2))


def test_without_pandas_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(InputError, match=r"suggestion-triage\[analysis\]"):
        frame_from_cases([])
