"""Cases that are kept apart, and whether two encoders triage them alike: what each is judged by before it is used."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date as Date
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from triage.encoders.sentence import SentenceEncoder
from triage.learning.evaluation.asking import Answers, ask
from triage.learning.evaluation.splits import grouped_folds
from triage.learning.tuning.comparing import TRIAGE, Comparison, compared, of_answers, of_vectors
from triage.learning.tuning.samples import Samples
from triage.records import Case

Rows = NDArray[np.intp]
Make = Callable[[Sequence[Case], Path], Answers]
"""Trains a model on cases with the encoder of a folder (`Triager.train`)."""

MAX_CASES = 8_000
"""Cases that are learned from, as many as the heads take; of more, some are drawn."""
FOLDS = 5
"""One part in so many is kept for the comparison, and of the rest one in twice as many for the early stop."""


@dataclass(frozen=True, slots=True)
class Parts:
    """Rows of the cases: learned from, watched for the early stop, asked in the comparison. Cases of one matter are in
    one part.
    """

    learned: Rows
    watched: Rows
    asked: Rows


def divided(samples: Samples, dates: Sequence[Date | None], seed: int = 0) -> Parts:
    """Which cases are learned from, watched and asked: asked are the latest where all have dates, else drawn ones.

    Too few matters to divide are all learned from. Unreadable cases are in no part.
    """
    rows = np.array([row for row, sample in enumerate(samples.cases) if sample.text], np.intp)
    none = np.zeros(0, np.intp)
    matters = samples.matters
    if len(np.unique(matters[rows])) < 2 * FOLDS:
        return Parts(rows, none, none)
    known, asked_rows = _latest(rows, dates, matters) or drawn(rows, matters, FOLDS, seed)
    if len(np.unique(matters[known])) < 2 * FOLDS:
        return Parts(known, none, asked_rows)
    learned, watched = drawn(known, matters, 2 * FOLDS, seed)
    return Parts(learned, watched, asked_rows)


def _latest(rows: Rows, dates: Sequence[Date | None], matters: Rows) -> tuple[Rows, Rows] | None:
    """What is known and what is asked by date, None where not every case has one or all are of one day."""
    days = [dates[row] for row in rows]
    if None in days or len(set(days)) < 2:
        return None
    order = sorted(range(len(rows)), key=lambda place: (str(days[place]), place))
    first = days[order[int(len(order) * (1 - 1 / FOLDS))]]
    late = np.array([str(day) >= str(first) for day in days])
    if late.all():
        return None
    known = rows[~late]
    return known, np.array([row for row in rows[late] if matters[row] not in set(matters[known].tolist())], np.intp)


def drawn(rows: Rows, matters: Rows, folds: int, seed: int) -> tuple[Rows, Rows]:
    """Rows for known and for asked, one part in `folds`; a matter is in one of them."""
    split = grouped_folds(matters[rows], folds, seed)[0]
    return rows[split.known], rows[split.asked]


def some(cases: Sequence[Case], seed: int) -> list[Case]:
    """At most `MAX_CASES`, in their order."""
    if len(cases) <= MAX_CASES:
        return list(cases)
    chosen = np.random.default_rng(seed).choice(len(cases), MAX_CASES, replace=False)
    return [cases[row] for row in sorted(chosen.tolist())]


def compared_on(
    cases: Sequence[Case], parts: Parts, matters: Rows, folders: tuple[Path, Path], make: Make | None
) -> Comparison:
    """Both encoders on the cases kept apart, and on our own pairs."""
    known = [cases[row] for row in sorted((*parts.learned.tolist(), *parts.watched.tolist()))]
    kept = [cases[row] for row in parts.asked.tolist()]
    found = []
    for folder in folders:
        triage = of_answers(ask(make(known, folder), kept)) if kept and make is not None else {}
        found.append({**triage, **of_vectors(SentenceEncoder.load(folder))})
    groups = {key: matters[parts.asked] if key in TRIAGE else np.arange(len(found[0][key])) for key in found[0]}
    return compared(found[0], found[1], groups)
