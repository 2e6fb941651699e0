"""The cases of a meeting as a file to learn from: a cases file, with what had been suggested beside it."""

from __future__ import annotations

from pathlib import Path

from triage.datasets import COLUMNS
from triage.errors import InputError
from triage.meeting.decided import Decided, Meeting
from triage.records import LABELS
from triage.results import write_file
from triage.sheets import Sheet, likely

KEYS = ("id", "title", "text", "source", "session", "date", "proposers", "wish", "confidential", "topic", "lead", "co")
HEADERS = (*(COLUMNS[key][0] for key in KEYS), "原因", "建议主办", "把握", "建议会办", "决定")
WIDTHS = (12, 34, 60, 8, 10, 11, 14, 16, 6, 16, 18, 30, 24, 18, 7, 30, 10)


def write_decided(path: str | Path, meeting: Meeting) -> int:
    """Write the decided rows that have a text, by the file's ending (.csv, .xlsx, .jsonl), and say how many. Any
    command that takes cases reads the file.

    Raises InputError for another ending, and where no row was decided; StorageError.
    """
    rows = [row for row in meeting.rows if row.decided and row.readable]
    if not rows:
        raise InputError("no row of the sheet is decided and has a text: there is nothing to learn from.")
    write_file(
        Path(path), (row.to_dict() for row in rows), [Sheet("案例", HEADERS, WIDTHS, [_row(row) for row in rows])]
    )
    return len(rows)


def _row(row: Decided) -> tuple[str, ...]:
    told = row.to_dict()
    cells = {key: "；".join(told[key]) if isinstance(told[key], list) else told[key] for key in KEYS}
    cells["confidential"] = "是" if told["confidential"] else ""
    suggested = row.suggested
    return (
        *(cells[key] for key in KEYS),
        row.why,
        "；".join(suggested.leads) if suggested else "",
        likely(suggested.lead[0].score) if suggested and suggested.lead else "",
        "；".join(suggested.co_units) if suggested else "",
        LABELS[suggested.decision] if suggested else "",
    )
