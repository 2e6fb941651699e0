"""Who leads: one of n units, from duties and history, as calibrated probabilities."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from triage.bundle import Part
from triage.heads.blend import ChoiceBlend, held_choice
from triage.heads.columns import UnitColumns, pooled
from triage.heads.holdout import Holdout
from triage.heads.regressions import Regressions, known_rows
from triage.heads.signals import frequency, odds, relative, support, votes
from triage.heads.similarity import Rows, Similarities

Floats = NDArray[np.float32]

SIGNALS = (
    "regression",
    "regression, relative",
    "regression on wording",
    "regression on meaning",
    "duties, relative",
    "precedents",
    "frequency",
    "kind",
    "area",
    "own ground named",
    "outer ground named",
    "unit named",
    "inner ground named",
    "places of history",
)
"""The columns of the lead's features, in order: what the stored weights weigh.

Scores enter as logarithms, so that the blend multiplies what they say, and *relative* ones as deviations within the
text's row: a text that is unlike everything scores low everywhere and must not be taken for an undecided one.
(Measured on held-out titles: log loss 1.24 → 1.10, calibration error .10 → .06.)
"""

START = (0.6, 0.0, 0.0, 1.25, 0.55, 0.3, 1.0, 0.1, 0.2, 0.5, 0.5, 0.7, 0.5, 0.3)
START_ON_WORDING = (0.7, 0.15, -0.2, 1.0, 0.15, 0.3, 1.0, 0.0, 0.2, 0.5, 0.5, 0.7, 0.5, 0.3)
"""The weights without history, and where they are drawn to with little of it: with a sentence encoder, and without.

Fitted on invented cases (``python -m benchmarks.cold``), then eased where held-out titles of a real city said
otherwise.
"""

DUTY_WEIGHT = 0.5
"""What a duty phrase counts beside a handled case. 0.2 to 1 differ by less than .01."""


class LeadHead:
    """A conditional logit over fourteen signals (`SIGNALS`), the strongest of them kernel regressions on cases and
    duties.
    """

    def __init__(self, columns: UnitColumns, duty_weight: float = DUTY_WEIGHT, penalty: float = 1.0) -> None:
        self.columns = columns
        self.duty_weight = duty_weight
        self.penalty = penalty

    def fit(
        self,
        rows: Rows,
        among: Similarities,
        leads: Floats,
        mentions: Floats,
        holdout: Holdout,
    ) -> LeadHead:
        """Learn from the cases among `rows`.

        `among` is every row against every row, `leads` (cases, units) holds shares that sum to one (all zero: lead
        unknown). Afterwards `unseen_` are those answers' probabilities, (cases, units).
        """
        self.leads_, self.usual_ = leads, frequency(leads)
        start = START if among.meaning is not None else START_ON_WORDING
        taught = np.flatnonzero(leads.any(axis=1))
        self.regressions_ = Regressions(self.penalty).fit(
            among,
            known_rows(taught, rows.duties),
            self._targets(leads[taught]),
            self._weights(len(taught)),
            len(self.columns),
            holdout.groups_among(taught),
        )
        self.weights_ = np.array(start)
        self.unseen_ = np.zeros(leads.shape, np.float32)
        if not len(taught):
            return self
        scores = self.regressions_.out_of_fold(len(leads), taught)
        features = self._features(scores, among.closeness[rows.cases], rows, mentions, holdout)
        chosen = leads.argmax(axis=1)
        self.weights_ = held_choice(start, features[taught], chosen[taught]).weights_
        for outside, inside in holdout.splits():
            learned = np.intersect1d(outside, taught)
            blend = held_choice(start, features[learned], chosen[learned])
            self.unseen_[inside] = blend.predict_proba(features[inside])
        return self

    def predict_proba(self, rows: Rows, seen: Similarities, mentions: Floats) -> Floats:
        """Probability that each unit leads, (texts, units); each row sums to one."""
        features = self.features(rows, seen, mentions)
        return np.asarray(ChoiceBlend.apply(features, self.weights_), np.float32)

    def features(self, rows: Rows, seen: Similarities, mentions: Floats) -> Floats:
        """The fourteen signals, (texts, units, 14)."""
        return self._features(self.regressions_.scores(seen), seen.closeness, rows, mentions)

    def _targets(self, leads: Floats) -> Floats:
        """Units, kinds and areas side by side; a phrase shared by several units speaks for each of them a little."""
        columns = self.columns
        units = np.concatenate([leads, columns.membership / np.maximum(columns.membership.sum(1, keepdims=True), 1)])
        kinds = pooled(units, columns.kind, columns.kinds)
        areas = pooled(units, columns.area, columns.areas)
        areas[len(leads) :] = 0.0
        return np.concatenate([units, kinds, areas], axis=1)

    def _weights(self, cases: int) -> Floats:
        """Cases count one, duty phrases less."""
        return np.repeat(np.array([1.0, self.duty_weight], np.float32), [cases, len(self.columns.phrases)])

    def _features(
        self,
        scores: Mapping[str, Floats],
        closeness: Floats,
        rows: Rows,
        mentions: Floats,
        holdout: Holdout | None = None,
    ) -> Floats:
        units, kinds = len(self.columns), self.columns.kinds
        mixed = scores["mixed"]
        kind, area = self.columns.spread(mixed[:, units : units + kinds], mixed[:, units + kinds :])
        kind, area = (odds(kind), odds(area)) if self.columns.structured else (np.zeros_like(kind), np.zeros_like(area))
        regression = mixed[:, :units]
        signals = (
            odds(regression),
            relative(regression),
            odds(scores.get("wording", regression)),
            odds(scores.get("meaning", regression)),
            relative(self.columns.groups.best(closeness[:, rows.duties])),
            support(votes(closeness[:, rows.cases], self.leads_, holdout)),
            np.broadcast_to(self.usual_, regression.shape),
            kind,
            area,
            *np.moveaxis(mentions, 2, 0),
        )
        return np.stack(signals, axis=2).astype(np.float32, copy=False)

    def to_part(self) -> Part:
        """The fitted state, for a bundle."""
        data = {"signals": list(SIGNALS), "weights": [float(weight) for weight in self.weights_]}
        return Part(data, {**self.regressions_.to_arrays(), "leads": self.leads_.astype(np.float16)})

    @classmethod
    def from_part(cls, part: Part, columns: UnitColumns, rows: Rows) -> LeadHead:
        """Rebuild from a bundle."""
        head = cls(columns)
        head.leads_ = part.arrays["leads"].astype(np.float32)
        head.regressions_ = Regressions.from_arrays(
            part.arrays, known_rows(np.flatnonzero(head.leads_.any(axis=1)), rows.duties)
        )
        head.usual_ = frequency(head.leads_)
        stored = dict(zip(part.data["signals"], part.data["weights"], strict=True))
        # A bundle of before a signal was there does not weigh it.
        head.weights_ = np.array([float(stored.get(signal, 0.0)) for signal in SIGNALS])
        return head
