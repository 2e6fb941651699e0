"""Reading a meeting sheet that comes back: done in the process of its own that `service.jobs.reading` is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date as Date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from triage.errors import InputError

if TYPE_CHECKING:
    from service.jobs.reading import Bounds

MOST_TOLD = 200
"""Cells that cannot be read, told of at once."""


def read_sheet(path: Path, bounds: Bounds, options: Mapping[str, Any]) -> dict[str, Any]:
    """The rows of a meeting sheet as plain JSON types; what the process of its own does. `options` hold the catalogue
    in force and the day.
    """
    from triage.catalogue import Catalogue
    from triage.meeting import read_meeting
    from triage.meeting.chinese import cell_of, in_chinese

    try:
        catalogue = Catalogue.from_dict(options["catalogue"])
        meeting = read_meeting(path, catalogue=catalogue, today=Date.fromisoformat(options["today"]))
    except InputError as error:
        listed = (error.listed or (error,))[:MOST_TOLD]
        return {"findings": [_finding(one, path) for one in listed], "told": len(error.listed or (error,))}
    if len(meeting.rows) > bounds.rows:
        told = f"{len(meeting.rows):,} rows; {bounds.rows:,} are allowed. Split the sheet."
        zh = f"共{len(meeting.rows):,}行，上限为{bounds.rows:,}行，请拆分"
        return {"findings": [{"detail": told, "detail_zh": zh, "cell": ""}], "told": 1}
    remarks: dict[str, list[str]] = {}
    for remark, cell in meeting.remarks:
        remarks.setdefault(_line(cell), []).append(in_chinese(remark) or remark)
    rows = [
        {
            **{name: plain[name] for name in ("id", "title", "topic", "lead", "co", "why")},
            "suggested": _suggested(plain) if row.suggested else None,
            "address": row.address,
            "notices": list(dict.fromkeys(remarks.get(_line(row.address), ()))),
        }
        for row in meeting.rows
        for plain in (row.to_dict(),)
    ]
    everywhere = [in_chinese(notice) for notice in meeting.notices if not cell_of(notice)[0]]
    day = meeting.day.isoformat() if meeting.day else ""
    return {"rows": rows, "model": meeting.model, "day": day, "notices": [one for one in everywhere if one]}


def _finding(error: InputError, path: Path) -> dict[str, Any]:
    from triage.meeting.chinese import cell_of

    cell, said = cell_of(str(error).replace(f"{path}: ", "").replace(str(path), ""))
    return {"detail": said, "detail_zh": error.zh, "cell": cell}


def _suggested(plain: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "lead": plain["suggested_lead"],
        "co": plain["suggested_co"],
        "score": plain["score"],
        "decision": plain["decision"],
    }


def _line(address: str) -> str:
    """The row of a cell: 交办表!N12 → 交办表!12."""
    title, _, cell = address.rpartition("!")
    return f"{title}!{''.join(c for c in cell.partition(':')[0] if c.isdigit())}"
