"""What the classifiers share: texts in every form that scikit-learn hands on, and the training behind them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from triage.datasets import known_columns
from triage.encoders.cache import CachedEncoder, cached_encoder
from triage.frames import suggestions_from_frame
from triage.heads.judge import Judged, judge
from triage.heads.model import Model
from triage.learning.train import Settings
from triage.records import Suggestion
from triage.text import prepare

if TYPE_CHECKING:
    from pandas import DataFrame
    from sklearn.utils import Tags

    from triage.catalogue import Catalogue

Floats = NDArray[np.float64]
READ = frozenset({"title", "text", "source", "session", "date"})
"""The columns of a frame that say something about a text; others, the answer among them, are not looked at."""


class TextEstimator(BaseEstimator):  # type: ignore[misc]
    """A classifier of suggestions: what every one of them takes, and how it reads and asks.

    `model_` is what was trained: an ordinary model.
    """

    encoder: str | Path | CachedEncoder | None
    cache: str | Path | None
    catalogue: Catalogue | None
    penalty: float
    alike: float
    max_cases: int
    max_n: int
    model_: Model

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.string = True
        tags.input_tags.one_d_array = True
        tags.input_tags.two_d_array = False
        tags.target_tags.required = True
        return tags

    def _settings(self, **own: Any) -> Settings:
        """The constants of the training: those that every classifier takes, and its `own`."""
        return Settings(penalty=self.penalty, alike=self.alike, max_cases=self.max_cases, max_n=self.max_n, **own)

    def _sentence(self) -> CachedEncoder | None:
        """The encoder with the vectors of all texts that any fold has met."""
        if self.encoder is None or isinstance(self.encoder, CachedEncoder):
            return self.encoder
        return cached_encoder(self.encoder, self.cache)

    def _judged(self, X: Any) -> tuple[Judged | None, NDArray[np.intp], int]:
        """The heads' answers to the texts that can be read, these texts' rows, and how many texts there are."""
        check_is_fitted(self)
        texts = [prepare(suggestion) for suggestion in suggestions_of(X)]
        rows = np.array([row for row, text in enumerate(texts) if text.usable], np.intp)
        judged = judge(self.model_, self._sentence(), [texts[row] for row in rows]) if len(rows) else None
        return judged, rows, len(texts)


def suggestions_of(X: Any) -> list[Suggestion]:
    """Texts as suggestions: a list, array or Series of texts or of `Suggestion`s, or a DataFrame with the columns of a
    cases file, of which title, text, source, session and date are read.

    Raises ValueError for anything else and for none, InputError for frames as `triage.frames` does.
    """
    if hasattr(X, "columns") and hasattr(X, "iloc"):
        found = suggestions_from_frame(_readable(X))
    else:
        found = [_suggestion(row, text) for row, text in enumerate(_listed(X))]
    if not found:
        raise ValueError("Found array with 0 sample(s) (shape=(0,)) while a minimum of 1 is required.")
    return found


def _readable(frame: DataFrame) -> DataFrame:
    """What is read of a frame. Ids are made anew: a sample drawn with replacement holds a row twice."""
    known = known_columns("X", [name for name in frame.columns if isinstance(name, str)])
    wanted = frame[[name for name, meaning in known.items() if meaning in READ]]
    return wanted.assign(id=[f"row-{place}" for place in range(len(wanted))])


def _listed(X: Any) -> Sequence[Any]:
    if isinstance(X, str | bytes | Suggestion):
        raise ValueError(f"X: one {type(X).__name__}; a list of texts is expected. Put it into brackets.")
    if sp.issparse(X):
        raise TypeError("X: a sparse matrix; texts are expected, as a list or as a frame with the column title or text")
    if isinstance(X, list | tuple):
        return X
    array = X if hasattr(X, "ndim") else np.asarray(X, dtype=object)
    if array.ndim != 1:
        raise ValueError(
            f"X: an array of {array.ndim} dimensions; a list of texts is expected. Reshape your data, or give a frame "
            "with the column title or text."
        )
    listed: Sequence[Any] = array.tolist()
    return listed


def _suggestion(row: int, text: Any) -> Suggestion:
    if isinstance(text, str):
        return Suggestion(id=f"row-{row}", text=text)
    if isinstance(text, Suggestion):
        return replace(text, id=f"row-{row}")
    raise ValueError(f"X: row {row} is {type(text).__name__}; a text or a Suggestion is expected")


def labels_of(y: Any) -> NDArray[Any]:
    """One label a row, as an array. Raises ValueError as scikit-learn's own classifiers do."""
    from sklearn.utils.multiclass import check_classification_targets
    from sklearn.utils.validation import column_or_1d

    if y is None:
        raise ValueError("This classifier requires y to be passed, but the target y is None.")
    labels: NDArray[Any] = np.asarray(column_or_1d(y, warn=True))
    for row, label in enumerate(labels.tolist()):
        if label is None or label != label or label in (float("inf"), float("-inf")):
            raise ValueError(f"Input y contains NaN or infinity in row {row}; every case needs a label")
        if isinstance(label, str) and not label.strip():
            raise ValueError(f"y: row {row} is empty; every case needs a label")
    if labels.dtype.kind not in "UO":  # of names it would only say that they are many
        check_classification_targets(labels)
    return labels
