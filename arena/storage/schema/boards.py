"""What boards read, a number that grows with every change, and the boards that were frozen."""

import sqlalchemy as sa

from arena.storage.schema.columns import UtcDateTime, metadata, partial_index

outcomes = sa.Table(
    "outcomes",
    metadata,
    sa.Column("vote_id", sa.Integer, nullable=False),
    sa.Column("position_a", sa.Integer, nullable=False),
    sa.Column("position_b", sa.Integer, nullable=False),
    sa.Column("model_id_a", sa.Integer, nullable=False),
    sa.Column("model_id_b", sa.Integer, nullable=False),
    sa.Column("verdict", sa.Text, nullable=False),
    sa.Column("slots", sa.Integer, nullable=False),
    sa.Column("flagged", sa.Boolean, nullable=False),
    sa.Column("recognised", sa.Boolean, nullable=False),
    sa.Column("identity_leak", sa.Boolean, nullable=False),
    sa.Column("truncated", sa.Boolean, nullable=False),
    sa.Column("category", sa.Text),
    sa.Column("language", sa.Text, nullable=False),
    sa.Column("annotator_id", sa.Integer, nullable=False),
    sa.Column("prompt_hash", sa.BigInteger, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("campaign_id", sa.Integer),
    sa.Column("item_hash", sa.BigInteger, nullable=False, server_default=sa.text("0")),
    sa.Column("annotator_excluded", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("weight", sa.Float),
    sa.PrimaryKeyConstraint("vote_id", "position_a", "position_b"),
    sa.Index(
        "ix_outcomes_board",
        *("model_id_a", "model_id_b", "verdict", "slots", "flagged", "category", "language"),
        *("annotator_id", "prompt_hash", "created_at", "campaign_id"),
    ),
    sa.Index(
        "ix_outcomes_flagged",
        *("model_id_a", "model_id_b", "slots", "recognised", "identity_leak", "truncated"),
        *("annotator_excluded", "flagged", "category", "language", "annotator_id", "created_at"),
        "campaign_id",
        sqlite_where=sa.text("flagged = 1"),
        postgresql_where=sa.text("flagged"),
    ),
    partial_index(
        "ix_outcomes_weighted",
        *("model_id_a", "model_id_b", "verdict", "flagged", "category", "language"),
        *("annotator_id", "created_at", "campaign_id", "weight"),
        where="weight IS NOT NULL",
    ),
    sqlite_with_rowid=False,
)
"""One row per pairwise outcome, maintained by triggers."""

board_version = sa.Table("board_version", metadata, sa.Column("number", sa.Integer, nullable=False))
"""Its one number grows with everything that changes a board."""

board_snapshots = sa.Table(
    "board_snapshots",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("who", sa.ForeignKey("annotators.id")),
    sa.Column("limits", sa.JSON, nullable=False),
    sa.Column("votes", sa.Integer, nullable=False),
    sa.Column("models", sa.Integer, nullable=False),
    sa.Column("fingerprint", sa.Text, nullable=False),
    sa.Column("document", sa.Text, nullable=False),
    sa.CheckConstraint("number >= 1", name="number"),
)
"""Boards as they were on a day, to be cited; `document` is the file that `fingerprint` is of."""
