"""The options of benchmarks that train on the data sets, the same for all of them."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

RESULTS = Path(__file__).resolve().parent / "results"


def parser_of(name: str, told: str | None, sets: Sequence[str], chosen: Sequence[str]) -> argparse.ArgumentParser:
    """A parser with --data, --only (of `sets`; `chosen` where it is left out), --encoder or --no-encoder, and --out."""
    parser = argparse.ArgumentParser(prog=f"python -m benchmarks.{name}", description=told)
    parser.add_argument("--data", type=Path, required=True, help="folder with the data sets (CSV)")
    parser.add_argument("--only", nargs="+", default=list(chosen), choices=list(sets), help="these sets only")
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--encoder", type=Path, help="encoder folder; without it the usual places are searched")
    which.add_argument("--no-encoder", action="store_true", help="measure wording only")
    parser.add_argument("--out", type=Path, default=RESULTS, help="folder for the results; default benchmarks/results")
    return parser
