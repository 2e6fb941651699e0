"""From cases to a report: a bundle asked about other cases, or models that are trained here on a part of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date as Date
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from triage.errors import InputError
from triage.heads.model import Model
from triage.learning.evaluation.asking import Answers, Progress, Scored, ask
from triage.learning.evaluation.copies import copy_groups
from triage.learning.evaluation.reporting import Terms, report
from triage.learning.evaluation.splits import Split, by_time, grouped_folds
from triage.learning.train import ALIKE
from triage.records import Case, Suggestion

Make = Callable[[Sequence[Case], Progress], Answers]
"""Trains a model on known cases: `Triager.train`, with whatever it is to be trained with."""

TRAINING = 0.85
"""The part of a fold's time that training takes, for the bar."""


@runtime_checkable
class Taught(Protocol):
    """A model that knows what it has learned from: a `Triager`."""

    @property
    def model(self) -> Model:
        """The model with its precedents."""

    def learned(self, suggestions: Sequence[Suggestion]) -> list[float]:
        """How alike in wording each suggestion is to the nearest case that was learned."""


def evaluate(
    model: Answers,
    cases: Sequence[Case],
    progress: Progress | None = None,
    *,
    terms: Terms | None = None,
) -> dict[str, Any]:
    """The report on a model that is there, on cases that it has not learned from.

    A case without lead, helpers or topic counts only where it has one. Of several leads (分办) any is right. A former
    unit's name is taken for its successors'. Cases that the model has learned from, or copies of such, are told in
    `notices`, and the figures without them stand in `repeats`. Nothing quotes a text.
    """
    tell = progress or (lambda what, share: None)
    suggestions = [case.suggestion for case in cases]
    taught, known = None, np.zeros(len(cases), bool)
    about: dict[str, Any] = {"by": "model", "model": _card(model).get("model", ""), "known": None}
    if isinstance(model, Taught):
        precedents = model.model.precedents
        taught = _counted(precedent.leads for precedent in precedents)
        about["known"] = len(precedents)
        # As exact as rounding lets two equal vectors be.
        known = np.asarray(model.learned(suggestions)) >= ALIKE - 1e-6 if cases else known
    scored = ask(model, cases, lambda what, share: tell(what, 0.9 * share), taught=taught)
    groups = copy_groups(suggestions)
    scored = [replace(one, learned=bool(known[row]), group=int(groups[row])) for row, one in enumerate(scored)]
    tell("counting", 0.95)
    made = report(scored, about, terms or Terms(), target=_target(model))
    tell("done", 1.0)
    return made


def evaluate_by_time(
    make: Make,
    cases: Sequence[Case],
    progress: Progress | None = None,
    *,
    share: float = 0.25,
    start: Date | None = None,
    terms: Terms | None = None,
) -> dict[str, Any]:
    """The report on a model that is trained here on the past and asked about what came later (`by_time`).

    What repeats a known case stays in: it would come up in the office, too. The figures without it stand apart, in
    `repeats`. Raises InputError for cases that cannot be divided so.
    """
    _check(cases)
    period = by_time(cases, share=share, start=start)
    scored, target = backtest(make, cases, [period.split], progress)
    about = {
        "by": "time",
        "known": len(period.split.known),
        "start": period.start.isoformat(),
        "end": period.end.isoformat(),
        "undated": len(period.undated),
    }
    notices = [{"code": "cases.undated", "cases": len(period.undated)}] if len(period.undated) else []
    return report(scored, about, terms or Terms(), target=target, notices=notices)


def evaluate_by_folds(
    make: Make,
    cases: Sequence[Case],
    progress: Progress | None = None,
    *,
    folds: int = 5,
    terms: Terms | None = None,
) -> dict[str, Any]:
    """The report on models that are trained here, each without one of the folds and asked about it; copies share a
    fold (`grouped_folds`). Raises InputError for cases that cannot be divided so.
    """
    _check(cases)
    terms = terms or Terms()
    groups = copy_groups([case.suggestion for case in cases])
    splits = grouped_folds(groups, folds, terms.seed)
    scored, target = backtest(make, cases, splits, progress, groups=groups)
    about = {"by": "folds", "folds": folds, "known": round(float(np.mean([len(split.known) for split in splits])))}
    return report(scored, about, terms, target=target)


def backtest(
    make: Make,
    cases: Sequence[Case],
    splits: Sequence[Split],
    progress: Progress | None = None,
    *,
    groups: NDArray[np.intp] | None = None,
) -> tuple[list[Scored], float | None]:
    """The asked cases of all splits, scored by a model of the known ones, in the order of the splits; and what
    *suggest* promised. `groups` are the cases' copies (`copy_groups`), made here if they are not given.
    """
    tell = progress or (lambda what, share: None)
    if groups is None:
        groups = copy_groups([case.suggestion for case in cases])
    scored: list[Scored] = []
    targets: set[float | None] = set()
    for fold, split in enumerate(splits):
        known, asked = ([cases[row] for row in rows] for rows in (split.known, split.asked))
        where = f"{fold + 1}/{len(splits)} " if len(splits) > 1 else ""
        model = make(known, _part(tell, where, fold / len(splits), TRAINING / len(splits)))
        targets.add(_target(model))
        taught = _counted(case.leads for case in known)
        answering = _part(tell, where, (fold + TRAINING) / len(splits), (1 - TRAINING) / len(splits))
        answered = ask(model, asked, answering, taught=taught)
        met = set(groups[split.known].tolist())
        scored += [
            replace(one, fold=fold, group=int(groups[row]), learned=int(groups[row]) in met)
            for one, row in zip(answered, split.asked, strict=True)
        ]
    return scored, targets.pop() if len(targets) == 1 else None


def _part(tell: Progress, where: str, start: float, length: float) -> Progress:
    """Progress of one step of a fold as progress of the whole."""
    return lambda what, share: tell(f"{where}{what}", start + length * share)


def _check(cases: Sequence[Case]) -> None:
    if not cases:
        raise InputError("no cases to evaluate on. Give a file with handled cases.")
    if not any(case.leads or case.co or case.topics for case in cases):
        raise InputError(
            f"none of the {len(cases)} cases has a lead (column lead, 主办单位), helpers (co, 会办单位) or a topic "
            "(topic, 类别): there is nothing to be right about."
        )


def _counted(leads: Iterable[Sequence[str]]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for names in leads:
        for name in names:
            counts[name] = counts.get(name, 0) + 1
    return counts


def _card(model: Answers) -> Mapping[str, Any]:
    card: Mapping[str, Any] = getattr(model, "card", {})
    return card


def _target(model: Answers) -> float | None:
    """What *suggest* promises, if the model tells."""
    told = _card(model).get("promise", {}).get("accuracy")
    return None if told is None else float(told)
