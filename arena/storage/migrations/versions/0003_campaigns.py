"""Campaigns: a name that battles may belong to, and by which boards and exports are filtered.

Outcomes carry it, in both of their indexes, so that a board of one campaign is counted as fast.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table, the column of battles, and the column of outcomes with what keeps it."""
    op.create_table(
        "campaigns",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaigns")),
        sa.UniqueConstraint("name", name=op.f("uq_campaigns_name")),
    )
    op.execute(
        "ALTER TABLE battles ADD COLUMN campaign_id INTEGER "
        "CONSTRAINT fk_battles_campaign_id REFERENCES campaigns (id)"
    )
    op.execute("DROP VIEW comparisons")
    if op.get_bind().dialect.name == "sqlite":
        _keep_outcomes()
    else:
        op.execute("DROP VIEW outcomes")
        op.execute("DROP VIEW recounted_outcomes")
        op.execute(f"CREATE VIEW recounted_outcomes AS {RECOUNTED}")
        op.execute("CREATE VIEW outcomes AS SELECT * FROM recounted_outcomes")
    op.execute(f"CREATE VIEW comparisons AS {COMPARISONS}")


def _keep_outcomes() -> None:
    for name in RECOUNTING:
        op.execute(f"DROP TRIGGER {name}")
    op.execute("DROP VIEW recounted_outcomes")
    op.execute(f"CREATE VIEW recounted_outcomes AS {RECOUNTED}")
    # No battle has a campaign yet: nothing is to be filled in.
    op.execute("ALTER TABLE outcomes ADD COLUMN campaign_id INTEGER")
    op.drop_index("ix_outcomes_board", "outcomes")
    op.drop_index("ix_outcomes_flagged", "outcomes")
    op.create_index("ix_outcomes_board", "outcomes", list(BOARD))
    op.create_index(
        "ix_outcomes_flagged",
        "outcomes",
        list(BOARD_FLAGS),
        sqlite_where=sa.text("flagged = 1"),
    )
    for trigger in TRIGGERS:
        op.execute(trigger)


BOARD = (
    *("model_id_a", "model_id_b", "verdict", "slots", "flagged", "category", "language"),
    *("annotator_id", "prompt_hash", "created_at", "campaign_id"),
)
BOARD_FLAGS = (
    *("model_id_a", "model_id_b", "slots", "recognised", "identity_leak", "truncated"),
    *("flagged", "category", "language", "annotator_id", "created_at", "campaign_id"),
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
  votes.created_at,
  battles.campaign_id
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
  recognised, identity_leak, truncated, category, language, annotator_id, prompt_hash, created_at,
  campaign_id
FROM ({_EACH}) AS derived
WHERE verdict IS NOT NULL"""

COLUMNS = (
    "vote_id, position_a, position_b, model_id_a, model_id_b, verdict, slots, flagged, "
    "recognised, identity_leak, truncated, category, language, annotator_id, prompt_hash, "
    "created_at, campaign_id"
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
  outcomes.truncated,
  outcomes.campaign_id
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

RECOUNTING = (
    "votes_give_outcomes",
    "rankings_give_outcomes",
    "revisions_change_outcomes",
    "flags_of_vote_insert_change_outcomes",
    "flags_of_reply_insert_change_outcomes",
    "flags_of_vote_delete_change_outcomes",
    "flags_of_reply_delete_change_outcomes",
)

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
    _trigger("campaigns_change_boards", "AFTER UPDATE OF name ON campaigns", _NEWER),
    _trigger(
        "battles_keep_their_campaign",
        "BEFORE UPDATE OF campaign_id ON battles WHEN OLD.campaign_id IS NOT NEW.campaign_id",
        "SELECT RAISE(ABORT, 'a battle never changes its campaign')",
    ),
)
