"""The kinds of jobs. Those of rows are done a chunk at a time and go on where they stopped; the others at one go.

Every answer comes from the library, and files are what the command line writes: *service = library*.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from service.jobs.bench import Bench
from service.jobs.progress import HowFar
from service.jobs.sources import Order, Row
from service.store.store import Writing
from triage.records import Case, Suggestion
from triage.sheets import Sheet

if TYPE_CHECKING:
    from service.served.model import Answering


@dataclass(frozen=True, slots=True)
class Answered:
    """The answer to one row: the library's record, and its rows of each sheet. Where there could be none, `problem`
    holds the document that says why. `model` and `catalogue` gave it; `stored` is the id under which it was kept.
    """

    record: Mapping[str, Any]
    cells: Sequence[Sequence[Sequence[str]]] = ()
    problem: Mapping[str, Any] | None = None
    model: str = ""
    catalogue: str = ""
    stored: str = ""

    def to_dict(self) -> dict[str, Any]:
        """As a row of results holds it."""
        if self.problem is not None:
            return {"record": {"id": self.record.get("id", ""), "problem": self.problem}}
        kept = {"stored": self.stored} if self.stored else {}
        return {"record": self.record, "cells": self.cells, **kept}


@dataclass(frozen=True, slots=True)
class RowKind:
    """Work on rows. `answer` computes, `keep` (where there is one) stores in the transaction of the results; `blank`
    are the sheets without rows, `sheets` those of one record.
    """

    answer: Callable[[Answering, Order, Sequence[Row]], list[Answered]]
    blank: Callable[[], list[Sheet]]
    sheets: Callable[[Suggestion, dict[str, Any]], list[Sheet]]
    keep: Callable[[Writing, Order, Sequence[Row], Sequence[Answered]], list[Answered]] | None = None


@dataclass(frozen=True, slots=True)
class Tables:
    """What became of work on all rows together: a record a line, and sheets."""

    records: Sequence[Mapping[str, Any]]
    sheets: Sequence[Sheet]


@dataclass(frozen=True, slots=True)
class Paper:
    """A file that was made: a report, an export."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class WholeKind:
    """Work on all rows together, which tells how far it is."""

    make: Callable[[Bench, Order, list[Case], HowFar], Tables | Paper]


@dataclass(frozen=True, slots=True)
class FileKind:
    """Work on a file that holds no cases, as it came in."""

    make: Callable[[Bench, Order, bytes], Tables]


def kind_of(order: Order) -> RowKind | WholeKind | FileKind:
    """What does an order. Raises KeyError for a kind that is none."""
    from service.jobs import comparing, decided_sheet, meeting_sheet, models, papers, rows

    if order.kind == "triage" and order.options.get("together"):
        return WholeKind(comparing.together)
    kinds: dict[str, RowKind | WholeKind | FileKind] = {
        "triage": RowKind(
            rows.triage, rows.triage_sheets, rows.triaged_sheets, rows.keep if order.options.get("store") else None
        ),
        "check": RowKind(rows.check, rows.check_sheets, rows.checked_sheets),
        "duplicates": WholeKind(comparing.duplicates),
        "groups": WholeKind(comparing.groups),
        "conflicts": WholeKind(comparing.conflicts),
        "hot": WholeKind(comparing.hot),
        "sheet": WholeKind(meeting_sheet.sheet),
        "decided": FileKind(decided_sheet.decided),
        "report": WholeKind(papers.report),
        "export": WholeKind(papers.export),
        "compare": WholeKind(models.compare),
    }
    return kinds[order.kind]
