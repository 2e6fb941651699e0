"""What it is about: a node of the topic tree, the first level always answered, deeper ones as far as they are known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from triage.bundle import Part
from triage.catalogue import Catalogue
from triage.heads.blend import ChoiceBlend, held_choice
from triage.heads.holdout import Holdout
from triage.heads.regressions import Regressions, known_rows
from triage.heads.signals import PhraseGroups, frequency, odds, relative, support, votes
from triage.heads.similarity import Rows, Similarities

Floats = NDArray[np.float32]

SIGNALS = (
    "regression",
    "regression, relative",
    "regression on wording",
    "regression on meaning",
    "phrases, relative",
    "precedents",
    "precedents by wording",
    "frequency",
)
"""The columns of the topics' features, in order: what the stored weights weigh."""

START = (-0.2, 0.0, 0.55, 2.2, 0.55, 0.2, 0.1, 0.5)
START_ON_WORDING = (0.0, 0.4, 0.0, 1.45, 0.0, 0.2, 0.1, 0.5)
"""The weights without history, and where they are drawn to with little of it: with a sentence encoder, and without.

Fitted on invented cases (``python -m benchmarks.cold``), then eased where held-out titles of a real city said
otherwise.
"""

PHRASE_WEIGHT = 0.5
"""What a topic phrase counts beside a handled case."""


class TopicColumns:
    """The topics that a text can be filed under, in a fixed order: the leaves, and inner nodes that history files
    under.

    `nodes` are all codes of the tree; `above` (leaves, nodes) is 1 where the node is the leaf itself or contains
    it, so that a node's probability is the sum of its leaves'.
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
            own = dict.fromkeys((topic.name, *topic.phrases))
            pairs.extend((rows.setdefault(phrase, len(rows)), column) for phrase in own)
            while code:
                self.above[column, place[code]] = 1.0
                code = catalogue.topic(code).parent
        self.phrases = tuple(rows)
        self.membership = np.zeros((len(rows), len(self.leaves)), np.float32)
        for row, column in pairs:
            self.membership[row, column] = 1.0
        self.groups = PhraseGroups(self.membership)
        self.paths = tuple(catalogue.topic_path(code) for code in self.nodes)
        self.depth = np.array([len(path) for path in self.paths], np.intp)

    def __len__(self) -> int:
        return len(self.leaves)


class TopicHead:
    """A conditional logit over eight signals (`SIGNALS`), the strongest of them kernel regressions on cases and
    topic phrases.
    """

    def __init__(self, columns: TopicColumns, phrase_weight: float = PHRASE_WEIGHT, penalty: float = 1.0) -> None:
        self.columns = columns
        self.phrase_weight = phrase_weight
        self.penalty = penalty

    def fit(self, rows: Rows, among: Similarities, filed: Floats, holdout: Holdout) -> TopicHead:
        """Learn from the cases among `rows`; `filed` (cases, leaves) holds shares that sum to one, or zero where
        unknown.

        Afterwards `unseen_` are the leaves' probabilities for each case by a model that has not seen it.
        """
        start = START if among.meaning is not None else START_ON_WORDING
        self.filed_, self.usual_ = filed, frequency(filed)
        taught = np.flatnonzero(filed.any(axis=1))
        weights = np.repeat(np.array([1.0, self.phrase_weight], np.float32), [len(taught), len(self.columns.phrases)])
        phrases = self.columns.membership / np.maximum(self.columns.membership.sum(axis=1, keepdims=True), 1.0)
        targets = np.concatenate([filed[taught], phrases])
        self.regressions_ = Regressions(self.penalty).fit(
            among, known_rows(taught, rows.topics), targets, weights, groups=holdout.groups_among(taught)
        )
        self.weights_ = np.array(start)
        self.unseen_ = np.zeros(filed.shape, np.float32)
        if len(taught):
            scores = self.regressions_.out_of_fold(len(filed), taught)
            features = self._features(scores, among.of(rows.cases), rows, holdout)
            chosen = filed.argmax(axis=1)
            self.weights_ = held_choice(start, features[taught], chosen[taught]).weights_
            for outside, inside in holdout.splits():
                learned = np.intersect1d(outside, taught)
                blend = held_choice(start, features[learned], chosen[learned])
                self.unseen_[inside] = blend.predict_proba(features[inside])
        return self

    def predict_proba(self, rows: Rows, seen: Similarities) -> Floats:
        """Probability of each leaf, (texts, leaves); each row sums to one, where there are topics at all."""
        if not len(self.columns):
            return np.zeros((len(seen.lexical), 0), np.float32)
        return np.asarray(ChoiceBlend.apply(self.features(rows, seen), self.weights_), np.float32)

    def features(self, rows: Rows, seen: Similarities) -> Floats:
        """The signals, (texts, leaves, len(SIGNALS))."""
        return self._features(self.regressions_.scores(seen), seen, rows)

    def _features(
        self, scores: Mapping[str, Floats], seen: Similarities, rows: Rows, holdout: Holdout | None = None
    ) -> Floats:
        mixed, closeness = scores["mixed"], seen.closeness
        signals = (
            odds(mixed),
            relative(mixed),
            odds(scores.get("wording", mixed)),
            odds(scores.get("meaning", mixed)),
            relative(self.columns.groups.best(closeness[:, rows.topics])),
            support(votes(closeness[:, rows.cases], self.filed_, holdout)),
            support(votes(seen.lexical[:, rows.cases], self.filed_, holdout)),
            np.broadcast_to(self.usual_, mixed.shape),
        )
        return np.stack(signals, axis=2).astype(np.float32, copy=False)

    def to_part(self) -> Part:
        """The fitted state, for a bundle."""
        data = {
            "signals": list(SIGNALS),
            "weights": [float(weight) for weight in self.weights_],
            "leaves": list(self.columns.leaves),
        }
        return Part(data, {**self.regressions_.to_arrays(), "filed": self.filed_.astype(np.float16)})

    @classmethod
    def from_part(cls, part: Part, columns: TopicColumns, rows: Rows) -> TopicHead:
        """Rebuild from a bundle."""
        head = cls(columns)
        head.filed_ = part.arrays["filed"].astype(np.float32)
        head.regressions_ = Regressions.from_arrays(
            part.arrays, known_rows(np.flatnonzero(head.filed_.any(axis=1)), rows.topics)
        )
        head.usual_ = frequency(head.filed_)
        head.weights_ = np.array(part.data["weights"])
        return head
