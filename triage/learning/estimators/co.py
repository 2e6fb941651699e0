"""Who helps, as a classifier of several labels."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from sklearn.base import ClassifierMixin
from sklearn.utils.validation import check_consistent_length

from triage.datasets import split_many
from triage.encoders.cache import CachedEncoder
from triage.heads.co import DUTY_WEIGHT
from triage.learning.estimators.classes import Classes
from triage.learning.estimators.lead import unit_columns
from triage.learning.estimators.texts import Floats, TextEstimator, suggestions_of
from triage.learning.measures import recall_at
from triage.learning.train import ALIKE, MAX_CASES, train
from triage.records import Case
from triage.results import LEAST_HELPER

if TYPE_CHECKING:
    from sklearn.utils import Tags

    from triage.catalogue import Catalogue

Names = tuple[str, ...]


class CoHandlingClassifier(ClassifierMixin, TextEstimator):  # type: ignore[misc]
    """The co-handling units of each text, any of n, each with its own calibrated probability.

    `y` is a list of tuples of names (also lists, sets, texts with ``;``, None where nobody helped), or an indicator:
    (texts, units) of 0 and 1 as an array, a sparse matrix or a frame whose columns are the units. scikit-learn's
    scorers want the indicator; with tuples use the own `score` or `recall_scorer`, and for `cv` a splitter such as
    ``KFold(5)``.

    Parameters are those of `LeadClassifier`; `units` are also the names of an indicator's columns, and `duty_weight` is
    `co_duties` in `triage.learning.train.Settings`. `threshold` is the probability from which `predict` names a unit.

    Attributes
    ----------
    classes_ : array of the units that can be answered: sorted, or an indicator's columns
    model_ : `triage.heads.model.Model`, of which lead and helpers were taught
    """

    def __init__(  # noqa: PLR0913 - what a search may set; all by name
        self,
        *,
        encoder: str | Path | CachedEncoder | None = None,
        cache: str | Path | None = None,
        catalogue: Catalogue | None = None,
        units: Sequence[str] | None = None,
        threshold: float = LEAST_HELPER,
        duty_weight: float = DUTY_WEIGHT,
        penalty: float = 1.0,
        alike: float = ALIKE,
        max_cases: int = MAX_CASES,
        max_n: int = 3,
    ) -> None:
        self.encoder = encoder
        self.cache = cache
        self.catalogue = catalogue
        self.units = units
        self.threshold = threshold
        self.duty_weight = duty_weight
        self.penalty = penalty
        self.alike = alike
        self.max_cases = max_cases
        self.max_n = max_n

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        tags.classifier_tags.multi_class = False
        return tags

    def fit(self, X: Any, y: Any, leads: Any = None) -> CoHandlingClassifier:
        """Learn from texts (`suggestions_of`) and who helped.

        `leads` are the lead units, one name (or several with ``;``) a text: who helps depends on who leads.
        scikit-learn hands them on, fold by fold, after ``set_fit_request(leads=True)`` (metadata routing). Raises as
        `LeadClassifier.fit`.
        """
        helped = _read(y, self.units)
        suggestions = suggestions_of(X)
        check_consistent_length(suggestions, helped.rows)
        led = _several(leads) if leads is not None else [()] * len(suggestions)
        check_consistent_length(suggestions, led)
        names = [*helped.names, *(self.units or ())]
        if not names and self.catalogue is None:
            raise ValueError("y: nobody helps in any row, so there is nothing to learn. Give cases with helpers.")
        cases = [
            Case(suggestion, leads=lead, co=tuple(name for name in co if name not in lead))
            for suggestion, lead, co in zip(suggestions, led, helped.rows, strict=True)
        ]
        settings = self._settings(co_duties=self.duty_weight)
        self.model_ = train(cases, catalogue=self.catalogue, units=names, sentence=self._sentence(), settings=settings)
        self._led, self._indicator, self._sparse = leads is not None, helped.indicator, helped.sparse
        own, find = unit_columns(self.model_)
        if helped.indicator:
            self._classes = Classes(np.arange(len(helped.names)), helped.names, own, find, closed=True)
            self.classes_ = helped.labels
        else:
            labels = np.array([name for row in helped.rows for name in row], dtype=str)
            self._classes = Classes(labels, labels.tolist(), own, find, self.units, closed=self.catalogue is None)
            self.classes_ = self._classes.labels
        return self

    def predict_proba(self, X: Any) -> Floats:
        """The probability that each unit of `classes_` is asked to help, (texts, units). Where leads were taught, the
        likeliest lead does not help; a text that cannot be read gets each unit's usual share.
        """
        judged, rows, count = self._judged(X)
        helpers = self.model_.co.helpers_
        usual = helpers.mean(axis=0) if len(helpers) else np.zeros(len(self.model_.units))
        found = np.tile(usual.astype(float), (count, 1))
        if judged is not None:
            found[rows] = judged.co
            if self._led:
                found[rows, judged.lead.argmax(axis=1)] = 0.0
        return self._classes.scattered(found)

    def predict(self, X: Any) -> Any:
        """Who is likely enough asked to help (`threshold`), in the form that `y` had: an indicator, or a list of tuples
        of names, the likeliest first.
        """
        chances = self.predict_proba(X)
        if self._indicator:
            chosen = (chances >= self.threshold).astype(int)
            return sp.csr_matrix(chosen) if self._sparse else chosen
        order = np.argsort(-chances, axis=1, kind="stable")
        return [
            tuple(str(self.classes_[place]) for place in places if row[place] >= self.threshold)
            for row, places in zip(chances, order, strict=True)
        ]

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        """The mean F1 of the units that are named and those that helped, text by text; 1 where both are none."""
        named = _read(self.predict(X), self.classes_ if self._indicator else None).rows
        wanted = _read(y, self.classes_ if self._indicator else None).rows
        check_consistent_length(named, wanted)
        each = [
            2 * len({*one} & {*other}) / (len({*one}) + len({*other})) if one or other else 1.0
            for one, other in zip(named, wanted, strict=True)
        ]
        return float(np.average(each, weights=sample_weight))


def recall_scorer(rank: int) -> Callable[[Any, Any, Any], float]:
    """A scorer for `cross_val_score` and the searches: the share of those that helped among the first `rank` units of a
    `CoHandlingClassifier`, over the texts where anybody did.
    """

    def score(estimator: Any, X: Any, y: Any) -> float:
        chances = estimator.predict_proba(X)
        names = [str(label) for label in estimator.classes_]
        listed = [[names[place] for place in np.argsort(-row, kind="stable")[:rank]] for row in chances]
        return recall_at(listed, _read(y, names).rows, rank)

    return score


@dataclass(frozen=True, slots=True)
class _Helped:
    """Who helped, row by row; the names that occur or that an indicator's columns have, and these columns' labels."""

    rows: list[Names]
    names: Names
    labels: NDArray[Any]
    indicator: bool = False
    sparse: bool = False


def _read(y: Any, units: Sequence[str] | NDArray[Any] | None) -> _Helped:
    """Who helped, from any form that `y` may have; `units` name the columns of an indicator without names."""
    if y is None:
        raise ValueError("This classifier requires y to be passed, but the target y is None.")
    sparse = sp.issparse(y)
    columns = list(y.columns) if hasattr(y, "columns") else None
    if not (sparse or columns is not None or (hasattr(y, "ndim") and y.ndim == 2) or _is_table(y)):
        rows = _several(y)
        names = tuple(dict.fromkeys(name for row in rows for name in row))
        return _Helped(rows, names, np.array(names, dtype=str))
    table = np.asarray(y.toarray() if sparse else y)
    if table.ndim != 2 or table.dtype.kind not in "biuf" or not np.isin(table, (0, 1)).all():
        raise ValueError("y: an indicator holds 0 and 1 only, one row a text and one column a unit")
    if columns is None and units is not None and len(units) != table.shape[1]:
        raise ValueError(f"y: {table.shape[1]} columns for {len(units)} units. Give the name of each column.")
    labels = np.array(columns if columns is not None else units) if columns or units is not None else None
    if labels is None:
        labels = np.arange(table.shape[1])
    names = tuple(str(label) for label in labels)
    rows = [tuple(names[place] for place in np.flatnonzero(row)) for row in table]
    return _Helped(rows, names, labels, indicator=True, sparse=sparse)


def _is_table(y: Any) -> bool:
    """Whether a plain list is one of rows of 0 and 1."""
    if not isinstance(y, list | tuple) or not len(y):
        return False
    first = y[0]
    return isinstance(first, list | tuple | np.ndarray) and any(isinstance(cell, int | np.integer) for cell in first)


def _several(y: Any) -> list[Names]:
    """The names of each row, from tuples, lists, sets or texts with ``;``."""
    rows: list[Names] = []
    for place, cell in enumerate(y.tolist() if hasattr(y, "tolist") else y):
        if isinstance(cell, str):
            rows.append(split_many(cell))
        elif cell is None or cell != cell:
            rows.append(())
        elif isinstance(cell, list | tuple | set | frozenset) and all(isinstance(name, str) for name in cell):
            rows.append(tuple(sorted(cell)) if isinstance(cell, set | frozenset) else tuple(dict.fromkeys(cell)))
        else:
            raise ValueError(f"y: row {place} is {type(cell).__name__}; a tuple of unit names is expected")
    return rows
