"""Errors of a PostgreSQL server quote no row in the log."""

from traceback import format_exception

import pytest
from sqlalchemy import text

from arena.storage.database import Database, RuleBroken, StorageError
from tests.builders import seed_vote
from tests.database_kinds import ON_POSTGRESQL

SECRET = "what somebody wrote"

pytestmark = ON_POSTGRESQL


def run(database: Database, statement: str) -> None:
    """Run a statement beside a table with one row."""
    with database.writing() as connection:
        connection.exec_driver_sql(
            "CREATE TEMPORARY TABLE kept (words text PRIMARY KEY CHECK (words <> 'no'), n int)"
        )
        for each in ("INSERT INTO kept VALUES (:words, 1)", statement):
            connection.execute(text(each), {"words": SECRET})


def logged(database: Database, statement: str) -> str:
    """Return the whole traceback of a statement that fails."""
    with pytest.raises(StorageError) as caught:
        run(database, statement)
    return "".join(format_exception(caught.value))


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        ("INSERT INTO kept VALUES (:words, 1)", "duplicate key value violates unique constraint"),
        ("UPDATE kept SET words = NULL", "violates not-null constraint"),
        ("UPDATE kept SET words = 'no'", "violates check constraint"),
        ("SELECT CAST(words AS integer) FROM kept", 'invalid input syntax for type integer: "…"'),
        ("SELECT CAST(:words AS integer)", 'invalid input syntax for type integer: "…"'),
        ("SELECT CAST(CAST(:words AS text) AS json)", "invalid input syntax for type json"),
    ],
)
def test_a_row_is_in_no_error(database: Database, statement: str, reason: str) -> None:
    told = logged(database, statement)
    assert reason in told
    assert SECRET not in told
    assert "DETAIL" not in told


def test_a_broken_rule_still_says_which(database: Database) -> None:
    seed_vote(database)
    with pytest.raises(RuleBroken, match="a vote is never deleted"):
        run(database, "DELETE FROM votes")
