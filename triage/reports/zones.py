"""Whose ground the cases are about and whose units handle them: towns, streets, development zones."""

from __future__ import annotations

from triage.records import Case
from triage.reports.counting import Tally, tally, tally_chart, tally_table
from triage.reports.material import Material
from triage.reports.report import Section, Sentence
from triage.reports.telling import counted, notice, part_of, sentence

VILLAGES = frozenset({"村", "社区"})
"""Areas that are counted with the town, street or zone that contains them."""
TOLD = 3
"""Areas that a sentence names."""


def zones(material: Material) -> Section:
    """By registered area (属地), and by the area of the lead unit: a zone that handles a quarter shows there."""
    about = tally("属地", material, lambda case: _about(material, case))
    handled = tally("承办单位所属区域", material, lambda case: _handled(material, case))
    told: list[Sentence] = []
    if not about.told:
        told.append(notice("来件没有登记属地（area），不能按属地统计。"))
    if not handled.told:
        why = (
            "没有给出单位目录（--catalogue）"
            if material.catalogue is None
            else "单位目录没有为主办单位注明区域（area）"
        )
        told.append(notice(f"{why}，不能统计镇街、开发区承办的件数。"))
    told += _sentences(about, "涉及", "") + _sentences(handled, "由", "所属单位主办的")
    tables = [tally_table(counts, title) for counts, title in _told(about, handled)]
    charts = [tally_chart(counts, title) for counts, title in _told(about, handled)]
    return Section("属地分布", tuple(told), tuple(tables), tuple(charts))


def _told(about: Tally, handled: Tally) -> list[tuple[Tally, str]]:
    return [(counts, title) for counts, title in ((about, "按属地"), (handled, "按承办单位所属区域")) if counts.told]


def _sentences(counts: Tally, opening: str, closing: str) -> list[Sentence]:
    return [
        sentence(
            *(f"{opening}{name}{closing}", counted(counts.of(name)), "件，占"),
            *(part_of(counts.of(name), len(counts.everything)), "。"),
        )
        for name in counts.top(TOLD)
    ]


def _about(material: Material, case: Case) -> tuple[str, ...]:
    """The registered area, as the town, street or zone that it lies in; as written where the catalogue lacks it."""
    if not case.area:
        return ()
    code = material.names.area(case.area)
    return (zone_name(material, code) if code else case.area,)


def _handled(material: Material, case: Case) -> tuple[str, ...]:
    """The areas of the lead units, where they are less than the whole place."""
    codes = dict.fromkeys(material.names.unit_area(name) for name in case.leads)
    return tuple(zone_name(material, code) for code in codes if code and code != material.office.area)


def zone_name(material: Material, code: str) -> str:
    """The name of the area, or of what contains it where it is a village or a community."""
    catalogue = material.catalogue
    if catalogue is None:
        return code
    for above in catalogue.area_path(code):
        area = catalogue.area(above)
        if area.level not in VILLAGES or not area.parent:
            return area.name
    return catalogue.area(code).name
