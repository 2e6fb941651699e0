"""The two sides of a comparison: the past (a bundle's own cases, or a file of earlier texts) and the new texts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from triage.errors import InputError
from triage.heads.model import Model
from triage.learning.drift.words import WordCounts, counted, remembered
from triage.learning.reading import Reading
from triage.records import Suggestion

Floats = NDArray[np.float32]
Columns = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Side:
    """Texts as they are compared: arrays of one entry a readable text.

    `lead` and `topic` are the columns of the first answers (−1: none), `certainty` the probability that the lead is
    right, `right` whether it was (None where nobody knows), `suggested` whether it would be a *suggest*. None where
    the model does not hold it: `dense` without sentence encoder; all of the answers in bundles of an older triage.
    """

    texts: int
    unreadable: int
    sources: tuple[str, ...]
    lexical: sp.csr_array
    dense: Floats | None
    lead: Columns | None = None
    certainty: Floats | None = None
    right: NDArray[np.bool_] | None = None
    suggested: NDArray[np.bool_] | None = None
    topic: Columns | None = None
    nearest: Floats | None = None
    length: NDArray[np.int64] | None = None
    confidential: NDArray[np.bool_] | None = None
    words: WordCounts | None = None


def side_of(model: Model, reading: Reading, cut_words: bool = False) -> Side:
    """A file's texts, as the model reads them."""
    texts = reading.texts
    dense = None if reading.vectors.dense is None else model.rows.centred(reading.vectors.dense)
    return Side(
        texts=len(texts),
        unreadable=len(reading.all_texts) - len(texts),
        sources=tuple(text.suggestion.source for text in texts),
        lexical=reading.vectors.lexical,
        # As a bundle keeps them, so that no rounding tells the two sides apart.
        dense=None if dense is None else dense.astype(np.float16).astype(np.float32),
        lead=reading.lead.argmax(axis=1) if len(texts) else np.zeros(0, np.intp),
        certainty=reading.certainty,
        suggested=reading.suggested(model),
        topic=reading.topics.argmax(axis=1) if reading.topics.shape[1] and len(texts) else None,
        nearest=reading.nearest,
        length=np.array([len(text.full) for text in texts], np.int64),
        confidential=np.array([text.suggestion.confidential for text in texts], bool),
        words=counted(texts, model.lexical.cut) if cut_words else None,
    )


def side_of_model(model: Model) -> Side:
    """The cases that the model was trained on, with what it answered while it had not seen them.

    Raises InputError where it has no cases: there is no past to compare with.
    """
    cases = model.rows.cases
    if not cases.stop:
        raise InputError(
            "the bundle was trained without cases, so there is no past to compare with. Name earlier texts with "
            "--reference, or train it on cases."
        )
    known: dict[str, Any] = {}
    if (past := model.unseen) is not None:
        answered = past.lead >= 0
        lead = past.lead.astype(np.intp)
        right = model.lead.leads_[np.arange(len(past)), np.maximum(lead, 0)] > 0
        known = {
            "lead": lead[answered],
            "certainty": past.certainty[answered],
            "right": right[answered],
            "suggested": past.certainty[answered] >= model.promise.threshold,
            "topic": past.topic[past.topic >= 0].astype(np.intp) if (past.topic >= 0).any() else None,
            "nearest": past.nearest,
            "length": past.length.astype(np.int64),
            "confidential": past.confidential.astype(bool),
        }
        if not answered.any():
            known |= dict.fromkeys(("lead", "certainty", "right", "suggested"))
    return Side(
        texts=cases.stop,
        unreadable=0 if past is None else past.unreadable,
        sources=tuple(precedent.source for precedent in model.precedents),
        lexical=sp.csr_array(model.rows.lexical[cases]),
        dense=None if model.rows.dense is None else model.rows.dense[cases],
        words=remembered(model),
        **known,
    )


def check_readable(what: str, reading: Reading, suggestions: Sequence[Suggestion]) -> None:
    """Raise InputError where none of the texts can be read."""
    if not len(reading):
        kinds = sorted({text.condition.value for text in reading.all_texts})
        raise InputError(
            f"{what}: none of {len(suggestions)} texts can be read (they are {', '.join(kinds)}). Chinese titles or "
            "texts are needed; look whether the columns title (标题) and text (正文) are the right ones."
        )
