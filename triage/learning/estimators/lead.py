"""Who leads, as a classifier."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import ClassifierMixin
from sklearn.utils.validation import check_consistent_length

from triage.encoders.cache import CachedEncoder
from triage.heads.lead import DUTY_WEIGHT
from triage.learning.estimators.classes import Classes, spelled
from triage.learning.estimators.texts import Floats, TextEstimator, labels_of, suggestions_of
from triage.learning.labels import Place, UnitLabels
from triage.learning.train import ALIKE, MAX_CASES, train
from triage.records import Case

if TYPE_CHECKING:
    from triage.catalogue import Catalogue
    from triage.heads.model import Model


class LeadClassifier(ClassifierMixin, TextEstimator):  # type: ignore[misc]
    """The lead unit of each text, one of n, with the calibrated probabilities that a bundle answers.

    Parameters
    ----------
    encoder : folder of a sentence encoder, `CachedEncoder` or None
        Reads meaning; with None wording decides alone. Vectors are kept, so that all folds and candidates of a search
        encode a text once.
    cache : file or None
        Where the vectors of a folder's encoder are kept; None keeps them in this process.
    catalogue : Catalogue or None
        The units with their duties, which may then all be answered; `y` must name units of it. With None the units are
        those of `y` and of `units`, with the duties that the starter catalogue knows for their names.
    units : sequence of names or None
        Units that may be answered even where no case of a fold has them. Where `y` holds whole numbers they are places
        in this list: `cross_val_predict(…, method="predict_proba")` replaces labels by such numbers, so give it
        ``units=sorted(set(y))``, or the duties cannot be found by name.
    duty_weight, penalty, alike, max_cases, max_n
        Constants of the training: see `triage.learning.train.Settings` (`duty_weight` is its `lead_duties`).

    Attributes
    ----------
    classes_ : array of the labels that can be answered, sorted
    model_ : `triage.heads.model.Model`, of which only the lead was taught
    """

    def __init__(  # noqa: PLR0913 - what a search may set; all by name
        self,
        *,
        encoder: str | Path | CachedEncoder | None = None,
        cache: str | Path | None = None,
        catalogue: Catalogue | None = None,
        units: Sequence[str] | None = None,
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
        self.duty_weight = duty_weight
        self.penalty = penalty
        self.alike = alike
        self.max_cases = max_cases
        self.max_n = max_n

    def fit(self, X: Any, y: Any) -> LeadClassifier:
        """Learn from texts (`suggestions_of`) and their lead units, one name each.

        Raises ValueError for texts or labels that are none, InputError for frames and parameters that cannot be.
        """
        labels = labels_of(y)
        suggestions = suggestions_of(X)
        check_consistent_length(suggestions, labels)
        names = spelled(labels, self.units, "units")
        cases = [Case(suggestion, (name,)) for suggestion, name in zip(suggestions, names, strict=True)]
        settings = self._settings(lead_duties=self.duty_weight)
        self.model_ = train(
            cases,
            catalogue=self.catalogue,
            units=tuple(self.units or ()),
            sentence=self._sentence(),
            settings=settings,
        )
        own, find = unit_columns(self.model_)
        self._classes = Classes(labels, names, own, find, self.units, closed=self.catalogue is None)
        self.classes_ = self._classes.labels
        return self

    def predict_proba(self, X: Any) -> Floats:
        """The probability that each unit of `classes_` leads, (texts, units). A text that cannot be read gets what
        history alone would say.
        """
        judged, rows, count = self._judged(X)
        found = np.tile(np.exp(self.model_.lead.usual_[0]).astype(float), (count, 1))
        if judged is not None:
            found[rows] = judged.lead
        return self._classes.shares(found)

    def predict(self, X: Any) -> NDArray[Any]:
        """The likeliest lead unit of each text."""
        chances = self.predict_proba(X)
        return np.asarray(self.classes_[chances.argmax(axis=1)])


def unit_columns(model: Model) -> tuple[tuple[str, ...], Any]:
    """The names of a model's columns, and what finds the column of a name: None where it is no unit's or several's."""
    labels = UnitLabels(Place(model.catalogue, model.units.units), model.units)

    def find(name: str) -> int | None:
        columns = labels.columns_of(name)
        return columns[0] if len(columns) == 1 else None

    return model.units.names, find
