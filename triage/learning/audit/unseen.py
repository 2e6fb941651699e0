"""What a model that has not seen a case says of it: the probabilities that labels are held against."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

import numpy as np
from numpy.typing import NDArray

from triage.catalogue import Catalogue, Resolver
from triage.heads.evidence import LEAST_PRECEDENT, evidence
from triage.heads.judge import Judged
from triage.heads.model import Model
from triage.heads.similarity import Similarities, Vectors
from triage.learning.labels import Place, UnitLabels, filed_codes, topic_matrix
from triage.learning.reading import read
from triage.learning.train import ALIKE, train
from triage.records import Case, Suggestion

if TYPE_CHECKING:
    from triage.encoders.cache import CachedEncoder
    from triage.encoders.sentence import SentenceEncoder

log = logging.getLogger(__name__)

Floats = NDArray[np.float64]
Progress = Callable[[str, float], None]

GROUNDS = 3
"""Reasons that a finding names for one unit."""


@dataclass(frozen=True, slots=True, eq=False)
class Unseen:
    """Answers for the cases in `rows` (positions among all), by models without them and their near-copies.

    `lead` and `co` (cases, units), `topic` (cases, leaves) are probabilities; `led`, `helped` and `filed` say what
    history has there: shares of the leads, 1 for a helper, shares of the topics. All zero where it says nothing. `co`
    and `helped` are about the first cases only, those that the model was learned from; of the others, which were more
    than it learns from, `beyond` are the vectors.
    """

    model: Model
    rows: NDArray[np.intp]
    lead: Floats
    led: Floats
    co: Floats
    helped: Floats
    topic: Floats
    filed: Floats
    beyond: Vectors | None = None

    def units(self, columns: Sequence[int]) -> tuple[str, ...]:
        """The names of unit columns."""
        return tuple(self.model.units.names[column] for column in columns)

    def grounds(self, case: int, columns: Sequence[int]) -> tuple[str, ...]:
        """What speaks for some units in the case at a position of `rows`: duty phrases, and precedents but itself.

        Nothing of the text's own wording; the words that weighed most are left out, for they were learned with it.
        """
        closeness = self._closeness(case)
        none = np.zeros((1, 0), np.float32)
        mentions = np.zeros((1, len(self.model.units), 5), np.float32)
        unread = Vectors(self.model.rows.lexical[:1])  # only the words that weighed would be read from it
        judged = Judged(none, none, none, none, mentions, closeness, unread, np.zeros(1, np.intp), [()])
        found = [evidence(self.model, judged, 0, [column], [], None)[:GROUNDS] for column in dict.fromkeys(columns)]
        return tuple(f"{item.unit}：{item.text}" for items in found for item in items)

    def topic_grounds(self, case: int, column: int, label: str) -> tuple[str, ...]:
        """The nearest other cases that are filed under a topic, which the file writes as `label`."""
        near = self._closeness(case)[0, self.model.rows.cases]
        likely = np.flatnonzero((near >= LEAST_PRECEDENT) & (self.filed[: len(near), column] > 0))
        found = []
        for row in likely[np.argsort(-near[likely], kind="stable")][:GROUNDS]:
            precedent = self.model.precedents[row]
            title = f"《{precedent.title}》" if precedent.title else "（保密件）"
            found.append(f"相近案件{title}（{precedent.id}）归入“{label}”")
        return tuple(found)

    def _closeness(self, case: int) -> NDArray[np.float32]:
        """The closeness of a case to every reference row (1, rows), none to itself."""
        reference, learned = self.model.rows, len(self.model.precedents)
        if self.beyond is not None and case >= learned:
            return reference.compare(self.beyond.of(slice(case - learned, case - learned + 1))).closeness
        lexical = (reference.lexical[[case]] @ reference.by_term).toarray().astype(np.float32)
        dense = None if reference.dense is None else reference.dense[[case]] @ reference.dense.T
        closeness = Similarities.of_cosines(lexical, dense).closeness.copy()
        closeness[0, case] = 0.0
        return closeness


def unseen_answers(
    cases: Sequence[Case],
    catalogue: Catalogue | None,
    sentence: SentenceEncoder | CachedEncoder | None,
    progress: Progress | None = None,
) -> Unseen:
    """Train on the cases once, and take what the heads answered for each from the others alone.

    That needs no second training: the heads leave out a case's near-copies, or its fold (`heads/holdout.py`), and what
    they answer finds planted errors as surely as five models trained without a fold each (`benchmarks/audit`). Cases
    beyond those that a model learns from are answered by it, but for near-copies of the learned ones, which are left
    out. With a `catalogue`, units and topics that it lacks are left out of what is learned.
    """
    readable = list(cases) if catalogue is None else _known(cases, catalogue)
    model = train(readable, catalogue=catalogue, sentence=sentence, progress=progress)
    place = {case.suggestion.id: row for row, case in enumerate(cases)}
    rows = np.array([place[precedent.id] for precedent in model.precedents], np.intp)
    seen = Unseen(
        model,
        rows,
        model.lead.unseen_.astype(np.float64),
        model.lead.leads_.astype(np.float64),
        model.co.unseen_.astype(np.float64),
        model.co.helpers_.astype(np.float64),
        model.topics.unseen_.astype(np.float64),
        model.topics.filed_.astype(np.float64),
    )
    others = np.setdiff1d(np.arange(len(cases)), rows)
    return _with_others(seen, readable, others, sentence) if len(others) else seen


def _with_others(
    seen: Unseen, cases: Sequence[Case], others: NDArray[np.intp], sentence: SentenceEncoder | CachedEncoder | None
) -> Unseen:
    """With the answers for readable cases that the model has not learned from, nor a near-copy of them."""
    model = seen.model
    reading = read(model, cast("SentenceEncoder | None", sentence), [cases[row].suggestion for row in others])
    kept = np.flatnonzero(reading.wording < ALIKE)
    if not len(kept):
        return seen
    rows = others[reading.rows[kept]]
    asked = [cases[row] for row in rows]
    labels = UnitLabels(Place(model.catalogue, model.units.units), model.units)
    led, _ = labels.matrices(asked, np.zeros((len(asked), len(model.units)), np.float32))
    dense = reading.vectors.dense
    return replace(
        seen,
        rows=np.concatenate([seen.rows, rows]),
        lead=np.concatenate([seen.lead, reading.lead[kept]]),
        led=np.concatenate([seen.led, led]),
        topic=np.concatenate([seen.topic, reading.topics[kept]]),
        filed=np.concatenate([seen.filed, topic_matrix(asked, model.topics.columns)]),
        beyond=Vectors(reading.vectors.lexical[kept], None if dense is None else dense[kept]),
    )


def _known(cases: Sequence[Case], catalogue: Catalogue) -> list[Case]:
    """The cases with only those units and topics that a catalogue has, or had and knows the heirs of."""
    resolver = Resolver(catalogue)
    current = {unit.code for unit in catalogue.current()}
    units: dict[str, bool] = {}
    topics: dict[str, bool] = {}

    def has_unit(name: str) -> bool:
        if name not in units:
            unit = resolver.resolve(name).unit
            heirs = () if unit is None or unit.is_kind else (unit, *catalogue.successors(unit.code))
            units[name] = any(heir.code in current for heir in heirs)
        return units[name]

    def has_topic(label: str) -> bool:
        if label not in topics:
            topics[label] = not catalogue.topics or bool(filed_codes([Case(Suggestion(), topics=(label,))], catalogue))
        return topics[label]

    return [
        replace(
            case,
            leads=tuple(filter(has_unit, case.leads)),
            co=tuple(filter(has_unit, case.co)),
            topics=tuple(filter(has_topic, case.topics)),
        )
        for case in cases
    ]
