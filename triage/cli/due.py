"""``triage due``: what of handed-out suggestions is due or soon, by unit."""

from __future__ import annotations

from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from triage.cli import screen
from triage.cli.screen import Form

if TYPE_CHECKING:
    from triage.deadlines import Docket


def due(
    file: Annotated[Path, typer.Argument(help="A csv, xlsx or jsonl file of cases with handed_out (交办日期).")],
    folder: Annotated[
        Path | None, typer.Option("--catalogue", help="The place's folder with office.toml and days.csv.")
    ] = None,
    on: Annotated[str | None, typer.Option("--on", help="The day that is asked about. Default: today.")] = None,
    output: Annotated[Path | None, typer.Option("--output", help="Write to a .jsonl, .csv or .xlsx file.")] = None,
    form: Annotated[
        Form | None,
        typer.Option("--format", help="Without --output: text for readers, jsonl for programs. Default: by terminal."),
    ] = None,
) -> None:
    """List replies, opinions and return windows that are due or soon, by unit, the most urgent first."""
    from triage.catalogue import load_office
    from triage.catalogue.office import Office
    from triage.cli import history as past
    from triage.datasets import read_numbered
    from triage.deadlines import docket, docket_sheets
    from triage.results import json_line, write_file

    screen.check_targets((output,), (file,))
    shown = None if output is not None else screen.form_or_default(form)
    day = past.day("--on", on) or datetime.now().astimezone().date()
    office = load_office(folder) if folder is not None else Office()
    cases = [(f"{file}:{line}", case) for line, case in read_numbered(file, ())]
    found = docket(cases, office, day)
    if output is not None:
        write_file(output, (item.to_dict() for item in found.urgent), docket_sheets(found, office.name))
        screen.errors.print(f"{output}: {len(found.urgent)} due or soon on {day}", markup=False)
    if shown is Form.TEXT:
        _show(found)
        return
    for notice in found.notices:
        screen.errors.print(notice, markup=False)
    if shown is Form.JSONL:
        for item in found.urgent:
            print(json_line(item.to_dict()))


def _show(found: Docket) -> None:
    from triage.deadlines import DUTIES, remaining

    count = f"{found.on}：已交办{found.handed_out}件，未交办{found.waiting}件，到期和即将到期{len(found.urgent)}项。"
    screen.output.print(Text(count, style="dim"))
    for unit, items in groupby(found.urgent, key=lambda item: item.unit):
        screen.output.print(Text(unit, style="bold"))
        for item in items:
            line = Text(f"  {DUTIES[item.duty]} {item.last_day} {remaining(item)}　【{item.id}】{item.title}　")
            screen.output.print(line.append(item.told, style="red" if item.left < 0 else "yellow"))
    for notice in found.notices:
        screen.output.print(Text(notice, style="yellow"))
