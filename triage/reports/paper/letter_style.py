"""Page, fonts and styles of a letter, after GB/T 9704-2012 (党政机关公文格式)."""

from __future__ import annotations

from typing import Any

from triage.reports.paper.letter_parts import CELLS

HEAD, FOOT, LEFT, RIGHT = 37, 35, 28, 26
"""Margins in mm: the standard says 37 at the head, 28 at the binding, and a type area of 156 × 225."""
LINE = 29
"""Points from line to line: 225 mm hold 22."""
TITLE, BODY, CAPTION = 22, 16, 12
"""二号, 三号 and 小四 in points."""

LATIN = "Times New Roman"
# Where a font is not installed, an office program takes the one after it: 小标宋 is bought, 仿宋 has an older name.
INSTEAD = {
    "方正小标宋简体": "宋体;SimSun",
    "仿宋": "仿宋_GB2312;FangSong",
    "黑体": "SimHei",
    "楷体": "楷体_GB2312;KaiTi",
    "宋体": "SimSun",
}


def set_up(document: Any) -> None:
    """A4, the standard's margins, styles and page numbers, of which the template of python-docx has none."""
    _page(document.sections[0])
    _language(document)
    _styles(document)
    _fonts(document)
    document.settings.odd_and_even_pages_header_footer = True
    _page_numbers(document.sections[0])


def turn(document: Any, *, lying: bool) -> None:
    """What follows stands on new pages, lying or upright."""
    from docx.enum.section import WD_ORIENT, WD_SECTION
    from docx.shared import Mm

    section = document.add_section(WD_SECTION.NEW_PAGE)
    if not lying:
        section.orientation = WD_ORIENT.PORTRAIT
        _page(section)
        return
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = Mm(297), Mm(210)
    section.left_margin, section.right_margin = Mm(FOOT), Mm(32)
    section.top_margin, section.bottom_margin = Mm(LEFT), Mm(RIGHT)
    section.footer_distance = Mm(12)


def _page(section: Any) -> None:
    from docx.shared import Mm

    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(HEAD), Mm(FOOT)
    section.left_margin, section.right_margin = Mm(LEFT), Mm(RIGHT)
    section.footer_distance = Mm(FOOT - 10)


def _language(document: Any) -> None:
    """Chinese rules for breaking lines."""
    from docx.oxml.ns import qn

    for language in document.styles.element.iter(qn("w:lang")):
        language.set(qn("w:eastAsia"), "zh-CN")


def _styles(document: Any) -> None:
    from docx.enum.style import WD_STYLE_TYPE
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Pt, RGBColor

    _style(document.styles["Normal"], "仿宋", BODY)
    document.styles["Normal"].paragraph_format.space_after = Pt(0)
    centred = {"alignment": WD_ALIGN_PARAGRAPH.CENTER}
    rows: tuple[tuple[str, str, float, int, dict[str, Any]], ...] = (
        ("Report Title", "方正小标宋简体", TITLE, 0, dict(centred, space_after=Pt(LINE))),
        ("Report About", "楷体", BODY, 0, centred),
        ("Report Text", "仿宋", BODY, 2, {"alignment": WD_ALIGN_PARAGRAPH.JUSTIFY}),
        ("Report Notice", "楷体", BODY, 2, {"alignment": WD_ALIGN_PARAGRAPH.JUSTIFY}),
        ("Report Caption", "黑体", CAPTION, 0, dict(centred, space_after=Pt(6))),
        ("Report Heading", "黑体", CAPTION, 0, dict(centred, keep_with_next=True, space_before=Pt(10))),
        ("Report Note", "仿宋", CAPTION, 0, {"space_before": Pt(3), "space_after": Pt(6)}),
        ("Report List", "仿宋", CAPTION, 0, {"space_after": Pt(3)}),
        ("Report Picture", "仿宋", CAPTION, 0, dict(centred, keep_with_next=True, space_before=Pt(10))),
        *((f"ReportCell{level}", "仿宋", size, 0, {}) for level, size in enumerate(CELLS)),
        ("Heading 1", "黑体", BODY, 2, {"space_before": Pt(0), "space_after": Pt(0), "keep_with_next": True}),
    )
    for name, font, size, indent, layout in rows:
        known = name in {style.name for style in document.styles}
        style = document.styles[name] if known else document.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        style.base_style = document.styles["Normal"]
        _style(style, font, size)
        style.font.bold, style.font.color.rgb = False, RGBColor(0, 0, 0)
        paragraph = style.paragraph_format
        if size in (BODY, TITLE):
            paragraph.line_spacing = Pt(LINE if size == BODY else 36)
        else:
            paragraph.line_spacing = 1.15
        if indent:
            paragraph.first_line_indent = Pt(indent * size)
        for key, value in layout.items():
            setattr(paragraph, key, value)
    link = document.styles.add_style("Hyperlink", WD_STYLE_TYPE.CHARACTER)
    link.font.color.rgb = RGBColor(0x0A, 0x5E, 0xA8)


def _style(style: Any, font: str, size: float) -> None:
    from docx.oxml.ns import qn
    from docx.shared import Pt

    style.font.name, style.font.size = LATIN, Pt(size)
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{theme}"), None)
    fonts.set(qn("w:eastAsia"), font)


def _fonts(document: Any) -> None:
    """Tell office programs what to take where a font is not installed."""
    from docx.opc.constants import RELATIONSHIP_TYPE
    from docx.opc.part import Part
    from docx.oxml.ns import nsdecls

    old = document.part.part_related_by(RELATIONSHIP_TYPE.FONT_TABLE)
    (key,) = [key for key, relation in document.part.rels.items() if relation.reltype == RELATIONSHIP_TYPE.FONT_TABLE]
    document.part.drop_rel(key)
    entries = "".join(
        f'<w:font w:name="{name}"><w:altName w:val="{instead}"/><w:charset w:val="86"/></w:font>'
        for name, instead in INSTEAD.items()
    )
    xml = f'<?xml version="1.0" encoding="UTF-8"?><w:fonts {nsdecls("w")}>{entries}</w:fonts>'
    new = Part(old.partname, old.content_type, xml.encode(), document.part.package)
    document.part.relate_to(new, RELATIONSHIP_TYPE.FONT_TABLE)


def _page_numbers(section: Any) -> None:
    """— 1 — in 四号 宋体, outside: right on odd pages, left on even ones, a character from the edge."""
    from docx.oxml import parse_xml
    from docx.oxml.ns import nsdecls

    font = '<w:rPr><w:rFonts w:ascii="宋体" w:hAnsi="宋体" w:eastAsia="宋体"/><w:sz w:val="28"/></w:rPr>'
    for footer, side in ((section.footer, "right"), (section.even_page_footer, "left")):
        footer.is_linked_to_previous = False
        field = [f'<w:fldChar w:fldCharType="{kind}"/>' for kind in ("begin", "separate", "end")]
        field.insert(1, "<w:instrText>PAGE</w:instrText>")
        field.insert(3, "<w:t>1</w:t>")
        dash = '<w:t xml:space="preserve">{}</w:t>'
        runs = [dash.format("— "), *field, dash.format(" —")]
        inside = "".join(f"<w:r>{font}{run}</w:r>" for run in runs)
        look = f'<w:pPr><w:ind w:left="280" w:right="280"/><w:jc w:val="{side}"/></w:pPr>'
        element = footer.part.element
        for paragraph in list(element):
            element.remove(paragraph)
        element.append(parse_xml(f"<w:p {nsdecls('w')}>{look}{inside}</w:p>"))
