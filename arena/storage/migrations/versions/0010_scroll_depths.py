"""How far each reply of an item was scrolled into view, besides how far all of them were."""

from alembic import op

from arena.storage.objects import drop_objects

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; of ballots before nobody knows more than the one number."""
    drop_objects(op.get_bind())
    op.execute("ALTER TABLE assignments ADD COLUMN scroll_depths TEXT")
