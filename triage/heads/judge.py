"""All heads on some texts: what the answers are read from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from triage.heads.model import Model, vectorize
from triage.heads.promise import tempered
from triage.heads.similarity import Encoder, Vectors
from triage.heads.told import Told, heard
from triage.text import Prepared

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Judged:
    """The heads' probabilities for some texts: units in the model's order, topics as leaves, and what they were
    read from, `closeness` to the reference rows and the places that each text names among it. `own` is the first lead
    before other cases were heard.
    """

    lead: Floats
    certainty: Floats
    co: Floats
    topics: Floats
    mentions: Floats
    closeness: Floats
    vectors: Vectors
    own: NDArray[np.intp]
    named: Sequence[tuple[str, ...]]


def judge(
    model: Model, sentence: Encoder | None, texts: Sequence[Prepared], told: Sequence[Told] | None = None
) -> Judged:
    """All heads on at least one text: one matrix, and then each text by itself; `told` is what cases outside the model
    say of each.

    Products of matrices sum in another order when there are more rows, and two of a hundred answers would differ in
    a last digit from what the same text gets alone (measured; a text by itself costs a millisecond, its sentence
    vector ten).
    """
    full = [text.full for text in texts]
    named = model.named(full)
    mentions = model.mentions(full, named)
    vectors = vectorize(texts, model.lexical, sentence)
    each = [_one(model, vectors.of(slice(row, row + 1)), mentions[row : row + 1]) for row in range(len(texts))]
    lead, certainty, co, topics, closeness = (np.concatenate(parts) for parts in zip(*each, strict=True))
    own = lead.argmax(axis=1)
    for row, cases in enumerate(told or ()):
        if cases.leads or cases.co:
            lead[row], co[row] = heard(lead[row], co[row], cases, model.units)
            # What was promised was proven without hearing: hearing may take a promise back, and never makes one.
            certainty[row] = min(certainty[row], lead[row].max(initial=0.0))
    return Judged(lead, certainty, co, topics, mentions, closeness, vectors, own, named)


def _one(model: Model, vectors: Vectors, mentions: Floats) -> tuple[Floats, Floats, Floats, Floats, Floats]:
    seen = model.rows.compare(vectors)
    raw = model.lead.predict_proba(model.rows, seen, mentions)
    co = model.co.predict_proba(model.rows, seen, raw, mentions)
    certainty = model.promise.certainty(raw, seen.closeness[:, model.rows.cases].max(axis=1, initial=0.0))
    return tempered(raw, certainty), certainty, co, model.topics.predict_proba(model.rows, seen), seen.closeness
