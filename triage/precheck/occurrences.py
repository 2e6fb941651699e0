"""What neighbouring stretches of a text have in common: runs of characters, places, things that are asked for.

In a text of forty sentences hundreds of stretches are compared with what follows them. Therefore it is looked up once
where each thing stands before and after: two stretches that meet at a border have in common what the first says last
before the border and the second says next.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Sums = NDArray[np.float64]
Numbers = NDArray[np.int64]
_NOWHERE = 1 << 20


class Sides(NamedTuple):
    """The worth of what is said before each of some borders, after it, on both sides of it; and of what is marked the
    worth of what is said before and after.
    """

    before: Sums
    after: Sums
    both: Sums
    marked_before: Sums
    marked_after: Sums


class Occurrences:
    """Things by the sentences in which they occur, each with its `worth`, and some of them marked.

    `said` holds the numbers of the things of each sentence, each once; `worth` and `marked` go by these numbers. The
    border `n` lies in front of the sentence `n`; a thing that a stretch says twice counts once.
    """

    def __init__(self, said: Sequence[Numbers], worth: Sums, marked: NDArray[np.bool_]) -> None:
        self.count = len(said)
        sizes = [len(one) for one in said]
        self._starts = np.concatenate([[0], np.cumsum(sizes, dtype=np.int64)])
        self._sentence = np.repeat(np.arange(self.count), sizes)
        things = np.concatenate(said) if said else np.zeros(0, np.int64)
        self._worth = worth[things]
        self._marked = np.where(marked[things], self._worth, 0.0)
        order = np.argsort(things, kind="stable")
        again = np.flatnonzero(things[order[1:]] == things[order[:-1]])
        one, other = order[again], order[again + 1]
        # The sentence that says a thing before, and the one that says it next; far outside the text where none does.
        self._before, self._next = self._sentence - _NOWHERE, self._sentence + _NOWHERE
        self._before[other], self._next[one] = self._sentence[one], self._sentence[other]

    def within(self, start: int, stop: int) -> Sides:
        """The sides of every border inside a stretch of sentences, as far as the ends of the stretch."""
        here = slice(self._starts[start], self._starts[stop])
        sentence, length = self._sentence[here] - start, stop - start
        first, last = self._before[here] < start, self._next[here] >= stop

        def sides(worth: Sums) -> tuple[Sums, Sums]:
            opened = np.bincount(sentence[first], worth[first], length)
            closed = np.bincount(sentence[last], worth[last], length)
            return opened.cumsum()[:-1], closed[::-1].cumsum()[::-1][1:]

        before, after = sides(self._worth[here])
        return Sides(before, after, before + after - self._worth[here][first].sum(), *sides(self._marked[here]))

    def near(self, most: int) -> Near:
        """The sides of every border of the text, as far as one, two, up to `most` sentences."""
        ahead, behind = self._next - self._sentence, self._sentence - self._before
        front = self._by_distance(ahead, self._worth, 2 * most)
        tables = Sides(
            self._in_front(front, most),
            self._behind(self._by_distance(behind, self._worth, most), most),
            self._across(front, most),
            self._in_front(self._by_distance(ahead, self._marked, most), most),
            self._behind(self._by_distance(behind, self._marked, most), most),
        )
        return Near(tables, most, self.count + 1)

    def _by_distance(self, distance: Numbers, worth: Sums, most: int) -> Sums:
        """Distances (1, 2, up to `most` or more) × sentences: what a sentence says that another said so far away."""
        places = (np.minimum(distance, most) - 1) * self.count + self._sentence
        sums = np.bincount(places, worth, most * self.count).astype(np.float64, copy=False)
        return sums.reshape(most, self.count)

    def _in_front(self, found: Sums, most: int) -> Sums:
        """Number of sentences × borders: what these sentences in front of a border say; the last to say it counts."""
        told = np.zeros((most, self.count + 1))
        for far in range(min(most, self.count)):
            told[far, far + 1 :] = found[far:, : self.count - far].sum(axis=0)
        return told.cumsum(axis=0)

    def _behind(self, found: Sums, most: int) -> Sums:
        """Number of sentences × borders: what these sentences behind a border say; the first to say it counts."""
        told = np.zeros((most, self.count + 1))
        for far in range(min(most, self.count)):
            told[far, : self.count - far] = found[far:, far:].sum(axis=0)
        return told.cumsum(axis=0)

    def _across(self, found: Sums, most: int) -> Sums:
        """Sentences in front × sentences behind × borders: what both sides say."""
        shared = np.zeros((most, most, self.count + 1))
        for far in range(min(most, self.count)):
            shared[far, :, far + 1 :] = found[far : far + most, : self.count - far]
        return shared.cumsum(axis=0).cumsum(axis=1)


class Near:
    """What stands near each border: looked up by how many sentences in front of it and behind it are compared."""

    def __init__(self, tables: Sides, most: int, borders: int) -> None:
        self._tables, self._most, self._borders = tables, most, borders

    def sides(self, borders: Numbers, back: Numbers, on: Numbers) -> Sides:
        """The sides of some borders, as far as `back` sentences (1 or more) before and `on` after them."""
        before, after = (back - 1) * self._borders + borders, (on - 1) * self._borders + borders
        both = (back - 1) * self._most * self._borders + after
        places = (before, after, both, before, after)
        return Sides(*(table.take(place) for table, place in zip(self._tables, places, strict=True)))
