"""Files of answers: JSON lines for programs, a sheet for the meeting. Written whole or not at all."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Sequence
from pathlib import Path

from triage.bundle import storage_error
from triage.errors import InputError
from triage.records import LABELS, Suggestion, Triaged

ENDINGS = (".jsonl", ".csv", ".xlsx")

HEADERS = (
    "编号",
    "标题",
    "来源",
    "类别",
    "决定",
    "办理方式",
    "主办单位",
    "把握",
    "其他候选",
    "会办单位",
    "理由",
    "依据",
    "待核",
    "提示",
)
"""The columns of the sheet."""

WIDTHS = (10, 40, 8, 24, 10, 10, 22, 8, 40, 44, 44, 60, 30, 30)
LEAST_HELPER = 0.2
"""The probability from which a unit is proposed as helper on the sheet."""


def check_target(path: Path) -> None:
    """Raise InputError for an ending that cannot be written, before any work is done."""
    if path.suffix.lower() not in ENDINGS:
        raise InputError(f"{path}: ending {path.suffix!r} cannot be written; allowed are {', '.join(ENDINGS)}.")


def write_results(path: Path, suggestions: Sequence[Suggestion], answers: Sequence[Triaged]) -> None:
    """Write the answers by the file's ending; an older file is replaced only when the new one is whole.

    Raises StorageError if the disk is full or the file is locked.
    """
    check_target(path)
    ending = path.suffix.lower()
    if ending == ".jsonl":
        lines = (json.dumps(answer.to_dict(), ensure_ascii=False) for answer in answers)
        content = "".join(line + "\n" for line in lines).encode()
    else:
        rows = [_row(suggestion, answer) for suggestion, answer in zip(suggestions, answers, strict=True)]
        content = _csv(rows) if ending == ".csv" else _xlsx(rows)
    replace_file(path, content)


def replace_file(path: Path, content: bytes) -> None:
    """Write beside the target and rename: a reader sees the old file or the new one. Raises StorageError."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with temporary.open("wb") as handle:
            handle.write(content)
            handle.flush()
            os.fsync(handle.fileno())
        os.replace(temporary, path)
    except OSError as error:
        raise storage_error(path, error) from error
    finally:
        temporary.unlink(missing_ok=True)


def _row(suggestion: Suggestion, answer: Triaged) -> tuple[str, ...]:
    deepest = max(answer.topics, key=lambda topic: (len(topic.path), topic.score), default=None)
    first = answer.lead[0] if answer.lead else None
    helpers = [helper for helper in answer.co if helper.score >= LEAST_HELPER]
    grounds = [f"{item.unit}：{item.text}" for item in answer.evidence if first and item.unit == first.unit]
    return (
        answer.id,
        "（保密件）" if suggestion.confidential else suggestion.title or suggestion.text[:40],
        suggestion.source,
        "/".join(deepest.path) if deepest else "",
        LABELS[answer.decision],
        LABELS[answer.mode],
        first.unit if first else "",
        f"{first.score:.0%}" if first else "",
        "；".join(f"{lead.unit} {lead.score:.0%}" for lead in answer.lead[1:5]),
        "；".join(f"{helper.unit} {helper.score:.0%}" for helper in helpers),
        " ".join(reason.text for reason in answer.reasons),
        "\n".join(grounds),
        " ".join(answer.questions),
        " ".join(answer.notices),
    )


def _csv(rows: Sequence[Sequence[str]]) -> bytes:
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    writer.writerow(HEADERS)
    writer.writerows([_harmless(cell) for cell in row] for row in rows)
    return buffer.getvalue().encode("utf-8-sig")


def _harmless(cell: str) -> str:
    """A cell that a spreadsheet would take for a formula, marked as text."""
    return "'" + cell if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell


def _xlsx(rows: Sequence[Sequence[str]]) -> bytes:
    from openpyxl import Workbook
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.properties import PageSetupProperties

    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = "交办建议"
    for line, row in enumerate((HEADERS, *rows), start=1):
        for number, value in enumerate(row, start=1):
            cell = sheet.cell(line, number, ILLEGAL_CHARACTERS_RE.sub("", value)[:32_767])
            cell.data_type = "s"  # a text that begins with = is a text
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            if line == 1:
                cell.font = Font(bold=True)
    for number, width in enumerate(WIDTHS, start=1):
        sheet.column_dimensions[get_column_letter(number)].width = width
    sheet.freeze_panes = "C2"
    sheet.auto_filter.ref = sheet.dimensions
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.print_title_rows = "1:1"
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()
