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

from arena.domain.reply import FlagKind
from arena.domain.verdict import Reason, Verdict
from arena.storage.schema.columns import UtcDateTime, metadata, one_of

votes = Table(
    "votes",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("battle_id", Text, nullable=False, unique=True),
    Column("annotator_id", Integer, nullable=False, index=True),
    Column("verdict", Text),
    Column("comment", Text, nullable=False),
    Column("reading_s", Float),
    Column("created_at", UtcDateTime, nullable=False),
    ForeignKeyConstraint(["battle_id", "annotator_id"], ["battles.id", "battles.annotator_id"]),
    one_of("verdict", Verdict),
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
    Column("reason", Text, nullable=False),
    PrimaryKeyConstraint("vote_id", "position", "reason"),
    one_of("reason", Reason),
)

vote_revisions = Table(
    "vote_revisions",
    metadata,
    Column("vote_id", ForeignKey("votes.id"), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("verdict", Text, nullable=False),
    Column("who", ForeignKey("annotators.id"), nullable=False),
    Column("why", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    PrimaryKeyConstraint("vote_id", "revision"),
    one_of("verdict", Verdict),
    CheckConstraint("revision >= 1", name="revision"),
)

flags = Table(
    "flags",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("vote_id", ForeignKey("votes.id")),
    Column("reply_id", ForeignKey("replies.id")),
    Column("detail", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    UniqueConstraint("kind", "vote_id"),
    UniqueConstraint("kind", "reply_id"),
    one_of("kind", FlagKind),
    CheckConstraint("(vote_id IS NULL) <> (reply_id IS NULL)", name="subject"),
)
