"""Splits through which nothing leaks: time runs forward, or copies stay on one side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date as Date

import numpy as np
from numpy.typing import NDArray

from triage.errors import InputError
from triage.records import Case

Rows = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Split:
    """Rows of the cases that are known and rows that are asked, both ascending and apart."""

    known: Rows
    asked: Rows


@dataclass(frozen=True, slots=True)
class Period:
    """A split by time: cases of `start` or later are asked, and known is what is dated before it.

    `undated` rows are neither: nobody can tell whether they were known when the asked ones came in.
    """

    split: Split
    start: Date
    end: Date
    undated: Rows


def by_time(cases: Sequence[Case], *, share: float = 0.25, start: Date | None = None) -> Period:
    """The asked cases are those from `start` on, or about the latest `share` of the dated ones; a day is never divided.

    Raises InputError for a share outside (0, 1), where no case has a date, where all are of one day, and for a `start`
    with nothing before it or from it on.
    """
    if not 0 < share < 1:
        raise InputError(f"share: {share}; the asked part must lie between 0 and 1, e.g. 0.25")
    dates = [case.suggestion.date for case in cases]
    dated = sorted(date for date in dates if date is not None)
    if not dated:
        raise InputError(
            f"none of the {len(cases)} cases has a date (column date, 日期), so there is no past to learn from. "
            "Add dates, or divide by folds."
        )
    if dated[0] == dated[-1]:
        raise InputError(f"all {len(dated)} dated cases are of {dated[0]}, so nothing is earlier. Divide by folds.")
    if start is None:
        start = dated[min(int(len(dated) * (1 - share)), len(dated) - 1)]
        if start == dated[0]:
            start = next(date for date in dated if date > dated[0])
    if not dated[0] < start <= dated[-1]:
        raise InputError(
            f"the asked period starts {start}, and the dated cases reach from {dated[0]} to {dated[-1]}: there must be "
            "cases before it and cases from it on."
        )
    known = [row for row, date in enumerate(dates) if date is not None and date < start]
    asked = [row for row, date in enumerate(dates) if date is not None and date >= start]
    undated = [row for row, date in enumerate(dates) if date is None]
    return Period(Split(_rows(known), _rows(asked)), start, dated[-1], _rows(undated))


def grouped_folds(groups: Rows, folds: int = 5, seed: int = 0) -> list[Split]:
    """Each case is asked once, by a model that knows the other folds; cases of one group (`copy_groups`) share a fold.

    scikit-learn's GroupKFold, shuffled by `seed`. Raises InputError for fewer than 2 folds or more folds than groups.
    """
    from sklearn.model_selection import GroupKFold

    count = len(np.unique(groups))
    if folds < 2:
        raise InputError(f"folds: {folds}; at least 2 are needed, e.g. 5")
    if folds > count:
        raise InputError(
            f"folds: {folds}; {len(groups)} cases in {count} groups of copies cannot be divided so often. "
            + (f"Ask for at most {count} folds." if count > 1 else "At least 2 different cases are needed.")
        )
    made = GroupKFold(folds, shuffle=True, random_state=seed).split(groups, groups=groups)
    return [Split(_rows(known), _rows(asked)) for known, asked in made]


def _rows(rows: Sequence[int] | Rows) -> Rows:
    return np.asarray(rows, np.intp)
