"""The office's own settings: who it is, its deadlines, outcome scheme, committees, targets, inspection, rules and days.

They are the files `office.toml`, `rules.csv` and `days.csv` of a catalogue folder, each optional.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date as Date

from triage.catalogue.rules import Rule

OUTCOME_GROUPS: tuple[str, ...] = ("solved", "planned", "kept", "other")
"""What the outcome classes of every scheme come down to: 已解决, 已列入计划, 留作参考, 其他."""

OFFICE_LEVELS: dict[str, str] = {"村": "village", "乡镇": "town", "县": "county", "市": "city", "省": "province"}
"""The level at which an office stands, with the English word that a file may use instead."""


@dataclass(frozen=True, slots=True)
class Period:
    """A length of time in one unit: exactly one of the three is set. The day it starts from is not counted."""

    months: int = 0
    working_days: int = 0
    days: int = 0


@dataclass(frozen=True, slots=True)
class Deadlines:
    """How long units have from the hand-out: to reply, to give a co-handler's opinion, to send a suggestion back.

    `warn` holds the working days before a deadline on which a warning is due, most first. `by_source` has the deadlines
    of sources that differ (政协, 热线); those have no `by_source` of their own.
    """

    reply: Period = Period(months=3)
    opinion: Period = Period(months=1)
    return_window: Period = Period(working_days=7)
    warn: tuple[int, ...] = (10, 5, 1)
    by_source: tuple[tuple[str, Deadlines], ...] = ()

    def of(self, source: str) -> Deadlines:
        """The deadlines of a source: its own where it has some, else these."""
        return dict(self.by_source).get(source, self)


@dataclass(frozen=True, slots=True)
class Outcome:
    """One outcome class of the place's scheme: its code (A), its name, and the group of `OUTCOME_GROUPS` it is in."""

    code: str
    name: str
    group: str


@dataclass(frozen=True, slots=True)
class Committee:
    """A committee (专工委) that supervises suggestions of its topics: codes or names; topics below inherit."""

    name: str
    topics: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Target:
    """A field that suggestions are expected from: of its topics or with its words, at least a share or a count."""

    name: str
    topics: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    share: float = 0.0
    count: int = 0


@dataclass(frozen=True, slots=True)
class Inspection:
    """The sample of handled cases that the office looks at again: its share, and whether every unit is in it."""

    share: float = 0.1
    per_unit: bool = False


@dataclass(frozen=True, slots=True)
class DayException:
    """A day of the place's own on which it works, or does not, other than the official calendar says."""

    day: Date
    working: bool
    note: str = ""
    line: int = 0


PLAIN_OUTCOMES: tuple[Outcome, ...] = (
    Outcome("A", "已解决或基本解决", "solved"),
    Outcome("B", "列入计划逐步解决", "planned"),
    Outcome("C", "留作参考", "kept"),
)
"""The scheme of an office that names none."""


@dataclass(frozen=True, slots=True)
class Office:
    """An office and the place it serves.

    `name` signs the reports and `place` is the place's name; `area` is the code of the whole place in areas.csv and
    `level` a word of `OFFICE_LEVELS`. Without its files an office is a plain one: usual deadlines,
    A, B and C, no rules.
    """

    name: str = ""
    place: str = ""
    area: str = ""
    level: str = ""
    deadlines: Deadlines = field(default_factory=Deadlines)
    outcomes: tuple[Outcome, ...] = PLAIN_OUTCOMES
    committees: tuple[Committee, ...] = ()
    targets: tuple[Target, ...] = ()
    inspection: Inspection = field(default_factory=Inspection)
    rules: tuple[Rule, ...] = ()
    days: tuple[DayException, ...] = ()
