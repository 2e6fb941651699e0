"""Candidates for the vote (票决): matters that a rule of the place names, or that reach far, come again, or come
through several bodies. The score adds up from parts that are shown; who is voted on is for people to choose.
"""

from __future__ import annotations

from collections.abc import Sequence

from triage.catalogue import Rule
from triage.records import Case
from triage.reports.material import Made, Material
from triage.reports.matters import Matter, matters
from triage.reports.report import Cell, Form, Section, Sentence, Table
from triage.reports.scoring import Part, Points, Scored, areas, sources, texts, years
from triage.reports.supervision import titled
from triage.reports.telling import Figure, counted, notice, sentence

PARTS = ("本地规则", "涉及面", "重复", "以往反映", "渠道")
RULE = "票决"
RULE_POINTS = 3
"""What a matter gets that a rule of the kind 票决 names."""

_COUNT: Form = "count"


def vote(material: Material) -> Made:
    """The candidates, at most as many as the settings want."""
    rules = [rule for rule in material.office.rules if rule.kind == RULE and rule.active(material.on)]
    points = Points()
    every = [_scored(material, matter, rules, points) for matter in matters(material)]
    some = [one for one in sorted(every, key=_order) if one.total][: material.settings.most]
    told: list[Sentence] = []
    if some:
        rows = tuple(name for one in some for name in one.matter.rows)
        number = Figure(str(len(some)), rows)
        told.append(sentence("票决候选事项有", number, "项，涉及来件", counted(rows), "件。"))
    else:
        told.append(sentence("没有来件符合票决候选的条件。"))
    named = tuple(name for one in every if one.parts[0].points for name in one.parts[0].rows)
    if rules:
        told.append(sentence(f"本地票决规则{len(rules)}条，命中来件", counted(named), "件。"))
    else:
        told.append(notice("本单位的 rules.csv 没有“票决”类规则，候选事项只按涉及面、重复和渠道计分。"))
    told.append(
        sentence(
            f"计分：符合本地规则{RULE_POINTS}分，每多1个区域{points.area}分（涉及全域{points.most_areas}分），同一事项每多1件"
            f"{points.text}分，每多1年{points.year}分，每多1个渠道{points.source}分；总分为各项之和。"
        )
    )
    if every and all(one.parts[4].points is None for one in every):
        told.append(notice("来件没有来源，渠道一项不能计分。"))
    if every and all(one.parts[3].points is None for one in every):
        told.append(notice("来件没有日期和届次，以往反映一项不能计分。"))
    cases = tuple(case for one in some for case in one.matter.earlier)
    return Made((Section("票决候选事项", tuple(told), (_table(material, some),) if some else ()),), further=cases)


def _order(one: Scored) -> tuple[int, int, str]:
    return -one.total, -len(one.matter.cases), one.matter.id


def _scored(material: Material, matter: Matter, rules: Sequence[Rule], points: Points) -> Scored:
    return Scored(
        matter,
        (
            _by_rule(material, matter, rules),
            areas(matter, points),
            texts(matter, points),
            years(matter, points),
            sources(matter, points),
        ),
    )


def _by_rule(material: Material, matter: Matter, rules: Sequence[Rule]) -> Part:
    found: dict[str, Rule] = {}
    rows = []
    for case in matter.cases:
        hits = _rules_of(material, case, rules)
        found.update((rule.id, rule) for rule in hits)
        if hits:
            rows.append(case.suggestion.id)
    if not found:
        return Part(0)
    why = "、".join(
        f"{rule.name}（{rule.source}{rule.article}）" if rule.source else rule.name for rule in found.values()
    )
    return Part(RULE_POINTS, f"符合{why}", tuple(rows))


def _rules_of(material: Material, case: Case, rules: Sequence[Rule]) -> list[Rule]:
    from triage.precheck.rules import applied
    from triage.precheck.sentences import sentences_of
    from triage.text.written import written

    if not rules:
        return []
    return [hit.rule for hit in applied(rules, sentences_of(written(case.suggestion)), on=material.on)]


def _table(material: Material, some: Sequence[Scored]) -> Table:
    rows: list[tuple[Cell, ...]] = []
    links = []
    for number, one in enumerate(some, start=1):
        matter = one.matter
        leads = dict.fromkeys(lead for case in matter.cases for lead in material.names.leads(case))
        rows.append(
            (
                *(number, matter.id, titled(matter), len(matter.cases), "、".join(leads)),
                *(part.points for part in one.parts),
                *(one.total, one.reasons),
            )
        )
        links.append(
            (
                *((), (matter.id,), (), matter.rows, ()),
                *(part.rows if part.points else () for part in one.parts),
                *(matter.rows, ()),
            )
        )
    header = ("序号", "代表来件", "事项", "件数", "主办单位", *PARTS, "总分", "理由")
    forms: tuple[Form, ...] = ("count", "text", "text", "count", "text", *((_COUNT,) * len(PARTS)), "count", "text")
    widths = (6.0, 14.0, 40.0, 6.0, 22.0, *((8.0,) * len(PARTS)), 6.0, 44.0)
    return Table("票决候选事项", header, tuple(rows), tuple(links), forms, widths, "“—”为不能判断，不计分。")
