"""How the cells of a report's workbook look."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from triage.reports.paper.wording import is_number, shown, told
from triage.reports.report import Cell as Value
from triage.reports.report import Form
from triage.sheets import HEAD, LINE, text_cell

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.cell import Cell

INK, SOFT, LINKED, NOTICE = "1F2328", "656D76", "0A5EA8", "B24A00"
_NUMBER = re.compile(r"([0-9]{1,15}(\.[0-9]{1,6})?)(%?)", re.ASCII)
FORMATS: dict[Form, str] = {"count": "0", "share": "0.0%", "score": "0.0"}


class Look:
    """Styles of a workbook, each named and made once; every text goes through `triage.sheets.text_cell`.

    By name, because a cell that is given a font, an alignment and a border one by one costs ten times as much.
    """

    def __init__(self, book: Workbook) -> None:
        from openpyxl.styles import Alignment, Border, Font, PatternFill, Side

        side = Side("thin", LINE)
        self._book = book
        self._names: dict[tuple[str, str, bool, str], str] = {}
        self._lines, self._none = Border(side, side, side, side), Border()
        self._alignments = {
            "wrapped": Alignment(wrap_text=True, vertical="top"),
            "right": Alignment(horizontal="right", vertical="top"),
            "middle": Alignment(wrap_text=True, vertical="center", horizontal="center"),
            "single": Alignment(vertical="center"),
            "across": Alignment(horizontal="centerContinuous", vertical="center"),
        }
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
        return self._styled(text_cell(page, text), "title", "across")

    def centred(self, page: Any, text: str) -> Cell:
        """What stands below the title."""
        return self._styled(text_cell(page, text), "text", "across")

    def heading(self, page: Any, text: str) -> Cell:
        """The title of a part."""
        return self._styled(text_cell(page, text), "heading", "single")

    def text(self, page: Any, text: str) -> Cell:
        """A sentence."""
        return self._styled(text_cell(page, text), "text", "wrapped")

    def notice(self, page: Any, text: str) -> Cell:
        """A sentence that is set apart."""
        return self._styled(text_cell(page, text), "notice", "wrapped")

    def remark(self, page: Any, text: str) -> Cell:
        """What is good to know."""
        return self._styled(text_cell(page, text), "soft", "wrapped")

    def plain(self, page: Any, text: str) -> Cell:
        """A text that may run on over empty cells."""
        return text_cell(page, text)

    def strong(self, page: Any, value: str | int | None) -> Cell:
        """A cell of a line that heads others."""
        from openpyxl.cell import WriteOnlyCell

        cell = text_cell(page, value) if isinstance(value, str) else WriteOnlyCell(page, value)
        return self._styled(cell, "bold", "single")

    def head(self, page: Any, text: str) -> Cell:
        """A column's header."""
        return self._styled(text_cell(page, text), "bold", "middle", lines=True)

    def link(self, page: Any, text: str, place: str) -> Cell:
        """A text that leads to a place of the workbook."""
        return _leading(self._styled(text_cell(page, text), "link", "single"), place)

    def number(self, page: Any, text: str, place: str) -> Cell:
        """A number as a sentence words it (12, 25.0%, 2.50), with its link: a number here too, or Excel marks it."""
        from openpyxl.cell import WriteOnlyCell

        found = _NUMBER.fullmatch(text)
        if found is None:
            return _leading(self._styled(text_cell(page, text), "link", "right"), place)
        value = float(found[1]) if found[2] or found[3] else int(found[1])
        form = f"0.{'0' * (len(found[2] or '.') - 1)}".rstrip(".") + found[3]
        cell = WriteOnlyCell(page, value / 100 if found[3] else value)
        return _leading(self._styled(cell, "link", "right", form), place)

    def cell(self, page: Any, value: Value, form: Form | None, place: str = "") -> Cell:
        """A cell of a table: a number stays a number, and leads to its rows. Without a form it is shown as it is."""
        from openpyxl.cell import WriteOnlyCell

        shape = "General"
        if isinstance(value, str) or not told(value):
            cell = text_cell(page, shown(value, form or "text"))
        else:
            cell = WriteOnlyCell(page, value)
            shape = FORMATS.get(form or "text", shape)
        aligned = "right" if form is None or is_number(form) else "wrapped"
        return _leading(self._styled(cell, "link" if place else "text", aligned, shape, lines=True), place)

    def _styled(self, cell: Cell, font: str, alignment: str, shape: str = "General", *, lines: bool = False) -> Cell:
        key = (font, alignment, lines, shape)
        name = self._names.get(key) or self._named(key)
        quoted = cell.quotePrefix
        cell.style = name
        if quoted:
            cell.quotePrefix = True  # the style has taken it off
        return cell

    def _named(self, key: tuple[str, str, bool, str]) -> str:
        from openpyxl.styles import NamedStyle

        font, alignment, lines, shape = key
        style = NamedStyle(f"报告 {len(self._names) + 1}", self._fonts[font], number_format=shape)
        style.alignment, style.border = self._alignments[alignment], self._lines if lines else self._none
        if font == "bold":
            style.fill = self._head
        self._book.add_named_style(style)
        self._names[key] = style.name
        return style.name


def _leading(cell: Cell, place: str) -> Cell:
    from openpyxl.worksheet.hyperlink import Hyperlink

    if place:
        cell.hyperlink = Hyperlink(ref=cell.coordinate, location=place)
    return cell
