"""How far a figure can be trusted: percentiles of the figure over cases drawn anew (Efron, 1979), copies together.

A figure is a function of weights: (draws, cases) → (draws,) or (draws, k). All weights 1 give the figure itself, and
how often each case was drawn gives what it would have been on other cases of the kind. Texts that repeat each other
are drawn together, as they were right or wrong together (cluster bootstrap; Field and Welsh, 2007).

Most figures need no more than sums over cases (`Summed`). The sums of all of them are one matrix product.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol, runtime_checkable

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]
Statistic = Callable[[Floats], Floats]
Interval = tuple[float, float]

DRAWS = 1_000
LEVEL = 0.95
ENTRIES = 4_000_000
"""Weights held at a time."""
KEPT = 200_000_000
"""Draws that are kept, one byte each; more are drawn anew for every set of figures."""


@runtime_checkable
class OwnInterval(Protocol):
    """A figure whose interval is not the percentiles of what was drawn."""

    def __call__(self, weights: Floats) -> Floats:
        """As every figure."""

    def interval(self, value: float, drawn: Floats) -> Interval | None:
        """The interval of the value from the drawn values (draws,)."""


class Summed(ABC):
    """A figure that follows from sums over the cases."""

    @abstractmethod
    def columns(self) -> Any:
        """What is summed: (cases, k), an array or a sparse matrix."""

    @abstractmethod
    def of(self, sums: Floats) -> Floats:
        """The figure of every draw, (draws,), from its sums (draws, k)."""

    def __call__(self, weights: Floats) -> Floats:
        """The figure of every draw."""
        return self.of(np.asarray(weights @ self.columns()))


class Share(Summed):
    """The mean of `values` (n,) over the cases that count, by default all: the plainest of figures."""

    def __init__(self, values: NDArray[Any], counts: NDArray[Any] | None = None) -> None:
        self.values = np.asarray(values, float)
        self.counts = np.ones(len(self.values)) if counts is None else np.asarray(counts, float)

    def columns(self) -> Any:
        """The values, and how many count."""
        return np.stack([self.values * self.counts, self.counts], axis=1)

    def of(self, sums: Floats) -> Floats:
        """One by the other."""
        return ratio(sums[:, 0], sums[:, 1])


class Ratio(Summed):
    """A sum over cases by another sum over cases, such as precision over all named units. Arrays (n,)."""

    def __init__(self, above: NDArray[Any], below: NDArray[Any]) -> None:
        self._columns = np.stack([np.asarray(above, float), np.asarray(below, float)], axis=1)

    def columns(self) -> Any:
        """Both."""
        return self._columns

    def of(self, sums: Floats) -> Floats:
        """One by the other."""
        return ratio(sums[:, 0], sums[:, 1])


class Resampling:
    """Draws of cases by group, the same for every figure and on every machine. `groups` (n,) numbers each case's."""

    def __init__(self, groups: NDArray[np.intp], draws: int = DRAWS, seed: int = 0) -> None:
        found, self.groups = np.unique(groups, return_inverse=True)
        self.count = len(found)
        self.draws = draws
        self.seed = seed
        self._kept: list[NDArray[np.uint8]] = []

    def of(self, inside: NDArray[np.bool_]) -> Resampling:
        """The same for some of the cases."""
        return Resampling(self.groups[inside], self.draws, self.seed)

    def weights(self) -> Iterator[NDArray[np.float32]]:
        """How often each case was drawn, (some draws, n), part by part."""
        for times in self._kept or self._times():
            yield times[:, self.groups].astype(np.float32)

    def _times(self) -> Iterator[NDArray[np.uint8]]:
        """How often each group was drawn, (some draws, groups)."""
        chance = np.random.default_rng(self.seed)
        step = max(1, ENTRIES // max(len(self.groups), 1))
        kept = []
        for start in range(0, self.draws, step):
            size = min(step, self.draws - start)
            drawn = chance.integers(0, self.count, (size, self.count))
            drawn += np.arange(size)[:, None] * self.count
            times = np.bincount(drawn.ravel(), minlength=size * self.count).reshape(size, self.count).astype(np.uint8)
            if self.draws * self.count <= KEPT:
                kept.append(times)
            yield times
        self._kept = kept

    def drawn(self, statistics: Mapping[str, Statistic]) -> dict[str, Floats]:
        """The figures of every draw: {name: (draws,) or (draws, k)}."""
        summed = {name: one for name, one in statistics.items() if isinstance(one, Summed)}
        columns = {name: sp.csr_array(one.columns(), dtype=np.float32) for name, one in summed.items()}
        turned = sp.hstack(list(columns.values())).T.tocsr() if columns else None
        ends = np.cumsum([table.shape[1] for table in columns.values()], dtype=int)[:-1]
        parts: dict[str, list[Floats]] = {name: [] for name in statistics}
        for weights in self.weights():
            if turned is not None:
                sums = np.split((turned @ weights.T).T.astype(np.float64), ends, axis=1)
                for (name, one), own in zip(summed.items(), sums, strict=True):
                    parts[name].append(one.of(own))
            for name, statistic in statistics.items():
                if name not in summed:
                    parts[name].append(statistic(weights))
        return {name: np.concatenate(found) for name, found in parts.items()}

    def intervals(self, statistics: Mapping[str, Statistic]) -> dict[str, Interval | None]:
        """For each figure the range that holds 95 of 100 draws; None where nothing can be said (one group alone).

        Where every case that counts agrees, draws cannot differ, and the range is Wilson's (1927) for as many groups.
        """
        if self.count < 2:
            return dict.fromkeys(statistics)
        found: dict[str, Interval | None] = {}
        for name, drawn in self.drawn(statistics).items():
            statistic = statistics[name]
            value = float(value_of(statistic, len(self.groups)))
            own = statistic.interval if isinstance(statistic, OwnInterval) else percentiles
            found[name] = self._wilson(statistic) or own(value, drawn)
        return found

    def _wilson(self, statistic: Statistic) -> Interval | None:
        if not isinstance(statistic, Share):
            return None
        inside = statistic.counts > 0
        values = np.unique(statistic.values[inside])
        if len(values) != 1 or values[0] not in (0.0, 1.0):
            return None
        size = len(np.unique(self.groups[inside]))
        return wilson(values[0] * size, size)


def value_of(statistic: Statistic, cases: int) -> Floats:
    """The figure itself: every case once. A number, or (k,)."""
    return np.asarray(statistic(np.ones((1, cases)))[0])


def percentiles(value: float, drawn: Floats) -> Interval | None:
    """The middle `LEVEL` of the drawn values (draws,), moved so that their mean is the value: figures that are no plain
    mean, such as macro-F1, are smaller on cases drawn twice. Draws in which the figure is not defined do not count.
    """
    kept = drawn[np.isfinite(drawn)]
    if not len(kept) or not np.isfinite(value):
        return None
    low, high = np.quantile(kept, [(1 - LEVEL) / 2, (1 + LEVEL) / 2]) + (value - kept.mean())
    if 0.0 <= value <= 1.0 and kept.min() >= 0.0 and kept.max() <= 1.0:
        low, high = max(0.0, low), min(1.0, high)
    return round(float(low), 4), round(float(high), 4)


def without_bias(value: float, values: Floats) -> Interval | None:
    """The basic bootstrap interval, cut at 0, for a figure that chance can only raise, such as a calibration error:
    what the draws add to the value is taken for what the cases added to the truth.
    """
    kept = values[np.isfinite(values)]
    if not len(kept):
        return None
    low, high = np.quantile(kept, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return round(max(0.0, 2 * value - float(high)), 4), round(max(0.0, 2 * value - float(low)), 4)


def wilson(hits: float, count: int) -> Interval | None:
    """The range of a share of which `hits` of `count` were seen (Wilson, 1927), for `LEVEL` = 95 %."""
    if not count:
        return None
    square = 1.959964**2
    share = hits / count
    middle = (share + square / (2 * count)) / (1 + square / count)
    half = np.sqrt(square * (share * (1 - share) / count + square / (4 * count**2))) / (1 + square / count)
    return round(max(0.0, float(middle - half)), 4), round(min(1.0, float(middle + half)), 4)


def ratio(above: Floats, below: Floats) -> Floats:
    """Above by below, nan where below is 0."""
    return np.asarray(np.divide(above, below, out=np.full(np.shape(above), np.nan), where=np.asarray(below) > 0))
