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
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any

from service.jobs.reading import ORDER, TOO_MUCH, Bounds
from service.problems import Finding, Problem
from service.settings import Settings
from triage.records import Case, Suggestion

ENDINGS = (".csv", ".xlsx", ".jsonl")
LETTERS = (".docx", ".txt", ".md")
MEMORY = 1 << 30
"""Bytes that reading one upload may take, beside what the upload itself has."""
PER_BYTE = 16
"""More bytes of memory for each byte of the upload: a text is held as it came, decoded, and cut into cells."""
SECONDS = 300
"""Seconds of a processor that it may take in a job."""
AT_ONCE = 60
"""The same while somebody waits for the answer."""
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


def read(
    name: str, content: bytes, settings: Settings, options: Mapping[str, Any] | None = None
) -> list[tuple[int, Case]]:
    """The rows of an upload, each with its line, read in a process of its own. `options` are ``columns`` and ``sheet``
    of `triage.datasets.read_table`.

    Raises Problem ``unusable-upload``, which names line and column, up to twenty of them.
    """
    answer = in_child("cases", content, PurePosixPath(name).suffix.lower(), bounds_of(content, settings), options)
    if "cases" not in answer:
        raise refused(answer)
    return [(record["line"], _case(record)) for record in answer["cases"]]


def look(name: str, content: bytes, settings: Settings, options: Mapping[str, Any]) -> dict[str, Any]:
    """What the columns of an upload mean, as `triage.casefiles.look_into` tells it. Raises Problem
    ``unusable-upload``.
    """
    check(name, content)
    ending = PurePosixPath(name).suffix.lower()
    answer = in_child("look", content, ending, bounds_of(content, settings, AT_ONCE), options)
    if "columns" not in answer:
        raise refused(answer)
    return answer


def letter(name: str, content: bytes, settings: Settings) -> dict[str, Any]:
    """Title and text of a letter, and what is to be told of it. Raises Problem ``unusable-upload``."""
    check_letter(name, content)
    answer = in_child("draft", content, PurePosixPath(name).suffix.lower(), bounds_of(content, settings, AT_ONCE))
    if "text" not in answer:
        raise refused(answer)
    return answer


def check_letter(name: str, content: bytes) -> None:
    """Refuse at once what cannot be a letter. Raises Problem ``unusable-upload``."""
    ending = PurePosixPath(name).suffix.lower()
    if ending == ".doc" or content.startswith(_OLE):
        raise _refused(
            "it is an old .doc, or a document with a password; save it as .docx without one",
            "这是旧版 .doc 文件或带密码的文档，请去掉密码并另存为 .docx",
        )
    if ending not in LETTERS:
        raise _refused(
            f"a letter with the ending {ending or '(none)'} is not read; allowed are {', '.join(LETTERS)}",
            f"不支持{ending or '没有扩展名的'}文件，请使用 {'、'.join(LETTERS)} 文件，或直接粘贴正文",
        )
    if not content.strip():
        raise _refused("the file is empty", "文件是空的")
    if content.startswith(_ZIP) != (ending == ".docx"):
        raise _refused(
            f"the content is not what the ending {ending} says; save the file anew",
            f"文件内容与扩展名{ending}不符，请重新保存",
        )


def bounds_of(content: bytes, settings: Settings, seconds: int = SECONDS) -> Bounds:
    """What an upload may hold, and what reading it may cost."""
    return Bounds(
        rows=settings.max_job_rows,
        characters=settings.max_characters,
        unpacked=UNPACKED * settings.max_upload_bytes,
        memory=MEMORY + PER_BYTE * len(content),
        seconds=seconds,
    )


def in_child(
    task: str, content: bytes, ending: str, bounds: Bounds, options: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """What reading a file in a process of its own comes to: the answer of a task of `service.jobs.reading`, or what is
    wrong as ``findings``, for `refused`.
    """
    # What reads a stranger's file knows no address and no password of the memory.
    own = {name: value for name, value in os.environ.items() if not name.startswith(("TRIAGE_", "PG"))}
    environment = {**own, "PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "OPENBLAS_NUM_THREADS": "1"}
    with tempfile.TemporaryDirectory(prefix="triage-upload-") as folder:
        asked = {"task": task, "bounds": asdict(bounds), "options": dict(options or {})}
        Path(folder, ORDER).write_text(json.dumps(asked), encoding="utf-8")
        command = [sys.executable, "-c", _READ, ending, folder]
        try:
            done = subprocess.run(
                command, input=content, capture_output=True, env=environment, timeout=2 * bounds.seconds, check=False
            )
            answer: dict[str, Any] = json.loads(done.stdout) if done.returncode == 0 else {}
        except (subprocess.TimeoutExpired, ValueError):
            answer = {}
    return answer or {"findings": [TOO_MUCH]}


def refused(answer: Mapping[str, Any]) -> Problem:
    """The problem of a file that could not be read, with what is wrong in each line."""
    listed = [finding(one) for one in answer["findings"]]
    line = answer["findings"][0]["line"]
    where, place = (f"line {line}: ", f"第{line}行：") if line else ("", "")
    more = f" {len(listed)} findings; see `errors`." if len(listed) > 1 else ""
    more_zh = f"共{len(listed)}处，见 errors。" if len(listed) > 1 else ""
    detail = f"{where}{listed[0].detail.rstrip('.')}.{more}"
    detail_zh = f"文件无法读取。{place}{listed[0].detail_zh or listed[0].detail}。{more_zh}"
    code = "too-many-rows" if answer.get("rows") else "unusable-upload"
    return Problem(code, detail, detail_zh=detail_zh, findings=listed)


def finding(told: Mapping[str, Any]) -> Finding:
    """What is wrong with a file, and the line in which it is."""
    pointer = f"#/lines/{told['line']}" if told["line"] else "#/file"
    return Finding(detail=told["detail"], detail_zh=told["detail_zh"], pointer=pointer)


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
