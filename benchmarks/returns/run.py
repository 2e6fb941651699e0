"""Returns are simulated: a suggestion comes back if the first lead of a model that has not seen it is a wrong one.

There are no public records of returns. A wrong lead is only a stand-in: units keep cases that are not theirs, and send
back cases that are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.quality.sets import Experiment
from triage.encoders.sentence import SentenceEncoder
from triage.heads.judge import judge
from triage.heads.model import Model
from triage.heads.returns import SIGNS, several_matters
from triage.heads.risk import risk_signs
from triage.learning.measures import calibration_error
from triage.learning.train import train
from triage.records import Case
from triage.text import prepare

PLAIN, FIXED = "1 − score of the first lead", "return risk without records"
LEARNED, FITTED = "return risk learned from simulated returns", "all signs, fitted on the other asked cases"
FOLDS, DRAWS = 5, 500

Floats = NDArray[Any]


def run(experiment: Experiment, encoder: SentenceEncoder | None) -> dict[str, Any]:
    """The figures of each way on one set: AUC with the 95 % interval of its difference from the plain way, and ECE."""
    parts: list[dict[str, Floats]] = []
    records = 0
    for learned_rows, asked_rows in experiment.splits:
        learned = [experiment.cases[row] for row in learned_rows]
        asked = [experiment.cases[row] for row in asked_rows if experiment.cases[row].leads]
        model = train(learned, units=experiment.units, sentence=encoder)
        part = _asked(model, encoder, asked)
        simulated = _simulated(model, learned)
        if learned:
            again = train(simulated, units=experiment.units, sentence=encoder)
            part[LEARNED] = _asked(again, encoder, asked)[FIXED]
            records += int(again.returning.returned.sum())
        parts.append(part)
    whole = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    wrong, seen = whole.pop("wrong").astype(bool), whole.pop("signs")
    whole[FITTED] = _fitted(seen, wrong)
    plain = whole[PLAIN]
    return {
        "asked": len(wrong),
        "wrong": round(float(wrong.mean()), 4),
        "simulated_returns_learned_from": records,
        "ways": {
            name: {
                "auc": round(auc(risk, wrong), 4),
                "more_than_plain": None if risk is plain else _interval(risk, plain, wrong),
                "calibration_error": round(calibration_error(risk, wrong), 4),
                "mean": round(float(risk.mean()), 4),
            }
            for name, risk in whole.items()
        },
    }


def auc(risk: Floats, wrong: NDArray[np.bool_]) -> float:
    """How often a wrong lead has a higher risk than a right one, ties half (Mann and Whitney, 1947)."""
    from scipy.stats import rankdata

    bad, good = int(wrong.sum()), int((~wrong).sum())
    if not (bad and good):
        return float("nan")
    return float((rankdata(risk)[wrong].sum() - bad * (bad + 1) / 2) / (bad * good))


def _asked(model: Model, encoder: SentenceEncoder | None, asked: Sequence[Case]) -> dict[str, Floats]:
    """For the asked cases whose text can be judged: whether the first lead is wrong, the signs, and the risk by the
    plain way and by the model's.
    """
    texts = [(case, text) for case in asked if (text := prepare(case.suggestion)).usable]
    wrong, seen, plain = [], [], []
    for start in range(0, len(texts), 64):
        some = texts[start : start + 64]
        judged = judge(model, encoder, [text for _, text in some])
        for row, (case, text) in enumerate(some):
            first = int(judged.lead[row].argmax())
            wrong.append(model.units.names[first] not in case.leads)
            plain.append(1.0 - float(judged.lead[row, first]))
            seen.append(risk_signs(model, judged, row, several_matters(text))[0])
    signs = np.array(seen).reshape(-1, len(SIGNS))
    return {
        "wrong": np.array(wrong, float),
        "signs": signs,
        PLAIN: np.array(plain),
        FIXED: model.returning.score(signs),
    }


def _simulated(model: Model, learned: Sequence[Case]) -> list[Case]:
    """The cases as if the office had handed each to the first lead of a model that had not seen it."""
    unseen = (
        {} if model.unseen is None else dict(zip((one.id for one in model.precedents), model.unseen.lead, strict=True))
    )
    made = []
    for case in learned:
        first = int(unseen.get(case.suggestion.id, -1))
        unit = model.units.names[first] if first >= 0 else ""
        made.append(replace(case, returned=(unit,)) if unit and unit not in case.leads else case)
    return made


def _fitted(seen: Floats, wrong: NDArray[np.bool_]) -> Floats:
    """What free weights would reach, each fifth scored by a logistic regression on the other asked cases: they are of
    the same weeks, so that no office could have it.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    fold, risk = np.random.default_rng(0).integers(FOLDS, size=len(wrong)), np.zeros(len(wrong))
    for number in range(FOLDS):
        inside = fold == number
        model = make_pipeline(StandardScaler(), LogisticRegression()).fit(seen[~inside], wrong[~inside])
        risk[inside] = model.predict_proba(seen[inside])[:, 1]
    return risk


def _interval(risk: Floats, plain: Floats, wrong: NDArray[np.bool_]) -> list[float]:
    """The 95 % bootstrap interval of the difference in AUC."""
    rng, gains = np.random.default_rng(0), []
    for _ in range(DRAWS):
        rows = rng.integers(len(wrong), size=len(wrong))
        gains.append(auc(risk[rows], wrong[rows]) - auc(plain[rows], wrong[rows]))
    return [round(float(bound), 4) for bound in np.nanpercentile(gains, (2.5, 97.5))]
