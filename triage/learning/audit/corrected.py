"""Corrections applied to a file of cases: the new file, and a list of what was changed, why, and on whose word."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from typing import Any

from triage.errors import InputError
from triage.learning.audit.casefile import CaseFile
from triage.learning.audit.corrections import Correction
from triage.records import Case
from triage.sheets import Sheet

HEADERS = ("编号", "栏目", "原值", "新值", "原因", "来自", "单元格")
FIELDS = {"lead": "主办", "co": "会办", "topic": "类别"}
NOW_LEADS = "现为主办单位，不再列为会办"


@dataclass(frozen=True, slots=True)
class Change:
    """One cell of the cases that was changed: `finding` and `cell` name the sheets and cells that asked for it."""

    id: str
    field: str
    old: tuple[str, ...]
    new: tuple[str, ...]
    why: str
    finding: str
    cell: str

    def to_dict(self) -> dict[str, Any]:
        """The change as plain JSON types."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Corrected:
    """The corrected file's bytes, in the format and encoding of the original, and the changes in the file's order."""

    content: bytes
    changes: tuple[Change, ...]

    def log(self) -> Sheet:
        """The changes as a table."""
        rows = [
            (one.id, FIELDS[one.field], "；".join(one.old), "；".join(one.new), one.why, one.finding, one.cell)
            for one in self.changes
        ]
        return Sheet("改动清单", HEADERS, (13, 7, 26, 26, 46, 18, 20), rows, fixed=1)


def corrected(file: CaseFile, corrections: Sequence[Correction]) -> Corrected:
    """Apply corrections: first those of single cases, then those of names.

    Nothing is dropped: every row and column stays, and a row that no correction touches stays as it was, to the
    character. A unit that becomes the lead is no helper any more. Raises InputError where two corrections want
    different things of one cell, or rename a name to one that is itself renamed.
    """
    by_case: dict[tuple[str, str], list[Correction]] = {}
    for one in corrections:
        if one.id:
            by_case.setdefault((one.id, one.field), []).append(one)
    for some in by_case.values():
        _check(some)
    renames = {what: _renames(corrections, f"{what} name") for what in ("unit", "topic")}
    changes = []
    for case in file.cases:
        changes += _changes(case, by_case, renames)
    values: dict[str, dict[str, tuple[str, ...]]] = {}
    for change in changes:
        values.setdefault(change.id, {})[change.field] = change.new
    return Corrected(file.rewritten(values), tuple(changes))


def _check(corrections: Iterable[Correction]) -> None:
    """Raise InputError where two of them replace the same name by different ones, or take out what the other adds."""
    for one, other in combinations(corrections, 2):
        if set(one.old) & set(other.old) and (one.old, one.new) != (other.old, other.new):
            raise InputError(
                f"{one.cell} and {other.cell}: two different corrections of {one.field} for case {one.id!r}: "
                f"{'；'.join(one.new) or '(none)'!r} and {'；'.join(other.new) or '(none)'!r}. Keep one of them."
            )


def _renames(corrections: Sequence[Correction], field: str) -> dict[str, Correction]:
    found: dict[str, Correction] = {}
    for one in corrections:
        if one.field != field:
            continue
        other = found.setdefault(one.old[0], one)
        if other.new != one.new:
            raise InputError(
                f"{other.cell} and {one.cell}: {one.old[0]!r} is to become {other.new[0]!r} and {one.new[0]!r}. "
                "Keep one of them."
            )
    for one in found.values():
        if (then := found.get(one.new[0])) is not None:
            raise InputError(
                f"{one.cell}: {one.old[0]!r} is to become {one.new[0]!r}, which {then.cell} renames to "
                f"{then.new[0]!r}. Write the last name in both."
            )
    return found


def _changes(
    case: Case,
    by_case: Mapping[tuple[str, str], Sequence[Correction]],
    renames: Mapping[str, Mapping[str, Correction]],
) -> list[Change]:
    """What changes in one case."""
    name = case.suggestion.id
    before = {"lead": case.leads, "co": case.co, "topic": case.topics}
    after: dict[str, tuple[str, ...]] = {}
    asked: dict[str, list[Correction]] = {}
    for field, value in before.items():
        asked[field] = list(by_case.get((name, field), ()))
        for one in asked[field]:
            value = _replaced(value, one)
        table = renames["topic" if field == "topic" else "unit"]
        asked[field] += [table[part] for part in value if part in table]
        after[field] = tuple(dict.fromkeys(table[part].new[0] if part in table else part for part in value))
    moved = (after["lead"], after["co"]) != (before["lead"], before["co"])
    taken = [unit for unit in after["co"] if unit in after["lead"]] if moved else []
    after["co"] = tuple(unit for unit in after["co"] if unit not in taken)
    changes = []
    for field, value in before.items():
        if after[field] != value:
            some = asked[field] or asked["lead"]
            whys = [*(one.why for one in asked[field]), *([NOW_LEADS] if field == "co" and taken else [])]
            told = ("；".join(dict.fromkeys(filter(None, texts))) for texts in (whys, _findings(some), _cells(some)))
            changes.append(Change(name, field, value, after[field], *told))
    return changes


def _replaced(value: tuple[str, ...], one: Correction) -> tuple[str, ...]:
    """The value with the correction's old names taken out and its new ones in their place, else at the end."""
    place = min((value.index(name) for name in one.old if name in value), default=len(value))
    kept = [name for name in value if name not in one.old]
    return tuple(dict.fromkeys((*kept[:place], *one.new, *kept[place:])))


def _findings(corrections: Sequence[Correction]) -> list[str]:
    return [one.finding for one in corrections]


def _cells(corrections: Sequence[Correction]) -> list[str]:
    return [one.cell for one in corrections]
