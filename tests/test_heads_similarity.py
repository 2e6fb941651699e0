"""Reference rows: likeness against naive arithmetic, to themselves and to new texts, and out of a bundle."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp

from triage import bundle
from triage.bundle import Part
from triage.errors import DamagedBundle
from triage.heads import similarity
from triage.heads.similarity import DENSE_SHARE, MEANING_SHARE, SHARPNESS, Rows, Similarities, Vectors, sharpened


def vectors(seed: int, rows: int, dense: bool = True, terms: int = 40, width: int = 8) -> Vectors:
    chance = np.random.default_rng(seed)
    lexical = chance.random((rows, terms)) * (chance.random((rows, terms)) < 0.2)
    lexical /= np.maximum(np.linalg.norm(lexical, axis=1, keepdims=True), 1e-9)
    meaning = chance.normal(size=(rows, width)) + 3.0  # bunched, as sentence vectors are
    meaning /= np.linalg.norm(meaning, axis=1, keepdims=True)
    return Vectors(sp.csr_array(lexical.astype(np.float32)), meaning.astype(np.float32) if dense else None)


def unit(matrix: Any) -> Any:
    return matrix / np.linalg.norm(matrix, axis=1, keepdims=True)


def test_the_rows_are_cases_then_duties_then_topics() -> None:
    rows = Rows(vectors(1, 10), 5, 3, 2)
    assert (rows.cases, rows.duties, rows.topics) == (slice(0, 5), slice(5, 8), slice(8, 10))
    assert len(rows) == 10
    with pytest.raises(DamagedBundle, match="10 rows, 11 announced"):
        Rows(vectors(1, 10), 5, 3, 3)


@pytest.mark.parametrize("queries", [1, 4, 5, 20])
def test_new_texts_are_compared_by_wording(queries: int) -> None:
    known, new = vectors(1, 30, dense=False), vectors(2, queries, dense=False)
    seen = Rows(known, 20, 6, 4).compare(new)
    expected = new.lexical.toarray() @ known.lexical.toarray().T
    np.testing.assert_allclose(seen.lexical, expected, atol=1e-6)
    assert seen.lexical.shape == (queries, 30)
    assert seen.meaning is None
    np.testing.assert_array_equal(seen.closeness, seen.lexical)
    np.testing.assert_array_equal(seen.kernel(slice(None), np.arange(3)), seen.lexical[:, :3])


def test_both_ways_of_comparing_say_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    rows, new = Rows(vectors(1, 30), 20, 6, 4), vectors(2, 3)
    quick = rows.compare(new)
    monkeypatch.setattr(similarity, "FEW", 0)
    np.testing.assert_allclose(rows.compare(new).lexical, quick.lexical, atol=1e-6)


@pytest.mark.parametrize(("cases", "own_mean"), [(40, True), (30, True), (29, False), (0, False)])
def test_new_texts_are_compared_by_meaning_after_centring(cases: int, own_mean: bool) -> None:
    known, new = vectors(3, cases + 12), vectors(4, 6)
    assert known.dense is not None
    assert new.dense is not None
    phrases = known.dense[cases:].mean(axis=0)
    texts = known.dense[:cases].mean(axis=0) if own_mean else phrases
    rows = np.concatenate([unit(known.dense[:cases] - texts), unit(known.dense[cases:] - phrases)])
    cosine = unit(new.dense - texts) @ rows.T
    wording = new.lexical.toarray() @ known.lexical.toarray().T

    seen = Rows(known, cases, 7, 5).compare(new)
    assert seen.meaning is not None
    np.testing.assert_allclose(seen.meaning, np.exp(SHARPNESS * (cosine - 1)), atol=1e-5)
    np.testing.assert_allclose(seen.closeness, MEANING_SHARE * cosine + (1 - MEANING_SHARE) * wording, atol=1e-5)
    mixed = DENSE_SHARE * np.exp(SHARPNESS * (cosine - 1)) + (1 - DENSE_SHARE) * wording
    some = np.array([0, 5, 11])
    np.testing.assert_allclose(seen.kernel(slice(None), some), mixed[:, some], atol=1e-5)
    np.testing.assert_allclose(seen.kernel(np.array([1, 3]), some), mixed[[1, 3]][:, some], atol=1e-5)


@pytest.mark.parametrize("dense", [True, False])
@pytest.mark.parametrize("cases", [35, 10])
def test_the_cases_are_to_themselves_as_new_texts_would_be(dense: bool, cases: int) -> None:
    known = vectors(5, cases + 9, dense)
    rows = Rows(known, cases, 5, 4)
    among = rows.compare_themselves()
    again = rows.compare(known.of(rows.cases))
    np.testing.assert_allclose(among.lexical[rows.cases], again.lexical, atol=1e-6)
    np.testing.assert_allclose(among.closeness[rows.cases], again.closeness, atol=1e-5)
    every = np.arange(len(rows))
    kernel = among.kernel(every, every)
    np.testing.assert_allclose(kernel, kernel.T, atol=1e-6)
    np.testing.assert_allclose(np.diag(kernel), 1.0, atol=1e-5)
    assert np.linalg.eigvalsh(kernel.astype(float)).min() > -1e-5
    part = among.of(slice(2, 6))
    np.testing.assert_array_equal(part.closeness, among.closeness[2:6])
    np.testing.assert_array_equal(part.kernel(slice(None), every), among.kernel(slice(2, 6), every))


def test_meaning_that_is_missing_on_one_side_is_left_out() -> None:
    with_meaning, without = Rows(vectors(1, 12), 4, 4, 4), Rows(vectors(1, 12, dense=False), 4, 4, 4)
    assert with_meaning.compare(vectors(2, 3, dense=False)).meaning is None
    assert without.compare(vectors(2, 3)).meaning is None


def test_rows_without_phrases_or_cases_can_be_compared() -> None:
    for cases, duties in ((3, 0), (0, 3), (31, 0)):
        rows = Rows(vectors(1, cases + duties), cases, duties, 0)
        seen = rows.compare(vectors(2, 2))
        assert seen.meaning is not None
        assert np.isfinite(seen.meaning).all()
    assert Rows(vectors(1, 0), 0, 0, 0).compare(vectors(2, 2)).lexical.shape == (2, 0)


def test_a_text_that_is_the_mean_of_all_is_like_none() -> None:
    known = vectors(1, 40)
    assert known.dense is not None
    mean = Vectors(known.lexical[:1], known.dense.mean(axis=0, keepdims=True))
    seen = Rows(known, 40, 0, 0).compare(mean)
    assert seen.meaning is not None
    assert np.isfinite(seen.meaning).all()


def test_the_sentence_kernel_is_one_for_the_same_and_small_for_the_opposite() -> None:
    found = sharpened(np.array([1.0, 0.0, -1.0], np.float32))
    np.testing.assert_allclose(found, [1.0, np.exp(-3.0), np.exp(-6.0)], rtol=1e-5)


@pytest.mark.parametrize("dense", [True, False])
def test_rows_out_of_a_bundle_compare_to_the_bit(tmp_path: Any, dense: bool) -> None:
    rows = Rows.from_part(Rows(vectors(6, 45, dense), 33, 8, 4).to_part())
    folder = bundle.save(tmp_path / "model", {"references": rows.to_part()}, {})
    again = Rows.from_part(bundle.load(folder).parts["references"])
    assert (again.cases, again.duties, again.topics) == (rows.cases, rows.duties, rows.topics)
    new = vectors(7, 5, dense)
    one, other = rows.compare(new), again.compare(new)
    np.testing.assert_array_equal(one.lexical, other.lexical)
    np.testing.assert_array_equal(one.closeness, other.closeness)


def test_half_floats_move_a_cosine_by_less_than_a_thousandth() -> None:
    rows = Rows(vectors(6, 45, width=384), 33, 8, 4)
    new = vectors(7, 9, width=384)
    before, after = rows.compare(new), Rows.from_part(rows.to_part()).compare(new)
    assert np.abs(before.closeness - after.closeness).max() < 0.001


@pytest.mark.parametrize("change", ["indptr", "indices", "data", "dense", "text_mean", "terms", "missing"])
def test_arrays_that_do_not_fit_each_other_are_damage(change: str) -> None:
    part = Rows(vectors(6, 12), 4, 4, 4).to_part()
    arrays, data = dict(part.arrays), dict(part.data)
    if change == "terms":
        data["terms"] = 3
    elif change == "missing":
        del arrays["indices"]
    else:
        arrays[change] = arrays[change][:-1]
    with pytest.raises(DamagedBundle, match="references"):
        Rows.from_part(Part(data, arrays))


def test_similarities_are_frozen() -> None:
    seen = Similarities.of_cosines(np.eye(2, dtype=np.float32), None)
    with pytest.raises(AttributeError):
        seen.lexical = np.zeros((2, 2), np.float32)  # type: ignore[misc]
