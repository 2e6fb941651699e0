"""Matters with different leads, and groups to answer together (并案): every proposer named, nobody left out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from triage.records import Case
from triage.reports.material import Made, Material
from triage.reports.report import Cell, Section, Sentence, Table
from triage.reports.telling import Figure, counted, notice, sentence, title_of

if TYPE_CHECKING:
    from triage.duplicates.guard import MeetingItem

NOBODY = "提出人未登记"
EVERYBODY = "并案办理的，每件原文均予保留，应当分别答复每一位提出人。"


def conflicts(material: Material) -> Made:
    """What the meeting should settle, and what could be answered together."""
    leads = leads_section(material)
    groups = groups_section(material)
    return Made((leads, groups))


def leads_section(material: Material) -> Section:
    """One matter, several leads."""
    title = "同一事项主办单位不一"
    if not any(case.leads for case in material.cases):
        return Section(title, (notice("来件没有主办单位（lead），不能比较同一事项的主办单位。"),))
    items = disputed(material)
    known = _known(material)
    if not items:
        return Section(title, (sentence("没有发现同一事项由不同单位主办的情况。"), *_how(material)))
    here = {case.suggestion.id for case in material.cases}
    rows = tuple(dict.fromkeys(name for item in items for name in _members(item) if name in here))
    matters = Figure(str(len(items)), rows)
    told = [sentence("主办单位不一的事项有", matters, "项，涉及来件", counted(rows), "件，请会前统一。")]
    table_rows: list[tuple[Cell, ...]] = []
    links = []
    for number, item in enumerate(items, start=1):
        for holding in item.holdings:
            for side in holding.members:
                case = known.get(side.id)
                table_rows.append(
                    (
                        *(number, side.id, side.title if case is None else title_of(case), side.source, _people(case)),
                        *("、".join(holding.leads), side.date, "已办" if side.decided else "本期"),
                        "、".join(item.majority) if item.majority else "",
                    )
                )
                links.append(((), (side.id,) if case is not None else (), *(((),) * 7)))
    header = ("事项", "编号", "标题", "来源", "提出人", "主办单位", "日期", "时段", "多数意见")
    widths = (6.0, 14.0, 40.0, 10.0, 20.0, 22.0, 12.0, 8.0, 22.0)
    table = Table(title, header, tuple(table_rows), tuple(links), ("count", *(("text",) * 8)), widths)
    return Section(title, (*told, *_how(material)), (table,))


def groups_section(material: Material) -> Section:
    """Groups of texts on one matter, every member with its proposers."""
    title = "并案建议"
    groups = material.repeats.groups()
    if not groups:
        return Section(title, (sentence("没有发现可以并案办理的来件。"), *_how(material)))
    known = {case.suggestion.id: case for case in material.cases}
    inside = tuple(member.id for group in groups for member in group)
    across = [group for group in groups if len({member.source for member in group if member.source}) > 1]
    told: list[Sentence] = [
        sentence(
            *("可以并案办理的有", Figure(str(len(groups)), inside), "组，共", counted(inside)),
            "件，由工作人员决定是否并案。",
        ),
    ]
    if across:
        rows = tuple(member.id for group in across for member in group)
        told.append(sentence("其中", Figure(str(len(across)), rows), "组（", counted(rows), "件）来自不同渠道。"))
    told.append(sentence(EVERYBODY))
    if nobody := [name for name in inside if not known[name].suggestion.proposers]:
        told.append(notice("有", counted(tuple(nobody)), "件未登记提出人，请补登，以免漏复。"))
    rows_, links = [], []
    for number, group in enumerate(groups, start=1):
        for member in group:
            case = known[member.id]
            rows_.append(
                (
                    *(number, member.id, title_of(case), member.source, _people(case)),
                    *("、".join(material.names.leads(case)), member.date),
                )
            )
            links.append(((), (member.id,), *(((),) * 5)))
    header = ("组", "编号", "标题", "来源", "提出人", "主办单位", "日期")
    widths = (6.0, 14.0, 44.0, 10.0, 24.0, 22.0, 12.0)
    table = Table("并案建议", header, tuple(rows_), tuple(links), ("count", *(("text",) * 6)), widths)
    return Section(title, (*told, *_how(material)), (table,))


def disputed(material: Material) -> list[MeetingItem]:
    """The matters with a case of the period whose leads differ."""
    here = {case.suggestion.id for case in material.cases}
    items = material.repeats.conflicts(material.catalogue)
    return [item for item in items if any(name in here for name in _members(item))]


def further(material: Material) -> tuple[Case, ...]:
    """The earlier cases that may be named."""
    return tuple(case for cases in material.repeats.earlier().values() for case in cases)


def _members(item: MeetingItem) -> list[str]:
    return [side.id for holding in item.holdings for side in holding.members]


def _known(material: Material) -> dict[str, Case]:
    cases = (*material.cases, *(material.before or ()), *further(material))
    return {case.suggestion.id: case for case in cases}


def _people(case: Case | None) -> str:
    return "、".join(case.suggestion.proposers) if case is not None and case.suggestion.proposers else NOBODY


def _how(material: Material) -> tuple[Sentence, ...]:
    told = []
    if not material.repeats.with_encoder:
        told.append(notice("只按文字比较，没有使用语义编码器，换了说法的重复来件可能没有找到。"))
    return tuple(told)
