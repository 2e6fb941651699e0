"""What a model without any case sees in handled cases: the signals of each head, beside what was right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from triage.catalogue import Catalogue
from triage.encoders.sentence import SentenceEncoder
from triage.heads import co, lead, topics
from triage.heads.model import Model, vectorize
from triage.heads.similarity import Similarities
from triage.learning.labels import UnitLabels, place_for, topic_matrix
from triage.learning.train import train
from triage.records import Case
from triage.text import prepare

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Choice:
    """One of n (lead, topic): `features` (cases, candidates, signals), `right` (cases,) the right candidate."""

    head: str
    names: tuple[str, ...]
    stored: tuple[float, ...]
    features: Floats
    right: NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Subset:
    """Any of n (helpers): `features` (cases, candidates, signals), `right` likewise of 0 and 1.

    `free` is where a candidate may help, as it did not lead; `barred` (cases,) is the lead that the model would answer.
    """

    head: str
    names: tuple[str, ...]
    stored: tuple[float, ...]
    features: Floats
    right: Floats
    free: NDArray[np.bool_]
    barred: NDArray[np.intp]


Signals = Choice | Subset


def cold_signals(
    cases: Sequence[Case], catalogue: Catalogue | None, units: Sequence[str], sentence: SentenceEncoder | None
) -> list[Signals]:
    """The signals of every head that `cases` can judge, by a model that learned none of them.

    The units are the catalogue's, or those named in `units` with the starter catalogue's duties.
    """
    model = train((), catalogue=catalogue, units=units, sentence=sentence)
    texts = [prepare(case.suggestion) for case in cases]
    seen = model.rows.compare(vectorize(texts, model.lexical, sentence))
    mentions = model.mentions([text.full for text in texts])
    duties = model.units.groups.best(seen.closeness[:, model.rows.duties])
    leads, helpers = UnitLabels(place_for((), catalogue, units), model.units).matrices(cases, duties)
    chance = model.lead.predict_proba(model.rows, seen, mentions)
    found: list[Signals] = []
    known = leads.sum(axis=1) > 0
    if known.any():
        features = model.lead.features(model.rows, seen, mentions)[known]
        stored = lead.START if sentence else lead.START_ON_WORDING
        found.append(Choice("lead", lead.SIGNALS, stored, features, leads.argmax(axis=1)[known]))
    if helpers.any():
        helping = model.co.features(model.rows, seen, chance, mentions)
        start = co.START if sentence else co.START_ON_WORDING
        found.append(Subset("co", co.SIGNALS, start, helping, helpers, leads < 0.5, chance.argmax(axis=1)))
    return found + _topic_signals(model, cases, seen, sentence is not None)


def _topic_signals(model: Model, cases: Sequence[Case], seen: Similarities, meaning: bool) -> list[Signals]:
    filed = topic_matrix(cases, model.topics.columns)
    known = filed.sum(axis=1) > 0
    if not known.any():
        return []
    stored = topics.START if meaning else topics.START_ON_WORDING
    features = model.topics.features(model.rows, seen)[known]
    return [Choice("topic", topics.SIGNALS, stored, features, filed.argmax(axis=1)[known])]
