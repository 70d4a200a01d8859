"""Addresses as numbers: what is kept of them, for how long, and what is counted for them."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text

from arena.domain.board import BoardFilter
from arena.storage.addresses import address_number, annotators_in, busy_hours
from arena.storage.boards import outcome_counts, void_counts
from arena.storage.columns import outcome_columns
from arena.storage.database import Database
from arena.storage.migrate import migrate
from arena.storage.schema import address_hours, addresses, sessions
from tests.builders import NOON, seed_farm, seed_vote

HOUR = timedelta(hours=1)


def number_of(database: Database, hashed: str, *, at: datetime, lasts: timedelta = HOUR) -> int:
    with database.writing() as connection:
        return address_number(connection, hashed, now=at, expires_at=at + lasts)


def hashes(database: Database) -> list[str | None]:
    with database.reading() as connection:
        query = select(addresses.c.hash).order_by(addresses.c.id)
        return list(connection.execute(query).scalars())


def test_an_address_has_one_number_as_long_as_a_session_of_it_lasts(database: Database) -> None:
    first = number_of(database, "a1", at=NOON, lasts=2 * HOUR)
    assert number_of(database, "b2", at=NOON) != first
    assert number_of(database, "a1", at=NOON + HOUR / 2) == first
    assert hashes(database) == ["a1", "b2"]
    # The first session is the one that lasts.
    assert number_of(database, "a1", at=NOON + HOUR * 1.9) == first
    assert hashes(database) == ["a1", None]


def test_an_address_is_forgotten_when_its_last_session_has_ended(database: Database) -> None:
    first = number_of(database, "a1", at=NOON)
    later = number_of(database, "b2", at=NOON + HOUR)
    assert hashes(database) == [None, "b2"]
    assert number_of(database, "a1", at=NOON + HOUR) not in (first, later)


def test_votes_count_for_the_address_of_the_newest_session_by_hour(database: Database) -> None:
    seed_farm(database, accounts=3, votes=7, at=NOON + timedelta(minutes=59, seconds=30))
    seed_vote(database, annotator="ada")

    with database.reading() as connection:
        columns = (address_hours.c.hour, address_hours.c.votes)
        rows = connection.execute(select(*columns).order_by(*columns)).all()
        busy = busy_hours(connection, least_votes=4, few_votes=1)
        people = annotators_in(connection, [one.of for one in busy])

    assert sum(votes for _, votes in rows) == 7
    assert {hour for hour, _ in rows} == {"2026-03-01 12", "2026-03-01 13"}
    (first,) = busy
    assert (first.votes, first.annotators, first.passing) == (4, 3, 2)
    assert round((first.last_at - first.first_at).total_seconds(), 3) == 25.714
    assert len(people) == 3


def test_sessions_of_an_older_database_have_no_address_and_their_votes_count_for_none(
    tmp_path: Path,
) -> None:
    database = Database(f"sqlite:///{tmp_path / 'old.sqlite3'}")
    migrate(database, "0003")
    with database.writing() as connection:
        for statement in _OLD:
            connection.execute(text(statement))
    migrate(database)

    seed_vote(database, annotator="ada")
    seed_vote(database, annotator="bob")

    with database.reading() as connection:
        assert connection.execute(select(sessions.c.address_id)).scalars().all() == [None]
        assert connection.execute(select(address_hours)).all() == []
        assert connection.execute(text("PRAGMA foreign_key_check")).all() == []
    database.close()


_OLD = (
    "INSERT INTO annotators VALUES (1, 'ada', 'annotator', NULL, NULL, '2026-03-01', NULL)",
    "INSERT INTO sessions VALUES ('h', 1, '2026-03-01 00:00:00.000000',"
    " '2026-03-08 00:00:00.000000', NULL)",
)


def test_a_filter_that_does_not_know_whom_it_leaves_out_is_refused(database: Database) -> None:
    """Counting them without a word would be worse."""
    unresolved = BoardFilter(without_one_address=True)
    with database.reading() as connection:
        for query in (outcome_counts, void_counts, outcome_columns):
            with pytest.raises(ValueError, match="whom this filter leaves out"):
                query(connection, unresolved)
