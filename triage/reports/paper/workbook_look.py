"""How the cells of a report's workbook look."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from triage.reports.paper.wording import is_number, shown, told
from triage.reports.report import Cell as Value
from triage.reports.report import Form
from triage.sheets import HEAD, LINE, text_cell

if TYPE_CHECKING:
    from openpyxl.cell import Cell

INK, SOFT, LINKED, NOTICE = "1F2328", "656D76", "0A5EA8", "B24A00"
_NUMBER = re.compile(r"([0-9]{1,15}(\.[0-9]{1,6})?)(%?)", re.ASCII)
FORMATS: dict[Form, str] = {"count": "0", "share": "0.0%", "score": "0.0"}


class Look:
    """Styles, made once for all cells of a workbook; every text goes through `triage.sheets.text_cell`."""

    def __init__(self) -> None:
        from openpyxl.styles import Alignment, Border, Font, PatternFill, Side

        side = Side("thin", LINE)
        self._lines = Border(side, side, side, side)
        self._wrapped = Alignment(wrap_text=True, vertical="top")
        self._right = Alignment(horizontal="right", vertical="top")
        self._middle = Alignment(wrap_text=True, vertical="center", horizontal="center")
        self._single = Alignment(vertical="center")
        self._across = Alignment(horizontal="centerContinuous", vertical="center")
        self._fonts = {
            "title": Font(bold=True, size=18, color=INK),
            "heading": Font(bold=True, size=13, color=INK),
            "bold": Font(bold=True, size=11, color=INK),
            "text": Font(size=11, color=INK),
            "soft": Font(size=10, color=SOFT),
            "notice": Font(size=11, color=NOTICE),
            "link": Font(size=11, color=LINKED, underline="single"),
        }
        self._head = PatternFill("solid", HEAD)

    def title(self, page: Any, text: str) -> Cell:
        """The report's title, in the middle of the columns that it runs across."""
        return self._styled(text_cell(page, text), "title", self._across)

    def centred(self, page: Any, text: str) -> Cell:
        """What stands below the title."""
        return self._styled(text_cell(page, text), "text", self._across)

    def heading(self, page: Any, text: str) -> Cell:
        """The title of a part."""
        return self._styled(text_cell(page, text), "heading", self._single)

    def text(self, page: Any, text: str) -> Cell:
        """A sentence."""
        return self._styled(text_cell(page, text), "text", self._wrapped)

    def notice(self, page: Any, text: str) -> Cell:
        """A sentence that is set apart."""
        return self._styled(text_cell(page, text), "notice", self._wrapped)

    def remark(self, page: Any, text: str) -> Cell:
        """What is good to know."""
        return self._styled(text_cell(page, text), "soft", self._wrapped)

    def plain(self, page: Any, text: str) -> Cell:
        """A text that may run on over empty cells."""
        return text_cell(page, text)

    def strong(self, page: Any, value: str | int | None) -> Cell:
        """A cell of a line that heads others."""
        from openpyxl.cell import WriteOnlyCell

        cell = text_cell(page, value) if isinstance(value, str) else WriteOnlyCell(page, value)
        cell.fill = self._head
        return self._styled(cell, "bold", self._single)

    def head(self, page: Any, text: str) -> Cell:
        """A column's header."""
        cell = self._styled(text_cell(page, text), "bold", self._middle)
        cell.fill, cell.border = self._head, self._lines
        return cell

    def link(self, page: Any, text: str, place: str) -> Cell:
        """A text that leads to a place of the workbook."""
        return _leading(self._styled(text_cell(page, text), "link", self._single), place)

    def number(self, page: Any, text: str, place: str) -> Cell:
        """A number as a sentence words it (12, 25.0%, 2.50), with its link: a number here too, or Excel marks it."""
        from openpyxl.cell import WriteOnlyCell

        found = _NUMBER.fullmatch(text)
        if found is None:
            cell = text_cell(page, text)
        else:
            value = float(found[1]) if found[2] or found[3] else int(found[1])
            cell = WriteOnlyCell(page, value / 100 if found[3] else value)
            cell.number_format = f"0.{'0' * (len(found[2] or '.') - 1)}".rstrip(".") + found[3]
        return _leading(self._styled(cell, "link", self._right), place)

    def cell(self, page: Any, value: Value, form: Form, place: str = "") -> Cell:
        """A cell of a table: a number stays a number, and leads to its rows."""
        from openpyxl.cell import WriteOnlyCell

        if isinstance(value, str) or not told(value):
            cell = text_cell(page, shown(value, form))
        else:
            cell = WriteOnlyCell(page, value)
            cell.number_format = FORMATS.get(form, "General")
        cell.border = self._lines
        aligned = self._right if is_number(form) else self._wrapped
        return _leading(self._styled(cell, "link" if place else "text", aligned), place)

    def _styled(self, cell: Cell, font: str, alignment: Any) -> Cell:
        cell.font, cell.alignment = self._fonts[font], alignment
        return cell


def _leading(cell: Cell, place: str) -> Cell:
    from openpyxl.worksheet.hyperlink import Hyperlink

    if place:
        cell.hyperlink = Hyperlink(ref=cell.coordinate, location=place)
    return cell
