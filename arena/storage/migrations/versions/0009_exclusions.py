"""Exclusions of annotators from a campaign, and further annotators where they disagree.

The large table of outcomes gets a plain column: nobody is excluded yet.
"""

import sqlalchemy as sa
from alembic import op

from arena.storage.objects import drop_objects

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

NEW_COLUMNS = (
    ("outcomes", "annotator_excluded BOOLEAN NOT NULL DEFAULT 0"),
    (
        "campaigns",
        "overlap_on_disagreement INTEGER CONSTRAINT ck_campaigns_overlap_on_disagreement "
        "CHECK (overlap_on_disagreement >= 1)",
    ),
    ("items", "disputed BOOLEAN NOT NULL DEFAULT 0"),
)

FLAGGED = (
    *("model_id_a", "model_id_b", "slots", "recognised", "identity_leak", "truncated"),
    *("annotator_excluded", "flagged", "category", "language", "annotator_id", "created_at"),
    "campaign_id",
)


def upgrade() -> None:
    """Add the table, the columns and the flag, and make two indexes anew."""
    drop_objects(op.get_bind())
    op.execute("INSERT INTO flag_kinds (name) VALUES ('annotator_excluded')")
    for table, column in NEW_COLUMNS:
        op.execute(f"ALTER TABLE {table} ADD COLUMN {column}")
    _create_exclusions()
    op.drop_index("ix_outcomes_flagged", "outcomes")
    op.create_index(
        "ix_outcomes_flagged", "outcomes", list(FLAGGED), sqlite_where=sa.text("flagged = 1")
    )
    op.drop_index("ix_items_campaign_id_taken", "items")
    op.create_index(
        "ix_items_campaign_id_taken", "items", ["campaign_id", "taken", "models", "disputed"]
    )


def _create_exclusions() -> None:
    op.create_table(
        "exclusions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("annotator_id", sa.Integer(), nullable=False),
        sa.Column("excluded", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("who", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_exclusions"),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name="fk_exclusions_campaign_id"
        ),
        sa.ForeignKeyConstraint(
            ["annotator_id"], ["annotators.id"], name="fk_exclusions_annotator_id"
        ),
        sa.ForeignKeyConstraint(["who"], ["annotators.id"], name="fk_exclusions_who"),
    )
    op.create_index(
        "ix_exclusions_campaign_id_annotator_id", "exclusions", ["campaign_id", "annotator_id"]
    )
