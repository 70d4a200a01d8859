"""The vote ledger: votes, what belongs to them, corrections and flags."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
)

from arena.storage.schema.columns import UtcDateTime, metadata

votes = Table(
    "votes",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("battle_id", Text, nullable=False, unique=True),
    Column("annotator_id", Integer, nullable=False, index=True),
    Column("verdict", Text, ForeignKey("verdicts.name")),
    Column("comment", Text, nullable=False),
    Column("reading_s", Float),
    Column("created_at", UtcDateTime, nullable=False),
    ForeignKeyConstraint(["battle_id", "annotator_id"], ["battles.id", "battles.annotator_id"]),
)

vote_rankings = Table(
    "vote_rankings",
    metadata,
    Column("vote_id", ForeignKey("votes.id"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("rank", Integer, nullable=False),
    PrimaryKeyConstraint("vote_id", "position"),
    CheckConstraint("rank >= 1", name="rank"),
)

vote_reasons = Table(
    "vote_reasons",
    metadata,
    Column("vote_id", ForeignKey("votes.id"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("reason", Text, ForeignKey("reasons.name"), nullable=False),
    PrimaryKeyConstraint("vote_id", "position", "reason"),
)

vote_revisions = Table(
    "vote_revisions",
    metadata,
    Column("vote_id", ForeignKey("votes.id"), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("verdict", Text, ForeignKey("verdicts.name"), nullable=False),
    Column("who", ForeignKey("annotators.id"), nullable=False),
    Column("why", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    PrimaryKeyConstraint("vote_id", "revision"),
    CheckConstraint("revision >= 1", name="revision"),
)

flags = Table(
    "flags",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", Text, ForeignKey("flag_kinds.name"), nullable=False),
    Column("vote_id", ForeignKey("votes.id")),
    Column("reply_id", ForeignKey("replies.id")),
    Column("detail", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    UniqueConstraint("kind", "vote_id"),
    UniqueConstraint("kind", "reply_id"),
    CheckConstraint("(vote_id IS NULL) <> (reply_id IS NULL)", name="subject"),
)
