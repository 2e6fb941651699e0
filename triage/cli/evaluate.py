"""``triage evaluate``: how good a bundle is on cases that it has not learned from."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from triage.cli import screen


def evaluate(
    cases: Annotated[Path, typer.Argument(help="Handled cases, later than those that the bundle was trained on.")],
    model: Annotated[Path, typer.Option("--model", help="The bundle folder.")],
    output: Annotated[Path | None, typer.Option("--output", help="Write the whole report as JSON.")] = None,
    encoder: Annotated[Path | None, typer.Option("--encoder", help="The sentence encoder's folder.")] = None,
) -> None:
    """Score the bundle's answers: lead, helpers, topics, calibration, the promise, each unit, the worst mistakes."""
    from triage.datasets import read_cases
    from triage.learning.evaluate import evaluate as score
    from triage.results import replace_file
    from triage.triager import Triager

    history = read_cases(cases, required=())
    triager = Triager.load(model, encoder)
    with screen.progress("evaluating") as tell:
        report = score(triager, history, progress=tell)
    if output is not None:
        replace_file(output, json.dumps(report, ensure_ascii=False, indent=1).encode())
    _show(report)


def _show(report: dict[str, Any]) -> None:
    table = Table("measure", "value", title=f"{report['cases']} cases")
    for name, value in report["figures"].items():
        table.add_row(name, f"{value:.4f}" if isinstance(value, float) else str(value))
    screen.output.print(table)
    if report["units"]:
        units = Table("unit", "cases", "right first", "within five", title="leads with most cases")
        for row in report["units"][:15]:
            units.add_row(row["unit"], str(row["cases"]), f"{row['top_1']:.0%}", f"{row['top_5']:.0%}")
        screen.output.print(units)
    if report["mistakes"]:
        wrong = Table("case", "right", "answered", "score", title="surest mistakes")
        for row in report["mistakes"][:10]:
            wrong.add_row(row["id"], "；".join(row["right"]), row["answered"], f"{row['score']:.0%}")
        screen.output.print(wrong)
    if report["unknown"]:
        screen.warn(
            f"{len(report['unknown'])} names are not in the bundle and count as missed: "
            f"{'、'.join(report['unknown'][:10])}"
        )
