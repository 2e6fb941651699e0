"""``python -m benchmarks.cold``: fit the weights without history anew and show them beside the stored ones."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console

from benchmarks.cold.report import markdown
from benchmarks.cold.signals import Signals, cold_signals
from benchmarks.cold.weights import figures, fitted, fitted_elsewhere, probabilities
from benchmarks.environment import environment
from benchmarks.quality.sets import experiments
from triage.catalogue import starter_catalogue
from triage.datasets import read_cases
from triage.encoders.locate import find_encoder
from triage.encoders.sentence import SentenceEncoder
from triage.errors import TriageError

ROOT = Path(__file__).resolve().parents[2]
REAL = "cixi2017_cold"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run from the command line; returns the exit code."""
    wanted = _parser().parse_args(arguments)
    console = Console(stderr=True)
    folder = wanted.encoder or find_encoder()
    try:
        result = measure(folder, wanted.data, console)
    except TriageError as error:
        console.print(str(error), style="red")
        return 2
    wanted.out.mkdir(parents=True, exist_ok=True)
    (wanted.out / "cold.json").write_text(json.dumps(result, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    (wanted.out / "cold.md").write_text(markdown(result), encoding="utf-8")
    print(markdown(result))
    return 0


def measure(folder: Path | None, data: Path | None, console: Console) -> dict[str, Any]:
    """For each encoder and head: signals, stored and fitted weights, and the figures of both.

    With `data`, a folder that holds cixi2017, its held-out titles judge the same weights.
    """
    result: dict[str, Any] = {**environment(folder), "heads": {}}
    found = experiments(data, ["cixi2017"], lambda what: None) if data is not None else []
    real = next((experiment for experiment in found if experiment.name == REAL), None)
    for name, sentence in (("with encoder", SentenceEncoder.load(folder) if folder else None), ("on wording", None)):
        if name == "with encoder" and sentence is None:
            console.print("No sentence encoder found: fitting the weights on wording only.")
            continue
        console.print(f"{name}: reading the invented cases")
        own = cold_signals(read_cases(ROOT / "examples" / "cases.csv"), starter_catalogue(), (), sentence)
        others = cold_signals(real.cases, None, real.units, sentence) if real is not None else []
        for signals in own:
            titles = next((other for other in others if other.head == signals.head), None)
            result["heads"][f"{signals.head}, {name}"] = _compared(signals, titles)
    return result


def _compared(own: Signals, real: Signals | None) -> dict[str, Any]:
    weights = fitted(own)
    compared: dict[str, Any] = {
        "cases": len(own.features),
        "signals": list(own.names),
        "stored": list(own.stored),
        "fitted": [round(float(weight), 2) for weight in weights],
        "figures": {
            "stored": figures(own, probabilities(own, own.stored)),
            "fitted on other folds": figures(own, fitted_elsewhere(own)),
        },
    }
    if real is not None:
        compared["fitted_on_real_titles"] = [round(float(weight), 2) for weight in fitted(real)]
        compared["figures_on_real_titles"] = {
            "stored": figures(real, probabilities(real, own.stored)),
            "fitted on invented cases": figures(real, probabilities(real, weights)),
            "fitted on other folds of the titles": figures(real, fitted_elsewhere(real)),
        }
    return compared


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cold", description=__doc__)
    parser.add_argument("--encoder", type=Path, help="encoder folder; without it the usual places are searched")
    parser.add_argument("--data", type=Path, help="folder with cixi2017.csv, to judge the weights on real titles too")
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks" / "results", help="folder for the results")
    return parser


if __name__ == "__main__":
    sys.exit(main())
