"""Every vote has an entry in the chain, whichever way it came in."""

import hmac
import logging
from contextlib import suppress
from pathlib import Path

import pytest
from sqlalchemy import text

from arena.domain.verdict import Reason, Verdict
from arena.storage.chain.checking import ChainKey, chain_faults, chain_head, stands_at
from arena.storage.chain.contents import Link, contents
from arena.storage.database import Database, RuleBroken
from arena.storage.migrate import migrate
from arena.storage.objects import drop_objects
from arena.storage.revisions import WholeBallot, insert_revision
from tests.builders import NOON, SeededBattle, seed_vote, seed_votes
from tests.storage.old_ledgers import oldest_ledger


def faults(database: Database) -> list[str]:
    key = ChainKey(database.chain_key.name, database.chain_key.secret)
    with database.reading() as connection:
        return list(chain_faults(connection, key))


def entries(database: Database) -> list[tuple[int, int, int]]:
    with database.reading() as connection:
        query = text("SELECT number, vote_id, revision FROM vote_chain ORDER BY number")
        return [tuple(row) for row in connection.execute(query)]


def revise(database: Database, seeded: SeededBattle, verdict: Verdict) -> None:
    with database.writing() as connection:
        assert seeded.vote_id is not None
        who = connection.execute(text("SELECT min(id) FROM annotators")).scalar_one()
        ballot = WholeBallot(verdict)
        insert_revision(connection, seeded.vote_id, ballot, who=who, why="slip", now=NOON)


def test_votes_and_revisions_are_chained_in_their_order(database: Database) -> None:
    first = seed_vote(database, Verdict.TIE, reasons=[(0, Reason.USEFUL)], comment="so")
    revise(database, first, Verdict.A_BETTER)
    seed_vote(database, None, models=("a", "b", "c"), ranks=(1, 3, 2))
    assert entries(database) == [(1, 1, 0), (2, 1, 1), (3, 2, 0)]
    assert faults(database) == []


def test_an_entry_is_the_keyed_hash_of_the_one_before_and_the_content(database: Database) -> None:
    seed_votes(database, wins=2)
    secret = (database.keys_folder / "chain-key").read_bytes()
    with database.reading() as connection:
        told = contents(connection, [Link(1, 0), Link(2, 0)])
        stored = connection.execute(text("SELECT digest FROM vote_chain ORDER BY number"))
        digests = stored.scalars().all()
    first = hmac.new(secret, told[Link(1, 0)], "sha256").digest()
    second = hmac.new(secret, first + told[Link(2, 0)], "sha256").digest()
    assert digests == [first, second]


def test_a_vote_that_is_refused_leaves_no_entry(database: Database) -> None:
    seed_vote(database)
    with suppress(RuntimeError), database.writing() as connection:
        seed_vote(connection)
        raise RuntimeError
    assert entries(database) == [(1, 1, 0)]


def test_the_chain_only_grows(database: Database) -> None:
    seed_vote(database)
    for statement in ("UPDATE vote_chain SET key = ''", "DELETE FROM vote_chain"):
        with pytest.raises(RuleBroken), database.writing() as connection:
            connection.execute(text(statement))


def test_a_comment_may_be_emptied(database: Database) -> None:
    seed_vote(database, comment="my name is Ada")
    with database.writing() as connection:
        connection.execute(text("UPDATE votes SET comment = ''"))
    assert faults(database) == []


def test_votes_of_an_older_database_are_chained_when_it_is_upgraded(tmp_path: Path) -> None:
    old = oldest_ledger(tmp_path)
    migrate(old)
    assert entries(old) == [(1, 1, 0), (2, 2, 0), (3, 1, 1)]
    assert faults(old) == []
    old.close()


def test_an_emptied_chain_is_not_begun_anew(tmp_path: Path, database: Database) -> None:
    seed_votes(database, wins=2)
    with database.rebuilding() as connection:
        drop_objects(connection)
        connection.execute(text("DELETE FROM vote_chain"))
    migrate(database)
    assert len(faults(database)) == 2


def test_a_head_that_was_noted_is_found_again(database: Database) -> None:
    seed_votes(database, wins=2)
    with database.reading() as connection:
        noted = chain_head(connection)
    assert noted is not None
    seed_vote(database)
    with database.reading() as connection:
        assert stands_at(connection, noted)
        assert not stands_at(connection, type(noted)(noted.number, "0" * 64))
        assert not stands_at(connection, type(noted)(99, noted.digest))


def test_a_lost_key_is_said_and_the_chain_goes_on_with_another(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    seed_votes(database, wins=2)
    database.close()
    key = database.keys_folder / "chain-key"
    kept = key.read_bytes()
    key.unlink()
    again = Database(database.url)
    with caplog.at_level(logging.WARNING):
        seed_votes(again, wins=2)
    assert caplog.text.count("another key") == 1
    (found,) = faults(again)
    again.close()
    assert "entries 1 to 2 of the chain were made with the key" in found
    assert kept != key.read_bytes()
