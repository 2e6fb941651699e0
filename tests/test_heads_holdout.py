"""What a head may see of history while it learns."""

from __future__ import annotations

from itertools import product

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from triage.heads.holdout import FOLDS, Holdout

GROUPS = st.lists(st.integers(0, 30), max_size=40).map(
    lambda labels: [np.flatnonzero(np.array(labels) == label) for label in dict.fromkeys(labels)]
)


@given(GROUPS)
def test_a_case_is_barred_from_its_own_group_and_no_other(groups: list[NDArray[np.intp]]) -> None:
    holdout = Holdout(groups)
    member = {int(case): number for number, group in enumerate(groups) for case in group}
    assert holdout.cases == len(member)
    assert holdout.barred.shape == (len(member), len(member))
    for (one, group), (other, another) in product(member.items(), repeat=2):
        assert holdout.barred[one, other] == (group == another)


@given(GROUPS)
def test_every_case_is_inside_once_and_its_group_with_it(groups: list[NDArray[np.intp]]) -> None:
    holdout = Holdout(groups)
    splits = holdout.splits()
    assert len(splits) == min(FOLDS, len(groups))
    inside = np.concatenate([inside for _, inside in splits]) if splits else np.zeros(0)
    assert sorted(inside.tolist()) == list(range(holdout.cases))
    for outside, held in splits:
        assert len(held)
        assert sorted([*outside, *held]) == list(range(holdout.cases))
        for group in groups:
            assert len(np.intersect1d(group, held)) in (0, len(group))


@given(GROUPS, st.sets(st.integers(0, 39)))
def test_groups_within_a_selection_are_places_in_it(groups: list[NDArray[np.intp]], wanted: set[int]) -> None:
    holdout = Holdout(groups)
    taught = np.array(sorted(case for case in wanted if case < holdout.cases), np.intp)
    found = holdout.groups_among(taught)
    expected = [[case for case in group.tolist() if case in wanted] for group in groups]
    assert [taught[places].tolist() for places in found] == [group for group in expected if group]


def test_no_history_has_no_folds() -> None:
    holdout = Holdout([])
    assert (holdout.cases, holdout.splits(), holdout.barred.shape) == (0, [], (0, 0))
    assert holdout.groups_among(np.zeros(0, np.intp)) == []
