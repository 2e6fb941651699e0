"""Hot topics as a picture for a report: bars by size, the period before beneath, what rises told in words and colour.

One drawing in pixels, painted by matplotlib with a Chinese font (PNG, or SVG with the characters as paths), or, where
no such font is found, written as SVG with text that the reader's own fonts draw.
"""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from datetime import date as Date
from pathlib import Path
from typing import Any, Literal
from xml.sax.saxutils import escape, quoteattr

from triage.duplicates.hot import HotTopic, HotTopics
from triage.errors import InputError
from triage.pictures.colours import BEFORE, INK, LINE, NOW, RISING, SOFT
from triage.pictures.fonts import FAMILIES, INSTALL, ChineseFont, chinese_font
from triage.results import replace_file

PICTURE_ENDINGS = (".svg", ".png")

MAX_BARS = 12
"""As many topics as one page of a report shows at a glance."""

_WIDTH = 960.0
_MARGIN = 36.0
_ROW = 52.0
_BAR = 18.0
_THIN = 7.0
_GAP = 10.0
_LABELS = 250.0  # at most, for the names
_SHARPNESS = 200  # dots per inch of a PNG; a pixel of the drawing is a hundredth of an inch
_NAME, _SMALL, _NOTE, _TITLE = 15.0, 12.0, 12.0, 24.0

Anchor = Literal["left", "right", "center"]


@dataclass(frozen=True, slots=True)
class _Bar:
    x: float
    y: float
    width: float
    height: float
    colour: str


@dataclass(frozen=True, slots=True)
class _Text:
    x: float
    y: float  # of the baseline
    text: str
    size: float
    colour: str = INK
    anchor: Anchor = "left"


@dataclass(slots=True)
class _Drawing:
    """Bars and texts in pixels from the upper left corner."""

    height: float = 0.0
    bars: list[_Bar] = field(default_factory=list)
    texts: list[_Text] = field(default_factory=list)

    def bar(self, x: float, y: float, width: float, height: float, colour: str) -> None:
        self.bars.append(_Bar(x, y, width, height, colour))

    def text(self, x: float, y: float, text: str, size: float, colour: str = INK, anchor: Anchor = "left") -> None:
        # A line break or a control character of a place's name is no part of a picture, nor of XML.
        clean = "".join(one if one.isprintable() else " " for one in text)
        self.texts.append(_Text(x, y, clean, size, colour, anchor))


def check_picture(path: Path) -> None:
    """Raise InputError for an ending that cannot be drawn, before any work is done."""
    if path.suffix.lower() not in PICTURE_ENDINGS:
        raise InputError(f"{path}: ending {path.suffix!r} cannot be drawn; allowed are {', '.join(PICTURE_ENDINGS)}.")


def write_picture(
    topics: HotTopics, path: Path, *, title: str = "热点事项", most: int = MAX_BARS, font: Path | None = None
) -> None:
    """Draw the topics into an .svg or .png; an older file is replaced only when the new one is whole.

    The `most` largest are drawn; how many are not is written beneath. `font` is a file with Chinese characters; without
    it one is looked for. A character that the font lacks becomes 〓 in a PNG. Raises InputError for another ending, for
    `most` below 1, and for a PNG where matplotlib or a Chinese font is missing; StorageError if it cannot be written.
    """
    check_picture(path)
    if most < 1:
        raise InputError(f"most={most}: a picture shows at least 1 topic.")
    drawing = _draw(topics, title, most)
    png = path.suffix.lower() == ".png"
    try:
        found = chinese_font("".join(text.text for text in drawing.texts), font)
    except ImportError as error:
        if png:
            raise InputError(f"{path}: a PNG needs matplotlib; {INSTALL}, or write an .svg.") from error
        found = None
    if png and found is None:
        raise InputError(f"{path}: no font with Chinese characters was found; {INSTALL}, or write an .svg.")
    words = "".join(text.text for text in drawing.texts)
    if found is None or (not png and found.lacks(words)):
        content = _plain_svg(drawing, title)
    else:
        content = _painted(drawing, found, title, "png" if png else "svg")
    replace_file(path, content)


def _draw(topics: HotTopics, title: str, most: int) -> _Drawing:
    shown = topics.topics[:most]
    drawing = _Drawing()
    drawing.text(_MARGIN, 54, title, _TITLE)
    drawing.text(_MARGIN, 82, _range(topics), 14, SOFT)
    top = 108.0
    if shown:
        _legend(drawing, 110.0, topics, shown)
        top = 134.0
        labels = max(_width(part, size) for topic in shown for part, size in _label(topic)) + 14
        left = _MARGIN + min(labels, _LABELS + 14)
        largest = max(max(topic.size, topic.before or 0) for topic in shown)
        values = max(sum(_width(part, size) for part, size, _ in _value(topic)) for topic in shown)
        scale = (_WIDTH - _MARGIN - left - min(values + 2 * _GAP, _WIDTH / 3)) / max(largest, 1)
        for number, topic in enumerate(shown):
            _row(drawing, topic, left, top + number * _ROW, scale)
        drawing.bar(left - 1, top, 1, len(shown) * _ROW, LINE)
    else:
        drawing.text(_MARGIN, top + 24, f"没有至少 {topics.least} 件的热点。", _NAME)
        top += 40
    bottom = top + len(shown) * _ROW + 30
    for line in _wrapped(_notes(topics, shown), _WIDTH - 2 * _MARGIN, _NOTE):
        drawing.text(_MARGIN, bottom, line, _NOTE, SOFT)
        bottom += 19
    drawing.height = bottom + 14
    return drawing


def _row(drawing: _Drawing, topic: HotTopic, left: float, top: float, scale: float) -> None:
    compared = topic.before is not None
    bar = top + (_ROW - _BAR - (_THIN + 2 if compared else 0)) / 2
    colour = RISING if topic.rising else NOW
    drawing.bar(left, bar, topic.size * scale, _BAR, colour)
    if topic.before:
        drawing.bar(left, bar + _BAR + 2, topic.before * scale, _THIN, BEFORE)
    parts = _label(topic)
    base = top + _ROW / 2 + (5 if len(parts) == 1 else -2)
    for part, size in parts:
        drawing.text(left - 12, base, _cut(part, size, _LABELS), size, INK if size == _NAME else SOFT, "right")
        base += 18
    end = left + topic.size * scale
    for part, size, shade in _value(topic):
        drawing.text(end + _GAP, bar + 14.5, part, size, shade)
        end += _GAP + _width(part, size)


def _value(topic: HotTopic) -> list[tuple[str, float, str]]:
    """What stands right of a bar: the number, and how it changed; with size and colour."""
    mark, colour = ("↑ ", RISING) if topic.rising else ("", SOFT)
    return [(f"{topic.size} 件", 14.0, INK), *([(mark + topic.change, 13.0, colour)] if topic.change else [])]


def _label(topic: HotTopic) -> list[tuple[str, float]]:
    """A topic's name, and beneath it where most of its texts come from."""
    where = "、".join(place for place, _ in topic.places[:2]) + (" 等" if len(topic.places) > 2 else "")
    return [(topic.name, _NAME), *([(where, _SMALL)] if topic.places else [])]


def _legend(drawing: _Drawing, y: float, topics: HotTopics, shown: tuple[HotTopic, ...]) -> None:
    entries = [(NOW, "本期")]
    if any(topic.rising for topic in shown):
        entries.append((RISING, "本期（明显上升）"))
    if topics.before:
        entries.append((BEFORE, "上期"))
    if len(entries) == 1:
        return
    x = _MARGIN
    for colour, name in entries:
        thick = _THIN if colour == BEFORE else 11.0
        drawing.bar(x, y - 5 - thick / 2, 18, thick, colour)
        drawing.text(x + 25, y, name, 13, SOFT)
        x += 25 + _width(name, 13) + 26


def _range(topics: HotTopics) -> str:
    said = [_days(topics.since, topics.until), f"共 {topics.texts} 件"]
    if topics.before:
        said.append(f"上期 {_days(*topics.before)}，{topics.texts_before} 件")
    return " · ".join(one for one in said if one)


def _days(first: Date | None, last: Date | None) -> str:
    if last is None:
        return ""
    end = f"{last.year}年{last.month}月{last.day}日"
    if first is None:
        return f"{end}以前"
    if first == last:
        return end
    start = f"{first.month}月{first.day}日"
    year = "" if first.year == last.year else f"{last.year}年"
    return f"{first.year}年{start}至{year}{last.month}月{last.day}日"


def _notes(topics: HotTopics, shown: tuple[HotTopic, ...]) -> str:
    """What a reader must know: what was left out, and what the words mean."""
    rest = topics.topics[len(shown) :]
    said = [f"热点：至少 {topics.least} 件内容相近，按件数排列。"]
    if rest:
        said.append(f"另有 {len(rest)} 个热点共 {sum(topic.size for topic in rest)} 件未画出。")
    if topics.alone:
        said.append(f"{topics.alone} 件不属于任何热点。")
    said += topics.notices
    if topics.before:
        said.append("上期为紧接本期之前的等长时段；“明显上升”指增长超出偶然（错误发现率 5%）。")
    return "".join(said)


def _width(text: str, size: float) -> float:
    """About as wide as any Chinese font draws the text: a character is as wide as high, a Latin one half of it."""
    return size * sum(1.0 if ord(one) > 0x2E7F or one in "“”…—↑" else 0.57 for one in text)


def _cut(text: str, size: float, room: float) -> str:
    if _width(text, size) <= room:
        return text
    while text and _width(text + "…", size) > room:
        text = text[:-1]
    return text.rstrip() + "…"


def _wrapped(text: str, room: float, size: float) -> list[str]:
    """The text in lines that fit; none begins with a closing mark."""
    lines = [""]
    for one in text:
        if _width(lines[-1] + one, size) > room and one not in "，。；：、）”%":
            lines.append("")
        lines[-1] += one
    return lines


def _plain_svg(drawing: _Drawing, title: str) -> bytes:
    """The drawing with its words as text, for the fonts of whoever looks at it."""
    families = ", ".join(f"'{family}'" for family in FAMILIES)
    anchors = {"left": "start", "right": "end", "center": "middle"}
    size = f'width="{_WIDTH:.0f}" height="{drawing.height:.0f}" viewBox="0 0 {_WIDTH:.0f} {drawing.height:.0f}"'
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family={quoteattr(families + ", sans-serif")}>',
        f"<title>{escape(title)}</title>",
        '<rect width="100%" height="100%" fill="#FFFFFF"/>',
    ]
    lines += [
        f'<rect x="{bar.x:.1f}" y="{bar.y:.1f}" width="{bar.width:.1f}" height="{bar.height:.1f}" fill="{bar.colour}"/>'
        for bar in drawing.bars
    ]
    lines += [
        f'<text x="{text.x:.1f}" y="{text.y:.1f}" font-size="{text.size:g}" fill="{text.colour}" '
        f'text-anchor="{anchors[text.anchor]}">{escape(text.text)}</text>'
        for text in drawing.texts
    ]
    return "\n".join([*lines, "</svg>", ""]).encode()


def _painted(drawing: _Drawing, font: ChineseFont, title: str, ending: str) -> bytes:
    """The drawing by matplotlib, without its global figure list: several may be painted at once."""
    from matplotlib import rc_context
    from matplotlib.figure import Figure
    from matplotlib.font_manager import FontProperties
    from matplotlib.patches import Rectangle

    figure = Figure(figsize=(_WIDTH / 100, drawing.height / 100), dpi=100, facecolor="white")
    axes = figure.add_axes((0, 0, 1, 1), xlim=(0, _WIDTH), ylim=(drawing.height, 0))
    axes.set_axis_off()
    for bar in drawing.bars:
        axes.add_patch(Rectangle((bar.x, bar.y), bar.width, bar.height, facecolor=bar.colour, linewidth=0))
    for text in drawing.texts:
        axes.text(
            text.x,
            text.y,
            font.drawable(text.text),
            fontproperties=FontProperties(fname=font.path, size=text.size * 0.72),
            color=text.colour,
            horizontalalignment=text.anchor,
            verticalalignment="baseline",
            parse_math=False,  # a $ is a $
        )
    # The same topics give the same file, to the byte.
    metadata: dict[str, Any] = {"Title": title}
    metadata |= {"Date": None, "Creator": None} if ending == "svg" else {"Software": None}
    content = io.BytesIO()
    with rc_context({"svg.fonttype": "path", "svg.hashsalt": "triage"}):
        figure.savefig(content, format=ending, dpi=_SHARPNESS if ending == "png" else 100, metadata=metadata)
    return content.getvalue()
