"""Points for a shortlist: a sum whose parts are shown, each with its reason."""

from __future__ import annotations

from dataclasses import dataclass

from triage.reports.counting import Rows
from triage.reports.matters import Matter
from triage.reports.telling import listed

PARTS = ("多件反映", "多年反映", "多渠道", "涉及面广", "主办有争议", "超期")
"""The parts of the score of key supervision, in order."""


@dataclass(frozen=True, slots=True)
class Points:
    """What each sign is worth. Each further text, year, source and area counts `text`, `year`, `source`, `area` points,
    up to `most_texts` … points; a `whole` place counts as the most that areas can. A dispute counts `dispute`, a return
    (退单) without one `returned`; an overdue reply `overdue`.
    """

    text: int = 1
    most_texts: int = 5
    year: int = 2
    most_years: int = 6
    source: int = 2
    most_sources: int = 4
    area: int = 1
    most_areas: int = 3
    dispute: int = 3
    returned: int = 2
    overdue: int = 3

    def told(self) -> str:
        """The points in Chinese, for the sheet."""
        return (
            f"计分：同一事项每多1件{self.text}分（最多{self.most_texts}分），每多1年{self.year}分（最多{self.most_years}分），"
            f"每多1个渠道{self.source}分（最多{self.most_sources}分），每多1个区域{self.area}分（最多{self.most_areas}分，"
            f"涉及全域按最多计），主办不一{self.dispute}分（曾退单{self.returned}分），超期{self.overdue}分；总分为各项之和。"
        )


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a score: its points, None where it cannot be told; why; and the ids of the cases that it is about."""

    points: int | None
    why: str = ""
    rows: Rows = ()


@dataclass(frozen=True, slots=True)
class Scored:
    """A matter with the parts of its score, in the order of `PARTS`."""

    matter: Matter
    parts: tuple[Part, ...]

    @property
    def total(self) -> int:
        """The sum of the parts that can be told."""
        return sum(part.points or 0 for part in self.parts)

    @property
    def reasons(self) -> str:
        """Why it is on the list."""
        return "；".join(part.why for part in self.parts if part.points)


def scored(matter: Matter, points: Points) -> Scored:
    """The matter with its score for key supervision."""
    return Scored(
        matter,
        (
            texts(matter, points),
            years(matter, points),
            sources(matter, points),
            areas(matter, points),
            _dispute(matter, points),
            _overdue(matter, points),
        ),
    )


def texts(matter: Matter, points: Points) -> Part:
    """Points for further texts of the period."""
    more = len(matter.cases) - 1
    return Part(min(more * points.text, points.most_texts), f"同一事项{more + 1}件", matter.rows)


def years(matter: Matter, points: Points) -> Part:
    """Points for further years in which it was raised; None where nothing has a day or a session."""
    if matter.years is None:
        return Part(None)
    more = len(matter.years) - 1
    rows = (*matter.rows, *(case.suggestion.id for case in matter.earlier))
    return Part(min(more * points.year, points.most_years), f"{'、'.join(matter.years)}均有反映", rows)


def sources(matter: Matter, points: Points) -> Part:
    """Points for further bodies that it came through; None where no text has a source."""
    if matter.sources is None:
        return Part(None)
    more = len(matter.sources) - 1
    return Part(min(more * points.source, points.most_sources), f"来自{'、'.join(matter.sources)}", matter.rows)


def areas(matter: Matter, points: Points) -> Part:
    """Points for further areas, or for the whole place."""
    if matter.whole:
        return Part(points.most_areas, "涉及全域", matter.rows)
    more = max(len(matter.areas) - 1, 0)
    return Part(min(more * points.area, points.most_areas), f"涉及{listed(matter.areas)}", matter.rows)


def _dispute(matter: Matter, points: Points) -> Part:
    if matter.disputed:
        return Part(points.dispute, "同一事项主办单位不一", matter.rows)
    if matter.returned:
        rows = tuple(case.suggestion.id for case in matter.cases if case.returned)
        return Part(points.returned, f"曾被{matter.returned}个单位退单", rows)
    return Part(None if matter.disputed is None else 0)


def _overdue(matter: Matter, points: Points) -> Part:
    if matter.overdue is None:
        return Part(None)
    return Part(points.overdue if matter.overdue else 0, f"{matter.overdue}件超期", matter.rows)
