"""Tables that an office prints: workbooks and csv files, in which a text is a text and never a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from openpyxl import Workbook

LONGEST_CELL = 32_767
MOST_ROWS = 1_048_576
"""What Excel and WPS hold in a cell and in a sheet, the header row included."""

Row = Sequence[str]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table: its title, and for each column the header and the width in characters; `rows` hold a text a column.

    The first `fixed` columns and the header stay in view.
    """

    title: str
    headers: tuple[str, ...]
    widths: tuple[float, ...]
    rows: Sequence[Row]
    fixed: int = 2


def likely(score: float) -> str:
    """A probability as a clerk reads it: what is not certain is never 100 %."""
    return "99%以上" if 0.995 <= score < 1 else f"{score:.0%}"


def as_csv(sheet: Sheet) -> bytes:
    """The table as csv with a byte order mark, for Excel and WPS. A cell that they would take for a formula is marked
    as text.
    """
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    writer.writerow(sheet.headers)
    writer.writerows([_harmless(cell) for cell in row] for row in sheet.rows)
    return buffer.getvalue().encode("utf-8-sig", errors="replace")


def as_xlsx(sheets: Sequence[Sheet]) -> bytes:
    """The tables as a workbook to print: landscape, one page wide, the header on every page. Rows beyond what a sheet
    holds go on in the next one.
    """
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    for sheet in sheets:
        for title, rows in _parts(sheet):
            _fill(book, title, sheet, rows)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _harmless(cell: str) -> str:
    return "'" + cell if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell


def _parts(sheet: Sheet) -> Iterator[tuple[str, Sequence[Row]]]:
    room = MOST_ROWS - 1
    for number, start in enumerate(range(0, max(len(sheet.rows), 1), room), start=1):
        yield (sheet.title if number == 1 else f"{sheet.title} {number}"), sheet.rows[start : start + room]


def _fill(book: Workbook, title: str, sheet: Sheet, rows: Sequence[Row]) -> None:
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, WriteOnlyCell
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.properties import PageSetupProperties

    page = book.create_sheet(title)
    last = get_column_letter(len(sheet.headers))
    for number, width in enumerate(sheet.widths, start=1):
        page.column_dimensions[get_column_letter(number)].width = width
    page.freeze_panes = f"{get_column_letter(sheet.fixed + 1)}2"
    page.auto_filter.ref = f"A1:{last}{len(rows) + 1}"
    page.page_setup.orientation = "landscape"
    page.page_setup.fitToWidth, page.page_setup.fitToHeight = 1, 0
    page.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    page.print_title_rows = "1:1"
    wrapped, bold = Alignment(wrap_text=True, vertical="top"), Font(bold=True)
    for line, row in enumerate((sheet.headers, *rows)):
        cells = []
        for value in row:
            # Half a surrogate pair, which a shell can hand in, cannot be written either.
            text = ILLEGAL_CHARACTERS_RE.sub("", value).encode("utf-8", "replace").decode()
            cell = WriteOnlyCell(page, text[:LONGEST_CELL] or None)
            if text:
                cell.data_type = "s"  # a text that begins with = is a text
            cell.alignment = wrapped
            if not line:
                cell.font = bold
            cells.append(cell)
        page.append(cells)
