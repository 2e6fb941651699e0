"""``triage areas``: the areas.csv of a province, city or county."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from triage.cli import screen
from triage.errors import InputError

SHOWN = 12
"""Divisions of one name that are listed."""


def areas(
    name: Annotated[
        str,
        typer.Argument(metavar="NAME", help="A province, city, county or town (上海市, 江苏省南通市), or its code."),
    ],
    out: Annotated[
        Path | None, typer.Option("--out", help="Write to this .csv file. Default: print the names.")
    ] = None,
) -> None:
    """Write the rows of areas.csv for a division and all that lies in it, down to towns and streets."""
    from triage.catalogue.save import areas_table
    from triage.places import divisions
    from triage.results import check_target, replace_file

    if out is not None:
        check_target(out)
        if out.suffix.lower() != ".csv":
            raise InputError(f"{out}: a catalogue's areas are a .csv file; give the output that ending.")
    table = divisions()
    found = table.find(name.strip())
    if not found:
        raise InputError(f"{name!r} is no division of the table. Write it out (上海市, 浦东新区) or give its code.")
    if len(found) > 1:
        told = "\n".join(f"  {one.code}  {''.join(table.path(one.code))}" for one in found[:SHOWN])
        more = f"\n  and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
        raise InputError(
            f"{name!r} is the name of {len(found)} divisions; give the code or the path of one:\n{told}{more}"
        )
    rows = table.areas(found[0].code)
    if out is None:
        for area in rows:
            told = f"{area.code:<10}{area.name}" + (f"（{area.short_name}）" if area.short_name else "")
            screen.output.print(told, markup=False)
        return
    replace_file(out, areas_table(rows))
    screen.errors.print(f"{out}: {len(rows)} areas of {''.join(table.path(found[0].code))}", markup=False)
