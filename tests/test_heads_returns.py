"""The chance of a return: what it is read from, what is learned of it, and what stands in for it without records."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.catalogue import Catalogue, Unit
from triage.heads.columns import UnitColumns
from triage.heads.returns import (
    LEAST_RETURNS,
    SIGNS,
    START,
    HandOuts,
    Returns,
    led_elsewhere,
    often,
    several_matters,
    signs,
    without_place,
)
from triage.records import Suggestion
from triage.text import prepare

ONE = np.array([0], np.intp)


def seen(lead: list[float], unit: int = 0, **given_: float) -> np.ndarray[Any, Any]:
    values = {"elsewhere": 0.0, "nearest": 0.5, "placeless": False, "several": False, "often": 0.0, **given_}
    return signs(np.array([unit]), np.array([lead]), **{name: np.array([value]) for name, value in values.items()})


def hand_outs(unit: list[int], returned: list[bool]) -> HandOuts:
    rows = np.arange(len(unit))
    return HandOuts(rows, np.array(unit), np.array(returned), np.ones(len(unit), bool))


@given(st.floats(0.001, 0.999))
def test_without_records_it_is_the_chance_of_another_lead(first: float) -> None:
    known = Returns.empty(2)
    assert known.weights == START
    assert not known.learned
    for sign in ("elsewhere", "nearest", "placeless", "several"):
        risk = known.score(seen([first, 1 - first], **{sign: 1.0}))
        assert risk == pytest.approx([1 - first], abs=1e-6)


def test_the_signs_say_what_they_are_called() -> None:
    found = dict(zip(SIGNS, seen([0.3, 0.6], 0, elsewhere=0.4, nearest=0.8, placeless=1, often=0.7)[0], strict=True))
    assert found["unsure"] == pytest.approx(np.log(0.7 / 0.3))
    assert found["rivals"] == pytest.approx(np.log(2 * 0.6 / 0.9))
    assert found["alone"] == pytest.approx(0.2)
    assert (found["elsewhere"], found["placeless"], found["often"], found["constant"]) == (0.4, 1.0, 0.7, 1.0)
    assert dict(zip(SIGNS, seen([0.5, 0.5])[0], strict=True))["rivals"] == pytest.approx(0.0)


def test_a_sole_unit_has_no_rival() -> None:
    assert np.isfinite(seen([1.0])).all()


def test_precedents_of_other_leads_conflict() -> None:
    leads = np.eye(3, dtype=np.float32)[[0, 1, 1, 2]]
    near = np.array([[0.4, 0.4, 0.0, 0.1]])
    assert led_elsewhere(near, leads, ONE) == pytest.approx([0.5])  # the fourth is not near enough
    assert led_elsewhere(near, leads, np.array([1])) == pytest.approx([0.5])
    assert led_elsewhere(near * 0.1, leads, ONE) == pytest.approx([0.0])
    assert led_elsewhere(near, np.zeros_like(leads), ONE) == pytest.approx([0.0])  # nobody knows who led


def test_cases_that_are_told_count_as_cases() -> None:
    near, leads = np.array([[0.4]]), np.array([[1.0, 0.0]])
    assert led_elsewhere(near, leads, ONE, [{1: 0.4}]) == pytest.approx([0.5])
    assert led_elsewhere(np.zeros((1, 1)), leads, ONE, [{1: 0.9}]) == pytest.approx([1.0])


def test_a_missing_place_counts_where_units_repeat() -> None:
    place = Catalogue(units=tuple(Unit(name, f"{name}区教育局", duties=("学校建设",)) for name in ("东", "西")))
    columns = UnitColumns(place, place.units)
    columns.kind, columns.kinds, columns.areas = np.array([0, 0]), 1, 2
    lead, silent = np.array([[0.4, 0.3]]), np.zeros((1, 2, 5))
    assert without_place(columns, silent, lead, ONE).all()
    named = silent.copy()
    named[0, 1, 0] = 1
    assert not without_place(columns, named, lead, ONE).any()
    assert not without_place(columns, silent, np.array([[0.6, 0.3]]), ONE).any()


def test_parts_that_are_enumerated_are_counted() -> None:
    whole = "一是农房改造的手续太繁，请简化审批。二是进村的道路太窄，请拓宽两米。"
    assert several_matters(prepare(Suggestion(title="两件事", text=whole))) == 2
    assert several_matters(prepare(Suggestion(text="进村的道路太窄，请拓宽两米。"))) == 0


def test_a_rate_is_told_against_the_usual_one_and_few_cases_say_little() -> None:
    handed, returned = np.array([100.0, 100.0, 2.0, 0.0]), np.array([40.0, 5.0, 2.0, 0.0])
    rate = often(handed, returned)
    assert rate[0] > rate[2] > 0 > rate[1]
    assert rate[3] == pytest.approx(0.0)
    assert often(handed, np.zeros(4)).tolist() == [0.0] * 4


@pytest.mark.parametrize("count", [0, LEAST_RETURNS - 1])
def test_too_few_returns_teach_no_weights(count: int) -> None:
    found = hand_outs([0] * 200, [row < count for row in range(200)])
    known = Returns.learn(found, np.zeros((200, len(SIGNS))), 2)
    assert (known.weights, known.learned) == (START, False)
    assert known.returned.tolist() == [count, 0]


def test_second_hand_outs_teach_rates_and_no_weights() -> None:
    found = replace(hand_outs([0] * 200, [True] * 100 + [False] * 100), first=np.zeros(200, bool))
    assert not found.enough
    assert Returns.learn(found, np.zeros((0, len(SIGNS))), 1).handed.tolist() == [200]


def test_what_is_learned_follows_the_records() -> None:
    rng = np.random.default_rng(5)
    rows = 600
    unit = rng.integers(0, 3, rows)
    lead = rng.dirichlet((2, 2, 2), rows)
    back = rng.random(rows) < np.where(unit == 2, 0.6, 0.05)  # only who it is matters, not how sure the lead was
    found = HandOuts(np.arange(rows), unit, back, np.ones(rows, bool))
    rate = often(*found.counts(3))
    plain = {"elsewhere": np.zeros(rows), "nearest": np.full(rows, 0.5), "often": rate[unit]}
    none = np.zeros(rows, bool)
    known = Returns.learn(found, signs(unit, lead, placeless=none, several=none, **plain), 3)
    assert known.learned
    weight = dict(zip(SIGNS, known.weights, strict=True))
    assert weight["often"] > 0.5
    assert abs(weight["unsure"]) < 0.7 * START[0]
    same = [seen([1 / 3] * 3, column, often=float(rate[column])) for column in range(3)]
    risk = [float(known.score(one)[0]) for one in same]
    assert risk[2] > 3 * max(risk[:2])
    assert risk[2] == pytest.approx(0.6, abs=0.12)


def test_the_numbers_come_back_from_a_bundle() -> None:
    known = Returns(np.array([3.0, 4.0], np.float32), np.array([1.0, 0.0], np.float32), tuple(range(8)), learned=True)
    again = Returns.from_part(known.to_part())
    assert (again.weights, again.learned) == (known.weights, True)
    assert again.handed.tolist() == [3, 4]
    assert again.often(ONE) == pytest.approx(known.often(ONE))
    with pytest.raises(ValueError, match="wanted 8"):
        Returns.from_part(replace(known.to_part(), data={"weights": [1.0], "learned": True}))
