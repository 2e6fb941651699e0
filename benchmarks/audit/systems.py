"""What ranks cases by how wrong their label looks: the audit, the same with models trained anew, and plain ways."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from benchmarks.quality.sets import wording
from benchmarks.quality.splits import grouped_folds
from triage.encoders.cache import CachedEncoder
from triage.heads.judge import judge
from triage.learning.audit.doubts import co_doubts, lead_doubts, ranked, topic_doubts
from triage.learning.audit.findings import Kind
from triage.learning.audit.unseen import Unseen
from triage.learning.train import train
from triage.records import Case
from triage.text import prepare

Floats = NDArray[np.float64]
Ranking = list[int]
Pairs = list[tuple[int, str]]
Split = tuple[NDArray[np.intp], NDArray[np.intp]]

OURS = "triage audit"
ANEW = "the same on models trained without a fold"
LOGISTIC, SVC = "TF-IDF + logistic regression", "TF-IDF + LinearSVC"
NEAREST = "20 nearest by characters"
ALL = 1_000_000


def ours(cases: Sequence[Case], seen: Unseen, field: str) -> tuple[Ranking, dict[int, tuple[str, ...]]]:
    """The audit's rows, worst first, and what it proposes for each."""
    place = {case.suggestion.id: row for row, case in enumerate(cases)}
    found, _ = lead_doubts(cases, seen, ALL) if field == "lead" else topic_doubts(cases, seen, {}, ALL)
    rows = [place[finding.cases[0]] for finding in found]
    return rows, {row: finding.proposed for row, finding in zip(rows, found, strict=True)}


def our_pairs(cases: Sequence[Case], seen: Unseen) -> tuple[Pairs, Pairs]:
    """Helpers that the audit misses, and those that it finds too much; worst first."""
    place = {case.suggestion.id: row for row, case in enumerate(cases)}
    found, _ = co_doubts(cases, seen, ALL)
    pairs = {
        kind: [(place[finding.cases[0]], finding.name) for finding in found if finding.kind is kind]
        for kind in (Kind.CO_MISSING, Kind.CO_SUPERFLUOUS)
    }
    return pairs[Kind.CO_MISSING], pairs[Kind.CO_SUPERFLUOUS]


def trained_anew(cases: Sequence[Case], seen: Unseen, sentence: CachedEncoder | None) -> Ranking:
    """The audit's own ranking of leads, on answers of five models, each trained without a fold."""
    units, index = seen.model.units.names, seen.model.units.index
    chances = np.zeros(seen.lead.shape)
    for learned, asked in folds(cases):
        model = train([cases[row] for row in learned], units=units, sentence=sentence)
        judged = judge(model, sentence, [prepare(cases[row].suggestion) for row in asked])
        columns = np.array([index[name] for name in model.units.names], np.intp)
        chances[np.ix_(asked, columns)] = judged.lead
    order: Ranking = seen.rows[ranked(seen.led, chances[seen.rows])].tolist()
    return order


def plain(cases: Sequence[Case], field: str) -> Iterator[tuple[str, Ranking]]:
    """Plain classifiers on character n-grams, out of the same folds: the least sure label first, and by cleanlab."""
    from cleanlab.rank import get_label_quality_scores

    labels = [(case.leads if field == "lead" else case.topics)[0] for case in cases]
    names, target = np.unique(labels, return_inverse=True)
    every = np.arange(len(cases))
    for name, chances in _classified(cases, target, len(names)):
        sure = chances[every, target]
        yield f"{name}, lowest self-confidence", _order(sure)
        yield f"{name}, lowest margin", _order(get_label_quality_scores(target, chances, method="normalized_margin"))
        yield f"{name}, cleanlab", ranked(np.eye(len(names))[target], chances)


def plain_pairs(cases: Sequence[Case]) -> tuple[Pairs, Pairs]:
    """The helpers of the nearest cases: those that most of them have and the case lacks, and the other way round."""
    names = sorted({unit for case in cases for unit in case.co})
    helped = np.array([[unit in case.co for unit in names] for case in cases], float)
    leads = np.array([[unit in case.leads for unit in names] for case in cases], bool)
    votes = np.zeros(helped.shape)
    matrix = _matrix(cases)
    for learned, asked in folds(cases):
        near = (matrix[asked] @ matrix[learned].T).toarray()
        for row, likeness in zip(asked, near, strict=True):
            nearest = np.argsort(-likeness, kind="stable")[:20]
            votes[row] = likeness[nearest] @ helped[learned[nearest]] / max(likeness[nearest].sum(), 1e-9)
    missing = sorted(zip(*np.nonzero((helped == 0) & ~leads), strict=True), key=lambda pair: -votes[pair])
    extra = sorted(zip(*np.nonzero(helped > 0), strict=True), key=lambda pair: votes[pair])
    return _named(missing, names), _named(extra, names)


def folds(cases: Sequence[Case]) -> list[Split]:
    """Five folds, near-copies together."""
    return grouped_folds([wording(case.suggestion) for case in cases])


def _named(pairs: Sequence[tuple[int, int]], names: Sequence[str]) -> Pairs:
    return [(int(row), names[column]) for row, column in pairs]


def _order(scores: Floats) -> Ranking:
    return [int(row) for row in np.argsort(scores, kind="stable")]


def _matrix(cases: Sequence[Case]) -> sp.csr_array:
    from sklearn.feature_extraction.text import TfidfVectorizer

    vectorizer = TfidfVectorizer(analyzer="char", ngram_range=(1, 3), sublinear_tf=True)
    return sp.csr_array(vectorizer.fit_transform([wording(case.suggestion) for case in cases]))


def _classified(cases: Sequence[Case], target: NDArray[np.intp], classes: int) -> Iterator[tuple[str, Floats]]:
    from scipy.special import softmax
    from sklearn.linear_model import LogisticRegression
    from sklearn.svm import LinearSVC

    matrix = _matrix(cases)
    models: dict[str, Any] = {
        LOGISTIC: LogisticRegression(C=10, max_iter=500),
        SVC: LinearSVC(random_state=0),
    }
    for name, model in models.items():
        scores = np.full((len(cases), classes), -9.0)
        for learned, asked in folds(cases):
            model.fit(matrix[learned], target[learned])
            found = model.decision_function(matrix[asked])
            scores[np.ix_(asked, model.classes_)] = found  # two classes would come as one column; there are dozens
        yield name, np.asarray(softmax(scores, axis=1))
