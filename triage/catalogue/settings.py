"""Reading `office.toml`: the office's name, deadlines, outcome scheme, committees, targets and inspection."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from triage.catalogue.cells import word_of
from triage.catalogue.office import (
    OFFICE_LEVELS,
    OUTCOME_GROUPS,
    Committee,
    Deadlines,
    Inspection,
    Office,
    Outcome,
    Period,
    Target,
)
from triage.catalogue.tables import Findings, Folder, read_text
from triage.catalogue.toml_lines import Key, line_of, lines_of

FILE = "office.toml"
MOST_OF_A_PERIOD = {"months": 120, "working_days": 2_500, "days": 3_650}
"""Ten years: a longer period is a slip of the hand, or a date."""

_LEVELS = {**OFFICE_LEVELS, "区": "district"}
_GROUPS = dict(zip(OUTCOME_GROUPS, ("已解决", "列入计划", "留作参考", "其他"), strict=True))
_KEYS = ("name", "place", "area", "level", "deadlines", "outcomes", "committees", "targets", "inspection")
_PERIODS = ("reply", "opinion", "return_window")


@dataclass(frozen=True, slots=True)
class _Table:
    """One table of the file: its values, the way to it, and where defects go."""

    values: Mapping[str, Any]
    way: Key
    lines: Mapping[Key, int]
    findings: Findings

    def error(self, message: str, *keys: str | int) -> None:
        self.findings.error(FILE, line_of(dict(self.lines), (*self.way, *keys)), message)

    def called(self, *keys: str | int) -> str:
        """A key as it is told in a message: targets[2].share, arrays counted from 1."""
        told = ""
        for key in (*self.way, *keys):
            told += f"[{key + 1}]" if isinstance(key, int) else f".{key}" if told else str(key)
        return told

    def known(self, allowed: Iterable[str]) -> None:
        allowed = tuple(allowed)
        for key in self.values:
            if key not in allowed:
                close = difflib.get_close_matches(key.lower(), allowed, n=1, cutoff=0.5)
                meant = f"; did you mean {close[0]!r}?" if close else f"; allowed are {', '.join(allowed)}"
                self.error(f"has the unknown key {self.called(key)!r}{meant}", key)

    def text(self, key: str, *, needed: bool = False) -> str:
        value = self.values.get(key, "")
        if not isinstance(value, str):
            self.wrong(key, "a text in double quotes")
            return ""
        if needed and not value.strip():
            self.error(f"has no {self.called(key)}; it needs a text", key)
        return value.strip()

    def texts(self, key: str) -> tuple[str, ...]:
        value = self.values.get(key, [])
        if not isinstance(value, list) or not all(isinstance(one, str) and one.strip() for one in value):
            self.wrong(key, 'texts in brackets, as ["教育", "卫生"]')
            return ()
        return tuple(dict.fromkeys(one.strip() for one in value))

    def number(self, key: str, usual: float, least: float, most: float) -> float:
        value = self.values.get(key, usual)
        if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
            self.wrong(key, f"a number from {least:g} to {most:g}")
            return usual
        return value

    def whole(self, key: str, usual: int, least: int, most: int) -> int:
        if not isinstance(self.values.get(key, usual), int):
            self.wrong(key, f"a whole number from {least} to {most}")
            return usual
        return int(self.number(key, usual, least, most))

    def wrong(self, key: str, allowed: str) -> None:
        self.error(f"{self.called(key)} is {str(self.values[key])[:60]!r}; allowed is {allowed}", key)

    def inner(self, key: str) -> _Table | None:
        """The table under a key, ``None`` if there is none."""
        if key not in self.values:
            return None
        if not isinstance(self.values[key], dict):
            self.error(f"{self.called(key)} is a single value; it must be a table, [{self.called(key)}]", key)
            return None
        return _Table(self.values[key], (*self.way, key), self.lines, self.findings)

    def each(self, key: str) -> list[_Table]:
        """The tables of an array of tables."""
        value = self.values.get(key, [])
        if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
            self.error(f"{self.called(key)} must be written as [[{self.called(key)}]], once for each", key)
            return []
        return [_Table(one, (*self.way, key, place), self.lines, self.findings) for place, one in enumerate(value)]


def read_settings(folder: Folder, findings: Findings) -> tuple[Office, dict[Key, int]]:
    """The office of a folder, without rules and days, and the lines of its keys; a plain one where there is no file."""
    if not (folder / FILE).is_file():
        return Office(), {(): 1}
    text = read_text(folder, FILE, findings)
    if text is None:
        return Office(), {(): 1}
    lines = lines_of(text)
    try:
        values = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        at = re.search(r"line (\d+)", str(error))
        line = int(at[1]) if at else max(len(text.splitlines()), 1)
        findings.error(
            FILE,
            line,
            f"is not proper TOML ({error}); texts stand in double quotes, and so does a Chinese key: "
            '[deadlines.by_source."政协"]',
        )
        return Office(), lines
    return _office(_Table(values, (), lines, findings)), lines


def _office(table: _Table) -> Office:
    table.known(_KEYS)
    level = word_of(table.text("level"), _LEVELS)
    if level and level not in _LEVELS:
        table.wrong("level", ", ".join(OFFICE_LEVELS))
    usual = Office()
    deadlines = table.inner("deadlines")
    inspection = table.inner("inspection")
    return Office(
        name=table.text("name"),
        place=table.text("place"),
        area=table.text("area"),
        # A municipal district stands where a county does.
        level="县" if level == "区" else level if level in OFFICE_LEVELS else "",
        deadlines=_deadlines(deadlines, usual.deadlines) if deadlines else usual.deadlines,
        outcomes=_outcomes(table) if "outcomes" in table.values else usual.outcomes,
        committees=_committees(table),
        targets=tuple(_target(one) for one in table.each("targets")),
        inspection=_inspection(inspection) if inspection else usual.inspection,
    )


def _deadlines(table: _Table, usual: Deadlines, *, whole: bool = True) -> Deadlines:
    """The deadlines of a table; what it does not name is as usual. `whole`: it may have deadlines by source."""
    table.known((*_PERIODS, "warn", *(("by_source",) if whole else ())))
    reply = _period(table, "reply", usual.reply)
    opinion = _period(table, "opinion", usual.opinion)
    return_window = _period(table, "return_window", usual.return_window)
    warn = table.values.get("warn", list(usual.warn))
    if not isinstance(warn, list) or not all(
        isinstance(one, int) and not isinstance(one, bool) and 0 <= one <= 250 for one in warn
    ):
        table.wrong("warn", "whole numbers of working days from 0 to 250 in brackets, as [10, 5, 1]")
        warn = list(usual.warn)
    own = Deadlines(reply, opinion, return_window, tuple(sorted(set(warn), reverse=True)))
    sources = table.inner("by_source") if whole else None
    if sources is None:
        return own
    named = [(source, sources.inner(source)) for source in sources.values]
    by_source = tuple((source, _deadlines(inner, own, whole=False)) for source, inner in named if inner is not None)
    return replace(own, by_source=by_source)


def _period(table: _Table, key: str, usual: Period) -> Period:
    if key not in table.values:
        return usual
    inner = table.inner(key)
    if inner is None:
        return usual
    names = tuple(column.name for column in fields(Period))
    inner.known(names)
    lengths = {name: inner.whole(name, 0, 0, MOST_OF_A_PERIOD[name]) for name in names}
    named = [name for name in names if name in inner.values]
    if len(named) > 1:
        table.error(f"{table.called(key)} has {' and '.join(named)}; a period has exactly one of them: keep one", key)
    elif not any(lengths.values()):
        # A length that cannot be read has been told already.
        if not named or inner.values[named[0]] == 0:
            table.error(f"{table.called(key)} is empty; give it months, working_days or days, of 1 or more", key)
    else:
        return Period(**lengths)
    return usual


def _outcomes(table: _Table) -> tuple[Outcome, ...]:
    found: dict[str, Outcome] = {}
    for one in table.each("outcomes"):
        one.known(("code", "name", "group"))
        code, name = one.text("code", needed=True), one.text("name", needed=True)
        group = word_of(one.text("group", needed=True), _GROUPS)
        if group and group not in OUTCOME_GROUPS:
            one.wrong("group", ", ".join(f"{word} ({chinese})" for word, chinese in _GROUPS.items()))
            group = "other"
        if code and code in found:
            one.error(f"outcome class {code!r} stands twice; every class needs its own code", "code")
        elif code:
            found[code] = Outcome(code, name, group)
    if not table.values["outcomes"]:
        table.error("has an empty list of outcomes; name the classes of the place, or leave the key out", "outcomes")
    return tuple(found.values())


def _committees(table: _Table) -> tuple[Committee, ...]:
    found: list[Committee] = []
    for one in table.each("committees"):
        one.known(("name", "topics"))
        committee = Committee(one.text("name", needed=True), one.texts("topics"))
        if not committee.topics and "topics" not in one.values:
            one.error(f"committee {committee.name!r} has no topics; name those that it supervises")
        if any(committee.name == other.name for other in found):
            one.error(f"committee {committee.name!r} stands twice; put its topics together", "name")
        found.append(committee)
    return tuple(found)


def _target(table: _Table) -> Target:
    table.known(("name", "topics", "words", "share", "count"))
    target = Target(
        name=table.text("name", needed=True),
        topics=table.texts("topics"),
        words=table.texts("words"),
        share=float(table.number("share", 0, 0, 1)),
        count=table.whole("count", 0, 0, 1_000_000),
    )
    if not {"topics", "words"} & set(table.values):
        table.error(f"target {target.name!r} has neither topics nor words, so nothing belongs to it; give it some")
    both = [key for key in ("share", "count") if key in table.values]
    if len(both) != 1:
        what = "both share and count" if both else "neither share nor count"
        table.error(f"target {target.name!r} has {what}; it needs exactly one, as share = 0.05")
    elif not table.values[both[0]]:
        table.error(f"target {target.name!r} expects nothing: its {both[0]} is 0; raise it or leave it out", both[0])
    return target


def _inspection(table: _Table) -> Inspection:
    table.known(("share", "per_unit"))
    usual = Inspection()
    per_unit = table.values.get("per_unit", usual.per_unit)
    if not isinstance(per_unit, bool):
        table.wrong("per_unit", "true or false")
        per_unit = usual.per_unit
    share = float(table.number("share", usual.share, 0, 1))
    if share == 0 and not per_unit:
        table.error("inspection.share is 0 and per_unit is not set, so nothing is inspected; raise it", "share")
    return Inspection(share, per_unit)
