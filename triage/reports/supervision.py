"""The shortlist for key supervision (重点督办): matters by a score whose parts and reasons are shown."""

from __future__ import annotations

from collections.abc import Sequence

from triage.catalogue import committee_of
from triage.reports.material import Made, Material
from triage.reports.matters import Matter, matters
from triage.reports.report import Cell, Form, Section, Sentence, Table
from triage.reports.scoring import PARTS, Points, Scored, scored
from triage.reports.telling import CONFIDENTIAL, Figure, counted, notice, sentence, title_of

_UNTOLD = (
    "",
    "来件没有日期和届次，多年反映一项不能计分。",
    "来件没有来源，多渠道一项不能计分。",
    "",
    "来件没有主办单位，主办有争议一项不能计分。",
    "不能判断答复是否超期（缺交办日期或答复日期），超期一项不能计分。",
)
"""What is said where no matter can be told a part, in the order of `PARTS`."""

_COUNT: Form = "count"


def supervision(material: Material, points: Points | None = None) -> Made:
    """The matters with the most points, at most as many as the settings want."""
    points = points or Points()
    every = [scored(matter, points) for matter in matters(material)]
    some = shortlist(every, material.settings.most)
    told: list[Sentence] = []
    if some:
        rows = tuple(name for one in some for name in one.matter.rows)
        number = Figure(str(len(some)), rows)
        told.append(sentence("建议重点督办的事项有", number, "项，涉及来件", counted(rows), "件，供领导选定。"))
    else:
        told.append(sentence("没有来件符合重点督办的任何一项条件。"))
    told.append(sentence(points.told()))
    told += untold(every)
    if not material.repeats.with_history and material.before is None:
        told.append(notice("没有以往来件，也没有上期来件可供比较，只能看出本期之内的重复。"))
    tables = (_table(material, some),) if some else ()
    cases = tuple(case for one in some for case in one.matter.earlier)
    return Made((Section("重点督办建议", tuple(told), tables), *_details(some)), further=cases)


def shortlist(every: Sequence[Scored], most: int) -> list[Scored]:
    """Those with any points, most points first; of equals the one with more texts, then by id."""
    ranked = sorted(every, key=lambda one: (-one.total, -len(one.matter.cases), one.matter.id))
    return [one for one in ranked[:most] if one.total]


def untold(every: Sequence[Scored]) -> list[Sentence]:
    """Which parts no matter can be told."""
    return [
        notice(why)
        for part, why in enumerate(_UNTOLD)
        if why and every and all(one.parts[part].points is None for one in every)
    ]


def titled(matter: Matter) -> str:
    """The title of the first case that may be named."""
    return next((title_of(case) for case in matter.cases if not case.suggestion.confidential), CONFIDENTIAL)


def _table(material: Material, some: Sequence[Scored]) -> Table:
    rows: list[tuple[Cell, ...]] = []
    links = []
    for number, one in enumerate(some, start=1):
        matter = one.matter
        leads = dict.fromkeys(lead for case in matter.cases for lead in material.names.leads(case))
        topics = [path for case in matter.cases for path in material.names.topics(case)]
        rows.append(
            (
                *(
                    number,
                    matter.id,
                    titled(matter),
                    len(matter.cases),
                    "、".join(leads),
                    _committees(material, topics),
                ),
                *(part.points for part in one.parts),
                *(one.total, one.reasons),
            )
        )
        links.append(
            (
                *((), (matter.id,), (), matter.rows, (), ()),
                *(part.rows if part.points else () for part in one.parts),
                *(matter.rows, ()),
            )
        )
    header = ("序号", "代表来件", "事项", "件数", "主办单位", "督办专工委", *PARTS, "总分", "理由")
    forms: tuple[Form, ...] = (
        *("count", "text", "text", "count", "text", "text"),
        *((_COUNT,) * len(PARTS)),
        *("count", "text"),
    )
    widths = (6.0, 14.0, 40.0, 6.0, 22.0, 18.0, *((8.0,) * len(PARTS)), 6.0, 44.0)
    note = "“—”为不能判断，不计分。"
    return Table("重点督办建议", header, tuple(rows), tuple(links), forms, widths, note)


def _committees(material: Material, topics: Sequence[tuple[str, ...]]) -> str:
    """The committees that supervise these topics."""
    return "、".join(dict.fromkeys(name for path in topics if (name := committee_of(material.office, path))))


def _details(some: Sequence[Scored]) -> tuple[Section, ...]:
    """The texts of each matter of several, earlier ones too, with everybody who raised it."""
    numbered = [(number, one.matter) for number, one in enumerate(some, start=1)]
    several = [(number, matter) for number, matter in numbered if len(matter.cases) > 1 or matter.earlier]
    rows: list[tuple[Cell, ...]] = []
    links = []
    for number, matter in several:
        for when, cases in (("本期", matter.cases), ("以往", matter.earlier)):
            for case in cases:
                suggestion = case.suggestion
                people = "、".join(suggestion.proposers)
                day = suggestion.date.isoformat() if suggestion.date else suggestion.session
                rows.append((number, suggestion.id, title_of(case), suggestion.source, people, day, when, case.outcome))
                links.append(((), (suggestion.id,), *(((),) * 6)))
    if not rows:
        return ()
    header = ("序号", "编号", "标题", "来源", "提出人", "日期", "时段", "办理结果")
    widths = (6.0, 14.0, 44.0, 10.0, 22.0, 12.0, 8.0, 10.0)
    table = Table("同一事项的来件", header, tuple(rows), tuple(links), ("count", *(("text",) * 7)), widths)
    return (Section("同一事项的来件", (), (table,)),)
