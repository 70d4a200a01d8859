"""Addresses: from which one a session was opened, and what accounts cast from it in each hour.

An address is a number. Its keyed hash stands beside the number only as long as a session of it may
be in use; nothing else of it is stored. Sessions of older databases have none.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add both tables, the column of sessions, and the trigger that counts votes."""
    op.create_table(
        "addresses",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=True),
        sa.Column("expires_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_addresses")),
        sa.UniqueConstraint("hash", name=op.f("uq_addresses_hash")),
    )
    op.create_index(
        "ix_addresses_known",
        "addresses",
        ["expires_at"],
        sqlite_where=sa.text("hash IS NOT NULL"),
        postgresql_where=sa.text("hash IS NOT NULL"),
    )
    op.execute(
        "ALTER TABLE sessions ADD COLUMN address_id INTEGER "
        "CONSTRAINT fk_sessions_address_id REFERENCES addresses (id)"
    )
    op.create_table(
        "address_hours",
        sa.Column("address_id", sa.Integer(), nullable=False),
        sa.Column("hour", sa.Text(), nullable=False),
        sa.Column("annotator_id", sa.Integer(), nullable=False),
        sa.Column("votes", sa.Integer(), nullable=False),
        sa.Column("first_at", sa.DateTime(), nullable=False),
        sa.Column("last_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["address_id"], ["addresses.id"], name=op.f("fk_address_hours_address_id")
        ),
        sa.ForeignKeyConstraint(
            ["annotator_id"], ["annotators.id"], name=op.f("fk_address_hours_annotator_id")
        ),
        sa.PrimaryKeyConstraint("address_id", "hour", "annotator_id", name="pk_address_hours"),
        sqlite_with_rowid=False,
    )
    if op.get_bind().dialect.name == "sqlite":
        op.execute(TRIGGER)


TRIGGER = """CREATE TRIGGER votes_count_for_addresses AFTER INSERT ON votes BEGIN
INSERT INTO address_hours (address_id, hour, annotator_id, votes, first_at, last_at)
SELECT address_id, substr(NEW.created_at, 1, 13), NEW.annotator_id, 1, NEW.created_at,
  NEW.created_at
FROM (SELECT address_id FROM sessions WHERE annotator_id = NEW.annotator_id
  ORDER BY created_at DESC, rowid DESC LIMIT 1)
WHERE address_id IS NOT NULL
ON CONFLICT (address_id, hour, annotator_id) DO UPDATE SET
  votes = votes + 1,
  first_at = min(first_at, excluded.first_at),
  last_at = max(last_at, excluded.last_at);
END"""
