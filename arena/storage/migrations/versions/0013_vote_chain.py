"""The chain of votes.

The table starts empty. Whoever migrates chains the votes that are there, by the rules of the
installed version.
"""

import sqlalchemy as sa
from alembic import op

from arena.storage.objects import drop_objects

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table."""
    drop_objects(op.get_bind())
    op.create_table(
        "vote_chain",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("vote_id", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_vote_chain"),
        sa.CheckConstraint("number >= 1", name="ck_vote_chain_number"),
    )
