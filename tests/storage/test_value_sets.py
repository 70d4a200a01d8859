"""Roles, states, verdicts, reasons and kinds of flags: rows that columns refer to."""

from pathlib import Path

import pytest
from sqlalchemy import Table, select, text

from arena.storage.database import Database, RuleBroken, UnusableLedger
from arena.storage.migrate import BrokenReferences, migrate, schema_sql
from arena.storage.opening import open_ledger
from arena.storage.schema import VALUE_SETS
from tests.builders import seed_battle, seed_vote
from tests.database_kinds import ON_SQLITE
from tests.storage.old_ledgers import DAY, execute, oldest_ledger, rows

GROWN = {
    "annotators": "UPDATE annotators SET role = 'wanted'",
    "battles": "UPDATE battles SET state = 'wanted'",
    "votes": "INSERT INTO votes SELECT 2, id, annotator_id, 'wanted', '', NULL, created_at, NULL "
    "FROM battles WHERE state = 'complete'",
    "vote_reasons": "INSERT INTO vote_reasons VALUES (1, 0, 'wanted')",
    "vote_revisions": "INSERT INTO vote_revisions VALUES "
    f"(1, 1, 'wanted', 1, '', '{DAY}', NULL, NULL)",
    "flags": f"INSERT INTO flags VALUES (1, 'wanted', 1, NULL, '', '{DAY}')",
    "campaigns": f"INSERT INTO campaigns VALUES (1, 'spring', '{DAY}', 'wanted', NULL, NULL, NULL)",
}
"""How each column that holds a value of a set gets one that no set has yet."""

SETS = {
    "annotators": "roles",
    "battles": "battle_states",
    "votes": "verdicts",
    "vote_reasons": "reasons",
    "vote_revisions": "verdicts",
    "flags": "flag_kinds",
    "campaigns": "campaign_states",
}


@pytest.mark.parametrize("table", VALUE_SETS, ids=str)
def test_a_set_holds_the_values_of_its_enum(database: Database, table: Table) -> None:
    with database.reading() as connection:
        found = connection.execute(select(table.c.name)).scalars()
        assert set(found) == {value.value for value in VALUE_SETS[table]}


@pytest.mark.parametrize("table", SETS)
def test_a_value_is_refused_until_its_set_has_it(database: Database, table: str) -> None:
    seed_vote(database)
    seed_battle(database)
    before = rows(database)
    with pytest.raises(RuleBroken, match=r"(?i)FOREIGN KEY"):
        execute(database, GROWN[table])
    assert rows(database) == before

    execute(database, f"INSERT INTO {SETS[table]} VALUES ('wanted')", GROWN[table])
    assert "wanted" in str(rows(database)[table])


@pytest.mark.parametrize("table", VALUE_SETS, ids=str)
def test_a_value_has_a_name(database: Database, table: Table) -> None:
    with pytest.raises(RuleBroken):
        execute(database, f"INSERT INTO {table} VALUES (NULL)")


def test_a_value_in_use_cannot_be_taken_out_of_its_set(database: Database) -> None:
    seed_vote(database)
    with pytest.raises(RuleBroken, match=r"(?i)FOREIGN KEY"):
        execute(database, "DELETE FROM verdicts")


@ON_SQLITE
def test_the_oldest_database_keeps_every_row_and_gets_the_same_rules(
    tmp_path: Path, database: Database
) -> None:
    old = oldest_ledger(tmp_path)
    before = rows(old)
    migrate(old)
    after = rows(old)

    assert all(before.values())
    for table, stored in before.items():
        kept = [{name: row[name] for name in stored[0]} for row in after[table]]
        assert kept == stored
    assert schema_sql(old) == schema_sql(database)
    with pytest.raises(RuleBroken, match="never overwritten"):
        execute(old, "UPDATE votes SET verdict = 'tie'")
    with pytest.raises(RuleBroken, match="never deleted"):
        execute(old, "DELETE FROM votes")
    with pytest.raises(RuleBroken, match=r"(?i)FOREIGN KEY"):
        execute(old, "UPDATE battles SET annotator_id = 9")
    old.close()


def test_references_are_checked_again_after_an_upgrade(tmp_path: Path) -> None:
    old = oldest_ledger(tmp_path)
    migrate(old)
    with old.reading() as connection, old.writing() as other:
        for one in (connection, other):
            assert one.execute(text("PRAGMA foreign_keys")).scalar() == 1
    old.close()


def test_a_database_with_broken_references_is_refused_and_stays_as_it_was(tmp_path: Path) -> None:
    old = oldest_ledger(tmp_path)
    migrate(old, "0005")
    with old.rebuilding() as connection:
        connection.execute(text("UPDATE sessions SET annotator_id = 77"))
    schema, before = schema_sql(old), rows(old)

    with pytest.raises(BrokenReferences, match="row 1 of sessions refers to a row of annotators"):
        migrate(old)
    with pytest.raises(UnusableLedger, match=f"{old.path} was changed by another program"):
        open_ledger(old.url, create=False)
    assert (schema_sql(old), rows(old)) == (schema, before)
    old.close()
