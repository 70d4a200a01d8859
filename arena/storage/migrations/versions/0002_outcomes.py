"""Outcomes: every comparison that boards count, kept up to date by triggers in one covering index.

Grouping two million comparisons through the view of the vote ledger took 16 s of CPU; over the
index it takes 0.3 s. The votes stay the only truth: `recounted_outcomes` derives the same rows
from them, and tests compare the two.
"""

import hashlib

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the hashes of prompts, the outcomes, what keeps them, and the view on top of them."""
    op.execute("DROP VIEW comparisons")
    _hash_prompts()
    op.execute(f"CREATE VIEW recounted_outcomes AS {RECOUNTED}")
    if op.get_bind().dialect.name == "sqlite":
        _keep_outcomes()
    else:
        op.execute("CREATE VIEW outcomes AS SELECT * FROM recounted_outcomes")
    op.execute(f"CREATE VIEW comparisons AS {COMPARISONS}")
    op.create_index(
        "ix_battles_void",
        "battles",
        ["created_at"],
        sqlite_where=sa.text("state = 'void'"),
        postgresql_where=sa.text("state = 'void'"),
    )


def _hash_prompts() -> None:
    op.add_column("turns", sa.Column("prompt_hash", sa.BigInteger(), nullable=True))
    connection = op.get_bind()
    prompts = connection.execute(sa.text("SELECT DISTINCT prompt FROM turns")).scalars().all()
    statement = sa.text("UPDATE turns SET prompt_hash = :hash WHERE prompt = :prompt")
    for prompt in prompts:
        # As `storage.battles.prompt_hash` does; migrations keep their own copy for ever.
        digest = hashlib.sha256(prompt.encode("utf-8", "surrogatepass")).digest()
        number = int.from_bytes(digest[:8], "big") >> 1
        connection.execute(statement, {"hash": number, "prompt": prompt})


def _keep_outcomes() -> None:
    op.create_table(
        "outcomes",
        sa.Column("vote_id", sa.Integer(), nullable=False),
        sa.Column("position_a", sa.Integer(), nullable=False),
        sa.Column("position_b", sa.Integer(), nullable=False),
        sa.Column("model_id_a", sa.Integer(), nullable=False),
        sa.Column("model_id_b", sa.Integer(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("slots", sa.Integer(), nullable=False),
        sa.Column("flagged", sa.Boolean(), nullable=False),
        sa.Column("recognised", sa.Boolean(), nullable=False),
        sa.Column("identity_leak", sa.Boolean(), nullable=False),
        sa.Column("truncated", sa.Boolean(), nullable=False),
        sa.Column("category", sa.Text(), nullable=True),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("annotator_id", sa.Integer(), nullable=False),
        sa.Column("prompt_hash", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("vote_id", "position_a", "position_b", name="pk_outcomes"),
        sqlite_with_rowid=False,
    )
    op.execute(f"INSERT INTO outcomes ({COLUMNS}) SELECT {COLUMNS} FROM recounted_outcomes")
    op.create_index("ix_outcomes_board", "outcomes", list(BOARD))
    op.create_index(
        "ix_outcomes_flagged",
        "outcomes",
        list(BOARD_FLAGS),
        sqlite_where=sa.text("flagged = 1"),
    )
    op.create_table("board_version", sa.Column("number", sa.Integer(), nullable=False))
    op.execute("INSERT INTO board_version (number) VALUES (0)")
    for trigger in TRIGGERS:
        op.execute(trigger)


BOARD = (
    *("model_id_a", "model_id_b", "verdict", "slots", "flagged", "category", "language"),
    *("annotator_id", "prompt_hash", "created_at"),
)
BOARD_FLAGS = (
    *("model_id_a", "model_id_b", "slots", "recognised", "identity_leak", "truncated"),
    *("flagged", "category", "language", "annotator_id", "created_at"),
)

_SHOWN = """EXISTS (
  SELECT 1 FROM slot_replies shown JOIN flags ON flags.reply_id = shown.reply_id
  WHERE shown.battle_id = votes.battle_id AND shown.position IN (a.position, b.position)
  AND flags.kind = '{kind}'{newest})"""

_NEWEST = """
  AND shown.attempt = (
    SELECT MAX(attempt) FROM slot_replies later WHERE later.battle_id = shown.battle_id
    AND later.turn = shown.turn AND later.position = shown.position)"""

_EACH = f"""SELECT
  votes.id AS vote_id,
  a.position AS position_a,
  b.position AS position_b,
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
  (SELECT COUNT(*) FROM slots s WHERE s.battle_id = votes.battle_id) AS slots,
  EXISTS (SELECT 1 FROM flags WHERE flags.vote_id = votes.id AND flags.kind = 'recognised')
    AS recognised,
  {_SHOWN.format(kind="identity_leak", newest="")} AS identity_leak,
  {_SHOWN.format(kind="truncated", newest=_NEWEST)} AS truncated,
  battles.category,
  battles.language,
  votes.annotator_id,
  COALESCE(opening.prompt_hash, 0) AS prompt_hash,
  votes.created_at
FROM votes
JOIN battles ON battles.id = votes.battle_id
JOIN slots a ON a.battle_id = votes.battle_id
JOIN slots b ON b.battle_id = votes.battle_id AND b.position > a.position
LEFT JOIN turns opening ON opening.battle_id = votes.battle_id AND opening.number = 1
LEFT JOIN vote_rankings rank_a ON rank_a.vote_id = votes.id AND rank_a.position = a.position
LEFT JOIN vote_rankings rank_b ON rank_b.vote_id = votes.id AND rank_b.position = b.position"""

RECOUNTED = f"""SELECT
  vote_id, position_a, position_b, model_id_a, model_id_b, verdict, slots,
  (recognised OR identity_leak OR truncated) AS flagged,
  recognised, identity_leak, truncated, category, language, annotator_id, prompt_hash, created_at
FROM ({_EACH}) AS derived
WHERE verdict IS NOT NULL"""

COLUMNS = (
    "vote_id, position_a, position_b, model_id_a, model_id_b, verdict, slots, flagged, "
    "recognised, identity_leak, truncated, category, language, annotator_id, prompt_hash, "
    "created_at"
)

COMPARISONS = """SELECT
  outcomes.vote_id,
  votes.battle_id,
  outcomes.annotator_id,
  outcomes.created_at,
  outcomes.category,
  outcomes.language,
  outcomes.position_a,
  outcomes.position_b,
  a."key" AS model_a,
  b."key" AS model_b,
  outcomes.model_id_a,
  outcomes.model_id_b,
  outcomes.verdict,
  outcomes.recognised,
  outcomes.identity_leak,
  outcomes.truncated
FROM outcomes
JOIN votes ON votes.id = outcomes.vote_id
JOIN models a ON a.id = outcomes.model_id_a
JOIN models b ON b.id = outcomes.model_id_b"""


def _trigger(name: str, when: str, *statements: str) -> str:
    return f"CREATE TRIGGER {name} {when} BEGIN {' '.join(f'{one};' for one in statements)} END"


def _recounting(which: str) -> tuple[str, str]:
    return (
        f"DELETE FROM outcomes WHERE vote_id IN ({which})",
        f"INSERT INTO outcomes ({COLUMNS}) SELECT {COLUMNS} FROM recounted_outcomes "
        f"WHERE vote_id IN ({which})",
    )


_SHOWING = (
    "SELECT votes.id FROM slot_replies JOIN votes ON votes.battle_id = slot_replies.battle_id "
    "WHERE slot_replies.reply_id = {row}.reply_id"
)
_NEWER = "UPDATE board_version SET number = number + 1"

TRIGGERS = (
    _trigger("votes_give_outcomes", "AFTER INSERT ON votes", *_recounting("NEW.id"), _NEWER),
    _trigger(
        "rankings_give_outcomes",
        "AFTER INSERT ON vote_rankings",
        *_recounting("NEW.vote_id"),
        _NEWER,
    ),
    _trigger(
        "revisions_change_outcomes",
        "AFTER INSERT ON vote_revisions",
        *_recounting("NEW.vote_id"),
        _NEWER,
    ),
    *(
        _trigger(
            f"flags_of_{subject}_{event.lower()}_change_outcomes",
            f"AFTER {event} ON flags WHEN {row}.{subject}_id IS NOT NULL",
            *_recounting(which.format(row=row)),
            _NEWER,
        )
        for event, row in (("INSERT", "NEW"), ("DELETE", "OLD"))
        for subject, which in (("vote", "{row}.vote_id"), ("reply", _SHOWING))
    ),
    _trigger(
        "void_battles_change_boards",
        "AFTER UPDATE OF state ON battles WHEN NEW.state = 'void'",
        _NEWER,
    ),
    _trigger("groups_change_boards", "AFTER UPDATE OF group_name ON annotators", _NEWER),
    _trigger("names_change_boards", "AFTER UPDATE OF name ON models", _NEWER),
    _trigger(
        "turns_need_the_hash_of_their_prompt",
        "BEFORE INSERT ON turns WHEN NEW.prompt_hash IS NULL",
        "SELECT RAISE(ABORT, 'a turn needs the hash of its prompt')",
    ),
)
