"""The rows that a report's numbers link to: every suggestion once, by its id."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from triage.records import LABELS, Case
from triage.reports.material import Material
from triage.reports.report import Table
from triage.reports.telling import title_of

HEADER = (
    *("编号", "标题", "范围", "来源", "届次", "日期", "类别", "主办单位", "会办单位", "办理方式", "属地", "层级"),
    *("办理结果", "提出人", "交办日期", "答复日期"),
)
WIDTHS = (14.0, 44.0, 8.0, 10.0, 12.0, 12.0, 24.0, 22.0, 30.0, 8.0, 12.0, 8.0, 10.0, 20.0, 12.0, 12.0)
_ALWAYS = 3
"""The first so many columns are there even where they are empty."""


def appendix(material: Material, others: Sequence[tuple[str, Iterable[Case]]], linked: set[str]) -> Table:
    """The cases of the period, then those of the period before and the `others` (named groups) that are linked.

    Columns in which nobody has anything are left out.
    """
    scope = "本期" if material.before is not None else ""
    rows = [_row(material, case, scope) for case in material.cases]
    seen = {case.suggestion.id for case in material.cases}
    for name, cases in (("上期", material.before or ()), *others):
        for case in cases:
            if case.suggestion.id in linked and case.suggestion.id not in seen:
                seen.add(case.suggestion.id)
                rows.append(_row(material, case, name))
    kept = [column for column in range(len(HEADER)) if column < _ALWAYS or any(row[column] for row in rows)]
    return Table(
        title="附：来件一览",
        header=tuple(HEADER[column] for column in kept),
        rows=tuple(tuple(row[column] for column in kept) for row in rows),
        widths=tuple(WIDTHS[column] for column in kept),
    )


def _row(material: Material, case: Case, scope: str) -> tuple[str, ...]:
    suggestion, names = case.suggestion, material.names
    suggested = "（模型建议）" if suggestion.id in material.suggested else ""
    return (
        suggestion.id,
        title_of(case),
        scope,
        suggestion.source,
        suggestion.session,
        suggestion.date.isoformat() if suggestion.date else "",
        "；".join("/".join(path) for path in names.topics(case)),
        "、".join(names.leads(case)) + suggested,
        "、".join(names.co(case)),
        LABELS[case.mode] if case.leads else "",
        case.area,
        case.level,
        case.outcome,
        "、".join(suggestion.proposers),
        case.handed_out.isoformat() if case.handed_out else "",
        case.replied.isoformat() if case.replied else "",
    )
