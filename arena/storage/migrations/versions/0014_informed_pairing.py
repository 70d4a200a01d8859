"""Draws that follow the votes, and what a comparison weighs then.

The large tables get plain columns: nothing was drawn by votes yet, so that every comparison counts
once.
"""

import sqlalchemy as sa
from alembic import op

from arena.storage.objects import drop_objects

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

NEW_COLUMNS = (("battles", "even_probability FLOAT"), ("outcomes", "weight FLOAT"))

WEIGHTED = (
    *("model_id_a", "model_id_b", "verdict", "flagged", "category", "language"),
    *("annotator_id", "created_at", "campaign_id", "weight"),
)


def upgrade() -> None:
    """Add the columns, and an index of the comparisons that do not count once."""
    drop_objects(op.get_bind())
    for table, column in NEW_COLUMNS:
        op.execute(f"ALTER TABLE {table} ADD COLUMN {column}")
    op.create_index(
        "ix_outcomes_weighted",
        "outcomes",
        list(WEIGHTED),
        sqlite_where=sa.text("weight IS NOT NULL"),
    )
