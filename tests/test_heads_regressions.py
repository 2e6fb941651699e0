"""The three regressions: each is a kernel ridge regression on its own kernel, and none sees a held-out group."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from triage.heads.holdout import Holdout
from triage.heads.regressions import PENALTIES, Regressions, known_rows
from triage.heads.ridge import KernelRidge
from triage.heads.similarity import Similarities

CASES, PHRASES, SHARED = 12, 7, 3


def among(seed: int, dense: bool) -> Similarities:
    chance = np.random.default_rng(seed)
    first, second = (chance.normal(size=(CASES + PHRASES, 6)) for _ in range(2))
    first, second = (points / np.linalg.norm(points, axis=1, keepdims=True) for points in (np.abs(first), second))
    lexical = (first @ first.T).astype(np.float32)
    return Similarities.of_cosines(lexical, (second @ second.T).astype(np.float32) if dense else None)


def kernels(all_rows: Similarities, rows: Any) -> dict[str, Any]:
    place = np.ix_(rows, rows)
    found = {"mixed": all_rows.kernel(rows, rows)}
    if all_rows.meaning is not None:
        found |= {"wording": all_rows.lexical[place], "meaning": all_rows.meaning[place]}
    return found


@pytest.mark.parametrize("dense", [False, True])
def test_each_learns_from_its_own_kernel(dense: bool) -> None:
    every, known = among(1, dense), np.array([0, 3, 4, 9, 12, 13, 18])
    chance = np.random.default_rng(2)
    targets, weights = chance.random((7, 5)).astype(np.float32), chance.uniform(0.3, 1, 7).astype(np.float32)
    model = Regressions().fit(every, known, targets, weights, SHARED)
    assert set(model.models_) == (set(PENALTIES) if dense else {"mixed"})
    scores = model.scores(every.of(slice(0, 4)))
    for name, kernel in kernels(every, known).items():
        wanted = targets if name == "mixed" else targets[:, :SHARED]
        alone = KernelRidge(PENALTIES[name]).fit(kernel, wanted, weights)
        np.testing.assert_allclose(model.models_[name].alpha_, alone.alpha_, atol=1e-5)
        table = {"mixed": every.kernel(slice(0, 4), known), "wording": every.lexical[:4, known]}
        if every.meaning is not None:
            table["meaning"] = every.meaning[:4, known]
        np.testing.assert_allclose(scores[name], table[name] @ alone.alpha_, atol=1e-5)


@pytest.mark.parametrize("dense", [False, True])
def test_held_out_scores_are_those_of_models_without_the_group(dense: bool) -> None:
    every = among(3, dense)
    groups = [np.array(group) for group in ([0, 5], [1], [2, 3, 11], [4], [6], [7], [8], [9], [10])]
    taught = np.array([0, 1, 2, 4, 5, 8, 10, 11])
    known = known_rows(taught, slice(CASES, CASES + PHRASES))
    assert known.tolist() == [*taught, *range(CASES, CASES + PHRASES)]
    chance = np.random.default_rng(4)
    targets = chance.random((len(known), 4)).astype(np.float32)
    weights = np.where(known < CASES, 1.0, 0.5).astype(np.float32)
    held = Holdout(groups).groups_among(taught)
    found = Regressions().fit(every, known, targets, weights, groups=held).out_of_fold(CASES, taught)
    for group in groups:
        rest = np.array([place for place, row in enumerate(known) if row not in group])
        again = Regressions().fit(every, known[rest], targets[rest], weights[rest])
        for name, scores in again.scores(every).items():
            for case in group:
                wanted = scores[case] if case in taught else np.zeros(4)
                np.testing.assert_allclose(found[name][case], wanted, atol=1e-4, err_msg=f"{name} {case}")


def test_half_floats_move_scores_by_less_than_a_thousandth() -> None:
    every, known = among(5, dense=True), np.arange(CASES + PHRASES)
    targets = np.eye(CASES + PHRASES, 4, dtype=np.float32)
    model = Regressions().fit(every, known, targets, np.ones(len(known), np.float32))
    again = Regressions.from_arrays(model.to_arrays(), known)
    assert {array.dtype for array in model.to_arrays().values()} == {np.dtype(np.float16)}
    for name, scores in model.scores(every).items():
        assert np.abs(again.scores(every)[name] - scores).max() < 0.002
    third = Regressions.from_arrays(again.to_arrays(), known)
    for name, scores in again.scores(every).items():
        np.testing.assert_array_equal(third.scores(every)[name], scores)


def test_without_meaning_only_the_mix_speaks() -> None:
    every, known = among(6, dense=True), np.arange(CASES)
    model = Regressions().fit(every, known, np.ones((CASES, 2), np.float32), np.ones(CASES, np.float32))
    seen = Similarities.of_cosines(every.lexical, None)
    assert set(model.scores(seen)) == {"mixed"}


def test_no_rows_score_nothing() -> None:
    every, none = among(7, dense=False), np.zeros(0, np.intp)
    model = Regressions().fit(every, none, np.zeros((0, 3), np.float32), np.zeros(0, np.float32))
    assert model.scores(every)["mixed"].tolist() == [[0.0] * 3] * (CASES + PHRASES)
