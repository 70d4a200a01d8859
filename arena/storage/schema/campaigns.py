"""Campaigns: their files, prompts, models and replies, who takes part, and what happened."""

import sqlalchemy as sa

from arena.storage.schema.columns import UtcDateTime, metadata, partial_index

campaigns = sa.Table(
    "campaigns",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("name", sa.Text, nullable=False, unique=True),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("state", sa.Text, sa.ForeignKey("campaign_states.name")),
    sa.Column("protocol", sa.Text),
    sa.Column("overlap", sa.Integer),
    sa.Column("overlap_on_disagreement", sa.Integer),
    sa.CheckConstraint("protocol IN ('pairwise', 'all_at_once')", name="protocol"),
    sa.CheckConstraint("overlap >= 1", name="overlap"),
    sa.CheckConstraint("overlap_on_disagreement >= 1", name="overlap_on_disagreement"),
)
"""The last four are empty for a campaign that merely collects imported votes."""

campaign_versions = sa.Table(
    "campaign_versions",
    metadata,
    sa.Column("campaign_id", sa.ForeignKey("campaigns.id"), nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("fingerprint", sa.Text, nullable=False),
    sa.Column("document", sa.JSON, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.PrimaryKeyConstraint("campaign_id", "version"),
    sa.CheckConstraint("version >= 1", name="version"),
)

campaign_prompts = sa.Table(
    "campaign_prompts",
    metadata,
    sa.Column("campaign_id", sa.ForeignKey("campaigns.id"), nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("identifier", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("turns", sa.JSON, nullable=False),
    sa.Column("system_prompt", sa.Text),
    sa.Column("category", sa.Text),
    sa.Column("language", sa.Text, nullable=False),
    sa.Column("difficulty", sa.Integer),
    sa.Column("notes", sa.Text),
    sa.PrimaryKeyConstraint("campaign_id", "number"),
    sa.UniqueConstraint("campaign_id", "identifier"),
    sa.CheckConstraint("number >= 1", name="number"),
    sa.CheckConstraint("kind IN ('judged', 'check')", name="kind"),
)

campaign_models = sa.Table(
    "campaign_models",
    metadata,
    sa.Column("campaign_id", sa.ForeignKey("campaigns.id"), nullable=False),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("model_key", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("imported", sa.Boolean, nullable=False),
    sa.PrimaryKeyConstraint("campaign_id", "position"),
    sa.UniqueConstraint("campaign_id", "model_key"),
    sa.CheckConstraint("position >= 0", name="position"),
)

campaign_replies = sa.Table(
    "campaign_replies",
    metadata,
    sa.Column("campaign_id", sa.Integer, nullable=False),
    sa.Column("prompt", sa.Integer, nullable=False),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("turn", sa.Integer, nullable=False),
    sa.Column("reply_id", sa.ForeignKey("replies.id"), nullable=False, index=True),
    sa.PrimaryKeyConstraint("campaign_id", "prompt", "position", "turn"),
    sa.ForeignKeyConstraint(
        ["campaign_id", "prompt"], ["campaign_prompts.campaign_id", "campaign_prompts.number"]
    ),
    sa.ForeignKeyConstraint(
        ["campaign_id", "position"], ["campaign_models.campaign_id", "campaign_models.position"]
    ),
    sa.CheckConstraint("turn >= 1", name="turn"),
)

check_replies = sa.Table(
    "check_replies",
    metadata,
    sa.Column("campaign_id", sa.Integer, nullable=False),
    sa.Column("prompt", sa.Integer, nullable=False),
    sa.Column("better_reply_id", sa.ForeignKey("replies.id"), nullable=False),
    sa.Column("worse_reply_id", sa.ForeignKey("replies.id"), nullable=False),
    sa.PrimaryKeyConstraint("campaign_id", "prompt"),
    sa.ForeignKeyConstraint(
        ["campaign_id", "prompt"], ["campaign_prompts.campaign_id", "campaign_prompts.number"]
    ),
)

campaign_members = sa.Table(
    "campaign_members",
    metadata,
    sa.Column("campaign_id", sa.ForeignKey("campaigns.id"), nullable=False),
    sa.Column("annotator_id", sa.ForeignKey("annotators.id"), nullable=False, index=True),
    sa.Column("joined_at", UtcDateTime, nullable=False),
    sa.Column("consented_at", UtcDateTime),
    sa.Column("finished_at", UtcDateTime),
    sa.Column("external_id", sa.Text),
    sa.Column("study", sa.Text),
    sa.Column("session", sa.Text),
    sa.PrimaryKeyConstraint("campaign_id", "annotator_id"),
    partial_index(
        "uq_campaign_members_campaign_id_external_id",
        *("campaign_id", "external_id"),
        unique=True,
        where="external_id IS NOT NULL",
    ),
)

campaign_answers = sa.Table(
    "campaign_answers",
    metadata,
    sa.Column("campaign_id", sa.Integer, nullable=False),
    sa.Column("annotator_id", sa.Integer, nullable=False),
    sa.Column("question", sa.Text, nullable=False),
    sa.Column("answer", sa.Text, nullable=False),
    sa.Column("answered_at", UtcDateTime, nullable=False),
    sa.PrimaryKeyConstraint("campaign_id", "annotator_id", "question"),
    sa.ForeignKeyConstraint(
        ["campaign_id", "annotator_id"],
        ["campaign_members.campaign_id", "campaign_members.annotator_id"],
    ),
)

campaign_events = sa.Table(
    "campaign_events",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("campaign_id", sa.ForeignKey("campaigns.id"), nullable=False, index=True),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("who", sa.ForeignKey("annotators.id")),
    sa.Column("detail", sa.Text, nullable=False),
)

exclusions = sa.Table(
    "exclusions",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("campaign_id", sa.ForeignKey("campaigns.id"), nullable=False),
    sa.Column("annotator_id", sa.ForeignKey("annotators.id"), nullable=False),
    sa.Column("excluded", sa.Boolean, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("who", sa.ForeignKey("annotators.id")),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Index("ix_exclusions_campaign_id_annotator_id", "campaign_id", "annotator_id"),
)
"""Whose ballots are left out and taken back in; the newest row of each is in force."""
