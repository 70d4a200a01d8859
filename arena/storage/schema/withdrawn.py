"""Turns that were taken out of their battles before the vote, and what slots showed in them."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
)

from arena.storage.schema.columns import UtcDateTime, metadata

withdrawn_turns = Table(
    "withdrawn_turns",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("battle_id", ForeignKey("battles.id"), nullable=False, index=True),
    Column("number", Integer, nullable=False),
    Column("prompt", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("withdrawn_at", UtcDateTime, nullable=False),
    CheckConstraint("number >= 2", name="number"),
)
"""A battle may have several of one number: the next turn takes the number of the withdrawn one."""

withdrawn_replies = Table(
    "withdrawn_replies",
    metadata,
    Column("withdrawn_turn_id", ForeignKey("withdrawn_turns.id"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("reply_id", ForeignKey("replies.id"), nullable=False, index=True),
    PrimaryKeyConstraint("withdrawn_turn_id", "position", "attempt"),
    CheckConstraint("attempt >= 1", name="attempt"),
)
