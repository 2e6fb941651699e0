"""A meeting sheet (交办表) that comes back: what was decided, held against what the memory has. Nothing is changed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from service.jobs.bench import Bench
from service.jobs.kinds import Tables
from service.jobs.sources import Order
from service.jobs.uploads import bounds_of, in_child
from service.problems import Finding, Problem
from service.store.decisions import today
from service.store.kept import Held, standing
from triage.sheets import Sheet

if TYPE_CHECKING:
    from triage.meeting.names import NameReader

TASK = "meeting"
CHANGES = {
    "new": "新决定",
    "changed": "与现决定不同",
    "same": "与现决定相同",
    "undecided": "未决定",
    "unknown": "系统中没有",
}
HEADERS = (
    "编号",
    "标题",
    "变化",
    "建议主办",
    "建议会办",
    "现主办",
    "现会办",
    "会议主办",
    "会议会办",
    "原因",
    "提示",
    "位置",
)
WIDTHS = (14, 34, 14, 18, 24, 18, 24, 18, 24, 24, 34, 12)


def decided(bench: Bench, order: Order, content: bytes) -> Tables:
    """A record for each row of the sheet: what was suggested, what the memory has, what was decided, and how these
    differ. Raises Problem ``unusable-upload``, which names each cell that cannot be read.
    """
    answering = bench.answering()
    catalogue = answering.place.catalogue or answering.triager.catalogue
    ending = PurePosixPath(order.name).suffix.lower()
    asked = {"catalogue": catalogue.to_dict(), "today": today().isoformat()}
    sheet = in_child(TASK, content, ending, bounds_of(content, bench.settings), asked)
    if "rows" not in sheet:
        raise _refused(sheet)
    with bench.store.snapshot() as session:
        refs = [row["id"] for row in sheet["rows"]]
        held = standing(session, refs, confidential=order.confidential)
    records = [_record(row, held.get(row["id"]), sheet, answering.names) for row in sheet["rows"]]
    return Tables(records, [Sheet("会议决定", HEADERS, WIDTHS, [_cells(record) for record in records])])


def _record(row: Mapping[str, Any], held: Held | None, sheet: Mapping[str, Any], names: NameReader) -> dict[str, Any]:
    lead, co = row["lead"], row["co"]
    wanted = {"lead": lead, "co": co, "topics": row["topic"], "reason": row["why"]} if lead else None
    before = None
    if held is not None and held.lead:
        before = {"lead": list(held.lead), "co": list(held.co), "topics": list(held.topics), "number": held.number}
    notices = [*sheet["notices"], *row["notices"]]
    strange = [unit for unit in (*lead, *co) if names.read(unit, today()).problems]
    notices += [f"单位目录中没有“{unit}”，请先在单位目录中增加，再登记决定" for unit in strange]
    stored = held.at.astimezone().date().isoformat() if held is not None and held.at else ""
    if wanted and sheet["day"] and stored > sheet["day"]:
        notices.append(f"制表（{sheet['day']}）之后，系统中已登记新的决定，请核对")
    return {
        "id": row["id"],
        "title": held.title if held else row["title"],
        "suggested": row["suggested"],
        "before": before,
        "decided": wanted,
        "change": _change(row, held),
        "expected": held.number if held else 0,
        "answer": held.answer if held and held.answer and held.model == sheet["model"] else None,
        "address": row["address"],
        "notices": notices,
    }


def _change(row: Mapping[str, Any], held: Held | None) -> str:
    """A key of `CHANGES`. The order of units says nothing; topics count where the sheet has some."""
    if held is None:
        return "unknown"
    if not row["lead"]:
        return "undecided"
    if not held.lead:
        return "new"
    units = set(row["lead"]) == set(held.lead) and set(row["co"]) == set(held.co)
    topics = not row["topic"] or set(row["topic"]) == set(held.topics)
    return "same" if units and topics else "changed"


def _cells(record: Mapping[str, Any]) -> tuple[str, ...]:
    suggested, before, wanted = (record[name] or {} for name in ("suggested", "before", "decided"))
    units = ["；".join(told.get(role, ())) for told in (suggested, before, wanted) for role in ("lead", "co")]
    told = (wanted.get("reason", ""), "；".join(record["notices"]), record["address"])
    return (record["id"], record["title"], CHANGES[record["change"]], *units, *told)


def _refused(answer: Mapping[str, Any]) -> Problem:
    """The problem of a sheet that could not be read, with each cell."""
    found = [
        Finding(
            detail=one["detail"],
            detail_zh=one["detail_zh"],
            pointer=f"#/cells/{one['cell']}" if one.get("cell") else "#/file",
        )
        for one in answer["findings"]
    ]
    cell = answer["findings"][0].get("cell", "")
    count = answer.get("told", len(found))
    more, more_zh = (f" {count} findings; see `errors`.", f"共{count}处。") if count > 1 else ("", "")
    where, first = (f"{cell}: ", found[0]) if cell else ("", found[0])
    return Problem(
        "unusable-upload",
        f"{where}{first.detail.rstrip('.')}.{more} Nothing was read.",
        detail_zh=f"交办表无法读取。{where}{first.detail_zh or first.detail}。{more_zh}请改正后重新上传。",
        findings=found,
    )
