"""A meeting sheet that comes back: every row with what was decided, or all that is wrong with it, cell by cell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date as Date
from datetime import datetime
from pathlib import Path

from triage.catalogue import Catalogue, Unit
from triage.catalogue.names import fold
from triage.errors import InputError
from triage.meeting.chinese import in_chinese
from triage.meeting.decided import Decided, Meeting
from triage.meeting.form import AGREED, CATALOGUE, NOBODY, ORIGIN, ROWS, UNITS, column_of
from triage.meeting.grid import Page, read_pages
from triage.meeting.layout import SEARCHED, Layout, lacking, layout_of
from triage.meeting.names import UNKNOWN, NameReader
from triage.meeting.origin import Origin, parse_origin
from triage.meeting.rows import RowReader
from triage.records import Suggestion
from triage.sheets import cell_text, opened_workbook

TOLD = 20
"""Problems that a message lists; the rest is counted."""
WHERE = 4
"""Places that a notice names; the rest is counted."""


def is_meeting(path: str | Path) -> bool:
    """Whether a file is a meeting sheet: a workbook with a header that has both 编号 and 确定主办; no for what cannot
    be read.
    """
    path = Path(path)
    if path.suffix.lower() != ".xlsx":
        return False
    try:
        with opened_workbook(path) as book:
            return any(
                {"id", "lead"} <= {column_of(cell_text(value)) for value in row}
                for sheet in book.worksheets
                for row in sheet.iter_rows(max_row=SEARCHED, values_only=True)
            )
    except (OSError, InputError):
        return False


def read_meeting(
    path: str | Path,
    *,
    catalogue: Catalogue | None = None,
    suggestions: Sequence[Suggestion] = (),
    today: Date | None = None,
) -> Meeting:
    """The rows of a meeting sheet, in order, with what was suggested and what was decided.

    Units are read by the catalogue that the sheet was made with, or by the one given. Short and former names are told
    in `Meeting.notices`; a former unit stands for the one that took over by the case's date, or by `today`. With
    `suggestions`, those that the sheet was made from, each row has its suggestion as it was, whole; without, what
    stands on the sheet.

    Raises InputError for a file that is no meeting sheet, and, in one message with the address of each cell, for all
    that cannot be read: names that no unit has, two decisions under one id, merged cells, formulas without a value.
    Its `listed` has an error for each of these, in Chinese, too.
    """
    path = Path(path)
    pages = read_pages(path)
    layouts = [layout for page in pages if (layout := layout_of(page)) is not None]
    if not layouts:
        raise InputError(
            f"{path}: not a meeting sheet: {lacking(pages)}. `triage sheet` makes one; it needs the columns 编号 and "
            "确定主办 in one row.",
            zh="这不是交办表：没有一行表头同时有“编号”和“确定主办”，请上传会上填好的交办表",
        )
    try:
        origin = _origin(pages)
    except InputError as error:
        raise InputError(f"{path}: {error}", zh=error.zh) from None
    units = catalogue or (origin.units if origin and origin.units.units else None) or _listed(pages)
    if units is None:
        raise InputError(
            f"{path}: the sheets {CATALOGUE} and {UNITS} are gone, so no unit is known. Name a catalogue or a model.",
            zh=f"“{CATALOGUE}”和“{UNITS}”两张表都不在了，不知道有哪些单位",
        )
    own = origin is not None and (catalogue is None or catalogue.digest() == origin.catalogue)
    day = today or datetime.now().astimezone().date()
    names = NameReader(units, _added(pages, origin.units) if origin else (), day)
    rows = RowReader(names, origin, {one.id: one for one in suggestions}, trusted=own)
    found, problems = _rows(layouts, rows)
    if problems:
        each = tuple(InputError(problem, zh=in_chinese(problem)) for problem in problems)
        raise InputError(_message(path, problems), zh=f"有{len(problems)}处不能读取，没有读入任何内容", listed=each)
    if not found:
        headers = "、".join(each.page.title for each in layouts)
        raise InputError(f"{path}: no rows below the header of {headers}.", zh=f"{headers}的表头下面没有内容")
    notices = (*_origin_notices(origin, own), *_grouped(rows.remarks))
    if origin is None:
        return Meeting(tuple(found), notices, remarks=tuple(rows.remarks))
    return Meeting(tuple(found), notices, origin.model, origin.catalogue, origin.day, tuple(rows.remarks))


def _origin(pages: Sequence[Page]) -> Origin | None:
    tables = {title: list(_table(pages, title)) for title in (ROWS, CATALOGUE, ORIGIN)}
    if not tables[ROWS]:
        return None
    return parse_origin(tables[ROWS], tables[CATALOGUE], tables[ORIGIN])


def _table(pages: Sequence[Page], title: str) -> Iterator[tuple[str, Mapping[str, str]]]:
    """The rows of a hidden sheet, by its header."""
    for page in pages:
        if page.title == title and page.rows:
            header, *lines = sorted(page.rows)
            names = page.rows[header]
            for line in lines:
                row = {name: page.rows[line].get(column, "") for column, name in names.items()}
                yield page.address(line, 1), row


def _units_page(pages: Sequence[Page]) -> list[tuple[str, str]]:
    """The names in the first column of 单位, each with its address."""
    return [
        (page.address(row, 1), cells[1])
        for page in pages
        if page.title == UNITS
        for row, cells in sorted(page.rows.items())
        if 1 in cells and cells[1] not in (UNITS, AGREED, NOBODY)
    ]


def _listed(pages: Sequence[Page]) -> Catalogue | None:
    """The units that 单位 lists, by their names alone, for a sheet that has lost its hidden ones."""
    names = {fold(name): name for _, name in _units_page(pages)}
    return Catalogue(tuple(Unit(name, name) for name in names.values())) if names else None


def _added(pages: Sequence[Page], listed: Catalogue) -> list[str]:
    """Units that people wrote on the list themselves: those that the sheet was not made with."""
    known = {fold(name) for unit in listed.units for name in unit.names}
    return [name for _, name in _units_page(pages) if fold(name) not in known]


def _rows(layouts: Sequence[Layout], reader: RowReader) -> tuple[list[Decided], list[str]]:
    """The rows of all sheets, each id once, and all problems."""
    problems = [problem for layout in layouts for problem in layout.problems]
    by_id: dict[str, list[Decided]] = {}
    for layout in layouts:
        for line in layout.lines():
            row, wrong = reader.read(line)
            problems += wrong
            if row is not None:
                by_id.setdefault(row.case.suggestion.id, []).append(row)
    found = []
    for same in by_id.values():
        kept = [row for row in same if row.decided] or same[:1]
        if len({(frozenset(row.case.leads), frozenset(row.case.co)) for row in kept}) > 1:
            told = "; ".join(
                f"{row.address} {'；'.join(row.case.leads)}"
                + (f"（会办{'；'.join(row.case.co)}）" if row.case.co else "")
                for row in kept
            )
            problems.append(f"id {same[0].case.suggestion.id!r} has {len(kept)} decisions: {told}. Keep one row")
        why = "；".join(dict.fromkeys(row.why for row in same if row.why))
        found.append(replace(kept[0], why=why))
    return found, list(dict.fromkeys(problems))


def _message(path: Path, problems: Sequence[str]) -> str:
    count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
    more = [f"and {len(problems) - TOLD} more"] if len(problems) > TOLD else []
    new = any(UNKNOWN in problem for problem in problems)
    hint = [f"A unit that is really new is written below the last row of the sheet {UNITS}."] if new else []
    return "\n".join((f"{path}: {count}, so nothing was read:", *problems[:TOLD], *more, *hint))


def _origin_notices(origin: Origin | None, own: bool) -> Iterator[str]:
    if origin is None:
        yield (
            f"the hidden sheet {ROWS} is gone: what was suggested is taken from the columns that show it, with their "
            "rounded probabilities"
        )
    elif not own:
        yield (
            f"the sheet was made by the model {origin.model or '(not named)'} with another catalogue; its units are "
            "read by the catalogue given"
        )


def _grouped(remarks: Sequence[tuple[str, str]]) -> Iterator[str]:
    """One notice for each thing that was met, with the places."""
    places: dict[str, dict[str, None]] = {}
    for remark, address in remarks:
        places.setdefault(remark, {})[address] = None
    for remark, where in places.items():
        listed = [address for address in where if address]
        more = f" and {len(listed) - WHERE} more" if len(listed) > WHERE else ""
        yield f"{', '.join(listed[:WHERE])}{more}: {remark}" if listed else remark
