"""What a catalogue may not contradict: codes, names, parents, dates, successions, the depth of the topic tree.

The same rules hold for a folder being read and for a catalogue about to be written.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from triage.catalogue.model import MAX_TOPIC_DEPTH, Area, Catalogue, Topic, Unit
from triage.catalogue.names import fold
from triage.catalogue.tables import Findings

Entry = TypeVar("Entry", Unit, Topic, Area)


@dataclass(frozen=True, slots=True)
class Placed(Generic[Entry]):
    """An entry and the line that it stands in."""

    line: int
    entry: Entry


def check_entries(
    units: Sequence[Placed[Unit]], topics: Sequence[Placed[Topic]], areas: Sequence[Placed[Area]], findings: Findings
) -> None:
    """Every rule, in one pass over each file; defects go to `findings`."""
    _check_units(units, areas, findings)
    _check_topics(topics, {placed.entry.code for placed in units}, findings)
    _check_areas(areas, {placed.entry.code for placed in units}, findings)


def check_whole(catalogue: Catalogue) -> Findings:
    """The same rules for a catalogue that was made in memory; a line is the one that its row would have in the file."""
    findings = Findings()
    check_entries(
        [Placed(line, unit) for line, unit in enumerate(catalogue.units, start=2)],
        [Placed(line, topic) for line, topic in enumerate(catalogue.topics, start=2)],
        [Placed(line, area) for line, area in enumerate(catalogue.areas, start=2)],
        findings,
    )
    return findings


def _check_units(units: Sequence[Placed[Unit]], areas: Sequence[Placed[Area]], findings: Findings) -> None:
    file = "units.csv"
    _check_codes(units, file, "unit", findings)
    _check_parents(units, file, "unit", findings)
    codes = {placed.entry.code for placed in units}
    area_codes = {placed.entry.code for placed in areas}
    for placed in units:
        line, unit = placed.line, placed.entry
        subject = f"unit {unit.code!r}"
        if unit.area and unit.area not in area_codes:
            findings.error(
                file,
                line,
                f"{subject} has area {unit.area!r}, which is not a code of areas.csv; add it there or empty the cell",
            )
        for successor in unit.succeeded_by:
            if successor not in codes:
                findings.error(
                    file,
                    line,
                    f"{subject} is succeeded by {successor!r}, which is not a code of units.csv; "
                    "add it or correct the cell",
                )
        if unit.active_from and unit.active_to and unit.active_to < unit.active_from:
            findings.error(
                file,
                line,
                f"{subject} ends on {unit.active_to}, before it begins on {unit.active_from}; exchange or correct them",
            )
        if unit.succeeded_by and unit.active_to is None:
            findings.warning(
                file,
                line,
                f"{subject} is succeeded by {', '.join(unit.succeeded_by)} but has no active_to; give its last year",
            )
        if not unit.duties:
            findings.warning(
                file, line, f"{subject} has no duties, so nothing but handled cases can lead to it; add some"
            )
    links = {placed.entry.code: placed.entry.succeeded_by for placed in units}
    _check_cycles(links, {placed.entry.code: placed.line for placed in units}, file, "unit", "succeeded_by", findings)
    _check_names(units, findings)


def _check_topics(topics: Sequence[Placed[Topic]], unit_codes: set[str], findings: Findings) -> None:
    file = "topics.csv"
    _check_codes(topics, file, "topic", findings)
    cyclic = _check_parents(topics, file, "topic", findings)
    parents = {placed.entry.code: placed.entry.parent for placed in topics}
    siblings: dict[tuple[str, str], int] = {}
    for placed in topics:
        line, topic = placed.line, placed.entry
        for unit in topic.units:
            if unit not in unit_codes:
                findings.error(
                    file,
                    line,
                    f"topic {topic.code!r} has unit {unit!r}, which is not a code of units.csv; "
                    "add it or correct the cell",
                )
        first = siblings.setdefault((topic.parent, topic.name), line)
        if first != line:
            findings.error(
                file,
                line,
                f"topic {topic.code!r} has name and parent of line {first} ({topic.name!r}); merge the two",
            )
        depth, code = 0, topic.code
        while code in parents and code not in cyclic and depth <= len(parents):
            depth, code = depth + 1, parents[code]
        if depth > MAX_TOPIC_DEPTH:
            findings.error(
                file,
                line,
                f"topic {topic.code!r} is on level {depth}; allowed are {MAX_TOPIC_DEPTH}; give it a parent further up",
            )


def _check_areas(areas: Sequence[Placed[Area]], unit_codes: set[str], findings: Findings) -> None:
    file = "areas.csv"
    _check_codes(areas, file, "area", findings)
    _check_parents(areas, file, "area", findings)
    for placed in areas:
        for unit in placed.entry.served_by:
            if unit not in unit_codes:
                findings.error(
                    file,
                    placed.line,
                    f"area {placed.entry.code!r} is served by {unit!r}, which is not a code of units.csv; "
                    "add it there or correct the cell",
                )


def _check_codes(entries: Sequence[Placed[Entry]], file: str, what: str, findings: Findings) -> None:
    lines: dict[str, int] = {}
    for placed in entries:
        first = lines.setdefault(placed.entry.code, placed.line)
        if first != placed.line:
            findings.error(
                file,
                placed.line,
                f"{what} {placed.entry.code!r} repeats the code of line {first}; every {what} needs its own",
            )


def _check_parents(entries: Sequence[Placed[Entry]], file: str, what: str, findings: Findings) -> set[str]:
    """Unknown parents and circles; returns the codes that lie on a circle."""
    lines = {placed.entry.code: placed.line for placed in entries}
    for placed in entries:
        parent = placed.entry.parent
        if parent and parent not in lines:
            findings.error(
                file,
                placed.line,
                f"{what} {placed.entry.code!r} has parent {parent!r}, which is not a code of {file}; "
                "add it or correct the cell",
            )
    links = {placed.entry.code: (placed.entry.parent,) for placed in entries if placed.entry.parent}
    return _check_cycles(links, lines, file, what, "parent", findings)


def _check_cycles(
    links: Mapping[str, Iterable[str]], lines: Mapping[str, int], file: str, what: str, column: str, findings: Findings
) -> set[str]:
    """Report each circle once, at its first line; returns the codes on circles."""
    cyclic: set[str] = set()
    visited: set[str] = set()
    for start in sorted(lines, key=lambda code: lines[code]):
        if start in visited:
            continue
        visited.add(start)
        path, pending = [start], [iter(links.get(start, ()))]
        while path:
            target = next(pending[-1], None)
            if target is None:
                path.pop()
                pending.pop()
            elif target in path:
                circle = path[path.index(target) :]
                first = min(circle, key=lambda member: lines[member])
                turn = circle.index(first)
                shown = " → ".join((*circle[turn:], *circle[:turn], first))
                findings.error(
                    file,
                    lines[first],
                    f"{what} {first!r} comes back to itself through {column}: {shown}; break the circle",
                )
                cyclic.update(circle)
            elif target in lines and target not in visited:
                visited.add(target)
                path.append(target)
                pending.append(iter(links.get(target, ())))
    return cyclic


def _check_names(units: Sequence[Placed[Unit]], findings: Findings) -> None:
    """Two units that exist at the same time may not answer to one name, unless one took over from the other."""
    holders: dict[str, list[Placed[Unit]]] = {}
    for placed in units:
        for name in {fold(name) for name in placed.entry.names}:
            holders.setdefault(name, []).append(placed)
    heirs: dict[str, set[str]] = {}
    for placed in units:
        heirs.setdefault(placed.entry.code, set()).update(placed.entry.succeeded_by)
    for name, sharing in holders.items():
        for position, later in enumerate(sharing):
            for earlier in sharing[:position]:
                one, two = earlier.entry, later.entry
                if one.code == two.code or not _overlap(one, two):
                    continue
                if two.code not in _reach(heirs, one.code) and one.code not in _reach(heirs, two.code):
                    findings.error(
                        "units.csv",
                        later.line,
                        f"unit {two.code!r} and unit {one.code!r} (line {earlier.line}) share the name {name!r} "
                        "at the same time; keep it with one of them, or set active_from and active_to",
                    )


def _reach(heirs: Mapping[str, set[str]], start: str) -> set[str]:
    reached: set[str] = set()
    queue = [start]
    while queue:
        for code in heirs.get(queue.pop(), ()):
            if code not in reached:
                reached.add(code)
                queue.append(code)
    return reached


def _overlap(one: Unit, two: Unit) -> bool:
    starts_late = one.active_to is not None and two.active_from is not None and two.active_from >= one.active_to
    ends_early = two.active_to is not None and one.active_from is not None and one.active_from >= two.active_to
    return not (starts_late or ends_early)
