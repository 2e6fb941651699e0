"""One experiment: the library and the baselines on every split, and their figures."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.quality.answers import Answer, triage_answers
from benchmarks.quality.baselines import WITH_PROBABILITIES, Baselines
from benchmarks.quality.encodings import RememberingEncoder
from benchmarks.quality.scores import figures, places, promise, unit_table
from benchmarks.quality.sets import Experiment

LIBRARY = "triage"
Progress = Callable[[str, float], None]


def run(
    experiment: Experiment, folder: Path | None, encoder: RememberingEncoder | None, tell: Progress
) -> dict[str, Any]:
    """All figures of an experiment. `folder` and `encoder` are the sentence encoder's; None: wording only."""
    collected: dict[tuple[str, str], list[Answer]] = {}
    for number, (learned_rows, asked_rows) in enumerate(experiment.splits):
        learned = [experiment.cases[row] for row in learned_rows]
        asked = [experiment.cases[row].suggestion for row in asked_rows]

        def part(what: str, share: float, done: int = number) -> None:
            tell(f"{done + 1}/{len(experiment.splits)} {what}", (done + share) / len(experiment.splits))

        answers = triage_answers(learned, asked, experiment.units, folder, lambda what, share: part(what, 0.7 * share))
        for task in experiment.tasks:
            collected.setdefault((task, LIBRARY), []).extend(answers)
        if learned:
            part("baselines", 0.75)
            baselines = Baselines(learned, asked, encoder)
            for task in experiment.tasks:
                for name, found in baselines.answers(task):
                    collected.setdefault((task, name), []).extend(found)
    tell("scoring", 1.0)
    return _scored(experiment, collected)


def _scored(experiment: Experiment, collected: dict[tuple[str, str], list[Answer]]) -> dict[str, Any]:
    cases = [experiment.cases[row] for row in experiment.asked]
    scored: dict[str, Any] = {task: {} for task in experiment.tasks}
    for (task, system), answers in collected.items():
        own = system == LIBRARY
        found = figures(task, answers, cases, own or system in WITH_PROBABILITIES)
        if task == "lead":
            found |= promise(answers, cases) if own else {}
            found |= places(answers, cases, experiment.kinds) if experiment.kinds else {}
        scored[task][system] = found
    described: dict[str, Any] = {
        "title": experiment.title,
        "split": experiment.split,
        "rows": len(experiment.cases),
        "asked": len(cases),
        "file": experiment.digest,
        "tasks": scored,
    }
    if "lead" in experiment.tasks:
        described["units"] = unit_table(collected["lead", LIBRARY], cases)
        learned = {unit for learned, _ in experiment.splits for row in learned for unit in experiment.cases[row].leads}
        described["leads_never_learned"] = sum(not {*case.leads} & {*learned, *experiment.units} for case in cases)
    return described
