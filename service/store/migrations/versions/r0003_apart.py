"""What people found of suggestions that look alike: that they are no one matter, or that their leads may differ."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "r0003"
down_revision = "r0002"
branch_labels = None
depends_on = None

COUNTER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make both tables."""
    op.create_table(
        "apart",
        sa.Column("id", COUNTER, autoincrement=True, nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("actor", sa.String(length=200), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_apart"),
    )
    op.create_table(
        "apart_members",
        sa.Column("apart_id", COUNTER, nullable=False),
        sa.Column("suggestion_id", COUNTER, nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["apart_id"], ["apart.id"], name="fk_apart_members_apart_id_apart", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["suggestion_id"], ["suggestions.id"], name="fk_apart_members_suggestion_id_suggestions", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("apart_id", "suggestion_id", name="pk_apart_members"),
    )
    op.create_index("ix_apart_members_suggestion_id", "apart_members", ["suggestion_id"])
