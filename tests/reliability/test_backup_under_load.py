"""A backup that is made while people vote has every vote that was acknowledged before it began."""

import sqlite3
import subprocess
import sys
from contextlib import closing
from itertools import islice
from pathlib import Path

from arena.storage.backups import write_backup
from arena.storage.database import Database
from arena.storage.opening import open_ledger
from tests.endurance import FACTOR
from tests.reliability.test_kill_nine import VOTER

ROUNDS = 3 * FACTOR
VOTES_BETWEEN = 20


def test_a_backup_under_load_restores_to_all_votes_acknowledged_before_it_began(
    database: Database, tmp_path: Path
) -> None:
    command = [sys.executable, str(VOTER), database.url]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        acknowledged: set[str] = set()
        for number in range(ROUNDS):
            acknowledged |= {line.strip() for line in islice(process.stdout, VOTES_BETWEEN)}
            target = tmp_path / f"backup-{number}.sqlite3"
            written = write_backup(database, target)
            assert acknowledged <= battles_of_votes(target)
            assert written.votes >= len(acknowledged) == VOTES_BETWEEN * (number + 1)
            open_ledger(f"sqlite:///{target}", create=False).close()
        process.kill()


def battles_of_votes(path: Path) -> set[str]:
    with closing(sqlite3.connect(path)) as copy:
        return {battle_id for (battle_id,) in copy.execute("SELECT battle_id FROM votes")}
