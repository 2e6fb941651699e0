"""The figures of one system on one experiment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.quality.answers import Answer, Ranking
from triage.learning.measures import accuracy_at_coverage, calibration_error, macro_f1, recall_at
from triage.records import Case

COVERAGES = (0.2, 0.35, 0.5)
LEAST_CASES = 5
"""Units with fewer asked cases are added up in one row: a share of three says nothing about a unit."""
OTHERS = "others"
DRAWS = 200
Floats = NDArray[np.float64]


def figures(task: str, answers: Sequence[Answer], cases: Sequence[Case], probabilities: bool) -> dict[str, Any]:
    """The figures of a task over all cases that have an answer to it; `probabilities`: the scores are meant as such."""
    measure = {"lead": _lead, "co": _co, "topic": _topic}[task]
    truths = [{"lead": case.leads, "co": case.co, "topic": case.topics}[task] for case in cases]
    kept = [(answer.ranking(task), truth) for answer, truth in zip(answers, truths, strict=True) if truth]
    return {"cases": len(kept), **measure([found for found, _ in kept], [truth for _, truth in kept], probabilities)}


def _rank(found: Ranking, truth: Sequence[str]) -> int:
    """The first place, from 0, at which a right label stands; a large number if none does."""
    return next((place for place, (label, _) in enumerate(found) if label in truth), 1_000_000)


def _hits(found: Sequence[Ranking], truths: Sequence[Sequence[str]]) -> dict[str, float]:
    ranks = np.array([_rank(ranking, truth) for ranking, truth in zip(found, truths, strict=True)])
    return {f"top_{k}": round(float((ranks < k).mean()), 4) for k in (1, 3, 5)}


def _first(found: Sequence[Ranking]) -> list[str]:
    return [ranking[0][0] if ranking else "" for ranking in found]


def _trust(found: Sequence[Ranking], truths: Sequence[Sequence[str]]) -> dict[str, Any]:
    """Whether the first score means what it says (ten bins of equal width), and what the surest answers are worth.

    With few cases the bins differ by chance alone: `calibration_error_by_chance` is the mean that scores which mean
    exactly what they say would show on as many cases.
    """
    confidence = np.array([ranking[0][1] if ranking else 0.0 for ranking in found])
    correct = np.array([first in truth for first, truth in zip(_first(found), truths, strict=True)])
    shares = accuracy_at_coverage(confidence, correct, COVERAGES)
    return {
        "calibration_error": round(calibration_error(confidence, correct), 4),
        "calibration_error_by_chance": round(_chance_error(confidence), 4),
        "mean_first_score": round(float(confidence.mean()), 4),
        **{f"accuracy_at_{share}": rate for share, rate in shares.items()},
    }


def _chance_error(confidence: Floats) -> float:
    draws = np.random.default_rng(0).random((DRAWS, len(confidence))) < confidence
    return float(np.mean([calibration_error(confidence, drawn) for drawn in draws]))


def _lead(found: Sequence[Ranking], truths: Sequence[Sequence[str]], probabilities: bool) -> dict[str, Any]:
    f1 = macro_f1(_first(found), [truth[0] for truth in truths])
    return {**_hits(found, truths), "macro_f1": f1, **(_trust(found, truths) if probabilities else {})}


def _topic(found: Sequence[Ranking], truths: Sequence[Sequence[str]], probabilities: bool) -> dict[str, Any]:
    f1 = macro_f1(_first(found), [truth[0] for truth in truths])
    hits = _hits(found, truths)
    hits = {"accuracy": hits["top_1"], "top_3": hits["top_3"], "macro_f1": f1}
    return {**hits, **(_trust(found, truths) if probabilities else {})}


def _co(found: Sequence[Ranking], truths: Sequence[Sequence[str]], _: bool) -> dict[str, Any]:
    listed = [[label for label, _ in ranking] for ranking in found]
    return {f"recall_at_{rank}": recall_at(listed, truths, rank) for rank in (3, 5, 10)}


def promise(answers: Sequence[Answer], cases: Sequence[Case]) -> dict[str, Any]:
    """How often the lead was *suggested* instead of left to choose, and how often it was right then."""
    kept = [(answer, case) for answer, case in zip(answers, cases, strict=True) if case.leads]
    suggested = [answer.lead[0][0] in case.leads for answer, case in kept if answer.suggested]
    return {
        "suggest_coverage": round(len(suggested) / len(kept), 4),
        "suggest_accuracy": round(float(np.mean(suggested)), 4) if suggested else None,
    }


def places(answers: Sequence[Answer], cases: Sequence[Case], kinds: Mapping[str, str]) -> dict[str, Any]:
    """Where units repeat over districts: whether the kind of unit is right, and whether the place is asked for."""
    kind = [
        kinds.get(answer.lead[0][0]) == kinds.get(case.leads[0]) for answer, case in zip(answers, cases, strict=True)
    ]
    unit = [answer.lead[0][0] in case.leads for answer, case in zip(answers, cases, strict=True)]
    asks = np.array([answer.asks for answer in answers])
    only_kind = np.array(kind) & ~np.array(unit)
    return {
        "kind_accuracy": round(float(np.mean(kind)), 4),
        "right_kind_wrong_unit": round(float(only_kind.mean()), 4),
        "asks_for_place": round(float(asks.mean()), 4),
        "asks_where_only_the_kind_is_right": round(float(asks[only_kind].mean()), 4) if only_kind.any() else None,
    }


def unit_table(answers: Sequence[Answer], cases: Sequence[Case]) -> list[dict[str, Any]]:
    """For each lead: its cases, how often it is first or among five, and how often it is right where it is first."""
    known = [(case.leads[0], answer) for answer, case in zip(answers, cases, strict=True) if case.leads]
    counts: dict[str, int] = {}
    for unit, _ in known:
        counts[unit] = counts.get(unit, 0) + 1
    rows: dict[str, list[tuple[str, Answer]]] = {}
    for unit, answer in known:
        rows.setdefault(unit if counts[unit] >= LEAST_CASES else OTHERS, []).append((unit, answer))
    table = [_unit_row(unit, own, known) for unit, own in rows.items()]
    return sorted(table, key=lambda row: (row["unit"] == OTHERS, -row["cases"], row["unit"]))


def _unit_row(unit: str, own: Sequence[tuple[str, Answer]], known: Sequence[tuple[str, Answer]]) -> dict[str, Any]:
    ranks = np.array([_rank(answer.lead, (truth,)) for truth, answer in own])
    members = {truth for truth, _ in own}
    named = [answer.lead[0][0] == truth for truth, answer in known if answer.lead[0][0] in members]
    return {
        "unit": unit,
        "units": len(members),
        "cases": len(own),
        "top_1": round(float((ranks < 1).mean()), 4),
        "top_5": round(float((ranks < 5).mean()), 4),
        "named_first": len(named),
        "right_when_named": round(float(np.mean(named)), 4) if named else None,
    }
