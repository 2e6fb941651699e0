"""Whether the tuned encoder is better than the one it came from: both asked about cases that neither has met."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from triage.heads.model import FOCUS
from triage.learning.evaluation.asking import Scored
from triage.learning.evaluation.intervals import LEVEL, Ratio, Resampling
from triage.learning.pairs import RANK, our_pairs
from triage.records import Grade, Suggestion
from triage.text import prepare

if TYPE_CHECKING:
    from triage.encoders.sentence import SentenceEncoder

Floats = NDArray[np.float64]
Rows = NDArray[np.intp]
Interval = tuple[float, float]
Values = Mapping[str, Floats]
"""For each measure a number for every case, nan where the case says nothing about it."""

TRIAGE = {
    "lead_mrr": "lead, mean reciprocal rank",
    "lead_top_1": "lead right first",
    "lead_top_3": "lead within three",
    "lead_top_5": "lead within five",
    "co_recall_5": "helpers within five",
    "co_recall_10": "helpers within ten",
    "topic": "topic right",
}
"""What the verdict rests on, by key, as a reader sees it; all are better when higher."""
VECTORS = {
    "title_body": "title finds its own body (our letters)",
    "same_matter": "same matter nearer than other (our pairs)",
}
"""What the vectors alone reach on our own texts: told, no part of the verdict."""
FIRST = ("lead_mrr", "topic")
"""The first of these that the cases can answer must be better."""


class Verdict(StrEnum):
    """What the comparison says."""

    BETTER = "better"
    WORSE = "worse"
    SAME = "no difference that these cases can show"
    UNPROVEN = "no cases to compare on"


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure of both encoders on the same cases, and the 95 % interval of the difference."""

    key: str
    name: str
    cases: int
    base: float
    tuned: float
    interval: Interval | None

    @property
    def difference(self) -> float:
        """Tuned less base."""
        return self.tuned - self.base


@dataclass(frozen=True, slots=True)
class Comparison:
    """All measures and what follows from them."""

    measures: tuple[Measure, ...]
    verdict: Verdict

    def to_dict(self) -> dict[str, Any]:
        """As plain JSON types."""
        return {"verdict": str(self.verdict), "measures": [asdict(measure) for measure in self.measures]}


def compared(base: Values, tuned: Values, groups: Mapping[str, Rows]) -> Comparison:
    """The measures that both have. `groups` numbers, for each measure, the copies among its cases: they are drawn
    together.

    Better is an encoder whose first measure is surely better and no other of triage surely worse; worse one for which
    any of triage is surely worse. Sure is what 95 of 100 draws of the cases agree on (paired bootstrap).
    """
    found = []
    for key, name in {**TRIAGE, **VECTORS}.items():
        if key not in base:
            continue
        said = np.isfinite(base[key]) & np.isfinite(tuned[key])
        if said.any():
            one, other = base[key][said], tuned[key][said]
            interval = _interval(other - one, groups[key][said])
            mean, mean_tuned = round(float(one.mean()), 4), round(float(other.mean()), 4)
            found.append(Measure(key, name, int(said.sum()), mean, mean_tuned, interval))
    return Comparison(tuple(found), _verdict(found))


def _interval(differences: Floats, groups: Rows) -> Interval | None:
    """The middle of the mean difference over cases drawn anew; None where one group of copies is all there is."""
    if len(np.unique(groups)) < 2:
        return None
    drawn = Resampling(groups).drawn({"mean": Ratio(differences, np.ones(len(differences)))})["mean"]
    low, high = np.quantile(drawn, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return round(float(low), 4), round(float(high), 4)


def _verdict(measures: Sequence[Measure]) -> Verdict:
    triage = {measure.key: measure for measure in measures if measure.key in TRIAGE and measure.interval}
    first = next((triage[key] for key in FIRST if key in triage), None)
    if first is None:
        return Verdict.UNPROVEN
    if any(measure.interval is not None and measure.interval[1] < 0 for measure in triage.values()):
        return Verdict.WORSE
    return Verdict.BETTER if first.interval is not None and first.interval[0] > 0 else Verdict.SAME


def of_answers(scored: Sequence[Scored]) -> dict[str, Floats]:
    """A number a case for each measure of triage, nan where history says nothing."""
    found: dict[str, list[float]] = {key: [] for key in TRIAGE}
    for one in scored:
        led = bool(one.leads)
        found["lead_mrr"].append(1 / (one.rank + 1) if led else np.nan)
        for k in (1, 3, 5):
            found[f"lead_top_{k}"].append(float(one.rank < k) if led else np.nan)
        listed = [helper.unit for helper in one.answer.co]
        for k in (5, 10):
            hits = len({*listed[:k]} & {*one.co})
            found[f"co_recall_{k}"].append(hits / len(one.co) if one.co else np.nan)
        found["topic"].append(float(one.said.name == one.topic) if one.topic else np.nan)
    return {key: np.array(values, float) for key, values in found.items()}


def of_vectors(sentence: SentenceEncoder) -> dict[str, Floats]:
    """What the vectors tell of the pairs that come with the library, which nobody tunes on."""
    pairs = our_pairs("test")
    ones, others = (_encoded(sentence, [getattr(pair, side) for pair in pairs]) for side in ("one", "other"))
    middle = (ones.mean(axis=0) + others.mean(axis=0)) / 2
    cosines = (_unit(ones - middle) * _unit(others - middle)).sum(axis=1)
    same = np.array([pair.rank >= RANK[Grade.SAME_MATTER] for pair in pairs])
    apart = np.sort(cosines[~same])
    letters = [pair.one for pair in pairs if pair.one.title and pair.one.text]
    titles = _encoded(sentence, [Suggestion(title=letter.title) for letter in letters])
    bodies = _encoded(sentence, [Suggestion(text=letter.text) for letter in letters])
    near = _unit(titles - titles.mean(axis=0)) @ _unit(bodies - bodies.mean(axis=0)).T
    ranks = (near > np.diagonal(near)[:, None]).sum(axis=1)
    return {"title_body": 1.0 / (ranks + 1), "same_matter": np.searchsorted(apart, cosines[same]) / len(apart)}


def _encoded(sentence: SentenceEncoder, suggestions: Sequence[Suggestion]) -> Floats:
    return sentence.encode([prepare(suggestion).focus(FOCUS) for suggestion in suggestions]).astype(np.float64)


def _unit(rows: Floats) -> Floats:
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9))
