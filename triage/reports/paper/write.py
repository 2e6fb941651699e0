"""A `Report` becomes a file by its ending, whole or not at all."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

from triage.bundle import storage_error
from triage.errors import InputError
from triage.reports.report import Report
from triage.results import json_line, replace_file

ENDINGS = (".xlsx", ".html", ".docx", ".json")
INSTALL = "pip install 'suggestion-triage[reports]'"

_NEEDS = {".xlsx": (), ".json": (), ".html": ("jinja2", "matplotlib"), ".docx": ("docx", "matplotlib")}


def check_paper(path: Path) -> None:
    """Raise InputError, before any work is done, where the report could not be written: another ending than `ENDINGS`,
    no such folder, a package of the extra `reports` that is not installed, no font with Chinese characters.
    """
    ending = path.suffix.lower()
    if ending not in ENDINGS:
        raise InputError(f"{path}: ending {path.suffix!r} cannot be written; allowed are {', '.join(ENDINGS)}.")
    if path.is_dir() or not path.parent.is_dir():
        what = "is a folder" if path.is_dir() else f"the folder {path.parent} does not exist"
        raise InputError(f"{path}: {what}; name a file in a folder that exists.")
    missing = [package for package in _NEEDS[ending] if find_spec(package) is None]
    if missing:
        names = ["python-docx" if package == "docx" else package for package in missing]
        raise InputError(f"{path}: {ending} needs {' and '.join(names)}; {INSTALL}, or write an .xlsx.")
    if _NEEDS[ending]:
        from triage.pictures.fonts import chinese_font

        if chinese_font("") is None:
            raise InputError(f"{path}: no font with Chinese characters was found; {INSTALL}, or write an .xlsx.")


def write_report(report: Report, path: Path) -> None:
    """Write the report as .xlsx, .html or .docx, or as .json for programs; an older file is replaced only when the new
    one is whole.

    Raises InputError as `check_paper`; StorageError if the disk is full or the file is locked, and nothing is changed.
    """
    check_paper(path)
    try:
        content = _writer(path.suffix.lower())(report)
    except OSError as error:  # a workbook goes through temporary files
        raise storage_error(path, error) from error
    replace_file(path, content)


def _writer(ending: str) -> Callable[[Report], bytes]:
    if ending == ".json":
        return _as_json
    if ending == ".xlsx":
        from triage.reports.paper.workbook import as_workbook

        return as_workbook
    if ending == ".html":
        from triage.reports.paper.page import as_page

        return as_page
    from triage.reports.paper.letter import as_letter

    return as_letter


def _as_json(report: Report) -> bytes:
    return (json_line(report.to_dict()) + "\n").encode()
