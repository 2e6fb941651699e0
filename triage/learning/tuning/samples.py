"""What an encoder is tuned on: texts and phrases, each with the units (or the topic) that it belongs to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.sparse.csgraph import connected_components

from triage.duplicates.batch import MERGED, Batch
from triage.duplicates.calibration import calibration_for
from triage.heads.columns import UnitColumns
from triage.heads.model import FOCUS
from triage.learning.evaluation.copies import copy_groups
from triage.learning.labels import UnitLabels, place_for, topic_path
from triage.records import Case
from triage.text import Prepared, prepare

if TYPE_CHECKING:
    from triage.catalogue import Catalogue
    from triage.encoders.sentence import SentenceEncoder

Rows = NDArray[np.intp]
ALONE = -1
"""The matter of a phrase: no other shares it."""


class Source(StrEnum):
    """What pairs are made from."""

    BOTH = "both"
    HISTORY = "history"
    DUTIES = "duties"


@dataclass(frozen=True, slots=True)
class Sample:
    """A text or phrase as the encoder reads it.

    `owners` are the units that lead it or whose duty it is; the topic where history knows no leads. It may also be near
    what belongs to `fits`: to those that help. Samples of one `matter` ask for the same.
    """

    text: str
    owners: frozenset[str] = frozenset()
    fits: frozenset[str] = frozenset()
    matter: int = ALONE

    def keeps_from(self, other: Sample) -> bool:
        """Whether the two surely do not belong together, so that nearness of theirs would be an error."""
        known = bool(self.owners and other.owners) and self.text != other.text
        apart = not (self.fits & other.owners or other.fits & self.owners)
        return known and apart and (self.matter == ALONE or self.matter != other.matter)


@dataclass(frozen=True, slots=True)
class Samples:
    """All that can be learned from: `cases` in the order of history (unreadable ones have no text), their `halves`
    (title, body) where both are there, and `phrases` of duties and topics.
    """

    cases: tuple[Sample, ...] = ()
    halves: dict[int, tuple[Sample, Sample]] = field(default_factory=dict)
    phrases: tuple[Sample, ...] = ()

    @property
    def matters(self) -> Rows:
        """The matter of each case."""
        return np.array([sample.matter for sample in self.cases], np.intp)

    def of(self, rows: Sequence[int] | Rows) -> Samples:
        """The same with these cases only; the phrases stay."""
        kept = [int(row) for row in rows]
        halves = {place: self.halves[row] for place, row in enumerate(kept) if row in self.halves}
        return Samples(tuple(self.cases[row] for row in kept), halves, self.phrases)


def gathered(
    cases: Sequence[Case],
    *,
    catalogue: Catalogue | None = None,
    units: Sequence[str] = (),
    sentence: SentenceEncoder | None = None,
) -> Samples:
    """Cases and a place's phrases as samples. The units come from where training takes them (`place_for`).

    `sentence` helps to see which cases are one matter. Raises InputError for names that a given catalogue lacks.
    """
    place = place_for(cases, catalogue, units)
    columns = UnitColumns(place.catalogue, place.answerable)
    labels = UnitLabels(place, columns)
    if catalogue is not None:
        labels.check(cases)
    led = any(case.leads for case in cases) or not any(case.topics for case in cases)
    matters = same_matters(cases, sentence)
    samples: list[Sample] = []
    halves: dict[int, tuple[Sample, Sample]] = {}
    for row, case in enumerate(cases):
        text = prepare(case.suggestion)
        owners, fits = _of_units(case, labels, columns) if led else _of_topic(case)
        sample = Sample(text.focus(FOCUS) if text.usable else "", owners, fits, int(matters[row]))
        samples.append(sample)
        if text.usable and text.title and text.body:
            halves[row] = _halves(text, sample)
    return Samples(tuple(samples), halves, _duties(columns, place.catalogue) if led else _topics(place.catalogue))


def _of_units(case: Case, labels: UnitLabels, columns: UnitColumns) -> tuple[frozenset[str], frozenset[str]]:
    owners = frozenset(columns.names[column] for name in case.leads for column in labels.columns_of(name))
    return owners, owners | {columns.names[column] for name in case.co for column in labels.columns_of(name)}


def _of_topic(case: Case) -> tuple[frozenset[str], frozenset[str]]:
    paths = [topic_path(label) for label in case.topics]
    return frozenset("/".join(path) for path in paths[:1] if path), frozenset("/".join(path) for path in paths if path)


def _halves(text: Prepared, whole: Sample) -> tuple[Sample, Sample]:
    body = replace(text, title="").focus(FOCUS)
    return replace(whole, text=text.title), replace(whole, text=body)


def _duties(columns: UnitColumns, catalogue: Catalogue) -> tuple[Sample, ...]:
    """The duty phrases of the units that can be answered, and the phrases of topics as their first unit's."""
    found: dict[str, Sample] = {}
    for phrase, row in zip(columns.phrases, columns.membership, strict=True):
        owners = frozenset(columns.names[column] for column in np.flatnonzero(row))
        found[phrase] = Sample(phrase, owners, owners)
    names = {unit.code: unit.name for unit in columns.units}
    for topic in catalogue.topics:
        handling = [names[code] for code in topic.units if code in names]
        if handling:
            for phrase in (topic.name, *topic.phrases):
                found.setdefault(phrase, Sample(phrase, frozenset(handling[:1]), frozenset(handling)))
    return tuple(found.values())


def _topics(catalogue: Catalogue) -> tuple[Sample, ...]:
    found: dict[str, Sample] = {}
    for topic in catalogue.topics:
        owners = frozenset({"/".join(catalogue.topic_path(topic.code))})
        for phrase in (topic.name, *topic.phrases):
            found.setdefault(phrase, Sample(phrase, owners, owners))
    return tuple(found.values())


def same_matters(cases: Sequence[Case], sentence: SentenceEncoder | None = None) -> Rows:
    """A number for each case, (n,): cases share one where they are copies, or where it is as sure as for a merge
    proposal that they ask for the same. By wording alone where no grades were learned for the encoder.
    """
    groups = copy_groups([case.suggestion for case in cases])
    if len(cases) < 2:
        return groups
    known = sentence if calibration_for(sentence) is not None else None
    named = [Case(replace(case.suggestion, id=f"#{row}")) for row, case in enumerate(cases)]
    batch = Batch(named, sentence=known)
    try:
        pairs = [(pair.one, pair.other) for pair in batch.pairs() if pair.score >= MERGED]
    finally:
        batch.close()
    first: dict[int, int] = {}
    pairs += [(first.setdefault(int(group), row), row) for row, group in enumerate(groups)]
    one, other = np.array(pairs, np.intp).T
    graph = sp.coo_array((np.ones(len(one), bool), (one, other)), shape=(len(cases), len(cases)))
    return np.asarray(connected_components(graph, directed=False)[1], np.intp)
