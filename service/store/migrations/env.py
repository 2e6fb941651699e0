"""Run by Alembic, on the connection and in the transaction that `service.store.migrate` hands over."""

from __future__ import annotations

from typing import Any

from alembic import context

from service.store import tables, tables_service
from service.store.columns import Table

WORDS = ("suggestion_words", "ix_suggestions_words")
"""The text search is no table of the models: an FTS5 table in SQLite, an index over an expression in PostgreSQL."""


def is_modelled(_item: Any, name: str | None, _kind: str, _reflected: bool, _other: Any) -> bool:
    """Whether a table or an index is compared with the models."""
    return name is None or not name.startswith(WORDS)


def migrate() -> None:
    """Bring the database up to the wanted revision. Batches: SQLite changes a table by making it anew."""
    assert tables.SuggestionRow.metadata is tables_service.TrailRow.metadata is Table.metadata  # noqa: S101 - all there
    context.configure(
        connection=context.config.attributes["connection"],
        target_metadata=Table.metadata,
        render_as_batch=True,
        compare_type=True,
        include_object=is_modelled,
    )
    context.run_migrations()


migrate()
