"""The result of a job as a file: JSON lines for programs, csv or a workbook as the command line writes them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import select

from service.jobs.kinds import RowKind, kind_of
from service.jobs.papers import MEDIA_TYPES
from service.jobs.sources import Order
from service.jobs.work import TABLES, tables_of
from service.problems import Problem
from service.store.store import Store
from service.store.tables_service import DONE, FAILED, JobItem, JobRow
from triage.sheets import Sheet, as_csv, as_xlsx, csv_lines

FORMS = ("jsonl", "csv", "xlsx")
PAGE = 500
"""Rows that are read at once."""
MOST_IN_WORKBOOK = 20_000
"""Rows of a workbook: more of them would take a minute to write, and csv is there."""


def check_there(job: JobRow, form: str | None) -> str:
    """The ending of the result. Raises Problem ``not-finished``, ``no-result``, ``invalid-request``."""
    if job.state != DONE:
        if job.state == FAILED:
            raise Problem("no-result", "The job failed. Its `problem` says why.")
        if job.finished_at is not None:
            raise Problem("no-result", "The job was cancelled.")
        raise Problem("not-finished", f"The job is {job.state}: {job.done} of {job.total or '?'} rows are done.")
    if not job.output_type or job.output_type == TABLES:
        ending = f".{form or FORMS[0]}"
        if ending == ".xlsx" and not job.output_type and job.total > MOST_IN_WORKBOOK:
            detail = f"{job.total:,} rows do not fit a workbook of {MOST_IN_WORKBOOK:,}. Take format=csv."
            raise Problem(
                "invalid-request", detail, detail_zh=f"{job.total:,}件超过工作簿的上限，请用 format=csv 下载。"
            )
        return ending
    ending = "." + job.output_name.rpartition(".")[2]
    if form is not None and f".{form}" != ending:
        raise Problem("invalid-request", f"The result is a file {ending}; leave `format` out, or ask for a new job.")
    return ending


def file_name(job: JobRow, ending: str) -> str:
    """What the file is called: plain letters, whatever the upload was called."""
    return f"{job.kind}-{job.id[:8]}{ending}"


def media_type(ending: str) -> str:
    """The media type of a file with this ending."""
    return MEDIA_TYPES[ending]


def parts(store: Store, job: JobRow, ending: str) -> Iterator[bytes]:
    """The file, part by part; each part is read in a transaction of its own. Raises StoreError."""
    kind = kind_of(Order.of(job))
    if job.output_type:
        yield _made(store, job, ending)
    elif isinstance(kind, RowKind):
        writers = {".jsonl": _lines, ".csv": _csv, ".xlsx": _workbook}
        yield from writers[ending](_items(store, job.id), kind.blank())


def _made(store: Store, job: JobRow, ending: str) -> bytes:
    with store.read() as session:
        content = session.scalar(select(JobRow.output).where(JobRow.id == job.id)) or b""
    if job.output_type != TABLES:
        return content
    tables = tables_of(content)
    if ending == ".jsonl":
        return _json_lines(tables["records"])
    sheets = [_sheet(plain) for plain in tables["sheets"]]
    return as_csv(sheets[0]) if ending == ".csv" else as_xlsx(sheets)


def _json_lines(records: Iterable[dict[str, Any]]) -> bytes:
    from triage.results import json_line

    return "".join(json_line(record) + "\n" for record in records).encode()


def _sheet(plain: dict[str, Any]) -> Sheet:
    """A sheet as it was kept. Those of jobs have no lists to pick from."""
    known: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in plain.items()}
    return Sheet(**known)


def _items(store: Store, job_id: str) -> Iterator[list[dict[str, Any]]]:
    """The results of rows, in order, some at a time."""
    last = -1
    while True:
        chosen = select(JobItem.place, JobItem.result).where(JobItem.job_id == job_id, JobItem.place > last)
        with store.read() as session:
            rows = session.execute(chosen.order_by(JobItem.place).limit(PAGE)).all()
        if not rows:
            return
        yield [row.result for row in rows]
        last = rows[-1].place


def _lines(items: Iterator[list[dict[str, Any]]], _blank: Sequence[Sheet]) -> Iterator[bytes]:
    for some in items:
        yield _json_lines(item["record"] for item in some)


def _csv(items: Iterator[list[dict[str, Any]]], blank: Sequence[Sheet]) -> Iterator[bytes]:
    yield csv_lines([blank[0].headers]).encode("utf-8-sig")
    for some in items:
        rows = [row for item in some for row in _rows(item, 0, blank[0])]
        yield csv_lines(rows).encode(errors="replace")


def _workbook(items: Iterator[list[dict[str, Any]]], blank: Sequence[Sheet]) -> Iterator[bytes]:
    rows: list[list[Sequence[str]]] = [[] for _ in blank]
    for some in items:
        for item in some:
            for place, sheet in enumerate(blank):
                rows[place] += _rows(item, place, sheet)
    filled = [
        Sheet(sheet.title, sheet.headers, sheet.widths, found, fixed=sheet.fixed)
        for sheet, found in zip(blank, rows, strict=True)
    ]
    yield as_xlsx(filled)


def _rows(item: dict[str, Any], place: int, sheet: Sheet) -> list[Sequence[str]]:
    """The rows of a sheet that one result makes; a row that could not be answered says so where the title stands."""
    if "cells" in item:
        found: list[Sequence[str]] = item["cells"][place]
        return found
    if place:
        return []
    record = item["record"]
    told = [record["id"], f"（未处理：{record['problem']['detail_zh']}）"]
    return [[*told, *([""] * (len(sheet.headers) - len(told)))]]
