"""``triage catalogue``: check a catalogue folder."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from triage.cli import screen

app = typer.Typer(help="The catalogue: units with duties, topics, areas.", no_args_is_help=True)


@app.callback()
def group() -> None:
    """The catalogue: units with duties, topics, areas."""


@app.command("check")
def check(
    folder: Annotated[
        Path | None, typer.Argument(help="A catalogue folder. Without it: the starter catalogue.")
    ] = None,
) -> None:
    """Say everything that is wrong with a catalogue, with file and line."""
    from triage.catalogue import Severity, check_catalogue, load_catalogue, starter_catalogue

    if folder is not None:
        findings = check_catalogue(folder)
        for finding in findings:
            screen.output.print(str(finding), markup=False)
        wrong = sum(finding.severity is Severity.ERROR for finding in findings)
        if wrong:
            screen.errors.print(f"triage: {folder}: {wrong} errors. Mend them and check again.", markup=False)
            raise typer.Exit(2)
    catalogue = load_catalogue(folder) if folder is not None else starter_catalogue()
    current = [unit for unit in catalogue.current() if not unit.is_kind]
    duties = sum(len(unit.duties) for unit in catalogue.units)
    screen.output.print(
        f"{folder or 'the starter catalogue'}: {len(current)} units today, {len(catalogue.units) - len(current)} "
        f"former ones and kinds, {duties} duty phrases, {len(catalogue.topics)} topics, {len(catalogue.areas)} areas. "
        "Nothing is wrong.",
        markup=False,
    )
