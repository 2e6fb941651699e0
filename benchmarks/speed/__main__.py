"""``python -m benchmarks.speed``: texts per second, memory, start-up, training. Leave the machine alone meanwhile."""

from __future__ import annotations

import argparse
import csv
import importlib.util
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from benchmarks.environment import environment
from benchmarks.speed import rounds, startup, training
from benchmarks.speed.report import markdown, write
from benchmarks.speed.texts import EXAMPLES, texts_of
from triage import Triager
from triage.datasets import read_cases
from triage.encoders.locate import find_encoder
from triage.errors import TriageError

RESULTS = Path(__file__).resolve().parents[1] / "results"
PARTS = ("answering", "starting", "training")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run from the command line; returns the exit code."""
    wanted = _parser().parse_args(arguments)
    console = Console(stderr=True)
    encoder = wanted.encoder or find_encoder()
    if encoder is None:
        console.print("No sentence encoder found: measuring wording only. `make encoder` builds one.")
    try:
        result = measure(wanted, encoder, console)
    except TriageError as error:
        console.print(str(error), style="red")
        return 2
    raw, readable = write(result, wanted.out)
    print(markdown(result))
    console.print(f"written: {raw}, {readable}")
    return 0


def measure(wanted: argparse.Namespace, encoder: Path | None, console: Console) -> dict[str, Any]:
    """The parts that `wanted` names. Raises TriageError for a model or encoder that cannot be used."""
    result: dict[str, Any] = environment(encoder, "torch", "sentence-transformers", "transformers")
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with tempfile.TemporaryDirectory() as scratch, Progress(*columns, console=console) as progress:
        task = progress.add_task("models", total=1.0)

        def tell(what: str, share: float) -> None:
            progress.update(task, description=what, completed=share)

        if wanted.parts != ["training"]:
            models = _models(Path(scratch), wanted.model, encoder, tell)
        if "answering" in wanted.parts:
            systems = _systems(models, encoder)
            if "torch" not in systems:
                result["not_measured"] = {"torch": "sentence-transformers or the encoder is not installed"}
            result["answering"] = rounds.measure(systems, wanted.rounds, tell)
        if "starting" in wanted.parts:
            one = _one_suggestion(Path(scratch))
            timed = startup.commands(models.get("triage"), models["triage_lexical"], encoder, one)
            result["starting"] = startup.measure(timed, wanted.rounds, tell)
        if "training" in wanted.parts:
            result["training"] = {}
            for name, folder in [("without encoder", None), *([("with encoder", encoder)] if encoder else [])]:
                tell(f"training {name}", 0.0)
                result["training"][name] = training.measure(wanted.letters, folder)
            if encoder is not None and wanted.history:
                cache = Path(scratch) / "vectors.sqlite"
                for name in ("with encoder, nothing cached", "with cached vectors"):
                    tell(f"training {name}", 0.0)
                    result["training"][name] = training.measure(wanted.history, encoder, cache)
        tell("done", 1.0)
    return result


def _models(scratch: Path, model: Path | None, encoder: Path | None, tell: rounds.Tell) -> dict[str, Path]:
    """Bundles to measure: with history (or the one that is named), cold, and without encoder."""
    cases = read_cases(EXAMPLES / "cases.csv")
    found = {"triage_lexical": Triager.train(cases, progress=tell).save(scratch / "lexical")}
    if model is not None:
        found["triage"] = model
    elif encoder is not None:
        found["triage"] = Triager.train(cases, encoder=encoder, progress=tell).save(scratch / "history")
    if encoder is not None:
        found["triage_cold"] = Triager.train(encoder=encoder, progress=tell).save(scratch / "cold")
    return found


def _systems(models: dict[str, Path], encoder: Path | None) -> dict[str, list[str]]:
    """The arguments of each system's process."""
    found: dict[str, list[str]] = {}
    if encoder is not None:
        found["encoder"] = ["encoder", str(encoder)]
        found |= {name: ["triager", str(models[name]), str(encoder)] for name in ("triage", "triage_cold")}
        if all(importlib.util.find_spec(name) for name in ("torch", "sentence_transformers")):
            found["torch"] = ["torch", str(encoder)]
    found["triage_lexical"] = ["triager", str(models["triage_lexical"])]
    return found


def _one_suggestion(scratch: Path) -> Path:
    path = scratch / "one.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["id", "text"], ["1", texts_of(100, 1)[0]]])
    return path


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.speed", description=__doc__)
    parser.add_argument("--model", type=Path, help="bundle to measure instead of one trained on examples/cases.csv")
    parser.add_argument("--encoder", type=Path, help="encoder folder; without it the usual places are searched")
    parser.add_argument("--rounds", type=int, default=9, help="turns of each measurement; medians are told")
    parser.add_argument("--letters", type=int, default=4000, help="letters to train on")
    parser.add_argument("--history", type=int, default=100_000, help="letters of a long history; 0 leaves it out")
    parser.add_argument("--parts", nargs="+", default=list(PARTS), choices=PARTS, help="measure only these")
    parser.add_argument("--out", type=Path, default=RESULTS, help="folder for the results; default benchmarks/results")
    return parser


if __name__ == "__main__":
    sys.exit(main())
