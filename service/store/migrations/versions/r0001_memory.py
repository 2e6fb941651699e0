"""The first tables of the memory, the head of the trail, and the text search over `suggestions.grams`."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "r0001"
down_revision = None
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(JSONB(), "postgresql")
COUNTER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make everything."""
    _suggestions()
    _wordings()
    _decisions()
    _results()
    _trail()
    _settings()
    _jobs()
    _messages()
    _words()


def _suggestions() -> None:
    """Suggestions as they stand."""
    op.create_table(
        "suggestions",
        sa.Column("id", COUNTER, autoincrement=True, nullable=False),
        sa.Column("ref", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("session", sa.String(length=200), nullable=False),
        sa.Column("day", sa.Date(), nullable=True),
        sa.Column("proposers", JSON, nullable=False),
        sa.Column("wish", sa.String(length=200), nullable=False),
        sa.Column("confidential", sa.Boolean(), nullable=False),
        sa.Column("topic", sa.String(length=200), nullable=False),
        sa.Column("decision", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("title_grams", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("grams", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_suggestions"),
        sa.UniqueConstraint("ref", name="uq_suggestions_ref"),
    )
    op.create_index("ix_suggestions_changed_at", "suggestions", ["changed_at"])
    op.create_index("ix_suggestions_day", "suggestions", ["day"])
    op.create_index("ix_suggestions_session", "suggestions", ["session"])
    op.create_index("ix_suggestions_source", "suggestions", ["source"])
    op.create_index("ix_suggestions_state", "suggestions", ["state"])
    op.create_index("ix_suggestions_topic", "suggestions", ["topic"])


def _wordings() -> None:
    """Every wording that came in, and the answers of the models."""
    op.create_table(
        "versions",
        sa.Column("id", COUNTER, autoincrement=True, nullable=False),
        sa.Column("suggestion_id", COUNTER, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content", JSON, nullable=False),
        sa.Column("salt", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("actor", sa.String(length=200), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["suggestion_id"], ["suggestions.id"], name="fk_versions_suggestion_id_suggestions", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_versions"),
        sa.UniqueConstraint("suggestion_id", "number", name="uq_versions_suggestion_id_number"),
    )
    op.create_table(
        "answers",
        sa.Column("id", COUNTER, autoincrement=True, nullable=False),
        sa.Column("suggestion_id", COUNTER, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("model", sa.String(length=200), nullable=False),
        sa.Column("catalogue", sa.String(length=64), nullable=False),
        sa.Column("answer", JSON, nullable=False),
        sa.Column("actor", sa.String(length=200), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["suggestion_id"], ["suggestions.id"], name="fk_answers_suggestion_id_suggestions", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_answers"),
    )
    op.create_index("ix_answers_suggestion", "answers", ["suggestion_id", "id"])


def _decisions() -> None:
    """What people decided, and the units of the decision that holds."""
    op.create_table(
        "decisions",
        sa.Column("id", COUNTER, autoincrement=True, nullable=False),
        sa.Column("suggestion_id", COUNTER, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("answer_id", COUNTER, nullable=True),
        sa.Column("lead", JSON, nullable=False),
        sa.Column("co", JSON, nullable=False),
        sa.Column("topics", JSON, nullable=False),
        sa.Column("mode", sa.String(length=20), nullable=False),
        sa.Column("suggested_lead", JSON, nullable=False),
        sa.Column("suggested_co", JSON, nullable=False),
        sa.Column("shown", JSON, nullable=False),
        sa.Column("day", sa.Date(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.String(length=200), nullable=False),
        sa.Column("actor", sa.String(length=200), nullable=False),
        sa.Column("salt", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["answer_id"], ["answers.id"], name="fk_decisions_answer_id_answers", ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["suggestion_id"], ["suggestions.id"], name="fk_decisions_suggestion_id_suggestions", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_decisions"),
        sa.UniqueConstraint("suggestion_id", "number", name="uq_decisions_suggestion_id_number"),
    )
    op.create_index("ix_decisions_answer_id", "decisions", ["answer_id"])
    op.create_table(
        "assignments",
        sa.Column("suggestion_id", COUNTER, nullable=False),
        sa.Column("role", sa.String(length=4), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("unit", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["suggestion_id"], ["suggestions.id"], name="fk_assignments_suggestion_id_suggestions", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("suggestion_id", "role", "place", name="pk_assignments"),
    )
    op.create_index("ix_assignments_unit", "assignments", ["unit", "role"])


def _results() -> None:
    """Returns and outcomes."""
    op.create_table(
        "returns",
        sa.Column("id", COUNTER, autoincrement=True, nullable=False),
        sa.Column("suggestion_id", COUNTER, nullable=False),
        sa.Column("decision", sa.Integer(), nullable=False),
        sa.Column("unit", sa.String(length=200), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=True),
        sa.Column("actor", sa.String(length=200), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["suggestion_id"], ["suggestions.id"], name="fk_returns_suggestion_id_suggestions", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_returns"),
    )
    op.create_index("ix_returns_suggestion_id", "returns", ["suggestion_id"])
    op.create_table(
        "outcomes",
        sa.Column("id", COUNTER, autoincrement=True, nullable=False),
        sa.Column("suggestion_id", COUNTER, nullable=False),
        sa.Column("outcome", sa.String(length=200), nullable=False),
        sa.Column("reply", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=True),
        sa.Column("actor", sa.String(length=200), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["suggestion_id"], ["suggestions.id"], name="fk_outcomes_suggestion_id_suggestions", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_outcomes"),
    )
    op.create_index("ix_outcomes_suggestion_id", "outcomes", ["suggestion_id"])


def _trail() -> None:
    """The chain, and its head, which every writer locks."""
    op.create_table(
        "trail",
        sa.Column("seq", COUNTER, autoincrement=False, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("actor", sa.String(length=200), nullable=False),
        sa.Column("action", sa.String(length=60), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("details", JSON, nullable=False),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_trail"),
    )
    op.create_index("ix_trail_action", "trail", ["action"])
    op.create_index("ix_trail_subject", "trail", ["subject"])
    op.create_table(
        "trail_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seq", COUNTER, nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_trail_head"),
    )
    head = sa.table("trail_head", sa.column("id"), sa.column("seq"), sa.column("digest"))
    op.bulk_insert(head, [{"id": 1, "seq": 0, "digest": "0" * 64}])


def _settings() -> None:
    """Keys, settings, versions of the catalogue."""
    op.create_table(
        "keys",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("scopes", JSON, nullable=False),
        sa.Column("confidential", sa.Boolean(), nullable=False),
        sa.Column("per_minute", sa.Integer(), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=True),
        sa.Column("revoked_at", MOMENT, nullable=True),
        sa.Column("follows", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_keys"),
    )
    op.create_table(
        "settings",
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("value", JSON, nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_settings"),
    )
    op.create_table(
        "catalogues",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("files", JSON, nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("actor", sa.String(length=200), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_catalogues"),
    )


def _jobs() -> None:
    """Work that takes long, row by row."""
    op.create_table(
        "jobs",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("options", JSON, nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("problem", JSON, nullable=True),
        sa.Column("cancel", sa.Boolean(), nullable=False),
        sa.Column("lease", sa.String(length=32), nullable=False),
        sa.Column("leased_until", MOMENT, nullable=True),
        sa.Column("key_id", sa.String(length=32), nullable=False),
        sa.Column("actor", sa.String(length=200), nullable=False),
        sa.Column("confidential", sa.Boolean(), nullable=False),
        sa.Column("input_name", sa.String(length=200), nullable=False),
        sa.Column("input", sa.LargeBinary(), nullable=True),
        sa.Column("output_name", sa.String(length=200), nullable=False),
        sa.Column("output_type", sa.String(length=100), nullable=False),
        sa.Column("output", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("started_at", MOMENT, nullable=True),
        sa.Column("finished_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_jobs"),
    )
    op.create_index("ix_jobs_created_at", "jobs", ["created_at"])
    op.create_index("ix_jobs_key_id", "jobs", ["key_id"])
    op.create_index("ix_jobs_waiting", "jobs", ["state", "leased_until"])
    op.create_table(
        "job_items",
        sa.Column("job_id", sa.String(length=32), nullable=False),
        sa.Column("place", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("result", JSON, nullable=False),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name="fk_job_items_job_id_jobs", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("job_id", "place", name="pk_job_items"),
    )


def _messages() -> None:
    """Webhooks and what is sent to them, replies that are remembered."""
    op.create_table(
        "webhooks",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("events", JSON, nullable=False),
        sa.Column("secret", sa.String(length=200), nullable=False),
        sa.Column("old_secret", sa.String(length=200), nullable=False),
        sa.Column("old_until", MOMENT, nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("confidential", sa.Boolean(), nullable=False),
        sa.Column("actor", sa.String(length=200), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_webhooks"),
    )
    op.create_table(
        "deliveries",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("webhook_id", sa.String(length=32), nullable=False),
        sa.Column("event", sa.String(length=60), nullable=False),
        sa.Column("payload", JSON, nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", MOMENT, nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("error", sa.String(length=200), nullable=False),
        sa.Column("tried_at", MOMENT, nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["webhook_id"], ["webhooks.id"], name="fk_deliveries_webhook_id_webhooks", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_deliveries"),
    )
    op.create_index("ix_deliveries_due", "deliveries", ["state", "next_at"])
    op.create_index("ix_deliveries_webhook_id", "deliveries", ["webhook_id"])
    op.create_table(
        "replies",
        sa.Column("key_id", sa.String(length=32), nullable=False),
        sa.Column("idempotency_key", sa.String(length=200), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("headers", JSON, nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("key_id", "idempotency_key", name="pk_replies"),
    )
    op.create_index("ix_replies_at", "replies", ["at"])


def _words() -> None:
    """The text search over `suggestions.grams`, as `service.store.search` asks it."""
    if op.get_bind().dialect.name == "postgresql":
        # Not an expression in the index, because the planner would take it for cheap and cut the whole table's pairs.
        op.execute(
            "CREATE FUNCTION suggestion_grams(text) RETURNS text[] LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE "
            "COST 10000 AS $$ BEGIN RETURN string_to_array($1, ' ') || string_to_array($1, NULL); END $$"
        )
        op.execute("CREATE INDEX ix_suggestions_words ON suggestions USING gin (suggestion_grams(grams))")
        return
    remove = "INSERT INTO suggestion_words (suggestion_words, rowid, grams) VALUES ('delete', old.id, old.grams);"
    add = "INSERT INTO suggestion_words (rowid, grams) VALUES (new.id, new.grams);"
    op.execute(
        "CREATE VIRTUAL TABLE suggestion_words "
        "USING fts5(grams, content='suggestions', content_rowid='id', tokenize='ascii')"
    )
    op.execute(f"CREATE TRIGGER suggestion_words_added AFTER INSERT ON suggestions BEGIN {add} END")
    op.execute(f"CREATE TRIGGER suggestion_words_removed AFTER DELETE ON suggestions BEGIN {remove} END")
    op.execute(
        "CREATE TRIGGER suggestion_words_changed AFTER UPDATE OF id, grams ON suggestions "
        f"WHEN old.id <> new.id OR old.grams <> new.grams BEGIN {remove} {add} END"
    )
