"""Texts on one topic, from the sparse graph of who is like whom: star clustering without chains.

Star clustering (Aslam, Pelekhov & Rus, "The Star Clustering Algorithm for Static and Dynamic Information
Organization", Journal of Graph Algorithms and Applications 8(1), 2004) covers the graph above a threshold with stars:
the text with the most neighbours becomes a centre, its neighbours its satellites, and so on with what is left. It needs
no number of clusters, no vectors and no random start, and every member is above the threshold with its centre, so that
a row of texts, each a little like the next, never joins unlike ends. Single link chains; DBSCAN does too; complete
link needs all pairs; Louvain and Leiden depend on the order of a random walk and resolve by size, not by likeness.

Two things are ours. A satellite of several centres goes to the one it is likest to, because a clerk counts each text
once. And a matter of many texts would be cut into several stars, since each text knows its nearest neighbours only:
stars that are as closely knit with each other as they are within (relative interconnectivity: Karypis, Han & Kumar,
"Chameleon", IEEE Computer 32(8), 1999) are shown as one. They join the largest, never each other in a row, and there
are two rounds: a topic reaches no further than the partners of its head's partners.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Indices = NDArray[np.int64]
Numbers = NDArray[np.float64]

INTERCONNECTIVITY = 0.5
"""Two stars are one topic if they are more than half as densely linked to each other as within."""

DOUBT = 3
"""As many pairs of texts speak against joining before any is seen: two links prove nothing for stars of two texts."""

ROUNDS = 2
"""The second round joins what showed too few links star by star; there is no third, so that nothing can chain."""


@dataclass(frozen=True, slots=True)
class Cover:
    """Which star and which topic each text belongs to.

    `centre[i]` is the centre of text i's star (i itself where it is one) and `closeness[i]` the probability that joins
    the two (1 for a centre). `head[i]` is the centre of the largest star of i's topic. All of shape (texts,).
    """

    centre: Indices
    head: Indices
    closeness: Numbers


@dataclass(frozen=True, slots=True)
class Links:
    """The pairs above the threshold, each once: `low` < `high`, sorted, with the probability."""

    low: Indices
    high: Indices
    probability: Numbers

    def graph(self, texts: int) -> sparse.csr_array:
        """The links as a symmetric matrix of probabilities, shape (texts, texts)."""
        values = np.concatenate((self.probability, self.probability))
        places = (np.concatenate((self.low, self.high)), np.concatenate((self.high, self.low)))
        graph = sparse.csr_array((values, places), shape=(texts, texts))
        graph.sort_indices()
        return graph


def unique_links(low: Indices, high: Indices, probability: Numbers, threshold: float, texts: int) -> Links:
    """The pairs at or above the threshold in a fixed order; of a pair that is given twice the likelier counts."""
    kept = (probability >= threshold) & (low != high)
    first, second = np.minimum(low[kept], high[kept]), np.maximum(low[kept], high[kept])
    keys, likely = first * texts + second, probability[kept]
    order = np.argsort(keys, kind="stable")
    keys, likely = keys[order], likely[order]
    starts = np.flatnonzero(np.diff(keys, prepend=-1))
    if not len(starts):
        return Links(first, second, likely)
    pairs = keys[starts]
    return Links(pairs // texts, pairs % texts, np.maximum.reduceat(likely, starts))


def star_cover(links: Links, weights: Indices) -> Cover:
    """Cover the graph with stars and join those that are one topic.

    `weights` says how many times each text came, shape (texts,). A centre is the text with the most others expected on
    its topic: its own copies and the sum of its neighbours' probabilities, which, unlike their plain number, does not
    prefer a text with many doubtful neighbours. Ties go to the earlier text. The same graph gives the same cover,
    in whatever order its pairs were given.
    """
    texts = len(weights)
    graph = links.graph(texts)
    expected = weights + graph @ weights.astype(np.float64)
    order = np.lexsort((np.arange(texts), -expected))
    rank = np.empty(texts, dtype=np.int64)
    rank[order] = np.arange(texts)
    centre, closeness = _nearest_centres(graph, _centres(graph, order), rank)
    return Cover(centre, _heads(links, centre, weights, rank), closeness)


def _centres(graph: sparse.csr_array, order: Indices) -> NDArray[np.bool_]:
    """Which texts are centres: taken from the strongest down, unless a centre has them already."""
    starts, neighbours = graph.indptr, graph.indices
    covered = np.zeros(graph.shape[0], dtype=bool)
    centres = np.zeros(graph.shape[0], dtype=bool)
    for text in order.tolist():
        if not covered[text]:
            centres[text] = True
            covered[neighbours[starts[text] : starts[text + 1]]] = True
    return centres


def _nearest_centres(graph: sparse.csr_array, centres: NDArray[np.bool_], rank: Indices) -> tuple[Indices, Numbers]:
    """For each text the likest of its centres, and how like; a tie goes to the stronger centre."""
    texts = graph.shape[0]
    row = np.repeat(np.arange(texts), np.diff(graph.indptr))
    at_centre = centres[row]
    row, satellite, likely = row[at_centre], graph.indices[at_centre].astype(np.int64), graph.data[at_centre]
    order = np.lexsort((rank[row], -likely, satellite))
    row, satellite, likely = row[order], satellite[order], likely[order]
    first = np.flatnonzero(np.diff(satellite, prepend=-1))
    centre, closeness = np.arange(texts), np.ones(texts)
    centre[satellite[first]], closeness[satellite[first]] = row[first], likely[first]
    return centre, closeness


def _heads(links: Links, centre: Indices, weights: Indices, rank: Indices) -> Indices:
    """For each text the centre of its topic's largest star."""
    texts = len(centre)
    # Only satellites are compared (a star of one text has its centre): a centre's own links are dense by construction,
    # and where a long topic shows each text thirty of a thousand neighbours they would hide how thin all others are.
    counted = (centre != np.arange(texts)) | (np.bincount(centre, minlength=texts)[centre] == 1)
    head = centre
    for _ in range(ROUNDS):
        head = _joined(head, _interconnected(links, head, counted), weights, rank)
    return head


def _joined(head: Indices, pairs: Iterable[tuple[int, int, float]], weights: Indices, rank: Indices) -> Indices:
    """Each group with the closest of its partners that are larger and stand for themselves."""
    texts = len(head)
    partners: dict[int, list[tuple[float, int]]] = {}
    for one, other, strength in pairs:
        partners.setdefault(one, []).append((strength, other))
        partners.setdefault(other, []).append((strength, one))
    copies = np.bincount(head, weights=weights, minlength=texts)
    leader = np.arange(texts)
    leaders = set()
    for group in sorted(partners, key=lambda group: (-copies[group], rank[group])):
        standing = [(-strength, rank[other], other) for strength, other in partners[group] if other in leaders]
        if standing:
            leader[group] = min(standing)[2]
        else:
            leaders.add(group)
    return leader[head]


def _interconnected(links: Links, group: Indices, counted: NDArray[np.bool_]) -> Iterator[tuple[int, int, float]]:
    """The pairs of groups that are one topic, with how closely they are knit."""
    texts = len(group)
    both = counted[links.low] & counted[links.high]
    one, other = group[links.low[both]], group[links.high[both]]
    keys, counts = np.unique(np.minimum(one, other) * texts + np.maximum(one, other), return_counts=True)
    first, second = keys // texts, keys % texts
    inside = first == second
    size = np.bincount(group[counted], minlength=texts).astype(np.float64)
    linked = np.zeros(texts)
    linked[first[inside]] = counts[inside]
    density = (linked + DOUBT) / (size * (size - 1) / 2 + DOUBT)

    first, second, counts = first[~inside], second[~inside], counts[~inside]
    between = counts / (size[first] * size[second] + DOUBT)
    within = 2 * density[first] * density[second] / (density[first] + density[second])
    strength = between / within
    one_topic = strength > INTERCONNECTIVITY
    yield from zip(first[one_topic].tolist(), second[one_topic].tolist(), strength[one_topic].tolist(), strict=True)
