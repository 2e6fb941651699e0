"""``python -m benchmarks.ablation --data DIR``: what each piece of the heads is worth, and what others would add."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from benchmarks.ablation.report import markdown
from benchmarks.ablation.run import fits, run
from benchmarks.ablation.variants import VARIANTS
from benchmarks.environment import environment
from benchmarks.quality.encodings import RememberingEncoder
from benchmarks.quality.sets import experiments
from triage.encoders.locate import find_encoder
from triage.errors import TriageError
from triage.results import replace_file

RESULTS = Path(__file__).resolve().parents[1] / "results"
SETS = ("cixi2017", "cixi2017_cold", "shanghai2023_last_month", "taidi2020_topics")
FILES = ("cixi2017", "shanghai2023", "taidi2020_topics")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run from the command line; returns the exit code."""
    wanted = _parser().parse_args(arguments)
    console = Console(stderr=True)
    folder = None if wanted.no_encoder else wanted.encoder or find_encoder()
    try:
        measured = measure(wanted.data, wanted.only, folder, console)
    except TriageError as error:
        console.print(f"{error}", style="red")
        return 2
    if not measured:
        console.print(f"{wanted.data}: none of {', '.join(f'{name}.csv' for name in FILES)} is there.", style="red")
        return 2
    result = {**environment(folder), "sets": measured}
    replace_file(wanted.out / "ablation.json", (json.dumps(result, ensure_ascii=False, indent=1) + "\n").encode())
    replace_file(wanted.out / "ablation.md", markdown(result).encode())
    print(markdown(result))
    return 0


def measure(data: Path, only: Sequence[str], folder: Path | None, console: Console) -> dict[str, Any]:
    """Every variant on every set that can show it."""
    encoder = None if folder is None else RememberingEncoder.load(folder)
    files = [name for name in FILES if any(wish.startswith(name) for wish in only)]
    found = [experiment for experiment in experiments(data, files, console.print) if experiment.name in only]
    measured: dict[str, Any] = {}
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as progress:
        for experiment in found:
            variants = [variant for variant in VARIANTS if fits(variant, experiment)]
            task = progress.add_task(experiment.name, total=len(variants))
            scored = {}
            for variant in variants:
                progress.update(task, description=f"{experiment.name}: {variant.name}")
                scored[variant.name] = run(variant, experiment, encoder)
                progress.advance(task)
            told = {"title": experiment.title, "split": experiment.split, "file": experiment.digest}
            measured[experiment.name] = {**told, "asked": len(experiment.asked), "variants": scored}
            if not console.is_terminal:
                console.print(f"{experiment.name}: done")
    return measured


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.ablation", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with the data sets (CSV)")
    parser.add_argument("--only", nargs="+", default=list(SETS), choices=SETS, help="these sets only")
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--encoder", type=Path, help="encoder folder; without it the usual places are searched")
    which.add_argument("--no-encoder", action="store_true", help="measure wording only")
    parser.add_argument("--out", type=Path, default=RESULTS, help="folder for the results; default benchmarks/results")
    return parser


if __name__ == "__main__":
    sys.exit(main())
