"""The pictures of a report, drawn by matplotlib with a Chinese font: as SVG for a page, as PNG for a letter."""

from __future__ import annotations

import io
import math
from typing import TYPE_CHECKING, Any

from triage.pictures.colours import BEFORE, INK, LINE, SERIES, SOFT
from triage.pictures.fonts import ChineseFont, chinese_font
from triage.pictures.inline import inlined
from triage.reports.paper.wording import one_line
from triage.reports.report import Chart

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST_LABELS = 40
"""As many bars or days as a page can show legibly."""
MOST_SERIES = 16
WIDTH = 6.1
"""Inches: the width between the margins of a letter."""
SHARPNESS = 200
LONGEST_LABEL = 14

_SIZE = 9.0
_FEWEST, _FEWEST_LYING = 6, 3  # bars that a picture has room for: fewer are no thicker
_HATCHES = ("", "///")  # a ninth series has the first's colour, hatched
_VARIABLES = {"#ffffff": "--paper", INK: "--ink", SOFT: "--soft", LINE: "--line", BEFORE: "--grid"}


def chart_font(charts: list[Chart]) -> ChineseFont | None:
    """The font that lacks fewest characters of all that is written in the pictures."""
    words = [word for chart in charts for word in (*chart.labels, chart.unit, *(name for name, _ in chart.series))]
    return chinese_font("".join(words))


def is_drawn(chart: Chart) -> bool:
    """Whether there is anything to draw."""
    return any(math.isfinite(value) for _, values in chart.series for value in values)


def left_out(chart: Chart) -> str:
    """What the picture does not show, to be written below it; empty where it shows everything."""
    said = []
    if len(chart.labels) > MOST_LABELS:
        which = "最近" if chart.kind == "line" else "前"
        said.append(f"只画{which} {MOST_LABELS} 项，共 {len(chart.labels)} 项。")
    if len(chart.series) > MOST_SERIES:
        said.append(f"只画前 {MOST_SERIES} 个系列，共 {len(chart.series)} 个。")
    return "".join(said)


def trimmed(chart: Chart) -> Chart:
    """The chart with what a page can show: the last days of a line, the first of the bars."""
    part = slice(-MOST_LABELS, None) if chart.kind == "line" else slice(MOST_LABELS)
    series = tuple((name, values[part]) for name, values in chart.series[:MOST_SERIES])
    return Chart(chart.title, chart.kind, chart.labels[part], series, chart.unit)


def described(chart: Chart) -> str:
    """The picture in words, for those who do not see it."""
    kind = {"bar": "条形图", "line": "折线图", "stacked": "堆积条形图"}[chart.kind]
    parts = []
    for name, values in chart.series[:4]:
        pairs = [f"{one_line(label)} {_number(value)}" for label, value in zip(chart.labels, values, strict=True)]
        more = f" 等 {len(pairs)} 项" if len(pairs) > 12 else ""
        parts.append(f"{one_line(name)}：{'、'.join(pairs[:12])}{more}")
    more = f"；等 {len(chart.series)} 个系列" if len(chart.series) > 4 else ""
    return f"{kind}《{one_line(chart.title)}》，单位{chart.unit}。{'；'.join(parts)}{more}。"


def as_svg(chart: Chart, name: str, font: ChineseFont) -> str:
    """The picture as an element of a page, its words as shapes, its ink in the page's colours."""
    svg = inlined(_saved(_drawn(chart, font), "svg").decode(), name)
    for colour, variable in _VARIABLES.items():
        svg = svg.replace(colour.lower(), f"var({variable}, {colour.lower()})")
    return svg


def as_png(chart: Chart, font: ChineseFont) -> bytes:
    """The picture as a PNG, `WIDTH` inches wide."""
    return _saved(_drawn(chart, font), "png")


def is_lying(chart: Chart) -> bool:
    """Whether bars lie: long names, or many, are read from left to right, and a few lying ones take less room."""
    if chart.kind == "line":
        return False
    many = len(chart.labels) > 10 or sum(_width(label) for label in chart.labels) > 56
    return many or (len(chart.labels) <= 3 and len(chart.series) == 1)


def _drawn(chart: Chart, font: ChineseFont) -> Figure:
    from matplotlib.figure import Figure

    chart = _drawable(trimmed(chart), font)
    many = len(chart.series) if chart.kind == "bar" else 1
    lying = is_lying(chart)
    height = 0.9 + len(chart.labels) * (0.14 + 0.15 * many) if lying else 3.1
    figure = Figure(figsize=(WIDTH, min(max(height, 1.5), 9.0)), layout="constrained")
    axes = figure.add_subplot(111)
    if chart.kind == "line":
        _lines(axes, chart)
    else:
        _bars(axes, chart, lying=lying)
    _dress(axes, chart, font, lying=lying)
    return figure


def _bars(axes: Any, chart: Chart, *, lying: bool) -> None:
    stacked = chart.kind == "stacked"
    thick = 0.72 if stacked else 0.78 / max(len(chart.series), 1)
    draw = axes.barh if lying else axes.bar
    above = [0.0] * len(chart.labels)
    for number, (_, values) in enumerate(chart.series):
        finite = [value if math.isfinite(value) else 0.0 for value in values]
        shift = 0.0 if stacked else (number - (len(chart.series) - 1) / 2) * thick
        places = [place + shift for place in range(len(chart.labels))]
        colour, hatch = SERIES[number % len(SERIES)], _HATCHES[number // len(SERIES)]
        start: dict[str, Any] = {("left" if lying else "bottom"): above} if stacked else {}
        # matplotlib's types know only the names of `bar`, not that `barh` takes the same in the same order.
        bars = draw(places, finite, thick, color=colour, hatch=hatch, edgecolor="white", linewidth=0.4, **start)
        if not stacked and len(chart.series) * len(chart.labels) <= MOST_LABELS:
            axes.bar_label(bars, [_number(value) for value in values], padding=2, fontsize=_SIZE - 1, color=INK)
        if stacked:
            above = [low + value for low, value in zip(above, finite, strict=True)]
    if stacked:
        for place, total in enumerate(above):
            at = (total, place) if lying else (place, total)
            beside = ("left", "center", (3, 0)) if lying else ("center", "bottom", (0, 2))
            axes.annotate(
                _number(total), at, beside[2], textcoords="offset points", ha=beside[0], va=beside[1], color=INK
            )


def _lines(axes: Any, chart: Chart) -> None:
    marker = "o" if len(chart.labels) <= 16 else ""
    for number, (_, values) in enumerate(chart.series):
        style = "-" if number < len(SERIES) else "--"
        colour = SERIES[number % len(SERIES)]
        axes.plot(range(len(values)), values, style, marker=marker, markersize=4, color=colour, linewidth=1.8)
    if len(chart.series) == 1 and len(chart.labels) <= 16:
        for place, value in enumerate(chart.series[0][1]):
            if math.isfinite(value):
                axes.annotate(
                    _number(value), (place, value), (0, 5), textcoords="offset points", ha="center", color=INK
                )
    low = min((value for _, values in chart.series for value in values if math.isfinite(value)), default=0.0)
    if low >= 0:
        axes.set_ylim(bottom=0)


def _dress(axes: Any, chart: Chart, font: ChineseFont, *, lying: bool) -> None:
    """Names, lines and legend, every text in the given font."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.text import Text
    from matplotlib.ticker import MaxNLocator

    names, values = (axes.yaxis, axes.xaxis) if lying else (axes.xaxis, axes.yaxis)
    step = 1 if lying else max(1, -(-sum(_width(label) + 2 for label in chart.labels) // 76))
    names.set_ticks(range(0, len(chart.labels), step), chart.labels[::step])
    names.set_tick_params(length=0)
    values.set_major_locator(MaxNLocator(5, integer=chart.unit not in {"%", "倍"}))
    values.grid(visible=True, color=BEFORE, linewidth=0.5)
    axes.set_axisbelow(True)
    axes.margins(**{"x" if lying else "y": 0.1, "y" if lying else "x": 0.02 if chart.kind != "line" else 0.04})
    fewest = 0 if chart.kind == "line" else _FEWEST_LYING if lying else _FEWEST
    if len(chart.labels) < fewest:
        middle = (len(chart.labels) - 1) / 2
        (axes.set_ylim if lying else axes.set_xlim)(middle - fewest / 2, middle + fewest / 2)
    axes.spines[["top", "right", "bottom" if lying else "left"]].set_visible(False)
    for spine in axes.spines.values():
        spine.set_edgecolor(LINE)
    low, high = sorted(values.get_view_interval())
    ticks = [tick for tick in values.get_ticklocs() if low <= tick <= high]
    values.set_ticks(ticks, [_number(tick) for tick in ticks])
    if lying:
        axes.invert_yaxis()
    axes.set_title(f"单位：{chart.unit}", loc="right", color=SOFT)
    if len(chart.series) > 1:
        shown = [*axes.containers, *axes.lines]
        axes.figure.legend(
            shown[: len(chart.series)],
            [name for name, _ in chart.series],
            loc="outside lower center",
            ncols=min(len(chart.series), 5),
            frameon=False,
        )
    axes.tick_params(colors=SOFT)
    for text in axes.figure.findobj(Text):
        text.set_fontproperties(FontProperties(fname=font.path, size=_SIZE))
        text.set_parse_math(False)  # a $ is a $
        if text.get_color() == "black":
            text.set_color(INK)


def _drawable(chart: Chart, font: ChineseFont) -> Chart:
    """The chart in characters that the font has, names cut to what fits."""
    labels = tuple(font.drawable(_cut(label)) for label in chart.labels)
    series = tuple((font.drawable(_cut(name)), values) for name, values in chart.series)
    return Chart(chart.title, chart.kind, labels, series, font.drawable(one_line(chart.unit)))


def _saved(figure: Figure, form: str) -> bytes:
    from matplotlib import rc_context

    content = io.BytesIO()
    # The same report gives the same picture, to the byte.
    metadata: dict[str, Any] = {"Date": None, "Creator": None} if form == "svg" else {"Software": None}
    with rc_context({"svg.fonttype": "path", "svg.hashsalt": "triage", "axes.unicode_minus": False}):
        figure.savefig(content, format=form, dpi=SHARPNESS, metadata=metadata, transparent=form == "svg")
    return content.getvalue()


def _number(value: float) -> str:
    return "—" if not math.isfinite(value) else f"{value:.0f}" if float(value).is_integer() else f"{value:.1f}"


def _cut(label: str) -> str:
    label = one_line(label)
    return label if len(label) <= LONGEST_LABEL else label[: LONGEST_LABEL - 1] + "…"


def _width(label: str) -> int:
    return sum(2 if ord(one) > 0x2E7F else 1 for one in _cut(label))
