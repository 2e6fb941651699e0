"""Learning where one matter ends and the next begins, and which stretches of a text are matters at all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.ensemble import GradientBoostingClassifier

from triage.learning.prechecking.fitting import SEED, Bools, folds, trees_of
from triage.learning.prechecking.labelled import Lesson
from triage.learning.prechecking.texts import learn_roles
from triage.precheck import borders, roles, stretches
from triage.precheck.linear import Floats
from triage.precheck.matters import divided
from triage.precheck.trees import Trees

Examples = tuple[Sequence[Floats], Bools]
"""Rows of features, and which of them are wanted."""
ROLE_FOLDS = 4

BORDER = 0.3
"""The probability from which a border is set: low, for a stretch too many can be left out afterwards, and two matters
that were never parted cannot be told apart.
"""
STRETCH = 0.4
"""The probability from which a stretch is a matter: of .3 to .55 the best on texts that were not learned from."""
DRAWS = 4
"""Models that are averaged: each draws other rows and features, and one alone is a matter of luck."""
UNSEEN_DRAWS = 2
"""The same for the models that part texts which they have not seen: they serve for learning alone."""
MATTER_FOLDS = 4
SAME = 0.5
"""A stretch is a labelled matter where they share this much: intersection over union, in characters."""
BORDER_SETTINGS: dict[str, Any] = {
    "n_estimators": 120,
    "learning_rate": 0.08,
    "max_depth": 3,
    "min_samples_leaf": 30,
    "max_features": 0.3,
    "subsample": 0.8,
}
STRETCH_SETTINGS: dict[str, Any] = {**BORDER_SETTINGS, "n_estimators": 100, "min_samples_leaf": 15}


def learn_matters(taught: Sequence[Lesson], rarity: Floats) -> tuple[Trees, Trees]:
    """The trees that tell borders between matters, and those that tell which stretches between borders are matters.

    The second learn from texts that were parted by models which had not seen them, mistakes and all.
    """
    told = unseen_roles(taught, rarity)
    listed = [border_rows(lesson, chances, rarity) for lesson, chances in zip(taught, told, strict=True)]
    fold = folds(len(taught)) % MATTER_FOLDS
    parting = [
        _boosted([rows for rows, its in zip(listed, fold, strict=True) if its != number], BORDER, UNSEEN_DRAWS)
        for number in range(MATTER_FOLDS)
    ]
    parted = [
        stretch_rows(lesson, chances, parting[its], rarity)
        for lesson, chances, its in zip(taught, told, fold, strict=True)
    ]
    return _boosted(listed, BORDER), _boosted(parted, STRETCH, settings=STRETCH_SETTINGS)


def _boosted(
    examples: Sequence[Examples], threshold: float, draws: int = DRAWS, settings: dict[str, Any] | None = None
) -> Trees:
    # Rounded as they are stored, so that what is read back is what was learned.
    some = [(rows, wanted) for rows, wanted in examples if len(rows)]
    rows = np.concatenate([rows for rows, _ in some]).astype(np.float32)
    wanted = np.concatenate([wanted for _, wanted in some])
    grown = [
        GradientBoostingClassifier(**(settings or BORDER_SETTINGS), init="zero", random_state=SEED + draw)
        for draw in range(draws)
    ]
    return trees_of([model.fit(rows, wanted) for model in grown], threshold)


def borders_wanted(lesson: Lesson) -> dict[int, bool]:
    """For each sentence that could open a matter, whether one begins there: nearest to where the label says."""
    reading, spans = lesson.reading, lesson.spans()
    inside = reading.body[1:]
    wanted = dict.fromkeys(inside, False)
    matters = lesson.remark.matters
    for start, _ in matters:
        near = min(reading.body, key=lambda number: abs(spans[number][0] - start), default=None)
        # What stands before the first matter belongs to none: that border counts too.
        if near is not None and near in wanted and abs(spans[near][0] - start) <= 12:
            wanted[near] = True
    return wanted


def unseen_roles(taught: Sequence[Lesson], rarity: Floats) -> list[roles.Chances]:
    """The probabilities of roles in each text by a model that has not seen it, as in texts that are yet to come."""
    fold = folds(len(taught)) % ROLE_FOLDS
    models = [
        learn_roles([one for one, its in zip(taught, fold, strict=True) if its != number], rarity)
        for number in range(ROLE_FOLDS)
    ]
    return [roles.probabilities(one.reading, models[its]) for one, its in zip(taught, fold, strict=True)]


def border_rows(lesson: Lesson, chances: roles.Chances, rarity: Floats) -> Examples:
    """The features of all borders that a text could have, and whether they are.

    While a text is read its borders are found one by one: each is measured with all the others set, some, and none.
    """
    seen = borders.Borders(lesson.reading, chances, rarity)
    told = borders_wanted(lesson)
    real = tuple(number for number, one in told.items() if one)
    windows = [window for chosen in dict.fromkeys((real, real[::2], ())) for window in seen.windows(chosen)]
    wanted = np.array([told[number] for number, _, _ in windows], np.bool_)
    return [seen.features(*window) for window in windows], wanted


def stretch_rows(lesson: Lesson, chances: roles.Chances, model: Trees, rarity: Floats) -> Examples:
    """The features of the stretches into which a model parts a text, and whether each is a labelled matter."""
    if len(lesson.reading.body) < 2:
        return [], np.zeros(0, np.bool_)
    seen = borders.Borders(lesson.reading, chances, rarity)
    found = divided(seen, model)
    if len(found.stretches) < 2:
        return [], np.zeros(0, np.bool_)
    spans = lesson.spans()
    ends = [(spans[block[0]][0], spans[block[-1]][1]) for block in found.stretches]
    wanted = [any(_shared(one, matter) >= SAME for matter in lesson.remark.matters) for one in ends]
    return list(stretches.rows(seen, *found, rarity)), np.array(wanted)


def _shared(one: tuple[int, int], other: tuple[int, int]) -> float:
    both = max(0, min(one[1], other[1]) - max(one[0], other[0]))
    return both / (one[1] - one[0] + other[1] - other[0] - both)
