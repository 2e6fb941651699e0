"""Whether two samples differ by more than chance, and by how much: counts, ordered values, families of tests.

A p-value says whether there is a difference, never whether it matters: with 5,000 texts everything is significant.
So each comparison also has an effect that can be read as a share of the texts. The population stability index, which
is customary, mixes the two: its expectation without any drift grows with the number of bins over the number of texts
(Yurdakul & Naranjo, "Statistical properties of the population stability index", 2020).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.int64]
Floats = NDArray[np.floating[Any]]

PERMUTATIONS = 4_999


@dataclass(frozen=True, slots=True)
class Comparison:
    """One difference between the past and the new texts.

    `p` is the probability of one at least as large if nothing had changed; `effect` lies between 0 and 1 (what it is
    says the test that made it), `chance` is what to expect of it without any change.
    """

    p: float
    effect: float
    chance: float = 0.0


def compare_counts(past: Counts, new: Counts, rng: np.random.Generator) -> Comparison:
    """A permutation G-test over categories, (k,) counts each.

    The statistic is the likelihood ratio, which is the generalised Jensen–Shannon divergence times twice the number of
    texts (Lin, "Divergence measures based on the Shannon entropy", 1991). Its distribution is drawn with both margins
    kept, so that rare categories need no pooling. The effect is the share of texts that would have to be filed
    elsewhere for both to agree (total variation), less what chance alone makes of it.
    """
    total = past + new
    kept = total > 0
    past, new, total = past[kept], new[kept], total[kept]
    if len(total) < 2 or not past.sum() or not new.sum():
        return Comparison(1.0, 0.0)
    drawn = rng.multivariate_hypergeometric(total, int(new.sum()), size=PERMUTATIONS, method="marginals")
    everything = np.concatenate([new[None], drawn])
    statistic = _g(total - everything, everything)
    apart = _variation(total - everything, everything)
    chance = float(apart[1:].mean())
    p = float((statistic >= statistic[0] - 1e-9).mean())
    return Comparison(p, max(0.0, float(apart[0]) - chance), chance)


def _g(past: Counts, new: Counts) -> Floats:
    """The likelihood-ratio statistic of each row of two tables of equal margins."""

    def entropy(counts: Counts) -> Floats:
        share = counts / counts.sum(axis=-1, keepdims=True)
        logs = np.log(np.where(share > 0, share, 1.0))
        return np.asarray(-(share * logs).sum(axis=-1))

    sizes = past.sum(axis=-1), new.sum(axis=-1)
    both = entropy(past + new) * (sizes[0] + sizes[1])
    return np.asarray(2 * (both - entropy(past) * sizes[0] - entropy(new) * sizes[1]))


def _variation(past: Counts, new: Counts) -> Floats:
    shares = past / past.sum(axis=-1, keepdims=True), new / new.sum(axis=-1, keepdims=True)
    return np.asarray(np.abs(shares[0] - shares[1]).sum(axis=-1) / 2)


def compare_values(past: Floats, new: Floats, alternative: Literal["two-sided", "falls"] = "two-sided") -> Comparison:
    """The two-sample Kolmogorov–Smirnov test. The effect is the greatest gap between the two cumulative shares, less
    what chance makes of it; with ``falls`` only a gap towards smaller values counts.
    """
    from scipy.stats import ks_2samp

    if not len(past) or not len(new):
        return Comparison(1.0, 0.0)
    # `greater`: the new values' cumulative share lies above, so they are smaller.
    found = ks_2samp(new, past, alternative="two-sided" if alternative == "two-sided" else "greater", method="asymp")
    # Means of the limiting distributions of Kolmogorov (two-sided) and Smirnov (one-sided).
    mean = 0.8687 if alternative == "two-sided" else 0.6267
    chance = mean * float(np.sqrt((len(past) + len(new)) / (len(past) * len(new))))
    return Comparison(float(found.pvalue), max(0.0, float(found.statistic) - chance), chance)


def grown(past: Counts, new: Counts, past_texts: int, new_texts: int) -> Floats:
    """For each of many words: how probable at least so many of the new texts are, given all texts that have it
    (Fisher's exact test, one-sided). `past` and `new` count texts.
    """
    from scipy.stats import hypergeom

    return np.asarray(hypergeom.sf(new - 1, past_texts + new_texts, past + new, new_texts))


def least_possible(past: Counts, new: Counts, past_texts: int, new_texts: int) -> Floats:
    """The smallest p-value that `grown` could give with these margins: all texts that have the word are new."""
    from scipy.stats import hypergeom

    both = past + new
    return np.asarray(hypergeom.sf(np.minimum(both, new_texts) - 1, past_texts + new_texts, both, new_texts))


def changed(past: Counts, new: Counts) -> tuple[Floats, Floats]:
    """For each of some categories: the two-sided p-value of its count among the new texts (twice the smaller tail), and
    the smallest that it could have with as many texts in all.
    """
    from scipy.stats import hypergeom

    total, both, drawn = int(past.sum() + new.sum()), past + new, int(new.sum())
    tails = hypergeom.cdf(new, total, both, drawn), hypergeom.sf(new - 1, total, both, drawn)
    fewest, most = np.maximum(0, both - int(past.sum())), np.minimum(both, drawn)
    ends = hypergeom.cdf(fewest, total, both, drawn), hypergeom.sf(most - 1, total, both, drawn)
    return np.asarray(np.minimum(1.0, 2 * np.minimum(*tails))), np.asarray(np.minimum(1.0, 2 * np.minimum(*ends)))


def discoveries(p: Floats, share: float, testable: NDArray[np.bool_] | None = None) -> NDArray[np.bool_]:
    """Which of many tests hold while at most `share` of those told are false (Benjamini & Hochberg, 1995), among the
    `testable` ones, which could hold at all (Tarone, 1990).
    """
    able = np.ones(len(p), bool) if testable is None else testable
    order = np.argsort(np.where(able, p, 2.0), kind="stable")[: int(able.sum())]
    passed = np.flatnonzero(p[order] <= share * np.arange(1, len(order) + 1) / max(len(order), 1))
    flags = np.zeros(len(p), bool)
    if len(passed):
        flags[order[: passed[-1] + 1]] = True
    return flags


def holm(p: Floats, level: float) -> NDArray[np.bool_]:
    """Which of a family of tests hold while the chance of any false one stays below `level` (Holm, 1979)."""
    order = np.argsort(p, kind="stable")
    steps = p[order] <= level / np.arange(len(p), 0, -1)
    held = np.zeros(len(p), bool)
    held[order[: len(p) if steps.all() else int(np.argmin(steps))]] = True
    return held
