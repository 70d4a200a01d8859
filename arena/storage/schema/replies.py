"""What models answered: replies, and which slot of which turn showed them."""

from sqlalchemy import (
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
)

from arena.domain.reply import ReplyEnd
from arena.storage.schema.columns import UtcDateTime, metadata, one_of

replies = Table(
    "replies",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("model_id", ForeignKey("models.id"), nullable=False),
    Column("conversation_hash", Text, nullable=False),
    Column("continues_id", ForeignKey("replies.id")),
    Column("text", Text, nullable=False),
    Column("reasoning", Text, nullable=False),
    Column("finish_reason", Text, nullable=False),
    Column("error", Text),
    Column("rendered_prompt", Text),
    Column("prompt_tokens", Integer),
    Column("reply_tokens", Integer),
    Column("first_token_s", Float),
    Column("total_s", Float),
    Column("created_at", UtcDateTime, nullable=False),
    Column("answer_hash", BigInteger),
    Index("ix_replies_model_id_conversation_hash", "model_id", "conversation_hash"),
    one_of("finish_reason", ReplyEnd),
    CheckConstraint("(finish_reason = 'error') = (error IS NOT NULL)", name="error"),
)

slot_replies = Table(
    "slot_replies",
    metadata,
    Column("battle_id", Text, nullable=False),
    Column("turn", Integer, nullable=False),
    Column("position", Integer, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("reply_id", ForeignKey("replies.id"), nullable=False, index=True),
    PrimaryKeyConstraint("battle_id", "turn", "position", "attempt"),
    ForeignKeyConstraint(["battle_id", "turn"], ["turns.battle_id", "turns.number"]),
    ForeignKeyConstraint(["battle_id", "position"], ["slots.battle_id", "slots.position"]),
    CheckConstraint("attempt >= 1", name="attempt"),
)
