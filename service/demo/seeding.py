"""Puts the invented suggestions of this folder into a memory, once."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date as Date
from pathlib import Path

from sqlalchemy import select

from service.store.decisions import decide, record_outcome, record_return
from service.store.store import Store, Writing
from service.store.suggestions import create
from service.store.tables import SuggestionRow
from triage.records import Suggestion

FOLDER = Path(__file__).parent
ACTOR = "demo"

Row = dict[str, str]


def seed(store: Store) -> int:
    """Put the demo suggestions that are not there yet into `store`, with their decisions, returns and outcomes.

    All of it is one transaction. Returns how many were new: 0 for a memory that has them. Raises StoreBusy,
    StoreFailed.
    """
    rows = _rows("suggestions")
    decisions, returns, outcomes = (_by_id(name) for name in ("decisions", "returns", "outcomes"))
    with store.write(ACTOR) as writing:
        refs = [row["id"] for row in rows]
        there = set(writing.session.scalars(select(SuggestionRow.ref).where(SuggestionRow.ref.in_(refs))))
        new = [row for row in rows if row["id"] not in there]
        for row in new:
            suggestion = create(writing, _suggestion(row), row["id"])
            _hand_out(writing, suggestion, decisions[row["id"]], returns[row["id"]])
            for closed in outcomes[row["id"]]:
                day = Date.fromisoformat(closed["day"])
                record_outcome(writing, suggestion, outcome=closed["outcome"], reply=closed["reply"], day=day)
    return len(new)


def _hand_out(writing: Writing, suggestion: SuggestionRow, decisions: Sequence[Row], returns: Sequence[Row]) -> None:
    """Each decision, and after the first one the return that led to the second."""
    for number, row in enumerate(decisions):
        decide(
            writing,
            suggestion,
            lead=_listed(row["lead"]),
            expected=number,
            co=_listed(row["co"]),
            topics=_listed(row["topics"]),
            reason=row["reason"],
            decided_by=row["decided_by"],
            day=Date.fromisoformat(row["day"]),
        )
        for sent in returns[number : number + 1]:
            day = Date.fromisoformat(sent["day"])
            record_return(writing, suggestion, unit=sent["unit"], reason=sent["reason"], day=day)


def _suggestion(row: Row) -> Suggestion:
    return Suggestion(
        id=row["id"],
        title=row["title"],
        text=row["text"],
        source=row["source"],
        session=row["session"],
        date=Date.fromisoformat(row["date"]),
        proposers=tuple(_listed(row["proposers"])),
        wish=row["wish"],
        confidential=row["confidential"] == "true",
    )


def _rows(name: str) -> list[Row]:
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _by_id(name: str) -> Mapping[str, list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    for row in _rows(name):
        found[row["id"]].append(row)
    return found


def _listed(cell: str) -> list[str]:
    return [part for part in cell.split(";") if part]
