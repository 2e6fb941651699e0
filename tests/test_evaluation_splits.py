"""Splits through which nothing leaks: copies found completely, time running forward, complaints that can be mended."""

from __future__ import annotations

from datetime import date as Date
from datetime import timedelta

import networkx as nx
import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st

from triage import Case, InputError, Suggestion
from triage.encoders.lexical import LexicalEncoder
from triage.learning.evaluation import by_time, copies, copy_groups, grouped_folds
from triage.learning.evaluation.copies import close_pairs
from triage.learning.train import ALIKE
from triage.text import Segmenter, prepare

ROADS = "关于修缮{place}破损道路的建议。{place}的路面坑洼多年，下雨积水，老人孩子出行不便，请尽快修缮并加装路灯。"


def texts() -> list[Suggestion]:
    """Letters of a few matters, copied with small changes, some from one copy to the next."""
    letters = [ROADS.format(place=place) for place in ("东街", "西街", "南门桥头", "北站前广场一带")]
    letters += [
        "希望中学门口设置斑马线和信号灯",
        "希望中学门口设置斑马线与信号灯",
        "希望，中学门口 设置斑马线和信号灯！",
    ]
    letters += ["公园里健身器材坏了没人修", "", "？？？", "公园里健身器材坏了没有人修", "养老院床位太少"]
    chain = "建议在河边步道增设护栏以免儿童落水并安排人员巡查"
    letters += [chain[cut:] + "请有关部门研究办理为盼"[:cut] for cut in range(0, 12, 2)]
    return [Suggestion(str(number), text=text) for number, text in enumerate(letters)]


def brute_force(suggestions: list[Suggestion]) -> list[set[int]]:
    prepared = [prepare(one) for one in suggestions]
    rows = [row for row, text in enumerate(prepared) if text.usable]
    words = [prepared[row].full for row in rows]
    matrix = LexicalEncoder(Segmenter().words).fit(words).encode(words).toarray()
    graph = nx.Graph()
    graph.add_nodes_from(range(len(suggestions)))
    near = matrix @ matrix.T >= ALIKE
    graph.add_edges_from((rows[one], rows[other]) for one, other in zip(*np.nonzero(near), strict=True))
    bare = ["".join(sign for sign in text.title + text.body if sign.isalnum()) for text in prepared]
    graph.add_edges_from((one, other) for one in rows for other in rows if bare[one] == bare[other])
    return list(nx.connected_components(graph))


def test_groups_of_copies_are_those_of_comparing_every_pair() -> None:
    suggestions = texts()
    groups = copy_groups(suggestions)
    found = [set(np.flatnonzero(groups == number).tolist()) for number in range(groups.max() + 1)]
    wanted = brute_force(suggestions)
    assert sorted(map(sorted, found)) == sorted(map(sorted, wanted))
    assert any(len(group) > 2 for group in wanted), "a chain is among the examples"
    assert len(found) < len(suggestions)


def test_groups_are_numbered_by_their_first_members_and_unreadable_texts_stand_alone() -> None:
    groups = copy_groups(texts())
    firsts = [int(np.flatnonzero(groups == number)[0]) for number in range(groups.max() + 1)]
    assert firsts == sorted(firsts)
    assert groups[4] == groups[6], "identical but for signs and blanks"
    assert (groups == groups[8]).sum() == (groups == groups[9]).sum() == 1
    assert copy_groups([]).tolist() == []
    assert copy_groups([Suggestion("1"), Suggestion("2")]).tolist() == [0, 1]


@given(st.integers(0, 10_000), st.integers(1, 40), st.sampled_from([0.2, 0.5, 0.75, 0.95]))
def test_no_close_pair_is_missed(seed: int, count: int, least: float) -> None:
    chance = np.random.default_rng(seed)
    # Few terms, of very different frequency: what the first search leaves out is much.
    dense = chance.random((count, 12)) * (chance.random((count, 12)) < np.linspace(0.9, 0.1, 12))
    dense += 0.001 * np.eye(count, 12)
    dense /= np.maximum(np.linalg.norm(dense, axis=1, keepdims=True), 1e-12)
    one, other = close_pairs(sp.csr_array(dense.astype(np.float32)), least)
    likeness = np.triu(dense @ dense.T, 1)
    found = set(zip(one.tolist(), other.tolist(), strict=True))
    surely = set(zip(*(axis.tolist() for axis in np.nonzero(likeness >= least + 1e-5)), strict=True))
    perhaps = set(zip(*(axis.tolist() for axis in np.nonzero(likeness >= least - 1e-5)), strict=True))
    assert surely <= found <= perhaps


def test_parts_of_the_search_give_what_the_whole_gives(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = copy_groups(texts()).tolist()
    monkeypatch.setattr(copies, "BLOCK", 3)
    monkeypatch.setattr(copies, "PAIRS", 2)
    assert copy_groups(texts()).tolist() == whole


# --- folds -----------------------------------------------------------------------------------------------------------


@given(st.lists(st.integers(0, 8), min_size=2, max_size=60), st.integers(2, 5), st.integers(0, 3))
def test_every_case_is_asked_once_and_no_group_straddles(numbers: list[int], folds: int, seed: int) -> None:
    groups = np.array(numbers, np.intp)
    if len(set(numbers)) < folds:
        with pytest.raises(InputError, match="cannot be divided so often"):
            grouped_folds(groups, folds, seed)
        return
    splits = grouped_folds(groups, folds, seed)
    assert len(splits) == folds
    assert sorted(np.concatenate([split.asked for split in splits]).tolist()) == list(range(len(groups)))
    for split in splits:
        assert len(split.asked)
        assert not set(groups[split.known].tolist()) & set(groups[split.asked].tolist())
        assert sorted([*split.known.tolist(), *split.asked.tolist()]) == list(range(len(groups)))
    again = grouped_folds(groups, folds, seed)
    assert all((one.asked == other.asked).all() for one, other in zip(splits, again, strict=True))


def test_folds_that_are_none_are_refused() -> None:
    with pytest.raises(InputError, match="folds: 1; at least 2"):
        grouped_folds(np.arange(9), 1)
    with pytest.raises(InputError, match="At least 2 different cases"):
        grouped_folds(np.array([0]), 2)
    with pytest.raises(InputError, match="Ask for at most 3 folds"):
        grouped_folds(np.array([0, 1, 2, 2]), 5)


# --- time ------------------------------------------------------------------------------------------------------------


def dated(*days: int | None) -> list[Case]:
    start = Date(2024, 1, 1)
    return [
        Case(Suggestion(str(number), "修路", date=None if day is None else start + timedelta(day)), ("甲局",))
        for number, day in enumerate(days)
    ]


@given(
    st.lists(st.one_of(st.none(), st.integers(0, 30)), min_size=2, max_size=40).filter(
        lambda days: len({day for day in days if day is not None}) > 1
    ),
    st.floats(0.01, 0.99),
)
def test_what_is_known_is_dated_before_everything_that_is_asked(days: list[int | None], share: float) -> None:
    cases = dated(*days)
    period = by_time(cases, share=share)
    known = [cases[row].suggestion.date for row in period.split.known]
    asked = [cases[row].suggestion.date for row in period.split.asked]
    assert known
    assert asked
    assert all(date is not None and date < period.start for date in known)
    assert all(date is not None and period.start <= date <= period.end for date in asked)
    assert [cases[row].suggestion.date for row in period.undated] == [None] * days.count(None)
    assert len(known) + len(asked) + len(period.undated) == len(cases)


def test_the_share_is_kept_where_days_allow_it() -> None:
    period = by_time(dated(*range(100)), share=0.25)
    assert (len(period.split.known), len(period.split.asked)) == (75, 25)
    assert period.start == Date(2024, 1, 1) + timedelta(75)
    assert len(by_time(dated(0, *[1] * 9), share=0.5).split.asked) == 9, "a day is never divided"


def test_the_first_asked_day_can_be_named() -> None:
    period = by_time(dated(0, 1, 2, 3), start=Date(2024, 1, 3))
    assert period.split.known.tolist() == [0, 1]
    for start in (Date(2024, 1, 1), Date(2023, 1, 1), Date(2024, 1, 5)):
        with pytest.raises(InputError, match="before it and cases from it on"):
            by_time(dated(0, 1, 2, 3), start=start)


def test_cases_that_time_cannot_divide_are_refused() -> None:
    with pytest.raises(InputError, match="none of the 2 cases has a date"):
        by_time(dated(None, None))
    with pytest.raises(InputError, match="all 3 dated cases are of 2024-01-01"):
        by_time(dated(0, 0, None, 0))
    for share in (0.0, 1.0, -1.0, float("nan")):
        with pytest.raises(InputError, match="between 0 and 1"):
            by_time(dated(0, 1), share=share)
