"""What another version of a catalogue changes: units, topics, areas, rules, and what a unit of before is called then.

Units are matched by code, as the catalogue's own successions are; a code that is no longer there by its name.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any, Protocol, TypeVar

from triage.catalogue.model import Catalogue, Unit
from triage.catalogue.office import Office
from triage.catalogue.resolve import How, Resolver

ITSELF = frozenset({How.EXACT, How.ALIAS, How.PREFIX, How.FORMER, How.BRACKET, How.ABBREVIATION})
"""Ways in which a name means a unit itself, not what it is a part of or the kind that it is of."""
LISTED = 12
"""Names that a sentence lists; the rest is counted."""


@dataclass(frozen=True, slots=True)
class Passed:
    """A unit of before and the names of those that it is today: one where it was renamed, several where it was split,
    none where nobody took over.
    """

    unit: str
    today: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Entries:
    """Topics, areas or rules by name: those that come, those that go, and those that say something else."""

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Difference:
    """What a version changes. Units that are `added`; `renamed` and `merged` into others; `abolished` with nobody to
    carry on; `changed` in what is said of them (duties, aliases, level). `settings` tells whether the office's other
    settings (deadlines, outcomes, committees, days) differ.
    """

    added: tuple[str, ...]
    renamed: tuple[Passed, ...]
    merged: tuple[Passed, ...]
    abolished: tuple[str, ...]
    changed: tuple[str, ...]
    topics: Entries
    areas: Entries
    rules: Entries
    settings: bool

    def to_dict(self) -> dict[str, Any]:
        """As plain JSON types."""
        return asdict(self)


class Today:
    """What names of units mean in a catalogue today."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._resolver = Resolver(catalogue)

    def names(self, name: str) -> tuple[str, ...] | None:
        """Today's names of the unit that is meant: its own, or those of its successors; none where it was abolished.
        None where the name means no unit of the catalogue for sure.
        """
        found = self._resolver.resolve(name)
        if found.unit is None or found.how not in ITSELF:
            return None
        if found.successors:
            return tuple(unit.name for unit in found.successors)
        return () if found.unit.is_former else (found.unit.name,)


def difference(old: tuple[Catalogue, Office], new: tuple[Catalogue, Office]) -> Difference:
    """What `new` changes in `old`."""
    before, after = old[0], new[0]
    today = Today(after)
    passed = [_passed(unit, after, today) for unit in before.current()]
    kept = [(unit, after.unit(unit.code)) for unit in before.current() if unit.code in after]
    moved = [one for one in passed if one.today and one.today != (one.unit,)]
    renamed = {unit.name for unit, later in kept if not later.is_former and unit.name != later.name}
    known = {unit.code for unit in before.units}
    return Difference(
        added=tuple(unit.name for unit in after.current() if unit.code not in known),
        renamed=tuple(one for one in moved if one.unit in renamed),
        merged=tuple(one for one in moved if one.unit not in renamed),
        abolished=tuple(one.unit for one in passed if not one.today),
        changed=tuple(later.name for unit, later in kept if _says(unit) != _says(later)),
        topics=_entries(before.topics, after.topics),
        areas=_entries(before.areas, after.areas),
        rules=_rules(old[1], new[1]),
        settings=_settings(old[1]) != _settings(new[1]),
    )


def told_of_model(answered: Sequence[str], catalogue: Catalogue) -> tuple[str, ...]:
    """In Chinese what a model that answers with the units `answered` does not know of a catalogue: a bundle keeps the
    units that it was trained with. Nothing where it knows all.
    """
    today = Today(catalogue)
    passed = [Passed(name, today.names(name) or ()) for name in answered if today.names(name) != (name,)]
    reached = {name for one in answered for name in today.names(one) or ()}
    missing = [unit.name for unit in catalogue.current() if unit.name not in reached]
    found = []
    if passed:
        pairs = [f"{one.unit}→{'、'.join(one.today) or '（无承接单位）'}" for one in passed]
        found.append(
            f"模型仍按训练时的单位作答，其中{len(passed)}个与本目录不同：{_listed(pairs)}。请用本目录重新训练。"
        )
    if missing:
        found.append(f"本目录中有{len(missing)}个单位，模型无法给出：{_listed(missing)}。请用本目录重新训练。")
    return tuple(found)


def _passed(unit: Unit, after: Catalogue, today: Today) -> Passed:
    if unit.code not in after:
        return Passed(unit.name, today.names(unit.name) or ())
    later = after.unit(unit.code)
    if later.is_former:
        return Passed(unit.name, tuple(heir.name for heir in after.successors(unit.code)))
    return Passed(unit.name, (later.name,))


def _says(unit: Unit) -> tuple[Any, ...]:
    """All that a unit says but its name and its succession."""
    aside = {"name", "active_to", "succeeded_by"}
    return tuple(getattr(unit, column.name) for column in fields(unit) if column.name not in aside)


class _Coded(Protocol):
    @property
    def code(self) -> str: ...
    @property
    def name(self) -> str: ...


Entry = TypeVar("Entry", bound=_Coded)


def _entries(before: Iterable[Entry], after: Iterable[Entry]) -> Entries:
    old, new = {one.code: one for one in before}, {one.code: one for one in after}
    return Entries(
        tuple(one.name for code, one in new.items() if code not in old),
        tuple(one.name for code, one in old.items() if code not in new),
        tuple(one.name for code, one in new.items() if code in old and old[code] != one),
    )


def _rules(before: Office, after: Office) -> Entries:
    """By id; the line in the file is no change."""
    old = {rule.id: [getattr(rule, one.name) for one in fields(rule) if one.name != "line"] for rule in before.rules}
    new = {rule.id: [getattr(rule, one.name) for one in fields(rule) if one.name != "line"] for rule in after.rules}
    return Entries(
        tuple(name for name in new if name not in old),
        tuple(name for name in old if name not in new),
        tuple(name for name in new if name in old and old[name] != new[name]),
    )


def _settings(office: Office) -> list[Any]:
    days = [(day.day, day.working) for day in office.days]
    return [days, *(getattr(office, one.name) for one in fields(office) if one.name not in {"rules", "days"})]


def _listed(names: Sequence[str]) -> str:
    more = f"等{len(names)}个" if len(names) > LISTED else ""
    return "、".join(names[:LISTED]) + more
