"""What it is about, as a classifier."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import ClassifierMixin
from sklearn.utils.validation import check_consistent_length

from triage.encoders.cache import CachedEncoder
from triage.heads.topics import PHRASE_WEIGHT
from triage.learning.estimators.classes import Classes, spelled
from triage.learning.estimators.texts import Floats, TextEstimator, labels_of, suggestions_of
from triage.learning.labels import place_for, topic_matrix
from triage.learning.train import ALIKE, MAX_CASES, train
from triage.records import Case, Suggestion

if TYPE_CHECKING:
    from triage.catalogue import Catalogue

NOBODY = "承办单位"
"""A model needs a unit; this one has no duties and costs nothing."""


class TopicClassifier(ClassifierMixin, TextEstimator):  # type: ignore[misc]
    """The topic of each text, one of n, with the calibrated probabilities that a bundle answers.

    Labels are names, or paths such as 交通/公交. Parameters are those of `LeadClassifier`; `topics` is to topics what
    its `units` is to units, and `phrase_weight` (`topic_phrases` in `triage.learning.train.Settings`) what a topic's
    phrase counts beside a case. With a `catalogue` every leaf of its tree may be answered, without one only what `y`
    and `topics` name.

    Attributes
    ----------
    classes_ : array of the labels that can be answered, sorted
    model_ : `triage.heads.model.Model`, of which only the topics were taught
    """

    def __init__(  # noqa: PLR0913 - what a search may set; all by name
        self,
        *,
        encoder: str | Path | CachedEncoder | None = None,
        cache: str | Path | None = None,
        catalogue: Catalogue | None = None,
        topics: Sequence[str] | None = None,
        phrase_weight: float = PHRASE_WEIGHT,
        penalty: float = 1.0,
        alike: float = ALIKE,
        max_cases: int = MAX_CASES,
        max_n: int = 3,
    ) -> None:
        self.encoder = encoder
        self.cache = cache
        self.catalogue = catalogue
        self.topics = topics
        self.phrase_weight = phrase_weight
        self.penalty = penalty
        self.alike = alike
        self.max_cases = max_cases
        self.max_n = max_n

    def fit(self, X: Any, y: Any) -> TopicClassifier:
        """Learn from texts (`suggestions_of`) and their topics, one label each. Raises as `LeadClassifier.fit`."""
        labels = labels_of(y)
        suggestions = suggestions_of(X)
        check_consistent_length(suggestions, labels)
        names = spelled(labels, self.topics, "topics")
        cases = [Case(suggestion, topics=(name,)) for suggestion, name in zip(suggestions, names, strict=True)]
        known = [*cases, *(Case(Suggestion(), topics=(name,)) for name in self.topics or ())]
        place = place_for(known, self.catalogue, (NOBODY,))
        settings = self._settings(topic_phrases=self.phrase_weight)
        self.model_ = train(cases, catalogue=place.catalogue, sentence=self._sentence(), settings=settings)
        columns = self.model_.topics.columns
        paths = ["/".join(columns.catalogue.topic_path(code)) for code in columns.leaves]

        def find(name: str) -> int | None:
            filed = topic_matrix([Case(Suggestion(), topics=(name,))], columns)[0]
            return int(filed.argmax()) if filed.any() else None

        self._classes = Classes(labels, names, paths, find, self.topics, closed=self.catalogue is None)
        self.classes_ = self._classes.labels
        return self

    def predict_proba(self, X: Any) -> Floats:
        """The probability of each topic of `classes_`, (texts, topics). A text that cannot be read gets what history
        alone would say.
        """
        judged, rows, count = self._judged(X)
        found = np.tile(np.exp(self.model_.topics.usual_[0]).astype(float), (count, 1))
        if judged is not None:
            found[rows] = judged.topics
        return self._classes.shares(found)

    def predict(self, X: Any) -> NDArray[Any]:
        """The likeliest topic of each text."""
        chances = self.predict_proba(X)
        return np.asarray(self.classes_[chances.argmax(axis=1)])
