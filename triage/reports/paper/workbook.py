"""A report as a workbook: its words on the first sheet, a sheet for each table, charts that the office can edit, the
lists behind the numbers, and every row.
"""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from triage.reports.paper.rowlists import RowLists, Target, room_for
from triage.reports.paper.wording import about, numbered, one_line, printable, shown
from triage.reports.paper.workbook_charts import add_charts
from triage.reports.paper.workbook_look import Look
from triage.reports.report import Report, Section, Sentence, Table
from triage.sheets import MOST_ROWS, lines_of, set_printing

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.cell import Cell
    from openpyxl.worksheet.worksheet import Worksheet

FIRST, CHARTS, LISTS = "报告", "图", "清单"
MOST_LISTED = 60_000
"""Rows that all lists of a workbook may hold, so that it is written and opened in seconds."""
TEXT, NUMBER, NUMBERS = 66.0, 7.0, 6
"""Widths of the first sheet's columns in characters: the sentence, and the numbers in it with their links."""
WIDEST, PORTRAIT = 56.0, 96.0
"""Characters of the widest column, and of a table that still goes on an upright page."""

_NOT_IN_A_NAME = re.compile(r"[\[\]:*?/\\]")


def as_workbook(report: Report) -> bytes:
    """The report as xlsx. No cell is a formula; links lead to places within the workbook only."""
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    book.properties.creator = one_line(report.office)
    book.properties.title = one_line(report.title)
    writer = _Writer(book, report)
    writer.write()
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


class _Writer:
    """One workbook while it is written: where things stand must be known before the first link is."""

    def __init__(self, book: Workbook, report: Report) -> None:
        self._book, self._report, self._look = book, report, Look(book)
        self._lists = RowLists(report)
        self._taken = {FIRST.lower(), LISTS.lower(), CHARTS.lower()}
        self._rows = self._name(report.rows.title or "附表")
        self._tables = [[(table, self._name(table.title)) for table in section.tables] for section in report.sections]
        self._room = room_for([len(one.places) for one in self._lists.lists], MOST_LISTED)
        self._listed: dict[int, int] = {}
        self._last = 2
        for one in self._lists.lists:
            self._listed[one.number] = self._last
            self._last += 1 + min(len(one.places), self._room) + (len(one.places) > self._room)

    def write(self) -> None:
        charts = [chart for section in self._report.sections for chart in section.charts]
        self._first()
        for table, name in (pair for pairs in self._tables for pair in pairs):
            self._table(table, name)
        if charts:
            add_charts(self._book.create_sheet(CHARTS), charts, self._look)
        if self._lists.lists:
            self._list_sheet()
        self._row_sheet()

    def _name(self, title: str) -> str:
        """A sheet's name as Excel takes it, that no other sheet has."""
        clean = _NOT_IN_A_NAME.sub(" ", one_line(title)).strip(" '") or "表"
        name, number = _units(clean, 31), 1
        while name.lower() in self._taken or name.lower() == "history":
            number += 1
            name = f"{_units(clean, 31 - len(str(number)) - 1)} {number}"
        self._taken.add(name.lower())
        return name

    def _first(self) -> None:
        report, look = self._report, self._look
        page = self._book.create_sheet(FIRST)
        set_printing(page, landscape=False, repeated="")
        for letter, width in zip("ABCDEFG", (TEXT, *(NUMBER,) * NUMBERS), strict=True):
            page.column_dimensions[letter].width = width
        line = _Lines(page)
        across = [""] * NUMBERS
        line.add([look.title(page, text) for text in (one_line(report.title), *across)], 34)
        line.add([look.centred(page, text) for text in ("　".join(about(report)), *across)], 22)
        line.add([look.remark(page, "右侧的数字带链接：点开是所计各件。"), None], 20)
        for number, (section, tables) in enumerate(zip(report.sections, self._tables, strict=True), start=1):
            self._section(page, line, number, section, [name for _, name in tables])
        line.add([], 12)
        line.add([look.heading(page, "来历（按此可重做本报告、重抽同一样本）")], 24)
        for part in report.footer:
            line.add([look.remark(page, printable(part))], _height(part, TEXT, 10))
        line.add([look.link(page, f"{self._rows}（{len(report.rows.rows)} 件）", self._place(self._rows, "A1"))], 20)

    def _section(self, page: Worksheet, line: _Lines, number: int, section: Section, names: Sequence[str]) -> None:
        look = self._look
        line.add([look.heading(page, numbered(number, section.title))], 28)
        for sentence in section.sentences:
            text = printable(sentence.text)
            cell = look.notice(page, text) if sentence.notice else look.text(page, text)
            links = self._numbers(page, sentence)
            line.add([cell, *links[:NUMBERS]], _height(text, TEXT, 11))
            for start in range(NUMBERS, len(links), NUMBERS):
                line.add([None, *links[start : start + NUMBERS]], 18)
        for name in names:
            line.add([look.link(page, f"表：{name}", self._place(name, "A1"))], 18)
        for chart in section.charts:
            line.add([look.link(page, f"图：{one_line(chart.title)}", self._place(CHARTS, "A1"))], 18)
        if not (section.sentences or names or section.charts):
            line.add([look.remark(page, "（本部分没有内容）")], 18)

    def _numbers(self, page: Worksheet, sentence: Sentence) -> list[Cell]:
        """The numbers of a sentence that lead somewhere, each in a cell: a cell has one link only."""
        found = []
        for link in sentence.links:
            place = self._location(self._lists.target(link.rows))
            if place:
                found.append(self._look.number(page, printable(sentence.text[link.start : link.end]), place))
        return found

    def _table(self, table: Table, name: str) -> None:
        from openpyxl.utils import get_column_letter

        look = self._look
        page = self._book.create_sheet(name)
        widths = _widths(table)
        set_printing(page, landscape=sum(widths) > PORTRAIT, repeated="1:2")
        page.freeze_panes = "B3"
        last = get_column_letter(max(len(table.header), 1))
        page.auto_filter.ref = f"A2:{last}{max(len(table.rows), 1) + 2}"
        for column, width in enumerate(widths, start=1):
            page.column_dimensions[get_column_letter(column)].width = width
        line = _Lines(page)
        line.add([look.heading(page, one_line(table.title))], 26)
        header = [one_line(one) for one in table.header]
        line.add([look.head(page, one) for one in header], _tallest(header, widths))
        for number, row in enumerate(table.rows[: MOST_ROWS - 3]):
            cells = [
                look.cell(
                    page, cell, table.form(column), self._location(self._lists.target(table.linked(number, column)))
                )
                for column, cell in enumerate(row)
            ]
            line.add(cells, _tallest([shown(cell, table.form(place)) for place, cell in enumerate(row)], widths))
        if not table.rows:
            line.add([look.remark(page, "（无）")], 18)
        if table.note:
            line.add([look.plain(page, printable(table.note))], 18)

    def _list_sheet(self) -> None:
        look, page = self._look, self._book.create_sheet(LISTS)
        set_printing(page, landscape=False)
        for letter, width in zip("ABCD", (9, 9, 16, 62), strict=True):
            page.column_dimensions[letter].width = width
        rows = self._report.rows.rows
        page.freeze_panes, page.auto_filter.ref = "A2", f"A1:D{self._last - 1}"
        page.append([look.head(page, one) for one in ("清单", "序号", "编号", "所计")])
        for one in self._lists.lists:
            page.append(
                [
                    look.strong(page, one.number),
                    look.strong(page, None),
                    look.strong(page, f"{len(one.places)} 件"),
                    look.strong(page, one.what),
                ]
            )
            for place in one.places[: self._room]:
                row = rows[place - 1]
                title = row[1] if len(row) > 1 and isinstance(row[1], str) else ""
                number = look.cell(page, place, "count", self._place(self._rows, f"A{place + 1}"))
                page.append([one.number, number, look.plain(page, str(row[0])), look.plain(page, one_line(title)[:60])])
            if len(one.places) > self._room:
                rest = f"另有 {len(one.places) - self._room} 件，见「{self._rows}」"
                page.append([one.number, None, None, look.remark(page, rest)])

    def _row_sheet(self) -> None:
        from openpyxl.utils import get_column_letter

        look, table = self._look, self._report.rows
        page = self._book.create_sheet(self._rows)
        widths = [7.0, *_widths(table)]
        set_printing(page, landscape=sum(widths) > PORTRAIT)
        page.freeze_panes = "C2"
        page.auto_filter.ref = f"A1:{get_column_letter(len(widths))}{max(len(table.rows), 1) + 1}"
        for column, width in enumerate(widths, start=1):
            page.column_dimensions[get_column_letter(column)].width = width
        page.append([look.head(page, one) for one in ("序号", *map(one_line, table.header))])
        for place, row in enumerate(table.rows[: MOST_ROWS - 2], start=1):
            page.append([place, *(look.cell(page, cell, table.form(column)) for column, cell in enumerate(row))])
        if table.note:
            page.append([look.plain(page, printable(table.note))])

    def _location(self, target: Target | None) -> str:
        if target is None:
            return ""
        if target.kind == "list":
            return self._place(LISTS, f"A{self._listed[target.number]}")
        return self._place(self._rows, "A1" if target.kind == "all" else f"A{target.number + 1}")

    @staticmethod
    def _place(sheet: str, cell: str) -> str:
        return "'{}'!{}".format(sheet.replace("'", "''"), cell)


class _Lines:
    """Rows that are written one after the other, each with its height in points."""

    def __init__(self, page: Worksheet) -> None:
        self._page, self._line = page, 0

    def add(self, cells: Sequence[Cell | None], height: float) -> None:
        self._line += 1
        self._page.row_dimensions[self._line].height = height
        self._page.append(list(cells))


def _widths(table: Table) -> list[float]:
    """Columns as wide as they are said to be, or as their words need."""
    if table.widths:
        return [max(float(width), 4.0) for width in table.widths]
    found = []
    for column, name in enumerate(table.header):
        words = [name, *(shown(row[column], table.form(column)) for row in table.rows[:500])]
        longest = max((_columns(line) for word in words for line in word[:200].split("\n")), default=0)
        found.append(min(max(longest + 2.5, 7.0), WIDEST))
    return found


def _tallest(words: Sequence[str], widths: Sequence[float]) -> float:
    return max((_height(word, width - 1, 11) for word, width in zip(words, widths, strict=True)), default=18.0)


def _height(text: str, width: float, size: float) -> float:
    """Points for a text in a column so wide, at most what a row can have."""
    return min(lines_of(text, width, 26) * size * 1.4 + 4, 400.0)


def _columns(text: str) -> int:
    return sum(2 if ord(one) > 0x2E7F or one in "“”…—" else 1 for one in text)


def _units(text: str, most: int) -> str:
    """So many characters at most, as Excel counts them: an emoji is two."""
    return text.encode("utf-16-le")[: 2 * most].decode("utf-16-le", "ignore").strip(" '") or "表"
