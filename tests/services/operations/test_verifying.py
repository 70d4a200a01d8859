"""What somebody changes in the database by hand is found, and the vote is named."""

from collections.abc import Callable

import pytest

from arena.domain.verdict import Verdict
from arena.services.operations.verifying import NoHead, Verification, parsed_head
from arena.storage.database import Database
from arena.storage.revisions import WholeBallot, insert_revision
from tests.builders import NOON, seed_vote, seed_votes
from tests.fakes.tampering import Hand, by_hand, recount

Change = Callable[[Hand], object]


def faults(database: Database) -> list[str]:
    return list(Verification(database).faults())


@pytest.fixture
def ledger(database: Database) -> Database:
    """Five votes of two annotators; the first has a revision, the last is a ranking."""
    seed_votes(database, wins=2, losses=1)
    seed_vote(database, Verdict.TIE, annotator="grace")
    seed_vote(database, None, models=("a", "b", "c"), ranks=(1, 2, 3))
    with database.writing() as connection:
        ballot = WholeBallot(Verdict.B_BETTER)
        insert_revision(connection, 1, ballot, who=1, why="slip", now=NOON)  # type: ignore[arg-type]
    database.close()
    return database


def run(*statements: str) -> Change:
    def change(file: Hand) -> None:
        for statement in statements:
            file.execute(statement)
        recount(file)

    return change


SECOND = "(SELECT battle_id FROM votes WHERE id = 2)"
COVERED = {
    "verdict": (run("UPDATE votes SET verdict = 'tie' WHERE id = 2"), "vote 2 ("),
    "annotator": (
        run(
            "UPDATE votes SET annotator_id = 2 WHERE id = 2",
            f"UPDATE battles SET annotator_id = 2 WHERE id = {SECOND}",
        ),
        "vote 2 (",
    ),
    "time": (run("UPDATE votes SET created_at = '2020-01-01 00:00:00' WHERE id = 2"), "vote 2 ("),
    "sides": (
        run(
            f"UPDATE slots SET position = position + 10 WHERE battle_id = {SECOND}",
            f"UPDATE slots SET position = 11 - position WHERE battle_id = {SECOND}",
        ),
        "vote 2 (",
    ),
    "sides of the answers": (
        run(
            f"UPDATE slot_replies SET position = position + 10 WHERE battle_id = {SECOND}",
            f"UPDATE slot_replies SET position = 11 - position WHERE battle_id = {SECOND}",
        ),
        "vote 2 (",
    ),
    "prompt": (
        run(f"UPDATE turns SET prompt = prompt || '!' WHERE battle_id = {SECOND}"),
        "vote 2 (",
    ),
    "answer": (
        run(
            "UPDATE replies SET text = 'Yes.' WHERE id ="
            f" (SELECT min(reply_id) FROM slot_replies WHERE battle_id = {SECOND})"
        ),
        "vote 2 (",
    ),
    "ranking": (run("UPDATE vote_rankings SET rank = 4 - rank WHERE vote_id = 5"), "vote 5 ("),
    "revision": (
        run("UPDATE vote_revisions SET verdict = 'tie' WHERE vote_id = 1"),
        "revision 1 of vote 1 (",
    ),
    "a revision too many": (
        run(
            "INSERT INTO vote_revisions (vote_id, revision, verdict, who, why, at)"
            " VALUES (2, 1, 'tie', 1, 'slip', '2026-03-01 12:00:00')"
        ),
        "revision 1 of vote 2 (",
    ),
    "a removed revision": (
        run("DELETE FROM vote_revisions WHERE vote_id = 1"),
        "revision 1 of vote 1 was removed",
    ),
    "a removed vote": (
        run(
            f"UPDATE battles SET state = 'abandoned' WHERE id = {SECOND}",
            "DELETE FROM votes WHERE id = 2",
        ),
        "vote 2 was removed",
    ),
    "a removed vote with its entry": (
        run(
            f"UPDATE battles SET state = 'abandoned' WHERE id = {SECOND}",
            "DELETE FROM votes WHERE id = 2",
            "DELETE FROM vote_chain WHERE vote_id = 2",
        ),
        "entry 2 of the chain was removed",
    ),
    "a removed vote with its entry, renumbered": (
        run(
            f"UPDATE battles SET state = 'abandoned' WHERE id = {SECOND}",
            "DELETE FROM votes WHERE id = 2",
            "DELETE FROM vote_chain WHERE vote_id = 2",
            "UPDATE vote_chain SET number = number - 1 WHERE number > 2",
        ),
        "vote 3 (",
    ),
    "another vote of the same number": (
        run(
            "INSERT INTO vote_chain SELECT 7, vote_id, revision, key, digest FROM vote_chain"
            " WHERE number = 2"
        ),
        "vote 2 (",
    ),
}


def test_a_ledger_that_nobody_touched_has_no_faults(ledger: Database) -> None:
    assert faults(ledger) == []
    assert Verification(ledger).checked().votes == 5


@pytest.mark.parametrize("name", COVERED)
def test_a_change_by_hand_is_found_by_the_chain_alone_and_names_the_vote(
    ledger: Database, name: str
) -> None:
    change, named = COVERED[name]
    with by_hand(ledger) as file:
        change(file)
    (fault,) = faults(ledger)
    assert fault.startswith(named)


RULES = {
    "a verdict that boards do not know of": (
        "UPDATE votes SET verdict = 'tie' WHERE id = 2",
        "vote 2 is counted other than the ledger says",
    ),
    "a removed vote of a battle that was voted on": (
        "DELETE FROM votes WHERE id = 2",
        "was removed: the battle was voted on",
    ),
    "a removed last vote": (
        "DELETE FROM votes WHERE id = (SELECT max(id) FROM votes)",
        "was removed: the battle was voted on",
    ),
    "a vote of a battle that is open": (
        f"UPDATE battles SET state = 'complete' WHERE id = {SECOND}",
        "vote 2 is of battle",
    ),
    "a ranking beside a verdict": (
        "INSERT INTO vote_rankings VALUES (2, 0, 1)",
        "needs a verdict or a ranking, and has both or none",
    ),
    "a removed side": (
        f"DELETE FROM slots WHERE position = 1 AND battle_id = {SECOND}",
        "which has fewer than two sides",
    ),
    "a row that refers to nothing": (
        "UPDATE votes SET annotator_id = 99 WHERE id = 2",
        "refers to a row of battles that is not there",
    ),
}


@pytest.mark.parametrize("name", RULES)
def test_what_no_rule_would_have_let_in_is_said(ledger: Database, name: str) -> None:
    statement, said = RULES[name]
    with by_hand(ledger) as file:
        file.execute(statement)
    assert any(said in fault for fault in faults(ledger))


def test_dropped_triggers_are_said(ledger: Database) -> None:
    with ledger.writing() as connection:
        place = " ON votes" if ledger.file is None else ""
        connection.exec_driver_sql(f"DROP TRIGGER votes_keep{place}")
    assert faults(ledger) == ["views or triggers, which hold the rules, differ: votes_keep"]


def test_a_shortened_chain_is_found_by_a_head_that_was_noted(ledger: Database) -> None:
    head = Verification(ledger).checked().head
    assert head is not None
    noted = parsed_head(str(head))
    assert list(Verification(ledger, noted=noted).faults()) == []
    ledger.close()
    with by_hand(ledger) as file:
        file.execute("DELETE FROM vote_revisions")
        file.execute("DELETE FROM vote_chain WHERE revision = 1")
        recount(file)
    assert faults(ledger) == []
    (fault,) = Verification(ledger, noted=noted).faults()
    assert f"the chain has no entry {noted}" in fault


@pytest.mark.parametrize("noted", ["", "1", "1:xyz", f"x:{'0' * 64}", "1:00"])
def test_what_is_no_head_is_refused(noted: str) -> None:
    with pytest.raises(NoHead):
        parsed_head(noted)


def test_without_the_key_nothing_is_called_sound(ledger: Database) -> None:
    (ledger.keys_folder / "chain-key").unlink()
    again = Database(ledger.url)
    (fault,) = faults(again)
    again.close()
    assert "put the file chain-key back" in fault
    assert not (ledger.keys_folder / "chain-key").exists()
