"""`arena verify` names what was changed, says what to do, and prints the head of the chain."""

import json
import sqlite3
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from arena.cli import app
from arena.storage.database import Database
from tests.builders import seed_votes
from tests.fakes.tampering import by_hand
from tests.storage.old_ledgers import oldest_ledger


def verify(database: Database, *more: str) -> Result:
    database.close()
    return CliRunner().invoke(app, ["verify", "--database-url", database.url, *more])


def test_a_sound_ledger_is_called_sound_and_its_head_can_be_noted(database: Database) -> None:
    seed_votes(database, wins=2)
    told = verify(database)
    assert told.exit_code == 0
    assert "2 votes: all are as they were stored." in told.stdout
    head = told.stdout.split("Head of the chain: ")[1].strip()
    assert verify(database, "--head", head).exit_code == 0
    assert verify(database, "--head", f"1:{'0' * 64}").exit_code == 1
    assert json.loads(verify(database, "--json").stdout) == {
        "votes": 2,
        "head": head,
        "faults": [],
    }


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        ("UPDATE votes SET verdict = 'tie' WHERE id = 2", "vote 2 (battle "),
        ("DELETE FROM votes WHERE id = 2", "vote 2 was removed"),
        (
            "UPDATE slots SET position = position + 10; UPDATE slots SET position = 11 - position",
            "vote 2 (battle ",
        ),
    ],
)
def test_what_was_done_by_hand_is_named_with_what_to_do(
    database: Database, statement: str, named: str
) -> None:
    seed_votes(database, wins=2)
    database.close()
    with by_hand(database) as file:
        for one in statement.split(";"):
            file.execute(one)
    told = verify(database)
    assert told.exit_code == 1
    assert named in told.stdout
    assert "What to do: stop the arena" in told.stdout


def test_dropped_rules_are_not_renewed_before_they_are_said(database: Database) -> None:
    with sqlite3.connect(database.path) as file:
        file.execute("DROP TRIGGER votes_stay")
    file.close()
    assert "differ: votes_stay" in verify(database).stdout
    assert "differ: votes_stay" in verify(database).stdout


def test_no_head_and_an_older_database_are_refused(database: Database, tmp_path: Path) -> None:
    told = verify(database, "--head", "nonsense")
    assert (told.exit_code, "NUMBER:DIGEST" in told.stderr) == (2, True)
    told = verify(oldest_ledger(tmp_path))
    assert (told.exit_code, "`arena migrate`" in told.stderr) == (1, True)
