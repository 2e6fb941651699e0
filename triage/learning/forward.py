"""What a model of the earlier cases answers for the later ones: the evidence for the promise, where cases have dates.

Cases held out in turn come from the same weeks as those that were learned. Later weeks bring matters, units and habits
that no earlier case shows, so that a promise that was proven in turn keeps less than it says (``benchmarks.ablation``:
on letters of the month after, the calibration error is .065 in turn and .039 forward).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from triage.heads.columns import UnitColumns
from triage.heads.gazetteer import Gazetteer
from triage.heads.holdout import Holdout
from triage.heads.lead import LeadHead
from triage.heads.model import with_grounds
from triage.heads.similarity import Rows, Similarities
from triage.records import Case

Floats = NDArray[np.float32]
Index = NDArray[np.intp]

LATER = 0.25
"""The share of the cases, the latest, that is asked."""
LEAST_LATER = 200
"""With fewer later cases than that, those held out in turn tell more."""


@dataclass(frozen=True, slots=True)
class History:
    """The cases as matrices, in the order of the case rows: what a lead is learned from.

    `among` is every reference row against every one, `leads` (cases, units) shares, `mentions` what
    `UnitColumns.mentions` reads, `named` the places, `secret` (cases,) whether confidential.
    """

    columns: UnitColumns
    rows: Rows
    among: Similarities
    leads: Floats
    mentions: Floats
    named: list[tuple[str, ...]]
    secret: NDArray[np.bool_]
    holdout: Holdout

    def learn(self, duty_weight: float, penalty: float) -> tuple[LeadHead, Gazetteer]:
        """The head and the gazetteer of these cases."""
        gazetteer, said = Gazetteer.learn(self.columns, self.named, self.leads, self.secret, self.holdout)
        mentions = with_grounds(self.mentions, said, self.columns)
        head = LeadHead(self.columns, duty_weight, penalty)
        return head.fit(self.rows, self.among, self.leads, mentions, self.holdout), gazetteer

    def of(self, cases: Index) -> History:
        """The same for some of the cases, with all phrases."""
        kept = np.concatenate([cases, np.arange(self.rows.cases.stop, len(self.rows))])
        return History(
            self.columns,
            self.rows.selected(kept, len(cases)),
            self.among.between(kept, kept),
            self.leads[cases],
            self.mentions[cases],
            [self.named[case] for case in cases],
            self.secret[cases],
            Holdout(self.holdout.groups_among(cases)),
        )


@dataclass(frozen=True, slots=True)
class Answers:
    """Leads' probabilities for cases that the answering model had not seen, with what the promise is learned from.

    `cases` (n,) are their rows, `lead` (n, units), `nearest` (n,) the closeness of each one's nearest known case.
    """

    cases: Index
    lead: Floats
    nearest: Floats
    forward: bool


def later_cases(cases: Sequence[Case], taught: NDArray[np.bool_]) -> NDArray[np.bool_] | None:
    """Which cases are later, whole days at a time; None where too few have dates or leads (`taught`) to tell."""
    days = np.array([case.suggestion.date.toordinal() if case.suggestion.date else 0 for case in cases])
    dated = days > 0
    if dated.sum() < 0.8 * len(cases) or not dated.any():
        return None
    later = days > np.quantile(days[dated], 1 - LATER)
    return later if (later & taught).sum() >= LEAST_LATER else None


def answered_forward(history: History, later: NDArray[np.bool_], duty_weight: float, penalty: float) -> Answers:
    """What a model of the earlier cases answers for those of the later ones whose lead is known."""
    asked = np.flatnonzero(later & history.leads.any(axis=1))
    past = history.of(np.flatnonzero(~later))
    head, gazetteer = past.learn(duty_weight, penalty)
    kept = np.concatenate([np.flatnonzero(~later), np.arange(history.rows.cases.stop, len(history.rows))])
    seen = history.among.between(asked, kept)
    said = gazetteer.says([history.named[case] for case in asked])
    mentions = with_grounds(history.mentions[asked], said, history.columns)
    nearest = seen.closeness[:, past.rows.cases].max(axis=1, initial=0.0)
    return Answers(asked, head.predict_proba(past.rows, seen, mentions), nearest, forward=True)


def answered_in_turn(history: History, head: LeadHead) -> Answers:
    """What `head` answered for each case while its group was held out."""
    asked = np.flatnonzero(history.leads.any(axis=1))
    return Answers(asked, head.unseen_[asked], nearest_others(history)[asked], forward=False)


def nearest_others(history: History) -> Floats:
    """The closeness of each case's nearest one outside its group, (cases,)."""
    among = history.among.closeness[history.rows.cases, history.rows.cases]
    return np.asarray(np.where(history.holdout.barred, 0.0, among).max(axis=1, initial=0.0), np.float32)
