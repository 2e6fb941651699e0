"""Learning what is told of a whole text or of each sentence: roles, level, tags, urgency."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from triage.errors import InputError
from triage.learning.prechecking.fitting import FOLDS, Bools, fit, folds, precise_from
from triage.learning.prechecking.labelled import Lesson
from triage.precheck import level, roles, tags, urgency
from triage.precheck.linear import Floats, Linear, together
from triage.precheck.ngrams import Places

PRECISE = 0.93
"""The precision that a tag's threshold must reach on texts that were not learned from: a little more than the .9 that
is wanted of texts of other writers.
"""
PRESSING = 0.8
"""The same for a reason of urgency, which a clerk had better see once too often."""
CLEAR = 0.85
"""The same for a level."""


def roles_wanted(lesson: Lesson) -> list[str]:
    """The role of each sentence: the one of which it has most characters, `roles.NONE` where it has hardly any."""
    wanted = []
    for sentence, (start, end) in zip(lesson.reading.sentences, lesson.spans(), strict=True):
        if sentence.title:
            wanted.append("subject")
            continue
        shares = {
            role: sum(max(0, min(end, last) - max(start, first)) for first, last in stretches)
            for role, stretches in lesson.remark.parts.items()
        }
        role = max(shares, key=lambda name: shares[name])
        wanted.append(role if 3 * shares[role] >= end - start else roles.NONE)
    return wanted


def learn_roles(taught: Sequence[Lesson], rarity: Floats) -> Linear:
    """The model of roles, from sentences of bodies in which some role is labelled."""
    runs: list[Places] = []
    rows: list[Floats] = []
    wanted: list[str] = []
    for lesson in taught:
        if not any(lesson.remark.parts.values()):
            continue
        every, told = roles.features(lesson.reading), roles_wanted(lesson)
        for number in lesson.reading.body:
            runs.append(lesson.reading.runs[number])
            rows.append(every[number])
            wanted.append(told[number])
    return fit(runs, np.stack(rows), wanted, rarity, strength=0.5, runs=0.5)


def learn_level(taught: Sequence[Lesson], rarity: Floats) -> Linear:
    """The model of levels, from the texts that have one, with a threshold from which it is right as often as wanted."""
    told = [lesson for lesson in taught if lesson.remark.level]
    runs = [together(lesson.reading.runs) for lesson in told]
    rows = np.stack([level.features(lesson.reading) for lesson in told])
    wanted = [lesson.remark.level for lesson in told]
    settings: dict[str, Any] = {"strength": 0.3, "runs": 1.0}
    fold = folds(len(told))
    chances = np.zeros(len(told))
    right = np.zeros(len(told), np.bool_)
    for number in range(FOLDS):
        seen = np.flatnonzero(fold != number)
        model = fit([runs[one] for one in seen], rows[seen], [wanted[one] for one in seen], rarity, **settings)
        for one in np.flatnonzero(fold == number):
            found = model.probabilities(runs[one], rows[one])
            chances[one] = found.max()
            right[one] = model.classes[int(found.argmax())] == wanted[one]
    model = fit(runs, rows, wanted, rarity, **settings)
    threshold = precise_from(chances, right, CLEAR)
    return replace(model, thresholds=np.full(len(model.classes), threshold, np.float32))


def learn_tag(tag: str, taught: Sequence[Lesson], rarity: Floats) -> Linear:
    """The model of one tag, with a threshold above which it is right as often as promised.

    A tag that is told only where no other is (`tags.GENERAL`) is learned without the texts of the others.
    """
    taught = [lesson for lesson in taught if lesson.remark.whole]
    if tag in tags.GENERAL:
        taught = [lesson for lesson in taught if tag in lesson.remark.tags or not lesson.remark.tags]
    rows = np.stack([tags.features(tags.told(lesson.reading), tag) for lesson in taught])
    has = np.array([tag in lesson.remark.tags for lesson in taught])
    return _learn_whether(tag, taught, rows, has, rarity, PRECISE)


def learn_urgency(kind: str, taught: Sequence[Lesson], rarity: Floats) -> Linear:
    """The model of one reason of urgency, with a threshold above which it is right as often as promised."""
    taught = [lesson for lesson in taught if lesson.remark.whole]
    rows = np.stack([urgency.features(lesson.reading) for lesson in taught])
    has = np.array([kind in lesson.remark.urgency for lesson in taught])
    return _learn_whether(kind, taught, rows, has, rarity, PRESSING)


def _learn_whether(
    name: str, taught: Sequence[Lesson], rows: Floats, has: Bools, rarity: Floats, wanted: float
) -> Linear:
    runs = [together(lesson.reading.runs) for lesson in taught]
    words = ["yes" if one else "no" for one in has]
    if len(set(words)) < 2:
        raise InputError(f"no labelled text is {name!r}, or all are; some of both are needed to learn it.")
    fold = folds(len(taught))
    chances = np.zeros(len(taught))
    for number in range(FOLDS):
        seen = np.flatnonzero(fold != number)
        if not has[seen].any():
            continue
        model = fit([runs[one] for one in seen], rows[seen], [words[one] for one in seen], rarity, **TAG_SETTINGS)
        for one in np.flatnonzero(fold == number):
            chances[one] = model.probabilities(runs[one], rows[one])[0]
    model = fit(runs, rows, words, rarity, **TAG_SETTINGS)
    return replace(model, thresholds=np.array([precise_from(chances, has, wanted)], np.float32))


TAG_SETTINGS: dict[str, Any] = {"strength": 1.0, "runs": 3.0, "balanced": True}
