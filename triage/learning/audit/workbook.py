"""The workbook to correct: a sheet for each kind of finding, with room for what a person decides."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from triage.duplicates.sheets import called
from triage.learning.audit import layout as page
from triage.learning.audit.casefile import CaseFile
from triage.learning.audit.findings import NAMES, Audit, Finding, Kind, percent
from triage.learning.audit.layout import LAYOUTS, Layout
from triage.learning.audit.topic_names import topic_uses
from triage.learning.audit.unit_names import unit_counts
from triage.records import Case
from triage.sheets import Choices, Row, Sheet, as_xlsx, likely

SHOWN = 20
"""Ids that a row about a name lists."""
HINT = "从清单中选，或照清单的写法填写；留空即不改。"
YES_HINT = "填“是”即按建议改；填“否”表示看过、不改。"
ROLES = {"lead": "主办", "co": "会办"}
_TOPIC_PAGES = (page.TOPIC_LABELS, page.TOPIC_NAMES)


def workbook(found: Audit, file: CaseFile) -> bytes:
    """The findings as an xlsx workbook, which `read_corrections` reads back for this file and no other.

    Confidential cases show no title.
    """
    columns = _Columns(file.cases)
    sheets = [_about(found, file)]
    sheets += [_sheet(layout, found, columns) for layout in LAYOUTS if found.of(*layout.kinds)]
    sheets += [_names(page.UNITS, found.units), _names(page.TOPICS, found.topics), _answers()]
    return as_xlsx(sheets)


def _sheet(layout: Layout, found: Audit, columns: _Columns) -> Sheet:
    rows = [[columns.text(header, finding, layout) for header in layout.headers] for finding in found.of(*layout.kinds)]
    place = {header: number for number, header in enumerate(layout.headers)}
    if not layout.now:
        return Sheet(layout.title, layout.headers, (30, 110), rows, fixed=1, lines=6)
    topics = layout in _TOPIC_PAGES
    names, title = (found.topics, page.TOPICS) if topics else (found.units, page.UNITS)
    return Sheet(
        layout.title,
        layout.headers,
        layout.widths,
        rows,
        fixed=2 if page.ID in place else 1,
        inputs=tuple(place[header] for header in (page.ACCEPT, page.CHANGE, page.WHY)),
        choices=(
            Choices((place[page.CHANGE],), title, 2, len(names) + 1, told="清单中没有这个名称。", hint=HINT),
            Choices((place[page.ACCEPT],), _ANSWERS, 2, 3, told="只填“是”或“否”。", hint=YES_HINT),
        ),
        lines=8,
    )


class _Columns:
    """What stands in a column for a finding."""

    def __init__(self, cases: Sequence[Case]) -> None:
        self._cases = {case.suggestion.id: case for case in cases}
        self._units = unit_counts(cases)
        self._topics = topic_uses(cases)
        self._writers: Mapping[str, Callable[[Finding], str]] = {
            page.TITLE: lambda finding: called(self._case(finding).suggestion),
            page.SOURCE: lambda finding: self._case(finding).suggestion.source,
            page.DAY: lambda finding: str(self._case(finding).suggestion.date or ""),
            page.LEAD_NOW: lambda finding: "；".join(self._case(finding).leads),
            page.CO_NOW: lambda finding: "；".join(self._case(finding).co),
            page.UNIT: lambda finding: finding.name,
            page.QUESTION: lambda finding: NAMES[finding.kind],
            page.ROLE: lambda finding: ROLES[finding.field],
            page.GROUP: lambda finding: str(finding.group),
            page.SURE: _sure,
            page.SAID: lambda finding: finding.text,
            page.GROUNDS: lambda finding: "\n".join(finding.grounds),
            page.LED: lambda finding: str(self._units[finding.name]["lead"]),
            page.HELPED: lambda finding: str(self._units[finding.name]["co"]),
            page.COUNT: lambda finding: str(len(self._topics.get(finding.name, ()))),
            page.CASES: lambda finding: "、".join(finding.cases[:SHOWN]) + ("…" if len(finding.cases) > SHOWN else ""),
        }

    def text(self, header: str, finding: Finding, layout: Layout) -> str:
        if header == page.ID:
            return finding.cases[0]
        if header in self._writers:
            if header == page.QUESTION and finding.kind is Kind.DIFFERENCE:
                return finding.name
            return self._writers[header](finding)
        if header == layout.now:
            return "；".join(finding.now) or finding.name
        # Of several heirs nobody can say here which one it is: all are shown, and one has to be chosen.
        return "；".join(finding.proposed) if header == layout.proposed else ""

    def _case(self, finding: Finding) -> Case:
        return self._cases[finding.cases[0]]


def _sure(finding: Finding) -> str:
    if finding.kind is Kind.CONFLICT:
        return f"同一事项 {likely(finding.proposed_chance or 0.0)}"
    told = (("现有", finding.chance), ("建议", finding.proposed_chance))
    return "，".join(f"{what} {percent(chance)}" for what, chance in told if chance is not None)


_HOW = (
    ("怎样填写", "每张表一类问题，可能性大的在前。同意建议的，在“采纳”填“是”。"),
    ("", "要改成别的，在“改为”选择或填写单位（类别）全称，几个单位之间用“；”分开。"),
    ("", "不改的留空。“原因”可以不填，填了会列入改动清单。"),
    ("请勿改动", "编号和“现…”各列。列的次序、排序和筛选可以随意；删去的行即不改。"),
    ("新单位", "清单中没有的单位，先加在“单位清单”末尾；类别同样。"),
    ("改好以后", "运行 triage audit apply 案件文件 本表 --out 新文件。原文件不动，改动逐条列入清单。"),
)


def _about(found: Audit, file: CaseFile) -> Sheet:
    """The first sheet: how to fill in, what was found, and of which file."""
    rows: list[Row] = [
        ("案件文件", file.path.name),
        (page.DIGEST, file.digest),
        ("案件数", str(found.cases)),
        *_HOW,
    ]
    rows += [(layout.title, f"{len(told)}条") for layout in LAYOUTS if (told := found.of(*layout.kinds))]
    rows += [("提示", notice.text) for notice in found.notices]
    if not found.findings:
        rows.append(("结果", "没有发现可疑之处。"))
    return Sheet(page.ABOUT, ("项目", "内容"), (18, 100), rows, fixed=1, lines=6)


def _names(title: str, names: Sequence[str]) -> Sheet:
    return Sheet(title, ("名称",), (40,), [(name,) for name in names], fixed=0)


_ANSWERS = "是否"


def _answers() -> Sheet:
    return Sheet(_ANSWERS, ("填写",), (10,), [(page.YES,), (page.NO,)], fixed=0, hidden=True)
