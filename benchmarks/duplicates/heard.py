"""What an index of handled cases adds to a model that has not learned from them: lead and helpers, by folds.

A model of duties alone answers a session's fold with the index of the other folds, and without it; then a model that
learned from those folds does the same. Near copies stay in one fold.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from benchmarks.duplicates.field import Field
from benchmarks.duplicates.sets import Texts
from benchmarks.quality.splits import grouped_folds
from triage.records import Case, Triaged
from triage.triager import Triager

LEADS, HELPERS = (1, 3, 5), (3, 5, 10)


def precedents_heard(texts: Texts, field: Field) -> dict[str, Any]:
    """Hit rates of the lead and recall of the helpers, cold and after learning, with and without the index."""
    cases = [Case(text, leads, co) for text, leads, co in zip(texts.suggestions, texts.leads, texts.co, strict=True)]
    units = sorted({name for case in cases for name in (*case.leads, *case.co)})
    cold = Triager.train([], units=units, encoder=field.encoder)
    answers: dict[str, list[tuple[Case, Triaged]]] = {}
    for learned, asked in grouped_folds([text.title for text in texts.suggestions]):
        known = [cases[row] for row in learned]
        open_cases = [cases[row] for row in asked]
        suggestions = [case.suggestion for case in open_cases]
        taught = Triager.train(known, units=units, encoder=field.encoder)
        with cold.index() as history:
            history.add(known)
            for name, model in (("duties alone", cold), ("learned", taught)):
                for ending, index in (("", None), (", with the index", history)):
                    given = model.triage(suggestions, history=index)
                    answers.setdefault(f"{name}{ending}", []).extend(zip(open_cases, given, strict=True))
    return {"texts": len(cases), "folds": 5, "models": {name: _rates(given) for name, given in answers.items()}}


def _rates(given: Sequence[tuple[Case, Triaged]]) -> Mapping[str, float]:
    ranks = [_rank(case, answer) for case, answer in given]
    rates = {f"lead_at_{k}": float(np.mean([rank < k for rank in ranks])) for k in LEADS}
    helped = [(case, answer) for case, answer in given if case.co]
    for k in HELPERS:
        found = [len({unit.unit for unit in answer.co[:k]} & set(case.co)) / len(case.co) for case, answer in helped]
        rates[f"helpers_at_{k}"] = float(np.mean(found)) if found else 0.0
    return {name: round(rate, 4) for name, rate in rates.items()}


def _rank(case: Case, answer: Triaged) -> int:
    return next((rank for rank, lead in enumerate(answer.lead) if lead.unit in case.leads), len(answer.lead) + 1)
