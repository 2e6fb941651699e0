"""``POST /v1/workbook``: any table that a page shows, as a workbook to print and to work on. Nothing is stored."""

from __future__ import annotations

import math
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Body, Response

from service.problems import documented
from service.shapes.workbook import WORKBOOK, Cell, TableIn, WorkbookIn
from service.store.decisions import today
from service.web.body import JsonRoute
from service.web.caller import FOR_READING
from service.web.dependencies import ReadingOf

router = APIRouter(prefix="/v1", tags=["files"], route_class=JsonRoute)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
NOTE = "说明"
MADE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The workbook",
        "content": {XLSX: {"schema": {"type": "string", "format": "binary"}, "example": ""}},
    },
    **documented("queue-full"),
}


@router.post(
    "/workbook", response_class=Response, responses=MADE, dependencies=[FOR_READING], summary="Tables as a workbook"
)
async def workbook(body: Annotated[WorkbookIn, Body(openapi_examples=WORKBOOK)], reading: ReadingOf) -> Response:
    """A sheet for each table, with its header on every page. Texts stay texts, whatever they begin with; a column in
    which nothing but numbers stands holds numbers. Up to 20,000 rows, 100 columns a table, 200,000 cells in all.
    """
    content = await reading.run(lambda: _made(body))
    name = f"{body.title or '表格'}-{today():%Y%m%d}.xlsx"
    headers = {
        "Content-Disposition": f"attachment; filename=\"workbook.xlsx\"; filename*=UTF-8''{quote(name, safe='')}",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
    }
    return Response(content, media_type=XLSX, headers=headers)


def _made(body: WorkbookIn) -> bytes:
    """The workbook's bytes, made in a thread of the queue."""
    from triage.sheets import Sheet, as_xlsx, fitting_widths, sheet_names

    names = sheet_names([*(table.title for table in body.tables), *([NOTE] if body.note else [])])
    sheets = []
    for table, name in zip(body.tables, names, strict=False):
        rows, header = [_texts(table, row) for row in table.rows], tuple(table.header)
        sheets.append(
            Sheet(
                name,
                header,
                fitting_widths(header, rows),
                rows,
                fixed=1,
                numbers=_numbers(table),
                heading=body.title,
            )
        )
    if body.note:
        lines = [(line,) for line in body.note.splitlines() if line.strip()]
        sheets.append(Sheet(names[-1], (body.title or NOTE,), (80.0,), lines, fixed=0, heading=body.title))
    return as_xlsx(sheets)


def _numbers(table: TableIn) -> tuple[int, ...]:
    """The columns in which nothing but numbers stands."""
    return tuple(
        column
        for column in range(len(table.header))
        if all(_is_number(row[column]) for row in table.rows if column < len(row) and row[column] not in (None, ""))
    )


def _is_number(cell: Cell) -> bool:
    return isinstance(cell, int | float) and not isinstance(cell, bool)


def _texts(table: TableIn, row: list[Cell]) -> list[str]:
    return [*map(_text, row), *[""] * (len(table.header) - len(row))]


def _text(cell: Cell) -> str:
    if cell is None or (isinstance(cell, float) and not math.isfinite(cell)):
        return ""
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, float):
        return f"{cell:.15g}" if abs(cell) >= 1e-4 or not cell else f"{cell:.10f}".rstrip("0").rstrip(".")
    return str(cell)
