"""The hidden sheets of a meeting sheet: what was suggested for each row, the units with their dates, and the model.

They are plain cells under the suggestions' ids, so that rows may be sorted, deleted or copied and columns moved, and
what was suggested is still known.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date as Date
from typing import Any

from triage.catalogue import Catalogue
from triage.datasets import split_many
from triage.errors import CatalogueError, InputError
from triage.meeting.decided import Suggested
from triage.meeting.form import CATALOGUE, ORIGIN, ROWS, plain
from triage.records import Decision, Mode, Suggestion, UnitScore
from triage.sheets import LONGEST_CELL, Sheet

FORMAT = 1
"""The number of the shape of the hidden sheets."""

ROW_HEADERS = (
    *("id", "lead", "lead_scores", "co", "co_scores", "mode", "decision", "split", "topic"),
    *("wish", "confidential", "cut", "title_hash"),
)
UNIT_HEADERS = ("code", "name", "short_name", "aliases", "level", "active_from", "active_to", "succeeded_by")
_LISTS = ("aliases", "succeeded_by")

Lines = Iterable[tuple[str, Mapping[str, str]]]
"""The rows of a hidden sheet: the address of each (数据!A5) and its cells by header."""


@dataclass(frozen=True, slots=True)
class Known:
    """What the hidden sheet knows of a row. `title_hash` is empty where the wording is confidential; `cut` says that
    the text was longer than a cell holds.
    """

    suggested: Suggested
    wish: str = ""
    confidential: bool = False
    cut: bool = False
    title_hash: str = ""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a sheet comes from: the rows by id, the units, the model's name, the catalogue's digest and the day."""

    rows: Mapping[str, Known]
    units: Catalogue
    model: str = ""
    catalogue: str = ""
    day: Date | None = None


def title_hash(title: str) -> str:
    """What tells titles apart without their wording: twelve digits, empty for none."""
    return hashlib.sha256(plain(title).encode("utf-8", "replace")).hexdigest()[:12] if plain(title) else ""


def origin_sheets(
    suggestions: Sequence[Suggestion], suggested: Sequence[Suggested], catalogue: Catalogue, facts: Mapping[str, str]
) -> list[Sheet]:
    """The hidden sheets. `facts` are what 数据-来历 says besides the format and the catalogue's digest."""
    rows = [_row(mine, told) for mine, told in zip(suggestions, suggested, strict=True)]
    units = [tuple(_cell(unit.get(name, "")) for name in UNIT_HEADERS) for unit in catalogue.to_dict()["units"]]
    origin = [("format", str(FORMAT)), *facts.items(), ("catalogue", catalogue.digest())]
    return [
        Sheet(ROWS, ROW_HEADERS, (12,) * len(ROW_HEADERS), rows, fixed=1, hidden=True),
        Sheet(CATALOGUE, UNIT_HEADERS, (18,) * len(UNIT_HEADERS), units, fixed=1, hidden=True),
        Sheet(ORIGIN, ("name", "value"), (18, 60), origin, fixed=1, hidden=True),
    ]


def _row(suggestion: Suggestion, told: Suggested) -> tuple[str, ...]:
    quiet = suggestion.confidential
    return (
        suggestion.id,
        "；".join(unit.unit for unit in told.lead),
        "；".join(f"{unit.score:.4f}" for unit in told.lead),
        "；".join(unit.unit for unit in told.co),
        "；".join(f"{unit.score:.4f}" for unit in told.co),
        str(told.mode),
        str(told.decision),
        "；".join(told.split),
        told.topic,
        suggestion.wish,
        "yes" if quiet else "",
        "yes" if len(suggestion.text) > LONGEST_CELL else "",
        "" if quiet else title_hash(suggestion.title),
    )


def _cell(value: Any) -> str:
    return "；".join(value) if isinstance(value, list) else value


def parse_origin(rows: Lines, units: Lines, origin: Lines) -> Origin:
    """The hidden sheets, read back.

    Raises InputError with the cell's address for what triage did not write so, and for a later format.
    """
    facts = {row.get("name", ""): row.get("value", "") for _, row in origin}
    if (found := facts.get("format", str(FORMAT))) != str(FORMAT):
        raise InputError(
            f"{ORIGIN}: format {found!r}; this version of triage reads format {FORMAT}. Read the sheet with the "
            "version that wrote it, or a later one.",
            zh="本表是用更新版本的系统做的，这里读不了，请更新后再上传",
        )
    known: dict[str, Known] = {}
    for address, row in rows:
        try:
            known[row.get("id", "")] = _known(row)
        except (ValueError, TypeError) as error:
            raise InputError(
                f"{address}: the hidden sheet {ROWS} was changed there ({error}). Take the sheet as it was made.",
                zh=f"隐藏的“{ROWS}”表被改动过，请在原来导出的交办表上填写后再上传",
            ) from None
    return Origin(
        known, _catalogue(units), facts.get("model", ""), facts.get("catalogue", ""), _day(facts.get("day", ""))
    )


def _known(row: Mapping[str, str]) -> Known:
    suggested = Suggested(
        lead=tuple(_scored(row.get("lead", ""), row.get("lead_scores", ""))),
        co=tuple(_scored(row.get("co", ""), row.get("co_scores", ""))),
        mode=Mode(row.get("mode", "")),
        decision=Decision(row.get("decision", "")),
        split=split_many(row.get("split", "")),
        topic=row.get("topic", ""),
    )
    yes = {name: row.get(name, "") == "yes" for name in ("confidential", "cut")}
    return Known(suggested, row.get("wish", ""), yes["confidential"], yes["cut"], row.get("title_hash", ""))


def _scored(names: str, scores: str) -> Iterator[UnitScore]:
    numbers = [float(score) for score in scores.replace(";", "；").split("；") if score.strip()]
    if not all(0 <= number <= 1 for number in numbers):
        raise ValueError(f"{scores[:40]!r} are no probabilities")
    for name, score in zip(split_many(names), numbers, strict=True):
        yield UnitScore(name, score)


def _catalogue(units: Lines) -> Catalogue:
    entries = []
    for _, row in units:
        entry: dict[str, Any] = {name: row[name] for name in UNIT_HEADERS if row.get(name)}
        entries.append({name: list(split_many(cell)) if name in _LISTS else cell for name, cell in entry.items()})
    try:
        return Catalogue.from_dict({"format": 1, "units": entries})
    except CatalogueError as error:
        raise InputError(
            f"{CATALOGUE}: the hidden sheet was changed: {error}",
            zh=f"隐藏的“{CATALOGUE}”表被改动过，请在原来导出的交办表上填写后再上传",
        ) from None


def _day(text: str) -> Date | None:
    try:
        return Date.fromisoformat(text)
    except ValueError:
        return None
