"""The data sets that are known here, as handled cases, and how each is split into what is learned and what is asked.

A set is a CSV file in one folder; what is missing there is left out. Only figures about a set may leave this package,
never a row.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.quality.splits import FOLDS, grouped_folds, months_kept_back
from triage.datasets import parse_date, read_names, split_many
from triage.records import Case, Suggestion

Rows = NDArray[np.intp]
Split = tuple[Rows, Rows]
Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Experiment:
    """One set, split in one way.

    `splits` are pairs of rows to learn from and rows to ask; every row is asked at most once. `tasks` are ``lead``,
    ``co``, ``topic``. `units` are names given beside the cases (for a cold start, instead of them). `kinds` says of a
    lead what kind of unit it is. `digest` is that of the file, so that two results are known to be about the same rows.
    """

    name: str
    title: str
    split: str
    tasks: tuple[str, ...]
    cases: tuple[Case, ...]
    splits: tuple[Split, ...]
    digest: str
    units: tuple[str, ...] = ()
    kinds: Mapping[str, str] = field(default_factory=dict)

    @property
    def asked(self) -> Rows:
        """The rows that are asked, in the order of the splits."""
        return np.concatenate([asked for _, asked in self.splits])


Table = list[dict[str, str]]


def experiments(folder: Path, only: Sequence[str], tell: Tell) -> list[Experiment]:
    """Every known experiment whose files lie in `folder`; with `only`, those of the named sets."""
    found = []
    for name, make in SETS.items():
        if (folder / f"{name}.csv").is_file() and (not only or name in only):
            tell(f"splitting {name}")
            found.extend(make(folder))
    return found


def _cixi(folder: Path) -> list[Experiment]:
    table, digest = _read(folder / "cixi2017.csv")
    cases = _cases(table)
    named = ("cixi2017", "one city's whole session, titles only", ("lead", "co", "topic"))
    made = [_folded(*named, cases, digest)]
    if (folder / "cixi2017_units.csv").is_file():
        units = tuple(read_names(folder / "cixi2017_units.csv"))
        cold: Split = (np.array([], np.intp), np.arange(len(cases)))
        split = "no case learned: unit names and the starter catalogue's duties"
        made.append(
            Experiment(
                "cixi2017_cold", "the same without history", split, ("lead", "co"), cases, (cold,), digest, units
            )
        )
    return made


def _shanghai(folder: Path) -> list[Experiment]:
    table, digest = _read(folder / "shanghai2023.csv")
    cases = _cases(table)
    kinds = {row["lead"]: row["function"] for row in table}
    made = []
    for count, name in ((2, "shanghai2023"), (1, "shanghai2023_last_month")):
        split = months_kept_back([row["date"] for row in table], count)
        told = f"asked: the last {'two months' if count == 2 else 'month'}; learned: everything before"
        title = "citizens' letters and the agency that answered"
        made.append(Experiment(name, title, told, ("lead",), cases, (split,), digest, kinds=kinds))
    return made


def _taidi(folder: Path) -> list[Experiment]:
    table, digest = _read(folder / "taidi2020_topics.csv")
    return [
        _folded("taidi2020_topics", "messages to local government, seven topics", ("topic",), _cases(table), digest)
    ]


def _bills(folder: Path) -> list[Experiment]:
    table, digest = _read(folder / "taiwan_bills.csv")
    return [_folded("taiwan_bills", "councillors' bills in traditional characters", ("topic",), _cases(table), digest)]


def _taiwan(folder: Path) -> list[Experiment]:
    table, digest = _read(folder / "taiwan_suggestions.csv")
    title = "councillors' suggestions in traditional characters"
    return [_folded("taiwan_suggestions", title, ("lead",), _cases(table), digest)]


SETS: dict[str, Callable[[Path], list[Experiment]]] = {
    "cixi2017": _cixi,
    "shanghai2023": _shanghai,
    "taidi2020_topics": _taidi,
    "taiwan_bills": _bills,
    "taiwan_suggestions": _taiwan,
}
"""The known sets by the name of their file."""


def _folded(name: str, title: str, tasks: tuple[str, ...], cases: tuple[Case, ...], digest: str) -> Experiment:
    splits = grouped_folds([wording(case.suggestion) for case in cases])
    return Experiment(name, title, f"{FOLDS} folds, near-copies together", tasks, cases, tuple(splits), digest)


def wording(suggestion: Suggestion) -> str:
    """A suggestion as one plain text, as a baseline reads it."""
    return f"{suggestion.title} {suggestion.text}".strip()


def _read(path: Path) -> tuple[Table, str]:
    data = path.read_bytes()
    rows = csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""))
    return list(rows), hashlib.sha256(data).hexdigest()[:16]


def _cases(table: Table) -> tuple[Case, ...]:
    """The rows as cases, numbered: not every set gives each row an id of its own."""
    return tuple(
        Case(
            Suggestion(
                id=str(number),
                title=row.get("title", ""),
                text=row.get("text", ""),
                source=row.get("source", ""),
                date=parse_date(row["date"]) if row.get("date") else None,
            ),
            split_many(row.get("lead", "")),
            split_many(row.get("co", "")),
            split_many(row.get("topic", "")),
        )
        for number, row in enumerate(table)
    )
