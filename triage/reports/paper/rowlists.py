"""Which rows a number leads to: one row, all of them, or a numbered list (清单) that says which."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from triage.reports.paper.wording import one_line
from triage.reports.report import Link, Report, Sentence, Table

LONGEST_NAME = 60

_MARKS = re.compile("[，、；。：（）！？\n]|,(?![0-9])")


@dataclass(frozen=True, slots=True)
class RowList:
    """The rows behind a number that counts several: its `number` from 1, what it says where it stands first, and the
    rows' places in the appendix from 1, ascending.
    """

    number: int
    what: str
    places: tuple[int, ...]

    def ranges(self) -> list[tuple[int, int]]:
        """The places as runs of neighbours: (3, 3), (7, 12)."""
        runs: list[tuple[int, int]] = []
        for place in self.places:
            if runs and runs[-1][1] == place - 1:
                runs[-1] = (runs[-1][0], place)
            else:
                runs.append((place, place))
        return runs


@dataclass(frozen=True, slots=True)
class Target:
    """Where a number leads: to the appendix as a whole, to one row by its place, or to a list by its number."""

    kind: Literal["all", "row", "list"]
    number: int = 0


class RowLists:
    """The lists of a report, each set of rows once, in the order in which the report names them."""

    def __init__(self, report: Report) -> None:
        self._places = {str(row[0]): place for place, row in enumerate(report.rows.rows, start=1)}
        self._numbers: dict[tuple[int, ...], int] = {}
        self._lists: list[RowList] = []
        for section in report.sections:
            for sentence in section.sentences:
                for link in sentence.links:
                    self._add(link.rows, _clause(sentence, link))
            for table in section.tables:
                self._add_table(table)

    @property
    def lists(self) -> Sequence[RowList]:
        """All lists, by number."""
        return self._lists

    def target(self, ids: Sequence[str]) -> Target | None:
        """Where a number with these rows leads; None where it has none."""
        places = self._set(ids)
        if not places:
            return None
        if len(places) == 1:
            return Target("row", places[0])
        if len(places) == len(self._places):
            return Target("all")
        return Target("list", self._numbers[places])

    def _add_table(self, table: Table) -> None:
        for row, links in zip(table.rows, table.links, strict=False):
            for column, ids in enumerate(links):
                if len(ids) > 1:
                    first = "" if row[0] is None or not column else f"{row[0]}，"
                    self._add(ids, one_line(f"{table.title}：{first}{table.header[column]}"))

    def _add(self, ids: Sequence[str], what: str) -> None:
        places = self._set(ids)
        if 1 < len(places) < len(self._places) and places not in self._numbers:
            number = len(self._lists) + 1
            self._numbers[places] = number
            short = what if len(what) <= LONGEST_NAME else what[: LONGEST_NAME - 1] + "…"
            self._lists.append(RowList(number, short, places))

    def _set(self, ids: Sequence[str]) -> tuple[int, ...]:
        return tuple(sorted({self._places[one] for one in ids}))


def _clause(sentence: Sentence, link: Link) -> str:
    """The part of a sentence between its marks in which a number stands."""
    before = [mark.end() for mark in _MARKS.finditer(sentence.text, 0, link.start)]
    after = _MARKS.search(sentence.text, link.end)
    return one_line(sentence.text[before[-1] if before else 0 : after.start() if after else None])


def room_for(sizes: Sequence[int], most: int) -> int:
    """How many rows each list may print so that all together print at most `most`: short ones whole, long ones cut."""
    left, waiting = most, sorted(sizes)
    for position, size in enumerate(waiting):
        share = left // (len(waiting) - position)
        if size > share:
            return share
        left -= size
    return max(waiting, default=0)
