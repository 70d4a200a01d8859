"""With the lease of a server, which keys it has: servers of one database need the same."""

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column."""
    op.execute("ALTER TABLE leases ADD COLUMN key_names TEXT")
