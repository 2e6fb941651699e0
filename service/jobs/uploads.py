"""Files that are handed in: their names are cleaned, their content is looked at before anything reads it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import unicodedata
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date as Date
from pathlib import PurePosixPath, PureWindowsPath
from typing import Any

from service.jobs.reading import Bounds
from service.problems import Finding, Problem
from service.settings import Settings
from triage.records import Case, Suggestion

ENDINGS = (".csv", ".xlsx", ".jsonl")
MEMORY = 1 << 30
"""Bytes that reading one upload may take, beside what the upload itself has."""
PER_BYTE = 16
"""More bytes of memory for each byte of the upload: a text is held as it came, decoded, and cut into cells."""
SECONDS = 300
"""Seconds of a processor that it may take."""
UNPACKED = 8
"""A workbook may unpack to so many times the largest upload; a real one is three to six times its size."""
LONGEST_NAME = 100
_ZIP, _OLE = b"PK\x03\x04", bytes.fromhex("d0cf11e0a1b11ae1")
_READ = "from service.jobs.reading import main; main()"


def clean_name(name: str) -> str:
    """The last part of a file's name, without control characters and the like: only shown, never opened."""
    for kind in (PurePosixPath, PureWindowsPath):
        name = kind(name).name
    shown = "".join(one for one in name if unicodedata.category(one)[0] != "C" and one not in '<>:"|?*/\\').strip(" .")
    stem, dot, ending = shown.rpartition(".")
    if len(shown) > LONGEST_NAME and dot:
        shown = f"{stem[: LONGEST_NAME - len(ending[:10]) - 1]}.{ending[:10]}"
    return shown[:LONGEST_NAME] or "upload"


def check(name: str, content: bytes) -> None:
    """Refuse at once what cannot be read anyway. Raises Problem ``unusable-upload``."""
    ending = PurePosixPath(name).suffix.lower()
    if ending not in ENDINGS:
        raise _refused(
            f"a file with the ending {ending or '(none)'} is not read; allowed are {', '.join(ENDINGS)}",
            f"不支持{ending or '没有扩展名的'}文件，请上传 {'、'.join(ENDINGS)} 文件",
        )
    if not content.strip():
        raise _refused("the file is empty", "文件是空的")
    if content.startswith(_OLE):
        raise _refused(
            "it is an old .xls, or a workbook with a password; save it as .xlsx without one",
            "这是旧版 .xls 文件或带密码的工作簿，请去掉密码并另存为 .xlsx",
        )
    if content.startswith(_ZIP) != (ending == ".xlsx"):
        raise _refused(
            f"the content is not what the ending {ending} says; save the file anew",
            f"文件内容与扩展名{ending}不符，请重新保存",
        )


def read(name: str, content: bytes, settings: Settings) -> list[tuple[int, Case]]:
    """The rows of an upload, each with its line, read in a process of its own.

    Raises Problem ``unusable-upload``, which names line and column, up to twenty of them.
    """
    ending = PurePosixPath(name).suffix.lower()
    bounds = Bounds(
        rows=settings.max_job_rows,
        characters=settings.max_characters,
        unpacked=UNPACKED * settings.max_upload_bytes,
        memory=MEMORY + PER_BYTE * len(content),
        seconds=SECONDS,
    )
    answer = _run(content, ending, bounds)
    if "cases" not in answer:
        raise _told(answer)
    return [(record["line"], _case(record)) for record in answer["cases"]]


def _run(content: bytes, ending: str, bounds: Bounds) -> dict[str, Any]:
    # What reads a stranger's file knows no address and no password of the memory.
    own = {name: value for name, value in os.environ.items() if not name.startswith(("TRIAGE_", "PG"))}
    environment = {**own, "PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "OPENBLAS_NUM_THREADS": "1"}
    with tempfile.TemporaryDirectory(prefix="triage-upload-") as folder:
        command = [sys.executable, "-c", _READ, json.dumps(asdict(bounds)), ending, folder]
        try:
            done = subprocess.run(
                command, input=content, capture_output=True, env=environment, timeout=2 * bounds.seconds, check=False
            )
            answer: dict[str, Any] = json.loads(done.stdout) if done.returncode == 0 else {}
        except (subprocess.TimeoutExpired, ValueError):
            answer = {}
    return answer or {"findings": [{"detail": "reading it takes more memory or time than is allowed", "line": 0}]}


def _told(answer: Mapping[str, Any]) -> Problem:
    listed = [
        Finding(detail=one["detail"], pointer=f"#/lines/{one['line']}" if one["line"] else "#/file")
        for one in answer["findings"]
    ]
    line = answer["findings"][0]["line"]
    where, place = (f"line {line}: ", f"第{line}行：") if line else ("", "")
    more = f" {len(listed)} findings; see `errors`." if len(listed) > 1 else ""
    detail = f"{where}{listed[0].detail.rstrip('.')}.{more}"
    code = "too-many-rows" if answer.get("rows") else "unusable-upload"
    return Problem(code, detail, detail_zh=f"文件无法读取。{place}{listed[0].detail}", findings=listed)


def _refused(detail: str, detail_zh: str) -> Problem:
    return Problem("unusable-upload", f"The file cannot be read: {detail}.", detail_zh=f"文件无法读取：{detail_zh}。")


def _case(record: Mapping[str, Any]) -> Case:
    """The case of a record of `triage.casefiles.case_record`."""
    suggestion = Suggestion(
        id=record["id"],
        title=record["title"],
        text=record["text"],
        source=record["source"],
        session=record["session"],
        date=_day(record["date"]),
        proposers=tuple(record["proposers"]),
        wish=record["wish"],
        confidential=record["confidential"],
    )
    return Case(
        suggestion,
        tuple(record["lead"]),
        tuple(record["co"]),
        tuple(record["topic"]),
        record["reply"],
        record["outcome"],
        tuple(record["returned"]),
        _day(record["handed_out"]),
        _day(record["replied"]),
        record["area"],
        record["level"],
    )


def _day(value: str | None) -> Date | None:
    return Date.fromisoformat(value) if value else None
