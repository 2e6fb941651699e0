"""The closest rows: exact against brute force, approximate against exact, and what must not break either."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from triage.duplicates.inverted import FEWEST_PROBED
from triage.duplicates.nearest import EXACT_LIMIT, NearestRows

DIMENSION = 32
LIMIT = 2000


def clustered(count: int, seed: int) -> NDArray[np.float32]:
    """Unit vectors in bunches of different size, on a manifold of few dimensions: as the vectors of texts are."""
    world, rng = np.random.default_rng(1), np.random.default_rng(seed)
    bend = world.normal(size=(8, 64)), world.normal(size=(64, DIMENSION))
    centres = world.normal(size=(200, 8))
    sizes = 1 / np.arange(1, 201)
    latent = centres[rng.choice(200, count, p=sizes / sizes.sum())] + 0.4 * rng.normal(size=(count, 8))
    vectors = np.tanh(latent @ bend[0] / 3) @ bend[1] + 0.5 * rng.normal(size=(count, DIMENSION))
    unit: NDArray[np.float32] = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    return unit


VECTORS = clustered(12_000, 2)
QUERIES = clustered(200, 3)
ROWS = np.arange(1, len(VECTORS) + 1) * 3


def brute(
    rows: NDArray[np.int64], vectors: NDArray[Any], query: NDArray[Any], k: int, allowed: set[int] | None = None
) -> list[tuple[int, float]]:
    scores = np.round((vectors.astype(np.float64) @ query.astype(np.float64)), 6)
    hits = [
        (int(row), float(score))
        for row, score in zip(rows, scores, strict=True)
        if allowed is None or int(row) in allowed
    ]
    return sorted(hits, key=lambda hit: (-hit[1], hit[0]))[:k]


def recall(found: NDArray[np.int64], wanted: NDArray[np.int64]) -> float:
    shared = [len(set(a[a >= 0]) & set(b[b >= 0])) / (b >= 0).sum() for a, b in zip(found, wanted, strict=True)]
    return float(np.mean(shared))


@pytest.fixture(scope="module")
def exact() -> NearestRows:
    nearest = NearestRows(DIMENSION)
    nearest.add(ROWS, VECTORS)
    return nearest


def made_approximate() -> NearestRows:
    nearest = NearestRows(DIMENSION, exact_limit=LIMIT)
    nearest.add(ROWS, VECTORS)
    return nearest


@pytest.fixture(scope="module")
def approximate() -> NearestRows:
    return made_approximate()


@given(data=st.data())
def test_exact_search_is_brute_force(data: st.DataObject) -> None:
    dimension = data.draw(st.integers(1, 5))
    number = st.integers(-4, 4).map(lambda n: n / 4)
    rows = np.array(data.draw(st.lists(st.integers(0, 50), unique=True, max_size=25)), np.int64)
    vectors = np.array([data.draw(st.lists(number, min_size=dimension, max_size=dimension)) for _ in rows])
    vectors = vectors.reshape(len(rows), dimension)
    query = np.array(data.draw(st.lists(number, min_size=dimension, max_size=dimension)))
    allowed = data.draw(st.none() | st.sets(st.integers(0, 60)))
    k = data.draw(st.integers(1, 8))
    nearest = NearestRows(dimension)
    cut = data.draw(st.integers(0, len(rows)))
    nearest.add(rows[:cut], vectors[:cut])
    nearest.add(rows[cut:], vectors[cut:])
    gone = data.draw(st.sets(st.sampled_from(rows.tolist()))) if len(rows) else set()
    assert nearest.remove(sorted(gone)) == len(gone)
    stay = ~np.isin(rows, sorted(gone))
    wanted = brute(rows[stay], vectors[stay], query, k, allowed)
    found, scores = nearest.search(query[None], k, None if allowed is None else sorted(allowed))
    assert found.shape == scores.shape == (1, k)
    assert found[0].tolist() == [row for row, _ in wanted] + [-1] * (k - len(wanted))
    assert scores[0, : len(wanted)].tolist() == pytest.approx([score for _, score in wanted], abs=1e-6)
    assert np.isneginf(scores[0, len(wanted) :]).all()
    assert nearest.rows().tolist() == sorted(rows[stay].tolist())


def test_the_limit_decides_by_itself(exact: NearestRows, approximate: NearestRows) -> None:
    assert EXACT_LIMIT == 100_000
    assert exact.exact
    assert exact.kind == "exact"
    assert not approximate.exact
    assert approximate.kind == "approximate"
    assert len(exact) == len(approximate) == len(VECTORS)
    assert np.array_equal(approximate.rows(), ROWS)


def test_approximate_search_finds_what_exact_search_finds(exact: NearestRows, approximate: NearestRows) -> None:
    wanted, best = exact.search(QUERIES, 10)
    found, scores = approximate.search(QUERIES, 10)
    assert recall(found, wanted) >= 0.98
    assert np.all(np.diff(scores, axis=1) <= 0)
    same = found[:, 0] == wanted[:, 0]
    assert same.mean() > 0.98
    assert np.abs(scores[same, 0] - best[same, 0]).max() < 1e-3, "half precision costs no more"


def test_it_does_not_read_everything(approximate: NearestRows) -> None:
    assert approximate._inverted is not None
    assert len(approximate._inverted.centroids) > 4 * FEWEST_PROBED


@pytest.mark.parametrize("step", [2, 40, 1500])
def test_filters_are_exact_over_few_and_good_over_many(exact: NearestRows, approximate: NearestRows, step: int) -> None:
    allowed = ROWS[::step]
    wanted, _ = exact.search(QUERIES, 10, allowed)
    found, _ = approximate.search(QUERIES, 10, allowed)
    assert np.isin(found[found >= 0], allowed).all()
    assert recall(found, wanted) >= (0.98 if step == 2 else 0.999)
    assert ((found >= 0).sum(axis=1) == min(10, len(allowed))).all()


def test_a_filter_that_lies_elsewhere(exact: NearestRows, approximate: NearestRows) -> None:
    far = ROWS[np.argsort(VECTORS @ QUERIES[0])]
    few, many = far[: LIMIT // 2], far[:3000]  # none of them anywhere near the query
    assert recall(approximate.search(QUERIES[:1], 10, few)[0], exact.search(QUERIES[:1], 10, few)[0]) >= 0.9
    found, _ = approximate.search(QUERIES[:1], 10, many)
    assert (found >= 0).all(), "the answer is filled, if not with the very best"
    assert np.isin(found, many).all()


@pytest.mark.parametrize("allowed", [[], [1, 2, 10**12]])
def test_a_filter_that_nothing_fits(exact: NearestRows, approximate: NearestRows, allowed: list[int]) -> None:
    for nearest in (exact, approximate):
        rows, scores = nearest.search(QUERIES[:2], 3, allowed)
        assert (rows == -1).all()
        assert np.isneginf(scores).all()


def test_what_is_added_is_found_and_what_is_removed_is_not() -> None:
    nearest = made_approximate()
    later = clustered(50, 4)
    nearest.add(range(100_000, 100_050), later)
    assert nearest.search(later, 1)[0][:, 0].tolist() == list(range(100_000, 100_050))
    assert nearest.remove([100_000, 100_001, 7]) == 2
    assert not set(nearest.search(later, 20)[0].ravel().tolist()) & {100_000, 100_001}
    nearest.add([100_000], later[:1])
    assert nearest.search(later[:1], 1)[0].tolist() == [[100_000]]
    assert len(nearest) == len(VECTORS) + 49


def test_it_learns_anew_when_it_has_doubled_and_gives_back_when_it_has_shrunk() -> None:
    nearest = NearestRows(DIMENSION, exact_limit=LIMIT)
    for start in range(0, len(VECTORS), 1000):
        nearest.add(ROWS[start : start + 1000], VECTORS[start : start + 1000])
        assert nearest.exact == (start + 1000 <= LIMIT)
    assert nearest._learned_at > len(VECTORS) / 2
    wanted = made_approximate().search(QUERIES, 10)[0]
    assert recall(nearest.search(QUERIES, 10)[0], wanted) >= 0.97
    nearest.remove(ROWS[900:])
    assert nearest.exact
    assert nearest.rows().tolist() == ROWS[:900].tolist()
    small = NearestRows(DIMENSION)
    small.add(ROWS[:900], VECTORS[:900])
    assert recall(nearest.search(QUERIES, 10)[0], small.search(QUERIES, 10)[0]) > 0.99  # half precision by now


def test_the_same_calls_give_the_same_hits(approximate: NearestRows) -> None:
    again = made_approximate()
    for one, other in zip(again.search(QUERIES, 10), approximate.search(QUERIES, 10), strict=True):
        assert np.array_equal(one, other)
    single = np.vstack([again.search(query[None], 10)[0] for query in QUERIES[:20]])
    assert np.array_equal(single, again.search(QUERIES[:20], 10)[0])


def test_arrays_bring_it_back(approximate: NearestRows) -> None:
    arrays = approximate.to_arrays()
    back = NearestRows.from_arrays(DIMENSION, arrays, ROWS, VECTORS, exact_limit=LIMIT)
    assert np.array_equal(back.search(QUERIES, 10)[0], approximate.search(QUERIES, 10)[0])
    assert all(np.array_equal(value, arrays[name]) for name, value in back.to_arrays().items())


def test_arrays_may_be_older_than_the_rows(approximate: NearestRows) -> None:
    rows, vectors = np.append(ROWS[500:], [99_999]), np.vstack([VECTORS[500:], QUERIES[:1]])
    back = NearestRows.from_arrays(DIMENSION, approximate.to_arrays(), rows, vectors, exact_limit=LIMIT)
    assert back.rows().tolist() == rows.tolist()
    found = back.search(QUERIES, 5)[0]
    assert found[0, 0] == 99_999
    assert not np.isin(found, ROWS[:500]).any()


def test_nothing_is_kept_of_an_exact_search(exact: NearestRows) -> None:
    assert exact.to_arrays() == {}
    back = NearestRows.from_arrays(DIMENSION, {}, ROWS, VECTORS, exact_limit=LIMIT)
    assert not back.exact


@pytest.mark.parametrize(
    ("name", "broken"),
    [
        ("centroids", np.zeros((5, DIMENSION + 1), np.float32)),
        ("centroids", np.full((300, DIMENSION), np.nan, np.float32)),
        ("lists", np.full(len(ROWS), 10**6, np.int32)),
        ("lists", np.zeros(3, np.int32)),
        ("rows", ROWS[::-1]),
        ("learned_at", np.zeros(1, np.int64)),
        ("learned_at", None),
        ("lists", None),
    ],
)
def test_arrays_that_contradict_themselves_are_refused(approximate: NearestRows, name: str, broken: Any) -> None:
    arrays = {key: value for key, value in {**approximate.to_arrays(), name: broken}.items() if value is not None}
    with pytest.raises(ValueError, match=r"saved|centroids"):
        NearestRows.from_arrays(DIMENSION, arrays, ROWS, VECTORS, exact_limit=LIMIT)


@pytest.mark.parametrize("vector", [QUERIES[0], np.zeros(DIMENSION, np.float32)], ids=["a text", "zero"])
def test_identical_vectors_break_nothing(vector: NDArray[np.float32]) -> None:
    nearest = NearestRows(DIMENSION, exact_limit=LIMIT)
    nearest.add(range(10_000), np.tile(vector, (10_000, 1)))
    nearest.add([10_001], QUERIES[1:2])
    rows, scores = nearest.search(np.stack([vector, QUERIES[1]]), 5)
    assert scores[0].tolist() == pytest.approx([float(vector @ vector)] * 5, abs=1e-3)
    assert len(set(rows[0].tolist())) == 5
    assert rows[1, 0] == 10_001
    assert nearest.search(vector[None], 2, [17, 5])[0].tolist() == [[5, 17]]
    assert nearest.remove(range(5000)) == 5000
    assert (nearest.search(vector[None], 5)[0] >= 5000).all()


def test_equal_scores_come_by_row() -> None:
    nearest = NearestRows(2)
    nearest.add([9, 4, 7, 1], np.array([[1.0, 0], [1, 0], [0, 1], [1, 0]]))
    rows, scores = nearest.search(np.array([[1.0, 0.0]]), 5)
    assert rows.tolist() == [[1, 4, 9, 7, -1]]
    assert scores.tolist() == [[1.0, 1.0, 1.0, 0.0, -np.inf]]
    assert nearest.search(np.array([[1.0, 0.0]]), 2)[0].tolist() == [[1, 4]]


def test_an_empty_index_and_an_empty_question() -> None:
    nearest = NearestRows(3)
    nearest.add([], np.zeros((0, 3)))
    assert nearest.search(np.zeros((2, 3)), 2)[0].tolist() == [[-1, -1], [-1, -1]]
    assert nearest.search(np.zeros((0, 3)), 2)[0].shape == (0, 2)
    assert nearest.remove([1]) == 0
    nearest.rebuild()
    assert len(nearest) == 0


@pytest.mark.parametrize(
    ("rows", "vectors"),
    [
        ([3], np.zeros((1, 2))),
        ([1, 1], np.zeros((2, 2))),
        ([-1], np.zeros((1, 2))),
        ([5], np.zeros((1, 3))),
        ([5], np.full((1, 2), np.inf)),
        ([5, 6], np.zeros((1, 2))),
    ],
    ids=["there", "twice", "negative", "dimension", "infinite", "count"],
)
def test_what_does_not_fit_is_refused(rows: list[int], vectors: NDArray[Any]) -> None:
    nearest = NearestRows(2)
    nearest.add([3], np.array([[1.0, 0.0]]))
    with pytest.raises(ValueError, match=r"row|vector"):
        nearest.add(rows, vectors)
    assert nearest.rows().tolist() == [3]


@pytest.mark.parametrize(("queries", "k"), [(np.zeros((1, 3)), 1), (np.zeros(2), 1), (np.zeros((1, 2)), 0)])
def test_a_question_that_does_not_fit_is_refused(queries: NDArray[Any], k: int) -> None:
    with pytest.raises(ValueError, match="queries of shape"):
        NearestRows(2).search(queries, k)
