"""Scoring a model's answers on handled cases, the way they would be met: by name, as answered."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

import numpy as np

from triage.catalogue import Catalogue, Resolver
from triage.learning.labels import topic_path
from triage.learning.measures import accuracy_at_coverage, calibration_error, macro_f1, recall_at
from triage.records import Case, Decision, Suggestion, TopicScore, Triaged

CHUNK = 64
COVERAGES = (0.2, 0.35, 0.5, 0.8)


class Answers(Protocol):
    """What is scored: a `Triager`."""

    @property
    def catalogue(self) -> Catalogue:
        """The catalogue that answers are taken from."""

    @property
    def units(self) -> tuple[str, ...]:
        """The names that can be answered."""

    def triage(self, suggestions: Sequence[Suggestion]) -> list[Triaged]:
        """The answers, in order."""


def evaluate(
    model: Answers, cases: Sequence[Case], progress: Callable[[str, float], None] | None = None
) -> dict[str, Any]:
    """Figures, a row for each lead, the surest mistakes and the names that the model does not know.

    A case without lead, helpers or topic counts only where it has one. Of several leads (分办) any is right. A former
    unit's name is taken for its successors'. Mistakes name ids and units, never texts.
    """
    answers: list[Triaged] = []
    for start in range(0, len(cases), CHUNK):
        answers += model.triage([case.suggestion for case in cases[start : start + CHUNK]])
        if progress is not None:
            progress("answering", len(answers) / len(cases))
    names = _Names(model)
    led = [(names.all(case.leads), answer) for case, answer in zip(cases, answers, strict=True) if case.leads]
    helped = [(names.all(case.co), answer) for case, answer in zip(cases, answers, strict=True) if case.co]
    filed = [
        (list(filter(None, map(topic_path, case.topics))), answer) for case, answer in zip(cases, answers, strict=True)
    ]
    figures = {**_leads(led), **_co_units(helped), **_topics(filed, model.catalogue)}
    return {
        "cases": len(cases),
        "figures": figures,
        "units": _units(led),
        "mistakes": _mistakes(led),
        "unknown": sorted(names.unknown),
    }


class _Names:
    """History's names as the model's."""

    def __init__(self, model: Answers) -> None:
        self._answerable = set(model.units)
        self._catalogue = model.catalogue
        self._resolver = Resolver(model.catalogue)
        self.unknown: set[str] = set()

    def all(self, names: Sequence[str]) -> tuple[str, ...]:
        found: dict[str, None] = {}
        for name in names:
            unit = None if name in self._answerable else self._resolver.resolve(name).unit
            heirs = () if unit is None else (unit, *self._catalogue.successors(unit.code))
            meant = [heir.name for heir in heirs if heir.name in self._answerable]
            if not meant and name not in self._answerable:
                self.unknown.add(name)
            found.update(dict.fromkeys(meant or (name,)))
        return tuple(found)


def _leads(led: Sequence[tuple[tuple[str, ...], Triaged]]) -> dict[str, float]:
    if not led:
        return {}
    ranks = np.array([_rank(right, answer) for right, answer in led])
    first = np.array([answer.lead[0].score for _, answer in led])
    right = ranks == 0
    suggested = np.array([answer.decision is Decision.SUGGEST for _, answer in led])
    return {
        "lead_cases": len(led),
        **{f"lead_top_{k}": round(float((ranks < k).mean()), 4) for k in (1, 3, 5)},
        "lead_calibration_error": round(calibration_error(first, right), 4),
        "suggest_coverage": round(float(suggested.mean()), 4),
        "suggest_accuracy": round(float(right[suggested].mean()), 4) if suggested.any() else 0.0,
        **{
            f"lead_accuracy_at_{share:.0%}": rate
            for share, rate in accuracy_at_coverage(first, right, COVERAGES).items()
        },
    }


def _rank(right: Sequence[str], answer: Triaged) -> int:
    """The place of the first right unit in the list, or beyond its end."""
    listed = [lead.unit for lead in answer.lead]
    return min((listed.index(unit) for unit in right if unit in listed), default=len(listed) + 1000)


def _co_units(helped: Sequence[tuple[tuple[str, ...], Triaged]]) -> dict[str, float]:
    if not helped:
        return {}
    listed = [[helper.unit for helper in answer.co] for _, answer in helped]
    wanted = [units for units, _ in helped]
    return {"co_cases": len(helped), **{f"co_recall_{k}": recall_at(listed, wanted, k) for k in (3, 5, 10)}}


def _topics(filed: Sequence[tuple[list[tuple[str, ...]], Triaged]], catalogue: Catalogue) -> dict[str, float]:
    """The likeliest topic on the level of the case's own (first) label, against the label."""
    filed = [(paths, answer) for paths, answer in filed if paths]
    if not filed:
        return {}
    depth = {topic.name: len(catalogue.topic_path(topic.code)) for topic in catalogue.topics}
    predicted, right, sure, correct = [], [], [], []
    for paths, answer in filed:
        wanted = paths[0][-1]
        # A label that the model does not know is held against the first level.
        same = [topic for topic in answer.topics if len(topic.path) == depth.get(wanted, 1)]
        best = max(same, key=lambda topic: topic.score, default=TopicScore("", 0.0))
        predicted.append(best.name)
        right.append(wanted)
        sure.append(best.score)
        correct.append(best.name == wanted)
    return {
        "topic_cases": len(filed),
        "topic_accuracy": round(float(np.mean(correct)), 4),
        "topic_macro_f1": macro_f1(predicted, right),
        "topic_calibration_error": round(calibration_error(np.array(sure), np.array(correct)), 4),
    }


def _units(led: Sequence[tuple[tuple[str, ...], Triaged]]) -> list[dict[str, Any]]:
    """A row for each lead, those with most cases first."""
    places: dict[str, list[int]] = {}
    for right, answer in led:
        for unit in right:
            places.setdefault(unit, []).append(_rank((unit,), answer))
    rows = [
        {
            "unit": unit,
            "cases": len(ranks),
            **{f"top_{k}": round(float(np.mean([rank < k for rank in ranks])), 4) for k in (1, 3, 5)},
        }
        for unit, ranks in places.items()
    ]
    return sorted(rows, key=lambda row: (-row["cases"], row["unit"]))


def _mistakes(led: Sequence[tuple[tuple[str, ...], Triaged]]) -> list[dict[str, Any]]:
    """The answers that were surest and wrong."""
    wrong = [(right, answer) for right, answer in led if _rank(right, answer) > 0]
    wrong.sort(key=lambda pair: (-pair[1].lead[0].score, pair[1].id))
    return [
        {"id": answer.id, "right": list(right), "answered": answer.lead[0].unit, "score": answer.lead[0].score}
        for right, answer in wrong[:50]
    ]
