"""A catalogue's areas completed from the country's divisions: short names, and the towns and streets it lacks."""

from __future__ import annotations

from dataclasses import replace

from triage.catalogue import Area, Catalogue
from triage.places.divisions import Division, Divisions, divisions


def filled(catalogue: Catalogue, table: Divisions | None = None) -> Catalogue:
    """The catalogue with what the table (the library's own unless given) knows of its areas.

    An area is known by its name and those of the areas around it. Known ones get a short name where they have none and
    no alias; divisions that lie in a known one and that the catalogue lacks become areas, under the code of the table.
    An area that the table lacks, or has several times, stays as it is.
    """
    table = divisions() if table is None else table
    known: dict[str, Division] = {}
    for area in catalogue.areas:
        names = [catalogue.area(code).name for code in reversed(catalogue.area_path(area.code))]
        found = table.find("".join(names))
        if len(found) == 1:
            known[area.code] = found[0]
    codes = {division.code: code for code, division in known.items()}
    outer = [division.code for division in known.values() if not _above(division, codes, table)]
    rows: dict[str, Area] = {}
    for code in outer:
        rows.update((area.code, area) for area in table.areas(code))
    done = [_named(area, rows[known[area.code].code]) if area.code in known else area for area in catalogue.areas]
    taken = {area.code for area in catalogue.areas}
    added = [
        replace(area, parent=codes.get(area.parent, area.parent))
        for area in rows.values()
        if area.code not in codes and area.code not in taken
    ]
    return replace(catalogue, areas=(*done, *added))


def _above(division: Division, codes: dict[str, str], table: Divisions) -> bool:
    code = division.parent
    while code:
        if code in codes:
            return True
        code = table.entries[code].parent
    return False


def _named(area: Area, row: Area) -> Area:
    short = "" if area.short_name or row.short_name in area.aliases else row.short_name
    return replace(area, short_name=short or area.short_name, level=area.level or row.level)
