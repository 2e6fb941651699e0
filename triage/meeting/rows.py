"""One row of a meeting sheet: which suggestion it is, what was suggested for it, and what people decided."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from datetime import date as Date

from triage.datasets import parse_date, split_many
from triage.duplicates.sheets import HIDDEN
from triage.meeting.decided import Decided, Suggested
from triage.meeting.form import AGREE, INPUTS, NONE, PENDING, plain
from triage.meeting.layout import Cell, Line
from triage.meeting.names import NameReader
from triage.meeting.origin import Known, Origin, title_hash
from triage.records import LABELS, Case, Decision, Mode, Suggestion, UnitScore

_SHARE = re.compile(r"(.+?)\s*(\d{1,3})\s*[%％](?:以上)?")
_WORDS = {label: key for key, label in LABELS.items()}


class RowReader:
    """Reads the rows of a sheet with what is known of it. `trusted`: the units are those that the sheet was made with,
    so that a suggested one is one. `remarks` are what was read otherwise than it stands there, each with its address.
    """

    def __init__(
        self, names: NameReader, origin: Origin | None, originals: Mapping[str, Suggestion], trusted: bool
    ) -> None:
        self.remarks: list[tuple[str, str]] = []
        self._names = names
        self._origin = origin
        self._originals = originals
        self._trusted = trusted
        self._rows: Mapping[str, Known] = origin.rows if origin else {}
        self._plain = {plain(name): name for name in self._rows}
        numbers = [(name.strip().lstrip("0"), name) for name in self._rows if name.strip().isdigit()]
        counts = Counter(number for number, _ in numbers)
        self._numbers = {number: name for number, name in numbers if counts[number] == 1}
        self._titles: dict[str, str] = {
            known.title_hash: name for name, known in self._rows.items() if known.title_hash
        }

    def read(self, line: Line) -> tuple[Decided | None, list[str]]:
        """The row, or None with what is wrong; None alone for a row that is no suggestion."""
        problems = list(line.problems)
        for remark in line.remarks:
            where, _, what = remark.partition(": ")
            self.remarks.append((what, where))
        identifier, known, wrong = self._which(line)
        problems += wrong
        if identifier is None:
            return None, problems
        problems += self._misplaced(line, identifier, known)
        suggested = known.suggested if known else self._shown(line)
        day, wrong = _day(line)
        problems += wrong
        leads, co, wrong = self._decision(line, suggested, day)
        problems += wrong
        if problems:
            return None, problems
        suggestion = self._suggestion(line, identifier, known, day)
        topics = () if suggested and line.text("topic") == suggested.topic else split_many(line.text("topic"))
        case = Case(suggestion, leads, tuple(unit for unit in co if unit not in leads), topics)
        return Decided(case, suggested, line.text("why"), line.address()), []

    def _which(self, line: Line) -> tuple[str | None, Known | None, list[str]]:
        """The row's id as the sheet was made with it, and what is known of it."""
        written = line.text("id")
        found = written if written in self._rows else self._plain.get(plain(written))
        if found is None and written.isdigit():
            found = self._numbers.get(written.lstrip("0"))
        if found is not None:
            return found, self._rows[found], []
        address = line.address()
        filled = any(line.cells.get(key) for key in INPUTS)
        if line.day and self._rows:
            told = f"{address}: {written} is a date, and no id of the sheet: Excel made it from an id such as 3-1"
            return None, None, [f"{told}. Format the cell as text and write the id again"]
        if not written:
            if filled or line.text("title") or line.text("text"):
                return None, None, [f"{address}: the row has no id (编号); write one"]
            return None, None, []
        if line.text("title") or line.text("text"):
            if self._origin:
                self.remarks.append(("the row was added by hand: nothing had been suggested for it", address))
            return written, None, []
        if filled:
            return (
                None,
                None,
                [f"{address}: id {written!r} is none of this sheet, and the row has no title and no text"],
            )
        self.remarks.append(("the row is no suggestion and is passed over", address))
        return None, None, []

    def _misplaced(self, line: Line, identifier: str, known: Known | None) -> list[str]:
        """An id beside another row's title: columns were sorted without the others, and decisions may be another's."""
        title = line.text("title")
        if known is None or not known.title_hash or not title:
            return []
        found = title_hash(title)
        if found == known.title_hash or found not in self._titles:
            return []
        told = f"{line.address('title')}: the title of id {self._titles[found]!r} stands beside id {identifier!r}"
        return [f"{told}; some columns were sorted without the others. Undo it, or sort whole rows"]

    def _shown(self, line: Line) -> Suggested | None:
        """What was suggested, as the columns show it, where the hidden sheet is gone."""
        leads = self._names.read(line.text("suggested_lead")).units
        if self._origin is not None or not leads:
            return None
        first = _SHARE.fullmatch(f"x {line.text('sure')}")
        helpers = [match for part in split_many(line.text("suggested_co")) if (match := _SHARE.fullmatch(part))]
        mode, decision = _WORDS.get(line.text("mode"), ""), _WORDS.get(line.text("decision"), "")
        return Suggested(
            lead=tuple(UnitScore(unit, int(first[2]) / 100 if first else 0.0) for unit in leads[:1]),
            co=tuple(UnitScore(match[1], int(match[2]) / 100) for match in helpers),
            mode=Mode(mode) if mode in tuple(Mode) else Mode.JOINT if helpers else Mode.SOLE,
            decision=Decision(decision) if decision in tuple(Decision) else Decision.CHOOSE,
            split=leads if len(leads) > 1 else (),
            topic=line.text("topic"),
        )

    def _decision(
        self, line: Line, suggested: Suggested | None, day: Date | None
    ) -> tuple[tuple[str, ...], tuple[str, ...], list[str]]:
        """The leads and helpers that were decided; no leads where nothing was."""
        written = [cell for cell in line.cells.get("lead", ()) if plain(cell.text) not in PENDING]
        helping = [cell for cell in line.cells.get("co", ()) if plain(cell.text) not in NONE]
        agreed = any(plain(cell.text) in AGREE for cell in written)
        if not written:
            if helping and not line.cells.get("lead") and not line.problems:
                return (), (), [f"{helping[0].address}: helpers without a lead; fill in 确定主办, or write 同意 there"]
            return (), (), []
        if suggested is None and (agreed or any(plain(cell.text) in AGREE for cell in helping)):
            return (), (), [f"{written[0].address}: 同意, but nothing was suggested for this row; name the unit"]
        leads, wrong = self._units(written, suggested.leads if suggested else (), suggested, day)
        co, more = self._units(helping, suggested.co_units if suggested else (), suggested, day)
        if agreed and suggested and not line.cells.get("co"):
            co, more = self._confirmed(suggested.co_units, day, written[0].address)
        return leads, co, [*wrong, *more]

    def _units(
        self, cells: list[Cell], agreed: tuple[str, ...], suggested: Suggested | None, day: Date | None
    ) -> tuple[tuple[str, ...], list[str]]:
        """The units that cells name, with those that were `agreed` to where they say so."""
        sure = self._sure(suggested)
        units: dict[str, None] = {}
        problems: list[str] = []
        for cell in cells:
            if plain(cell.text) in AGREE:
                found, wrong = self._confirmed(agreed, day, cell.address)
            else:
                named = self._names.read(cell.text, day, sure)
                found, wrong = named.units, [f"{cell.address}: {problem}" for problem in named.problems]
                self.remarks += [(remark, cell.address) for remark in named.remarks]
            units.update(dict.fromkeys(found))
            problems += wrong
        return tuple(units), problems

    def _confirmed(self, units: tuple[str, ...], day: Date | None, address: str) -> tuple[tuple[str, ...], list[str]]:
        """Suggested units that were agreed to; by another catalogue than the sheet's they must be units there."""
        if self._trusted:
            return units, []
        named = self._names.read("；".join(units), day)
        self.remarks += [(remark, address) for remark in named.remarks]
        return named.units, [f"{address}: 同意: {problem}" for problem in named.problems]

    def _sure(self, suggested: Suggested | None) -> frozenset[str]:
        """Names that stand for themselves in this row: the model answers with them, whatever their dates."""
        if not self._trusted or suggested is None:
            return frozenset()
        return frozenset((*suggested.split, *(unit.unit for unit in (*suggested.lead, *suggested.co))))

    def _suggestion(self, line: Line, identifier: str, known: Known | None, day: Date | None) -> Suggestion:
        if identifier in self._originals:
            return self._originals[identifier]
        hidden = (known is not None and known.confidential) or line.text("title") == HIDDEN
        if known is not None and known.cut:
            self.remarks.append(("the text was longer than a cell holds; the sheet has its beginning", line.address()))
        return Suggestion(
            id=identifier,
            title="" if line.text("title") == HIDDEN else line.text("title"),
            text=line.text("text"),
            source=line.text("source"),
            session=line.text("session"),
            date=day,
            proposers=split_many(line.text("proposers")),
            wish=known.wish if known else "",
            confidential=hidden,
        )


def _day(line: Line) -> tuple[Date | None, list[str]]:
    text = line.text("date")
    try:
        return (parse_date(text) if text else None), []
    except ValueError:
        return None, [f"{line.address('date')}: date (日期) is {text!r}; write it as 2024-03-01"]
