"""What comes to an index: which cases are new, which have changed, and which stand there with another text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from triage.duplicates.store import Store
from triage.errors import InputError
from triage.records import Case

NAMED = 5
"""Ids that an error names; the others are counted."""


@dataclass(frozen=True, slots=True)
class Arrived:
    """Cases that come to an index: those that are `new`, those whose facts have changed, by row, those that are there
    with another text, and how many are there just so.
    """

    new: tuple[Case, ...]
    renewed: dict[int, Case]
    replaced: tuple[Case, ...]
    unchanged: int


def sorted_out(store: Store, cases: Sequence[Case]) -> Arrived:
    """The cases by what the store holds under their ids. Raises KeyError where a text is taken out meanwhile."""
    there = store.rows_of(case.suggestion.id for case in cases)
    old = dict(zip(there, store.cases(list(there.values())), strict=True))
    new: list[Case] = []
    renewed: dict[int, Case] = {}
    replaced: list[Case] = []
    for case in cases:
        name = case.suggestion.id
        stored = old.get(name)
        if stored is None:
            new.append(case)
        elif (stored.suggestion.title, stored.suggestion.text) != (case.suggestion.title, case.suggestion.text):
            replaced.append(case)
        elif stored != case:
            renewed[there[name]] = case
    unchanged = len(cases) - len(new) - len(renewed) - len(replaced)
    return Arrived(tuple(new), renewed, tuple(replaced), unchanged)


def refused_if_replaced(arrived: Arrived) -> Arrived:
    """The same. Raises InputError where a case would take the place of another text."""
    if arrived.replaced:
        raise InputError(
            f"{listed([case.suggestion.id for case in arrived.replaced])}: in the index already, with another text. "
            "Nothing was added. Remove the old text first, or give the new one an id of its own."
        )
    return arrived


def check_ids(ids: Sequence[str]) -> None:
    """Raises InputError for ids that are empty or come twice."""
    if not all(ids):
        raise InputError("a text without an id cannot be kept; give each one an id of its own")
    if twice := [name for name, count in Counter(ids).items() if count > 1]:
        raise InputError(f"{listed(twice)}: more than once. Give each text an id of its own.")


def listed(ids: Sequence[str]) -> str:
    """The first ids, and how many more."""
    more = f" and {len(ids) - NAMED} more" if len(ids) > NAMED else ""
    return ", ".join(ids[:NAMED]) + more
