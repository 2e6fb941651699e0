"""Tables of words that show something by themselves: urgency (``urgency.csv``) and copying (``signs.csv``)."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from triage.precheck.sentences import Sentence


@dataclass(frozen=True, slots=True)
class Wording:
    """What shows a kind, why (a Chinese phrase), and what takes it back within the same sentence."""

    kind: str
    reason: str
    pattern: re.Pattern[str]
    unless: re.Pattern[str] | None


@cache
def wordings(table: str) -> tuple[Wording, ...]:
    """The rows of ``urgency`` or ``signs``, read once."""
    with files("triage.precheck").joinpath(f"{table}.csv").open(encoding="utf-8") as lines:
        return tuple(
            Wording(
                row["kind"],
                row["reason"],
                re.compile(row["pattern"]),
                re.compile(row["unless"]) if row["unless"] else None,
            )
            for row in csv.DictReader(lines)
        )


def found_in(table: str, sentences: Sequence[Sentence]) -> Iterator[tuple[Wording, int]]:
    """Each wording that a sentence has, with the number of that sentence, in the order of the sentences."""
    for number, sentence in enumerate(sentences):
        for wording in wordings(table):
            if wording.pattern.search(sentence.text) and not (
                wording.unless is not None and wording.unless.search(sentence.text)
            ):
                yield wording, number
