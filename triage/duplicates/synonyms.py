"""Words of civic suggestions that may stand for each other, from ``synonyms.csv`` beside this file; own list.

One line a group: ``words`` (separated by ``;``, the canonical word first) and ``kind``. `plain` words read well in each
other's place in almost any sentence; `clumsy` ones are what a rewriting machine puts there (广播 → 播送): a reader
still knows what is meant. No group holds a numeral or a place, and a word stands in one group only.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class SynonymGroup:
    """Words that mean the same in almost any suggestion; the first is their canonical form."""

    words: tuple[str, ...]
    clumsy: bool = False


@cache
def synonym_groups() -> tuple[SynonymGroup, ...]:
    """All groups in the order of the file, the plain ones first."""
    lines = files("triage.duplicates").joinpath("synonyms.csv").read_text(encoding="utf-8").splitlines()
    return tuple(
        SynonymGroup(tuple(row["words"].split(";")), clumsy=row["kind"] == "clumsy") for row in csv.DictReader(lines)
    )


@cache
def _by_word() -> dict[str, SynonymGroup]:
    return {word: group for group in synonym_groups() for word in group.words}


@cache
def longest_word() -> int:
    """Characters of the longest word in any group."""
    return max(map(len, _by_word()))


def group_of(word: str) -> SynonymGroup | None:
    """The group that holds the word, None if no group does."""
    return _by_word().get(word)


def canonical(word: str) -> str:
    """The word that stands for all its synonyms: the first of its group, the word itself if no group holds it."""
    group = _by_word().get(word)
    return group.words[0] if group else word
