"""Models, and the battles that they fight: slots and turns."""

import sqlalchemy as sa

from arena.storage.schema.columns import UtcDateTime, metadata, partial_index

models = sa.Table(
    "models",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("key", sa.Text, nullable=False),
    sa.Column("fingerprint", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("origin", sa.Text, nullable=False),
    sa.Column("license", sa.Text),
    sa.Column("card", sa.JSON, nullable=False),
    sa.Column("configuration", sa.JSON, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.UniqueConstraint("key", "fingerprint"),
    sa.UniqueConstraint("id", "key"),
    sa.CheckConstraint("origin IN ('catalogue', 'external')", name="origin"),
)

battles = sa.Table(
    "battles",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("annotator_id", sa.ForeignKey("annotators.id"), nullable=False),
    sa.Column("state", sa.Text, sa.ForeignKey("battle_states.name"), nullable=False),
    sa.Column("category", sa.Text),
    sa.Column("language", sa.Text, nullable=False),
    sa.Column("pair_probability", sa.Float),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("completed_at", UtcDateTime),
    sa.Column("revealed_at", UtcDateTime),
    sa.Column("campaign_id", sa.ForeignKey("campaigns.id")),
    sa.Column("owner", sa.Text),
    sa.Column(
        "purpose",
        sa.Text,
        sa.ForeignKey("battle_purposes.name"),
        nullable=False,
        server_default="judged",
    ),
    sa.Column("recognised", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("even_probability", sa.Float),
    sa.UniqueConstraint("id", "annotator_id"),
    sa.Index("ix_battles_annotator_id_state", "annotator_id", "state"),
    sa.Index("ix_battles_created_at", "created_at"),
    partial_index("ix_battles_void", "created_at", where="state = 'void'"),
    partial_index("ix_battles_generating", "owner", where="state = 'generating'"),
)

leases = sa.Table(
    "leases",
    metadata,
    sa.Column("owner", sa.Text, primary_key=True),
    sa.Column("expires_at", UtcDateTime, nullable=False),
    sa.Column("key_names", sa.Text),
)
"""Servers that are alive: what one generates is its own until its lease has expired.

`key_names` are the names of its secret keys, which all servers of a database have in common.
"""

slots = sa.Table(
    "slots",
    metadata,
    sa.Column("battle_id", sa.ForeignKey("battles.id"), nullable=False),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("model_id", sa.Integer, nullable=False),
    sa.Column("model_key", sa.Text, nullable=False),
    sa.PrimaryKeyConstraint("battle_id", "position"),
    sa.UniqueConstraint("battle_id", "model_key"),
    sa.ForeignKeyConstraint(["model_id", "model_key"], ["models.id", "models.key"]),
    sa.CheckConstraint("position >= 0", name="position"),
)

draws = sa.Table(
    "draws",
    metadata,
    sa.Column("ordering", sa.Text, primary_key=True),
    sa.Column("drawn", sa.Integer, nullable=False),
)

turns = sa.Table(
    "turns",
    metadata,
    sa.Column("battle_id", sa.ForeignKey("battles.id"), nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("prompt", sa.Text, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("prompt_hash", sa.BigInteger),
    sa.PrimaryKeyConstraint("battle_id", "number"),
    sa.CheckConstraint("number >= 1", name="number"),
)
