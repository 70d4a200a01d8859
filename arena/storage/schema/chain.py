"""The chain of votes: what makes a vote that was changed or removed stand out."""

import sqlalchemy as sa

from arena.storage.schema.columns import metadata

vote_chain = sa.Table(
    "vote_chain",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("vote_id", sa.Integer, nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("key", sa.Text, nullable=False),
    sa.Column("digest", sa.LargeBinary, nullable=False),
    sa.CheckConstraint("number >= 1", name="number"),
)
"""An entry for each vote and each revision. Without references: it outlives what it is about."""
