"""``python -m benchmarks.reports``: how long each kind of report takes on many rows, made and written.

The cases are invented (`benchmarks.reports.cases`). Each report is made in a process of its own: seconds by the clock
and of the processor, the highest memory, and what each form of paper takes to write.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from datetime import date as Date
from pathlib import Path
from typing import Any

from rich.console import Console

from benchmarks.environment import environment
from benchmarks.reports.cases import invented_cases
from benchmarks.speed.process import apart
from triage.catalogue import starter_catalogue, starter_office
from triage.reports import KINDS, Settings, make, timespan
from triage.reports.paper import ENDINGS, write_report

RESULTS = Path(__file__).resolve().parents[1] / "results"
THREADS = 1
ON = Date(2025, 12, 31)
WRITTEN = ("overview", "yearly")
"""Kinds that are also written as every form of paper."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run from the command line; returns the exit code."""
    wanted = _parser().parse_args(arguments)
    if wanted.worker:
        print(json.dumps(measured(wanted.worker, wanted.rows[0], wanted.worker in WRITTEN)))
        return 0
    console = Console(stderr=True)
    result: dict[str, Any] = {**environment(None), "threads": THREADS, "rows": {}}
    for count in wanted.rows:
        cases = invented_cases(count, starter_catalogue())
        characters = sum(len(case.suggestion.title) + len(case.suggestion.text) for case in cases) / count
        result["rows"][str(count)] = {"characters": round(characters), "kinds": {}}
        for kind in wanted.kinds or KINDS:
            command = [sys.executable, "-m", "benchmarks.reports", "--worker", kind, "--rows", str(count)]
            done = subprocess.run(command, env=apart(THREADS), stdout=subprocess.PIPE, check=True)
            found = result["rows"][str(count)]["kinds"][kind] = json.loads(done.stdout)
            console.print(f"{count:,} {kind}: {found}")
    wanted.out.mkdir(parents=True, exist_ok=True)
    (wanted.out / "reports.json").write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    (wanted.out / "reports.md").write_text(markdown(result), encoding="utf-8")
    print(markdown(result))
    return 0


def measured(kind: str, count: int, written: bool) -> dict[str, Any]:
    """One report of the second of two years of invented cases, compared with the first."""
    catalogue, office = starter_catalogue(), starter_office()
    cases = invented_cases(count, catalogue)
    year = timespan(Date(2025, 1, 1), ON)
    clock, processor = time.perf_counter(), time.process_time()
    report = make(kind, cases, office, catalogue, period=year, settings=Settings(on=ON))
    found: dict[str, Any] = {
        "seconds": round(time.perf_counter() - clock, 2),
        "processor_seconds": round(time.process_time() - processor, 2),
        "links": sum(1 for _ in report.linked()),
        "write": {},
    }
    with tempfile.TemporaryDirectory() as folder:
        for ending in ENDINGS if written else ():
            path = Path(folder) / f"report{ending}"
            clock, processor = time.perf_counter(), time.process_time()
            write_report(report, path)
            found["write"][ending] = {
                "seconds": round(time.perf_counter() - clock, 2),
                "processor_seconds": round(time.process_time() - processor, 2),
                "mib": round(path.stat().st_size / 2**20, 1),
            }
    found["peak_mib"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    return found


def markdown(result: Mapping[str, Any]) -> str:
    """A table a number of rows."""
    how = f"wording alone, no sentence encoder; {result['threads']} thread"
    lines = [
        f"Measured {result['date']} on invented cases of two years, the second compared with the first; {how}.",
        "Seconds of the processor, by the clock in brackets: the machine was shared.",
    ]
    for count, told in result["rows"].items():
        lines += ["", f"{int(count):,} cases of {told['characters']} characters:", ""]
        lines += [f"| kind | made | {' | '.join(ENDINGS)} | highest memory, MiB |", f"|{'---|' * (len(ENDINGS) + 3)}"]
        for kind, found in told["kinds"].items():
            papers = [found["write"].get(ending) for ending in ENDINGS]
            cells = [kind, _seconds(found), *("" if paper is None else _seconds(paper) for paper in papers)]
            lines.append(f"| {' | '.join(cells)} | {found['peak_mib']:,} |")
    return "\n".join(lines) + "\n"


def _seconds(found: Mapping[str, Any]) -> str:
    return f"{found['processor_seconds']:.1f} ({found['seconds']:.1f})"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.reports", description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", default=[1_000, 10_000])
    parser.add_argument("--kinds", nargs="+", choices=list(KINDS), help="only these kinds")
    parser.add_argument("--out", type=Path, default=RESULTS, help="where the results go")
    parser.add_argument("--worker", choices=list(KINDS), help=argparse.SUPPRESS)
    return parser


if __name__ == "__main__":
    sys.exit(main())
