"""Queries that run often read an index, never a whole table, also after an upgrade."""

from pathlib import Path

import pytest
from sqlalchemy import text

from arena.storage.migrate import migrate
from tests.storage.old_ledgers import oldest_ledger

PLANS = {
    "counts of a board": (
        "SELECT model_id_a, model_id_b, verdict, slots, count(*) FROM outcomes "
        "WHERE NOT flagged AND campaign_id = 1 AND created_at < '2027' GROUP BY 1, 2, 3, 4",
        "USING COVERING INDEX ix_outcomes_board",
    ),
    "flagged comparisons": (
        "SELECT model_id_a, model_id_b, slots, recognised, identity_leak, truncated, count(*) "
        "FROM outcomes WHERE flagged = 1 GROUP BY 1, 2, 3, 4, 5, 6",
        "USING COVERING INDEX ix_outcomes_flagged",
    ),
    "replies to use again": (
        "SELECT id FROM replies WHERE model_id = 1 AND conversation_hash = 'told'",
        "ix_replies_model_id_conversation_hash (model_id=? AND conversation_hash=?)",
    ),
    "replies of a model": (
        "SELECT count(*) FROM replies WHERE model_id = 1",
        "ix_replies_model_id_conversation_hash (model_id=?)",
    ),
    "battles that generate": (
        "UPDATE battles SET state = 'stopped' WHERE state = 'generating' AND (owner IS NULL OR "
        "owner <> 'me' AND owner NOT IN (SELECT owner FROM leases WHERE expires_at > '2026'))",
        "ix_battles_generating",
    ),
    "void battles": (
        "SELECT count(*) FROM battles WHERE state = 'void' AND created_at > '2026'",
        "ix_battles_void",
    ),
    "votes of some days": (
        "SELECT count(*) FILTER (WHERE created_at < '2026-03-02') FROM votes "
        "WHERE created_at >= '2026-03-01' AND created_at < '2026-03-15'",
        "USING COVERING INDEX ix_votes_created_at",
    ),
    "battles of a day": (
        "SELECT state, count(*) FROM battles WHERE created_at >= '2026-03-01' GROUP BY state",
        "ix_battles_created_at (created_at>?)",
    ),
    "replies of a day": (
        "SELECT m.key, count(*) FROM slot_replies s JOIN replies r ON r.id = s.reply_id "
        "JOIN models m ON m.id = r.model_id WHERE s.battle_id IN "
        "(SELECT id FROM battles WHERE created_at >= '2026-03-01') GROUP BY m.key",
        "ix_battles_created_at (created_at>?)",
    ),
    "votes of an annotator": (
        "SELECT id FROM votes WHERE annotator_id = 1",
        "USING COVERING INDEX ix_votes_annotator_id",
    ),
}


@pytest.fixture
def database_kind() -> str:
    """Return where databases are made: what is tried here is of files alone."""
    return "sqlite"


@pytest.mark.parametrize("query", PLANS)
def test_a_query_reads_its_index(tmp_path: Path, query: str) -> None:
    database = oldest_ledger(tmp_path)
    migrate(database)
    sql, expected = PLANS[query]
    with database.reading() as connection:
        plan = str(connection.execute(text(f"EXPLAIN QUERY PLAN {sql}")).all())
    assert expected in plan
    database.close()
