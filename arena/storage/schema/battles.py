"""Models, and the battles that they fight: slots, turns, and campaigns of battles."""

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from arena.storage.schema.columns import UtcDateTime, metadata

models = Table(
    "models",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", Text, nullable=False),
    Column("fingerprint", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("origin", Text, nullable=False),
    Column("license", Text),
    Column("card", JSON, nullable=False),
    Column("configuration", JSON, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    UniqueConstraint("key", "fingerprint"),
    UniqueConstraint("id", "key"),
    CheckConstraint("origin IN ('catalogue', 'external')", name="origin"),
)

campaigns = Table(
    "campaigns",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("created_at", UtcDateTime, nullable=False),
)

battles = Table(
    "battles",
    metadata,
    Column("id", Text, primary_key=True),
    Column("annotator_id", ForeignKey("annotators.id"), nullable=False),
    Column("state", Text, ForeignKey("battle_states.name"), nullable=False),
    Column("category", Text),
    Column("language", Text, nullable=False),
    Column("pair_probability", Float),
    Column("created_at", UtcDateTime, nullable=False),
    Column("completed_at", UtcDateTime),
    Column("revealed_at", UtcDateTime),
    Column("campaign_id", ForeignKey("campaigns.id")),
    Column("owner", Text),
    UniqueConstraint("id", "annotator_id"),
    Index("ix_battles_annotator_id_state", "annotator_id", "state"),
    Index("ix_battles_void", "created_at", sqlite_where=text("state = 'void'")),
    Index("ix_battles_generating", "owner", sqlite_where=text("state = 'generating'")),
)

leases = Table(
    "leases",
    metadata,
    Column("owner", Text, primary_key=True),
    Column("expires_at", UtcDateTime, nullable=False),
)
"""Servers that are alive: what one generates is its own until its lease has expired."""

slots = Table(
    "slots",
    metadata,
    Column("battle_id", ForeignKey("battles.id"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("model_id", Integer, nullable=False),
    Column("model_key", Text, nullable=False),
    PrimaryKeyConstraint("battle_id", "position"),
    UniqueConstraint("battle_id", "model_key"),
    ForeignKeyConstraint(["model_id", "model_key"], ["models.id", "models.key"]),
    CheckConstraint("position >= 0", name="position"),
)

draws = Table(
    "draws",
    metadata,
    Column("ordering", Text, primary_key=True),
    Column("drawn", Integer, nullable=False),
)

turns = Table(
    "turns",
    metadata,
    Column("battle_id", ForeignKey("battles.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("prompt", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("prompt_hash", BigInteger),
    PrimaryKeyConstraint("battle_id", "number"),
    CheckConstraint("number >= 1", name="number"),
)
