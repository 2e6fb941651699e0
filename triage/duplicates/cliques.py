"""Groups in which every text is like every other: complete linkage on a sparse graph of likely pairs.

Single linkage (connected parts) joins unlike ends: a like b, b like c, and a unlike c end in one group. Here two groups
are joined only when every pair across them holds, the pair of groups with the best weakest pair first (Sørensen 1948,
Lance and Williams 1967). The graph comes from a nearest-neighbour search, so pairs are missing; they are asked for only
when a join depends on them.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from triage.errors import InputError

Pair = tuple[int, int]
Score = Callable[[Sequence[Pair]], Sequence[float]]
"""Asked for pairs, lower index first, it answers with one probability each, in order."""

FIRST_QUESTIONS = 64
"""Pairs asked about two groups at first: an unlike pair mostly shows early, and the rest need not be scored."""

BATCH = 8192
"""Pairs after which one part of the graph stops collecting questions."""

_ROUNDING = 1e-6


def cliques(
    count: int, edges: Iterable[tuple[int, int, float]], score: Score | None = None, threshold: float = 0.5
) -> list[list[int]]:
    """Groups of two or more nodes in which every pair reaches the threshold, largest first.

    Nodes are 0 … count - 1; an edge is (i, j, probability that they are the same matter or closer). A pair given twice
    counts with its lower probability. A pair that is not given is asked for with `score`; without it, it is unlike. No
    two groups, and no group and single node, between which a likely pair was given could be joined.

    The order of the edges does not matter; equally good joins are made lowest index first. Each group is sorted.
    `InputError` for nodes, probabilities or a threshold out of range.
    """
    if not 0.0 < threshold <= 1.0:
        raise InputError(f"the threshold of a group is {threshold}; allowed is above 0 and up to 1")
    lower, upper, weight = _checked_edges(count, edges)
    parts = [
        _Part(*part, threshold=threshold, span=count, asks=score is not None)
        for part in _connected(count, lower, upper, weight, threshold)
    ]
    open_parts = parts
    while open_parts:
        questions = [(part, part.advance()) for part in open_parts]
        open_parts = [part for part, asked in questions if asked]
        pairs = [pair for _, asked in questions for pair in asked]
        if score is None or not pairs:
            break
        answers = iter(_checked_answers(pairs, score(pairs)))
        for part, asked in questions:
            if asked:
                part.answer(list(islice(answers, len(asked))))
    groups = [group for part in parts for group in part.groups()]
    return sorted(groups, key=lambda group: (-len(group), group))


class _Bond:
    """What is known between two groups: the weakest known pair, and how many pairs are known."""

    __slots__ = ("known", "low")

    def __init__(self, low: float, known: int) -> None:
        self.low = low
        self.known = known


class _Part:
    """One connected part of the graph. It advances on its own until it depends on pairs that nobody has scored.

    The queue is ordered by the weakest *known* pair of two groups, which can only fall when more is known: a join whose
    pairs are all known and which stands first is therefore the best of all.
    """

    def __init__(
        self, lower: list[int], upper: list[int], weight: list[float], *, threshold: float, span: int, asks: bool
    ) -> None:
        self._threshold = threshold
        self._span = span
        self._asks = asks
        self._members: dict[int, list[int]] = {node: [node] for node in (*lower, *upper)}
        self._bonds: dict[int, dict[int, _Bond]] = {node: {} for node in self._members}
        self._scored: set[int] = set()
        self._open: list[Pair] = []
        self._asked: list[list[Pair]] = []
        self._queue: list[tuple[float, int, int]] = []
        for i, j, probability in zip(lower, upper, weight, strict=True):
            self._bonds[i][j] = self._bonds[j][i] = _Bond(probability, 1)
            if asks:
                self._scored.add(i * span + j)
            if probability >= threshold:
                self._queue.append((-probability, i, j))
        heapq.heapify(self._queue)

    def groups(self) -> list[list[int]]:
        """The groups of two or more, each sorted."""
        return [sorted(members) for members in self._members.values() if len(members) > 1]

    def advance(self) -> list[Pair]:
        """Join until an open pair decides what comes next; the pairs to be scored, none when all is done."""
        wanted = 0
        while self._queue and wanted < BATCH:
            low, one, other = self._queue[0]
            bond = self._bonds[one].get(other) if one in self._members else None
            if bond is None or -low != bond.low:
                heapq.heappop(self._queue)
            elif bond.known == len(self._members[one]) * len(self._members[other]):
                if self._open:
                    break
                heapq.heappop(self._queue)
                self._join(one, other)
            else:
                heapq.heappop(self._queue)
                if self._asks:
                    self._open.append((one, other))
                    self._asked.append(list(islice(self._unscored(one, other), max(FIRST_QUESTIONS, bond.known))))
                    wanted += len(self._asked[-1])
                else:
                    del self._bonds[one][other], self._bonds[other][one]
        return [pair for asked in self._asked for pair in asked]

    def answer(self, probabilities: Sequence[float]) -> None:
        """Take in what was asked for last, in the same order."""
        answers = iter(probabilities)
        for (one, other), asked in zip(self._open, self._asked, strict=True):
            bond = self._bonds[one][other]
            bond.low = min(bond.low, *islice(answers, len(asked)))
            bond.known += len(asked)
            self._scored.update(i * self._span + j for i, j in asked)
            if bond.low >= self._threshold:
                heapq.heappush(self._queue, (-bond.low, one, other))
        self._open, self._asked = [], []

    def _unscored(self, one: int, other: int) -> Iterator[Pair]:
        for i in self._members[one]:
            for j in self._members[other]:
                pair = (i, j) if i < j else (j, i)
                if pair[0] * self._span + pair[1] not in self._scored:
                    yield pair

    def _join(self, one: int, other: int) -> None:
        """One group out of two, under the name of the one with more bonds, so that few bonds have to move."""
        kept, gone = (one, other) if len(self._bonds[one]) >= len(self._bonds[other]) else (other, one)
        if self._asks:
            # Nobody asks about pairs inside a group again: what is remembered stays small.
            self._scored.difference_update(
                min(i, j) * self._span + max(i, j) for i in self._members[one] for j in self._members[other]
            )
        self._members[kept] += self._members.pop(gone)
        del self._bonds[kept][gone]
        moving = self._bonds.pop(gone)
        del moving[kept]
        bonds = self._bonds[kept]
        if not self._asks:
            # Who was a neighbour of one half only lacks a pair for ever.
            for third in [third for third in bonds if third not in moving]:
                del bonds[third], self._bonds[third][kept]
        for third, bond in moving.items():
            del self._bonds[third][gone]
            there = bonds.get(third)
            if there is not None:
                there.known += bond.known
                if bond.low >= there.low:
                    continue
                there.low = bond.low
            elif self._asks:
                bonds[third] = self._bonds[third][kept] = bond
            else:
                continue
            low = bonds[third].low
            if low >= self._threshold:
                heapq.heappush(self._queue, (-low, min(kept, third), max(kept, third)))


def _checked_edges(
    count: int, edges: Iterable[tuple[int, int, float]]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Lower node, upper node and probability, each pair once and with its lowest probability."""
    table = np.array([*edges], dtype=np.float64).reshape(-1, 3)
    nodes = table[:, :2].astype(np.int64)
    outside = (nodes < 0) | (nodes >= count) | (nodes != table[:, :2])
    if outside.any():
        met = table[:, :2][outside][0]
        raise InputError(f"an edge names node {met:g}; allowed are whole numbers from 0 to {count - 1}")
    weight = _checked_probabilities(table[:, 2], "an edge")
    lower, upper = nodes.min(axis=1), nodes.max(axis=1)
    order = np.lexsort((weight, upper, lower))
    lower, upper, weight = lower[order], upper[order], weight[order]
    first = np.ones(len(lower), dtype=bool)
    first[1:] = (np.diff(lower) != 0) | (np.diff(upper) != 0)
    first &= lower != upper
    return lower[first], upper[first], weight[first]


def _connected(
    count: int, lower: NDArray[np.int64], upper: NDArray[np.int64], weight: NDArray[np.float64], threshold: float
) -> Iterator[tuple[list[int], list[int], list[float]]]:
    """The edges of each part that likely pairs connect; unlikely pairs inside a part belong to it."""
    if not len(lower):
        return
    likely = weight >= threshold
    graph = coo_array((np.ones(likely.sum()), (lower[likely], upper[likely])), shape=(count, count))
    label = connected_components(graph, directed=False)[1]
    inside = label[lower] == label[upper]
    lower, upper, weight = lower[inside], upper[inside], weight[inside]
    order = np.argsort(label[lower], kind="stable")
    starts = np.flatnonzero(np.diff(label[lower][order])) + 1
    for part in np.split(order, starts):
        if len(part):
            yield lower[part].tolist(), upper[part].tolist(), weight[part].tolist()


def _checked_answers(pairs: Sequence[Pair], answers: Sequence[float]) -> list[float]:
    if len(answers) != len(pairs):
        raise InputError(f"score() was asked for {len(pairs)} pairs and answered {len(answers)}; one each is needed")
    checked: list[float] = _checked_probabilities(np.asarray(answers, dtype=np.float64), "score()").tolist()
    return checked


def _checked_probabilities(values: NDArray[Any], where: str) -> NDArray[np.float64]:
    wrong = ~((values >= -_ROUNDING) & (values <= 1.0 + _ROUNDING))
    if wrong.any():
        raise InputError(f"{where} has the probability {values[wrong][0]}; allowed is 0 to 1")
    clipped: NDArray[np.float64] = np.clip(values, 0.0, 1.0)
    return clipped
