"""What the database keeps of a draw, and what follows from it for a comparison."""

from pathlib import Path

import pytest
from sqlalchemy import text

from arena.domain.board import BoardFilter
from arena.storage.boards import WeightedCount, outcome_counts, weighted_counts
from arena.storage.columns import outcome_columns
from arena.storage.database import Database, RuleBroken
from arena.storage.migrate import migrate
from tests.builders import seed_battle, seed_vote
from tests.database_kinds import ON_SQLITE
from tests.storage.old_ledgers import execute, oldest_ledger, rows


def test_a_comparison_weighs_its_even_chance_over_the_one_it_had(database: Database) -> None:
    seed_vote(database, chances=(0.5, 0.1))
    seed_vote(database, chances=(0.2, None))
    assert [row["weight"] for row in rows(database)["outcomes"]] == [0.2, None]
    with database.reading() as connection:
        (counted,) = weighted_counts(connection, BoardFilter())
        assert sum(row.count for row in outcome_counts(connection, BoardFilter())) == 2
    ids = counted.model_id_a, counted.model_id_b
    assert counted == WeightedCount(*ids, "a_better", 1, 0.1 / 0.5)


def test_columns_hold_weights_only_if_some_comparison_does_not_count_once(
    database: Database,
) -> None:
    seed_vote(database)
    with database.reading() as connection:
        assert outcome_columns(connection, BoardFilter()).weight is None
    seed_vote(database, chances=(0.5, 0.1))
    with database.reading() as connection:
        weight = outcome_columns(connection, BoardFilter()).weight
    assert weight is not None
    assert weight.tolist() == [1, 0.2]


@pytest.mark.parametrize("column", ["pair_probability", "even_probability"])
@pytest.mark.parametrize("value", ["0.9", "NULL"])
def test_the_chances_of_a_draw_never_change(database: Database, column: str, value: str) -> None:
    seed_vote(database, chances=(0.5, 0.1))
    before = rows(database)
    with pytest.raises(RuleBroken, match="probabilities of a draw never change"):
        execute(database, f"UPDATE battles SET {column} = {value}")
    assert rows(database) == before


def test_a_battle_without_a_draw_gets_no_chance_later(database: Database) -> None:
    seed_battle(database)
    with pytest.raises(RuleBroken):
        execute(database, "UPDATE battles SET even_probability = 0.1")


def test_everything_in_an_older_ledger_counts_once(tmp_path: Path) -> None:
    old = oldest_ledger(tmp_path)
    migrate(old)
    with old.reading() as connection:
        assert weighted_counts(connection, BoardFilter()) == ()
        assert outcome_columns(connection, BoardFilter()).weight is None
    assert {row["even_probability"] for row in rows(old)["battles"]} == {None}
    old.close()


@ON_SQLITE
@pytest.mark.parametrize(
    "query",
    [
        "SELECT sum(weight) FROM outcomes WHERE weight IS NOT NULL",
        "SELECT EXISTS (SELECT * FROM outcomes WHERE weight IS NOT NULL)",
    ],
    ids=["sum", "exists"],
)
def test_what_does_not_count_once_is_found_by_an_index(database: Database, query: str) -> None:
    with database.reading() as connection:
        plan = connection.execute(text(f"EXPLAIN QUERY PLAN {query}")).all()
    assert "INDEX ix_outcomes_weighted" in str(plan)
