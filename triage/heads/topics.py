"""What it is about: a node of the topic tree, the first level always answered, deeper ones as far as they are known."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from triage.bundle import Part
from triage.catalogue import Catalogue
from triage.heads.blend import ChoiceBlend
from triage.heads.holdout import Holdout
from triage.heads.ridge import KernelRidge
from triage.heads.signals import LEAST_VOTE, best_phrases, frequency, odds, relative, votes
from triage.heads.similarity import Rows, Similarities

Floats = NDArray[np.float32]

SIGNALS = ("regression", "regression, relative", "phrases, relative", "precedents", "frequency")
"""The columns of the topics' features, in order: what the stored weights weigh."""

START = (0.5, 0.3, 0.4, 0.3, 0.5)
"""Where the weights start from and are drawn to with few cases."""

PHRASE_WEIGHT = 0.5


class TopicColumns:
    """The topics that a text can be filed under, in a fixed order: the leaves, and inner nodes that history files under.

    `nodes` are all codes of the tree; `above` (leaves, nodes) is 1 where the node is the leaf itself or contains it, so that a
    node's probability is the sum of its leaves'.
    """

    def __init__(self, catalogue: Catalogue, filed: Sequence[str] = ()) -> None:
        topics = catalogue.topics
        inner = {topic.parent for topic in topics}
        self.catalogue = catalogue
        self.leaves = tuple(topic.code for topic in topics if topic.code not in inner or topic.code in set(filed))
        self.index = {code: column for column, code in enumerate(self.leaves)}
        self.nodes = tuple(topic.code for topic in topics)
        place = {code: column for column, code in enumerate(self.nodes)}
        self.above = np.zeros((len(self.leaves), len(self.nodes)), np.float32)
        rows: dict[str, int] = {}
        pairs: list[tuple[int, int]] = []
        for column, code in enumerate(self.leaves):
            topic = catalogue.topic(code)
            for phrase in dict.fromkeys((topic.name, *topic.phrases)):
                pairs.append((rows.setdefault(phrase, len(rows)), column))
            while code:
                self.above[column, place[code]] = 1.0
                code = catalogue.topic(code).parent
        self.phrases = tuple(rows)
        self.membership = np.zeros((len(rows), len(self.leaves)), np.float32)
        for row, column in pairs:
            self.membership[row, column] = 1.0
        self.paths = tuple(catalogue.topic_path(code) for code in self.nodes)

    def __len__(self) -> int:
        return len(self.leaves)


class TopicHead:
    """A conditional logit over five signals (`SIGNALS`), the strongest a kernel regression on cases and topic phrases."""

    def __init__(self, columns: TopicColumns, cold: tuple[float, ...] = START) -> None:
        self.columns = columns
        self.cold = cold

    def fit(self, rows: Rows, among: Similarities, filed: Floats, holdout: Holdout) -> TopicHead:
        """Learn from the cases among `rows`; `filed` (cases, leaves) holds shares that sum to one, or zero where unknown.

        Afterwards `unseen_` are the leaves' probabilities for each case by a model that has not seen it.
        """
        known = self._known(rows)
        self.filed_ = filed
        weights = np.full(len(known), PHRASE_WEIGHT, np.float32)
        weights[: len(filed)] = np.where(filed.sum(axis=1) > 0, 1.0, 1e-3)
        phrases = self.columns.membership / np.maximum(self.columns.membership.sum(axis=1, keepdims=True), 1.0)
        self.regression_ = KernelRidge().fit(
            among.kernel[np.ix_(known, known)], np.concatenate([filed, phrases]), weights
        )
        self.weights_ = np.array(self.cold)
        self.unseen_ = np.zeros(filed.shape, np.float32)
        taught = np.flatnonzero(filed.sum(axis=1) > 0)
        if len(taught):
            scores = self.regression_.out_of_fold(holdout.groups)[: len(filed)]
            features = self._features(scores, among.closeness[rows.cases], rows, holdout)
            chosen = filed.argmax(axis=1)
            self.weights_ = ChoiceBlend(self.cold).fit(features[taught], chosen[taught]).weights_
            for outside, inside in holdout.splits():
                learned = np.intersect1d(outside, taught)
                blend = ChoiceBlend(self.cold).fit(features[learned], chosen[learned])
                self.unseen_[inside] = blend.predict_proba(features[inside])
        return self

    def predict_proba(self, rows: Rows, seen: Similarities) -> Floats:
        """Probability of each leaf, (texts, leaves); each row sums to one."""
        scores = self.regression_.decision_function(seen.kernel[:, self._known(rows)])
        features = self._features(scores, seen.closeness, rows)
        return np.asarray(ChoiceBlend.apply(features, self.weights_), np.float32)

    def _known(self, rows: Rows) -> NDArray[np.intp]:
        return np.r_[rows.cases, rows.topics].astype(np.intp)

    def _features(self, scores: Floats, closeness: Floats, rows: Rows, holdout: Holdout | None = None) -> Floats:
        signals = (
            odds(scores),
            relative(scores),
            relative(best_phrases(closeness[:, rows.topics], self.columns.membership)),
            np.log(votes(closeness[:, rows.cases], self.filed_, holdout) + LEAST_VOTE),
            np.broadcast_to(frequency(self.filed_), scores.shape),
        )
        return np.stack(signals, axis=2).astype(np.float32, copy=False)

    def to_part(self) -> Part:
        """The fitted state, for a bundle."""
        data = {
            "signals": list(SIGNALS),
            "weights": [float(weight) for weight in self.weights_],
            "leaves": list(self.columns.leaves),
        }
        return Part(data, {"alpha": self.regression_.alpha_, "filed": self.filed_})

    @classmethod
    def from_part(cls, part: Part, columns: TopicColumns) -> TopicHead:
        """Rebuild from a bundle."""
        head = cls(columns)
        head.regression_ = KernelRidge()
        head.regression_.alpha_ = part.arrays["alpha"]
        head.filed_ = part.arrays["filed"]
        head.weights_ = np.array(part.data["weights"])
        return head
