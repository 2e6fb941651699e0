"""The answers of a pre-check as tables that a clerk can print: a row a suggestion, and a row a part or tag."""

from __future__ import annotations

from collections.abc import Sequence

from triage.catalogue import ACTIONS
from triage.precheck.checked import PROPOSALS, ROLES, Checked
from triage.records import LABELS, LEVEL_NAMES, Grade, Span, Suggestion
from triage.sheets import Sheet, likely

URGENCIES: dict[str, str] = {"safety": "人身安全", "health": "健康", "mass": "群体", "deadline": "时限"}
"""What a clerk reads for each kind of urgency."""
COPIES: dict[str, str] = {
    "prompt": "像程序所写",
    "blank": "有空白未填",
    "web": "网页字样",
    "boilerplate": "套话较多",
    "repeated": "句子重复",
}
"""What a clerk reads for each sign of copying."""
HEADERS = (
    *("编号", "标题", "缺少", "各部分占比", "事项", "处理提示", "规则提示", "紧急"),
    *("层级", "属地", "疑似拷贝", "重复", "待核", "可用答复语", "提示"),
)
WIDTHS = (10, 34, 34, 22, 44, 12, 44, 30, 12, 18, 24, 24, 30, 50, 24)
DETAIL_HEADERS = ("编号", "种类", "名称", "原句或部分", "位置", "依据", "把握", "处理")
DETAIL_WIDTHS = (10, 10, 18, 70, 16, 34, 8, 10)
SECRET = "（保密件）"


def check_sheets(suggestions: Sequence[Suggestion], checked: Sequence[Checked]) -> list[Sheet]:
    """The overview, and a sheet with every matter, tag and reason and where it stands."""
    pairs = list(zip(suggestions, checked, strict=True))
    rows = [_row(suggestion, one) for suggestion, one in pairs]
    details = [row for _, one in pairs for row in _details(one)]
    return [
        Sheet("预审", HEADERS, WIDTHS, rows),
        Sheet("预审明细", DETAIL_HEADERS, DETAIL_WIDTHS, details, fixed=1),
    ]


def shares(one: Checked) -> str:
    """The shares of the parts as a clerk reads them: 案由20% 问题30%."""
    return " ".join(f"{ROLES[part.role]}{part.share:.0%}" for part in one.parts if part.spans)


def repeats(one: Checked) -> list[str]:
    """What the text repeats, merely related ones left out."""
    return [
        f"{hit.id}{f'《{hit.title}》' if hit.title else ''} {LABELS[hit.grade]} {likely(hit.score)}"
        for hit in one.duplicates
        if hit.grade is not Grade.RELATED
    ]


def _row(suggestion: Suggestion, one: Checked) -> tuple[str, ...]:
    place = one.jurisdiction
    matters = [
        f"{number}. {matter.ask or matter.text}{_units(matter.topic, [lead.unit for lead in matter.lead[:1]])}"
        for number, matter in enumerate(one.matters, start=1)
    ]
    return (
        one.id,
        SECRET if suggestion.confidential else suggestion.title or suggestion.text[:40],
        "\n".join(one.missing),
        shares(one),
        "\n".join(matters),
        PROPOSALS.get(one.proposal, ""),
        "\n".join(f"{tag.kind}·{tag.name}：{tag.sentence}" for tag in one.tags),
        "\n".join(f"{URGENCIES[reason.kind]}：{reason.reason}" for reason in one.urgency),
        LEVEL_NAMES.get(one.level.level, ""),
        "/".join(place.path) if place is not None else "",
        "\n".join(f"{COPIES[sign.kind]}：{sign.reason}" for sign in one.copied),
        "\n".join(repeats(one)),
        "\n".join(one.questions),
        "\n".join(one.wording),
        "\n".join(one.notices),
    )


def _units(topic: str, leads: Sequence[str]) -> str:
    told = "，".join(part for part in (topic, *leads) if part)
    return f"（{told}）" if told else ""


def _details(one: Checked) -> list[tuple[str, ...]]:
    """A row for each matter, tag, reason and sign, with where it stands."""
    rows: list[tuple[str, ...]] = [
        (one.id, "事项", f"第{number}件", matter.text, _where(*matter.spans), "", "", PROPOSALS.get(one.proposal, ""))
        for number, matter in enumerate(one.matters, start=1)
    ]
    for tag in one.tags:
        where = _where(tag.span) if tag.span else ""
        source = f"{tag.source}{tag.article}"
        rows.append((one.id, tag.kind, tag.name, tag.sentence, where, source, likely(tag.score), ACTIONS[tag.action]))
    for reason in one.urgency:
        where = _where(reason.span) if reason.span else ""
        rows.append((one.id, "紧急", URGENCIES[reason.kind], reason.sentence, where, reason.reason, "", ""))
    for sign in one.copied:
        where = _where(sign.span) if sign.span else ""
        rows.append((one.id, "疑似拷贝", COPIES[sign.kind], sign.sentence, where, sign.reason, "", ""))
    return rows


def _where(*spans: Span) -> str:
    fields = {"title": "标题", "text": "正文"}
    return "、".join(f"{fields[one.field]}{one.start + 1}–{one.end}字" for one in spans)
