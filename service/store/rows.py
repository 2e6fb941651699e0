"""Rows of whole tables: read out in the order of their keys, put in part by part."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import JSON, Connection, LargeBinary, Table, insert, select
from sqlalchemy.orm import Session

PART = 500
"""Rows that are read or added at once."""
MOST_TEXT = 8_000_000
"""Characters and bytes of such a part, about."""


def rows_in(session: Session, table: Table) -> Iterator[dict[str, Any]]:
    """The rows in the order of their keys, few at a time where they hold files."""
    part = 1 if any(isinstance(column.type, LargeBinary) for column in table.columns) else PART
    chosen = select(table).order_by(*table.primary_key.columns).execution_options(yield_per=part)
    with session.execute(chosen) as result:
        yield from (dict(row) for row in result.mappings())


def in_parts(rows: Iterable[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    """The rows in parts that fit into memory."""
    part: list[dict[str, Any]] = []
    size = 0
    for row in rows:
        part.append(row)
        size += sum(len(value) for value in row.values() if isinstance(value, str | bytes))
        if len(part) == PART or size > MOST_TEXT:
            yield part
            part, size = [], 0
    if part:
        yield part


def add_rows(target: Session | Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Add rows. Of nothing in a JSON column that may be empty no `null` is made."""
    empty = [column.name for column in table.columns if isinstance(column.type, JSON) and column.nullable]
    groups: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for row in rows:
        kept = {name: value for name, value in row.items() if value is not None or name not in empty}
        groups.setdefault(tuple(kept), []).append(kept)
    for group in groups.values():
        target.execute(insert(table), group)
