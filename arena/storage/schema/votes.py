"""The vote ledger: votes, what belongs to them, corrections and flags."""

from typing import Any

import sqlalchemy as sa

from arena.storage.schema.columns import UtcDateTime, metadata

SCORES = range(1, 6)

_STRENGTH = "strength IS NULL OR (verdict IS NOT NULL AND verdict IN ('a_better', 'b_better'))"
_SCORE = f"score BETWEEN {SCORES[0]} AND {SCORES[-1]}"

votes = sa.Table(
    "votes",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("battle_id", sa.Text, nullable=False, unique=True),
    sa.Column("annotator_id", sa.Integer, nullable=False, index=True),
    sa.Column("verdict", sa.Text, sa.ForeignKey("verdicts.name")),
    sa.Column("comment", sa.Text, nullable=False),
    sa.Column("reading_s", sa.Float),
    sa.Column("created_at", UtcDateTime, nullable=False, index=True),
    sa.Column("strength", sa.Text, sa.ForeignKey("strengths.name")),
    sa.CheckConstraint(_STRENGTH, name="strength"),
    sa.ForeignKeyConstraint(["battle_id", "annotator_id"], ["battles.id", "battles.annotator_id"]),
)

vote_rankings = sa.Table(
    "vote_rankings",
    metadata,
    sa.Column("vote_id", sa.ForeignKey("votes.id"), nullable=False),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("rank", sa.Integer, nullable=False),
    sa.PrimaryKeyConstraint("vote_id", "position"),
    sa.CheckConstraint("rank >= 1", name="rank"),
)

vote_reasons = sa.Table(
    "vote_reasons",
    metadata,
    sa.Column("vote_id", sa.ForeignKey("votes.id"), nullable=False),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("reason", sa.Text, sa.ForeignKey("reasons.name"), nullable=False),
    sa.PrimaryKeyConstraint("vote_id", "position", "reason"),
)

vote_scores = sa.Table(
    "vote_scores",
    metadata,
    sa.Column("vote_id", sa.ForeignKey("votes.id"), nullable=False),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("criterion", sa.Text, nullable=False),
    sa.Column("score", sa.Integer, nullable=False),
    sa.PrimaryKeyConstraint("vote_id", "position", "criterion"),
    sa.CheckConstraint(_SCORE, name="score"),
)

vote_revisions = sa.Table(
    "vote_revisions",
    metadata,
    sa.Column("vote_id", sa.ForeignKey("votes.id"), nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("verdict", sa.Text, sa.ForeignKey("verdicts.name")),
    sa.Column("who", sa.ForeignKey("annotators.id"), nullable=False),
    sa.Column("why", sa.Text, nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("strength", sa.Text, sa.ForeignKey("strengths.name")),
    sa.Column("comment", sa.Text),
    sa.PrimaryKeyConstraint("vote_id", "revision"),
    sa.CheckConstraint("revision >= 1", name="revision"),
    sa.CheckConstraint(_STRENGTH, name="strength"),
)


def _of_revision(name: str, *parts: sa.Column[Any] | sa.Constraint) -> sa.Table:
    """Return a table with rows for the slots of a revised ballot."""
    return sa.Table(
        name,
        metadata,
        sa.Column("vote_id", sa.Integer, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        *parts,
        sa.ForeignKeyConstraint(
            ["vote_id", "revision"], ["vote_revisions.vote_id", "vote_revisions.revision"]
        ),
    )


revision_rankings = _of_revision(
    "revision_rankings",
    sa.Column("rank", sa.Integer, nullable=False),
    sa.PrimaryKeyConstraint("vote_id", "revision", "position"),
    sa.CheckConstraint("rank >= 1", name="rank"),
)

revision_reasons = _of_revision(
    "revision_reasons",
    sa.Column("reason", sa.Text, sa.ForeignKey("reasons.name"), nullable=False),
    sa.PrimaryKeyConstraint("vote_id", "revision", "position", "reason"),
)

revision_scores = _of_revision(
    "revision_scores",
    sa.Column("criterion", sa.Text, nullable=False),
    sa.Column("score", sa.Integer, nullable=False),
    sa.PrimaryKeyConstraint("vote_id", "revision", "position", "criterion"),
    sa.CheckConstraint(_SCORE, name="score"),
)

flags = sa.Table(
    "flags",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("kind", sa.Text, sa.ForeignKey("flag_kinds.name"), nullable=False),
    sa.Column("vote_id", sa.ForeignKey("votes.id")),
    sa.Column("reply_id", sa.ForeignKey("replies.id")),
    sa.Column("detail", sa.Text, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.UniqueConstraint("kind", "vote_id"),
    sa.UniqueConstraint("kind", "reply_id"),
    sa.CheckConstraint("(vote_id IS NULL) <> (reply_id IS NULL)", name="subject"),
)
