"""Tables that an office prints: workbooks and csv files, in which a text is a text and never a formula."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
import warnings
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from triage.errors import InputError

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.cell import Cell
    from openpyxl.worksheet.worksheet import Worksheet

LONGEST_CELL = 32_767
MOST_ROWS = 1_048_576
"""What Excel and WPS hold in a cell and in a sheet, the header row included."""
LONGEST_HEADING = 200
"""Characters of a page's heading; with its marks Excel holds 255."""
MOST_UNPACKED = 2 << 30
"""Bytes that a workbook may unpack to."""

HEAD, INPUT, INPUT_HEAD, LINE = "DCE6F1", "FFF8DC", "FFD966", "BFBFBF"
"""Colours of a header, of a cell to fill in, of its header, of the lines around it."""
LINE_HEIGHT = 1.45
"""Height of a line of Chinese text, in font sizes."""
LANDSCAPE_A3, LANDSCAPE_A4 = 8, 9

LONGEST_NAME = 31
"""Characters of a sheet's name."""
EXACT_DIGITS = 15
NARROWEST, WIDEST = 8, 60
"""Characters of a column whose width follows its cells."""
JUDGED = 200
"""Rows that say how wide a column is."""

_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
_NO_NAME = re.compile(r"[\[\]:*?/\\\x00-\x1f\ufffe\uffff]")
_FORMULA = re.compile("'*[=+\\-@\t\r]")
_FORMULA_TAG = re.compile(rb"<(?:\w+:)?f[\s>/]")
_NO_CHARACTER = re.compile("[\ufffe\uffff]")
"""Beside control characters, what XML cannot hold."""
_ENCRYPTED = bytes.fromhex("d0cf11e0a1b11ae1")
"""How an OLE file begins: a workbook with a password, or an .xls of before 2007 under another ending."""

Row = Sequence[str]


@dataclass(frozen=True, slots=True)
class Choices:
    """A drop-down list in some columns: what stands in column A of another sheet from row `first` to row `last`.

    Something else may be typed: Excel and WPS then ask (``warning``) or only remark it (``information``), with `told`.
    `hint` is shown where a cell is chosen.
    """

    columns: tuple[int, ...]
    sheet: str
    first: int
    last: int
    style: Literal["warning", "information"] = "warning"
    told: str = ""
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table: its title, and for each column the header and the width in characters; `rows` hold a text a column.

    The first `fixed` columns and the header stay in view. Columns go by their number from 0: those of `inputs` are
    coloured, to be filled in, with `choices` to pick from; those of `folded` can be folded away by a click, and the
    `closed` ones are; `tints` are (column, text, colour), for cells that say so. What is a number in one of `numbers`
    is written as one, to be added up; ids are no numbers. With `lines` no row is higher than so many lines. A `hidden`
    sheet is for programs; any office program can show it.
    `heading` is printed at the top of each page.
    """

    title: str
    headers: tuple[str, ...]
    widths: tuple[float, ...]
    rows: Sequence[Row]
    fixed: int = 2
    inputs: tuple[int, ...] = ()
    choices: tuple[Choices, ...] = ()
    folded: tuple[int, ...] = ()
    closed: tuple[int, ...] = ()
    tints: tuple[tuple[int, str, str], ...] = ()
    numbers: tuple[int, ...] = ()
    lines: int = 0
    size: int = 11
    paper: int = LANDSCAPE_A4
    hidden: bool = False
    heading: str = ""


def likely(score: float) -> str:
    """A probability as a clerk reads it: what is not certain is never 100 %."""
    return "99%以上" if 0.995 <= score < 1 else f"{score:.0%}"


def as_csv(sheet: Sheet) -> bytes:
    """The table as csv with a byte order mark, for Excel and WPS. A cell that they would take for a formula is marked
    as text with an apostrophe; `unmarked` takes it off again.
    """
    return csv_lines([sheet.headers, *sheet.rows]).encode("utf-8-sig", errors="replace")


def csv_lines(rows: Iterable[Row]) -> str:
    """Lines of a csv file, each cell that would be taken for a formula marked as text."""
    buffer = io.StringIO(newline="")
    csv.writer(buffer).writerows([_harmless(cell) for cell in row] for row in rows)
    return buffer.getvalue()


def unmarked(cell: str) -> str:
    """A cell of a csv file without the mark that `as_csv` gave it."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell


def as_xlsx(sheets: Sequence[Sheet]) -> bytes:
    """The tables as a workbook to print: landscape, one page wide, the header on every page. Rows beyond what a sheet
    holds go on in the next one.
    """
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    for sheet in sheets:
        for title, rows in _parts(sheet):
            _fill(book, title, sheet, rows)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


@contextmanager
def opened_workbook(
    path: Path, *, streamed: bool = True, formulas: bool = False, most: int = MOST_UNPACKED
) -> Iterator[Workbook]:
    """An xlsx file to read, row by row unless it is not `streamed` (merged cells are known only then); its formulas as
    they are written instead of what they came to.

    Raises InputError, also while it is read, for a file that is no workbook, is damaged, is encrypted or unpacks to
    more than `most` bytes; OSError.
    """
    import openpyxl

    with path.open("rb") as file:
        if file.read(len(_ENCRYPTED)) == _ENCRYPTED:
            raise InputError(
                f"{path}: not an xlsx workbook: it has a password, or it is an old .xls. Take the password off. "
                "Save it from Excel or WPS as .xlsx.",
                zh="这是旧版 .xls 文件或带密码的工作簿，请去掉密码并另存为 .xlsx",
            )
        file.seek(0)
        try:
            with zipfile.ZipFile(file) as archive:
                unpacked = sum(entry.file_size for entry in archive.infolist())
            if unpacked > most:
                raise InputError(
                    f"{path}: unpacks to {unpacked:,} bytes, the limit is {most:,}. Split the file.",
                    zh="文件解压后过大，请拆分文件，或删去图片后另存",
                )
            file.seek(0)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # about styles and other things that have no meaning here
                book = openpyxl.load_workbook(file, read_only=streamed, data_only=not formulas)
                try:
                    yield book
                finally:
                    book.close()
        except (OSError, *_NO_WORKBOOK) as error:
            if isinstance(error, OSError) and error.errno is not None:
                raise  # the disk says so, not openpyxl
            raise InputError(
                f"{path}: not an xlsx workbook ({error}). Save it from Excel or WPS as .xlsx.",
                zh="不是 Excel 工作簿，或文件已损坏，请用 Excel 或 WPS 打开后另存为 .xlsx",
            ) from error


_NO_WORKBOOK = (
    *(zipfile.BadZipFile, zlib.error, EOFError, SyntaxError, RuntimeError),
    *(LookupError, ValueError, TypeError, AttributeError),
)
"""What openpyxl and the packages under it raise for files that are no workbook or a damaged one."""


def has_macros(archive: zipfile.ZipFile) -> bool:
    """Whether an xlsx or xlsm file brings programs along."""
    return any(name.lower().endswith("vbaproject.bin") for name in archive.namelist())


def has_formulas(path: Path) -> bool:
    """Whether a sheet of an xlsx file has a formula. A file that cannot be read has none: `opened_workbook` says so."""
    try:
        with zipfile.ZipFile(path) as archive:
            sheets = [name for name in archive.namelist() if name.startswith("xl/worksheets/")]
            return any(_has_formula(archive, name) for name in sheets)
    except (OSError, *_NO_WORKBOOK):
        return False


def _has_formula(archive: zipfile.ZipFile, name: str) -> bool:
    before = b""
    with archive.open(name) as part:
        while chunk := part.read(1 << 20):
            if _FORMULA_TAG.search(before + chunk):
                return True
            before = chunk[-16:]
    return False


def cell_text(value: Any) -> str:
    """What a cell of a workbook holds, as text: a day without its time, a whole number without its point."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def text_cell(page: Worksheet, value: str) -> Cell:
    """A cell of a streamed sheet that holds a text: never a formula, also when somebody edits it, and without what a
    workbook cannot hold.
    """
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, WriteOnlyCell

    text = value
    if not text.isprintable() or 2 * len(text) > LONGEST_CELL:
        # Half a surrogate pair, which a shell can hand in, cannot be written either; an emoji counts as two characters.
        text = _NO_CHARACTER.sub("", ILLEGAL_CHARACTERS_RE.sub("", text)).encode("utf-8", "replace").decode()
        text = text.encode("utf-16-le")[: 2 * LONGEST_CELL].decode("utf-16-le", "ignore")
    cell = WriteOnlyCell(page, text or None)
    if text:
        cell.data_type = "s"  # a text that begins with = is a text
        if _FORMULA.match(text):
            cell.quotePrefix = True  # and stays one when somebody edits it
    return cell


def number_cell(page: Worksheet, value: str) -> Cell:
    """A cell of a streamed sheet that holds the number that a text is; another text stays one. A workbook keeps
    `EXACT_DIGITS` digits: what has more would become another number.
    """
    from openpyxl.cell.cell import WriteOnlyCell

    if not _NUMBER.fullmatch(value) or sum(map(str.isdigit, value)) > EXACT_DIGITS:
        return text_cell(page, value)
    return WriteOnlyCell(page, float(value) if "." in value else int(value))


def sheet_names(titles: Sequence[str]) -> list[str]:
    """Names of sheets as Excel takes them: 31 characters at most, without those that it forbids, each once."""
    names: list[str] = []
    taken = {"history"}
    for title in titles:
        clean = " ".join(_NO_NAME.sub(" ", title).split())
        name, number = _cut(clean, LONGEST_NAME), 1
        while name.lower() in taken:
            number += 1
            name = f"{_cut(clean, LONGEST_NAME - len(str(number)) - 1)} {number}"
        taken.add(name.lower())
        names.append(name)
    return names


def _cut(name: str, most: int) -> str:
    """So many characters at most, as Excel counts them: an emoji is two."""
    cut = name.encode("utf-16-le", "replace")[: 2 * most].decode("utf-16-le", "ignore")
    return cut.strip(" '") or "表"


def fitting_widths(headers: Row, rows: Sequence[Row]) -> tuple[float, ...]:
    """Widths in characters that most cells of a table fit in, judged by its header and its first rows."""
    shown = [headers, *rows[:JUDGED]]
    needed = [max(lines_of(row[column], 2, WIDEST // 2) * 2 for row in shown) for column in range(len(headers))]
    return tuple(float(min(max(width + 2, NARROWEST), WIDEST)) for width in needed)


def set_printing(
    page: Worksheet, *, paper: int = LANDSCAPE_A4, landscape: bool = True, repeated: str = "1:1", heading: str = ""
) -> None:
    """One page wide, with page numbers; the rows `repeated` stand on every page, `heading` above them."""
    from openpyxl.worksheet.header_footer import HeaderFooterItem
    from openpyxl.worksheet.properties import PageSetupProperties

    page.page_setup.orientation = "landscape" if landscape else "portrait"
    page.page_setup.paperSize = paper
    page.page_setup.fitToWidth, page.page_setup.fitToHeight = 1, 0
    page.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    page.page_margins.left = page.page_margins.right = 0.4
    page.page_margins.top, page.page_margins.bottom, page.page_margins.footer = 0.5, 0.75, 0.3
    if repeated:
        page.print_title_rows = repeated
    footer = HeaderFooterItem()
    footer.center.text = "第 &P 页，共 &N 页"
    page.HeaderFooter.oddFooter = footer
    if heading:
        above = HeaderFooterItem()
        above.center.text = heading.replace("&", "&&")[:LONGEST_HEADING]
        page.HeaderFooter.oddHeader = above


def lines_of(text: str, width: float, most: int) -> int:
    """Lines that a text takes in a column so many Latin characters wide, counted up to `most`."""
    lines = 0
    for part in text.split("\n"):
        taken = sum(2 if unicodedata.east_asian_width(one) in "WFA" else 1 for one in part[: int(most * width) + 1])
        lines += max(1, -(-taken // max(int(width), 2)))
        if lines >= most:
            return most
    return lines


def _harmless(cell: str) -> str:
    return "'" + cell if _FORMULA.match(cell) else cell


def _parts(sheet: Sheet) -> Iterator[tuple[str, Sequence[Row]]]:
    room = MOST_ROWS - 1
    for number, start in enumerate(range(0, max(len(sheet.rows), 1), room), start=1):
        yield (sheet.title if number == 1 else f"{sheet.title} {number}"), sheet.rows[start : start + room]


def _fill(book: Workbook, title: str, sheet: Sheet, rows: Sequence[Row]) -> None:
    page = book.create_sheet(title)
    _set_page(page, sheet, len(rows) + 1)
    _set_columns(page, sheet, len(rows) + 1)
    look = _Look(sheet)
    for line, row in enumerate((sheet.headers, *rows), start=1):
        if sheet.lines:
            page.row_dimensions[line].height = _height(sheet, row)
        page.append([look.cell(page, value, column, header=line == 1) for column, value in enumerate(row)])


def _set_page(page: Worksheet, sheet: Sheet, last: int) -> None:
    """Landscape, one page wide, with header, lines and page numbers."""
    from openpyxl.utils import get_column_letter

    page.sheet_state = "hidden" if sheet.hidden else "visible"
    page.freeze_panes = f"{get_column_letter(sheet.fixed + 1)}2"
    page.auto_filter.ref = f"A1:{get_column_letter(len(sheet.headers))}{last}"
    page.print_options.gridLines = True
    set_printing(page, paper=sheet.paper, heading=sheet.heading)


def _set_columns(page: Worksheet, sheet: Sheet, last: int) -> None:
    """Widths, folding, lists to pick from, and tints."""
    from openpyxl.formatting.rule import Rule
    from openpyxl.styles import PatternFill
    from openpyxl.styles.differential import DifferentialStyle
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    letters = [get_column_letter(number + 1) for number in range(len(sheet.headers))]
    for letter, width in zip(letters, sheet.widths, strict=True):
        page.column_dimensions[letter].width = width
    for column in (*sheet.folded, *sheet.closed):
        page.column_dimensions[letters[column]].outlineLevel = 1
        page.column_dimensions[letters[column]].hidden = column in sheet.closed
    last = max(last, 2)
    for choices in sheet.choices:
        offer = DataValidation(
            type="list",
            formula1=f"'{choices.sheet}'!$A${choices.first}:$A${choices.last}",
            allow_blank=True,
            showErrorMessage=True,
            errorStyle=choices.style,
            errorTitle="请核对" if choices.told else None,
            error=choices.told or None,
            showInputMessage=bool(choices.hint),
            prompt=choices.hint or None,
            sqref=" ".join(f"{letters[column]}2:{letters[column]}{last}" for column in choices.columns),
        )
        page.data_validations.append(offer)
    for column, text, colour in sheet.tints:
        style = DifferentialStyle(fill=PatternFill("solid", bgColor=colour))
        rule = Rule(type="cellIs", operator="equal", formula=[f'"{text}"'], dxf=style)
        page.conditional_formatting.add(f"{letters[column]}2:{letters[column]}{last}", rule)


class _Look:
    """How the cells of one sheet look."""

    def __init__(self, sheet: Sheet) -> None:
        from openpyxl.styles import Alignment, Border, Font, PatternFill, Side

        side = Side("thin", LINE)
        self._inputs, self._numbers = frozenset(sheet.inputs), frozenset(sheet.numbers)
        self._wrapped = Alignment(wrap_text=True, vertical="top")
        self._fonts = {True: Font(bold=True, size=sheet.size), False: Font(size=sheet.size)}
        self._heads = {True: PatternFill("solid", INPUT_HEAD), False: PatternFill("solid", HEAD)}
        self._input = PatternFill("solid", INPUT)
        self._lines = Border(side, side, side, side)

    def cell(self, page: Worksheet, value: str, column: int, header: bool) -> Cell:
        numeric = not header and column in self._numbers
        cell = number_cell(page, value) if numeric else text_cell(page, value)
        cell.alignment, cell.font = self._wrapped, self._fonts[header]
        filled = column in self._inputs
        if header:
            cell.fill = self._heads[filled]
        elif filled:
            cell.fill, cell.border = self._input, self._lines
        if self._inputs and (filled or not column):
            cell.number_format = "@"  # 3-1 that is typed here is no first of March
        return cell


def _height(sheet: Sheet, row: Row) -> float:
    """Points for the lines that a row needs, at most those it may have."""
    needed = max(
        (lines_of(value, width * 11 / sheet.size, sheet.lines) for value, width in zip(row, sheet.widths, strict=True)),
        default=1,
    )
    return (max(needed, 1) + 0.3) * sheet.size * LINE_HEIGHT
