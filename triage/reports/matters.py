"""Matters: cases of the period that ask for the same, with what is known of them together, for the shortlists."""

from __future__ import annotations

import re
from dataclasses import dataclass

from triage.records import Case
from triage.reports.conflicts import disputed
from triage.reports.material import Material
from triage.reports.replies import overdue
from triage.reports.zones import zone_name

_WHOLE = re.compile("(?:全|各|所有)(?:省|市|县|区|乡镇|镇街|街镇|街道|镇|乡|村|社区)")
"""Words that say that a matter is about the whole place."""


@dataclass(frozen=True, slots=True)
class Matter:
    """One matter. `cases` are of the period, the one that stands for it first; `earlier` those of before and of
    history on the same. `years` are those in which it was raised, this one's included; `areas` the places it is about,
    `whole` that a text names all of the place. `disputed` says that its leads differ, `returned` how many units sent
    it back, `overdue` how many replies are late or owed. None: the rows do not tell.
    """

    cases: tuple[Case, ...]
    earlier: tuple[Case, ...]
    years: tuple[str, ...] | None
    sources: tuple[str, ...] | None
    areas: tuple[str, ...]
    whole: bool
    disputed: bool | None
    returned: int
    overdue: int | None

    @property
    def id(self) -> str:
        """The id of the case that stands for it."""
        return self.cases[0].suggestion.id

    @property
    def rows(self) -> tuple[str, ...]:
        """The ids of its cases of the period."""
        return tuple(case.suggestion.id for case in self.cases)


def matters(material: Material) -> list[Matter]:
    """Every case of the period in its matter; one that nothing repeats is a matter of its own."""
    known = {case.suggestion.id: case for case in material.cases}
    groups = [tuple(known[member.id] for member in group) for group in material.repeats.groups()]
    grouped = {case.suggestion.id for group in groups for case in group}
    groups += [(case,) for case in material.cases if case.suggestion.id not in grouped]
    with_leads = any(case.leads for case in material.cases)
    quarrels = {
        side.id
        for item in (disputed(material) if with_leads else ())
        for holding in item.holdings
        for side in holding.members
    }
    past, places = material.repeats.earlier(), material.repeats.places()
    return [_matter(material, group, past, places, quarrels if with_leads else None) for group in groups]


def _matter(
    material: Material,
    group: tuple[Case, ...],
    past: dict[str, tuple[Case, ...]],
    places: dict[str, tuple[str, ...]],
    quarrels: set[str] | None,
) -> Matter:
    earlier = {one.suggestion.id: one for case in group for one in past[case.suggestion.id]}
    everybody = (*group, *earlier.values())
    years = sorted({year for case in everybody if (year := year_of(case))})
    sources = dict.fromkeys(case.suggestion.source for case in group if case.suggestion.source)
    known = [late for case in group if (late := overdue(material, case)) is not None]
    return Matter(
        cases=group,
        earlier=tuple(earlier.values()),
        years=tuple(years) or None,
        sources=tuple(sources) or None,
        areas=tuple(dict.fromkeys(area for case in group for area in _areas(material, case, places))),
        whole=any(_WHOLE.search(_wording(case)) for case in group),
        disputed=None if quarrels is None else any(case.suggestion.id in quarrels for case in group),
        returned=len({unit for case in group for unit in case.returned}),
        overdue=sum(known) if known else None,
    )


def year_of(case: Case) -> str:
    """The year of a case's day; without a day the session (届次), which is at most one a year."""
    suggestion = case.suggestion
    return str(suggestion.date.year) if suggestion.date is not None else suggestion.session


def _areas(material: Material, case: Case, places: dict[str, tuple[str, ...]]) -> list[str]:
    """The registered area, else those that the text names and the catalogue has."""
    names = material.names
    if case.area:
        code = names.area(case.area)
        return [zone_name(material.catalogue, code) if code else case.area]
    codes = [code for name in places[case.suggestion.id] if (code := names.area(name))]
    return [zone_name(material.catalogue, code) for code in codes if code != material.office.area]


def _wording(case: Case) -> str:
    return f"{case.suggestion.title}\n{case.suggestion.text}"
