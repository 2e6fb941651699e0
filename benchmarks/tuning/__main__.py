"""``python -m benchmarks.tuning --data DIR``: does a tuned sentence encoder triage better than the one it came from?"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.console import Console

from benchmarks.environment import environment
from benchmarks.tuning.report import markdown, write
from benchmarks.tuning.run import Folders, run, vectors
from benchmarks.tuning.sets import PAIRS, sets
from triage.encoders.locate import find_encoder
from triage.errors import TriageError
from triage.learning.tuning.fitting import Settings

RESULTS = Path(__file__).resolve().parents[1] / "results"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run from the command line; returns the exit code."""
    wanted = _parser().parse_args(arguments)
    console = Console(stderr=True)
    base = wanted.encoder or find_encoder()
    if base is None:
        console.print("No sentence encoder found: `make encoder` builds one.", style="red")
        return 2
    settings = Settings(epochs=wanted.epochs, layers=wanted.layers)
    try:
        told = environment(base, "torch", "sentence-transformers")
        result: dict[str, Any] = {**told, "settings": asdict(settings), "pairs": PAIRS, "sets": {}}
        found = sets(wanted.data, wanted.only, console.print)
        if not found:
            console.print(f"{wanted.data}: no known set is there.", style="red")
            return 2
        with tempfile.TemporaryDirectory() as scratch:
            folders = Folders(base, Path(scratch), settings)
            for one in found:
                result["sets"][one.name] = run(one, folders, console.print)
                result["tuned"] = folders.told
                write(result, wanted.out)
            result["vectors"] = {way: vectors(folders, way) for way in ("duties", "duties, half way")}
    except TriageError as error:
        console.print(f"{error}", style="red")
        return 2
    write(result, wanted.out)
    print(markdown(result))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.tuning", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with the data sets (CSV)")
    parser.add_argument("--only", nargs="+", default=[], help="these sets only, by the name of their file")
    parser.add_argument("--encoder", type=Path, help="encoder folder; without it the usual places are searched")
    parser.add_argument("--epochs", type=int, default=2, help="epochs, at most")
    parser.add_argument("--layers", type=int, default=4, help="layers that learn")
    parser.add_argument("--out", type=Path, default=RESULTS, help="folder for the results; default benchmarks/results")
    return parser


if __name__ == "__main__":
    sys.exit(main())
