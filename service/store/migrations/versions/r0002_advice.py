"""The latest advice beside the suggestion, filled from the answers that were kept, and the job that stored it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "r0002"
down_revision = "r0001"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(JSONB(), "postgresql")
COUNTER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
PART = 500
PROMISES = ("none", "coordinate", "choose", "suggest")
LEAST_HELPER = 0.2
"""As `service.store.advice` and the sheet of a meeting had it when this step was written."""

SUGGESTIONS = sa.table(
    "suggestions",
    *(sa.column("id", COUNTER), sa.column("confidential", sa.Boolean()), sa.column("promise", sa.Integer())),
    *(sa.column("sureness", sa.Double()), sa.column("advised_answer", COUNTER), sa.column("advised_lead", sa.String())),
    *(sa.column("advised_leads", JSON), sa.column("advised_co", JSON), sa.column("advised_mode", sa.String())),
    *(sa.column("advised_topic", sa.String()), sa.column("zone", sa.String())),
)
ANSWERS = sa.table(
    "answers",
    *(sa.column("id", COUNTER), sa.column("suggestion_id", COUNTER), sa.column("version", sa.Integer())),
    sa.column("answer", JSON),
)
VERSIONS = sa.table(
    "versions",
    *(sa.column("suggestion_id", COUNTER), sa.column("number", sa.Integer()), sa.column("content", JSON)),
)


def upgrade() -> None:
    """Add the columns and fill those of the suggestions that were answered."""
    _add()
    op.create_index("ix_suggestions_unsure", "suggestions", ["promise", "sureness", "id"])
    for name in ("advised_lead", "advised_topic", "zone", "batch"):
        op.create_index(f"ix_suggestions_{name}", "suggestions", [name])
    last = 0
    while (until := _part_end(last)) is not None:
        _fill(last, until)
        last = until


def _columns() -> list[sa.Column[Any]]:
    none, zero, empty = sa.text("''"), sa.text("0"), sa.text("'[]'")
    return [
        sa.Column("promise", sa.Integer(), nullable=False, server_default=zero),
        sa.Column("sureness", sa.Double(), nullable=False, server_default=zero),
        sa.Column("advised_answer", COUNTER, nullable=False, server_default=zero),
        sa.Column("advised_lead", sa.String(length=200), nullable=False, server_default=none),
        sa.Column("advised_leads", JSON, nullable=False, server_default=empty),
        sa.Column("advised_co", JSON, nullable=False, server_default=empty),
        sa.Column("advised_mode", sa.String(length=20), nullable=False, server_default=none),
        sa.Column("advised_topic", sa.String(length=200), nullable=False, server_default=none),
        sa.Column("zone", sa.String(length=200), nullable=False, server_default=none),
        sa.Column("batch", sa.String(length=32), nullable=False, server_default=none),
    ]


def _add() -> None:
    """SQLite makes the table anew, because the long columns stand last: a list would be read through them otherwise.
    With the table go the triggers of the text search, which are put back; the search itself is kept by row numbers.
    """
    if op.get_bind().dialect.name != "sqlite":
        for column in _columns():
            op.add_column("suggestions", column)
        return
    triggers = "SELECT sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'suggestions'"
    kept = [row[0] for row in op.get_bind().execute(sa.text(triggers))]
    before = "decision"
    with op.batch_alter_table("suggestions", recreate="always") as batch:
        for column in _columns():
            batch.add_column(column, insert_after=before)
            before = column.name
    for trigger in kept:
        op.get_bind().exec_driver_sql(trigger)


def _part_end(last: int) -> int | None:
    part = sa.select(SUGGESTIONS.c.id).where(SUGGESTIONS.c.id > last).order_by(SUGGESTIONS.c.id).limit(PART).subquery()
    until: int | None = op.get_bind().scalar(sa.select(sa.func.max(part.c.id)))
    return until


def _fill(last: int, until: int) -> None:
    """The suggestions after one number and up to another, from the latest answer that whoever sees them may see."""
    answered, wording = ANSWERS.c, VERSIONS.c
    worded = sa.and_(wording.suggestion_id == answered.suggestion_id, wording.number == answered.version)
    rows = (
        sa.select(answered.suggestion_id, answered.id, answered.answer, SUGGESTIONS.c.confidential, wording.content)
        .select_from(ANSWERS)
        .join(SUGGESTIONS, SUGGESTIONS.c.id == answered.suggestion_id)
        .outerjoin(VERSIONS, worded)
        .where(answered.suggestion_id > last, answered.suggestion_id <= until)
        .order_by(answered.id)
    )
    found: dict[int, dict[str, Any]] = {}
    for row in op.get_bind().execute(rows):
        if row.confidential or not (row.content or {}).get("confidential"):
            found[row.suggestion_id] = {"number": row.suggestion_id, "advised_answer": row.id, **_told(row.answer)}
    if found:
        changed = sa.update(SUGGESTIONS).where(SUGGESTIONS.c.id == sa.bindparam("number"))
        op.get_bind().execute(changed, list(found.values()))


def _told(answer: Mapping[str, Any]) -> dict[str, Any]:
    lead, mode = answer.get("lead") or [], answer.get("mode", "sole")
    leads = [lead[0]["unit"]] if lead else []
    parts = list(dict.fromkeys(part["lead"][0]["unit"] for part in answer.get("matters", ()) if part["lead"]))
    leads = parts if mode == "split" and len(parts) > 1 else leads
    helpers = [one["unit"] for one in answer.get("co", ()) if one["score"] >= LEAST_HELPER and one["unit"] not in leads]
    deepest = max(answer.get("topics", ()), key=lambda topic: (len(topic["path"]), topic["score"]), default=None)
    return {
        "promise": PROMISES.index(answer.get("decision", "choose")),
        "sureness": float(lead[0]["score"]) if lead else 0.0,
        "advised_lead": lead[0]["unit"][:200] if lead else "",
        "advised_leads": leads,
        "advised_co": [] if mode == "sole" else helpers,
        "advised_mode": mode,
        "advised_topic": deepest["name"][:200] if deepest else "",
        "zone": str((answer.get("jurisdiction") or {}).get("name") or "")[:200],
    }
