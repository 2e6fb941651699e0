"""A report as a letter of a Chinese office (docx), to be sent on or worked over.

Paper, margins, type sizes, fonts, line pitch, numbering of headings and page numbers follow GB/T 9704-2012; red head,
reference number, seal and date of issue do not stand on it: they are the office's. Tables and lists, of which the
standard says nothing, are set smaller.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from triage.reports.paper.charts import WIDTH, as_png, chart_font, described, is_drawn, left_out
from triage.reports.paper.letter_parts import Pen, grid, is_wide, piece
from triage.reports.paper.letter_style import set_up, turn
from triage.reports.paper.rowlists import RowList, RowLists, Target, room_for
from triage.reports.paper.wording import about, chinese_number, is_number, numbered, one_line, printable, shown
from triage.reports.report import Chart, Report, Sentence, Table

if TYPE_CHECKING:
    from triage.pictures.fonts import ChineseFont

MOST_ROWS = 300
"""Rows of the appendix that a letter prints: ten to thirty pages."""
MOST_LINES = 500
"""Rows of any other table."""
MOST_RANGES = 4_000
"""Row numbers that all lists of a letter may print."""

ROWS = "rows"


def as_letter(report: Report) -> bytes:
    """The report as docx. No macro, nothing that leads out of the file. Needs python-docx and, for pictures, matplotlib
    and a Chinese font (`check_paper`).
    """
    from docx import Document

    document: Any = Document()
    set_up(document)
    told = document.core_properties
    told.author = told.last_modified_by = one_line(report.office)[:255]
    told.title, told.comments = one_line(report.title)[:255], ""
    told.created = told.modified = datetime.now(UTC).replace(tzinfo=None)
    _Writer(Pen(document), report).write()
    content = io.BytesIO()
    document.save(content)
    return content.getvalue()


class _Writer:
    """One letter while it is written."""

    def __init__(self, pen: Pen, report: Report) -> None:
        self._pen, self._report = pen, report
        self._lists = RowLists(report)
        self._printed = _printed(report, self._lists)
        self._font: ChineseFont | None = None
        self._tables = self._pictures = 0
        self._lying = False

    def write(self) -> None:
        report, pen = self._report, self._pen
        self._font = chart_font([chart for section in report.sections for chart in section.charts])
        pen.line("Report Title", _title(report))
        for part in about(report):
            pen.line("Report About", part)
        for number, section in enumerate(report.sections, start=1):
            self._turn(lying=False)
            pen.line("Heading 1", numbered(number, section.title))
            for sentence in section.sentences:
                self._sentence(sentence)
            for table in section.tables:
                self._table(table)
            for chart in section.charts:
                self._picture(chart)
            if not (section.sentences or section.tables or section.charts):
                pen.line("Report Text", "（本部分没有内容）")
        self._turn(lying=False)
        last = len(report.sections)
        if self._lists.lists:
            last += 1
            pen.line("Heading 1", f"{chinese_number(last)}、数字所计清单")
            self._row_lists()
        pen.line("Heading 1", f"{chinese_number(last + 1)}、来历")
        pen.line("Report Note", "按下列各项可重做本报告、重抽同一样本：")
        for part in report.footer:
            pen.line("Report Note", printable(part))
        self._appendix()

    def _turn(self, *, lying: bool) -> None:
        if lying != self._lying:
            turn(self._pen.document, lying=lying)
            self._lying = lying

    def _sentence(self, sentence: Sentence) -> None:
        parts, last = [], 0
        for link in sentence.links:
            parts.append(piece(sentence.text[last : link.start]))
            parts.append(piece(sentence.text[link.start : link.end], self._anchor(self._lists.target(link.rows))))
            last = link.end
        parts.append(piece(sentence.text[last:]))
        self._pen.paragraph("Report Notice" if sentence.notice else "Report Text", parts)

    def _table(self, table: Table) -> None:
        self._tables += 1
        header = list(map(one_line, table.header))
        numbers = [is_number(table.form(at)) for at in range(len(header))]
        lines = [
            [
                (shown(cell, table.form(at)), self._anchor(self._lists.target(table.linked(number, at))))
                for at, cell in enumerate(row)
            ]
            for number, row in enumerate(table.rows[:MOST_LINES])
        ]
        self._turn(lying=is_wide(header, lines))
        self._pen.line("Report Heading", f"表{self._tables}　{one_line(table.title)}")
        if header:
            self._pen.table(grid(header, lines, numbers, wide=self._lying))
        said = [printable(table.note)] if table.note else []
        if not table.rows:
            said.append("（无）")
        if len(table.rows) > MOST_LINES:
            said.append(f"只印前 {MOST_LINES} 行，共 {len(table.rows)} 行；全表见同一报告的 xlsx。")
        self._pen.line("Report Note", " ".join(said))

    def _picture(self, chart: Chart) -> None:
        self._pictures += 1
        self._turn(lying=False)
        title = one_line(chart.title)
        if self._font is not None and is_drawn(chart):
            self._pen.picture(as_png(chart, self._font), WIDTH, described(chart))
        else:
            self._pen.line("Report Note", "没有可画的数字。")
        self._pen.line("Report Caption", f"图{self._pictures}　{title}")
        if left_out(chart):
            self._pen.line("Report Note", left_out(chart))

    def _row_lists(self) -> None:
        runs = [(one, one.ranges()) for one in self._lists.lists]
        room = room_for([len(ranges) for _, ranges in runs], MOST_RANGES)
        self._pen.line("Report Note", "正文和表中带链接的数字各指向一份清单；清单列出所计各件在附表中的序号。")
        for one, ranges in runs:
            self._pen.paragraph(
                "Report List", self._listed(one, ranges[:room], cut=len(ranges) > room), f"list{one.number}"
            )

    def _listed(self, one: RowList, ranges: Sequence[tuple[int, int]], *, cut: bool) -> list[str]:
        parts = [piece(f"清单{one.number}　{one.what}（{len(one.places)} 件）：")]
        for number, (first, last) in enumerate(ranges):
            said = f"{first}" if first == last else f"{first}–{last}"
            parts += [piece(", " if number else ""), piece(said, f"row{first}" if first in self._printed else "")]
        if cut:
            parts.append(piece(" 等，全部见同一报告的 xlsx"))
        return [*parts, piece("。")]

    def _appendix(self) -> None:
        table, pen = self._report.rows, self._pen
        self._turn(lying=True)
        pen.line("Heading 1", one_line(table.title) or "附表", ROWS)
        if len(self._printed) < len(table.rows):
            pen.line(
                "Report Note",
                f"共 {len(table.rows)} 件，这里只印 {len(self._printed)} 件，件数少的清单先印；"
                "全部各件见同一报告的 xlsx 或 html（triage report 加 --out 文件名.xlsx）。",
            )
        # An empty column has no room on paper.
        columns = [at for at in range(len(table.header)) if any(row[at] not in {None, ""} for row in table.rows)]
        lines = [
            [(str(place), ""), *((shown(table.rows[place - 1][at], table.form(at)), "") for at in columns)]
            for place in sorted(self._printed)
        ]
        marks = [f"row{place}" for place in sorted(self._printed)]
        header = ["序号", *(one_line(table.header[at]) for at in columns)]
        numbers = [True, *(is_number(table.form(at)) for at in columns)]
        pen.table(grid(header, lines, numbers, marks=marks, wide=True))
        # Always a paragraph: Word takes a letter that ends with a table for damaged.
        pen.paragraph("Report Note", [piece(table.note or ("" if table.rows else "（没有件）"))])

    def _anchor(self, target: Target | None) -> str:
        if target is None or (target.kind == "row" and target.number not in self._printed):
            return ""
        return {"all": ROWS, "row": f"row{target.number}", "list": f"list{target.number}"}[target.kind]


def _title(report: Report) -> str:
    """The title, on a new line after the period that it names: by its sense, as the standard asks."""
    title, period = one_line(report.title), one_line(report.period.words)
    before, found, after = title.partition(period) if period else (title, "", "")
    return f"{before}{found}\n{after}" if found and after and len(title) > 22 else title


def _printed(report: Report, lists: RowLists) -> set[int]:
    """The places of the rows that are printed: all that there is room for, of the shortest lists first."""
    size = len(report.rows.rows)
    if size <= MOST_ROWS:
        return set(range(1, size + 1))
    # `target` tells a number with one row; those rows come before every list.
    single = {target.number for target in map(lists.target, _links(report)) if target and target.kind == "row"}
    chosen = set(sorted(single)[:MOST_ROWS])
    for one in sorted(lists.lists, key=lambda one: len(one.places)):
        chosen |= set(one.places[: MOST_ROWS - len(chosen)])
    return chosen | set(range(1, 1 + max(0, MOST_ROWS - len(chosen))))


def _links(report: Report) -> Sequence[tuple[str, ...]]:
    sentences = [link.rows for section in report.sections for one in section.sentences for link in one.links]
    tables = [cell for section in report.sections for one in section.tables for row in one.links for cell in row]
    return [ids for ids in (*sentences, *tables) if ids]
