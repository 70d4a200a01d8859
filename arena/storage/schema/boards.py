"""What boards read: pairwise outcomes, and a number that grows with every change."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    text,
)

from arena.storage.schema.columns import UtcDateTime, metadata

outcomes = Table(
    "outcomes",
    metadata,
    Column("vote_id", Integer, nullable=False),
    Column("position_a", Integer, nullable=False),
    Column("position_b", Integer, nullable=False),
    Column("model_id_a", Integer, nullable=False),
    Column("model_id_b", Integer, nullable=False),
    Column("verdict", Text, nullable=False),
    Column("slots", Integer, nullable=False),
    Column("flagged", Boolean, nullable=False),
    Column("recognised", Boolean, nullable=False),
    Column("identity_leak", Boolean, nullable=False),
    Column("truncated", Boolean, nullable=False),
    Column("category", Text),
    Column("language", Text, nullable=False),
    Column("annotator_id", Integer, nullable=False),
    Column("prompt_hash", BigInteger, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("campaign_id", Integer),
    Column("item_hash", BigInteger, nullable=False, server_default=text("0")),
    PrimaryKeyConstraint("vote_id", "position_a", "position_b"),
    Index(
        "ix_outcomes_board",
        *("model_id_a", "model_id_b", "verdict", "slots", "flagged", "category", "language"),
        *("annotator_id", "prompt_hash", "created_at", "campaign_id"),
    ),
    Index(
        "ix_outcomes_flagged",
        *("model_id_a", "model_id_b", "slots", "recognised", "identity_leak", "truncated"),
        *("flagged", "category", "language", "annotator_id", "created_at", "campaign_id"),
        sqlite_where=text("flagged = 1"),
    ),
    sqlite_with_rowid=False,
)
"""One row per pairwise outcome, maintained by triggers."""

board_version = Table("board_version", metadata, Column("number", Integer, nullable=False))
"""Its one number grows with everything that changes a board."""
