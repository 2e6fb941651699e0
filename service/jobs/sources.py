"""Where a job's rows come from: an upload, or the suggestions of the memory that a filter chooses."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date as Date
from typing import Any, Protocol

from sqlalchemy import select
from sqlalchemy.orm import undefer

from service.jobs.reading import UNNAMED
from service.jobs.uploads import read
from service.problems import Problem
from service.settings import Settings
from service.store.cases import cases, count
from service.store.listing import Filter, conditions
from service.store.store import Store
from service.store.suggestions import suggestion_of
from service.store.tables import ERASED, SuggestionRow
from service.store.tables_service import JobRow
from triage.records import Case, Suggestion

FILTER = "filter"
"""The option that holds the filter, as plain JSON types. A job without it works on its upload."""


@dataclass(frozen=True, slots=True)
class Order:
    """What was asked for: a job as it stood when a worker took it."""

    job_id: str
    kind: str
    options: Mapping[str, Any]
    actor: str
    confidential: bool
    name: str

    @classmethod
    def of(cls, job: JobRow) -> Order:
        """The order of a job."""
        return cls(job.id, job.kind, job.options, job.actor, job.confidential, job.input_name)

    @property
    def stored(self) -> bool:
        """Whether it works on suggestions of the memory."""
        return FILTER in self.options


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a job. `ref` is the id under which it is, or is to be, stored: empty where it has none of its own.
    `version` is the wording that was read, 0 for one that is not stored yet.
    """

    suggestion: Suggestion
    ref: str
    version: int = 0


class Source(Protocol):
    """The rows of a job that is done a chunk at a time: the same ones in the same order however often it is begun."""

    def __len__(self) -> int:
        """How many there are."""
        ...

    def some(self, start: int, stop: int) -> list[Row]:
        """The rows from `start` up to `stop`."""
        ...


class Upload:
    """The rows of a file that was handed in."""

    def __init__(self, rows: Sequence[tuple[int, Case]]) -> None:
        self.rows = rows

    @property
    def cases(self) -> list[Case]:
        """All rows, with the units and dates that the file has."""
        return [case for _, case in self.rows]

    def __len__(self) -> int:
        return len(self.rows)

    def some(self, start: int, stop: int) -> list[Row]:
        """The rows from `start` up to `stop`."""
        return [
            Row(case.suggestion, "" if case.suggestion.id == f"{UNNAMED}{line}" else case.suggestion.id)
            for line, case in self.rows[start:stop]
        ]


class Stored:
    """Suggestions of the memory, by the refs that the filter chose when the job was begun first; without `confidential`
    none that turned confidential since.
    """

    def __init__(self, store: Store, refs: Sequence[str], *, confidential: bool) -> None:
        self._store, self._refs, self._confidential = store, refs, confidential

    def __len__(self) -> int:
        return len(self._refs)

    def some(self, start: int, stop: int) -> list[Row]:
        """The suggestions from `start` up to `stop` as they stand now; one that was taken away since has no text."""
        refs = self._refs[start:stop]
        chosen = select(SuggestionRow).where(SuggestionRow.ref.in_(refs)).options(undefer(SuggestionRow.text))
        if not self._confidential:
            chosen = chosen.where(SuggestionRow.confidential.is_(False))
        with self._store.read() as session:
            rows = [row for row in session.scalars(chosen) if row.state != ERASED]
            found = {row.ref: Row(suggestion_of(row), row.ref, row.version) for row in rows}
        return [found.get(ref) or Row(Suggestion(id=ref), ref) for ref in refs]


def upload_of(order: Order, content: bytes | None, settings: Settings) -> Upload:
    """The rows of an upload. Raises Problem ``unusable-upload`` or ``too-many-rows``."""
    options = {name: order.options[name] for name in ("columns", "sheet") if name in order.options}
    return Upload(read(order.name, content or b"", settings, options))


def chosen_refs(store: Store, order: Order, settings: Settings) -> list[str]:
    """The refs that an order's filter chooses, in the order in which they came. Raises Problem ``too-many-rows``."""
    where = [*conditions(filter_of(order)), SuggestionRow.state != ERASED]
    if not order.confidential:
        where.append(SuggestionRow.confidential.is_(False))
    chosen = select(SuggestionRow.ref).where(*where).order_by(SuggestionRow.id).limit(settings.max_job_rows + 1)
    with store.read() as session:
        refs = list(session.scalars(chosen))
    _check_number(len(refs), settings)
    return refs


def chosen_cases(store: Store, order: Order, settings: Settings) -> list[Case]:
    """The suggestions that an order's filter chooses, with what became of them. Raises Problem ``too-many-rows``."""
    chosen = filter_of(order)
    with store.snapshot() as session:
        _check_number(count(session, chosen, confidential=order.confidential), settings)
        return list(cases(session, chosen, confidential=order.confidential))


def filter_of(order: Order) -> Filter:
    """The filter of an order."""
    found: dict[str, Any] = {}
    for name, value in order.options[FILTER].items():
        if name in {"since", "until"}:
            found[name] = Date.fromisoformat(value) if value else None
        else:
            found[name] = tuple(value) if isinstance(value, list) else value
    return Filter(**found)


def as_input(refs: Sequence[str]) -> bytes:
    """How chosen refs are kept with the job, so that it goes on with the same ones."""
    return json.dumps(refs, ensure_ascii=False).encode()


def from_input(content: bytes) -> list[str]:
    """The refs that were kept."""
    refs: list[str] = json.loads(content)
    return refs


def _check_number(found: int, settings: Settings) -> None:
    if found > settings.max_job_rows:
        allowed = f"{settings.max_job_rows:,}"
        detail = f"The filter chooses more than {allowed} suggestions, which is the limit. Narrow it."
        raise Problem("too-many-rows", detail, detail_zh=f"筛选结果超过{allowed}件的上限，请缩小范围。")
