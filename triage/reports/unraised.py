"""Topics that nobody raises (无人反映的类别): what a place knows as a topic and no case of a period is about."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date as Date
from typing import Any

from triage.catalogue import Catalogue, Office
from triage.records import Case
from triage.reports.names import Names
from triage.reports.period import timespan, within, year_before
from triage.reports.report import Timespan

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class UnraisedTopic:
    """A topic that no case of the period is about. `path` runs from the first level down, `before` is how many were in
    the period before (None: there is none to compare with), `last` the last day before the period on which any was.
    """

    path: Path
    before: int | None = None
    last: Date | None = None

    def to_dict(self) -> dict[str, Any]:
        """As plain JSON types."""
        return {
            "name": self.path[-1],
            "path": list(self.path),
            "level": len(self.path),
            "before": self.before,
            "last": self.last.isoformat() if self.last else None,
        }


@dataclass(frozen=True, slots=True)
class Unraised:
    """The topics of a catalogue that no case of the period is about, in the catalogue's order.

    `previous` is the period that `before` counts in; `topics_known` how many topics the catalogue has, `cases` how many
    cases lie in the period, `without` how many of these have no topic that the catalogue knows, and may be about any.
    """

    period: Timespan
    previous: Timespan | None
    topics: tuple[UnraisedTopic, ...]
    topics_known: int
    cases: int
    without: int

    def to_dict(self) -> dict[str, Any]:
        """As plain JSON types."""
        return {
            "period": self.period.to_dict(),
            "previous": self.previous.to_dict() if self.previous else None,
            "cases": self.cases,
            "without": self.without,
            "topics_known": self.topics_known,
            "topics": [topic.to_dict() for topic in self.topics],
        }


def unraised(
    cases: Sequence[Case],
    catalogue: Catalogue,
    first: Date | None = None,
    last: Date | None = None,
    previous: Timespan | None = None,
) -> Unraised:
    """What nobody raised in a period, by the topics of the cases; a case about a topic is about those above it, too.

    Without a day the period is open there. It is compared with `previous`, else, where both days are given, with the
    same days of the year before. Raises InputError for a period that ends before it begins.
    """
    period, names = timespan(first, last), Names(catalogue, Office())
    known = [catalogue.topic_path(topic.code) for topic in catalogue.topics]
    inside = within(cases, period).inside
    raised = Counter(_raised(names, inside))
    compared = previous or year_before(period)
    then = Counter(_raised(names, within(cases, compared).inside)) if compared else None
    latest = _latest(names, cases, first)
    topics = [
        UnraisedTopic(path, None if then is None else then[path], latest.get(path))
        for path in known
        if not raised[path]
    ]
    told = frozenset(known)
    without = sum(not told.intersection(_paths(names, case)) for case in inside)
    return Unraised(period, compared, tuple(topics), len(known), len(inside), without)


def _raised(names: Names, cases: Iterable[Case]) -> Iterator[Path]:
    for case in cases:
        yield from _paths(names, case)


def _paths(names: Names, case: Case) -> set[Path]:
    """The topics of a case and those above them."""
    return {path[:depth] for path in names.topics(case) for depth in range(1, len(path) + 1)}


def _latest(names: Names, cases: Sequence[Case], first: Date | None) -> dict[Path, Date]:
    """For each topic the last day before the period on which a case was about it."""
    found: dict[Path, Date] = {}
    for case in cases:
        day = case.suggestion.date
        if first is None or day is None or day >= first:
            continue
        for path in _paths(names, case):
            found[path] = max(found.get(path, day), day)
    return found
