"""The inspection sample as a sheet (抽查清单): what to look at again, and how it was drawn."""

from __future__ import annotations

from collections.abc import Sequence

from triage.catalogue import Catalogue, Office
from triage.errors import InputError
from triage.records import Case
from triage.reports.counting import UNNAMED
from triage.reports.material import Made, Material
from triage.reports.names import Names
from triage.reports.period import days_read, within
from triage.reports.report import Cell, Chart, Section, Table, Timespan
from triage.reports.sampling import by_unit, draw, fingerprint, footer, plan, read_footer
from triage.reports.telling import counted, ids, notice, part_of, sentence, title_of


def inspection(material: Material) -> Made:
    """The sample of the handled cases. Raises InputError where there is none."""
    office, settings = material.office.inspection, material.settings
    drawing = plan(
        office.share if settings.share is None else settings.share,
        office.per_unit if settings.per_unit is None else settings.per_unit,
        settings.seed,
    )
    decided = (case for case in material.cases if case.suggestion.id not in material.suggested)
    handled = {case.suggestion.id: case for case in decided if case.leads}
    strata = {name: stratum(material.names, case) for name, case in handled.items()}
    sample = draw(strata, drawing)
    drawn = [handled[name] for name in sample.drawn]
    told = [
        sentence(
            *("已办理的", counted(tuple(handled)), "件中抽取", counted(sample.drawn), "件，占"),
            *(part_of(sample.drawn, len(handled)), "。"),
        ),
        sentence(
            "按主办单位、一级类别、办理结果分层，各层按比例分配名额，尾数大者优先；层内按种子和编号的散列值抽取，与行的先后无关。"
        ),
    ]
    if drawing.per_unit:
        told.append(sentence(f"每个主办单位至少抽取1件，共涉及{len({one[0] for one in strata.values()})}个单位。"))
    left = [case for case in material.cases if case.suggestion.id not in handled]
    if left:
        told.append(notice("有", counted(ids(left)), "件没有主办单位，不在抽取范围内。"))
    if split := [case for case in handled.values() if len(case.leads) > 1]:
        told.append(notice("有", counted(ids(split)), "件由多个单位分办，按第一主办单位归层。"))
    units = by_unit(sample.strata)
    return Made(
        sections=(
            Section("抽取办法", tuple(told)),
            Section("抽查清单", tables=(_listing(material, drawn),)),
            Section("各单位抽取情况", tables=(_units(units, strata, set(sample.drawn)),), charts=(_chart(units),)),
            Section("各层抽取情况", tables=(_strata(sample.strata),)),
        ),
        footer=(footer(drawing, strata),),
    )


def again(
    lines: Sequence[str], cases: Sequence[Case], office: Office | None = None, catalogue: Catalogue | None = None
) -> tuple[str, ...]:
    """The ids of the sample that the footer of a sheet tells of, drawn again from the file's cases.

    Raises InputError for a footer that tells of no sample, and where the cases, or what their names mean, are no longer
    those that it was drawn from.
    """
    drawing, told = read_footer(lines)
    period = next((found for line in lines if (found := days_read(line)) is not None), Timespan())
    names = Names(catalogue, office or Office())
    strata = {case.suggestion.id: stratum(names, case) for case in within(cases, period).inside if case.leads}
    if fingerprint(strata) != told:
        raise InputError(
            f"the sample was drawn from cases with the fingerprint {told}; these have {fingerprint(strata)}. Give the "
            "same file and the same catalogue as then: a case has come, gone, or changed its unit, topic or outcome."
        )
    return draw(strata, drawing).drawn


def stratum(names: Names, case: Case) -> tuple[str, str, str]:
    """The stratum of a handled case: first lead, first level of its first topic, outcome class."""
    topics = names.topics(case)
    outcome = names.outcome(case.outcome)
    return (
        names.leads(case)[0],
        topics[0][0] if topics else UNNAMED,
        outcome.code if outcome is not None else case.outcome or UNNAMED,
    )


def _listing(material: Material, drawn: list[Case]) -> Table:
    header = ("序号", "编号", "标题", "来源", "主办单位", "会办单位", "类别", "办理结果", "检查情况")
    rows = [
        (
            number,
            case.suggestion.id,
            title_of(case),
            case.suggestion.source,
            "、".join(material.names.leads(case)),
            "、".join(material.names.co(case)),
            "；".join("/".join(path) for path in material.names.topics(case)),
            case.outcome,
            "",
        )
        for number, case in enumerate(drawn, start=1)
    ]
    links = [((), (row[1],), *(((),) * (len(header) - 2))) for row in rows]
    widths = (6.0, 14.0, 44.0, 10.0, 22.0, 28.0, 24.0, 10.0, 24.0)
    return Table("抽查清单", header, tuple(rows), tuple(links), ("count", *(("text",) * 8)), widths)


def _units(units: list[tuple[str, int, int]], strata: dict[str, tuple[str, str, str]], drawn: set[str]) -> Table:
    rows, links = [], []
    for unit, there, some in sorted(units, key=lambda one: (-one[1], one[0])):
        whole = tuple(name for name, one in strata.items() if one[0] == unit)
        own = tuple(name for name in whole if name in drawn)
        rows.append((unit, there, some, some / there))
        links.append(((), whole, own, own))
    header = ("主办单位", "办理件数", "抽取件数", "抽取比例")
    return Table("各单位抽取情况", header, tuple(rows), tuple(links), ("text", "count", "count", "share"))


def _strata(strata: tuple[tuple[tuple[str, ...], int, int], ...]) -> Table:
    rows: list[tuple[Cell, ...]] = [(*stratum, there, some) for stratum, there, some in strata]
    header = ("主办单位", "一级类别", "办理结果", "件数", "抽取")
    return Table("各层抽取情况", header, tuple(rows), forms=("text", "text", "text", "count", "count"))


def _chart(units: list[tuple[str, int, int]]) -> Chart:
    top = sorted(units, key=lambda one: (-one[1], one[0]))[:12]
    return Chart(
        "各单位抽取情况",
        "bar",
        tuple(unit for unit, _, _ in top),
        (("办理", tuple(float(there) for _, there, _ in top)), ("抽取", tuple(float(some) for _, _, some in top))),
    )
