"""``python -m benchmarks.labelling --data DIR``: the learning curve of chosen texts beside texts drawn by chance."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from typing import Any

from rich.console import Console

from benchmarks.environment import environment
from benchmarks.labelling.curve import Session, curve
from benchmarks.labelling.report import markdown, summed
from benchmarks.options import parser_of
from benchmarks.quality.encodings import RememberingEncoder
from benchmarks.quality.sets import experiments
from triage.encoders.locate import find_encoder
from triage.encoders.sentence import SentenceEncoder
from triage.errors import InputError, TriageError
from triage.results import replace_file

SETS = {"cixi2017": (130, (0, 60)), "taiwan_suggestions": (500, (60,))}
"""The sets that are measured: how many of their texts are asked, and how many cases are known before."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run from the command line; returns the exit code."""
    wanted = _parser().parse_args(arguments)
    console = Console(stderr=True)
    folder = None if wanted.no_encoder else wanted.encoder or find_encoder()
    try:
        encoder = None if folder is None else RememberingEncoder.load(folder)
        measured = {name: _measured(wanted, name, encoder, console) for name in wanted.only}
    except TriageError as error:
        console.print(f"{error}", style="red")
        return 2
    # Sets that were not measured this time keep what they came to.
    before = wanted.out / "labelling.json"
    kept = json.loads(before.read_bytes()).get("sets", {}) if before.is_file() else {}
    result = {**environment(folder), "sets": {**kept, **measured}}
    replace_file(wanted.out / "labelling.json", (json.dumps(result, ensure_ascii=False, indent=1) + "\n").encode())
    replace_file(wanted.out / "labelling.md", markdown(result).encode())
    print(markdown(result))
    return 0


def _measured(
    wanted: argparse.Namespace, name: str, encoder: SentenceEncoder | None, console: Console
) -> dict[str, Any]:
    """The curves of one set."""
    found = experiments(wanted.data, [name], console.print)
    if not found:
        raise InputError(f"{wanted.data}: {name}.csv is not there.")
    cases = [case for case in found[0].cases if case.leads]
    units = found[-1].units or sorted({unit for case in cases for unit in case.leads})
    asked, starts = SETS[name]
    session = Session.of(cases, units, asked)
    curves = {
        start: [
            curve(session, start, seed, encoder, lambda what: console.print(f"{name}: {what}"))
            for seed in range(wanted.seeds)
        ]
        for start in starts
    }
    return {"file": found[0].digest, "rows": len(cases), "asked": session.asked, "curves": summed(curves)}


def _parser() -> argparse.ArgumentParser:
    parser = parser_of("labelling", __doc__, list(SETS), list(SETS))
    parser.add_argument("--seeds", type=int, default=10, help="splits; default 10")
    return parser


if __name__ == "__main__":
    sys.exit(main())
