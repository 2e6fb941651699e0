"""``python -m benchmarks.returns --data DIR``: AUC and calibration of the return risk on simulated returns."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from typing import Any

from rich.console import Console

from benchmarks.environment import environment
from benchmarks.options import parser_of
from benchmarks.quality.encodings import RememberingEncoder
from benchmarks.quality.sets import experiments
from benchmarks.returns.report import markdown
from benchmarks.returns.run import run
from triage.encoders.locate import find_encoder
from triage.errors import TriageError
from triage.results import replace_file

SETS = ("cixi2017", "cixi2017_cold", "shanghai2023_last_month")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run from the command line; returns the exit code."""
    wanted = _parser().parse_args(arguments)
    console = Console(stderr=True)
    folder = None if wanted.no_encoder else wanted.encoder or find_encoder()
    path = wanted.out / "returns.json"
    files = sorted({name.split("_")[0] for name in wanted.only})
    try:
        encoder = None if folder is None else RememberingEncoder.load(folder)
        found = [one for one in experiments(wanted.data, files, console.print) if one.name in wanted.only]
        if not found:
            raise FileNotFoundError(f"{wanted.data}: none of {', '.join(f'{name}.csv' for name in files)} is there.")
        before = json.loads(path.read_bytes())["sets"] if path.is_file() else {}
        for experiment in found:
            told = {"title": experiment.title, "split": experiment.split, "file": experiment.digest}
            before[experiment.name] = {**told, **run(experiment, encoder)}
            sets = {name: before[name] for name in SETS if name in before}
            result: dict[str, Any] = {**environment(folder), "sets": sets}
            replace_file(path, (json.dumps(result, ensure_ascii=False, indent=1) + "\n").encode())
            replace_file(wanted.out / "returns.md", markdown(result).encode())
            console.print(f"{experiment.name}: done")
    except (TriageError, FileNotFoundError) as error:
        console.print(f"{error}", style="red")
        return 2
    print(markdown(result))
    return 0


def _parser() -> argparse.ArgumentParser:
    return parser_of("returns", __doc__, SETS, SETS)


if __name__ == "__main__":
    sys.exit(main())
