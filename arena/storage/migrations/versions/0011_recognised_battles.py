"""Battles of which the annotator has said before the vote that a model was recognised."""

from alembic import op

from arena.storage.objects import drop_objects

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; it holds nothing that boards count."""
    drop_objects(op.get_bind())
    op.execute("ALTER TABLE battles ADD COLUMN recognised BOOLEAN NOT NULL DEFAULT 0")
