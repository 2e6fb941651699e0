"""Each variant on each set: trained and asked like the library in the quality benchmark."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from benchmarks.ablation.variants import Variant
from benchmarks.quality.answers import Answer, Ranking, answer_of
from benchmarks.quality.baselines import CHAR, Baselines
from benchmarks.quality.scores import figures, promise
from benchmarks.quality.sets import Experiment
from triage.encoders.sentence import SentenceEncoder
from triage.learning.train import train
from triage.records import Case, Suggestion
from triage.triager import Triager

Progress = Callable[[str, float], None]


def fits(variant: Variant, experiment: Experiment) -> bool:
    """Whether the set can show what the variant does."""
    if variant.task and variant.task not in experiment.tasks:
        return False
    if variant.dated and not any(case.suggestion.date for case in experiment.cases):
        return False
    if variant.text is not None and not any(case.suggestion.text for case in experiment.cases):
        return False
    return bool(len(experiment.splits[0][0])) or not variant.mixed


def run(variant: Variant, experiment: Experiment, encoder: SentenceEncoder | None) -> dict[str, Any]:
    """The figures of one variant on one set, by task."""
    answers: list[Answer] = []
    for learned_rows, asked_rows in experiment.splits:
        learned = [_changed(variant, experiment.cases[row]) for row in learned_rows]
        asked = [_changed(variant, experiment.cases[row]).suggestion for row in asked_rows]
        with variant.change(learned):
            model = train(learned, units=experiment.units, sentence=encoder, settings=variant.settings)
            found = [answer_of(triaged) for triaged in Triager(model, encoder, "ablation").triage(asked)]
        answers.extend(_mixed(found, learned, asked, experiment.tasks) if variant.mixed else found)
    cases = [experiment.cases[row] for row in experiment.asked]
    tasks = [variant.task] if variant.task else experiment.tasks
    scored = {task: figures(task, answers, cases, probabilities=not variant.mixed) for task in tasks}
    if "lead" in scored and not variant.mixed:
        scored["lead"] |= promise(answers, cases)
    return scored


def _changed(variant: Variant, case: Case) -> Case:
    return case if variant.text is None else replace(case, suggestion=variant.text(case.suggestion))


def _mixed(
    found: Sequence[Answer], learned: Sequence[Case], asked: Sequence[Suggestion], tasks: Sequence[str]
) -> list[Answer]:
    """Half the vote for the library's order, half for that of the character baseline (reciprocal ranks)."""
    baselines = Baselines(learned, asked, None)
    rankings = {task: [answer.ranking(task) for answer in found] for task in tasks}
    for task in tasks:
        for name, theirs in baselines.answers(task):
            if name == CHAR or task == "co":
                rankings[task] = [
                    _fused(own, other.ranking(task)) for own, other in zip(rankings[task], theirs, strict=True)
                ]
                break
    none: list[Ranking] = [()] * len(found)
    every = zip(rankings.get("lead", none), rankings.get("co", none), rankings.get("topic", none), strict=True)
    return [Answer(lead=first, co=second, topic=third) for first, second, third in every]


def _fused(*rankings: Ranking) -> Ranking:
    """Reciprocal rank fusion (Cormack, Clarke & Büttcher, 2009) with its constant for short lists."""
    votes: dict[str, float] = {}
    for ranking in rankings:
        for place, (label, _) in enumerate(ranking):
            votes[label] = votes.get(label, 0.0) + 1.0 / (2.0 + place)
    total = float(np.sum(list(votes.values()))) or 1.0
    return tuple(sorted(((label, vote / total) for label, vote in votes.items()), key=lambda entry: -entry[1]))
