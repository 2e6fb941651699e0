"""Counts by one property of the cases, period against period, as a table, a picture and the rows behind each number."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from triage.records import Case
from triage.reports.material import Material
from triage.reports.report import Cell, Chart, Form, Table

UNNAMED = "（未注明）"
TOTAL = "合计"
BARS = 12
"""Bars of a picture; the table has all."""

Values = Callable[[Case], Iterable[str]]
Rows = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Tally:
    """How often each value comes, most often first, as the ids of the rows that have it.

    `before` is None where there is no period before, or where it does not have the property at all. `unnamed` are rows
    without a value; `everything` and `everything_before` all rows. `several` says that a row may have more than one.
    """

    header: str
    now: dict[str, Rows]
    before: dict[str, Rows] | None
    unnamed: Rows
    unnamed_before: Rows
    everything: Rows
    everything_before: Rows
    several: bool

    @property
    def told(self) -> bool:
        """Whether any row of the period has a value."""
        return bool(self.now)

    def share(self, value: str) -> float:
        """The share of all rows that have the value."""
        return len(self.now.get(value, ())) / len(self.everything)

    def of(self, value: str) -> Rows:
        """The ids of the rows with the value."""
        return self.now.get(value, ())

    def top(self, count: int) -> list[str]:
        """The commonest values."""
        return [value for value in list(self.now)[:count] if self.now[value]]


def tally(header: str, material: Material, values: Values, order: Sequence[str] = ()) -> Tally:
    """The cases of both periods by what `values` says of each. Values of `order` come first and are listed even where
    they do not occur, as long as any other does.
    """
    now, unnamed, several = _sorted_in(material.cases, values)
    was, unnamed_before, _ = _sorted_in(material.before or (), values)
    before = was if material.before is not None and was else None
    known = dict.fromkeys((*order, *now, *(before or {}))) if now else {}
    ranked = sorted(
        known,
        key=lambda value: (
            order.index(value) if value in order else len(order),
            -len(now.get(value, ())),
            -len((before or {}).get(value, ())),
            value,
        ),
    )
    return Tally(
        header=header,
        now={value: tuple(now.get(value, ())) for value in ranked},
        before=None if before is None else {value: tuple(before.get(value, ())) for value in ranked},
        unnamed=tuple(unnamed),
        unnamed_before=tuple(unnamed_before) if before is not None else (),
        everything=tuple(case.suggestion.id for case in material.cases),
        everything_before=tuple(case.suggestion.id for case in material.before or ()),
        several=several,
    )


def tally_table(counts: Tally, title: str, named: Callable[[str], str] = str, note: str = "") -> Table:
    """The counts with shares and, where there is a period before, its counts and the change."""
    compared = counts.before is not None
    header = (counts.header, "件数", "占比", *(("上期件数", "上期占比", "增减", "增幅") if compared else ()))
    forms: tuple[Form, ...] = ("text", "count", "share", *(("count", "share", "count", "share") if compared else ()))
    lines = [(named(value), rows, (counts.before or {}).get(value, ())) for value, rows in counts.now.items()]
    if counts.unnamed or counts.unnamed_before:
        lines.append((UNNAMED, counts.unnamed, counts.unnamed_before))
    if not counts.several:
        lines.append((TOTAL, counts.everything, counts.everything_before))
    rows, links = [], []
    for name, now, before in lines:
        rows.append(_cells(name, now, before, counts))
        links.append(((), now, now, *((before, before, now, now) if compared else ())))
    if counts.several:
        note = f"一件可有多项，各项之和可大于总件数{len(counts.everything)}件。{note}"
    return Table(title, header, tuple(rows), tuple(links), forms, note=note)


def tally_chart(counts: Tally, title: str, named: Callable[[str], str] = str) -> Chart:
    """Bars of the commonest values, beside those of the period before where there is one."""
    shown = counts.top(BARS)
    series = [("本期", tuple(float(len(counts.now[value])) for value in shown))]
    if counts.before is not None:
        series.append(("上期", tuple(float(len(counts.before[value])) for value in shown)))
    return Chart(title, "bar", tuple(named(value) for value in shown), tuple(series))


def _sorted_in(cases: Sequence[Case], values: Values) -> tuple[dict[str, list[str]], list[str], bool]:
    found: dict[str, list[str]] = {}
    unnamed: list[str] = []
    several = False
    for case in cases:
        own = list(dict.fromkeys(value for value in values(case) if value))
        several = several or len(own) > 1
        for value in own:
            found.setdefault(value, []).append(case.suggestion.id)
        if not own:
            unnamed.append(case.suggestion.id)
    return found, unnamed, several


def _cells(name: str, now: Rows, before: Rows, counts: Tally) -> tuple[Cell, ...]:
    own = (name, len(now), len(now) / len(counts.everything))
    if counts.before is None:
        return own
    growth = (len(now) - len(before)) / len(before) if before else None
    whole = len(counts.everything_before)
    return (*own, len(before), len(before) / whole if whole else None, len(now) - len(before), growth)
