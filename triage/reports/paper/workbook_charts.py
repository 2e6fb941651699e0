"""The charts of a report as charts of Excel, beside their numbers: who edits a number edits the picture."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from triage.pictures.colours import SERIES
from triage.reports.paper.charts import MOST_SERIES, is_drawn, is_lying
from triage.reports.paper.wording import one_line
from triage.reports.paper.workbook_look import Look
from triage.reports.report import Chart
from triage.sheets import set_printing

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

LABEL, VALUE, GAP = 30.0, 10.0, 3.0
ROW = 18.0
WIDE = 17.0
"""Widths of columns in characters, height of a row in points, width of a chart in centimetres."""
ROWS_A_PAGE = 36
FEW = 8
"""Counts up to here have a line for each: Excel would draw halves."""

_POINTS = 28.35  # in a centimetre


def add_charts(page: Worksheet, charts: Sequence[Chart], look: Look) -> None:
    """Fill the sheet with a block for each chart: its numbers on the left, its picture on the right."""
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.pagebreak import Break

    columns = max(len(chart.series) for chart in charts) + 1
    set_printing(page, repeated="")
    page.column_dimensions["A"].width = LABEL
    for column in range(2, columns + 1):
        page.column_dimensions[get_column_letter(column)].width = VALUE
    page.column_dimensions[get_column_letter(columns + 1)].width = GAP
    beside = get_column_letter(columns + 2)
    line, on_page = 1, 0
    for chart in charts:
        height = max(7.5, 1.8 + 0.7 * len(chart.labels)) if is_lying(chart) else 7.5
        block = max(len(chart.labels) + 4, math.ceil(height * _POINTS / ROW) + 3)
        if on_page and on_page + block > ROWS_A_PAGE:
            page.row_breaks.append(Break(line - 1))
            on_page = 0
        # A streamed sheet keeps its charts for the end; heights must stand before their row is written.
        for one in range(line, line + block):
            page.row_dimensions[one].height = ROW
        _numbers(page, chart, look, block)
        if is_drawn(chart):
            page.add_chart(_native(page, chart, line, height), f"{beside}{line + 1}")
        line, on_page = line + block, on_page + block


def _numbers(page: Worksheet, chart: Chart, look: Look, block: int) -> None:
    """The numbers of a chart, and as many empty rows as the block has left."""
    page.append([look.heading(page, f"{one_line(chart.title)}（{one_line(chart.unit)}）")])
    page.append([look.head(page, ""), *(look.head(page, one_line(name)) for name, _ in chart.series)])
    for place, label in enumerate(chart.labels):
        values = (values[place] for _, values in chart.series)
        row = [look.cell(page, int(value) if float(value).is_integer() else value, None) for value in values]
        page.append([look.cell(page, one_line(label), "text"), *row])
    for _ in range(block - 2 - len(chart.labels)):
        page.append([])


def _native(page: Worksheet, chart: Chart, line: int, height: float) -> Any:
    from openpyxl.chart import BarChart, LineChart, Reference
    from openpyxl.chart.label import DataLabelList

    lying = is_lying(chart)
    made: Any = LineChart() if chart.kind == "line" else BarChart()
    shown = min(len(chart.series), MOST_SERIES)
    made.add_data(
        Reference(page, min_col=2, max_col=1 + shown, min_row=line + 1, max_row=line + 1 + len(chart.labels)),
        titles_from_data=True,
    )
    made.set_categories(Reference(page, min_col=1, min_row=line + 2, max_row=line + 1 + len(chart.labels)))
    made.title = one_line(chart.title)
    made.width, made.height = WIDE, height
    made.x_axis.delete = made.y_axis.delete = False  # absent, Excel takes it for true
    made.y_axis.title = None
    made.y_axis.majorGridlines.spPr = _faint()
    if chart.kind != "line":
        made.type = "bar" if lying else "col"
        made.gapWidth = 50
        made.x_axis.tickLblSkip = 1
    values = [value for _, series in chart.series for value in series if math.isfinite(value)]
    if max(values) <= FEW and all(float(value).is_integer() for value in values) and chart.kind != "stacked":
        made.y_axis.majorUnit = 1
    if chart.kind == "stacked":
        made.grouping, made.overlap = "stacked", 100
    if lying:
        made.x_axis.scaling.orientation = "maxMin"  # the first on top
        made.y_axis.crosses = "max"  # and its numbers below
    if len(chart.series) == 1:
        made.legend = None
        made.dataLabels = DataLabelList(showVal=True, showSerName=False, showCatName=False, showLegendKey=False)
    else:
        made.legend.position = "b"
    for number, series in enumerate(made.series):
        colour = SERIES[number % len(SERIES)].removeprefix("#")
        if chart.kind == "line":
            series.graphicalProperties.line.solidFill = colour
            series.graphicalProperties.line.width = 22_000
            series.smooth = False
        else:
            series.graphicalProperties.solidFill = colour
    return made


def _faint() -> Any:
    from openpyxl.chart.shapes import GraphicalProperties

    look = GraphicalProperties()
    look.line.solidFill = "D8DDE3"
    return look
