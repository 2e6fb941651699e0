"""``python -m benchmarks.duplicates.scale``: search of nearest vectors at 100,000 and a million, without encoding."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console

from benchmarks.duplicates.sets import SETS, read_set
from benchmarks.duplicates.systems import GRAPHS, SYSTEMS, THREADS
from benchmarks.duplicates.vectors import Floats, made_up, multiplied, nearest_exactly, searched_by
from benchmarks.duplicates.worker import NUMBERS
from benchmarks.environment import environment, installed
from benchmarks.speed.process import apart
from triage.encoders.locate import find_encoder
from triage.encoders.sentence import SentenceEncoder
from triage.errors import InputError, TriageError

RESULTS = Path(__file__).resolve().parents[1] / "results"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run from the command line; returns the exit code."""
    wanted = _parser().parse_args(arguments)
    console = Console(stderr=True)
    folder = (wanted.encoder or find_encoder()) if wanted.data else None
    try:
        real = _real(wanted.data, folder) if wanted.data else None
    except (TriageError, OSError) as error:
        console.print(f"{error}", style="red", soft_wrap=True)
        return 2
    result: dict[str, Any] = environment(folder, "faiss-cpu", "usearch", "hnswlib")
    result |= {"build_threads": THREADS, "queries": wanted.queries, "rows": {}, "not_measured": {}}
    result["vectors"] = "made up" if real is None else f"multiplied from those of {len(real):,} real texts"
    for count in wanted.rows:
        with tempfile.TemporaryDirectory() as folder:
            result["rows"][str(count)] = _measured(count, wanted, real, Path(folder), console, result["not_measured"])
        _write(result, wanted.out)
    print(markdown(result))
    return 0


def markdown(result: Mapping[str, Any]) -> str:
    """One table a number of rows."""
    how = f"{result['queries']} queries, one thread a query, building on {result['build_threads']}"
    lines = [f"Measured {result['date']}, vectors {result['vectors']}, {how}."]
    asked = [f"first {k}" for k in NUMBERS]
    for count, systems in result["rows"].items():
        titles = [f"{int(count):,} vectors", "build, s", "vectors a second", "memory, MiB", "highest, MiB"]
        titles += [f"{name}: {what}" for name in asked for what in ("ms", "recall")]
        lines += ["", f"| {' | '.join(titles)} |", f"|{'---|' * len(titles)}"]
        for name, found in systems.items():
            cells = [name, f"{found['build_seconds']:.1f}", f"{found['vectors_a_second']:,}"]
            cells += [f"{found['resident_mib'] - found['before_mib']:,}", f"{found['peak_mib']:,}"]
            for k in asked:
                cells += [f"{found[k]['median_ms']:.2f}", f"{found[k]['recall']:.3f}"]
            lines.append(f"| {' | '.join(cells)} |")
    lines += ["", *(f"Not measured: {name} ({why})." for name, why in result["not_measured"].items())]
    return "\n".join(lines).rstrip() + "\n"


def _real(data: Path, encoder: Path | None) -> Floats:
    """What the texts of the sets in a folder are searched by. Raises InputError without sets or encoder."""
    texts = [text for name in SETS if (found := read_set(data, name)) for text in found.suggestions]
    if not texts:
        raise InputError(f"{data}: holds none of {', '.join(SETS)}")
    if encoder is None:
        raise InputError("no sentence encoder is installed: `make encoder`, or name a folder with --encoder")
    return searched_by(texts, SentenceEncoder.load(encoder))


def _measured(
    count: int, wanted: argparse.Namespace, real: Floats | None, folder: Path, console: Console, lacking: dict[str, str]
) -> dict[str, Any]:
    """Each system on the same vectors, one after the other, in processes of their own."""
    console.print(f"{count:,} vectors")
    _lay_out(count, wanted.queries, real, folder)
    found = {}
    for name, (package, _) in SYSTEMS.items():
        if not installed(package):
            lacking[name] = f"{package} is not installed"
        elif name in GRAPHS and count > wanted.graphs_up_to:
            lacking[f"{name} at {count:,}"] = "takes minutes to build; --graphs-up-to allows it"
        else:
            command = [sys.executable, "-m", "benchmarks.duplicates.worker", name, str(folder)]
            done = subprocess.run(command, env=apart(THREADS), stdout=subprocess.PIPE, check=True)
            found[name] = json.loads(done.stdout)
            console.print(f"  {name}: {found[name]}")
    return found


def _lay_out(count: int, queries_wanted: int, real: Floats | None, folder: Path) -> None:
    """Vectors, queries that are not among them, and what is nearest."""
    total = count + queries_wanted
    vectors = made_up(total) if real is None else multiplied(real, total)
    queries = vectors[count:].astype(np.float32)
    np.save(folder / "vectors.npy", vectors[:count])
    np.save(folder / "queries.npy", queries)
    np.save(folder / "truth.npy", nearest_exactly(vectors[:count], queries, max(NUMBERS)))


def _write(result: Mapping[str, Any], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "scale.json").write_text(json.dumps(result, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    (folder / "scale.md").write_text(markdown(result), encoding="utf-8")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.duplicates.scale", description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", default=[100_000, 1_000_000], help="numbers of vectors")
    parser.add_argument("--queries", type=int, default=200)
    parser.add_argument("--data", type=Path, help="folder with the data sets, whose vectors are multiplied")
    parser.add_argument("--encoder", type=Path, help="encoder folder; without it the usual places are searched")
    parser.add_argument(
        "--graphs-up-to", type=int, default=100_000, help="vectors that usearch and hnswlib are built for"
    )
    parser.add_argument("--out", type=Path, default=RESULTS, help="folder for the results; default benchmarks/results")
    return parser


if __name__ == "__main__":
    sys.exit(main())
