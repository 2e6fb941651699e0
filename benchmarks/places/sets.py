"""The letters of one city with the district of the agency that answered, and what the table of divisions names."""

from __future__ import annotations

import csv
import hashlib
import io
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from triage.catalogue import Area, Catalogue
from triage.places import divisions
from triage.records import Suggestion
from triage.text import Prepared, prepare

FILE = "shanghai2023.csv"
CITY = "31"
WHOLE = "市级"
"""What the file writes where an agency of the whole city answered: such letters have no district."""
MONTHS = 2


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter as the library reads it, the district of the agency that answered, the agency, and whether it is asked
    in the latest months.
    """

    text: Prepared
    district: str
    lead: str
    late: bool


@dataclass(frozen=True, slots=True)
class City:
    """The letters that a district's agency answered, all of them (to learn from), the city's areas, and the digest of
    the file.
    """

    letters: tuple[Letter, ...]
    everything: tuple[Letter, ...]
    catalogue: Catalogue
    digest: str

    def district(self, code: str) -> str:
        """The name of the district that an area is or lies in; empty for the city itself and for no area."""
        path = self.catalogue.area_path(code) if code else ()
        return self.catalogue.area(path[-2]).name if len(path) > 1 else ""

    def path(self, code: str) -> tuple[str, ...]:
        """The names from the city down to an area."""
        return tuple(self.catalogue.area(one).name for one in reversed(self.catalogue.area_path(code)))


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of our own writing and the name of the smallest area that it is about, empty where it names none."""

    letter: Letter
    area: str


def read_sentences() -> list[Sentence]:
    """``sentences.csv`` beside this file: names of areas, and what only looks like one."""
    text = files("benchmarks.places").joinpath("sentences.csv").read_text(encoding="utf-8")
    return [
        Sentence(Letter(prepare(Suggestion(text=row["text"])), "", "", late=False), row["area"])
        for row in csv.DictReader(io.StringIO(text))
    ]


def read_city(folder: Path) -> City:
    """Raises FileNotFoundError where the file is not there."""
    data = (folder / FILE).read_bytes()
    table = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    first = sorted({row["date"][:7] for row in table})[-MONTHS]
    letters = [
        Letter(
            prepare(Suggestion(id=str(number), title=row["title"], text=row["text"])),
            row["district"],
            row["lead"],
            row["date"][:7] >= first,
        )
        for number, row in enumerate(table)
    ]
    local = tuple(letter for letter in letters if letter.district != WHOLE)
    catalogue = Catalogue(areas=divisions().areas(CITY))
    return City(local, tuple(letters), catalogue, hashlib.sha256(data).hexdigest()[:16])


def written_out(areas: tuple[Area, ...], text: str) -> str:
    """How plainly a text names a district, a town or a street of the table: ``full`` where a whole name stands in it,
    ``short`` where only a short one of a district does, else empty. Plain substrings: no system is asked.
    """
    parts = [area for area in areas if area.parent]
    if any(area.name in text for area in parts):
        return "full"
    return "short" if any(area.level == "区" and area.short_name and area.short_name in text for area in parts) else ""
