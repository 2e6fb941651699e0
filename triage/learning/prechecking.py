"""Learning the small models of the pre-check from our own labelled texts: ``python -m triage.learning.prechecking``.

Roles of sentences, learned tags, levels and borders between matters are logistic regressions with a ridge, over hashed
runs of characters and a few features. Thresholds are chosen on texts that a model has not seen (cross-validated by
text), so that what is tagged is right as often as promised.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.linear_model import LogisticRegression

from triage.catalogue.rules import TAGS
from triage.errors import InputError
from triage.precheck import borders, level, roles, tags, urgency
from triage.precheck.home import own_names
from triage.precheck.linear import FILE, Learned, Linear, stored, together
from triage.precheck.ngrams import SIZE, Places
from triage.precheck.reading import Reading, read
from triage.precheck.trees import Trees
from triage.records import LEVEL_NAMES, Suggestion
from triage.results import replace_file
from triage.text import Segmenter

Floats = NDArray[np.float32]
Bools = NDArray[np.bool_]

FILES = ("machine", "several", "tagged", "near", "plain", "letters", "kinds")
FOLDS = 8
ROLE_FOLDS = 4
FAINT = 0.03
"""Weights of runs below this share of the greatest are left out: they are most of the file and say nothing."""
FAINTEST = 0.15
"""No threshold is lower: among few texts a gap far down says little about those that are yet to come."""
NEVER = 0.95
"""The threshold where no other keeps the promise."""
FAITH = 4
"""Answers that are taken as right as often as promised before any is looked at."""
PRECISE = 0.93
"""The precision that a tag's threshold must reach on texts that were not learned from: a little more than the .9 that
is wanted of texts of other writers.
"""
PRESSING = 0.8
"""The same for a reason of urgency, which a clerk had better see once too often."""
CLEAR = 0.85
"""The same for a level."""
SEED = 5


@dataclass(frozen=True, slots=True)
class Remark:
    """A labelled text: what is in it, as `triage.learning.remarks` says, and the place of the office that reads it.

    `urgency` holds keys of `triage.precheck.urgency.REASONS`, and ``deadline``. `matters` and `parts` are (first, past
    the last) characters of the text; a role has several.
    """

    suggestion: Suggestion
    own: str
    tags: frozenset[str]
    matters: tuple[tuple[int, int], ...]
    parts: Mapping[str, tuple[tuple[int, int], ...]]
    level: str
    urgency: frozenset[str] = frozenset()


def our_remarks() -> list[Remark]:
    """The texts that come with the library, in the order of their ids."""
    folder = files("triage.learning.remarks")
    found: list[Remark] = []
    for name in FILES:
        content = folder.joinpath(f"{name}.jsonl").read_text(encoding="utf-8")
        found.extend(remark(f"{name}.jsonl:{line}", row) for line, row in enumerate(content.splitlines(), 1) if row)
    return sorted(found, key=lambda remark: remark.suggestion.id)


def remark(where: str, row: str) -> Remark:
    """A labelled text from one line of a file. Raises InputError, with `where`, for a label that cannot be."""
    told: dict[str, Any] = json.loads(row)
    text: str = told["text"]
    matters = _stretches(where, text, told["matters"])
    parts = {role: _stretches(where, text, told["parts"].get(role, [])) for role in roles.HEADINGS}
    known = {*LEVEL_NAMES, ""}
    settled = told["level"].removesuffix("及以上")
    if settled not in known:
        raise InputError(f"{where}: level is {told['level']!r}; allowed are {', '.join(sorted(known))}.")
    suggestion = Suggestion(told["id"], told["title"], text, told["source"])
    tagged, pressing = frozenset(told["tags"]), frozenset(told.get("urgency", ()))
    return Remark(suggestion, told["own"], tagged, matters, parts, settled, pressing)


def _stretches(where: str, text: str, pieces: Sequence[str]) -> tuple[tuple[int, int], ...]:
    """Where these pieces stand in the text, each after the one before where that is possible."""
    found, after = [], 0
    for piece in pieces:
        start = text.find(piece, after)
        if start < 0:
            start = text.find(piece)
        if start < 0:
            raise InputError(f"{where}: a labelled stretch does not stand in the text. Copy it from there, every sign.")
        found.append((start, start + len(piece)))
        after = start + len(piece)
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Lesson:
    """A remark and how the pre-check reads it."""

    remark: Remark
    reading: Reading

    def spans(self) -> list[tuple[int, int]]:
        """Where the sentences stand in the field that they belong to."""
        found = [self.reading.source.span(one.start, one.end) for one in self.reading.sentences]
        return [(span.start, span.end) for span in found]


def lessons(remarks: Sequence[Remark]) -> list[Lesson]:
    """The remarks, read."""
    segmenter = Segmenter()
    return [Lesson(one, read(one.suggestion, segmenter, own_names(one.own))) for one in remarks]


def learn(remarks: Sequence[Remark]) -> Learned:
    """All models from labelled texts; the same texts give the same models. Raises InputError if there are too few."""
    if len(remarks) < FOLDS:
        raise InputError(f"{len(remarks)} labelled texts are too few to learn from; at least {FOLDS} are needed.")
    read_ = lessons(remarks)
    rarity = rarity_of([lesson.reading for lesson in read_])
    models = {"roles": learn_roles(read_, rarity)}
    models[level.MODEL] = learn_level(read_, rarity)
    for tag in TAGS:
        models[tags.MODEL + tag] = learn_tag(tag, read_, rarity)
    for kind in urgency.REASONS:
        learned = learn_urgency(kind, read_, rarity)
        if learned.thresholds[0] < NEVER:  # else the words of urgency.csv do better alone
            models[urgency.MODEL + kind] = learned
    return Learned(models, learn_borders(read_, rarity), rarity)


def rarity_of(readings: Sequence[Reading]) -> Floats:
    """How rare each run is: the logarithm of texts by texts with it, at least a little."""
    seen = np.zeros(SIZE, np.float32)
    for reading in readings:
        seen[together(reading.runs)] += 1
    rare = np.log((len(readings) + 1) / (seen + 0.5))
    return np.clip(rare, 0.05, None).astype(np.float16).astype(np.float32)


def runs_matrix(texts: Sequence[Places], rarity: Floats) -> sparse.csr_matrix:
    """Texts × runs: the rarity of each run that a text has, by the root of how many it has."""
    counts = [len(places) for places in texts]
    indices = np.concatenate([*texts, np.zeros(0, np.int64)])
    values = rarity[indices] / np.sqrt(np.repeat(np.maximum(counts, 1), counts))
    return sparse.csr_matrix((values, indices, np.concatenate([[0], np.cumsum(counts)])), (len(texts), SIZE))


def fit(
    texts: Sequence[Places],
    rows: Floats,
    wanted: Sequence[str],
    rarity: Floats,
    *,
    strength: float = 1.0,
    runs: float = 1.0,
    weights: Floats | None = None,
    balanced: bool = False,
) -> Linear:
    """A logistic regression of a class a text; `strength` is how freely weights may grow, `runs` how much the runs of
    characters count beside the features (0: not at all).
    """
    classes = sorted(set(wanted))
    dense = sparse.csr_matrix(rows)
    matrix = sparse.hstack([runs * runs_matrix(texts, rarity), dense]).tocsr() if runs else dense
    model = LogisticRegression(
        C=strength, max_iter=2000, tol=1e-6, class_weight="balanced" if balanced else None, solver="lbfgs"
    )
    model.fit(matrix, [classes.index(one) for one in wanted], sample_weight=weights)
    weights_ = np.asarray(model.coef_, np.float32)
    over_runs = weights_[:, :SIZE] * runs * rarity if runs else np.zeros((len(weights_), SIZE), np.float32)
    over_runs[np.abs(over_runs) < FAINT * np.abs(over_runs).max()] = 0
    return Linear(
        tuple(classes),
        over_runs.astype(np.float16).astype(np.float32),
        weights_[:, SIZE:] if runs else weights_,
        np.asarray(model.intercept_, np.float32),
        np.full(len(weights_), 0.5, np.float32),
    )


def folds(count: int) -> NDArray[np.int64]:
    """The fold of each of so many texts, drawn once."""
    return np.random.default_rng(SEED).permutation(count) % FOLDS


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
    if tag in tags.GENERAL:
        taught = [lesson for lesson in taught if tag in lesson.remark.tags or not lesson.remark.tags]
    rows = np.stack([tags.features(tags.told(lesson.reading), tag) for lesson in taught])
    has = np.array([tag in lesson.remark.tags for lesson in taught])
    return _learn_whether(tag, taught, rows, has, rarity, PRECISE)


def learn_urgency(kind: str, taught: Sequence[Lesson], rarity: Floats) -> Linear:
    """The model of one reason of urgency, with a threshold above which it is right as often as promised."""
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


def precise_from(chances: NDArray[np.float64], right: Bools, wanted: float) -> float:
    """The probability from which on as many as wanted are right; among those the one that lets most through.

    It lies in the middle between the last that is let through and the first that is not, at `FAINTEST` at least.
    """
    order = np.argsort(-chances, kind="stable")
    # A little faith to begin with: else one mistake among the first few would close the gate for good.
    share = (np.cumsum(right[order]) + FAITH * wanted) / (np.arange(1, len(order) + 1) + FAITH)
    enough = np.flatnonzero((share >= wanted) & right[order])
    if not len(enough):
        return NEVER
    last = int(enough[-1])
    following = chances[order[last + 1]] if last + 1 < len(order) else 0.0
    return float(np.clip((chances[order[last]] + following) / 2, FAINTEST, NEVER))


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


def learn_borders(taught: Sequence[Lesson], rarity: Floats) -> Trees:
    """The trees that tell borders between matters."""
    rows, wanted = border_rows(taught, unseen_roles(taught, rarity), rarity)
    # Rounded as they are stored, so that what is read back is what was learned.
    rows = rows.astype(np.float32)
    settings = {**BORDER_SETTINGS, "init": "zero"}
    grown = [GradientBoostingClassifier(**settings, random_state=SEED + draw) for draw in range(DRAWS)]
    return trees_of([model.fit(rows, wanted) for model in grown])


BORDER = 0.45
"""The probability from which a border between matters is one: the best of .2 to .55 on texts that were not learned
from, where as many are right as are found.
"""
DRAWS = 4
"""Models that are averaged: each draws other rows and features, and one alone is a matter of luck."""
BORDER_SETTINGS: dict[str, Any] = {
    "n_estimators": 120,
    "learning_rate": 0.08,
    "max_depth": 3,
    "min_samples_leaf": 30,
    "max_features": 0.3,
    "subsample": 0.8,
}


def trees_of(models: Sequence[GradientBoostingClassifier]) -> Trees:
    """Boosted trees as the arrays that the pre-check reads, filled up to the largest tree's nodes; of several models
    the mean.
    """
    grown = [one.tree_ for model in models for one in model.estimators_[:, 0]]
    rates = [model.learning_rate / len(models) for model in models for _ in model.estimators_]
    most = max(tree.node_count for tree in grown)

    def filled(rows: list[NDArray[Any]], empty: float, kind: type[np.generic]) -> NDArray[Any]:
        table = np.full((len(rows), most), empty, np.float64)
        for line, row in zip(table, rows, strict=True):
            line[: len(row)] = row
        return table.astype(kind)

    return Trees(
        filled([np.where(tree.children_left < 0, -1, tree.feature) for tree in grown], -1, np.int16),
        filled([tree.threshold for tree in grown], 0, np.float32),
        filled([np.maximum(tree.children_left, 0) for tree in grown], 0, np.int16),
        filled([np.maximum(tree.children_right, 0) for tree in grown], 0, np.int16),
        filled([tree.value[:, 0, 0] * rate for tree, rate in zip(grown, rates, strict=True)], 0, np.float32),
        0.0,
        BORDER,
    )


def unseen_roles(taught: Sequence[Lesson], rarity: Floats) -> list[roles.Chances]:
    """The probabilities of roles in each text by a model that has not seen it, as in texts that are yet to come."""
    fold = folds(len(taught)) % ROLE_FOLDS
    models = [
        learn_roles([one for one, its in zip(taught, fold, strict=True) if its != number], rarity)
        for number in range(ROLE_FOLDS)
    ]
    return [roles.probabilities(one.reading, models[its]) for one, its in zip(taught, fold, strict=True)]


def border_rows(taught: Sequence[Lesson], chances: Sequence[roles.Chances], rarity: Floats) -> tuple[Floats, Bools]:
    """The features of all borders that could be, and whether they are.

    While a text is read its borders are found one by one: each is measured with all the others set, some, and none.
    """
    rows: list[Floats] = []
    wanted: list[bool] = []
    for lesson, likely in zip(taught, chances, strict=True):
        seen = borders.Borders(lesson.reading, likely, rarity)
        told = borders_wanted(lesson)
        real = tuple(number for number, one in told.items() if one)
        for chosen in dict.fromkeys((real, real[::2], ())):
            for number, before, after in seen.windows(chosen):
                rows.append(seen.features(number, before, after))
                wanted.append(told[number])
    return np.stack(rows), np.array(wanted)


def main() -> None:
    """Learn and write the models beside the package's other tables."""
    target = Path(str(files("triage.precheck"))) / FILE
    replace_file(target, stored(learn(our_remarks())))


if __name__ == "__main__":
    main()
