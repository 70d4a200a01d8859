"""An acknowledged vote survives `kill -9` of the process that took it."""

import subprocess
import sys
from itertools import islice
from pathlib import Path
from random import Random

from sqlalchemy import text

from arena.storage.database import Connection, Database
from arena.storage.references import broken_references
from tests.database_kinds import ON_BOTH
from tests.endurance import FACTOR

ROUNDS = 8 if FACTOR == 1 else 20 * FACTOR
MOST_VOTES = 30
VOTER = Path(__file__).with_name("voter.py")


def acknowledged_until_killed(url: str, votes: int) -> list[str]:
    """Kill the voter when it has acknowledged `votes` votes; returns all that it acknowledged."""
    process = subprocess.Popen(
        [sys.executable, str(VOTER), url], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    with process:
        assert process.stdout is not None
        assert process.stderr is not None
        first = list(islice(process.stdout, votes))
        process.kill()
        lines = first + process.stdout.readlines()
        assert len(lines) >= votes, process.stderr.read()
    return [line.strip() for line in lines if line.endswith("\n")]


def is_whole(connection: Connection) -> bool:
    """Return whether the file is in order, as far as it is one, and whether all references are."""
    if connection.dialect.name == "sqlite":
        found = connection.execute(text("PRAGMA integrity_check")).scalars().all()
        if found != ["ok"]:
            return False
    return not list(broken_references(connection))


@ON_BOTH
def test_every_acknowledged_vote_survives_kills(database: Database) -> None:
    moments = Random(20)
    acknowledged: list[str] = []
    for _ in range(ROUNDS):
        acknowledged += acknowledged_until_killed(database.url, moments.randint(1, MOST_VOTES))
        with database.reading() as connection:
            stored = set(connection.execute(text("SELECT battle_id FROM votes")).scalars())
            assert is_whole(connection)
        assert set(acknowledged) <= stored
    assert len(acknowledged) >= ROUNDS


@ON_BOTH
def test_a_vote_and_the_end_of_its_battle_are_stored_together(database: Database) -> None:
    acknowledged_until_killed(database.url, 10)
    apart = text(
        "SELECT count(*) FROM battles LEFT JOIN votes ON votes.battle_id = battles.id "
        "WHERE (battles.state = 'voted') <> (votes.id IS NOT NULL)"
    )
    with database.reading() as connection:
        assert connection.execute(apart).scalar() == 0
