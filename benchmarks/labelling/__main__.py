"""``python -m benchmarks.labelling --data DIR``: the learning curve of chosen texts beside texts drawn by chance."""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from benchmarks.environment import environment
from benchmarks.labelling.curve import ASKED, Session, curve
from benchmarks.labelling.report import markdown, summed
from benchmarks.quality.encodings import RememberingEncoder
from triage.datasets import read_cases, read_names
from triage.encoders.locate import find_encoder
from triage.errors import TriageError
from triage.results import replace_file

RESULTS = Path(__file__).resolve().parents[1] / "results"
SET = "cixi2017"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run from the command line; returns the exit code."""
    wanted = _parser().parse_args(arguments)
    console = Console(stderr=True)
    folder = None if wanted.no_encoder else wanted.encoder or find_encoder()
    try:
        file = wanted.data / f"{SET}.csv"
        names = wanted.data / f"{SET}_units.csv"
        session = Session.of(read_cases(file), read_names(names) if names.is_file() else ())
        encoder = None if folder is None else RememberingEncoder.load(folder)
    except TriageError as error:
        console.print(f"{error}", style="red")
        return 2
    curves = {
        start: [curve(session, start, seed, encoder, console.print) for seed in range(wanted.seeds)]
        for start in wanted.starts
    }
    result = {
        **environment(folder),
        "set": SET,
        "file": hashlib.sha256(file.read_bytes()).hexdigest()[:16],
        "rows": len(session.cases),
        "asked": ASKED,
        "curves": summed(curves),
    }
    replace_file(wanted.out / "labelling.json", (json.dumps(result, ensure_ascii=False, indent=1) + "\n").encode())
    replace_file(wanted.out / "labelling.md", markdown(result).encode())
    print(markdown(result))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.labelling", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help=f"folder with {SET}.csv and {SET}_units.csv")
    parser.add_argument("--seeds", type=int, default=10, help="splits; default 10")
    parser.add_argument("--starts", type=int, nargs="+", default=[0, 60], help="cases known before; default 0 60")
    parser.add_argument("--encoder", type=Path, help="encoder folder; without it the usual places are searched")
    parser.add_argument("--no-encoder", action="store_true", help="wording only")
    parser.add_argument("--out", type=Path, default=RESULTS, help="folder for the results; default benchmarks/results")
    return parser


if __name__ == "__main__":
    sys.exit(main())
