"""What models answered: replies, their style, and which slot of which turn showed them."""

import sqlalchemy as sa

from arena.domain.reply import ReplyEnd
from arena.domain.style import StyleFeature
from arena.storage.schema.columns import UtcDateTime, metadata, one_of

replies = sa.Table(
    "replies",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("model_id", sa.ForeignKey("models.id"), nullable=False),
    sa.Column("conversation_hash", sa.Text, nullable=False),
    sa.Column("continues_id", sa.ForeignKey("replies.id")),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("reasoning", sa.Text, nullable=False),
    sa.Column("finish_reason", sa.Text, nullable=False),
    sa.Column("error", sa.Text),
    sa.Column("rendered_prompt", sa.Text),
    sa.Column("prompt_tokens", sa.Integer),
    sa.Column("reply_tokens", sa.Integer),
    sa.Column("first_token_s", sa.Float),
    sa.Column("total_s", sa.Float),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("answer_hash", sa.BigInteger),
    sa.Index("ix_replies_model_id_conversation_hash", "model_id", "conversation_hash"),
    one_of("finish_reason", ReplyEnd),
    sa.CheckConstraint("(finish_reason = 'error') = (error IS NOT NULL)", name="error"),
)

reply_styles = sa.Table(
    "reply_styles",
    metadata,
    sa.Column("reply_id", sa.ForeignKey("replies.id"), primary_key=True),
    *(sa.Column(feature.value, sa.Integer, nullable=False) for feature in StyleFeature),
)
"""Derived from the text, once; a reply whose text is not known has no row."""

slot_replies = sa.Table(
    "slot_replies",
    metadata,
    sa.Column("battle_id", sa.Text, nullable=False),
    sa.Column("turn", sa.Integer, nullable=False),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("attempt", sa.Integer, nullable=False),
    sa.Column("reply_id", sa.ForeignKey("replies.id"), nullable=False, index=True),
    sa.PrimaryKeyConstraint("battle_id", "turn", "position", "attempt"),
    sa.ForeignKeyConstraint(["battle_id", "turn"], ["turns.battle_id", "turns.number"]),
    sa.ForeignKeyConstraint(["battle_id", "position"], ["slots.battle_id", "slots.position"]),
    sa.CheckConstraint("attempt >= 1", name="attempt"),
)
