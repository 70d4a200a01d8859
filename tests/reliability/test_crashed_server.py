"""An acknowledged vote survives a crash of PostgreSQL, and the arena goes on when it is back."""

import subprocess
import sys
from itertools import islice
from typing import TYPE_CHECKING

from sqlalchemy import text

from arena.services.operations.verifying import Verification
from arena.storage.database import Database
from tests.builders import seed_vote
from tests.database_kinds import ON_POSTGRESQL
from tests.endurance import FACTOR
from tests.reliability.test_kill_nine import VOTER

if TYPE_CHECKING:
    from tests.fakes.postgres import TestServer

ROUNDS = 2 * FACTOR
VOTES = 20


def acknowledged_until_the_crash(database: Database, postgres: "TestServer") -> set[str]:
    """Crash the server while somebody votes; return the battles whose votes were acknowledged."""
    command = [sys.executable, str(VOTER), database.url]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout is not None
        lines = list(islice(process.stdout, VOTES))
        postgres.crash()
        lines += process.stdout.readlines()
    assert len(lines) >= VOTES
    return {line.strip() for line in lines if line.endswith("\n")}


@ON_POSTGRESQL
def test_every_acknowledged_vote_survives_a_crash_of_the_server(
    database: Database, postgres: "TestServer"
) -> None:
    acknowledged: set[str] = set()
    for _ in range(ROUNDS):
        acknowledged |= acknowledged_until_the_crash(database, postgres)
        seed_vote(database)
        with database.reading() as connection:
            stored = set(connection.execute(text("SELECT battle_id FROM votes")).scalars())
        assert acknowledged <= stored
    assert list(Verification(database).faults()) == []
