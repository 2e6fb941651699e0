"""The different wordings of a batch, put together into topics: each with a name and with texts that stand for it.

A letter that a thousand people send is one wording with a thousand voices: it is compared once, and no list of thirty
neighbours is filled with its own copies. What may be quoted is decided here: a name is made of open texts only.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from triage.duplicates.naming import TopicNamer
from triage.duplicates.stars import Indices, Numbers, star_cover, unique_links
from triage.records import Suggestion

CONFIDENTIAL = "（保密件）"
UNNAMED = "（未命名）"


class Wordings:
    """The texts to be counted, one vertex of the graph for all that are the same to the letter.

    `active` says which texts count, shape (texts,); `pairs` holds two arrays of positions and one of probabilities.
    """

    def __init__(
        self,
        suggestions: Sequence[Suggestion],
        words: Sequence[Sequence[str]],
        active: NDArray[np.bool_],
        pairs: tuple[Indices, Indices, Numbers],
        threshold: float,
    ) -> None:
        self._suggestions = suggestions
        self._words = words
        self._active = np.flatnonzero(active)
        self._vertex = np.full(len(suggestions), -1, dtype=np.int64)
        self._quotable: dict[int, int] = {}  # vertex: the first open text of this wording
        vertices: dict[tuple[str, str, int], int] = {}
        for text in self._active.tolist():
            one = suggestions[text]
            title, body = one.title.strip(), one.text.strip()
            # Two texts without a word are not the same text.
            vertex = vertices.setdefault((title, body, -1 if title or body else text), len(vertices))
            self._vertex[text] = vertex
            if not one.confidential:
                self._quotable.setdefault(vertex, text)
        low, high = self._vertex[pairs[0]], self._vertex[pairs[1]]
        kept = (low >= 0) & (high >= 0)
        links = unique_links(low[kept], high[kept], pairs[2][kept], threshold, len(vertices))
        self._graph = links.graph(len(vertices))
        copies = np.bincount(self._vertex[self._active], minlength=len(vertices))
        self._cover = star_cover(links, copies)

    def groups(self, least: int) -> list[Indices]:
        """The topics of at least `least` texts, each as the positions of its texts in order."""
        heads = self._cover.head[self._vertex[self._active]]
        order = np.argsort(heads, kind="stable")
        cuts = np.flatnonzero(np.diff(heads[order])) + 1
        return [group for group in np.split(self._active[order], cuts) if len(group) >= least]

    @cached_property
    def _namer(self) -> TopicNamer:
        quoted = [self._suggestions[text] for text in self._quotable.values()]
        words = [self._words[text] for text in self._quotable.values()]
        return TopicNamer(words, [one.title for one in quoted], [one.text for one in quoted])

    @cached_property
    def _places(self) -> dict[int, int]:
        """Where the namer has each wording that may be quoted."""
        return {vertex: place for place, vertex in enumerate(self._quotable)}

    def name(self, group: Indices, now: NDArray[np.bool_]) -> tuple[str, tuple[tuple[str, float], ...]]:
        """The topic's name and telling words, of open texts of the period (`now`), or else of the one before.

        「（保密件）」 where every text is confidential, 「（未命名）」 where none has a word.
        """
        vertices = self._typical_first(self._vertex[group[now[group]]])
        quoted = [vertex for vertex in vertices if vertex in self._places]
        if not quoted:
            quoted = [vertex for vertex in self._typical_first(self._vertex[group]) if vertex in self._places]
        if not quoted:
            return CONFIDENTIAL, ()
        name = self._namer.name([self._places[vertex] for vertex in quoted])
        return name.text or UNNAMED, name.words

    def _typical_first(self, vertices: Indices) -> list[int]:
        different = np.unique(vertices)
        ordered: list[int] = different[np.lexsort((different, -self._cover.closeness[different]))].tolist()
        return ordered

    def representatives(self, group: Indices, now: NDArray[np.bool_]) -> list[int]:
        """Three texts of the period: the middle, and two that are far from it and from each other.

        The middle is the centre of the topic's largest star, or the text of the period that is likest to it; the others
        are picked farthest first (Gonzalez, "Clustering to Minimize the Maximum Intercluster Distance", 1985). How far
        apart two texts are: how improbable a common topic is, and how few words they share. Open texts go before
        confidential ones. Fewer than three where fewer wordings differ.
        """
        first: dict[int, int] = {}
        for text in group[now[group]].tolist():
            first.setdefault(int(self._vertex[text]), text)
        quotable = {vertex: text for vertex, text in first.items() if vertex in self._quotable}
        pool = quotable if len(quotable) >= min(3, len(first)) else first
        vertices = list(pool)
        head = int(self._cover.head[self._vertex[group[0]]])
        near = self._nearness(head)
        chosen = [head] if head in pool else [max(vertices, key=lambda vertex: near.get(vertex, 0.0))]
        apart = dict.fromkeys(vertices, 2.0)
        while len(chosen) < min(3, len(vertices)):
            near = self._nearness(chosen[-1])
            words = self._vocabulary(pool[chosen[-1]])
            for vertex in vertices:
                distance = 1 - near.get(vertex, 0.0) + _difference(words, self._vocabulary(pool[vertex]))
                apart[vertex] = min(apart[vertex], distance)
            chosen.append(max((vertex for vertex in vertices if vertex not in chosen), key=apart.__getitem__))
        return [pool[vertex] for vertex in chosen]

    def _nearness(self, vertex: int) -> dict[int, float]:
        row = slice(self._graph.indptr[vertex], self._graph.indptr[vertex + 1])
        return dict(zip(self._graph.indices[row].tolist(), self._graph.data[row].tolist(), strict=True))

    def _vocabulary(self, text: int) -> frozenset[str]:
        return frozenset(self._words[text])


def _difference(one: frozenset[str], other: frozenset[str]) -> float:
    """One minus the share of common words (Jaccard)."""
    union = len(one | other)
    return 1 - len(one & other) / union if union else 0.0
