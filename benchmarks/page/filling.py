"""What lies in the memory when the page is looked at: advice for the demo's suggestions, a session of thousands."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import httpx

from benchmarks.page.serving import Served
from benchmarks.speed.texts import letters

HEADER = ("编号", "标题", "内容", "来源", "届次", "日期", "提出人")
SOURCES = ("人大", "政协", "群众")
WAIT = 900.0


def advise(served: Served) -> None:
    """Have all suggestions of the memory answered, and the answers kept. Raises RuntimeError where that fails."""
    headers = {"Authorization": f"Bearer {served.key}"}
    body = {"kind": "triage", "options": {"store": True}}
    job = httpx.post(f"{served.address}/v1/jobs", json=body, headers=headers, timeout=60)
    finished(served, job.raise_for_status().json())


def hand_in(served: Served, rows: int) -> float:
    """Hand in a session of `rows` letters as a file and have them answered; the seconds that took."""
    lines = []
    for number, values in enumerate(session(rows)):
        named = dict(zip(("id", "title", "text", "source", "session", "date", "proposers"), values, strict=True))
        lines.append(json.dumps({**named, "id": f"m{number}", "proposers": [named["proposers"]]}, ensure_ascii=False))
    began = time.perf_counter()
    form = {"kind": "triage", "options": json.dumps({"store": True})}
    job = httpx.post(
        f"{served.address}/v1/jobs",
        data=form,
        files={"file": ("session.jsonl", "\n".join(lines).encode())},
        headers={"Authorization": f"Bearer {served.key}"},
        timeout=60,
    )
    finished(served, job.raise_for_status().json())
    return time.perf_counter() - began


def finished(served: Served, job: dict[str, Any]) -> dict[str, Any]:
    """The job when it is over. Raises RuntimeError unless every row of it is done."""
    deadline = time.monotonic() + WAIT
    while job["state"] in {"queued", "running"} and time.monotonic() < deadline:
        time.sleep(0.2)
        job = served.call("GET", f"/v1/jobs/{job['id']}")
    if job["state"] != "done" or job["failures"]:
        raise RuntimeError(f"the job ended as {job['state']}: {job.get('problem')}")
    return job


def session(rows: int) -> list[tuple[str, str, str, str, str, str, str]]:
    """The rows of an office's sheet under `HEADER`: letters of our own writing, each with a number in its title."""
    found = []
    for number, case in enumerate(letters(rows), start=1):
        title = f"{case.suggestion.title.removesuffix('的建议')}的建议（{number}号）"
        day = f"2026-{1 + number % 3:02d}-{1 + number % 28:02d}"
        source = SOURCES[number % len(SOURCES)]
        found.append((f"{number:04d}", title, case.suggestion.text, source, "十七届一次", day, f"代表{number % 300}"))
    return found


def workbook(file: Path, rows: int) -> Path:
    """The same as the Excel file that an office drops onto the page."""
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet("建议")
    sheet.append(HEADER)
    for row in session(rows):
        sheet.append(row)
    book.save(file)
    return file
