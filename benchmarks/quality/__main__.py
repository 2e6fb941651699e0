"""``python -m benchmarks.quality --data DIR``: train and score every known set found there, beside plain baselines."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from benchmarks.environment import environment
from benchmarks.options import parser_of
from benchmarks.quality.baselines import FASTTEXT, fasttext_missing
from benchmarks.quality.encodings import shared_encoder
from benchmarks.quality.report import markdown, write
from benchmarks.quality.run import run
from benchmarks.quality.sets import SETS, experiments
from triage.encoders.locate import find_encoder
from triage.errors import TriageError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run from the command line; returns the exit code."""
    wanted = _parser().parse_args(arguments)
    console = Console(stderr=True)
    folder = None if wanted.no_encoder else wanted.encoder or find_encoder()
    if folder is None and not wanted.no_encoder:
        console.print("No sentence encoder found: measuring wording only. `make encoder` builds one.")
    name = "-".join(["quality", *wanted.only, *(["lexical"] if folder is None else [])])
    try:
        result = measure(wanted.data, wanted.only, folder, console, lambda so_far: write(so_far, wanted.out, name))
    except (TriageError, FileNotFoundError) as error:
        console.print(f"{error}", style="red")
        return 2
    print(markdown(result))
    console.print(f"written: {wanted.out / name}.json and .md")
    return 0


def measure(
    data: Path,
    only: Sequence[str],
    encoder: Path | None,
    console: Console,
    keep: Callable[[dict[str, Any]], object] = lambda so_far: None,
) -> dict[str, Any]:
    """All figures of the sets in `data` (with `only`, of those); `keep` is given what there is after each set.

    Raises FileNotFoundError where none is there.
    """
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    result = {**environment(encoder, "fasttext-wheel", "fasttext"), "experiments": {}}
    if missing := fasttext_missing():
        result["not_measured"] = {FASTTEXT: missing}
    with shared_encoder(encoder) as shared, Progress(*columns, console=console) as progress:
        reading = progress.add_task("reading", total=None)
        found = experiments(data, only, lambda what: progress.update(reading, description=what))
        progress.remove_task(reading)
        if not found:
            raise FileNotFoundError(f"{data}: none of {', '.join(f'{name}.csv' for name in only or SETS)} is there.")
        for experiment in found:
            task = progress.add_task(experiment.name, total=1.0)

            def tell(what: str, share: float, name: str = experiment.name, bar: Any = task) -> None:
                progress.update(bar, description=f"{name}: {what}", completed=share)

            result["experiments"][experiment.name] = run(experiment, encoder, shared, tell)
            progress.update(task, description=experiment.name, completed=1.0)
            keep(result)
            if not console.is_terminal:
                console.print(f"{experiment.name}: done")
    return result


def _parser() -> argparse.ArgumentParser:
    return parser_of("quality", __doc__, list(SETS), ())


if __name__ == "__main__":
    sys.exit(main())
