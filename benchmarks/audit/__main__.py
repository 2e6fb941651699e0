"""``python -m benchmarks.audit --data DIR``: plant errors in a real session, and see who finds them."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Collection, Hashable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console

from benchmarks.audit import systems
from benchmarks.audit.planted import SHARE, Planted, at_random, swapped
from benchmarks.audit.report import markdown
from benchmarks.environment import environment
from triage.datasets import read_cases
from triage.encoders.cache import CachedEncoder
from triage.encoders.locate import find_encoder
from triage.encoders.sentence import SentenceEncoder
from triage.errors import TriageError
from triage.learning.audit.unseen import unseen_answers
from triage.records import Case
from triage.results import replace_files

RESULTS = Path(__file__).resolve().parents[1] / "results"
FILE = "cixi2017.csv"
SEEDS = 5
MEASURED = ("listed", "precision_10", "precision_n", "precision_2n", "recall_4n", "average_precision", "right")

Figures = dict[str, float]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run from the command line; returns the exit code."""
    wanted = _parser().parse_args(arguments)
    console = Console(stderr=True)
    folder = None if wanted.no_encoder else wanted.encoder or find_encoder()
    try:
        cases = [replace(case, leads=case.leads[:1]) for case in read_cases(wanted.data / FILE)]
        result = {**environment(folder, "cleanlab"), **measure(cases, folder, wanted.seeds, console)}
    except TriageError as error:
        console.print(f"{error}", style="red")
        return 2
    name = "audit" if folder is not None else "audit-lexical"
    written = json.dumps(result, ensure_ascii=False, indent=1) + "\n"
    text = markdown(result)
    wanted.out.mkdir(parents=True, exist_ok=True)
    replace_files({wanted.out / f"{name}.json": written.encode(), wanted.out / f"{name}.md": text.encode()})
    print(text)
    return 0


def measure(cases: Sequence[Case], folder: Path | None, seeds: int, console: Console) -> dict[str, Any]:
    """Mean and spread of all figures over the seeds, by task and system."""
    sentence = CachedEncoder(SentenceEncoder.load(folder)) if folder is not None else None
    met: dict[str, dict[str, list[Figures]]] = {}
    for seed in range(seeds):
        for task, system, figures in _seeded(cases, sentence, seed):
            met.setdefault(task, {}).setdefault(system, []).append(figures)
        console.print(f"seed {seed + 1} of {seeds}: done")
    tasks = {task: {system: _summed(rows) for system, rows in of.items()} for task, of in met.items()}
    return {"rows": len(cases), "share": SHARE, "seeds": seeds, "tasks": tasks}


def _seeded(cases: Sequence[Case], sentence: CachedEncoder | None, seed: int) -> Iterator[tuple[str, str, Figures]]:
    made = at_random(cases, seed)
    seen = unseen_answers(made.cases, None, sentence)
    yield from _labels("lead", "lead", made, systems.ours(made.cases, seen, "lead"))
    yield "lead", systems.ANEW, figures(systems.trained_anew(made.cases, seen, sentence), made.leads)
    yield from _labels("topic", "topic", made, systems.ours(made.cases, seen, "topic"))
    missing, extra = systems.our_pairs(made.cases, seen)
    yield "co missing", systems.OURS, figures(missing, made.removed)
    yield "co superfluous", systems.OURS, figures(extra, made.added)
    missing, extra = systems.plain_pairs(made.cases)
    yield "co missing", systems.NEAREST, figures(missing, made.removed)
    yield "co superfluous", systems.NEAREST, figures(extra, made.added)
    made = swapped(cases, seed)
    seen = unseen_answers(made.cases, None, sentence)
    yield from _labels("lead swapped with a helper", "lead", made, systems.ours(made.cases, seen, "lead"))


def _labels(
    task: str, field: str, made: Planted, found: tuple[list[int], dict[int, tuple[str, ...]]]
) -> Iterator[tuple[str, str, Figures]]:
    right = made.leads if field == "lead" else made.topics
    rows, proposed = found
    hits = sum(proposed.get(row) == wanted for row, wanted in right.items()) / len(right)
    yield task, systems.OURS, {**figures(rows, right), "right": hits}
    for name, ranking in systems.plain(made.cases, field):
        yield task, name, figures(ranking, right)


def figures(ranking: Sequence[Hashable], planted: Collection[Hashable]) -> Figures:
    """Of a ranking, worst first: the share of planted errors among the first 10, n and 2n (n: those that were planted),
    the share of them within the first 4n, and the average precision (what is not listed counts as never found).
    """
    hits = np.array([one in planted for one in ranking], bool)
    count = len(planted)
    places = np.flatnonzero(hits)
    return {
        "listed": float(len(ranking)),
        "precision_10": float(hits[:10].sum()) / 10,
        "precision_n": float(hits[:count].sum()) / count,
        "precision_2n": float(hits[: 2 * count].sum()) / (2 * count),
        "recall_4n": float(hits[: 4 * count].sum()) / count,
        "average_precision": float(((np.arange(len(places)) + 1) / (places + 1)).sum()) / count,
    }


def _summed(rows: Sequence[Figures]) -> dict[str, dict[str, float]]:
    names = [name for name in MEASURED if name in rows[0]]
    return {
        name: {
            "mean": round(float(np.mean([row[name] for row in rows])), 4),
            "deviation": round(float(np.std([row[name] for row in rows])), 4),
        }
        for name in names
    }


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.audit", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help=f"folder with {FILE}")
    parser.add_argument("--seeds", type=int, default=SEEDS, help="how often errors are planted anew")
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--encoder", type=Path, help="encoder folder; without it the usual places are searched")
    which.add_argument("--no-encoder", action="store_true", help="measure wording only")
    parser.add_argument("--out", type=Path, default=RESULTS, help="folder for the results; default benchmarks/results")
    return parser


if __name__ == "__main__":
    sys.exit(main())
