"""The docket as an office prints it: what is due by unit, the units' counts, and every last day."""

from __future__ import annotations

from triage.deadlines.docket import Docket, Item
from triage.deadlines.due import DUTIES
from triage.sheets import Row, Sheet

HIDDEN = "（保密件）"
DUE, UNITS, ALL, TOLD = "到期提醒", "单位汇总", "全部期限", "说明"
HEADERS = ("单位", "事项", "期限", "剩余工作日", "状态", "编号", "标题", "来源", "交办日期", "退过的单位", "备注")
WIDTHS = (20, 10, 12, 15, 18, 14, 40, 8, 12, 18, 12)
UNIT_HEADERS = ("单位", "主办", "已超期", "即将到期", "办理中", "按期答复", "超期答复", "会办意见待提", "退单期内")
UNIT_WIDTHS = (24, 8, 8, 10, 8, 10, 10, 12, 10)
RED, YELLOW = "F8CBAD", "FFE699"


def docket_sheets(docket: Docket, office: str = "") -> tuple[Sheet, ...]:
    """What is due or soon, with the day on each printed page; the units' counts; every last day; what to know of it.

    `office` is who signs.
    """
    tints = ((4, "已超期", RED), (4, "应已提出，请核对", RED), (4, "即将到期", YELLOW), (4, "退单期将满", YELLOW))
    day = f"截至{docket.on.isoformat()}"
    heading = f"{office}办理期限提醒（{day}）"
    counted = (
        f"{day}：已交办{docket.handed_out}件，未交办{docket.waiting}件，列出到期和即将到期{len(docket.urgent)}项。"
    )
    told = (counted, "剩余天数按工作日计算，当天不计；“今天到期”是最后一天。", *docket.notices)
    return (
        Sheet(DUE, HEADERS, WIDTHS, [*map(_row, docket.urgent)], fixed=1, tints=tints, heading=heading),
        Sheet(UNITS, UNIT_HEADERS, UNIT_WIDTHS, _counts(docket), fixed=1, heading=heading),
        Sheet(ALL, HEADERS, WIDTHS, [*map(_row, docket.items)], fixed=1, tints=tints, heading=heading),
        Sheet(TOLD, (TOLD,), (120,), [(line,) for line in told], fixed=0),
    )


def remaining(item: Item) -> str:
    """The working days that are left as a clerk reads them; nothing for what is done."""
    if item.done:
        return ""
    if item.left < 0:
        return f"超{-item.left}个工作日"
    return f"还有{item.left}个工作日" if item.left else "今天到期"


def _row(item: Item) -> Row:
    return (
        item.unit,
        DUTIES[item.duty],
        item.last_day.isoformat(),
        remaining(item),
        item.told,
        item.id,
        HIDDEN if item.confidential else item.title,
        item.source,
        item.handed_out.isoformat(),
        "；".join(item.returned),
        "期限暂定" if item.provisional else "",
    )


def _counts(docket: Docket) -> list[Row]:
    counted = [
        (one.leads, one.overdue, one.soon, one.open, one.answered, one.answered_late, one.opinions, one.returnable)
        for one in docket.units
    ]
    rows = [(one.unit, *map(str, numbers)) for one, numbers in zip(docket.units, counted, strict=True)]
    totals = [sum(column) for column in zip(*counted, strict=True)] or [0] * (len(UNIT_HEADERS) - 1)
    return [*rows, ("合计", *map(str, totals))]
