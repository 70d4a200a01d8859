"""What one arena has exported is the same in another, and known where it came from."""

import pytest
from sqlalchemy import text

from arena.domain.reply import FlagKind
from arena.domain.verdict import Reason, Verdict
from arena.services.exports.columns import ExportTable
from arena.services.importing.formats import VoteFormat
from arena.storage.database import Database
from tests.builders import seed_vote
from tests.fakes.playground import DatabaseMaker
from tests.services.importing.imported import bring, exported, rows

PLAYED = len(Verdict) + 7
"""Votes of `played`."""


@pytest.fixture
def played(new_database: DatabaseMaker) -> Database:
    """An arena with votes of every kind."""
    database = new_database()
    for verdict in Verdict:
        seed_vote(database, verdict)
    seed_vote(database, prompts=("=1+1", "Sure?", "Really?"), comment='-1, "so"\nsaid he')
    seed_vote(database, prompts=("你好",), language="zh", category="chat", reading_s=4.25)
    seed_vote(database, recognised=True, annotator="bob")
    seed_vote(database, reply_flags={0: [FlagKind.IDENTITY_LEAK]})
    seed_vote(database, reply_flags={1: [FlagKind.TRUNCATED]}, fingerprint="2")
    seed_vote(database, reasons=((0, Reason.USEFUL), (1, Reason.UNSAFE)))
    seed_vote(database, None, models=("beta", "delta", "alpha"), ranks=(2, 1, 2))
    return database


def test_an_export_comes_back_as_the_same_table(
    played: Database, new_database: DatabaseMaker
) -> None:
    content = exported(played, ExportTable.VOTES)
    other = new_database()

    report = bring(other, content.splitlines(keepends=True), VoteFormat.ARENA)

    assert (report.votes, report.models, report.annotators, report.faults) == (PLAYED, 3, 2, ())
    before, after = rows(played, ExportTable.VOTES), rows(other, ExportTable.VOTES)
    for row in (*before, *after):
        del row["vote_id"], row["annotator"]
    assert after == before


def test_an_import_gives_the_board_that_the_exporting_arena_has(
    played: Database, new_database: DatabaseMaker
) -> None:
    other = new_database()

    bring(other, exported(played, ExportTable.VOTES).splitlines(keepends=True), VoteFormat.ARENA)

    assert rows(other, ExportTable.PAIRS) == rows(played, ExportTable.PAIRS)


def test_an_arena_knows_its_own_votes_when_they_come_back(played: Database) -> None:
    lines = exported(played, ExportTable.VOTES).splitlines(keepends=True)

    report = bring(played, lines, VoteFormat.ARENA)

    assert (report.votes, report.already_there, report.faults) == (0, PLAYED, ())


def test_a_corrected_vote_comes_with_the_verdict_in_force(
    database: Database, new_database: DatabaseMaker
) -> None:
    seeded = seed_vote(database, Verdict.A_BETTER)
    with database.writing() as connection:
        revision = (
            "INSERT INTO vote_revisions (vote_id, revision, verdict, who, why, at) "
            "VALUES (:vote, 1, 'tie', 1, 'slip', '2026-03-02')"
        )
        connection.execute(text(revision), {"vote": seeded.vote_id})
    lines = exported(database, ExportTable.VOTES).splitlines(keepends=True)
    other = new_database()

    assert bring(other, lines, VoteFormat.ARENA).votes == 1
    (row,) = rows(other, ExportTable.VOTES)
    assert (row["verdict"], row["revisions"]) == ("tie", "0")
    assert bring(database, lines, VoteFormat.ARENA).already_there == 1


def test_an_export_merged_into_its_catalog_keeps_the_configurations(
    database: Database, new_database: DatabaseMaker
) -> None:
    seed_vote(database)
    lines = exported(database, ExportTable.VOTES).splitlines(keepends=True)
    other = new_database()
    seed_vote(other)

    report = bring(other, lines, VoteFormat.ARENA, merge_models=True)

    assert (report.votes, report.models) == (1, 0)
    board = rows(other, ExportTable.LEADERBOARD)
    assert [row["mixed_configurations"] for row in board] == ["false", "false"]
