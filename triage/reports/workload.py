"""The load of each unit before hand-out (交办前承办量): leads, helps, the period before, and who has too much."""

from __future__ import annotations

from triage.errors import InputError
from triage.reports.counting import Tally, tally
from triage.reports.material import Made, Material
from triage.reports.report import Cell, Chart, Form, Section, Sentence, Table
from triage.reports.telling import Figure, counted, notice, part_of, sentence

BARS = 15
HEAVY = "偏重"


def workload(material: Material) -> Made:
    """Leads and helps of each unit. Raises InputError where no row has a lead: there is no load to count."""
    leads = tally("主办单位", material, material.names.leads)
    if not leads.told:
        raise InputError(
            "no row of the period has a lead unit (lead, 主办单位), so there is no workload to count. Fill the column, "
            "or name a model with --model, whose suggestions are then counted and marked as such."
        )
    helps = tally("会办单位", material, material.names.co)
    return Made(
        (
            Section(
                "承办量", _sentences(material, leads, helps), (_table(material, leads, helps),), (_chart(leads, helps),)
            ),
        )
    )


def heavy(material: Material, leads: Tally) -> list[str]:
    """Units that lead more than the share that is warned of."""
    with_lead = len(leads.everything) - len(leads.unnamed)
    return [unit for unit, rows in leads.now.items() if len(rows) > material.settings.above * with_lead]


def _sentences(material: Material, leads: Tally, helps: Tally) -> tuple[Sentence, ...]:
    with_lead = tuple(name for name in leads.everything if name not in set(leads.unnamed))
    used = [unit for unit in leads.now if leads.now[unit]]
    by = Figure(str(len(used)), with_lead)
    told = [sentence("有主办单位的", counted(with_lead), "件，由", by, "个单位主办。")]
    if material.suggested:
        mine = tuple(name for name in with_lead if name in material.suggested)
        told.append(notice("其中", counted(mine), "件的主办单位是模型的建议，尚未决定。"))
    for unit in heavy(material, leads):
        rows = leads.of(unit)
        limit = f"{material.settings.above:.0%}"
        told.append(
            sentence(
                f"{unit}主办", counted(rows), "件，占", part_of(rows, len(with_lead)), f"，超过{limit}，请考虑均衡。"
            )
        )
    if leads.unnamed:
        told.append(notice("有", counted(leads.unnamed), "件没有主办单位，未计入。"))
    if not helps.told:
        told.append(notice("没有一件登记会办单位（co），会办件数不能统计。"))
    if material.before is not None and leads.before is None:
        told.append(notice("上期没有主办单位，不能比较。"))
    if material.catalogue is not None:
        names = {unit.name for unit in material.catalogue.current()}
        idle = names - set(used) - set(helps.now)
        told.append(sentence(f"单位目录中另有{len(idle)}个单位本期既无主办也无会办。"))
    return tuple(told)


def _table(material: Material, leads: Tally, helps: Tally) -> Table:
    compared, suggested = leads.before is not None, bool(material.suggested)
    with_lead = len(leads.everything) - len(leads.unnamed)
    warned = set(heavy(material, leads))
    rows: list[tuple[Cell, ...]] = []
    links = []
    for unit in dict.fromkeys((*leads.now, *helps.now)):
        own, other = leads.of(unit), helps.of(unit)
        was = (leads.before or {}).get(unit, ())
        mine = tuple(name for name in own if name in material.suggested)
        both = tuple(dict.fromkeys((*own, *other)))
        helped: tuple[Cell, Cell] = (len(other), len(both)) if helps.told else (None, None)
        rows.append(
            (
                *(unit, len(own), *((len(mine),) if suggested else ()), *helped, len(own) / with_lead),
                *((len(was), len(own) - len(was)) if compared else ()),
                HEAVY if unit in warned else "",
            )
        )
        links.append(
            ((), own, *((mine,) if suggested else ()), other, both, own, *((was, own) if compared else ()), ())
        )
    header = (
        *("单位", "主办件数", *(("其中模型建议",) if suggested else ()), "会办件数", "合计", "占主办总数"),
        *(("上期主办", "增减") if compared else ()),
        "提示",
    )
    forms: tuple[Form, ...] = (
        *("text", "count", *(("count",) if suggested else ()), "count", "count", "share"),
        *(("count", "count") if compared else ()),
        "text",
    )
    note = "分办的每个主办单位各计一件，合计按件计，同一单位不重复。"
    return Table("各单位承办量", header, tuple(rows), tuple(links), forms, note=note)


def _chart(leads: Tally, helps: Tally) -> Chart:
    units = leads.top(BARS)
    series = [("主办", tuple(float(len(leads.of(unit))) for unit in units))]
    if helps.told:
        series.append(("会办", tuple(float(len(helps.of(unit))) for unit in units)))
    return Chart("承办量居前的单位", "stacked", tuple(units), tuple(series))
