"""Sets of values as rows, owners of battles, and an index by which replies are found again.

A check `x IN (...)` can only be widened by making its table anew, which is done here a last time:
roles, states of battles, verdicts, reasons and kinds of flags become rows of small tables that
columns refer to. A battle knows the server that generates it, and servers that are alive have a
lease, so that a server that starts stops only battles of those that are gone. A reply is found by
who answered what, so that a second campaign with the same models generates nothing.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

from arena.storage.objects import drop_objects

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the sets, make the tables anew that hold their values, and add leases and indexes."""
    drop_objects(op.get_bind())
    for name, values in VALUE_SETS.items():
        _create_set(name, values)
    op.create_table(
        "leases",
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("owner", name="pk_leases"),
    )
    for name, parts in _tables().items():
        _rebuild(name, parts)
    _index()


def _create_set(name: str, values: tuple[str, ...]) -> None:
    op.create_table(
        name,
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=f"pk_{name}"),
        sqlite_with_rowid=False,
    )
    rows = [{"name": value} for value in values]
    op.bulk_insert(sa.table(name, sa.column("name", sa.Text())), rows)


def _rebuild(name: str, parts: tuple[sa.Column[Any] | sa.Constraint, ...]) -> None:
    """Make a table anew with all rows of the old one: what is new in it is empty."""
    op.create_table(f"new_{name}", *parts)
    columns = ", ".join(
        part.name for part in parts if isinstance(part, sa.Column) and part.name not in NEW
    )
    key = "id" if name not in {"vote_reasons", "vote_revisions"} else "vote_id"
    op.execute(f"INSERT INTO new_{name} ({columns}) SELECT {columns} FROM {name} ORDER BY {key}")
    op.drop_table(name)
    op.rename_table(f"new_{name}", name)


def _index() -> None:
    op.create_index("ix_battles_annotator_id_state", "battles", ["annotator_id", "state"])
    op.create_index(
        "ix_battles_void", "battles", ["created_at"], sqlite_where=sa.text("state = 'void'")
    )
    op.create_index(
        "ix_battles_generating", "battles", ["owner"], sqlite_where=sa.text("state = 'generating'")
    )
    op.create_index("ix_votes_annotator_id", "votes", ["annotator_id"])
    op.drop_index("ix_replies_model_id", "replies")
    op.create_index(
        "ix_replies_model_id_conversation_hash", "replies", ["model_id", "conversation_hash"]
    )


NEW = {"owner"}

VALUE_SETS = {
    "roles": ("annotator", "admin"),
    "battle_states": ("generating", "complete", "stopped", "void", "voted", "abandoned"),
    "verdicts": ("a_better", "b_better", "tie", "both_bad"),
    "reasons": (
        *("useful", "correct", "complete", "well_formatted", "creative"),
        *("incorrect", "superficial", "ignores_instruction", "unsafe"),
    ),
    "flag_kinds": ("identity_leak", "recognised", "truncated", "too_fast", "failed_check"),
}


def _text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=nullable)


def _number(name: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=nullable)


def _time(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(), nullable=nullable)


def _refers(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [target], name=f"fk_{table}_{column}")


def _tables() -> dict[str, tuple[sa.Column[Any] | sa.Constraint, ...]]:
    return {
        "annotators": (
            *(_number("id"), _text("name"), _text("role")),
            *(_text("password_hash", nullable=True), _text("group_name", nullable=True)),
            *(_time("created_at"), _time("disabled_at", nullable=True)),
            sa.PrimaryKeyConstraint("id", name="pk_annotators"),
            sa.UniqueConstraint("name", name="uq_annotators_name"),
            _refers("annotators", "role", "roles.name"),
        ),
        "battles": (
            *(_text("id"), _number("annotator_id"), _text("state")),
            *(_text("category", nullable=True), _text("language")),
            sa.Column("pair_probability", sa.Float(), nullable=True),
            *(_time("created_at"), _time("completed_at", nullable=True)),
            *(_time("revealed_at", nullable=True), _number("campaign_id", nullable=True)),
            _text("owner", nullable=True),
            sa.PrimaryKeyConstraint("id", name="pk_battles"),
            sa.UniqueConstraint("id", "annotator_id", name="uq_battles_id_annotator_id"),
            _refers("battles", "annotator_id", "annotators.id"),
            _refers("battles", "state", "battle_states.name"),
            _refers("battles", "campaign_id", "campaigns.id"),
        ),
        "votes": (
            *(_number("id"), _text("battle_id"), _number("annotator_id")),
            *(_text("verdict", nullable=True), _text("comment")),
            sa.Column("reading_s", sa.Float(), nullable=True),
            _time("created_at"),
            sa.PrimaryKeyConstraint("id", name="pk_votes"),
            sa.UniqueConstraint("battle_id", name="uq_votes_battle_id"),
            sa.ForeignKeyConstraint(
                ["battle_id", "annotator_id"],
                ["battles.id", "battles.annotator_id"],
                name="fk_votes_battle_id_annotator_id",
            ),
            _refers("votes", "verdict", "verdicts.name"),
        ),
        "vote_reasons": (
            *(_number("vote_id"), _number("position"), _text("reason")),
            sa.PrimaryKeyConstraint("vote_id", "position", "reason", name="pk_vote_reasons"),
            _refers("vote_reasons", "vote_id", "votes.id"),
            _refers("vote_reasons", "reason", "reasons.name"),
        ),
        "vote_revisions": (
            *(_number("vote_id"), _number("revision"), _text("verdict")),
            *(_number("who"), _text("why"), _time("at")),
            sa.PrimaryKeyConstraint("vote_id", "revision", name="pk_vote_revisions"),
            sa.CheckConstraint("revision >= 1", name=op.f("ck_vote_revisions_revision")),
            _refers("vote_revisions", "vote_id", "votes.id"),
            _refers("vote_revisions", "verdict", "verdicts.name"),
            _refers("vote_revisions", "who", "annotators.id"),
        ),
        "flags": (
            *(_number("id"), _text("kind")),
            *(_number("vote_id", nullable=True), _number("reply_id", nullable=True)),
            *(_text("detail"), _time("created_at")),
            sa.PrimaryKeyConstraint("id", name="pk_flags"),
            sa.UniqueConstraint("kind", "vote_id", name="uq_flags_kind_vote_id"),
            sa.UniqueConstraint("kind", "reply_id", name="uq_flags_kind_reply_id"),
            sa.CheckConstraint(
                "(vote_id IS NULL) <> (reply_id IS NULL)", name=op.f("ck_flags_subject")
            ),
            _refers("flags", "kind", "flag_kinds.name"),
            _refers("flags", "vote_id", "votes.id"),
            _refers("flags", "reply_id", "replies.id"),
        ),
    }
