"""The parts of a letter: paragraphs whose numbers lead to bookmarks, tables that repeat their header, pictures.

Tables are written as WordprocessingML (ISO/IEC 29500-1, section 17) in one go: through objects, a thousand rows would
take a minute.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any
from xml.sax.saxutils import escape

from triage.reports.paper.wording import printable

# A twentieth of a point; the width between the margins of an upright and of a turned page.
UPRIGHT, TURNED = 8844, 13_041

CELLS = (10.5, 9.0, 7.5)
"""Points in the cells of a table: 五号, 小五 and 六号, by the number of its columns."""

_CELL_MARGIN = 60
_SHORT, _LONG = 12, 46  # half-width characters
_STRETCH = 1.6  # a table of few words is narrower than the page
_FIRST_BOOKMARK = 1_000_000  # of paragraphs; those of rows have the numbers below


def piece(text: str, anchor: str = "") -> str:
    """A run of text as XML, in a link to a bookmark if one is named."""
    lines = escape(printable(text)).split("\n")
    words = "<w:br/>".join(f'<w:t xml:space="preserve">{line}</w:t>' for line in lines)
    if not text:
        return ""
    if not anchor:
        return f"<w:r>{words}</w:r>"
    look = '<w:rPr><w:rStyle w:val="Hyperlink"/></w:rPr>'
    return f'<w:hyperlink w:anchor="{anchor}" w:history="1"><w:r>{look}{words}</w:r></w:hyperlink>'


def grid(
    header: Sequence[str],
    lines: Sequence[Sequence[tuple[str, str]]],
    numbers: Sequence[bool],
    *,
    marks: Sequence[str] = (),
    wide: bool = False,
) -> str:
    """A table as XML, its cells a text and the bookmark that it leads to. The header stands on every page; no row is
    broken over two. `numbers` stand right. `marks` are bookmarks, a row each; a `wide` table is for a turned page.
    """
    level = _level(header, wide=wide)
    widths = _widths(_needed(header, lines, CELLS[level]), TURNED if wide else UPRIGHT, CELLS[level])
    columns = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    style = f"ReportCell{level}"
    heads = [_cell(piece(name), width, style, "center", head=True) for name, width in zip(header, widths, strict=True)]
    rows = [f"<w:tr><w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>{''.join(heads)}</w:tr>"]
    for place, line in enumerate(lines):
        cells = []
        for at, (text, anchor) in enumerate(line):
            inside = piece(text, anchor)
            if marks and not at:
                inside = _marked(inside, marks[place], place + 1)
            cells.append(_cell(inside, widths[at], style, "right" if numbers[at] else ""))
        rows.append(f"<w:tr><w:trPr><w:cantSplit/></w:trPr>{''.join(cells)}</w:tr>")
    sides = "".join(f'<w:{side} w:w="{_CELL_MARGIN}" w:type="dxa"/>' for side in ("left", "right"))
    look = (
        f'<w:tblPr><w:tblStyle w:val="TableGrid"/><w:tblW w:w="{sum(widths)}" w:type="dxa"/><w:jc w:val="center"/>'
        f'<w:tblLayout w:type="fixed"/><w:tblCellMar>{sides}</w:tblCellMar></w:tblPr>'
    )
    return f"{look}<w:tblGrid>{columns}</w:tblGrid>{''.join(rows)}"


class Pen:
    """Writes at the end of a document."""

    def __init__(self, document: Any) -> None:
        self.document = document
        self._bookmarks = _FIRST_BOOKMARK

    def line(self, style: str, text: str, bookmark: str = "") -> None:
        """A paragraph of plain text; nothing if it is empty."""
        if text:
            self.paragraph(style, [piece(text)], bookmark)

    def paragraph(self, style: str, pieces: Sequence[str], bookmark: str = "") -> None:
        """A paragraph of `piece`s, which numbers can lead to by its bookmark."""
        inside = "".join(pieces)
        if bookmark:
            self._bookmarks += 1
            inside = _marked(inside, bookmark, self._bookmarks)
        look = f'<w:pPr><w:pStyle w:val="{self.document.styles[style].style_id}"/></w:pPr>'
        self._add(f"<w:p {{}}>{look}{inside}</w:p>")

    def table(self, inside: str) -> None:
        """A table of `grid`."""
        self._add(f"<w:tbl {{}}>{inside}</w:tbl>")

    def picture(self, png: bytes, inches: float, described: str) -> None:
        """A picture on a line of its own, with words for those who do not see it."""
        from docx.shared import Inches

        run = self.document.add_paragraph(style="Report Picture").add_run()
        run.add_picture(io.BytesIO(png), width=Inches(inches))
        self.document.element.body.xpath(".//wp:docPr")[-1].set("descr", printable(described))

    def _add(self, xml: str) -> None:
        """At the end, before the properties of the section."""
        from docx.oxml import parse_xml
        from docx.oxml.ns import nsdecls

        start, _, rest = xml.partition("{}")
        body = self.document.element.body
        body.insert(len(body) - 1, parse_xml(start + nsdecls("w") + rest))


def _marked(inside: str, name: str, number: int) -> str:
    """Runs within a bookmark."""
    return f'<w:bookmarkStart w:id="{number}" w:name="{name}"/>{inside}<w:bookmarkEnd w:id="{number}"/>'


def _cell(inside: str, width: int, style: str, align: str, *, head: bool = False) -> str:
    shade = '<w:shd w:val="clear" w:color="auto" w:fill="EDEFF2"/>' if head else ""
    bold = '<w:vAlign w:val="center"/>' if head else ""
    aligned = f'<w:jc w:val="{align}"/>' if align else ""
    kept = "<w:keepNext/>" if head else ""
    return (
        f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{shade}{bold}</w:tcPr>'
        f'<w:p><w:pPr><w:pStyle w:val="{style}"/>{kept}{aligned}</w:pPr>{inside}</w:p></w:tc>'
    )


def is_wide(header: Sequence[str], lines: Sequence[Sequence[tuple[str, str]]]) -> bool:
    """Whether a table needs a turned page."""
    needed = sum(_needed(header, lines, CELLS[_level(header, wide=False)]))
    return len(header) > 9 or (len(header) > 4 and needed > 1.5 * UPRIGHT)


def _level(header: Sequence[str], *, wide: bool) -> int:
    """Which of `CELLS` a table is set in."""
    return (len(header) > (8 if wide else 6)) + (len(header) > (12 if wide else 9))


def _needed(header: Sequence[str], lines: Sequence[Sequence[tuple[str, str]]], size: float) -> list[float]:
    """The width that each column would like to have."""
    needed = []
    for at, name in enumerate(header):
        lengths = sorted(_longest(line[at][0]) for line in lines[:400]) or [0]
        usual = lengths[-1] if lengths[-1] <= _SHORT else lengths[int(0.95 * (len(lengths) - 1))]
        title = _columns(name) if _columns(name) <= 6 else _columns(name) / 2 + 1
        needed.append((min(max(usual, title, 3), _LONG) + 1) * size * 10 + 2 * _CELL_MARGIN)
    return needed


def _widths(needed: Sequence[float], room: int, size: float) -> list[int]:
    """What short columns need, so that no day or number is broken; long ones share the rest."""
    short = [width <= (_SHORT + 1) * size * 10 + 2 * _CELL_MARGIN for width in needed]
    kept = sum(width for width, is_short in zip(needed, short, strict=True) if is_short)
    shared = sum(needed) - kept
    if not shared or kept > 0.75 * room:
        return [int(width * min(room / sum(needed), _STRETCH)) for width in needed]
    stretch = min((room - kept) / shared, _STRETCH)
    return [int(width if is_short else width * stretch) for width, is_short in zip(needed, short, strict=True)]


def _longest(text: str) -> int:
    return max(map(_columns, text.split("\n")))


def _columns(text: str) -> int:
    return sum(2 if ord(one) > 0x2E7F else 1 for one in text)
