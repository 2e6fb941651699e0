"""The corrected workbook read back: what a person decided, or every cell that cannot be taken as it stands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from triage.datasets import split_many
from triage.errors import InputError
from triage.learning.audit import layout as page
from triage.learning.audit.casefile import CaseFile
from triage.learning.audit.findings import NAMES, Kind
from triage.learning.audit.layout import LAYOUTS, Layout
from triage.learning.audit.topic_names import topic_uses
from triage.learning.audit.unit_names import unit_counts
from triage.learning.audit.vocabulary import KnownNames
from triage.records import Case
from triage.sheets import cell_text, opened_workbook

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

Target = Literal["lead", "co", "topic", "unit name", "topic name"]

TOLD = 20
"""Problems that one message lists."""
_YES = frozenset({page.YES, "√", "✓", "☑", "y", "yes", "1", "采纳", "同意"})
_NO = frozenset({page.NO, "×", "n", "no", "0", "不采纳", "不同意"})
_WHOLE: dict[str, Target] = {page.LEADS.title: "lead", page.CONFLICTS.title: "lead", page.TOPIC_LABELS.title: "topic"}
_NAMED: dict[str, Target] = {page.UNIT_NAMES.title: "unit name", page.TOPIC_NAMES.title: "topic name"}
_ROLES: dict[str, Target] = {"主办": "lead", "会办": "co"}


@dataclass(frozen=True, slots=True)
class Correction:
    """In a field of one case (`id`), or for a name wherever it stands (`id` empty), `old` becomes `new`.

    An empty `old` adds, an empty `new` takes out. `finding` is the sheet's title, `cell` where it was decided
    (主办存疑!H5), `why` the person's reason, else what the finding said.
    """

    id: str
    field: Target
    old: tuple[str, ...]
    new: tuple[str, ...]
    why: str
    finding: str
    cell: str


def read_corrections(path: str | Path, file: CaseFile) -> list[Correction]:
    """The corrections of a workbook that `workbook` wrote for this file, row by row; untouched rows give none.

    Columns are found by their headers, rows by their ids. Raises InputError for a sheet of another file or of an
    earlier state of it, and, all at once and by cell, for what cannot be read: unknown ids, names that are not in the
    list (with what they may mean), cells of the file's own columns that were changed, merged cells.
    """
    path = Path(path)
    try:
        with opened_workbook(path, streamed=False, formulas=True) as book:
            _check_file(path, book, file)
            reader = _Reader(path, file, _listed(path, book, page.UNITS), _listed(path, book, page.TOPICS))
            for layout in LAYOUTS:
                if layout.now and layout.title in book.sheetnames:
                    reader.read(book[layout.title], layout)
    except OSError as error:
        told = error.strerror or error
        raise InputError(f"{path}: cannot be read ({told}). Close the program that holds it.") from error
    if reader.problems:
        more = f"\n… and {len(reader.problems) - TOLD} more" if len(reader.problems) > TOLD else ""
        listed = "\n".join(reader.problems[:TOLD])
        raise InputError(f"{path}: {len(reader.problems)} cells cannot be taken over:\n{listed}{more}")
    return reader.found


def _check_file(path: Path, book: Workbook, file: CaseFile) -> None:
    about = book[page.ABOUT] if page.ABOUT in book.sheetnames else None
    digest = ""
    if about is not None:
        told = {cell_text(row[0]): cell_text(row[1]) for row in about.iter_rows(max_col=2, values_only=True)}
        digest = told.get(page.DIGEST, "")
    if not digest:
        raise InputError(
            f"{path}: no audit sheet: {page.DIGEST} on the sheet {page.ABOUT} is missing. Give the workbook that "
            "`triage audit` wrote, with that sheet."
        )
    if digest != file.digest:
        raise InputError(
            f"{path}: made from other cases than {file.path} holds now (fingerprint {digest[:12]}, here "
            f"{file.digest[:12]}). Name the file that was audited, or audit this one."
        )


def _listed(path: Path, book: Workbook, title: str) -> KnownNames:
    if title not in book.sheetnames:
        raise InputError(f"{path}: the sheet {title}, with the names that may be filled in, is missing. Put it back.")
    rows = book[title].iter_rows(min_row=2, max_col=1, values_only=True)
    return KnownNames(name for row in rows if (name := cell_text(row[0])))


@dataclass(frozen=True, slots=True)
class _Line:
    """One row of a sheet by its headers; `at` gives a cell's address."""

    sheet: str
    number: int
    letters: Mapping[str, str]
    texts: Mapping[str, str]

    def at(self, header: str) -> str:
        return f"{self.sheet}!{self.letters[header]}{self.number}"

    def __getitem__(self, header: str) -> str:
        return self.texts.get(header, "")


class _Reader:
    def __init__(self, path: Path, file: CaseFile, units: KnownNames, topics: KnownNames) -> None:
        self.path = path
        self.found: list[Correction] = []
        self.problems: list[str] = []
        self._units, self._topics = units, topics
        self._cases = {case.suggestion.id: case for case in file.cases}
        self._used = {"unit name": set(unit_counts(file.cases)), "topic name": set(topic_uses(file.cases))}

    def read(self, sheet: Worksheet, layout: Layout) -> None:
        """Take over one sheet, or note what is wrong with it."""
        merged = [str(area) for area in sheet.merged_cells.ranges]
        if merged:
            self.problems += [
                f"{layout.title}!{area}: merged cells. Unmerge them and fill in each row." for area in merged
            ]
            return
        for line in self._lines(sheet, layout):
            self._line(line, layout)

    def _lines(self, sheet: Worksheet, layout: Layout) -> Iterator[_Line]:
        from openpyxl.utils import get_column_letter

        rows = sheet.iter_rows(values_only=True)
        header = [cell_text(value) for value in next(rows, ())]
        letters = {name: get_column_letter(number) for number, name in enumerate(header, start=1) if name}
        key = page.ID if page.ID in layout.headers else layout.now
        for name in (key, layout.now, layout.proposed, page.ACCEPT, page.CHANGE):
            if header.count(name) != 1:
                told = "is missing" if name not in header else "stands there twice"
                raise InputError(
                    f"{self.path}: sheet {layout.title}: the column {name} {told}; the first row has "
                    f"{'、'.join(filter(None, header))}. Name the columns as they were."
                )
        for number, values in enumerate(rows, start=2):
            texts = dict(zip(header, map(cell_text, values), strict=False))
            if any(texts.values()):
                yield _Line(layout.title, number, letters, texts)

    def _line(self, line: _Line, layout: Layout) -> None:
        field, case = self._subject(line, layout)
        if field is None:
            return
        old = self._old(line, layout, field, case)
        if old is None:
            return
        new = self._new(line, layout, field)
        # Accepted on a row of the helpers: what is missing is added, what is too much is taken out.
        if new is _ACCEPTED:
            new = () if old else (line[page.UNIT],)
        if new is None or new == old:
            return
        why = line[page.WHY] or line[page.SAID]
        cell = line.at(page.CHANGE if line[page.CHANGE] else page.ACCEPT)
        name = "" if case is None else case.suggestion.id
        self.found.append(Correction(name, field, old, new, why, layout.title, cell))

    def _subject(self, line: _Line, layout: Layout) -> tuple[Target | None, Case | None]:
        """The field that a row is about and its case; no case where it is about a name."""
        if layout.title in _NAMED:
            return _NAMED[layout.title], None
        touched = line[page.ACCEPT] or line[page.CHANGE]
        case = self._cases.get(line[page.ID])
        if case is None:
            if touched:
                self._problem(line, page.ID, f"{line[page.ID]!r} is no id of the cases")
            return None, None
        if layout is page.CO_UNITS:
            return "co", case
        if layout is page.ENDED:
            field = _ROLES.get(line[page.ROLE])
            if field is None:
                self._problem(line, layout.now, f"{page.ROLE} is {line[page.ROLE]!r}; allowed are 主办 and 会办")
            return field, case
        return _WHOLE[layout.title], case

    def _old(self, line: _Line, layout: Layout, field: Target, case: Case | None) -> tuple[str, ...] | None:
        """What the row says stands in the file, if it does; else the row is a problem."""
        written = line[layout.now]
        if case is None:
            if written in self._used[field]:
                return (written,)
            if line[page.ACCEPT] or line[page.CHANGE]:
                self._problem(line, layout.now, f"no case has {written!r}")
            return None
        there = {"lead": case.leads, "co": case.co, "topic": case.topics}[field]
        if layout is page.CO_UNITS and line[page.QUESTION] == NAMES[Kind.CO_MISSING]:
            if written not in (*case.leads, *case.co):
                return ()
            self._problem(line, layout.now, f"{written!r} stands in the case already")
            return None
        if layout in (page.CO_UNITS, page.ENDED):
            if written in there:
                return (written,)
        elif split_many(written) == there:
            return there
        self._problem(
            line,
            layout.now,
            f"is {written!r}, the file has {'；'.join(there)!r}. Write corrections under {page.CHANGE}",
        )
        return None

    def _new(self, line: _Line, layout: Layout, field: Target) -> tuple[str, ...] | None:
        """The names that were filled in or accepted; None where nothing is to change."""
        accept, change = line[page.ACCEPT].casefold(), line[page.CHANGE]
        if accept and accept not in _YES | _NO:
            self._problem(line, page.ACCEPT, f"is {accept!r}; allowed are {page.YES} and {page.NO}")
            return None
        if change:
            names = self._names(line, page.CHANGE, change, field)
            proposed = () if layout is page.CO_UNITS else split_many(line[layout.proposed])
            if names and accept in _YES and names != proposed:
                self._problem(
                    line, page.ACCEPT, f"says {page.YES}, and {page.CHANGE} says {change!r}. Keep one of them"
                )
                return None
            return names
        if accept not in _YES:
            return None
        if layout is page.CO_UNITS:
            return _ACCEPTED if self._names(line, page.UNIT, line[page.UNIT], field) else None
        if not line[layout.proposed]:
            self._problem(line, page.ACCEPT, f"there is no proposal. Fill in {page.CHANGE}")
            return None
        return self._names(line, layout.proposed, line[layout.proposed], field)

    def _names(self, line: _Line, header: str, text: str, field: Target) -> tuple[str, ...] | None:
        known, what = (self._topics, page.TOPICS) if field in ("topic", "topic name") else (self._units, page.UNITS)
        names = split_many(text)
        if len(names) > 1 and line.sheet not in _WHOLE:
            self._problem(line, header, f"{len(names)} names, one is wanted")
            return None
        found = [known.find(name) for name in names]
        for name, canonical in zip(names, found, strict=True):
            if canonical is None:
                meant = known.nearest(name)
                guess = f" Did you mean {'、'.join(meant)}?" if meant else ""
                self._problem(line, header, f"{name!r} is not in {what}.{guess} If it is new, add it there")
        return None if None in found else tuple(dict.fromkeys(name for name in found if name))

    def _problem(self, line: _Line, header: str, text: str) -> None:
        self.problems.append(f"{line.at(header)}: {text}.")


_ACCEPTED: tuple[str, ...] = ("",)
"""Stands for a row of the helpers that was accepted; compared by identity, no name is empty."""
