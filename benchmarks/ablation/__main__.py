"""``python -m benchmarks.ablation --data DIR``: what each piece of the heads is worth, and what others would add."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from benchmarks.ablation import conformal
from benchmarks.ablation.report import markdown
from benchmarks.ablation.run import fits, run
from benchmarks.ablation.variants import CO, VARIANTS
from benchmarks.environment import environment
from benchmarks.options import parser_of
from benchmarks.quality.encodings import RememberingEncoder
from benchmarks.quality.sets import experiments
from triage.encoders.locate import find_encoder
from triage.errors import TriageError
from triage.results import replace_file

SETS = ("cixi2017", "cixi2017_cold", "shanghai2023_last_month", "taidi2020_topics")
FILES = ("cixi2017", "shanghai2023", "taidi2020_topics")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run from the command line; returns the exit code."""
    wanted = _parser().parse_args(arguments)
    console = Console(stderr=True)
    folder = None if wanted.no_encoder else wanted.encoder or find_encoder()
    path = wanted.out / "ablation.json"
    result: dict[str, Any] = {**environment(folder), "sets": {}}

    def keep(name: str, found: dict[str, Any]) -> None:
        # Sets that are not measured this time keep what they came to.
        before = json.loads(path.read_bytes())["sets"] if path.is_file() else {}
        sets = {**before, name: found}
        result["sets"] = {known: sets[known] for known in SETS if known in sets}
        replace_file(path, (json.dumps(result, ensure_ascii=False, indent=1) + "\n").encode())
        replace_file(wanted.out / "ablation.md", markdown(result).encode())

    try:
        measured = measure(wanted.data, wanted.only, folder, console, keep)
    except TriageError as error:
        console.print(f"{error}", style="red")
        return 2
    if not measured:
        console.print(f"{wanted.data}: none of {', '.join(f'{name}.csv' for name in FILES)} is there.", style="red")
        return 2
    print(markdown(result))
    return 0


def measure(
    data: Path,
    only: Sequence[str],
    folder: Path | None,
    console: Console,
    keep: Callable[[str, dict[str, Any]], object],
) -> list[str]:
    """Every variant on every set that can show it; `keep` is given each set's figures. Returns the sets' names."""
    encoder = None if folder is None else RememberingEncoder.load(folder)
    files = [name for name in FILES if any(wish.startswith(name) for wish in only)]
    found = [experiment for experiment in experiments(data, files, console.print) if experiment.name in only]
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
            told: dict[str, Any] = {"title": experiment.title, "split": experiment.split, "file": experiment.digest}
            told |= {"day": datetime.now(UTC).date().isoformat(), "asked": len(experiment.asked), "variants": scored}
            if CO in experiment.tasks and len(experiment.splits[0][0]):
                told["helper_sets"] = conformal.measure(experiment, encoder)
            keep(experiment.name, told)
            if not console.is_terminal:
                console.print(f"{experiment.name}: done")
    return [experiment.name for experiment in found]


def _parser() -> argparse.ArgumentParser:
    return parser_of("ablation", __doc__, SETS, SETS)


if __name__ == "__main__":
    sys.exit(main())
