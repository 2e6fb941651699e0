"""Many texts read by one model at once: what drift and the choice of texts to label look at."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from triage.heads.model import FOCUS, Model
from triage.heads.promise import tempered
from triage.heads.similarity import Vectors
from triage.records import Suggestion
from triage.text import Condition, Prepared, prepare

if TYPE_CHECKING:
    from triage.encoders.sentence import SentenceEncoder

Floats = NDArray[np.float32]
Progress = Callable[[str, float], None]

BLOCK = 256
"""Texts that are compared with the reference rows at a time: bounds the memory."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a model makes of texts. Everything but `all_texts` is about those that can be read, in order.

    `rows` are their places among all texts; `lead` (texts, units) and `topics` (texts, leaves) are probabilities,
    `certainty` (texts,) that of the first lead; `nearest` and `wording` (texts,) the closeness, and the likeness of
    wording alone, to the nearest handled case.
    """

    all_texts: tuple[Prepared, ...]
    rows: NDArray[np.intp]
    vectors: Vectors
    lead: Floats
    certainty: Floats
    topics: Floats
    nearest: Floats
    wording: Floats

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def texts(self) -> list[Prepared]:
        """The texts that can be read."""
        return [self.all_texts[row] for row in self.rows]

    def of(self, places: NDArray[np.intp]) -> Reading:
        """Some of the readable texts, by their places, as if nothing else had been handed in."""
        dense = self.vectors.dense
        return Reading(
            tuple(self.all_texts[self.rows[place]] for place in places),
            np.arange(len(places)),
            Vectors(self.vectors.lexical[places], None if dense is None else dense[places]),
            self.lead[places],
            self.certainty[places],
            self.topics[places],
            self.nearest[places],
            self.wording[places],
        )

    def suggested(self, model: Model) -> NDArray[np.bool_]:
        """Which of them the model answers with *suggest*."""
        whole = np.array([text.condition is Condition.OK for text in self.texts], bool)
        return whole & (self.certainty >= model.promise.threshold)


def read(
    model: Model,
    sentence: SentenceEncoder | None,
    suggestions: Sequence[Suggestion],
    progress: Progress | None = None,
) -> Reading:
    """Prepare, encode and answer in blocks.

    The probabilities are those of `triage` but for the last digits, which depend there on one text alone
    (`heads.judge`); in blocks it takes a tenth of the time.
    """
    tell = progress or (lambda what, share: None)
    tell("preparing texts", 0.0)
    prepared = tuple(prepare(suggestion) for suggestion in suggestions)
    rows = np.array([row for row, text in enumerate(prepared) if text.usable], np.intp)
    texts = [prepared[row] for row in rows]
    wording = model.lexical.encode([text.full for text in texts])
    dense = None
    if sentence is not None:
        meaning = [text.focus(FOCUS) for text in texts]
        dense = sentence.encode(
            meaning, lambda done, total: tell("encoding sentences", 0.1 + 0.6 * done / max(total, 1))
        )
    vectors = Vectors(wording, dense)
    parts = []
    for start in range(0, len(texts), BLOCK):
        some = slice(start, min(start + BLOCK, len(texts)))
        parts.append(_block(model, vectors.of(some), [text.full for text in texts[some]]))
        tell("answering", 0.7 + 0.3 * some.stop / len(texts))
    if not parts:
        return Reading(prepared, rows, vectors, *_nothing(model))
    return Reading(prepared, rows, vectors, *(np.concatenate(kind) for kind in zip(*parts, strict=True)))


def _block(model: Model, vectors: Vectors, texts: Sequence[str]) -> tuple[Any, ...]:
    mentions = model.mentions(texts)
    seen = model.rows.compare(vectors)
    raw = model.lead.predict_proba(model.rows, seen, mentions)
    closeness, cases = seen.closeness[:, model.rows.cases], seen.lexical[:, model.rows.cases]
    nearest = closeness.max(axis=1, initial=0.0)
    certainty = model.promise.certainty(raw, nearest)
    topics = model.topics.predict_proba(model.rows, seen)
    return tempered(raw, certainty), certainty, topics, nearest, cases.max(axis=1, initial=0.0)


def _nothing(model: Model) -> tuple[Any, ...]:
    none = np.zeros(0, np.float32)
    units, leaves = len(model.units), len(model.topics.columns)
    return (
        np.zeros((0, units), np.float32),
        none,
        np.zeros((0, leaves), np.float32),
        none,
        none,
    )
