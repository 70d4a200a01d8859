"""Accounts, their sessions and invitations, and the addresses that they vote from."""

import sqlalchemy as sa

from arena.storage.schema.columns import (
    UtcDateTime,
    metadata,
    partial_index,
    with_row_numbers,
)

annotators = sa.Table(
    "annotators",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("name", sa.Text, nullable=False, unique=True),
    sa.Column("role", sa.Text, sa.ForeignKey("roles.name"), nullable=False),
    sa.Column("password_hash", sa.Text),
    sa.Column("group_name", sa.Text),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("disabled_at", UtcDateTime),
)

sessions = sa.Table(
    "sessions",
    metadata,
    sa.Column("token_hash", sa.Text, primary_key=True),
    sa.Column("annotator_id", sa.ForeignKey("annotators.id"), nullable=False, index=True),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("expires_at", UtcDateTime, nullable=False),
    sa.Column("revoked_at", UtcDateTime),
    sa.Column("address_id", sa.ForeignKey("addresses.id")),
)
with_row_numbers(sessions)

invitations = sa.Table(
    "invitations",
    metadata,
    sa.Column("token_hash", sa.Text, primary_key=True),
    sa.Column("annotator_id", sa.ForeignKey("annotators.id"), nullable=False, index=True),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("expires_at", UtcDateTime),
    sa.Column("revoked_at", UtcDateTime),
    sa.Column("last_used_at", UtcDateTime),
)
"""Personal links by which people sign in without a password."""

addresses = sa.Table(
    "addresses",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("hash", sa.Text, unique=True),
    sa.Column("expires_at", UtcDateTime, nullable=False),
    partial_index("ix_addresses_known", "expires_at", where="hash IS NOT NULL"),
)

address_hours = sa.Table(
    "address_hours",
    metadata,
    sa.Column("address_id", sa.ForeignKey("addresses.id"), nullable=False),
    sa.Column("hour", sa.Text, nullable=False),
    sa.Column("annotator_id", sa.ForeignKey("annotators.id"), nullable=False),
    sa.Column("votes", sa.Integer, nullable=False),
    sa.Column("first_at", UtcDateTime, nullable=False),
    sa.Column("last_at", UtcDateTime, nullable=False),
    sa.PrimaryKeyConstraint("address_id", "hour", "annotator_id"),
    sqlite_with_rowid=False,
)
"""What an account cast in a clock hour from an address, counted by a trigger."""
