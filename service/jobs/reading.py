"""Reading an upload in a process of its own, which may use so much memory and time and no more.

A hostile file (a zip bomb, millions of rows, entities without end) is then the end of that process alone. It is started
with ``python -c``, takes the file on standard input and writes one JSON document to standard output.
"""

from __future__ import annotations

import json
import re
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from triage.datasets import read_numbered
from triage.errors import InputError, TooManyRows
from triage.sheets import has_macros
from triage.tabular import Limits

MOST_TOLD = 20
"""Rows with something wrong that are told of at once."""
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
    """What the process does: arguments are the bounds as JSON, the ending, and a folder for the file."""
    bounds, ending, folder = Bounds(**json.loads(sys.argv[1])), sys.argv[2], Path(sys.argv[3])
    _bind(bounds)
    path = folder / f"upload{ending}"
    try:
        answer = _answer(path, sys.stdin.buffer, bounds)
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


def _answer(path: Path, content: IO[bytes], bounds: Bounds) -> dict[str, Any]:
    try:
        with path.open("xb") as file:
            while chunk := content.read(1 << 20):
                file.write(chunk)
        return {"cases": list(_cases(path, bounds))}
    except InputError as error:
        lines = [line.removeprefix(str(path)) for line in str(error).replace(str(path), "").split("\n")]
        return {"findings": [_finding(line) for line in lines], "rows": isinstance(error, TooManyRows)}
    except (MemoryError, RecursionError):
        return {"findings": [{"detail": "reading it needs more memory than is allowed", "line": 0}]}


def _cases(path: Path, bounds: Bounds) -> Iterator[dict[str, Any]]:
    from triage.casefiles import case_record

    if path.suffix == ".xlsx":
        _check_workbook(path)
    limits = Limits(1 << 40, bounds.unpacked, bounds.rows, bounds.characters)
    told: list[str] = []
    for line, case in read_numbered(path, (), UNNAMED, limits=limits, told=MOST_TOLD):
        length = len(case.suggestion.title) + len(case.suggestion.text)
        if length > bounds.characters:
            allowed = f"{bounds.characters:,} are allowed"
            told.append(f":{line}: {length:,} characters in title and text; {allowed}. Shorten it.")
        elif not told:
            yield {**case_record(case), "line": line}
    if told:
        raise InputError("\n".join(told[:MOST_TOLD]))


def _check_workbook(path: Path) -> None:
    """Refuse a workbook with macros. What is no workbook at all is for `read_numbered` to say."""
    try:
        with zipfile.ZipFile(path) as archive:
            if has_macros(archive):
                raise InputError(": the workbook holds macros. Save it as .xlsx without them.")
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        return


def _finding(line: str) -> dict[str, Any]:
    """A complaint and the line of the file that it is about, 0 for the file as a whole."""
    match = _LINE.match(line)
    if match is None:
        return {"detail": line.removeprefix(": ").strip(), "line": 0}
    return {"detail": line[match.end() :], "line": int(match[1])}
