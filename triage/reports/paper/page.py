"""A report as one HTML page that needs nothing else: no script, no network, pictures within, light and dark."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING

from triage.reports.paper.charts import as_svg, chart_font, described, is_drawn, left_out
from triage.reports.paper.rowlists import RowLists, Target, room_for
from triage.reports.paper.wording import about, is_number, numbered, one_line, printable, shown
from triage.reports.report import Chart, Report, Sentence, Table

if TYPE_CHECKING:
    from triage.pictures.fonts import ChineseFont

TEMPLATE = "report.html.j2"
MOST_RANGES = 60_000
"""Links to rows that all lists of a page may hold, so that a browser opens it at once."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a sentence or a cell, with the anchor that it leads to, if any."""

    text: str
    anchor: str = ""


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawing; `svg` is empty where there is nothing to draw."""

    title: str
    svg: str
    described: str
    note: str


@dataclass(frozen=True, slots=True)
class Listed:
    """A list of rows as it stands on the page; `more` rows are not shown."""

    number: int
    what: str
    count: int
    ranges: Sequence[tuple[int, int]]
    more: int


def as_page(report: Report) -> bytes:
    """The report as HTML. Needs jinja2 and, for pictures, matplotlib and a Chinese font (`check_paper`)."""
    from jinja2 import Environment, StrictUndefined
    from markupsafe import Markup

    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.globals.update(svg=Markup)  # our own drawing
    template = environment.from_string(files(__package__).joinpath(TEMPLATE).read_text(encoding="utf-8"))
    lists = RowLists(report)
    font = chart_font([chart for section in report.sections for chart in section.charts])
    sections = [
        {
            "title": numbered(number, section.title),
            "sentences": [(_pieces(sentence, lists), sentence.notice) for sentence in section.sentences],
            "tables": [_table(table, lists) for table in section.tables],
            "pictures": [_picture(chart, f"c{number}-{place}", font) for place, chart in enumerate(section.charts)],
        }
        for number, section in enumerate(report.sections, start=1)
    ]
    page = template.render(
        title=one_line(report.title),
        about="　".join(about(report)),
        sections=sections,
        lists=_listed(lists),
        rows=_table(report.rows, None),
        footer=[printable(line) for line in report.footer],
    )
    return (page + "\n").encode()


def _table(table: Table, lists: RowLists | None) -> dict[str, object]:
    columns = range(len(table.header))
    forms = [table.form(column) for column in columns]
    rows = [
        [
            Piece(shown(cell, forms[column]), _anchor(lists.target(table.linked(number, column)) if lists else None))
            for column, cell in enumerate(row)
        ]
        for number, row in enumerate(table.rows)
    ]
    return {
        "title": one_line(table.title),
        "header": [one_line(name) for name in table.header],
        "numbers": [is_number(form) for form in forms],
        "rows": rows,
        "note": printable(table.note),
    }


def _pieces(sentence: Sentence, lists: RowLists) -> list[Piece]:
    pieces, last = [], 0
    for link in sentence.links:
        pieces.append(Piece(printable(sentence.text[last : link.start])))
        pieces.append(Piece(printable(sentence.text[link.start : link.end]), _anchor(lists.target(link.rows))))
        last = link.end
    pieces.append(Piece(printable(sentence.text[last:])))
    return [piece for piece in pieces if piece.text]


def _anchor(target: Target | None) -> str:
    if target is None:
        return ""
    return {"all": "rows", "row": f"r{target.number}", "list": f"l{target.number}"}[target.kind]


def _listed(lists: RowLists) -> list[Listed]:
    runs = [(one, one.ranges()) for one in lists.lists]
    room = room_for([len(ranges) for _, ranges in runs], MOST_RANGES)
    return [
        Listed(one.number, one.what, len(one.places), ranges[:room], sum(b - a + 1 for a, b in ranges[room:]))
        for one, ranges in runs
    ]


def _picture(chart: Chart, name: str, font: ChineseFont | None) -> Picture:
    drawn = as_svg(chart, name, font) if font is not None and is_drawn(chart) else ""
    return Picture(one_line(chart.title), drawn, described(chart), left_out(chart))
