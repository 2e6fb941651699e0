"""Whose ground the cases are about and whose units handle them: towns, streets, development zones."""

from __future__ import annotations

from triage.catalogue import Catalogue
from triage.places import AreaFinder, ZoneRow, Zones, by_zone
from triage.reports.counting import tally, tally_chart, tally_table
from triage.reports.material import Material
from triage.reports.report import Cell, Chart, Form, Section, Sentence, Table
from triage.reports.telling import counted, ids, notice, part_of, sentence

TITLE = "属地分布"
VILLAGES = frozenset({"村", "社区"})
"""Areas that are counted with the town, street or zone that contains them."""
TOLD = 3
"""Areas that a sentence names."""
BARS = 12


def zones(material: Material) -> Section:
    """For each area what is about it and what its units lead: a zone that handles a quarter shows in the second."""
    if material.catalogue is None or not material.catalogue.areas:
        return _as_written(material)
    finder = AreaFinder(material.catalogue, material.office.area)
    material.tell("areas", 0.0)
    now = by_zone(material.cases, material.catalogue, finder)
    before = None if material.before is None else by_zone(material.before, material.catalogue, finder)
    told = _notices(material, now)
    if not now.rows:
        return Section(TITLE, (*told, notice("没有来件涉及目录中的区域，也没有区域所属单位主办，不能按属地统计。")))
    told = [*(_sentence(material, row) for row in _largest(now)[:TOLD]), *told]
    return Section(TITLE, tuple(told), (_table(now, before),), (_chart(now),))


def zone_name(catalogue: Catalogue | None, code: str) -> str:
    """The name of the area, or of what contains it where it is a village or a community."""
    if catalogue is None:
        return code
    for above in catalogue.area_path(code):
        area = catalogue.area(above)
        if area.level not in VILLAGES or not area.parent:
            return area.name
    return catalogue.area(code).name


def _as_written(material: Material) -> Section:
    """By the area that the rows name, where no catalogue says what lies where."""
    about = tally("属地", material, lambda case: [case.area])
    told = [notice("没有给出带区域的单位目录（--catalogue），不能统计镇街、开发区承办的件数。")]
    if not about.told:
        return Section(TITLE, (notice("来件没有登记属地（area），不能按属地统计。"), *told))
    return Section(TITLE, tuple(told), (tally_table(about, "按属地"),), (tally_chart(about, "按属地"),))


def _notices(material: Material, now: Zones) -> list[Sentence]:
    told = []
    unwritten = [case for case in material.cases if not case.area]
    nowhere = set(now.nowhere)
    if by_text := [case for case in unwritten if case.suggestion.id not in nowhere]:
        told.append(notice("有", counted(ids(by_text)), "件没有登记属地（area），按文中写到的地名判断。"))
    if now.nowhere:
        told.append(notice("有", counted(now.nowhere), "件不涉及本地的某一区域，或看不出属地。"))
    if not any(row.led for row in now.rows):
        told.append(notice("没有来件由目录中注明区域的单位主办，镇街、开发区承办的件数不能统计。"))
    return told


def _largest(counts: Zones) -> list[ZoneRow]:
    """The areas just below the whole, those with most cases about them or led there first."""
    first = [row for row in counts.rows if not row.depth]
    return sorted(first, key=lambda row: (-max(len(row.filed), len(row.led)), row.area))


def _sentence(material: Material, row: ZoneRow) -> Sentence:
    whole = len(material.cases)
    about = ("涉及", counted(row.filed), "件（占", part_of(row.filed, whole), "）") if row.filed else ()
    led = ("所属单位主办", counted(row.led), "件（占", part_of(row.led, whole), "）") if row.led else ()
    return sentence(row.name, *about, "，" if about and led else "", *led, "。")


def _table(now: Zones, before: Zones | None) -> Table:
    """A row an area, each below the one that contains it."""
    was = {row.area: row for row in before.rows} if before is not None else {}
    with_leads = any(row.led for row in now.rows)
    rows: list[tuple[Cell, ...]] = []
    links = []
    for row in now.rows:
        old = was.get(row.area)
        led: tuple[Cell, Cell] = (len(row.led), row.share_led) if with_leads else (None, None)
        past = () if before is None else (old.filed if old else (), old.led if old else ())
        rows.append(("　" * row.depth + row.name, len(row.filed), row.share_filed, *led, *map(len, past)))
        links.append(((), row.filed, row.filed, row.led, row.led, *past))
    header = (
        *("区域", "涉及件数", "涉及占比", "所属单位主办件数", "主办占比"),
        *(("上期涉及", "上期主办") if before is not None else ()),
    )
    forms: tuple[Form, ...] = (
        *("text", "count", "share", "count", "share"),
        *(("count", "count") if before is not None else ()),
    )
    note = "下级区域的件数包含在上级区域之内。"
    return Table("按区域", header, tuple(rows), tuple(links), forms, note=note)


def _chart(counts: Zones) -> Chart:
    shown = _largest(counts)[:BARS]
    return Chart(
        "各区域件数",
        "bar",
        tuple(row.name for row in shown),
        (
            ("涉及", tuple(float(len(row.filed)) for row in shown)),
            ("所属单位主办", tuple(float(len(row.led)) for row in shown)),
        ),
    )
