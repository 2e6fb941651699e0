"""The overview (总体情况): counts by every property that the rows have, period against period."""

from __future__ import annotations

from triage.records import LABELS, Case, Mode
from triage.reports.counting import Tally, tally, tally_chart, tally_table
from triage.reports.material import Made, Material
from triage.reports.report import Chart, Section, Sentence, Table
from triage.reports.telling import changed, counted, ids, joined, listed, notice, part_of, sentence
from triage.reports.timeliness import timeliness
from triage.reports.zones import zones

GROUPS = {"solved": "已解决或基本解决", "planned": "列入计划", "kept": "留作参考", "other": "其他"}
"""What the groups of outcome classes are called."""
LEVELS = {"村": "村（社区）", "乡镇": "乡镇（街道）", "县": "县（区）", "市": "市", "省": "省及以上"}
"""How the words of `OFFICE_LEVELS` are printed: 县 means a district, too."""
TOLD = 5
"""Values that a sentence names."""


def overview(material: Material) -> Made:
    """All counts."""
    return Made(
        (
            total(material),
            sources(material),
            topics(material),
            units(material),
            modes(material),
            levels(material),
            zones(material),
            outcomes(material),
            timeliness(material),
        )
    )


def total(material: Material) -> Section:
    """How many there are, and how many before."""
    cases, before = material.cases, material.before
    told: list[Sentence] = [sentence(f"{material.period.words}共收到", counted(ids(cases)), "件。")]
    if before is not None and material.previous is not None:
        told.append(sentence(*changed(ids(cases), ids(before), material.previous.words), "。"))
    if hidden := [case for case in cases if case.suggestion.confidential]:
        told.append(sentence("其中不公开的", counted(ids(hidden)), "件，只计数，不列标题。"))
    if material.suggested:
        told.append(notice("其中", counted(tuple(sorted(material.suggested))), "件的主办单位是模型的建议，尚未决定。"))
    return Section("总体情况", tuple(told))


def sources(material: Material) -> Section:
    """By the body that they came through."""
    counts = tally("来源", material, lambda case: [case.suggestion.source])
    return counted_section("按来源", counts, "文件没有来源（source），不能按来源统计。", material)


def topics(material: Material) -> Section:
    """By first level, and by whole path where any has a second level."""
    names = material.names
    first = tally("一级类别", material, lambda case: [path[0] for path in names.topics(case)])
    section = counted_section("按类别", first, "文件没有类别（topic），不能按类别统计。", material)
    deeper = tally("类别", material, lambda case: ["/".join(path) for path in names.topics(case) if len(path) > 1])
    if not first.told or not deeper.told:
        return section
    table = tally_table(deeper, "按二级、三级类别", note="只有一级类别的列为（未注明）。")
    return Section(section.title, section.sentences, (*section.tables, table), section.charts)


def units(material: Material) -> Section:
    """By lead unit and by co-handling unit."""
    names = material.names
    leads = tally("主办单位", material, names.leads)
    helps = tally("会办单位", material, names.co)
    section = counted_section("按承办单位", leads, "文件没有主办单位（lead），不能按单位统计。", material)
    told, tables = list(section.sentences), list(section.tables)
    if helps.told:
        joint = tuple(case.suggestion.id for case in material.cases if names.co(case))
        told.append(sentence("有会办单位的", counted(joint), "件，占", part_of(joint, len(material.cases)), "。"))
        tables.append(tally_table(helps, "按会办单位"))
    else:
        told.append(notice("没有一件登记会办单位（co），不能统计会办。"))
    return Section(section.title, tuple(told), tuple(tables), section.charts)


def modes(material: Material) -> Section:
    """By handling mode. Where nobody helps anywhere, the column is likely missing, and sole says nothing."""
    known = any(case.co for case in (*material.cases, *(material.before or ())))

    def mode(case: Case) -> list[str]:
        if not case.leads or (not known and case.mode is not Mode.SPLIT):
            return []
        return [LABELS[case.mode]]

    counts = tally("办理方式", material, mode, order=[LABELS[one] for one in Mode] if known else ())
    missing = "没有一件登记会办单位（co），不能区分独办与会办。"
    section = counted_section("按办理方式", counts, missing, material)
    if known or not counts.told:
        return section
    return Section(section.title, (*section.sentences, notice(missing)), section.tables, section.charts)


def levels(material: Material) -> Section:
    """By the level at which they are handled."""

    def level(case: Case) -> list[str]:
        word = material.names.level(case.level)
        return [LEVELS.get(word, word)]

    found = tally("办理层级", material, level)
    ordered = [name for name in LEVELS.values() if name in found.now]
    counts = tally("办理层级", material, level, order=ordered) if ordered else found
    return counted_section("按办理层级", counts, "文件没有办理层级（level），不能按层级统计。", material)


def outcomes(material: Material) -> Section:
    """By the office's own outcome scheme, with what the scheme does not know."""
    names, scheme = material.names, material.office.outcomes
    written = [case for case in material.cases if case.outcome]
    strange = [case for case in written if names.outcome(case.outcome) is None]

    def code(case: Case) -> list[str]:
        outcome = names.outcome(case.outcome)
        return [] if outcome is None else [outcome.code]

    labels = {outcome.code: f"{outcome.code}（{outcome.name}）" for outcome in scheme}
    counts = tally("办理结果", material, code, order=[outcome.code for outcome in scheme])
    told: list[Sentence] = []
    tables: list[Table] = []
    charts: list[Chart] = []
    if not written:
        return Section("按办理结果", (notice("文件没有办理结果（outcome），不能按结果统计。"),))
    if counts.told:
        told += _groups(material, counts)
        tables.append(tally_table(counts, "按办理结果", labels.__getitem__))
        charts.append(tally_chart(counts, "按办理结果", labels.__getitem__))
    if strange:
        told.append(
            notice(
                *("有", counted(ids(strange)), "件的办理结果不在本单位的分类（"),
                *("、".join(outcome.code for outcome in scheme), "）之内，未计入各类："),
                listed(list(dict.fromkeys(case.outcome[:20] for case in strange))) + "。",
            )
        )
        tables.append(_strange(strange))
    return Section("按办理结果", tuple(told), tuple(tables), tuple(charts))


def counted_section(title: str, counts: Tally, missing: str, material: Material) -> Section:
    """Sentences, table and picture of one count; where no row tells, the sentence that says so and nothing else."""
    if not counts.told:
        return Section(title, (notice(missing),))
    parts = [
        (f"{value}", counted(counts.of(value)), "件（占", part_of(counts.of(value), len(counts.everything)), "）")
        for value in counts.top(TOLD)
    ]
    more = len([value for value in counts.now if counts.now[value]]) - len(parts)
    opening = f"{counts.header}居前的是：" if more else f"按{counts.header}分："
    told = [sentence(opening, *joined(parts, "；"), "。")]
    if counts.unnamed:
        told.append(notice("有", counted(counts.unnamed), f"件未注明{counts.header}。"))
    if material.before is not None and counts.before is None:
        told.append(notice(f"上期没有{counts.header}，不能比较。"))
    return Section(title, tuple(told), (tally_table(counts, title),), (tally_chart(counts, title),))


def _groups(material: Material, counts: Tally) -> list[Sentence]:
    """How many were solved, planned and kept, of those with a class of the scheme."""
    known = tuple(row for rows in counts.now.values() for row in rows)
    parts = []
    for group, name in GROUPS.items():
        rows = tuple(
            row for outcome in material.office.outcomes if outcome.group == group for row in counts.of(outcome.code)
        )
        if rows:
            parts.append((name, counted(rows), "件（", part_of(rows, len(known)), "）"))
    told = [sentence("已有办理结果的", counted(known), "件，其中", *joined(parts, "、"), "。")]
    waiting = tuple(case.suggestion.id for case in material.cases if not case.outcome)
    if waiting:
        told.append(notice("有", counted(waiting), "件尚无办理结果。"))
    return told


def _strange(cases: list[Case]) -> Table:
    found: dict[str, list[str]] = {}
    for case in cases:
        found.setdefault(case.outcome, []).append(case.suggestion.id)
    rows = [(written, len(names), "、".join(names)) for written, names in found.items()]
    links = [((), tuple(names), ()) for names in found.values()]
    header = ("填写的结果", "件数", "编号")
    return Table("分类以外的办理结果", header, tuple(rows), tuple(links), ("text", "count", "text"), (16, 8, 60))
