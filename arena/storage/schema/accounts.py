"""Accounts, their sessions, and the addresses that they vote from."""

from sqlalchemy import Column, ForeignKey, Index, Integer, PrimaryKeyConstraint, Table, Text, text

from arena.storage.schema.columns import UtcDateTime, metadata

annotators = Table(
    "annotators",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("role", Text, ForeignKey("roles.name"), nullable=False),
    Column("password_hash", Text),
    Column("group_name", Text),
    Column("created_at", UtcDateTime, nullable=False),
    Column("disabled_at", UtcDateTime),
)

sessions = Table(
    "sessions",
    metadata,
    Column("token_hash", Text, primary_key=True),
    Column("annotator_id", ForeignKey("annotators.id"), nullable=False, index=True),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("revoked_at", UtcDateTime),
    Column("address_id", ForeignKey("addresses.id")),
)

addresses = Table(
    "addresses",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("hash", Text, unique=True),
    Column("expires_at", UtcDateTime, nullable=False),
    Index("ix_addresses_known", "expires_at", sqlite_where=text("hash IS NOT NULL")),
)

address_hours = Table(
    "address_hours",
    metadata,
    Column("address_id", ForeignKey("addresses.id"), nullable=False),
    Column("hour", Text, nullable=False),
    Column("annotator_id", ForeignKey("annotators.id"), nullable=False),
    Column("votes", Integer, nullable=False),
    Column("first_at", UtcDateTime, nullable=False),
    Column("last_at", UtcDateTime, nullable=False),
    PrimaryKeyConstraint("address_id", "hour", "annotator_id"),
    sqlite_with_rowid=False,
)
"""What an account cast in a clock hour from an address, counted by a trigger."""
