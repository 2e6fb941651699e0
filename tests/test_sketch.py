"""Search vectors: near where texts are near, and the same for ever."""

from __future__ import annotations

import numpy as np
import pytest

from triage.duplicates.calibration import shipped
from triage.duplicates.grams import BUCKETS, fold, pairs_of
from triage.duplicates.sketch import DIMENSION, MEANING, WORDING, Sketch

TEXTS = [
    "关于在河东路加装路灯的建议，河东路夜间没有路灯",
    "关于河东路安装路灯的提案，河东路夜间漆黑",
    "关于开办社区老年食堂的建议，为独居老人送餐",
    "关于整治青河排污口的建议",
]
GRAMS = [pairs_of(fold(text)) for text in TEXTS]
ALONE = shipped()[""].sketch()
BOTH = shipped()[next(name for name in shipped() if name)].sketch()


def test_rows_have_length_one_and_near_texts_are_near() -> None:
    rows = ALONE.of(GRAMS, None)
    assert rows.shape == (len(TEXTS), DIMENSION)
    assert np.linalg.norm(rows, axis=1) == pytest.approx(1, abs=1e-5)
    assert rows.dtype == np.float32
    near = rows @ rows.T
    assert near[0, 1] > max(near[0, 2], near[0, 3]) + 0.2


def test_inner_products_are_right_on_average() -> None:
    """Signed sums keep the cosine of the weighted sets (Weinberger et al. 2009), within what 384 sums allow."""
    weights = ALONE.rarity.weights
    dense = np.zeros((len(TEXTS), BUCKETS), np.float32)
    for row, grams in zip(dense, GRAMS, strict=True):
        row[grams] = weights[grams]
    dense /= np.linalg.norm(dense, axis=1, keepdims=True)
    rows = ALONE.of(GRAMS, None)
    assert rows @ rows.T == pytest.approx(dense @ dense.T, abs=0.2)


def test_meaning_and_wording_weigh_the_same() -> None:
    dimension = shipped()[next(name for name in shipped() if name)].dimension
    dense = np.random.default_rng(1).normal(size=(len(TEXTS), dimension)).astype(np.float32)
    rows = BOTH.of(GRAMS, dense)
    assert rows.shape == (len(TEXTS), DIMENSION)
    assert np.linalg.norm(rows[:, :MEANING], axis=1) == pytest.approx(np.sqrt(0.5), abs=1e-5)
    assert np.linalg.norm(rows[:, MEANING:], axis=1) == pytest.approx(np.sqrt(0.5), abs=1e-5)
    assert rows[:, MEANING:].shape[1] == WORDING
    one = BOTH.of(GRAMS[:1], dense[:1])
    assert one == pytest.approx(rows[:1], abs=1e-6)


def test_nothing_gives_nothing() -> None:
    empty = pairs_of("")
    assert not ALONE.of([empty], None).any()
    assert not BOTH.of([empty], None).any()
    assert ALONE.of([], None).shape == (0, DIMENSION)
    assert np.linalg.norm(BOTH.of(GRAMS[:1], None)) == pytest.approx(1, abs=1e-5)


def test_a_stored_vector_fits_one_that_is_made_later() -> None:
    """What these four grams become must never change: vectors of years ago stand in files."""
    sketch = Sketch(ALONE.rarity)
    places, signs = sketch._place[[0, 1, 1000, BUCKETS - 1]], sketch._sign[[0, 1, 1000, BUCKETS - 1]]
    assert list(zip(places.tolist(), signs.tolist(), strict=True)) == [(130, -1.0), (3, 1.0), (354, 1.0), (23, 1.0)]
