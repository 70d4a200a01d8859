"""What annotators of a campaign are asked to judge: items, and who has which of them."""

import sqlalchemy as sa

from arena.storage.schema.columns import (
    UtcDateTime,
    metadata,
    partial_index,
    with_row_numbers,
)

items = sa.Table(
    "items",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("campaign_id", sa.Integer, nullable=False),
    sa.Column("prompt", sa.Integer, nullable=False),
    sa.Column("models", sa.Text, nullable=False),
    sa.Column("taken", sa.Integer, nullable=False, server_default=sa.text("0")),
    sa.Column("disputed", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.UniqueConstraint("campaign_id", "prompt", "models"),
    sa.ForeignKeyConstraint(
        ["campaign_id", "prompt"], ["campaign_prompts.campaign_id", "campaign_prompts.number"]
    ),
    sa.CheckConstraint("taken >= 0", name="taken"),
    sa.Index("ix_items_campaign_id_taken", "campaign_id", "taken", "models", "disputed"),
    partial_index("ix_items_checks", "campaign_id", where="models = ''"),
)

assignments = sa.Table(
    "assignments",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("item_id", sa.ForeignKey("items.id"), nullable=False),
    sa.Column("annotator_id", sa.ForeignKey("annotators.id"), nullable=False),
    sa.Column("repeat_of", sa.ForeignKey("assignments.id")),
    sa.Column("ordering", sa.Text, nullable=False),
    sa.Column("state", sa.Text, sa.ForeignKey("assignment_states.name"), nullable=False),
    sa.Column("reserved_at", UtcDateTime, nullable=False),
    sa.Column("expires_at", UtcDateTime, nullable=False),
    sa.Column("opened_at", UtcDateTime),
    sa.Column("judged_at", UtcDateTime),
    sa.Column("battle_id", sa.ForeignKey("battles.id"), unique=True),
    sa.Column("skip_reason", sa.Text),
    sa.Column("visible_s", sa.Float),
    sa.Column("scroll_depth", sa.Float),
    sa.Column("scroll_depths", sa.Text),
    sa.CheckConstraint("scroll_depth BETWEEN 0 AND 1", name="scroll_depth"),
    sa.CheckConstraint("(state = 'judged') = (judged_at IS NOT NULL)", name="judged_at"),
    sa.Index("ix_assignments_annotator_id_state", "annotator_id", "state"),
    partial_index(
        "uq_assignments_item_id_annotator_id",
        *("item_id", "annotator_id"),
        unique=True,
        where="repeat_of IS NULL AND state <> 'expired'",
    ),
    partial_index(
        "uq_assignments_repeat_of",
        "repeat_of",
        unique=True,
        where="repeat_of IS NOT NULL AND state <> 'expired'",
    ),
    partial_index("ix_assignments_reserved", "expires_at", where="state = 'reserved'"),
)
with_row_numbers(assignments)
"""Nobody has an item twice, but as a repeat; whoever let it expire may have it again."""

slot_counts = sa.Table(
    "slot_counts",
    metadata,
    sa.Column("campaign_id", sa.ForeignKey("campaigns.id"), nullable=False),
    sa.Column("models", sa.Text, nullable=False),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("slot", sa.Integer, nullable=False),
    sa.Column("taken", sa.Integer, nullable=False),
    sa.PrimaryKeyConstraint("campaign_id", "models", "position", "slot"),
    sqlite_with_rowid=False,
)
"""How often each model stood in each slot, counted by triggers: new orders are balanced by it."""
