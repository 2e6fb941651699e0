"""Reading an upload in a process of its own, which may use so much memory and time and no more.

A hostile file (a zip bomb, millions of rows, entities without end) is then the end of that process alone. It is started
with ``python -c``, takes the file on standard input and writes one JSON document to standard output. What is to be done
with it stands in a file `ORDER` beside it.
"""

from __future__ import annotations

import json
import re
import sys
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

from triage.datasets import read_numbered
from triage.errors import InputError, TooManyRows
from triage.sheets import has_macros
from triage.tabular import Limits

MOST_TOLD = 20
"""Rows with something wrong that are told of at once."""
ORDER = "order.json"
"""The file that says what is to be done: a task of `TASKS`, the bounds, and options of the task."""
TOO_MUCH = {
    "detail": "reading it takes more memory or time than is allowed",
    "detail_zh": "读取所需的内存或时间超过上限，请拆分文件或另存后重试",
    "line": 0,
}
UNNAMED = "line-"
"""What a row without an id is called by, with its line, as the command line does."""
_LINE = re.compile(r":(\d+): ")


@dataclass(frozen=True, slots=True)
class Bounds:
    """What an upload may hold, and what reading it may cost: bytes of memory and seconds of a processor."""

    rows: int
    characters: int
    unpacked: int
    memory: int
    seconds: int


def main() -> None:
    """What the process does: arguments are the ending, and a folder for the file, which holds the order."""
    ending, folder = sys.argv[1], Path(sys.argv[2])
    asked = json.loads((folder / ORDER).read_text(encoding="utf-8"))
    bounds = Bounds(**asked["bounds"])
    _bind(bounds)
    path = folder / f"upload{ending}"
    try:
        answer = _answer(path, sys.stdin.buffer, lambda: TASKS[asked["task"]](path, bounds, asked["options"]))
    finally:
        path.unlink(missing_ok=True)
    json.dump(answer, sys.stdout, ensure_ascii=True)


def _bind(bounds: Bounds) -> None:
    """Let the system end this process where it takes more; Windows has no such bounds."""
    try:
        import resource
    except ModuleNotFoundError:
        return
    resource.setrlimit(resource.RLIMIT_AS, (bounds.memory, bounds.memory))
    resource.setrlimit(resource.RLIMIT_CPU, (bounds.seconds, bounds.seconds + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _answer(path: Path, content: IO[bytes], work: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    try:
        with path.open("xb") as file:
            while chunk := content.read(1 << 20):
                file.write(chunk)
        return work()
    except InputError as error:
        found = [_finding(one, path) for one in error.listed or (error,)]
        return {"findings": found, "rows": isinstance(error, TooManyRows)}
    except (MemoryError, RecursionError):
        return {"findings": [TOO_MUCH]}


def _cases(path: Path, bounds: Bounds, options: Mapping[str, Any]) -> dict[str, Any]:
    """The rows as cases; `columns` and `sheet` are those of `triage.datasets.read_table`."""
    _check_workbook(path)
    return {"cases": list(_case_records(path, bounds, options))}


def _look(path: Path, bounds: Bounds, options: Mapping[str, Any]) -> dict[str, Any]:
    """What the columns mean, and what would keep the rows from being read."""
    from triage.casefiles import look_into

    _check_workbook(path)
    seen = look_into(path, **options, limits=_limits(bounds), told=MOST_TOLD)
    problems = [_finding(error, path) | {"line": line} for line, error in seen.problems]
    columns = [asdict(column) for column in seen.columns]
    return {name: getattr(seen, name) for name in ("rows", "line", "sheet", "others", "missing")} | {
        "columns": columns,
        "problems": problems,
    }


def _draft(path: Path, bounds: Bounds, options: Mapping[str, Any]) -> dict[str, Any]:
    """What one letter says."""
    from triage.precheck.drafts import read_letter

    del options
    letter, notices = read_letter(path)
    length = len(letter.title) + len(letter.text)
    if length > bounds.characters:
        raise InputError(
            f": {length:,} characters in title and text; {bounds.characters:,} are allowed. Shorten it.",
            zh=f"共{length:,}字，上限为{bounds.characters:,}字，请缩短",
        )
    return {"title": letter.title, "text": letter.text, "notices": list(notices)}


def _meeting(path: Path, bounds: Bounds, options: Mapping[str, Any]) -> dict[str, Any]:
    """The rows of a meeting sheet that comes back."""
    from service.jobs.sheet_reading import read_sheet

    _check_workbook(path)
    return read_sheet(path, bounds, options)


TASKS = {"cases": _cases, "look": _look, "draft": _draft, "meeting": _meeting}
"""What a file can be read for; each answers with plain JSON types, or raises InputError."""


def _limits(bounds: Bounds) -> Limits:
    return Limits(1 << 40, bounds.unpacked, bounds.rows, bounds.characters)


def _case_records(path: Path, bounds: Bounds, options: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    from triage.casefiles import case_record

    told: list[InputError] = []
    for line, case in read_numbered(path, (), UNNAMED, limits=_limits(bounds), told=MOST_TOLD, **options):
        length = len(case.suggestion.title) + len(case.suggestion.text)
        if length > bounds.characters:
            detail = f":{line}: {length:,} characters in title and text; {bounds.characters:,} are allowed. Shorten it."
            told.append(InputError(detail, zh=f"标题和正文共{length:,}字，上限为{bounds.characters:,}字，请缩短"))
        elif not told:
            yield {**case_record(case), "line": line}
    if told:
        raise InputError("\n".join(map(str, told[:MOST_TOLD])), listed=tuple(told[:MOST_TOLD]))


def _check_workbook(path: Path) -> None:
    """Refuse a workbook with macros. What is no workbook at all is for `read_numbered` to say."""
    if path.suffix != ".xlsx":
        return
    try:
        with zipfile.ZipFile(path) as archive:
            if has_macros(archive):
                raise InputError(
                    ": the workbook holds macros. Save it as .xlsx without them.",
                    zh="工作簿含有宏，请另存为不含宏的 .xlsx",
                )
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        return


def _finding(error: InputError, path: Path) -> dict[str, Any]:
    """A complaint, the same in Chinese where somebody wrote it, and the line of the file, 0 for the file as a whole."""
    told = str(error).replace(str(path), "")
    match = _LINE.match(told)
    if match is None:
        return {"detail": told.removeprefix(": ").strip(), "detail_zh": error.zh, "line": 0}
    return {"detail": told[match.end() :], "detail_zh": error.zh, "line": int(match[1])}
