"""Who helps: any subset of the units, each with its own calibrated probability, never the lead."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from triage.bundle import Part
from triage.heads.blend import SubsetBlend, held_subset
from triage.heads.columns import UnitColumns
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
    "precedents, any role",
    "frequency",
    "lead's chance",
    "usual helper of the lead",
    "own ground named",
    "outer ground named",
    "unit named",
    "constant",
)
"""The columns of the co-handling features, in order: what the stored weights weigh."""

START = (-0.4, -0.1, 0.4, 1.2, 0.65, 0.3, 0.2, 1.0, 0.0, 0.95, 3.8, 0.0, 0.1, 1.1)
START_ON_WORDING = (-0.45, -0.05, 0.2, 1.0, 0.3, 0.3, 0.2, 1.0, 0.0, 0.6, 3.8, 0.0, 0.2, -0.45)
"""The weights without history, and where they are drawn to with little of it: with a sentence encoder, and without.

Fitted on invented cases (``python -m benchmarks.cold``), then eased where held-out titles of a real city said
otherwise.
"""

DUTY_WEIGHT = 0.3
"""What a duty phrase counts beside a handled case."""
COMPANY = 3.0
"""How many cases' worth of the overall share a lead's own circle of helpers is mixed with."""


class CoHead:
    """A logistic blend of fourteen signals (`SIGNALS`) for each pair of text and unit."""

    def __init__(self, columns: UnitColumns, duty_weight: float = DUTY_WEIGHT, penalty: float = 1.0) -> None:
        self.columns = columns
        self.duty_weight = duty_weight
        self.penalty = penalty

    def fit(
        self,
        rows: Rows,
        among: Similarities,
        leads: Floats,
        helpers: Floats,
        lead_chance: Floats,
        mentions: Floats,
        holdout: Holdout,
    ) -> CoHead:
        """Learn from the cases among `rows`; arguments as for `LeadHead.fit`.

        `helpers` (cases, units) is 1 where a unit co-handled, `lead_chance` the lead's probabilities of each case
        by a model that has not seen it. Afterwards `unseen_` are the co-handling probabilities on the same terms.
        """
        start = START if among.meaning is not None else START_ON_WORDING
        self.helpers_, self.roles_ = helpers, np.clip(helpers + leads, 0, 1)
        self.usual_, self.company_ = frequency(helpers), _company(leads, helpers)
        self.taught_ = bool(helpers.any())
        taught = self._taught()
        self.regressions_ = Regressions(self.penalty).fit(
            among,
            known_rows(taught, rows.duties),
            self._targets(helpers[taught]),
            self._weights(len(taught)),
            groups=holdout.groups_among(taught),
        )
        self.weights_ = np.array(start)
        self.unseen_ = np.zeros(helpers.shape, np.float32)
        if not self.taught_:
            return self
        scores = self.regressions_.out_of_fold(len(helpers), taught)
        usual = np.zeros(helpers.shape, np.float32)
        for outside, inside in holdout.splits():
            usual[inside] = lead_chance[inside] @ _company(leads[outside], helpers[outside])
        features = self._features(scores, among.closeness[rows.cases], rows, lead_chance, usual, mentions, holdout)
        free = (leads == 0) & self.roles_.any(axis=1, keepdims=True)
        self.weights_ = self._fit(start, features, helpers, free)
        for outside, inside in holdout.splits():
            weights = self._fit(start, features[outside], helpers[outside], free[outside])
            self.unseen_[inside] = SubsetBlend.apply(features[inside], weights)
        return self

    def predict_proba(self, rows: Rows, seen: Similarities, lead_chance: Floats, mentions: Floats) -> Floats:
        """Probability that each unit is asked to help, if it does not lead: (texts, units)."""
        features = self.features(rows, seen, lead_chance, mentions)
        return np.asarray(SubsetBlend.apply(features, self.weights_), np.float32)

    def features(self, rows: Rows, seen: Similarities, lead_chance: Floats, mentions: Floats) -> Floats:
        """The signals, (texts, units, len(SIGNALS)); `lead_chance` as `LeadHead.predict_proba` gives it."""
        scores = self.regressions_.scores(seen)
        return self._features(scores, seen.closeness, rows, lead_chance, lead_chance @ self.company_, mentions)

    def _fit(self, start: tuple[float, ...], features: Floats, helpers: Floats, free: NDArray[np.bool_]) -> Floats:
        """The lead of a case cannot help it, and a case without units says nothing: only `free` pairs teach."""
        return held_subset(start, features[free], helpers[free]).weights_

    def _targets(self, helpers: Floats) -> Floats:
        """A duty phrase speaks for its unit as a possible helper, but only by half: most that match do not help."""
        membership = self.columns.membership
        phrases = membership / np.maximum(membership.sum(axis=1, keepdims=True), 1.0)
        return np.concatenate([helpers, 0.5 * phrases])

    def _weights(self, cases: int) -> Floats:
        return np.repeat(np.array([1.0, self.duty_weight], np.float32), [cases, len(self.columns.phrases)])

    def _taught(self) -> NDArray[np.intp]:
        """The cases that say who helped, or that nobody did; none where a history has no helpers at all."""
        return np.flatnonzero(self.roles_.any(axis=1) & self.taught_)

    def _features(
        self,
        scores: Mapping[str, Floats],
        closeness: Floats,
        rows: Rows,
        lead_chance: Floats,
        usual: Floats,
        mentions: Floats,
        holdout: Holdout | None = None,
    ) -> Floats:
        near, mixed = closeness[:, rows.cases], scores["mixed"]
        signals = (
            odds(mixed),
            relative(mixed),
            odds(scores.get("wording", mixed)),
            odds(scores.get("meaning", mixed)),
            relative(self.columns.groups.best(closeness[:, rows.duties])),
            support(votes(near, self.helpers_, holdout)),
            support(votes(near, self.roles_, holdout)),
            np.broadcast_to(self.usual_, mixed.shape),
            support(lead_chance),
            support(usual),
            *np.moveaxis(mentions[:, :, :3], 2, 0),
            np.ones_like(mixed),
        )
        return np.stack(signals, axis=2).astype(np.float32, copy=False)

    def to_part(self) -> Part:
        """The fitted state, for a bundle."""
        arrays: dict[str, NDArray[Any]] = {
            **self.regressions_.to_arrays(),
            "helpers": self.helpers_.astype(np.uint8),
            "roles": self.roles_.astype(np.float16),
            "company": self.company_.astype(np.float16),
        }
        data = {"signals": list(SIGNALS), "weights": [float(w) for w in self.weights_], "taught": self.taught_}
        return Part(data, arrays)

    @classmethod
    def from_part(cls, part: Part, columns: UnitColumns, rows: Rows) -> CoHead:
        """Rebuild from a bundle."""
        head = cls(columns)
        head.helpers_ = part.arrays["helpers"].astype(np.float32)
        head.roles_ = part.arrays["roles"].astype(np.float32)
        head.usual_ = frequency(head.helpers_)
        head.company_ = part.arrays["company"].astype(np.float32)
        head.weights_ = np.array(part.data["weights"])
        head.taught_ = bool(part.data["taught"])
        head.regressions_ = Regressions.from_arrays(part.arrays, known_rows(head._taught(), rows.duties))
        return head


def _company(leads: Floats, helpers: Floats) -> Floats:
    """How often each unit helps when another leads, (lead, helper), drawn to its overall share where the lead is
    rare.
    """
    units = leads.shape[1]
    overall = (helpers.sum(axis=0) + 0.5) / (len(helpers) + max(units, 1))
    together = leads.T @ helpers
    led = leads.sum(axis=0)[:, None]
    return np.asarray((together + COMPANY * overall) / (led + COMPANY), np.float32)
