"""One learning curve: a small history, a pool to label from, texts to ask, and what each way of choosing comes to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.quality.splits import near_copies
from triage.encoders.sentence import SentenceEncoder
from triage.heads.model import Model
from triage.learning.labelling.choose import choose
from triage.learning.reading import read
from triage.learning.train import train
from triage.records import Case

Rows = NDArray[np.intp]
MOST = 700
"""Texts of a pool at most."""
BUDGETS = (25, 50, 100)
CHOSEN, RANDOM = "triage next", "random"
WAYS = (CHOSEN, RANDOM, "smallest margin", "largest entropy")


@dataclass(frozen=True, slots=True)
class Session:
    """The cases of one set, the names of its units, and which texts are near-copies of each other."""

    cases: tuple[Case, ...]
    units: tuple[str, ...]
    groups: Rows
    asked: int

    @classmethod
    def of(cls, cases: Sequence[Case], units: Sequence[str], asked: int) -> Session:
        """With near-copies grouped, so that none is asked that was learned."""
        wording = [f"{case.suggestion.title} {case.suggestion.text}".strip() for case in cases]
        return cls(tuple(cases), tuple(units), near_copies(wording), asked)

    def split(self, start: int, seed: int) -> tuple[Rows, Rows, Rows]:
        """Rows of the first history, of the pool, and those that are asked; near-copies on one side."""
        rng = np.random.default_rng(seed)
        order = np.concatenate(
            [np.flatnonzero(self.groups == group) for group in rng.permutation(self.groups.max() + 1)]
        )
        end = self.asked + start
        return order[self.asked : end], order[end : end + MOST], order[: self.asked]


def curve(
    session: Session,
    start: int,
    seed: int,
    encoder: SentenceEncoder | None,
    tell: Callable[[str], None],
) -> dict[str, dict[int, float]]:
    """How often the lead is right first, by way of choosing and by the number of texts labelled."""
    known, pool, asked = session.split(start, seed)
    first = _model(session, known, encoder)
    base = _right(session, first, asked, encoder)
    found: dict[str, dict[int, float]] = {way: {0: base} for way in WAYS}
    for budget in BUDGETS:
        for way in WAYS:
            tell(f"start {start}, seed {seed}: {budget} {way}")
            chosen = pool[_chosen(way, session, first, pool, budget, seed, encoder)]
            found[way][budget] = _right(session, _model(session, np.r_[known, chosen], encoder), asked, encoder)
    return found


def _model(session: Session, rows: Rows, encoder: SentenceEncoder | None) -> Model:
    return train([session.cases[row] for row in rows], units=session.units, sentence=encoder)


def _right(session: Session, model: Model, asked: Rows, encoder: SentenceEncoder | None) -> float:
    reading = read(model, encoder, [session.cases[row].suggestion for row in asked])
    first = reading.lead.argmax(axis=1)
    leads = [session.cases[asked[row]].leads for row in reading.rows]
    return float(np.mean([model.units.names[unit] in named for unit, named in zip(first, leads, strict=True)]))


def _chosen(
    way: str,
    session: Session,
    model: Model,
    pool: Rows,
    budget: int,
    seed: int,
    encoder: SentenceEncoder | None,
) -> list[int]:
    texts = [session.cases[row].suggestion for row in pool]
    if way == CHOSEN:
        return [choice.row for choice in choose(model, encoder, texts, budget, seed=seed).choices]
    if way == RANDOM:
        return list(np.random.default_rng(seed + 1_000).permutation(len(pool))[:budget])
    lead = np.sort(np.asarray(read(model, encoder, texts).lead, np.float64), axis=1)
    doubt = lead[:, -2] - lead[:, -1]
    if way == "largest entropy":
        doubt = -(lead * np.log(np.maximum(lead, 1e-12))).sum(axis=1)
    return [int(row) for row in np.argsort(-doubt, kind="stable")[:budget]]
