"""The calibration: what ships is whole, comes back from its JSON, and nothing hostile gets through."""

from __future__ import annotations

import base64
import io
import json
import zipfile
import zlib
from typing import Any

import numpy as np
import pytest

from triage.bundle import pack_arrays
from triage.duplicates.calibration import LARGEST, Calibration, shipped
from triage.duplicates.grams import BUCKETS
from triage.duplicates.sketch import MEANING

NAME = next(name for name in shipped() if name)
GOOD: dict[str, Any] = shipped()[NAME].to_json()


def packed(**arrays: Any) -> str:
    return base64.b64encode(zlib.compress(pack_arrays(arrays))).decode()


def small(size: int = 8, **changed: Any) -> str:
    arrays = {
        "counts": np.zeros(BUCKETS, np.uint16),
        "directions": np.zeros((size, MEANING), np.float16),
        "metric": np.zeros((size, 4), np.float16),
    }
    return packed(**{name: array for name, array in (arrays | changed).items() if array is not None})


def test_two_ship_with_a_sentence_encoder_and_one_without() -> None:
    assert len(shipped()) == 3
    assert shipped()[""].dimension == 0
    assert all(shipped()[name].dimension > 0 for name in shipped() if name)
    for name, calibration in shipped().items():
        assert calibration.encoder == name
        assert calibration.rarity.texts > 500
        assert calibration.rarity.weights.min() > 0


@pytest.mark.parametrize("name", ["", NAME])
def test_a_calibration_comes_back_from_its_json_to_the_last_digit(name: str) -> None:
    made = shipped()[name]
    written = json.dumps(made.to_json())
    back = Calibration.from_json(json.loads(written))
    assert json.dumps(back.to_json()) == written
    assert np.array_equal(back.rarity.weights, made.rarity.weights)
    assert np.array_equal(back.grader.weights, made.grader.weights)
    for part in ("directions", "metric"):
        one, other = getattr(back, part), getattr(made, part)
        assert one is other is None or np.array_equal(one, other)


def test_what_an_earlier_version_learned_is_refused() -> None:
    with pytest.raises(ValueError, match="mean nothing here: centres"):
        Calibration.from_json({**GOOD, "arrays": small(centres=np.zeros((2, 8), np.float32))})
    weights = {grade: {**row, "matter*length": 1.0} for grade, row in GOOD["weights"].items()}
    with pytest.raises(ValueError, match=r"other terms: matter\*length"):
        Calibration.from_json({**GOOD, "weights": weights})


def test_nearness_is_the_cosine_before_and_after_the_turn() -> None:
    metric = np.array([[2, 0], [0, 1]], np.float16)
    made = Calibration.from_json({**GOOD, "arrays": small(2, metric=metric)})
    one = np.array([0.6, 0.8], np.float32)
    others = np.array([[0.6, 0.8], [0.8, -0.6], [0, 0]], np.float32)
    found = made.nearness(one, others, 3)
    assert found[:, 0] == pytest.approx([1, 0, 0], abs=1e-6)
    turned = (1.2 * 1.6 - 0.8 * 0.6) / (np.hypot(1.2, 0.8) * np.hypot(1.6, 0.6))
    assert found[:, 1] == pytest.approx([1, turned, 0], abs=1e-6)
    assert not made.nearness(None, others, 3).any()
    assert not made.nearness(one, None, 2).any()


def bomb() -> str:
    """Little that unpacks to a lot."""
    return base64.b64encode(zlib.compress(bytes(LARGEST * 8), 9)).decode()


def bomb_within() -> str:
    """An archive that is small, and whose only array is not."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        entry = io.BytesIO()
        np.lib.format.write_array(entry, np.zeros(LARGEST, np.uint8), allow_pickle=False)
        archive.writestr("counts.npy", entry.getvalue())
    return base64.b64encode(zlib.compress(buffer.getvalue())).decode()


def claims(shape: tuple[int, ...]) -> str:
    """An array whose header claims more than there is."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        entry = io.BytesIO()
        np.lib.format.write_array_header_1_0(entry, {"descr": "<u2", "fortran_order": False, "shape": shape})
        archive.writestr("counts.npy", entry.getvalue())
    return base64.b64encode(zlib.compress(buffer.getvalue())).decode()


def pickled() -> str:
    buffer = io.BytesIO()
    np.savez(buffer, counts=np.array([{"a": 1}], object))
    return base64.b64encode(zlib.compress(buffer.getvalue())).decode()


@pytest.mark.parametrize(
    "arrays",
    [
        None,
        3,
        "",
        "不是",
        "AAAA",
        GOOD["arrays"][:-400],
        GOOD["arrays"][:300],
        GOOD["arrays"][400:],
        base64.b64encode(b"PK\x03\x04" * 40).decode(),
        base64.b64encode(zlib.compress(b"PK\x03\x04" * 40)).decode(),
        pytest.param(bomb, id="bomb"),
        pytest.param(bomb_within, id="bomb within"),
        pytest.param(lambda: claims((1 << 40,)), id="claims much"),
        pytest.param(lambda: claims((1 << 62, 1 << 62)), id="claims more than can be counted"),
        pytest.param(lambda: claims((-1,)), id="claims less than nothing"),
        pytest.param(pickled, id="pickled"),
        packed(other=np.zeros(3)),
        small(counts=np.zeros(4, np.uint16)),
        small(counts=np.full(BUCKETS, np.nan)),
        small(directions=None),
        small(metric=None),
        small(metric=np.zeros((9, 4), np.float16)),
        small(metric=np.zeros(8, np.float16)),
        small(directions=np.zeros((8, MEANING - 1), np.float16)),
        small(metric=np.full((8, 4), np.inf, np.float16)),
        small(directions=np.full((8, MEANING), np.nan, np.float16)),
        small(metric=np.array([["a"] * 4] * 8)),
        small(0),
    ],
)
def test_arrays_that_do_not_fit_are_refused(arrays: Any) -> None:
    with pytest.raises((KeyError, TypeError, ValueError)):
        Calibration.from_json({**GOOD, "arrays": arrays() if callable(arrays) else arrays})


@pytest.mark.parametrize(
    "changed",
    [
        {"encoder": None},
        {"encoder": 3},
        {"texts": "many"},
        {"texts": -5},
        {"texts": 0},
        {"texts": float("inf")},
        {"texts": float("nan")},
        {"weights": None},
        {"weights": []},
        {"weights": {}},
        {"weights": {"related": {}, "same matter": {}, "rewritten": {"constant": "x"}}},
        {"weights": {"related": {}, "same matter": {}, "rewritten": {"constant": float("nan")}}},
        {"weights": {"related": {}, "same matter": {}, "rewritten": 1}},
    ],
)
def test_fields_that_do_not_fit_are_refused(changed: dict[str, Any]) -> None:
    with pytest.raises((KeyError, TypeError, ValueError)):
        Calibration.from_json({**GOOD, **changed})
    for field in changed:
        with pytest.raises((KeyError, TypeError, ValueError)):
            Calibration.from_json({name: value for name, value in GOOD.items() if name != field})
