"""The learned metric: what tells matters apart is stretched, what does not is shrunk."""

from __future__ import annotations

import numpy as np
import pytest

from triage.learning.metric import RANK, Floats, learn_metric


def differences(chance: np.random.Generator, spread: list[float], number: int = 400) -> Floats:
    return (chance.normal(size=(number, len(spread))) * np.array(spread)).astype(np.float32)


def cosine(metric: Floats, one: list[float], other: list[float]) -> float:
    left, right = np.array(one) @ metric, np.array(other) @ metric
    return float(left @ right / np.linalg.norm(left) / np.linalg.norm(right))


def test_the_direction_that_tells_matters_apart_counts_most() -> None:
    chance = np.random.default_rng(1)
    metric = learn_metric(differences(chance, [1.0, 0.1, 0.3]), differences(chance, [0.3, 1.0, 0.3]))
    lengths = np.linalg.norm(metric, axis=1)
    assert lengths[1] == max(lengths)
    assert lengths[0] == min(lengths)
    wording, matter = [0.9, 0.3, 0.3], [0.3, 0.9, 0.3]
    plain = [0.6, 0.3, 0.3]
    assert cosine(metric, plain, wording) > cosine(metric, plain, matter)


def test_where_nothing_is_to_tell_angles_stay_as_they_are() -> None:
    chance = np.random.default_rng(2)
    metric = learn_metric(differences(chance, [0.5] * 4, 20_000), differences(chance, [0.5] * 4, 20_000))
    one, other = [0.1, 0.7, 0.5, 0.5], [0.7, 0.1, -0.5, 0.5]
    plain = float(np.dot(one, other))
    assert cosine(metric, one, other) == pytest.approx(plain, abs=0.05)


@pytest.mark.parametrize(("size", "same", "other"), [(4, 0, 0), (4, 0, 5), (4, 5, 0), (RANK + 5, 3, 3)])
def test_few_pairs_give_numbers_too(size: int, same: int, other: int) -> None:
    chance = np.random.default_rng(3)
    metric = learn_metric(differences(chance, [1.0] * size, same), differences(chance, [1.0] * size, other))
    assert metric.shape == (size, min(RANK, size))
    assert metric.dtype == np.float32
    assert np.isfinite(metric).all()
    assert np.linalg.norm(metric, axis=0).max() == pytest.approx(1, abs=1e-5)


def test_it_is_repeatable() -> None:
    made = [
        learn_metric(
            differences(np.random.default_rng(4), [1, 0.5, 0.2]), differences(np.random.default_rng(5), [1, 1, 1])
        )
        for _ in range(2)
    ]
    assert np.array_equal(*made)
