"""The report's pictures as SVG, by matplotlib, with Chinese words that render on every machine."""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from triage.learning.evaluation.phrases import Phrases
from triage.pictures.colours import BEFORE, INK, LINE, NOW, RISING, SOFT
from triage.pictures.fonts import FAMILIES, ChineseFont, chinese_font
from triage.pictures.inline import inlined

UNITS = 20

Report = Mapping[str, Any]


def pictures(report: Report, say: Phrases, font: Path | None = None) -> dict[str, str]:
    """The drawings that the report's figures allow, by name, each an ``<svg>`` to stand in a page.

    Where a font with Chinese characters is found (`triage.pictures.fonts`), words are drawn as shapes; else they stay
    text for the reader's own fonts. `font` is a font file to use. Needs matplotlib (ImportError without); raises
    InputError for a `font` that is none.
    """
    made: dict[str, str] = {}
    wanted: dict[str, tuple[bool, Callable[..., None], tuple[float, float]]] = {
        "coverage": (bool(report["coverage"]), _coverage, (6.4, 3.6)),
        "calibration": (any(report["calibration"].values()), _calibration, (6.4, 4.2)),
        "returns": (bool(report["returns"]), _returns, (6.4, 3.4)),
        "units": (bool(report["units"]), _units, (6.4, 0.9 + 0.27 * min(len(report["units"]), UNITS))),
    }
    found = chinese_font(_words(report, say), font)
    for name, (there, draw, size) in wanted.items():
        if there:
            made[name] = _svg(name, partial(draw, report=report, say=say), size, found)
    return made


def _words(report: Report, say: Phrases) -> str:
    units = "".join(row["unit"] for row in report["units"][:UNITS])
    return units + say("picture.coverage") + say("picture.returns") + say("picture.units") + "–%≥"


def _svg(name: str, draw: Callable[[Any], None], size: tuple[float, float], font: ChineseFont | None) -> str:
    """One drawing, without matplotlib's list of open figures: reports may be made side by side."""
    from matplotlib import rc_context
    from matplotlib.figure import Figure
    from matplotlib.font_manager import fontManager

    settings: Any = {
        "svg.hashsalt": f"triage-{name}",
        "svg.fonttype": "none" if font is None else "path",
        "font.family": "sans-serif",
        "font.size": 9,
        "axes.edgecolor": LINE,
        "axes.labelcolor": INK,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.unicode_minus": False,
        "xtick.color": SOFT,
        "ytick.color": SOFT,
        "text.color": INK,
        "text.parse_math": False,
        "legend.frameon": False,
    }
    if font is not None and str(font.path) not in {entry.fname for entry in fontManager.ttflist}:
        fontManager.addfont(str(font.path))
    if font is not None:
        (family,) = {entry.name for entry in fontManager.ttflist if entry.fname == str(font.path)} or {FAMILIES[0]}
        settings["font.sans-serif"] = [family, "DejaVu Sans"]
    content = io.BytesIO()
    with rc_context(settings), warnings.catch_warnings():
        # Without a font the reader's own draws the words; of a name with rare characters the rest is still legible.
        warnings.filterwarnings("ignore", "Glyph .* missing from", UserWarning)
        figure = Figure(figsize=size, layout="constrained")
        draw(figure)
        figure.savefig(content, format="svg", metadata={"Date": None, "Creator": None}, transparent=True)
    return _inlined(content.getvalue().decode(), name, own_words=font is None)


def _inlined(svg: str, name: str, *, own_words: bool) -> str:
    """The drawing as an element of a page, its words in the fonts of whoever looks at it if they are text."""
    svg = inlined(svg, name)
    if own_words:
        families = ", ".join(f"'{family}'" for family in FAMILIES)
        # One release of matplotlib writes `font`, another `font-family`.
        svg = re.sub(r"(font(?:-family)?: (?:[\d.]+px )?)['\w][^;\"]*-serif", rf"\g<1>{families}, sans-serif", svg)
    return svg


def _percent(axis: Any) -> None:
    from matplotlib.ticker import PercentFormatter

    axis.set_major_formatter(PercentFormatter(1.0, decimals=0))


def _coverage(figure: Any, report: Report, say: Phrases) -> None:
    axes = figure.add_subplot(111)
    rows = report["coverage"]
    share = [row["share"] for row in rows]
    ranged = [(row["share"], *row["interval"]) for row in rows if row["interval"]]
    if ranged:
        places, low, high = zip(*ranged, strict=True)
        axes.fill_between(places, low, high, color=NOW, alpha=0.15, linewidth=0, label=say("picture.range"))
    axes.plot(share, [row["accuracy"] for row in rows], color=NOW, linewidth=1.8)
    target, suggest = report["promise"]["target"], report["promise"]["suggest"]
    if target is not None:
        axes.axhline(
            target, color=RISING, linewidth=1, linestyle="--", label=say("picture.target", target=f"{target:.0%}")
        )
    if suggest["cases"]:
        axes.plot([suggest["share"]], [suggest["top_1"]], "o", color=RISING, label=say("picture.suggest"))
    axes.set(xlim=(0, 1.01), ylim=(min(0.5, *(row["accuracy"] for row in rows)) - 0.02, 1.02))
    axes.set(xlabel=say("picture.coverage.x"), ylabel=say("picture.coverage.y"))
    _percent(axes.xaxis)
    _percent(axes.yaxis)
    if axes.get_legend_handles_labels()[1]:
        axes.legend(loc="lower left")


def _calibration(figure: Any, report: Report, say: Phrases) -> None:
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=[3, 1])
    upper.plot([0, 1], [0, 1], color=BEFORE, linewidth=1, linestyle="--", label=say("picture.calibration.ideal"))
    shown = [(name, colour) for name, colour in (("lead", NOW), ("topic", RISING)) if report["calibration"][name]]
    for number, (name, colour) in enumerate(shown):
        bins = report["calibration"][name]["bins"]
        score = [one["score"] for one in bins]
        accuracy = [one["accuracy"] for one in bins]
        below = [max(0.0, one["accuracy"] - one["interval"][0]) for one in bins]
        above = [max(0.0, one["interval"][1] - one["accuracy"]) for one in bins]
        upper.errorbar(
            score,
            accuracy,
            yerr=(below, above),
            color=colour,
            marker="o",
            markersize=4,
            linewidth=1.2,
            elinewidth=0.8,
            label=say(f"picture.{name}"),
        )
        width = 0.08 / len(shown)
        middle = [(one["from"] + one["to"]) / 2 + (number - (len(shown) - 1) / 2) * width for one in bins]
        lower.bar(middle, [one["cases"] for one in bins], width=width, color=colour)
    upper.set(xlim=(0, 1), ylim=(0, 1.02), ylabel=say("picture.calibration.y"))
    upper.legend(loc="upper left")
    lower.set(xlabel=say("picture.calibration.x"), ylabel=say("picture.calibration.cases"))
    _percent(upper.yaxis)
    _percent(lower.xaxis)


def _returns(figure: Any, report: Report, say: Phrases) -> None:
    axes = figure.add_subplot(111)
    returns = report["returns"]
    axes.plot([one["threshold"] for one in returns["curve"]], [one["cost"] for one in returns["curve"]], color=NOW)
    axes.axhline(returns["clerk"]["cost"], color=SOFT, linewidth=1, linestyle=":", label=say("way.clerk"))
    best = returns["best"]
    if best["threshold"] is not None:
        label = say("way.best", threshold=f"{best['threshold']:.1%}")
        axes.plot([best["threshold"]], [best["cost"]], "o", color=RISING, label=label)
    axes.set(xlim=(0, 1), ylim=(0, None), xlabel=say("picture.returns.x"), ylabel=say("picture.returns.y"))
    _percent(axes.xaxis)
    axes.legend(loc="best")


def _units(figure: Any, report: Report, say: Phrases) -> None:
    axes = figure.add_subplot(111)
    rows = report["units"][:UNITS][::-1]
    for place, row in enumerate(rows):
        axes.plot(row["interval"], [place, place], color=BEFORE, linewidth=2, solid_capstyle="round")
    axes.plot([row["top_1"] for row in rows], range(len(rows)), "o", color=NOW, markersize=5)
    labels = [say("picture.units.cases", unit=_clean(row["unit"]), cases=row["cases"]) for row in rows]
    axes.set_yticks(range(len(rows)), labels)
    axes.set(xlim=(-0.02, 1.02), xlabel=say("picture.coverage.y"))
    axes.grid(axis="x", color=BEFORE, linewidth=0.4)
    axes.set_axisbelow(True)
    _percent(axes.xaxis)


def _clean(text: str) -> str:
    """A name on one line and not too long; control characters are no part of a picture, nor of XML."""
    text = "".join(one if one.isprintable() else " " for one in text)
    return text if len(text) <= 18 else text[:17] + "…"
