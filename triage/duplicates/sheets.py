"""What an office prints of duplicates: pairs, suggested merges, conflicts of lead, hot topics, precedents."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from triage.duplicates.groups import MergeProposal
from triage.duplicates.guard import MeetingItem
from triage.duplicates.hot import HEADERS as HOT_HEADERS
from triage.duplicates.hot import HotTopics
from triage.duplicates.precedents import HandledCase, Kind
from triage.records import LABELS, Duplicate, Suggestion
from triage.sheets import Row, Sheet, likely

HIDDEN = "（保密件）"
UNNAMED = "（未登记）"
ANSWERED = "应当分别答复每一位提出人。"
SHOWN = 40
"""Characters of a text without a title that stand in the title's place."""

PAIRS = "重复"
PAIR_HEADERS = (
    "编号",
    "标题",
    "来源",
    "等级",
    "把握",
    "对方编号",
    "对方标题",
    "对方来源",
    "届次",
    "日期",
    "主办",
    "会办",
    "办理结果",
    "依据",
    "共同语句",
)
MERGES = "并案建议"
MERGE_HEADERS = (
    "组",
    "编号",
    "标题",
    "来源",
    "届次",
    "日期",
    "提出人",
    "等级",
    "把握",
    "主办",
    "会办",
    "办理结果",
    "说明",
)
CONFLICTS = "同事不同办"
CONFLICT_HEADERS = (
    "项",
    "主办",
    "编号",
    "标题",
    "来源",
    "届次",
    "日期",
    "状态",
    "等级",
    "把握",
    "多数",
    "最近一次",
    "说明",
    "会议确定",
)
HOT = "热点事项"
PRECEDENTS = "先例"
PRECEDENT_HEADERS = (
    "编号",
    "标题",
    "类型",
    "把握",
    "先例编号",
    "先例标题",
    "来源",
    "届次",
    "日期",
    "主办",
    "会办",
    "办理结果",
    "摘要",
    "答复",
)
KINDS = {Kind.SAME_MATTER: "同一事项", Kind.SAME_DUTY: "同一职责", Kind.RELATED: "相关"}


def called(suggestion: Suggestion) -> str:
    """What a clerk calls a suggestion by: its title, else how it begins; nothing of a confidential one."""
    if suggestion.confidential:
        return HIDDEN
    return suggestion.title or " ".join(suggestion.text[:SHOWN].split())


def pairs_sheet(suggestions: Sequence[Suggestion], found: Sequence[Sequence[Duplicate]]) -> Sheet:
    """重复: a row for each text and each that it repeats."""
    rows = [
        (
            mine.id,
            called(mine),
            mine.source,
            LABELS[hit.grade],
            likely(hit.score),
            hit.id,
            hit.title,
            hit.source,
            hit.session,
            hit.date,
            "；".join(hit.lead),
            "；".join(hit.co),
            hit.outcome,
            hit.evidence.text,
            "\n".join(phrase.text for phrase in hit.evidence.shared),
        )
        for mine, hits in zip(suggestions, found, strict=True)
        for hit in hits
    ]
    return Sheet(PAIRS, PAIR_HEADERS, (12, 34, 8, 10, 7, 12, 34, 8, 12, 11, 18, 18, 8, 44, 40), rows)


def merges_sheet(proposals: Sequence[MergeProposal], leads: Mapping[str, tuple[str, ...]] | None = None) -> Sheet:
    """并案建议: a row for each member of each proposal, with all its proposers; the representative first. `leads` are
    shown, by id, for those that have none yet.
    """
    rows = [
        row for number, proposal in enumerate(proposals, start=1) for row in _members(number, proposal, leads or {})
    ]
    return Sheet(MERGES, MERGE_HEADERS, (6, 12, 40, 8, 12, 11, 22, 10, 7, 18, 18, 8, 60), rows)


def _members(number: int, proposal: MergeProposal, leads: Mapping[str, tuple[str, ...]]) -> Iterator[Row]:
    for member in proposal.members:
        chosen = member.id == proposal.representative
        yield (
            str(number),
            member.id,
            HIDDEN if member.confidential else member.title or " ".join(member.text[:SHOWN].split()),
            member.source,
            member.session,
            member.date,
            "；".join(member.proposers) or UNNAMED,
            LABELS[proposal.grade],
            "代表件" if chosen else likely(member.probability),
            "；".join(member.lead or leads.get(member.id, ())),
            "；".join(member.co),
            member.outcome,
            proposal.note if chosen else ANSWERED,
        )


def conflicts_sheet(items: Sequence[MeetingItem]) -> Sheet:
    """同事不同办: a row for each text of a matter whose leads differ, and room for what the meeting decides."""
    rows = [row for number, item in enumerate(items, start=1) for row in _holders(number, item)]
    return Sheet(CONFLICTS, CONFLICT_HEADERS, (6, 22, 12, 40, 8, 12, 11, 7, 10, 7, 18, 18, 60, 20), rows)


def _holders(number: int, item: MeetingItem) -> Iterator[Row]:
    said = item.text
    for holding in item.holdings:
        for side in holding.members:
            yield (
                str(number),
                "；".join(side.leads),
                side.id,
                side.title,
                side.source,
                side.session,
                side.date,
                "已办" if side.decided else "拟办",
                LABELS[item.grade],
                likely(item.score),
                "；".join(item.majority),
                "；".join(item.latest),
                said,
                "",
            )
            said = ""


def hot_sheets(topics: HotTopics) -> list[Sheet]:
    """热点事项: a row a topic; and 说明: the period, and what was not counted."""
    told = [
        ("时段", _days(topics.since, topics.until)),
        ("件数", str(topics.texts)),
        ("上期", _days(*topics.before) if topics.before else "无可比较"),
        ("上期件数", "" if topics.texts_before is None else str(topics.texts_before)),
        ("热点至少件数", str(topics.least)),
        ("不属于任何热点", str(topics.alone)),
        *(("提示", notice) for notice in topics.notices),
    ]
    return [
        Sheet(HOT, HOT_HEADERS, (30, 7, 7, 22, 30, 22, 60, 50), topics.rows(), fixed=1),
        Sheet("说明", ("项目", "内容"), (18, 80), told, fixed=1),
    ]


def _days(first: object, last: object) -> str:
    return f"{first or '…'} 至 {last or '…'}" if first or last else "全部"


def precedents_sheet(suggestions: Sequence[Suggestion], found: Sequence[Sequence[HandledCase]]) -> Sheet:
    """先例: a row for each text and each handled case that helps with it."""
    rows = [
        (
            mine.id,
            called(mine),
            KINDS[case.kind],
            likely(case.score),
            case.id,
            case.title,
            case.source,
            case.session,
            case.date,
            "；".join(case.lead),
            "；".join(case.co),
            case.outcome,
            case.text,
            case.reply,
        )
        for mine, cases in zip(suggestions, found, strict=True)
        for case in cases
    ]
    return Sheet(PRECEDENTS, PRECEDENT_HEADERS, (12, 34, 10, 7, 12, 34, 8, 12, 11, 18, 18, 8, 44, 60), rows)
