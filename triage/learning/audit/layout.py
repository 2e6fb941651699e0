"""The sheets of the workbook, for writer and reader: which findings stand on which, under which columns."""

from __future__ import annotations

from dataclasses import dataclass

from triage.learning.audit.findings import Kind

ID, TITLE, SOURCE, DAY = "编号", "标题", "来源", "日期"
ACCEPT, CHANGE, WHY = "采纳", "改为", "原因"
SURE, SAID, GROUNDS, QUESTION = "把握", "说明", "依据", "问题"
GROUP, ROLE, UNIT = "组", "角色", "单位"
LEAD_NOW, LEAD_PROPOSED = "现主办", "建议主办"
TOPIC_NOW, TOPIC_PROPOSED = "现类别", "建议类别"
CO_NOW = "现会办"
UNIT_NOW, UNIT_PROPOSED = "现单位", "建议单位"
NAME_NOW, NAME_PROPOSED = "现名称", "建议名称"
LED, HELPED, COUNT, CASES = "主办件数", "会办件数", "件数", "案件"

YES, NO = "是", "否"
UNITS, TOPICS, ABOUT = "单位清单", "类别清单", "填写说明"
DIGEST = "案件文件指纹"

_WIDTHS: dict[float, tuple[str, ...]] = {
    6: (GROUP,),
    8: (SOURCE, ACCEPT, ROLE, LED, HELPED, COUNT),
    13: (ID, DAY, QUESTION),
    20: (CHANGE, WHY, SURE, UNIT, LEAD_NOW, LEAD_PROPOSED, TOPIC_NOW, TOPIC_PROPOSED, UNIT_NOW, UNIT_PROPOSED),
    26: (CO_NOW, NAME_NOW, NAME_PROPOSED, CASES),
    38: (TITLE,),
    48: (SAID, GROUNDS),
}
_WIDTH_OF = {header: width for width, headers in _WIDTHS.items() for header in headers}
_FILLED = (ACCEPT, CHANGE, WHY)


@dataclass(frozen=True, slots=True)
class Layout:
    """One sheet: `now` is the column with what stands there, `proposed` the one with the proposal, both empty on a
    sheet that is only read.
    """

    title: str
    kinds: tuple[Kind, ...]
    headers: tuple[str, ...]
    now: str = ""
    proposed: str = ""

    @property
    def widths(self) -> tuple[float, ...]:
        """The columns' widths in characters."""
        return tuple(_WIDTH_OF[header] for header in self.headers)


LEADS = Layout(
    "主办存疑",
    (Kind.LEAD,),
    (ID, TITLE, SOURCE, DAY, LEAD_NOW, LEAD_PROPOSED, *_FILLED, SURE, SAID, GROUNDS),
    *(LEAD_NOW, LEAD_PROPOSED),
)
CONFLICTS = Layout(
    "同事不同办",
    (Kind.CONFLICT,),
    (ID, TITLE, SOURCE, DAY, GROUP, LEAD_NOW, LEAD_PROPOSED, *_FILLED, SURE, SAID),
    *(LEAD_NOW, LEAD_PROPOSED),
)
CO_UNITS = Layout(
    "会办存疑",
    (Kind.BOTH_ROLES, Kind.CO_MISSING, Kind.CO_SUPERFLUOUS),
    (ID, TITLE, LEAD_NOW, CO_NOW, QUESTION, UNIT, *_FILLED, SURE, SAID, GROUNDS),
    *(UNIT, UNIT),
)
TOPIC_LABELS = Layout(
    "类别存疑",
    (Kind.TOPIC,),
    (ID, TITLE, SOURCE, DAY, TOPIC_NOW, TOPIC_PROPOSED, *_FILLED, SURE, SAID, GROUNDS),
    *(TOPIC_NOW, TOPIC_PROPOSED),
)
ENDED = Layout(
    "单位当时已撤并",
    (Kind.ENDED,),
    (ID, TITLE, DAY, ROLE, UNIT_NOW, UNIT_PROPOSED, *_FILLED, SAID),
    *(UNIT_NOW, UNIT_PROPOSED),
)
UNIT_NAMES = Layout(
    "单位名称",
    (Kind.UNKNOWN, Kind.SPELLING, Kind.FORMER, Kind.SINGLE),
    (NAME_NOW, QUESTION, LED, HELPED, NAME_PROPOSED, *_FILLED, SAID, CASES),
    *(NAME_NOW, NAME_PROPOSED),
)
TOPIC_NAMES = Layout(
    "类别名称",
    (Kind.TOPIC_UNKNOWN, Kind.TOPIC_SPELLING, Kind.TOPIC_ONCE, Kind.TOPIC_UNUSED),
    (TOPIC_NOW, QUESTION, COUNT, TOPIC_PROPOSED, *_FILLED, SAID, CASES),
    *(TOPIC_NOW, TOPIC_PROPOSED),
)
DIFFERENCES = Layout("办理差异", (Kind.DIFFERENCE,), (QUESTION, SAID))

LAYOUTS = (LEADS, CONFLICTS, CO_UNITS, TOPIC_LABELS, ENDED, UNIT_NAMES, TOPIC_NAMES, DIFFERENCES)
"""All sheets with findings, in their order in the workbook."""
