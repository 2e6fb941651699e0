"""Drift as one picture for a report: how topics and units were and are, and how sure the model was and is."""

from __future__ import annotations

import unicodedata
from xml.sax.saxutils import escape, quoteattr

from triage.learning.drift.report import VERDICTS, DriftReport, Row, Verdict
from triage.pictures.colours import BEFORE as PAST
from triage.pictures.colours import INK, SOFT
from triage.pictures.colours import NOW as NEW
from triage.pictures.colours import RISING as CHANGED
from triage.pictures.fonts import FAMILIES

WIDTH, MARGIN, LABEL, ROW = 960, 36, 230, 34
BARS = 10
COLOURS = {Verdict.NONE: "#009E73", Verdict.ATTEND: "#E69F00", Verdict.RETRAIN: "#D55E00", Verdict.UNKNOWN: "#656D76"}


def picture(report: DriftReport) -> str:
    """The report as SVG, its words as text: drawn with the fonts of whoever looks at it."""
    chinese, english = VERDICTS[report.verdict]
    parts: list[str] = []
    parts.append(f'<rect x="{MARGIN}" y="30" width="14" height="28" fill="{COLOURS[report.verdict]}"/>')
    parts.append(_text(MARGIN + 24, 52, f"{chinese}　{english}", 22))
    sizes = f"新文本 {report.new['texts']} 件，对照（{report.reference}）{report.past['texts']} 件"
    parts.append(_text(MARGIN, 82, sizes, 13, SOFT))
    y = 110.0
    for one in report.findings[:6]:
        parts.append(_text(MARGIN, y, _cut(f"• {one.chinese}", 64), 14))
        y += 24
    if report.accuracy is not None:
        found = report.accuracy
        told = f"首选单位预计正确率 {found.expected:.0%}（{found.low:.0%}–{found.high:.0%}），以往 {found.past:.0%}"
        parts.append(_text(MARGIN, y, told, 14))
        y += 24
    for notice in report.notices[:3]:
        parts.append(_text(MARGIN, y, _cut(f"提示：{notice}", 68), 13, SOFT))
        y += 24
    y += 6
    parts += _legend(y)
    for title, rows in (("类别", report.topics), ("主办单位", report.units), ("来源", report.sources)):
        if rows:
            y = _bars(parts, title, rows, y + 44)
    families = ", ".join(f"'{family}'" for family in FAMILIES)
    height = y + 40
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height:.0f}" '
        f'viewBox="0 0 {WIDTH} {height:.0f}" font-family={quoteattr(families + ", sans-serif")}>'
    )
    return "\n".join(
        [
            head,
            f"<title>{escape(chinese)}</title>",
            '<rect width="100%" height="100%" fill="#FFFFFF"/>',
            *parts,
            "</svg>",
            "",
        ]
    )


def _bars(parts: list[str], title: str, rows: tuple[Row, ...], y: float) -> float:
    """Two bars a row; those that changed most first. Returns where it ends."""
    parts.append(_text(MARGIN, y, title, 16))
    shown = rows[:BARS]
    largest = max(max(row.past_share, row.new_share) for row in shown) or 1.0
    scale = (WIDTH - 2 * MARGIN - LABEL - 150) / largest
    left = MARGIN + LABEL
    for number, row in enumerate(shown):
        top = y + 14 + number * ROW
        colour = CHANGED if row.real else NEW
        parts.append(_text(left - 10, top + 16, _cut(row.name, 15), 13, INK, "end"))
        parts.append(_bar(left, top, row.past_share * scale, 9, PAST))
        parts.append(_bar(left, top + 10, row.new_share * scale, 11, colour))
        end = left + max(row.past_share, row.new_share) * scale + 10
        parts.append(_text(end, top + 16, f"{row.past_share:.1%} → {row.new_share:.1%}", 12, SOFT))
    bottom = y + 14 + len(shown) * ROW
    if len(rows) > len(shown):
        parts.append(_text(left, bottom + 14, f"另有 {len(rows) - len(shown)} 项未画出", 12, SOFT))
        bottom += 18
    return bottom


def _legend(y: float) -> list[str]:
    parts, x = [], MARGIN
    for colour, name in ((PAST, "以往"), (NEW, "现在"), (CHANGED, "现在（变化超出偶然）")):
        parts.append(_bar(x, y, 18, 10, colour))
        parts.append(_text(x + 26, y + 10, name, 13, SOFT))
        x += 60 + 13 * len(name)
    return parts


def _bar(x: float, y: float, width: float, height: float, colour: str) -> str:
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(width, 0.5):.1f}" height="{height}" fill="{colour}"/>'


def _text(x: float, y: float, text: str, size: int, colour: str = INK, anchor: str = "start") -> str:
    # A line break or a control character of a place's name is no part of a picture, nor of XML.
    clean = "".join(one if one.isprintable() else " " for one in text)
    told = escape(clean)
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" fill="{colour}" text-anchor="{anchor}">{told}</text>'


def _cut(text: str, most: int) -> str:
    """At most so many wide characters."""
    width = 0.0
    for place, one in enumerate(text):
        width += 1 if unicodedata.east_asian_width(one) in "WFA" else 0.55
        if width > most:
            return text[:place] + "…"
    return text
