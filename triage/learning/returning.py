"""What history teaches of returns (退单): its hand-outs, and how each looked to a model that had not seen it."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from triage.heads.holdout import Holdout
from triage.heads.returns import (
    HandOuts,
    Returns,
    led_elsewhere,
    often,
    several_matters,
    signs,
    without_place,
)
from triage.learning.forward import History, nearest_others
from triage.learning.labels import UnitLabels
from triage.records import Case
from triage.text import Prepared

log = logging.getLogger(__name__)

Floats = NDArray[Any]


def hand_outs(cases: Sequence[Case], labels: UnitLabels, leads: Floats) -> HandOuts:
    """Whom each case was handed to, as far as today's columns have the unit: those that returned it, and those that
    led it in the end (`leads` (cases, units) shares).

    Cases of before the first return on record are left out: nobody wrote returns down then, so that keeping them says
    nothing.
    """
    begun = min((day for case in cases if case.returned and (day := _day(case))), default=None)
    rows: list[tuple[int, int, bool, bool]] = []
    unknown: set[str] = set()
    for row, case in enumerate(cases):
        if begun is not None and (day := _day(case)) and day < begun:
            continue
        for place, name in enumerate(case.returned):
            columns = labels.columns_of(name)
            rows += [(row, columns[0], True, place == 0)] if columns else []
            unknown |= set() if columns else {name}
        rows += [(row, int(column), False, not case.returned) for column in np.flatnonzero(leads[row])]
    if unknown:
        log.warning("%d units that sent cases back can lead none and are not counted", len(unknown))
    handed = np.array(rows, np.intp).reshape(-1, 4)
    return HandOuts(handed[:, 0], handed[:, 1], handed[:, 2] > 0, handed[:, 3] > 0)


def learn_returns(
    cases: Sequence[Case], texts: Sequence[Prepared], labels: UnitLabels, history: History, unseen: Floats
) -> Returns:
    """The weights and counts of returns; `unseen` (cases, units) are the leads' probabilities by models that had not
    seen the case, as an answer would show them.
    """
    found, units = hand_outs(cases, labels, history.leads), len(history.columns)
    if not found.enough:
        return Returns.learn(found, np.zeros((0, 0)), units)
    near = np.where(history.holdout.barred, 0.0, history.among.closeness[history.rows.cases, history.rows.cases])
    rows, unit = found.case[found.first], found.unit[found.first]
    lead = unseen[rows]
    several = np.array([several_matters(text) > 0 for text in texts])
    seen = signs(
        unit,
        lead,
        led_elsewhere(near[rows], history.leads, unit),
        nearest_others(history)[rows],
        without_place(history.columns, history.mentions[rows], lead, unit),
        several[rows],
        _often_elsewhere(found, history.holdout, units)[found.first],
    )
    return Returns.learn(found, seen, units)


def _often_elsewhere(found: HandOuts, holdout: Holdout, units: int) -> Floats:
    """The sign ``often`` of each hand-out's unit, counted without the case's fold: a return must not speak for
    itself.
    """
    fold, counted = holdout.fold[found.case], np.zeros(len(found.case))
    for number in np.unique(fold):
        inside = fold == number
        counted[inside] = often(*found.of(~inside).counts(units))[found.unit[inside]]
    return counted


def _day(case: Case) -> int:
    """The day on which a case was handed out, or else filed, as an ordinal; 0 where neither is known."""
    day = case.handed_out or case.suggestion.date
    return day.toordinal() if day else 0
