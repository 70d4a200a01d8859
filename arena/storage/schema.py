"""Every table and constraint. The vote ledger's rules are the database's, not only Python's."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
)

from arena.domain.accounts import AccountRole
from arena.domain.battle import BattleState
from arena.domain.reply import FlagKind, ReplyEnd
from arena.domain.verdict import Reason, Verdict

metadata = MetaData(
    naming_convention={
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)


class UtcDateTime(TypeDecorator[datetime]):
    """Aware datetimes in UTC, stored without an offset; a naive one is refused."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Aware in, naive UTC to the database."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a stored time needs a time zone, got {value!r}")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """Naive UTC from the database, aware out."""
        return value.replace(tzinfo=UTC) if isinstance(value, datetime) else None


def _one_of(column: str, kinds: type[StrEnum]) -> CheckConstraint:
    choices = ", ".join(f"'{kind.value}'" for kind in kinds)
    return CheckConstraint(f"{column} IN ({choices})", name=column)


annotators = Table(
    "annotators",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("role", Text, nullable=False),
    Column("password_hash", Text),
    Column("group_name", Text),
    Column("created_at", UtcDateTime, nullable=False),
    Column("disabled_at", UtcDateTime),
    _one_of("role", AccountRole),
)

sessions = Table(
    "sessions",
    metadata,
    Column("token_hash", Text, primary_key=True),
    Column("annotator_id", ForeignKey("annotators.id"), nullable=False, index=True),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("revoked_at", UtcDateTime),
    Column("address_id", ForeignKey("addresses.id")),
)

addresses = Table(
    "addresses",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("hash", Text, unique=True),
    Column("expires_at", UtcDateTime, nullable=False),
    Index("ix_addresses_known", "expires_at", sqlite_where=text("hash IS NOT NULL")),
)

address_hours = Table(
    "address_hours",
    metadata,
    Column("address_id", ForeignKey("addresses.id"), nullable=False),
    Column("hour", Text, nullable=False),
    Column("annotator_id", ForeignKey("annotators.id"), nullable=False),
    Column("votes", Integer, nullable=False),
    Column("first_at", UtcDateTime, nullable=False),
    Column("last_at", UtcDateTime, nullable=False),
    PrimaryKeyConstraint("address_id", "hour", "annotator_id"),
    sqlite_with_rowid=False,
)
"""What an account cast in a clock hour from an address, counted by a trigger."""

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
    Column("state", Text, nullable=False),
    Column("category", Text),
    Column("language", Text, nullable=False),
    Column("pair_probability", Float),
    Column("created_at", UtcDateTime, nullable=False),
    Column("completed_at", UtcDateTime),
    Column("revealed_at", UtcDateTime),
    Column("campaign_id", ForeignKey("campaigns.id")),
    UniqueConstraint("id", "annotator_id"),
    _one_of("state", BattleState),
    Index("ix_battles_annotator_id_state", "annotator_id", "state"),
    Index("ix_battles_void", "created_at", sqlite_where=text("state = 'void'")),
)

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

replies = Table(
    "replies",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("model_id", ForeignKey("models.id"), nullable=False, index=True),
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
    _one_of("finish_reason", ReplyEnd),
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

votes = Table(
    "votes",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("battle_id", Text, nullable=False, unique=True),
    Column("annotator_id", Integer, nullable=False, index=True),
    Column("verdict", Text),
    Column("comment", Text, nullable=False),
    Column("reading_s", Float),
    Column("created_at", UtcDateTime, nullable=False),
    ForeignKeyConstraint(["battle_id", "annotator_id"], ["battles.id", "battles.annotator_id"]),
    _one_of("verdict", Verdict),
)

vote_rankings = Table(
    "vote_rankings",
    metadata,
    Column("vote_id", ForeignKey("votes.id"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("rank", Integer, nullable=False),
    PrimaryKeyConstraint("vote_id", "position"),
    CheckConstraint("rank >= 1", name="rank"),
)

vote_reasons = Table(
    "vote_reasons",
    metadata,
    Column("vote_id", ForeignKey("votes.id"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("reason", Text, nullable=False),
    PrimaryKeyConstraint("vote_id", "position", "reason"),
    _one_of("reason", Reason),
)

vote_revisions = Table(
    "vote_revisions",
    metadata,
    Column("vote_id", ForeignKey("votes.id"), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("verdict", Text, nullable=False),
    Column("who", ForeignKey("annotators.id"), nullable=False),
    Column("why", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    PrimaryKeyConstraint("vote_id", "revision"),
    _one_of("verdict", Verdict),
    CheckConstraint("revision >= 1", name="revision"),
)

flags = Table(
    "flags",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("vote_id", ForeignKey("votes.id")),
    Column("reply_id", ForeignKey("replies.id")),
    Column("detail", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    UniqueConstraint("kind", "vote_id"),
    UniqueConstraint("kind", "reply_id"),
    _one_of("kind", FlagKind),
    CheckConstraint("(vote_id IS NULL) <> (reply_id IS NULL)", name="subject"),
)

outcomes = Table(
    "outcomes",
    metadata,
    Column("vote_id", Integer, nullable=False),
    Column("position_a", Integer, nullable=False),
    Column("position_b", Integer, nullable=False),
    Column("model_id_a", Integer, nullable=False),
    Column("model_id_b", Integer, nullable=False),
    Column("verdict", Text, nullable=False),
    Column("slots", Integer, nullable=False),
    Column("flagged", Boolean, nullable=False),
    Column("recognised", Boolean, nullable=False),
    Column("identity_leak", Boolean, nullable=False),
    Column("truncated", Boolean, nullable=False),
    Column("category", Text),
    Column("language", Text, nullable=False),
    Column("annotator_id", Integer, nullable=False),
    Column("prompt_hash", BigInteger, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("campaign_id", Integer),
    Column("item_hash", BigInteger, nullable=False, server_default=text("0")),
    PrimaryKeyConstraint("vote_id", "position_a", "position_b"),
    Index(
        "ix_outcomes_board",
        *("model_id_a", "model_id_b", "verdict", "slots", "flagged", "category", "language"),
        *("annotator_id", "prompt_hash", "created_at", "campaign_id"),
    ),
    Index(
        "ix_outcomes_flagged",
        *("model_id_a", "model_id_b", "slots", "recognised", "identity_leak", "truncated"),
        *("flagged", "category", "language", "annotator_id", "created_at", "campaign_id"),
        sqlite_where=text("flagged = 1"),
    ),
    sqlite_with_rowid=False,
)
"""One row per pairwise outcome, kept by triggers; on other databases a view of the same columns."""

board_version = Table("board_version", metadata, Column("number", Integer, nullable=False))
"""Its one number grows with everything that changes a board."""
