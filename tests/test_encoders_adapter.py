"""What the default encoder learned about suggestions: added to its layers, small, and of one encoder only."""

from __future__ import annotations

import numpy as np
import pytest

from triage.encoders.adapter import Adapter, shipped
from triage.encoders.graph import Bert
from triage.errors import EncoderError

LAYER = "encoder.layer.0.output.dense"


def bert(outputs: int = 6, inputs: int = 8) -> Bert:
    chance = np.random.default_rng(1)
    weights = {
        f"{LAYER}.weight": chance.normal(size=(outputs, inputs)).astype(np.float32),
        f"{LAYER}.bias": np.zeros(outputs, np.float32),
    }
    return Bert(layers=1, heads=1, eps=1e-12, weights=weights)


def adapter() -> Adapter:
    chance = np.random.default_rng(2)
    down, up = chance.normal(size=(2, 8)).astype(np.float32), chance.normal(size=(6, 2)).astype(np.float32)
    return Adapter({LAYER: (down, up)})


def test_the_product_is_added_and_nothing_else_changes() -> None:
    before, learned = bert(), adapter()
    after = learned.merged(before)
    down, up = learned.changes[LAYER]
    assert np.allclose(after.weights[f"{LAYER}.weight"] - before.weights[f"{LAYER}.weight"], up @ down, atol=1e-5)
    assert after.weights[f"{LAYER}.bias"] is before.weights[f"{LAYER}.bias"]
    assert np.array_equal(before.weights[f"{LAYER}.weight"], bert().weights[f"{LAYER}.weight"])


def test_the_sum_has_the_same_bits_on_every_machine() -> None:
    """Rank by rank, each step rounded to single precision, as anyone can do it with a pencil."""
    chance = np.random.default_rng(3)
    down, up = (chance.normal(size=size).astype(np.float32) for size in ((16, 300), (200, 16)))
    before = bert(200, 300)
    after = Adapter({LAYER: (down, up)}).merged(before).weights[f"{LAYER}.weight"]
    for row, column in chance.integers((200, 300), size=(200, 2)):
        total = np.float32(0)
        for rank in range(16):
            total = np.float32(total + np.float32(up[row, rank] * down[rank, column]))
        assert after[row, column] == np.float32(before.weights[f"{LAYER}.weight"][row, column] + total)


def test_eight_bits_keep_what_was_learned() -> None:
    learned = adapter()
    again = Adapter.from_bytes(learned.to_bytes())
    (down, up), (down_again, up_again) = learned.changes[LAYER], again.changes[LAYER]
    product = up @ down
    assert np.abs(up_again @ down_again - product).max() < 0.02 * np.abs(product).max()
    assert again.to_bytes() == Adapter.from_bytes(again.to_bytes()).to_bytes()


def test_nothing_learned_is_nothing_added() -> None:
    silent = Adapter({LAYER: (np.zeros((2, 8), np.float32), np.zeros((6, 2), np.float32))})
    merged = Adapter.from_bytes(silent.to_bytes()).merged(bert())
    assert np.array_equal(merged.weights[f"{LAYER}.weight"], bert().weights[f"{LAYER}.weight"])


@pytest.mark.parametrize("stranger", [bert(inputs=9), bert(outputs=5), Bert(1, 1, 1e-12, {})])
def test_another_encoder_is_refused(stranger: Bert) -> None:
    with pytest.raises(EncoderError, match=r"output\.dense: the adapter was learned for another encoder"):
        adapter().merged(stranger)


def test_the_one_that_ships_is_whole_and_small() -> None:
    changes = shipped().changes
    assert {name.split(".")[2] for name in changes} == {str(number) for number in range(12)}
    assert all(np.isfinite(matrix).all() for change in changes.values() for matrix in change)
    assert all(down.shape[0] == up.shape[1] <= 16 for down, up in changes.values())
    assert len(shipped().to_bytes()) < 2_000_000
