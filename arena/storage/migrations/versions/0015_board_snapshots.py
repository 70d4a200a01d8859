"""Boards that were frozen under a number."""

import sqlalchemy as sa
from alembic import op

from arena.storage.objects import drop_objects

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table."""
    drop_objects(op.get_bind())
    op.create_table(
        "board_snapshots",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("who", sa.Integer(), nullable=True),
        sa.Column("limits", sa.JSON(), nullable=False),
        sa.Column("votes", sa.Integer(), nullable=False),
        sa.Column("models", sa.Integer(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_board_snapshots"),
        sa.ForeignKeyConstraint(["who"], ["annotators.id"], name="fk_board_snapshots_who"),
        sa.CheckConstraint("number >= 1", name="ck_board_snapshots_number"),
    )
