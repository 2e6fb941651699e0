"""The yearly summary (年度情况): sentences in the style of an office's report, with the tables and pictures above.

It says what the numbers show and nothing else; a part that the rows do not tell says so.
"""

from __future__ import annotations

from dataclasses import replace

from triage.reports.conflicts import groups_section
from triage.reports.hotspots import charts, sentences, spots, tables
from triage.reports.material import Made, Material
from triage.reports.overview import levels, modes, outcomes, sources, topics, total, units
from triage.reports.report import Section
from triage.reports.targets import targets
from triage.reports.timeliness import timeliness
from triage.reports.zones import zones

_NUMERALS = "一二三四五六七八九十"


def yearly(material: Material) -> Made:
    """The summary: what came, who handled it, with what result, what many asked for, what repeats."""
    found = spots(material)
    first, through = total(material), sources(material)
    parts = [
        replace(_joined("来件总体情况", first, through), charts=through.charts),
        _joined("内容分类情况", topics(material)),
        _joined("承办情况", units(material), modes(material), levels(material)),
        _joined("属地分布情况", zones(material)),
        _joined("办理结果", outcomes(material)),
        _joined("答复时限情况", timeliness(material)),
        Section("热点情况", sentences(material, found), tables(found), charts(found)),
        _joined("重复反映与并案情况", groups_section(material)),
    ]
    if material.office.targets:
        parts.append(_joined("目标领域情况", targets(material).sections[0]))
    return Made(
        tuple(replace(part, title=f"{_numeral(number)}、{part.title}") for number, part in enumerate(parts, start=1))
    )


def _joined(title: str, *parts: Section) -> Section:
    """Several parts as one, in order."""
    return Section(
        title,
        tuple(one for part in parts for one in part.sentences),
        tuple(one for part in parts for one in part.tables),
        tuple(one for part in parts for one in part.charts),
    )


def _numeral(number: int) -> str:
    return _NUMERALS[number - 1] if number <= len(_NUMERALS) else str(number)
