"""The grader: probabilities that fall with the grade, and weights that a person can read."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from triage.duplicates.comparing import grade_of
from triage.duplicates.features import FEATURES
from triage.duplicates.grader import LEARNED, PRODUCTS, TERMS, Grader, chances, terms
from triage.records import Grade

WEIGHTS = arrays.arrays(np.float64, (len(LEARNED), len(TERMS)), elements=st.floats(-50, 50))
PAIRS = arrays.arrays(np.float32, (4, len(FEATURES)), elements=st.floats(-1, 1, width=32))


@given(WEIGHTS, PAIRS)
def test_a_closer_grade_is_never_likelier(weights: np.ndarray, features: np.ndarray) -> None:  # type: ignore[type-arg]
    found = Grader(weights).probabilities(features)
    assert found.shape == (4, len(LEARNED))
    assert np.isfinite(found).all()
    assert (np.diff(found, axis=1) <= 0).all()
    assert 0 <= found.min() <= found.max() <= 1
    assert np.array_equal(chances(Grader(weights).logits(features)), found)


def test_terms_are_the_constant_the_features_and_their_products() -> None:
    row = np.arange(1, len(FEATURES) + 1, dtype=np.float32)[None, :]
    found = dict(zip(TERMS, terms(row)[0].tolist(), strict=True))
    assert found["constant"] == 1
    for one, other in PRODUCTS:
        assert found[f"{one}*{other}"] == found[one] * found[other]


def test_a_sum_that_can_be_shown() -> None:
    weights = np.zeros((len(LEARNED), len(TERMS)))
    weights[:, TERMS.index("constant")] = [1.0, 1.0, -4.0]
    weights[1, TERMS.index("place_conflict")] = -3.0
    features = np.zeros((1, len(FEATURES)), np.float32)
    features[0, FEATURES.index("place_conflict")] = 1.0
    assert Grader(weights).logits(features).tolist() == [[1.0, -2.0, -4.0]]
    weights[2, TERMS.index("constant")] = 6.0
    assert Grader(weights).logits(features).tolist() == [[6.0, 6.0, 6.0]], "a copy is on the same matter"


@given(WEIGHTS)
def test_weights_come_back_from_json(weights: np.ndarray) -> None:  # type: ignore[type-arg]
    made = Grader(weights)
    back = Grader.from_dict(json.loads(json.dumps(made.to_dict())))
    assert back.weights == pytest.approx(made.weights, abs=1e-5)
    assert back.to_dict() == made.to_dict()


def test_weights_that_are_none_are_refused() -> None:
    good = Grader(np.zeros((len(LEARNED), len(TERMS)))).to_dict()
    with pytest.raises(ValueError, match="other terms"):
        Grader.from_dict({**good, "related": {}})
    with pytest.raises(ValueError, match="other terms: more"):
        Grader.from_dict({**good, "related": {**good["related"], "more": 1.0}})
    with pytest.raises(KeyError):
        Grader.from_dict({grade: row for grade, row in good.items() if grade != "related"})
    for bad in ("viel", None, float("nan"), float("inf"), [1]):
        with pytest.raises((ValueError, TypeError)):
            Grader.from_dict({**good, "related": {**good["related"], "constant": bad}})
    with pytest.raises((ValueError, TypeError)):
        Grader.from_dict({**good, "related": 3})  # type: ignore[dict-item]


@pytest.mark.parametrize(
    ("row", "grade"),
    [
        ((0.49, 0.4, 0.3), None),
        ((0.5, 0.4, 0.3), Grade.RELATED),
        ((0.9, 0.5, 0.3), Grade.SAME_MATTER),
        ((0.9, 0.9, 0.5), Grade.REWRITTEN),
    ],
)
def test_the_grade_is_the_closest_that_is_likelier_than_not(row: tuple[float, ...], grade: Grade | None) -> None:
    assert grade_of(np.array(row)) is grade
