"""Labelled pairs and sessions of our own writing, and how they are read."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from triage.errors import InputError
from triage.records import Grade, Suggestion

UNRELATED = "unrelated"
RANK: dict[str, int] = {UNRELATED: 0, **{str(grade): rank for rank, grade in enumerate(reversed(Grade), start=1)}}
"""The grades a label may have, farthest first."""


@dataclass(frozen=True, slots=True)
class LabelledPair:
    """Two suggestions and the grade that a person gave them, None if they have nothing to do with each other.

    `one_matter` and `other_matter` name what each asks for where it is known: texts of one matter are held out together
    while weights are learned.
    """

    id: str
    one: Suggestion
    other: Suggestion
    grade: Grade | None
    kind: str = ""
    one_matter: str = ""
    other_matter: str = ""

    @property
    def rank(self) -> int:
        """0 for unrelated to 4 for identical."""
        return RANK[str(self.grade) if self.grade else UNRELATED]


@dataclass(frozen=True, slots=True)
class Filed:
    """A text of a session, with codes of the matter and of the topic that it belongs to: texts of one matter would be
    answered with one reply.
    """

    suggestion: Suggestion
    matter: str
    topic: str


def read_pairs(path: str | Path) -> list[LabelledPair]:
    """Labelled pairs of a csv with the columns id, grade, kind and title, text, source of both, ``_a`` and ``_b``.

    Raises InputError for a missing column or an unknown grade, with the line.
    """
    return [_pair(f"{path}:{line}", row) for line, row in _rows(path, ("id", "grade", "title_a", "title_b"))]


def read_session(path: str | Path) -> list[Filed]:
    """The texts of a csv with the columns id, source, title, matter, topic and perhaps text. Raises InputError."""
    name = Path(path).stem
    return [
        Filed(
            Suggestion(row["id"], row["title"], row.get("text", ""), row["source"]),
            f"{name}/{row['matter']}",
            f"{name}/{row['topic']}",
        )
        for _, row in _rows(path, ("id", "source", "title", "matter", "topic"))
    ]


def our_pairs(part: str) -> list[LabelledPair]:
    """The pairs that come with the library: ``train`` or ``test``. They were written apart, by different authors."""
    return [pair for path in _ours(part) for pair in read_pairs(path)]


def our_sessions() -> list[list[Filed]]:
    """The sessions that come with the library, all for training."""
    return [read_session(path) for path in _ours("session")]


def _ours(beginning: str) -> list[Path]:
    folder = files("triage.learning").joinpath("pairs")
    names = sorted(file.name for file in folder.iterdir() if file.name.startswith(beginning))
    return [Path(str(folder.joinpath(name))) for name in names]


def _rows(path: str | Path, wanted: tuple[str, ...]) -> Iterator[tuple[int, Mapping[str, str]]]:
    with Path(path).open(encoding="utf-8-sig", newline="") as handle:
        reader = csv.DictReader(handle)
        if missing := [name for name in wanted if name not in (reader.fieldnames or ())]:
            raise InputError(f"{path}:1: column {', '.join(missing)} is missing")
        for line, row in enumerate(reader, start=2):
            yield line, {name: value or "" for name, value in row.items() if name is not None}


def _pair(place: str, row: Mapping[str, str]) -> LabelledPair:
    if row["grade"] not in RANK:
        raise InputError(f"{place}: grade {row['grade']!r}; allowed are {', '.join(RANK)}")
    one, other = (
        Suggestion(f"{row['id']}{end}", row[f"title{end}"], row.get(f"text{end}", ""), row.get(f"source{end}", ""))
        for end in ("_a", "_b")
    )
    grade = Grade(row["grade"]) if RANK[row["grade"]] else None
    return LabelledPair(row["id"], one, other, grade, row.get("kind", ""), row["id"], row["id"])
