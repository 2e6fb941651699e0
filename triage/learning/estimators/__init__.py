"""The heads as scikit-learn's classifiers, for its own tools: GridSearchCV, cross_val_score, pipelines.

`LeadClassifier` and `TopicClassifier` choose one of several, `CoHandlingClassifier` any subset. They are trained and
answer exactly as a bundle does (`triage.learning.train`), so that what a search finds holds for the model that goes
live: give it to `Triager.train(…, settings=Settings(…))`.
"""

from __future__ import annotations

from triage.learning.estimators.co import CoHandlingClassifier, recall_scorer
from triage.learning.estimators.lead import LeadClassifier
from triage.learning.estimators.topics import TopicClassifier

__all__ = ["CoHandlingClassifier", "LeadClassifier", "TopicClassifier", "recall_scorer"]
