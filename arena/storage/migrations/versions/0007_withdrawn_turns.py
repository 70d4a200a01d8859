"""Withdrawn turns: a stopped one is taken out of its battle, so that those before it get a vote.

Both tables start empty: until now a stopped turn could only be tried again.
"""

import sqlalchemy as sa
from alembic import op

from arena.storage.objects import drop_objects

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables of withdrawn turns and of the replies that were shown in them."""
    drop_objects(op.get_bind())
    op.create_table(
        "withdrawn_turns",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("battle_id", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("prompt", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(), nullable=False),
        sa.CheckConstraint("number >= 2", name=op.f("ck_withdrawn_turns_number")),
        sa.ForeignKeyConstraint(["battle_id"], ["battles.id"], name="fk_withdrawn_turns_battle_id"),
        sa.PrimaryKeyConstraint("id", name="pk_withdrawn_turns"),
    )
    op.create_index("ix_withdrawn_turns_battle_id", "withdrawn_turns", ["battle_id"])
    op.create_table(
        "withdrawn_replies",
        sa.Column("withdrawn_turn_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("reply_id", sa.Integer(), nullable=False),
        sa.CheckConstraint("attempt >= 1", name=op.f("ck_withdrawn_replies_attempt")),
        sa.ForeignKeyConstraint(
            ["withdrawn_turn_id"],
            ["withdrawn_turns.id"],
            name="fk_withdrawn_replies_withdrawn_turn_id",
        ),
        sa.ForeignKeyConstraint(["reply_id"], ["replies.id"], name="fk_withdrawn_replies_reply_id"),
        sa.PrimaryKeyConstraint(
            "withdrawn_turn_id", "position", "attempt", name="pk_withdrawn_replies"
        ),
    )
    op.create_index("ix_withdrawn_replies_reply_id", "withdrawn_replies", ["reply_id"])
