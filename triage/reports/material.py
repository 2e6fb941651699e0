"""What a report is made from: the cases of the period, those it is compared with, and what the place is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date as Date
from typing import TYPE_CHECKING

from triage.catalogue import Catalogue, Office
from triage.records import Case
from triage.reports.names import Names
from triage.reports.report import Section, Sentence, Timespan

if TYPE_CHECKING:
    from triage.reports.repeats import Repeats

Progress = Callable[[str, float], None]


@dataclass(frozen=True, slots=True)
class Settings:
    """What can be set beside the period.

    `seed` draws the sample; `share` and `per_unit` override the office's inspection. `above` is the share of all leads
    from which a unit's load is warned of, `most` how many matters a shortlist has, `least` how many texts make a hot
    topic. `on` is the day from which is seen what is overdue; without it, today.
    """

    seed: int = 1
    share: float | None = None
    per_unit: bool | None = None
    above: float = 0.15
    most: int = 20
    least: int = 3
    on: Date | None = None


@dataclass(frozen=True, slots=True)
class Material:
    """The cases of the period and, unless `before` is None, those of the period before, with unique ids; `suggested`
    holds the ids whose leads a model suggests and nobody has decided. `notices` are what everybody must be told.
    """

    cases: tuple[Case, ...]
    before: tuple[Case, ...] | None
    period: Timespan
    previous: Timespan | None
    office: Office
    catalogue: Catalogue | None
    names: Names
    settings: Settings
    repeats: Repeats
    on: Date
    suggested: frozenset[str] = frozenset()
    notices: tuple[Sentence, ...] = ()
    progress: Progress | None = None

    def tell(self, what: str, share: float) -> None:
        """Say how far the work is."""
        if self.progress is not None:
            self.progress(what, share)


@dataclass(frozen=True, slots=True)
class Made:
    """What a kind of report adds: its sections, lines for the footer, and cases (of history) its numbers link to."""

    sections: tuple[Section, ...]
    footer: tuple[str, ...] = ()
    further: tuple[Case, ...] = ()
