"""The vote ledger: accounts, battles, replies, votes, and the rules the database keeps."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create every table, then the triggers and the view of comparisons."""
    _people()
    _battles()
    _ledger()
    if op.get_bind().dialect.name == "sqlite":
        for trigger in TRIGGERS:
            op.execute(trigger)
    op.execute(COMPARISONS)


def _people() -> None:
    op.create_table(
        "annotators",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("group_name", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("disabled_at", sa.DateTime(), nullable=True),
        sa.CheckConstraint("role IN ('annotator', 'admin')", name=op.f("ck_annotators_role")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_annotators")),
        sa.UniqueConstraint("name", name=op.f("uq_annotators_name")),
    )
    op.create_table(
        "sessions",
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("annotator_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("expires_at", sa.DateTime(), nullable=False),
        sa.Column("revoked_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["annotator_id"], ["annotators.id"], name=op.f("fk_sessions_annotator_id")
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_sessions")),
    )
    op.create_index(op.f("ix_sessions_annotator_id"), "sessions", ["annotator_id"], unique=False)


def _battles() -> None:
    op.create_table(
        "models",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("license", sa.Text(), nullable=True),
        sa.Column("card", sa.JSON(), nullable=False),
        sa.Column("configuration", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.CheckConstraint("origin IN ('catalogue', 'external')", name=op.f("ck_models_origin")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_models")),
        sa.UniqueConstraint("id", "key", name=op.f("uq_models_id_key")),
        sa.UniqueConstraint("key", "fingerprint", name=op.f("uq_models_key_fingerprint")),
    )
    op.create_table(
        "battles",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("annotator_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=True),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("pair_probability", sa.Float(), nullable=True),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("completed_at", sa.DateTime(), nullable=True),
        sa.Column("revealed_at", sa.DateTime(), nullable=True),
        sa.CheckConstraint(
            "state IN ('generating', 'complete', 'stopped', 'void', 'voted', 'abandoned')",
            name=op.f("ck_battles_state"),
        ),
        sa.ForeignKeyConstraint(
            ["annotator_id"], ["annotators.id"], name=op.f("fk_battles_annotator_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_battles")),
        sa.UniqueConstraint("id", "annotator_id", name=op.f("uq_battles_id_annotator_id")),
    )
    op.create_index(
        "ix_battles_annotator_id_state", "battles", ["annotator_id", "state"], unique=False
    )
    op.create_table(
        "slots",
        sa.Column("battle_id", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("model_id", sa.Integer(), nullable=False),
        sa.Column("model_key", sa.Text(), nullable=False),
        sa.CheckConstraint("position >= 0", name=op.f("ck_slots_position")),
        sa.ForeignKeyConstraint(["battle_id"], ["battles.id"], name=op.f("fk_slots_battle_id")),
        sa.ForeignKeyConstraint(
            ["model_id", "model_key"],
            ["models.id", "models.key"],
            name=op.f("fk_slots_model_id_model_key"),
        ),
        sa.PrimaryKeyConstraint("battle_id", "position", name=op.f("pk_slots")),
        sa.UniqueConstraint("battle_id", "model_key", name=op.f("uq_slots_battle_id_model_key")),
    )
    op.create_table(
        "draws",
        sa.Column("ordering", sa.Text(), nullable=False),
        sa.Column("drawn", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("ordering", name=op.f("pk_draws")),
    )
    op.create_table(
        "turns",
        sa.Column("battle_id", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("prompt", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.CheckConstraint("number >= 1", name=op.f("ck_turns_number")),
        sa.ForeignKeyConstraint(["battle_id"], ["battles.id"], name=op.f("fk_turns_battle_id")),
        sa.PrimaryKeyConstraint("battle_id", "number", name=op.f("pk_turns")),
    )
    op.create_table(
        "replies",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("model_id", sa.Integer(), nullable=False),
        sa.Column("conversation_hash", sa.Text(), nullable=False),
        sa.Column("continues_id", sa.Integer(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("reasoning", sa.Text(), nullable=False),
        sa.Column("finish_reason", sa.Text(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("rendered_prompt", sa.Text(), nullable=True),
        sa.Column("prompt_tokens", sa.Integer(), nullable=True),
        sa.Column("reply_tokens", sa.Integer(), nullable=True),
        sa.Column("first_token_s", sa.Float(), nullable=True),
        sa.Column("total_s", sa.Float(), nullable=True),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.CheckConstraint(
            "(finish_reason = 'error') = (error IS NOT NULL)", name=op.f("ck_replies_error")
        ),
        sa.CheckConstraint(
            "finish_reason IN ('stop', 'length', 'cancelled', 'error')",
            name=op.f("ck_replies_finish_reason"),
        ),
        sa.ForeignKeyConstraint(
            ["continues_id"], ["replies.id"], name=op.f("fk_replies_continues_id")
        ),
        sa.ForeignKeyConstraint(["model_id"], ["models.id"], name=op.f("fk_replies_model_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_replies")),
    )
    op.create_index(op.f("ix_replies_model_id"), "replies", ["model_id"], unique=False)
    op.create_table(
        "slot_replies",
        sa.Column("battle_id", sa.Text(), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("reply_id", sa.Integer(), nullable=False),
        sa.CheckConstraint("attempt >= 1", name=op.f("ck_slot_replies_attempt")),
        sa.ForeignKeyConstraint(
            ["battle_id", "position"],
            ["slots.battle_id", "slots.position"],
            name=op.f("fk_slot_replies_battle_id_position"),
        ),
        sa.ForeignKeyConstraint(
            ["battle_id", "turn"],
            ["turns.battle_id", "turns.number"],
            name=op.f("fk_slot_replies_battle_id_turn"),
        ),
        sa.ForeignKeyConstraint(
            ["reply_id"], ["replies.id"], name=op.f("fk_slot_replies_reply_id")
        ),
        sa.PrimaryKeyConstraint(
            "battle_id", "turn", "position", "attempt", name=op.f("pk_slot_replies")
        ),
    )
    op.create_index(op.f("ix_slot_replies_reply_id"), "slot_replies", ["reply_id"], unique=False)


def _ledger() -> None:
    op.create_table(
        "votes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("battle_id", sa.Text(), nullable=False),
        sa.Column("annotator_id", sa.Integer(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=True),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("reading_s", sa.Float(), nullable=True),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.CheckConstraint(
            "verdict IN ('a_better', 'b_better', 'tie', 'both_bad')", name=op.f("ck_votes_verdict")
        ),
        sa.ForeignKeyConstraint(
            ["battle_id", "annotator_id"],
            ["battles.id", "battles.annotator_id"],
            name=op.f("fk_votes_battle_id_annotator_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_votes")),
        sa.UniqueConstraint("battle_id", name=op.f("uq_votes_battle_id")),
    )
    op.create_index(op.f("ix_votes_annotator_id"), "votes", ["annotator_id"], unique=False)
    op.create_table(
        "vote_rankings",
        sa.Column("vote_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.CheckConstraint("rank >= 1", name=op.f("ck_vote_rankings_rank")),
        sa.ForeignKeyConstraint(["vote_id"], ["votes.id"], name=op.f("fk_vote_rankings_vote_id")),
        sa.PrimaryKeyConstraint("vote_id", "position", name=op.f("pk_vote_rankings")),
    )
    op.create_table(
        "vote_reasons",
        sa.Column("vote_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "reason IN ('useful', 'correct', 'complete', 'well_formatted', 'creative', 'incorrect', 'superficial', 'ignores_instruction', 'unsafe')",
            name=op.f("ck_vote_reasons_reason"),
        ),
        sa.ForeignKeyConstraint(["vote_id"], ["votes.id"], name=op.f("fk_vote_reasons_vote_id")),
        sa.PrimaryKeyConstraint("vote_id", "position", "reason", name=op.f("pk_vote_reasons")),
    )
    op.create_table(
        "vote_revisions",
        sa.Column("vote_id", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("who", sa.Integer(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.CheckConstraint(
            "verdict IN ('a_better', 'b_better', 'tie', 'both_bad')",
            name=op.f("ck_vote_revisions_verdict"),
        ),
        sa.CheckConstraint("revision >= 1", name=op.f("ck_vote_revisions_revision")),
        sa.ForeignKeyConstraint(["vote_id"], ["votes.id"], name=op.f("fk_vote_revisions_vote_id")),
        sa.ForeignKeyConstraint(["who"], ["annotators.id"], name=op.f("fk_vote_revisions_who")),
        sa.PrimaryKeyConstraint("vote_id", "revision", name=op.f("pk_vote_revisions")),
    )
    op.create_table(
        "flags",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("vote_id", sa.Integer(), nullable=True),
        sa.Column("reply_id", sa.Integer(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('identity_leak', 'recognised', 'truncated', 'too_fast', 'failed_check')",
            name=op.f("ck_flags_kind"),
        ),
        sa.CheckConstraint(
            "(vote_id IS NULL) <> (reply_id IS NULL)", name=op.f("ck_flags_subject")
        ),
        sa.ForeignKeyConstraint(["reply_id"], ["replies.id"], name=op.f("fk_flags_reply_id")),
        sa.ForeignKeyConstraint(["vote_id"], ["votes.id"], name=op.f("fk_flags_vote_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_flags")),
        sa.UniqueConstraint("kind", "reply_id", name=op.f("uq_flags_kind_reply_id")),
        sa.UniqueConstraint("kind", "vote_id", name=op.f("uq_flags_kind_vote_id")),
    )


def _refuse(name: str, when: str, message: str, condition: str = "1") -> str:
    return (
        f"CREATE TRIGGER {name} {when} WHEN {condition} BEGIN SELECT RAISE(ABORT, '{message}'); END"
    )


TRIGGERS = (
    _refuse("replies_keep", "BEFORE UPDATE ON replies", "a reply is never changed"),
    _refuse("replies_stay", "BEFORE DELETE ON replies", "a reply is never deleted"),
    _refuse(
        "votes_keep",
        "BEFORE UPDATE OF id, battle_id, annotator_id, verdict, created_at ON votes",
        "a vote is never overwritten: add a revision",
    ),
    _refuse("votes_stay", "BEFORE DELETE ON votes", "a vote is never deleted"),
    _refuse(
        "votes_need_a_complete_battle",
        "BEFORE INSERT ON votes",
        "a vote is accepted only on a complete battle",
        "(SELECT state FROM battles WHERE id = NEW.battle_id) IS NOT 'complete'",
    ),
    _refuse(
        "vote_rankings_exclude_a_verdict",
        "BEFORE INSERT ON vote_rankings",
        "a vote has a verdict or a ranking, never both",
        "(SELECT verdict FROM votes WHERE id = NEW.vote_id) IS NOT NULL",
    ),
    _refuse("vote_rankings_keep", "BEFORE UPDATE ON vote_rankings", "a ranking is never changed"),
    _refuse("vote_rankings_stay", "BEFORE DELETE ON vote_rankings", "a ranking is never deleted"),
    _refuse("slots_keep", "BEFORE UPDATE ON slots", "who answered is never changed"),
    _refuse("slots_stay", "BEFORE DELETE ON slots", "who answered is never deleted"),
    _refuse(
        "vote_revisions_keep", "BEFORE UPDATE ON vote_revisions", "a revision is never changed"
    ),
    _refuse(
        "vote_revisions_stay", "BEFORE DELETE ON vote_revisions", "a revision is never deleted"
    ),
)

_SHOWN = """EXISTS (
  SELECT 1 FROM slot_replies shown JOIN flags ON flags.reply_id = shown.reply_id
  WHERE shown.battle_id = votes.battle_id AND shown.position IN (a.position, b.position)
  AND flags.kind = '{kind}'{newest})"""

_NEWEST = """
  AND shown.attempt = (
    SELECT MAX(attempt) FROM slot_replies later WHERE later.battle_id = shown.battle_id
    AND later.turn = shown.turn AND later.position = shown.position)"""

COMPARISONS = f"""CREATE VIEW comparisons AS
SELECT
  votes.id AS vote_id,
  votes.battle_id,
  votes.annotator_id,
  votes.created_at,
  battles.category,
  battles.language,
  a.position AS position_a,
  b.position AS position_b,
  a.model_key AS model_a,
  b.model_key AS model_b,
  a.model_id AS model_id_a,
  b.model_id AS model_id_b,
  CASE
    WHEN votes.verdict IS NOT NULL THEN COALESCE(
      (SELECT revised.verdict FROM vote_revisions revised WHERE revised.vote_id = votes.id
       ORDER BY revised.revision DESC LIMIT 1),
      votes.verdict)
    WHEN rank_a.rank < rank_b.rank THEN 'a_better'
    WHEN rank_a.rank > rank_b.rank THEN 'b_better'
    WHEN rank_a.rank = rank_b.rank THEN 'tie'
  END AS verdict,
  EXISTS (SELECT 1 FROM flags WHERE flags.vote_id = votes.id AND flags.kind = 'recognised')
    AS recognised,
  {_SHOWN.format(kind="identity_leak", newest="")} AS identity_leak,
  {_SHOWN.format(kind="truncated", newest=_NEWEST)} AS truncated
FROM votes
JOIN battles ON battles.id = votes.battle_id
JOIN slots a ON a.battle_id = votes.battle_id
JOIN slots b ON b.battle_id = votes.battle_id AND b.position > a.position
LEFT JOIN vote_rankings rank_a ON rank_a.vote_id = votes.id AND rank_a.position = a.position
LEFT JOIN vote_rankings rank_b ON rank_b.vote_id = votes.id AND rank_b.position = b.position"""
