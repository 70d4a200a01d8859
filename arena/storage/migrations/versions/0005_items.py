"""Items: what was judged, so that two turns of a conversation are not two votes on the same.

Replies get a hash of the conversation with their text, and outcomes one of both replies.
"""

import hashlib

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

AT_ONCE = 1000


def upgrade() -> None:
    """Add both columns with what keeps them, and fill them in from what is stored."""
    op.add_column("replies", sa.Column("answer_hash", sa.BigInteger(), nullable=True))
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    if is_sqlite:
        op.execute("DROP TRIGGER replies_keep")
    _hash_answers()
    op.execute("DROP VIEW comparisons")
    if is_sqlite:
        op.execute(REPLIES_KEEP)
        _keep_outcomes()
    else:
        op.execute("DROP VIEW outcomes")
        op.execute("DROP VIEW recounted_outcomes")
        op.execute(f"CREATE VIEW recounted_outcomes AS {RECOUNTED}")
        op.execute("CREATE VIEW outcomes AS SELECT * FROM recounted_outcomes")
    op.execute(f"CREATE VIEW comparisons AS {COMPARISONS}")


def _hash_answers() -> None:
    connection = op.get_bind()
    query = sa.text(
        "SELECT id, conversation_hash, text FROM replies "
        "WHERE id > :last AND text <> '' ORDER BY id LIMIT :number"
    )
    statement = sa.text("UPDATE replies SET answer_hash = :hash WHERE id = :id")
    last = 0
    while rows := connection.execute(query, {"last": last, "number": AT_ONCE}).all():
        hashes = [{"id": row.id, "hash": _answer_hash(*row[1:])} for row in rows]
        connection.execute(statement, hashes)
        last = rows[-1].id


def _answer_hash(conversation: str, text: str) -> int:
    """As `storage.replies.answer_hash` does; migrations keep their own copy for ever."""
    told = f"{conversation}\n{text}".encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.sha256(told).digest()[:8], "big") >> 2


def _keep_outcomes() -> None:
    for name in RECOUNTING:
        op.execute(f"DROP TRIGGER {name}")
    op.execute("DROP VIEW recounted_outcomes")
    op.execute(f"CREATE VIEW recounted_outcomes AS {RECOUNTED}")
    op.execute("ALTER TABLE outcomes ADD COLUMN item_hash BIGINT NOT NULL DEFAULT 0")
    op.execute(
        "UPDATE outcomes SET item_hash = (SELECT item_hash FROM recounted_outcomes AS counted "
        "WHERE counted.vote_id = outcomes.vote_id AND counted.position_a = outcomes.position_a "
        "AND counted.position_b = outcomes.position_b)"
    )
    for trigger in TRIGGERS:
        op.execute(trigger)
    op.execute("UPDATE board_version SET number = number + 1")


REPLIES_KEEP = (
    "CREATE TRIGGER replies_keep BEFORE UPDATE ON replies WHEN 1 BEGIN "
    "SELECT RAISE(ABORT, 'a reply is never changed'); END"
)

_SHOWN = """EXISTS (
  SELECT 1 FROM slot_replies shown JOIN flags ON flags.reply_id = shown.reply_id
  WHERE shown.battle_id = votes.battle_id AND shown.position IN (a.position, b.position)
  AND flags.kind = '{kind}'{newest})"""

_NEWEST = """
  AND shown.attempt = (
    SELECT MAX(attempt) FROM slot_replies later WHERE later.battle_id = shown.battle_id
    AND later.turn = shown.turn AND later.position = shown.position)"""

_ANSWER = """(
  SELECT replies.answer_hash FROM slot_replies given JOIN replies ON replies.id = given.reply_id
  WHERE given.battle_id = votes.battle_id AND given.position = {side}.position
  AND given.turn = (SELECT MAX(number) FROM turns WHERE turns.battle_id = votes.battle_id)
  ORDER BY given.attempt DESC LIMIT 1)"""
"""NULL where the reply is not known: then all that tells items apart is what was asked."""

_ASKED = """(opening.prompt_hash >> 1) + COALESCE((
  SELECT CAST(SUM((later.prompt_hash >> 22) * later.number) AS BIGINT) FROM turns later
  WHERE later.battle_id = votes.battle_id AND later.number > 1), 0), 0"""
"""Fits in 63 bits up to a thousand turns; numbers of turns are factors so that order counts."""

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
  battles.campaign_id,
  COALESCE({_ANSWER.format(side="a")} + {_ANSWER.format(side="b")}, {_ASKED}) AS item_hash
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
  campaign_id, item_hash
FROM ({_EACH}) AS derived
WHERE verdict IS NOT NULL"""

COLUMNS = (
    "vote_id, position_a, position_b, model_id_a, model_id_b, verdict, slots, flagged, "
    "recognised, identity_leak, truncated, category, language, annotator_id, prompt_hash, "
    "created_at, campaign_id, item_hash"
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
)
