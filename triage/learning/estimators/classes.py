"""Labels as scikit-learn knows them, and the columns of a model: which is which."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def spelled(labels: NDArray[Any], names: Sequence[str] | None, what: str) -> list[str]:
    """The labels as names. With `names` whole numbers are places in it, as a `LabelEncoder` that was fitted on the
    sorted names writes them; else they are names themselves.

    Raises ValueError for a number beyond the list.
    """
    if names is None or labels.dtype.kind not in "iu":
        return [str(label) for label in labels.tolist()]
    if len(labels) and not 0 <= labels.min() <= labels.max() < len(names):
        raise ValueError(f"y: {labels.min()} to {labels.max()}; {what} has {len(names)} names, 0 to {len(names) - 1}")
    return [names[label] for label in labels.tolist()]


class Classes:
    """The labels that can be answered, sorted, and the label that each column of a model answers with.

    `labels` are those of the cases, `spellings` the names that they stand for, `own` the columns' names. A column goes
    by the label that the cases use most for it, then by the one of `names`; then by its own name, or, if the labels are
    `closed`, by none: its probability is shared out among the others.
    """

    def __init__(
        self,
        labels: NDArray[Any],
        spellings: Sequence[str],
        own: Sequence[str],
        column_of: Callable[[str], int | None],
        names: Sequence[str] | None = None,
        *,
        closed: bool,
    ) -> None:
        numbers = names is not None and labels.dtype.kind in "iu"
        more = list(range(len(names or ()))) if numbers else list(names or ())
        used: dict[int, Counter[Any]] = {}
        for label, spelling in (*zip(labels.tolist(), spellings, strict=True), *zip(more, names or (), strict=True)):
            column = column_of(spelling)
            if column is not None:
                used.setdefault(column, Counter())[label] += 1
        label_of = {column: found.most_common(1)[0][0] for column, found in used.items()}
        if not closed and not numbers:
            label_of = {column: label_of.get(column, name) for column, name in enumerate(own)}
        extra = sorted({*more, *label_of.values()} - set(labels.tolist()))
        self.labels = np.unique(np.concatenate([labels, np.array(extra)]) if extra else labels)
        place = {label: position for position, label in enumerate(self.labels.tolist())}
        self.columns = np.array(sorted(label_of), np.intp)
        self.places = np.array([place[label_of[column]] for column in self.columns.tolist()], np.intp)

    def scattered(self, scores: NDArray[Any]) -> Floats:
        """Scores of columns (n, columns) as scores of labels (n, labels)."""
        found = np.zeros((len(scores), len(self.labels)))
        found[:, self.places] = scores[:, self.columns]
        return found

    def shares(self, scores: NDArray[Any]) -> Floats:
        """The same as probabilities that sum to one in each row."""
        found = self.scattered(scores)
        total = found.sum(axis=1, keepdims=True)
        return np.where(total > 0, found / np.where(total > 0, total, 1.0), 1.0 / max(found.shape[1], 1))
