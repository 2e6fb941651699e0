"""All heads on some texts: what the answers are read from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from triage.heads.model import Model, vectorize
from triage.heads.promise import tempered
from triage.heads.similarity import Encoder, Similarities, Vectors
from triage.text import Prepared

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Judged:
    """The heads' probabilities for some texts: units in the model's order, topics as leaves, and what they were
    read from.
    """

    lead: Floats
    certainty: Floats
    co: Floats
    topics: Floats
    mentions: Floats
    seen: Similarities
    vectors: Vectors


def judge(model: Model, sentence: Encoder | None, texts: Sequence[Prepared]) -> Judged:
    """All heads on all texts: one matrix, one comparison, three heads."""
    vectors = vectorize(texts, model.lexical, sentence)
    seen = model.rows.compare(vectors)
    mentions = model.units.mentions([text.full for text in texts])
    raw = model.lead.predict_proba(model.rows, seen, mentions)
    co = model.co.predict_proba(model.rows, seen, raw, mentions)
    certainty = model.promise.certainty(raw)
    return Judged(
        tempered(raw, certainty), certainty, co, model.topics.predict_proba(model.rows, seen), mentions, seen, vectors
    )
