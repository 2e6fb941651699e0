"""``triage catalogue``: check a catalogue folder, the office's rules and their examples included."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from triage.cli import screen

if TYPE_CHECKING:
    from triage.catalogue import Finding

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
    """Say everything that is wrong with a catalogue, with file and line, and run the examples of its rules."""
    from triage.catalogue import (
        Severity,
        check_catalogue,
        check_office,
        load_catalogue,
        load_office,
        starter_catalogue,
        starter_office,
    )
    from triage.deadlines.own_days import check_days
    from triage.precheck.examples import check_examples

    findings = [] if folder is None else [*check_catalogue(folder), *check_office(folder)]
    if any(finding.severity is Severity.ERROR for finding in findings):
        _refuse(folder, findings)
    catalogue = starter_catalogue() if folder is None else load_catalogue(folder)
    office = starter_office() if folder is None else load_office(folder)
    findings += [*check_examples(office, catalogue), *check_days(office)]
    if any(finding.severity is Severity.ERROR for finding in findings):
        _refuse(folder, findings)
    _show(findings)
    current = [unit for unit in catalogue.current() if not unit.is_kind]
    duties = sum(len(unit.duties) for unit in catalogue.units)
    examples = sum(len(rule.examples) + len(rule.counterexamples) for rule in office.rules)
    screen.output.print(
        f"{folder or 'the starter catalogue'}: {len(current)} units today, {len(catalogue.units) - len(current)} "
        f"former ones and kinds, {duties} duty phrases, {len(catalogue.topics)} topics, {len(catalogue.areas)} areas; "
        f"{len(office.rules)} rules with {examples} examples, {len(office.days)} days of its own. Nothing is wrong.",
        markup=False,
    )


def _show(findings: Sequence[Finding]) -> None:
    for finding in findings:
        screen.output.print(str(finding), markup=False)


def _refuse(folder: Path | None, findings: Sequence[Finding]) -> NoReturn:
    _show(findings)
    wrong = sum(finding.severity.value == "error" for finding in findings)
    counted = "1 error" if wrong == 1 else f"{wrong} errors"
    screen.errors.print(
        f"triage: {folder or 'the starter catalogue'}: {counted}. Mend them and check again.", markup=False
    )
    raise typer.Exit(2)
