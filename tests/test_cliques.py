"""Groups in which every pair holds: against networkx and scipy, for chains, gaps, order, size and bad input."""

from __future__ import annotations

import itertools
import random
import time
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform

from triage.duplicates.cliques import FIRST_QUESTIONS, cliques
from triage.errors import InputError

Edge = tuple[int, int, float]
Pair = tuple[int, int]


@pytest.fixture(scope="module")
def nx() -> Any:
    return pytest.importorskip("networkx")


def weights(edges: Sequence[Edge]) -> dict[Pair, float]:
    """The probability of each pair: the lowest that was given."""
    found: dict[Pair, float] = {}
    for i, j, probability in edges:
        if i != j:
            key = (min(i, j), max(i, j))
            found[key] = min(probability, found.get(key, 1.0))
    return found


def all_groups(count: int, groups: Sequence[Sequence[int]]) -> list[list[int]]:
    """The groups and every node that is in none, as a group of one."""
    inside = {node for group in groups for node in group}
    return [*(list(group) for group in groups), *([node] for node in range(count) if node not in inside)]


@st.composite
def graphs(draw: st.DrawFn) -> tuple[int, list[Edge]]:
    count = draw(st.integers(2, 14))
    node = st.integers(0, count - 1)
    probability = st.sampled_from([0.0, 0.3, 0.49, 0.5, 0.51, 0.7, 0.9, 1.0]) | st.floats(0, 1)
    return count, draw(st.lists(st.tuples(node, node, probability), max_size=60))


def is_clique(nx: Any, graph: Any, nodes: Sequence[int]) -> bool:
    return all(graph.has_edge(i, j) for i, j in itertools.combinations(nodes, 2))


@given(graph=graphs(), threshold=st.sampled_from([0.3, 0.5, 0.9]))
def test_groups_are_cliques_and_no_two_could_be_joined(
    nx: Any, graph: tuple[int, list[Edge]], threshold: float
) -> None:
    count, edges = graph
    groups = cliques(count, edges, threshold=threshold)
    likely = nx.Graph()
    likely.add_nodes_from(range(count))
    likely.add_edges_from(pair for pair, probability in weights(edges).items() if probability >= threshold)
    cliques_of_networkx = [set(clique) for clique in nx.find_cliques(likely)]
    everything = all_groups(count, groups)
    assert sorted(itertools.chain(*everything)) == list(range(count)), "every node stands in one group"
    for group in groups:
        assert len(group) >= 2
        assert any(set(group) <= clique for clique in cliques_of_networkx)
    for one, other in itertools.combinations(everything, 2):
        union = set(one) | set(other)
        assert not any(union <= clique for clique in cliques_of_networkx)


@given(count=st.integers(2, 12), seed=st.integers(0, 10_000), threshold=st.floats(0.05, 0.95))
def test_it_is_complete_linkage_as_scipy_has_it(count: int, seed: int, threshold: float) -> None:
    chance = random.Random(seed)
    pairs = list(itertools.combinations(range(count), 2))
    different = chance.sample(range(1, 100_000), len(pairs))  # no ties: scipy breaks them its own way
    edges = [(i, j, value / 100_000) for (i, j), value in zip(pairs, different, strict=True)]
    likeness = np.eye(count)
    for i, j, probability in edges:
        likeness[i, j] = likeness[j, i] = probability
    labels = fcluster(linkage(squareform(1 - likeness), "complete"), 1 - threshold, "distance")
    expected = [sorted(np.flatnonzero(labels == label).tolist()) for label in set(labels)]
    assert sorted(all_groups(count, cliques(count, edges, threshold=threshold))) == sorted(expected)


@given(graph=graphs(), seed=st.integers(0, 1000))
def test_the_order_of_the_edges_does_not_matter(graph: tuple[int, list[Edge]], seed: int) -> None:
    count, edges = graph
    chance = random.Random(seed)
    turned = [(j, i, probability) if chance.random() < 0.5 else (i, j, probability) for i, j, probability in edges]
    chance.shuffle(turned)
    assert cliques(count, turned) == cliques(count, edges)


@given(count=st.integers(2, 12), seed=st.integers(0, 10_000))
def test_the_numbering_of_the_nodes_does_not_matter_where_nothing_ties(count: int, seed: int) -> None:
    chance = random.Random(seed)
    pairs = [pair for pair in itertools.combinations(range(count), 2) if chance.random() < 0.7]
    values = chance.sample(range(1, 100_000), len(pairs))
    edges = [(i, j, value / 100_000) for (i, j), value in zip(pairs, values, strict=True)]
    name = chance.sample(range(count), count)
    renamed = cliques(count, [(name[i], name[j], probability) for i, j, probability in edges])
    assert {frozenset(group) for group in renamed} == {
        frozenset(name[node] for node in group) for group in cliques(count, edges)
    }


@given(graph=graphs(), seed=st.integers(0, 1000))
def test_missing_pairs_that_are_asked_for_count_like_given_ones(
    nx: Any, graph: tuple[int, list[Edge]], seed: int
) -> None:
    count, edges = graph
    chance = random.Random(seed)
    truth = {pair: chance.choice([0.2, 0.6, 0.8]) for pair in itertools.combinations(range(count), 2)}
    truth.update(weights(edges))
    asked: list[Pair] = []

    def score(pairs: Sequence[Pair]) -> list[float]:
        asked.extend(pairs)
        return [truth[pair] for pair in pairs]

    groups = cliques(count, edges, score)
    given_pairs = weights(edges)
    assert not set(asked) & set(given_pairs), "what is known is not asked for"
    assert len(asked) == len(set(asked)), "nothing is asked for twice"
    likely = nx.Graph([pair for pair, probability in truth.items() if probability >= 0.5])
    assert all(is_clique(nx, likely, group) for group in groups)
    for one, other in itertools.combinations(all_groups(count, groups), 2):
        across = [(min(i, j), max(i, j)) for i in one for j in other]
        if any(given_pairs.get(pair, 0.0) >= 0.5 for pair in across):
            assert not all(truth[pair] >= 0.5 for pair in across)


@given(count=st.integers(2, 12), seed=st.integers(0, 10_000))
def test_a_graph_with_gaps_and_answers_gives_what_the_whole_graph_gives(count: int, seed: int) -> None:
    chance = random.Random(seed)
    pairs = list(itertools.combinations(range(count), 2))
    values = [value / 1000 for value in chance.sample(range(1, 1000), len(pairs))]
    truth = dict(zip(pairs, values, strict=True))
    whole = [(i, j, probability) for (i, j), probability in truth.items()]
    # A search that missed only pairs that are less likely than all it returned.
    kept = sorted(whole, key=lambda edge: -edge[2])[: len(whole) // 2 + 1]
    weakest = kept[-1][2]
    found = cliques(count, kept, lambda asked: [truth[pair] for pair in asked], threshold=max(weakest, 0.01))
    assert found == cliques(count, whole, threshold=max(weakest, 0.01))


@pytest.mark.parametrize("length", [3, 4, 10, 101])
def test_a_chain_is_never_one_group(length: int) -> None:
    groups = cliques(length, [(i, i + 1, 0.99) for i in range(length - 1)])
    assert groups == [[i, i + 1] for i in range(0, length - 1, 2)]


def test_of_three_the_strongest_pair_stays_together() -> None:
    assert cliques(3, [(0, 1, 0.8), (1, 2, 0.9), (0, 2, 0.1)]) == [[1, 2]]
    assert cliques(3, [(0, 1, 0.8), (1, 2, 0.9)]) == [[1, 2]]
    assert cliques(3, [(0, 1, 0.8), (1, 2, 0.9)], lambda pairs: [0.6] * len(pairs)) == [[0, 1, 2]]
    assert cliques(3, [(0, 1, 0.8), (1, 2, 0.9)], lambda pairs: [0.4] * len(pairs)) == [[1, 2]]


def test_a_tie_goes_to_the_lowest_index() -> None:
    assert cliques(3, [(1, 2, 0.9), (0, 1, 0.9)]) == [[0, 1]]


def test_a_pair_given_twice_counts_with_the_lower_probability() -> None:
    assert cliques(2, [(0, 1, 0.9), (1, 0, 0.4)]) == []
    assert cliques(2, [(0, 1, 0.9), (1, 0, 0.5)]) == [[0, 1]]


def test_nothing_gives_nothing() -> None:
    assert cliques(0, []) == []
    assert cliques(5, []) == []
    assert cliques(5, [(2, 2, 1.0)]) == []
    assert cliques(5, [(1, 2, 0.2)], lambda pairs: [1.0] * len(pairs)) == []


def test_two_that_cannot_join_cost_few_questions() -> None:
    """Two large groups with one wrong pair between them: the first answers settle it."""
    size = 60
    halves = (range(size), range(size, 2 * size))
    edges = [(i, j, 0.9) for half in halves for i, j in itertools.combinations(half, 2)] + [(0, size, 0.8)]
    asked: list[Pair] = []

    def score(pairs: Sequence[Pair]) -> list[float]:
        asked.extend(pairs)
        return [0.1] * len(pairs)

    assert cliques(2 * size, edges, score) == [list(half) for half in halves]
    assert len(asked) <= FIRST_QUESTIONS


@pytest.mark.parametrize(
    ("edges", "message"),
    [
        ([(0, 3, 0.9)], "node 3; allowed are whole numbers from 0 to 2"),
        ([(-1, 2, 0.9)], "node -1"),
        ([(0, 1, 1.5)], r"probability 1\.5; allowed is 0 to 1"),
        ([(0, 1, float("nan"))], "probability nan"),
    ],
)
def test_bad_edges_are_named(edges: list[Edge], message: str) -> None:
    with pytest.raises(InputError, match=message):
        cliques(3, edges)


@pytest.mark.parametrize("threshold", [0.0, -1.0, 1.1, float("nan")])
def test_bad_thresholds_are_named(threshold: float) -> None:
    with pytest.raises(InputError, match="threshold"):
        cliques(2, [(0, 1, 0.9)], threshold=threshold)


def test_bad_answers_are_named() -> None:
    chain = [(0, 1, 0.9), (1, 2, 0.8)]
    with pytest.raises(InputError, match="asked for 1 pairs and answered 2"):
        cliques(3, chain, lambda pairs: [0.9] * (len(pairs) + 1))
    with pytest.raises(InputError, match=r"score\(\) has the probability 7"):
        cliques(3, chain, lambda pairs: [7.0] * len(pairs))


def neighbours(count: int, each: int, seed: int, group: int) -> list[Edge]:
    """A nearest-neighbour graph: texts come in groups, and most of what is found is of the own group."""
    chance = np.random.default_rng(seed)
    one = np.repeat(np.arange(count), each)
    own = (one // group) * group + chance.integers(0, group, len(one))
    other = np.where(chance.random(len(one)) < 0.6, np.minimum(own, count - 1), chance.integers(0, count, len(one)))
    return list(zip(one.tolist(), other.tolist(), chance.random(len(one)).tolist(), strict=True))


@pytest.mark.parametrize("asks", [False, True], ids=["alone", "asking"])
def test_fifty_thousand_texts_and_half_a_million_pairs_take_seconds(asks: bool) -> None:
    count = 50_000
    edges = neighbours(count, 10, 7, 5)
    started = time.perf_counter()
    groups = cliques(count, edges, (lambda pairs: [0.3] * len(pairs)) if asks else None)
    assert time.perf_counter() - started < 60  # some 5 seconds on a quiet machine
    known = weights(edges)
    assert len(groups) > 5000
    assert all(known[pair] >= 0.5 for group in groups for pair in itertools.combinations(group, 2))


def test_a_thousand_identical_texts_of_which_the_search_returned_some() -> None:
    count = 1000
    edges = [(i, (i + step) % count, 1.0) for i in range(count) for step in range(1, 21)]
    assert cliques(count, edges, lambda pairs: [1.0] * len(pairs)) == [list(range(count))]
    alone = cliques(count, edges)
    assert sum(map(len, alone)) == count
    assert all((j - i) % count <= 20 or (i - j) % count <= 20 for group in alone for i in group for j in group)
