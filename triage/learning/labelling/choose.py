"""The texts whose labels teach a model most: unsure, unlike each other, of units that history hardly knows.

Plus a share that is drawn by chance, because what is chosen for being hard says nothing about how good the model is:
accuracy, thresholds and drift can be judged on the random part alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from triage.errors import InputError
from triage.heads.model import Model
from triage.heads.similarity import DENSE_SHARE, sharpened
from triage.learning.reading import Progress, Reading, read
from triage.learning.train import ALIKE
from triage.records import Suggestion

if TYPE_CHECKING:
    from triage.encoders.sentence import SentenceEncoder

Floats = NDArray[np.floating[Any]]

RANDOM = 0.2
"""The share that is drawn by chance."""
RARE = 3
"""A unit with at most so many cases is rare."""
UNITS_NAMED = 5
"""The likeliest units that a choice names."""
LIKELY = 3
"""So many of them are likely enough to be looked at for a rare one."""
SURE = 1.5
"""A model that hesitates among fewer units, effectively, is rather sure."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One text to label: its place in the file, whether it was drawn by chance, what the model says, and why it.

    `units` are the likeliest leads with their probabilities; `effective` how many units are in the running (the
    exponential of the entropy); `rare` the likely unit of which history has few cases, with their number; `stands_for`
    how many of the other texts are nearest to it among the chosen.
    """

    row: int
    random: bool
    units: tuple[tuple[str, float], ...]
    effective: float
    rare: tuple[str, int] | None
    stands_for: int
    topic: str = ""

    def why(self) -> str:
        """The reason, as a clerk reads it."""
        if self.random:
            return "随机抽取：只有这一部分能如实反映准确率，请照样标注，不要换掉。"
        (first, score), *others = self.units
        if self.effective < SURE:
            said = f"模型较有把握，请核对：{first} {score:.0%}"
        else:
            said = f"模型拿不准：{first} {score:.0%}"
        if others:
            said += "，" + "、".join(f"{name} {share:.0%}" for name, share in others[:2])
        said += "。" if self.effective < SURE else f"，相当于在 {self.effective:.0f} 个单位之间犹豫。"
        if self.rare is not None:
            name, cases = self.rare
            said += f"可能属于{name}，该单位{f'以往只有 {cases} 件' if cases else '以往没有案件'}。"
        if self.stands_for:
            said += f"与它相近的未标注文本约 {self.stands_for} 件。"
        return said


@dataclass(frozen=True, slots=True)
class Selection:
    """The chosen texts, most telling first and those drawn by chance mixed among them, and what was left aside.

    `unreadable`, `confidential` (their wording does not belong on a sheet), `handled` (near-copies of a case that the
    model knows) and `copies` (near-copies of another text of the file) count texts that could not be chosen.
    """

    choices: tuple[Choice, ...]
    texts: int
    unreadable: int
    confidential: int
    handled: int
    copies: int


def choose(
    model: Model,
    sentence: SentenceEncoder | None,
    suggestions: Sequence[Suggestion],
    most: int,
    *,
    seed: int = 0,
    progress: Progress | None = None,
) -> Selection:
    """At most `most` of the unlabelled `suggestions`; the same for the same `seed`.

    One fifth (`RANDOM`) is drawn by chance from all that can be labelled. The rest is the greedy maximum of a
    determinantal point process (Chen, Zhang & Zhou, "Fast greedy MAP inference for determinantal point process", 2018):
    each text weighs by the entropy of its lead, and more where rare units are likely; a text that is like one already
    chosen, or like a known case, adds little. Raises InputError for `most` below 1 and where nothing can be labelled.
    """
    if most < 1:
        raise InputError(f"most={most}: at least 1 text is chosen.")
    reading = read(model, sentence, suggestions, progress)
    quiet = np.array([text.suggestion.confidential for text in reading.texts], bool)
    handled = ~quiet & (reading.wording >= ALIKE)
    free = np.flatnonzero(~quiet & ~handled)
    if not len(free):
        raise InputError(
            f"none of {len(suggestions)} texts can be labelled: {len(suggestions) - len(reading)} cannot be read, "
            f"{int(quiet.sum())} are confidential, {int(handled.sum())} repeat known cases. Give newer texts."
        )
    kernel = Kernel(model, reading, free)
    first = kernel.first_of_copies()
    pool = free[first]
    kernel = Kernel(model, reading, pool)
    chosen, drawn = _picked(model, reading, pool, kernel, most, np.random.default_rng(seed))
    stands = kernel.nearest_counts(chosen)
    return Selection(
        tuple(
            _choice(model, reading, int(pool[place]), place in drawn, int(count))
            for place, count in zip(chosen, stands, strict=True)
        ),
        len(suggestions),
        len(suggestions) - len(reading),
        int(quiet.sum()),
        int(handled.sum()),
        len(free) - len(pool),
    )


class Kernel:
    """How like the texts of a pool are to each other, a column at a time: the lead regression's own kernel."""

    def __init__(self, model: Model, reading: Reading, pool: NDArray[np.intp]) -> None:
        self._lexical = reading.vectors.lexical[pool]
        self._turned = self._lexical.T.tocsr()
        dense = reading.vectors.dense
        self._dense = None if dense is None else model.rows.centred(dense[pool])

    def __len__(self) -> int:
        return int(self._lexical.shape[0])

    def wording(self, place: int) -> Floats:
        """The cosine of wording of one text to all, (n,)."""
        return np.asarray((self._lexical[[place]] @ self._turned).toarray()[0])

    def column(self, place: int) -> Floats:
        """The kernel of one text with all, (n,); 1 with itself."""
        if self._dense is None:
            return self.wording(place)
        meaning = sharpened(self._dense @ self._dense[place])
        return np.asarray(DENSE_SHARE * meaning + (1 - DENSE_SHARE) * self.wording(place))

    def first_of_copies(self) -> NDArray[np.intp]:
        """The first of each run of near-copies: one answer teaches as much as ten."""
        kept = np.ones(len(self), bool)
        for place in range(len(self)):
            if kept[place]:
                kept[place + 1 :] &= self.wording(place)[place + 1 :] < ALIKE
        return np.flatnonzero(kept)

    def nearest_counts(self, chosen: Sequence[int]) -> NDArray[np.intp]:
        """How many texts that were not chosen are nearest to each that was, (chosen,)."""
        if not chosen:
            return np.zeros(0, np.intp)
        columns = np.stack([self.column(place) for place in chosen])
        nearest = columns.argmax(axis=0)
        others = np.setdiff1d(np.arange(len(self)), np.array(chosen))
        return np.bincount(nearest[others], minlength=len(chosen))


def quality(model: Model, reading: Reading) -> Floats:
    """What each text weighs, (texts,): the entropy of its lead, and up to twice that where the likely units are rare
    (one over the root of their cases, averaged over the probabilities).
    """
    lead = np.asarray(reading.lead, np.float64)
    entropy = -(lead * np.log(np.maximum(lead, 1e-12))).sum(axis=1)
    cases = model.lead.leads_.sum(axis=0)
    return np.asarray(entropy * (1 + lead @ (1 / np.sqrt(1 + cases))))


def diverse(kernel: Kernel, weights: Floats, most: int, without: Sequence[int] = ()) -> list[int]:
    """Greedy maximum of the determinant of the chosen texts' kernel, each text weighed; those `without` count as chosen
    before. In the order in which they were chosen.
    """
    left = np.ones(len(kernel))
    basis = np.zeros((len(without) + most, len(kernel)))
    taken: list[int] = []
    while len(taken) < min(len(without) + most, len(kernel)):
        if len(taken) < len(without):
            place = without[len(taken)]
        else:
            gain = np.where(left > 1e-9, weights**2 * left, 0.0)
            gain[taken] = -1.0
            place = int(gain.argmax())
        rest = kernel.column(place) - basis[: len(taken), place] @ basis[: len(taken)]
        basis[len(taken)] = rest / np.sqrt(max(float(left[place]), 1e-9))
        left = np.maximum(left - basis[len(taken)] ** 2, 0.0)
        taken.append(place)
    return taken[len(without) :]


def _picked(
    model: Model, reading: Reading, pool: NDArray[np.intp], kernel: Kernel, most: int, rng: np.random.Generator
) -> tuple[list[int], set[int]]:
    """Places in the pool, and which of them were drawn by chance; those come at every fifth place."""
    most = min(most, len(pool))
    count = round(RANDOM * most) if most < len(pool) else 0
    drawn = [int(place) for place in rng.permutation(len(pool))[:count]]
    told = diverse(kernel, quality(model, reading)[pool], most - count, drawn)
    order = np.argsort(
        np.concatenate([np.arange(len(told)), np.linspace(0, len(told), count + 2)[1:-1]]), kind="stable"
    )
    mixed = [*told, *drawn]
    return [mixed[place] for place in order], set(drawn)


def _choice(model: Model, reading: Reading, row: int, random: bool, stands: int) -> Choice:
    lead = np.asarray(reading.lead[row], np.float64)
    order = np.argsort(-lead, kind="stable")[:UNITS_NAMED]
    cases = model.lead.leads_.sum(axis=0)
    names = model.units.names
    rare = next(((names[unit], round(float(cases[unit]))) for unit in order[:LIKELY] if cases[unit] <= RARE), None)
    columns = model.topics.columns
    topic = ""
    if len(columns):
        leaf = columns.leaves[int(reading.topics[row].argmax())]
        topic = "/".join(columns.catalogue.topic_path(leaf))
    return Choice(
        row=int(reading.rows[row]),
        random=random,
        units=tuple((names[unit], float(lead[unit])) for unit in order),
        effective=float(np.exp(-(lead * np.log(np.maximum(lead, 1e-12))).sum())),
        rare=rare,
        stands_for=stands,
        topic=topic,
    )
