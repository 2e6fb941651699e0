"""Plain systems, fitted on the same folds: what a day's work without this library would reach.

* character 1- to 3-gram TF-IDF and a linear support vector machine (scikit-learn's `LinearSVC`);
* the sentence encoder's vectors and logistic regression;
* fastText's supervised classifier on characters, where the package is installed;
* for helping units the votes of the twenty nearest cases, by characters, by sentence vectors, and by both.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from benchmarks.quality.answers import Answer, Ranking, answer_to
from benchmarks.quality.sets import wording
from triage.encoders.sentence import SentenceEncoder
from triage.heads.model import FOCUS
from triage.records import Case, Suggestion
from triage.text import prepare

Floats = NDArray[Any]
Named = Iterator[tuple[str, list[Answer]]]

NEIGHBOURS = 20
LISTED = 15
CHAR = "character TF-IDF + LinearSVC"
DENSE = "sentence encoder + logistic regression"
FASTTEXT = "fastText on characters"
WITH_PROBABILITIES = frozenset({DENSE, FASTTEXT})
"""Baselines whose scores are meant as probabilities, so that their calibration can be measured."""


class Baselines:
    """All baselines of one split; texts become matrices once."""

    def __init__(self, learned: Sequence[Case], asked: Sequence[Suggestion], encoder: SentenceEncoder | None) -> None:
        from sklearn.feature_extraction.text import TfidfVectorizer

        self.learned = learned
        self.texts = [wording(case.suggestion) for case in learned]
        self.asked = [wording(suggestion) for suggestion in asked]
        vectorizer = TfidfVectorizer(
            analyzer="char", ngram_range=(1, 3), sublinear_tf=True, min_df=2 if len(learned) >= 2000 else 1
        )
        self.char = (sp.csr_array(vectorizer.fit_transform(self.texts)), sp.csr_array(vectorizer.transform(self.asked)))
        self.dense: tuple[Floats, Floats] | None = None
        if encoder is not None:
            # The same texts that the library encodes, so that they are encoded once.
            known = encoder.encode([prepare(case.suggestion).focus(FOCUS) for case in learned])
            new = encoder.encode([prepare(suggestion).focus(FOCUS) for suggestion in asked])
            self.dense = (known, new)

    def answers(self, task: str) -> Named:
        """The baselines for ``lead``, ``co`` or ``topic``: each one's name and its answers to the asked texts."""
        return self._neighbours() if task == "co" else self._classifiers(task)

    def _classifiers(self, task: str) -> Named:
        labels = [(case.leads if task == "lead" else case.topics)[:1] for case in self.learned]
        rows = np.array([row for row, label in enumerate(labels) if label])
        found, target = np.unique([labels[row][0] for row in rows], return_inverse=True)
        names = [str(name) for name in found]
        made = _wrapped(task)
        yield CHAR, made(names, _linear_svc(self.char[0][rows], target, self.char[1]))
        if self.dense is not None:
            yield DENSE, made(names, _logistic(self.dense[0][rows], target, self.dense[1]))
        if fasttext_missing() == "":
            yield FASTTEXT, made(names, _fasttext([self.texts[row] for row in rows], target, self.asked))

    def _neighbours(self) -> Named:
        names = sorted({unit for case in self.learned for unit in case.co})
        if not names:
            return
        index = {name: column for column, name in enumerate(names)}
        helped = np.zeros((len(self.learned), len(names)))
        for row, case in enumerate(self.learned):
            helped[row, [index[unit] for unit in case.co]] = 1.0
        made = _wrapped("co")
        char = (self.char[1] @ self.char[0].T).toarray()
        yield f"{NEIGHBOURS} nearest by characters", made(names, _votes(char, helped))
        if self.dense is not None:
            dense = self.dense[1] @ self.dense[0].T
            yield f"{NEIGHBOURS} nearest by sentence vectors", made(names, _votes(dense, helped))
            yield f"{NEIGHBOURS} nearest by both", made(names, _votes(char + dense, helped))


def fasttext_missing() -> str:
    """Why fastText cannot be measured here; empty if it can."""
    try:
        import fasttext  # noqa: F401 - whether it can be imported is the question
    except ImportError as error:
        return f"{error}; pip install fasttext-wheel"
    return ""


def _wrapped(task: str) -> Callable[[Sequence[str], Floats], list[Answer]]:
    """Scores (texts, labels) as answers to one task."""

    def made(names: Sequence[str], scores: Floats) -> list[Answer]:
        order = np.argsort(-scores, axis=1, kind="stable")[:, :LISTED]
        rankings: list[Ranking] = [
            tuple((names[column], float(row[column])) for column in columns)
            for row, columns in zip(scores, order, strict=True)
        ]
        return [answer_to(task, ranking) for ranking in rankings]

    return made


def _linear_svc(known: Floats, target: Floats, new: Floats) -> Floats:
    from sklearn.svm import LinearSVC

    scores = LinearSVC(random_state=0).fit(known, target).decision_function(new)
    return np.stack([-scores, scores], axis=1) if scores.ndim == 1 else np.asarray(scores)


def _logistic(known: Floats, target: Floats, new: Floats) -> Floats:
    """Sentence vectors bunch, so that each dimension is brought to mean 0 and deviation 1 first."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    model = make_pipeline(StandardScaler(), LogisticRegression(C=STRENGTH, max_iter=1000))
    return np.asarray(model.fit(known, target).predict_proba(new))


STRENGTH = 0.03
"""The logistic regression's C: the best of .003 to 1 on folds of both the titles and the letters, to its advantage."""


def _fasttext(texts: Sequence[str], target: Floats, new: Sequence[str]) -> Floats:
    """One thread and one seed, or no two runs agree; as many epochs as bring few texts as far as many."""
    import fasttext

    epochs = min(300, max(30, 100_000 // len(texts)))
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "learned.txt"
        lines = (f"__label__{label} {_spaced(text)}\n" for text, label in zip(texts, target, strict=True))
        file.write_text("".join(lines), encoding="utf-8")
        model = fasttext.train_supervised(
            str(file), epoch=epochs, lr=0.5, wordNgrams=2, bucket=200_000, thread=1, seed=0, verbose=0
        )
    scores = np.zeros((len(new), int(target.max()) + 1))
    for row, text in enumerate(new):
        # The Python layer's predict() fails with numpy 2; the compiled one below it does not.
        for probability, label in model.f.predict(_spaced(text) + "\n", LISTED, 0.0, "strict"):
            scores[row, int(label.removeprefix("__label__"))] = probability
    return scores


def _spaced(text: str) -> str:
    return " ".join("".join(text.split()))


def _votes(likeness: Floats, helped: Floats) -> Floats:
    """Each case's helpers, weighed with how like the case is, of the nearest twenty."""
    count = min(NEIGHBOURS, likeness.shape[1])
    nearest = np.argpartition(-likeness, count - 1, axis=1)[:, :count]
    weight = np.take_along_axis(likeness, nearest, axis=1)
    return np.asarray(np.einsum("qn,qnu->qu", weight, helped[nearest]))
