"""Votes and battles found by when they were cast and begun."""

from alembic import op

from arena.storage.objects import drop_objects

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the indexes."""
    drop_objects(op.get_bind())
    op.create_index("ix_votes_created_at", "votes", ["created_at"])
    op.create_index("ix_battles_created_at", "battles", ["created_at"])
