"""A board that was frozen stays as it is: the database sees to it, and a check to the rest."""

import pytest
from sqlalchemy import text

from arena.domain.verdict import Verdict
from arena.storage.boards.snapshots import (
    NewSnapshot,
    insert_snapshot,
    snapshot_heads,
    stored_snapshot,
    watermark,
)
from arena.storage.database import Database, RuleBroken
from arena.storage.ledger_rules import rule_faults
from arena.storage.revisions import WholeBallot, insert_revision
from tests.builders import NOON, seed_vote, seed_votes
from tests.database_kinds import ON_SQLITE
from tests.fakes.tampering import by_hand

INSERT = (
    "INSERT INTO board_snapshots (number, at, limits, votes, models, fingerprint, document) "
    "VALUES (:number, '2026-03-01 12:00:00', '{}', 1, 2, 'f', 'd')"
)


def frozen(database: Database, *documents: str) -> None:
    for document in documents:
        new = NewSnapshot(
            at=NOON, who=None, limits={"campaign": ["pilot"]}, votes=3, models=2, document=document
        )
        with database.writing() as connection:
            insert_snapshot(connection, new)


def test_numbers_follow_each_other_and_the_newest_comes_first(database: Database) -> None:
    frozen(database, "one", "two")

    with database.reading() as connection:
        heads = snapshot_heads(connection)
        second = stored_snapshot(connection, 2)

    assert [head.number for head in heads] == [2, 1]
    assert second is not None
    assert (second.document, second.head) == ("two", heads[0])
    assert (heads[0].limits, heads[0].at, heads[0].who) == ({"campaign": ["pilot"]}, NOON, None)


def test_the_fingerprint_is_the_sha256_of_the_document(database: Database) -> None:
    frozen(database, "Größe\n")

    with database.reading() as connection:
        (head,) = snapshot_heads(connection)

    # printf 'Größe\n' | sha256sum
    assert head.fingerprint == "a57d698fdfb26492860a77ffce0af2d4f226db69434a211d270893388a76fa0b"


def test_there_is_no_snapshot_of_an_unknown_number(database: Database) -> None:
    with database.reading() as connection:
        assert stored_snapshot(connection, 1) is None
        assert stored_snapshot(connection, 10**30) is None


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE board_snapshots SET votes = votes + 1",
        "UPDATE board_snapshots SET document = 'else'",
        "DELETE FROM board_snapshots",
        INSERT.replace(":number", "1"),
        INSERT.replace(":number", "3"),
        INSERT.replace(":number", "0"),
    ],
)
def test_nothing_of_a_snapshot_is_changed(database: Database, statement: str) -> None:
    frozen(database, "one")

    with pytest.raises(RuleBroken), database.writing() as connection:
        connection.execute(text(statement))


@ON_SQLITE
def test_none_is_replaced_in_one_statement(database: Database) -> None:
    frozen(database, "one")

    with pytest.raises(RuleBroken), database.writing() as connection:
        connection.execute(
            text(INSERT.replace("INSERT", "INSERT OR REPLACE", 1).replace(":number", "1"))
        )


def test_a_changed_or_removed_snapshot_is_named(database: Database) -> None:
    frozen(database, "one", "two", "three")
    with database.reading() as connection:
        assert list(rule_faults(connection)) == []
    database.close()

    with by_hand(database) as file:
        file.execute("UPDATE board_snapshots SET document = '2' WHERE number = 2")
        file.execute("DELETE FROM board_snapshots WHERE number = 1")

    with database.reading() as connection:
        assert list(rule_faults(connection)) == [
            "1 of the snapshots 1 to 3 of boards were removed",
            "snapshot 2 of a board is not what was stored: its document was changed",
        ]


def test_the_watermark_is_the_last_vote_and_the_last_revision(database: Database) -> None:
    with database.reading() as connection:
        nothing = watermark(connection)
    assert (nothing.vote, nothing.revision, nothing.head) == (None, None, None)

    seed_votes(database, wins=2)
    last = seed_vote(database)
    with database.writing() as connection:
        for vote_id in (2, 1):
            ballot = WholeBallot(Verdict.TIE)
            insert_revision(connection, vote_id, ballot, who=1, why="slip", now=NOON)  # type: ignore[arg-type]

    with database.reading() as connection:
        found = watermark(connection)
    assert found.vote == last.vote_id == 3
    assert found.revision == (2, 1)
    assert found.head is not None
    assert found.head.startswith("5:")
