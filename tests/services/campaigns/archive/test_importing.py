"""An archive read into a database gives the board of the database that it came from."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from arena.domain.board import BoardFilter
from arena.domain.campaign import ProtocolKind
from arena.services.board.details import detailed_board
from arena.services.board.rows import board_document
from arena.services.campaigns.archive.importing import ArchiveImports, ImportedArchive
from arena.services.campaigns.archive.reading import open_archive
from arena.services.campaigns.archive.refusals import BadArchive
from arena.services.campaigns.refusals import CampaignRefused
from arena.services.operations.verifying import Verification
from arena.storage.campaigns import campaign_names
from arena.storage.campaigns.archive.records import ArchivedBallot
from arena.storage.database import Database, RuleBroken
from tests.builders import seed_farm, seed_votes
from tests.fakes.archived_campaigns import archive_of
from tests.fakes.campaigns import NAME, CampaignDesk, HandClock, planned
from tests.fakes.changed_archives import forged, replacing
from tests.fakes.stored_campaigns import count

TABLES = (
    *("votes", "vote_rankings", "vote_reasons", "vote_scores", "vote_revisions"),
    *("revision_rankings", "revision_reasons", "revision_scores", "flags", "outcomes"),
    *("battles", "slots", "turns", "slot_replies", "assignments", "slot_counts"),
    *("campaign_prompts", "campaign_models", "campaign_replies", "check_replies"),
    *("campaign_members", "campaign_answers", "annotators", "models"),
)


def imported(database: Database, archive: Path) -> ImportedArchive:
    with open_archive(archive) as opened:
        return ArchiveImports(database, HandClock()).store(opened)


def board(database: Database, category: str | None = None) -> dict[str, Any]:
    board_filter = BoardFilter(campaign=NAME, category=category)
    return board_document(detailed_board(database, board_filter))


def without_names(document: dict[str, Any]) -> dict[str, Any]:
    return document | {"model_rates": [row | {"name": ""} for row in document["model_rates"]]}


def test_an_empty_database_gets_the_same_board_and_rows(
    desk: CampaignDesk, archive: Path, database: Database
) -> None:
    done = imported(database, archive)

    assert done == ImportedArchive(NAME, count(desk.database, "votes"), 4, new=True)
    assert board(database) == board(desk.database)
    assert {table: count(database, table) for table in TABLES} == {
        table: count(desk.database, table) for table in TABLES
    }
    taken = "SELECT prompt, models, taken FROM items ORDER BY prompt, models"
    assert _rows(database, taken) == _rows(desk.database, taken)


def test_the_ledgers_of_both_are_found_sound(
    desk: CampaignDesk, archive: Path, database: Database
) -> None:
    imported(database, archive)

    for ledger in (desk.database, database):
        assert list(Verification(ledger).faults()) == []
        entries = count(ledger, "votes") + count(ledger, "vote_revisions")
        assert count(ledger, "vote_chain") == entries > 0
    recounted = (
        "SELECT count(*) FROM"
        " (SELECT * FROM outcomes EXCEPT SELECT * FROM recounted_outcomes) AS counted"
    )
    assert _rows(database, recounted) == [(0,)]
    assert _rows(database, "SELECT state FROM campaigns") == [("closed",)]


def test_a_database_with_other_votes_gets_the_same_board(
    desk: CampaignDesk, archive: Path, database: Database
) -> None:
    seed_votes(database, models=("m2", "alpha"), wins=5, losses=3)
    seed_votes(database, models=("m0", "m1"), wins=1)

    imported(database, archive)

    # Configurations that are stored already keep their names.
    assert without_names(board(database)) == without_names(board(desk.database))
    one, other = (board(one, category="coding") for one in (database, desk.database))
    assert without_names(one) == without_names(other)


def test_votes_from_one_address_are_suspected_as_before(
    desk: CampaignDesk, tmp_path: Path, database: Database
) -> None:
    seed_farm(desk.database)
    with desk.database.writing() as connection:
        farmed = "INSERT INTO address_hours SELECT min(address_id), min(hour), "
        shared = f"{farmed} (SELECT min(annotator_id) FROM campaign_members), 9, min(first_at), "
        connection.execute(text(f"{shared} max(last_at) FROM address_hours"))

    imported(database, archive_of(desk, tmp_path / "farm.zip"))

    told = board(database)
    assert told == board(desk.database)
    assert told["one_address"]["votes"] > 0


def test_the_same_archive_again_changes_nothing(archive: Path, database: Database) -> None:
    imported(database, archive)
    before = {table: count(database, table) for table in (*TABLES, "campaign_events")}

    again = imported(database, archive)

    assert again == ImportedArchive(NAME, 0, 0, new=False)
    assert {table: count(database, table) for table in (*TABLES, "campaign_events")} == before


def test_another_campaign_of_the_same_name_is_never_touched(
    desk: CampaignDesk, archive: Path, database: Database
) -> None:
    CampaignDesk(database).campaigns.create(planned())

    for taken in (database, desk.database):
        before = count(taken, "battles")
        with pytest.raises(CampaignRefused, match="another campaign 'spring'"):
            imported(taken, archive)
        assert count(taken, "battles") == before


def test_an_archive_that_contradicts_itself_leaves_nothing(
    archive: Path, database: Database
) -> None:
    forged(archive, "ballots.jsonl", replacing('"state":"judged"', '"state":"expired"'))

    with pytest.raises(BadArchive, match=r"ballots\.jsonl:1: battle_state"):
        imported(database, archive)

    with database.reading() as connection:
        assert campaign_names(connection) == ()
    assert {count(database, table) for table in TABLES} == {0}


def test_a_changed_file_is_not_imported(archive: Path, database: Database) -> None:
    files = archive.read_bytes()
    archive.write_bytes(files.replace(b"README.md", b"README.mx"))

    with pytest.raises(BadArchive, match=r"README\.mx"):
        imported(database, archive)


def test_the_ledger_keeps_imported_votes_as_it_keeps_its_own(
    archive: Path, database: Database
) -> None:
    imported(database, archive)

    for statement in ("DELETE FROM votes", "UPDATE votes SET created_at = '2020-01-01'"):
        with pytest.raises(RuleBroken), database.writing() as connection:
            connection.execute(text(statement))


def test_an_imported_campaign_can_be_archived_again(
    kind: ProtocolKind, archive: Path, database: Database, tmp_path: Path
) -> None:
    imported(database, archive)

    again = archive_of(CampaignDesk(database), tmp_path / "again.zip")

    with open_archive(archive) as first, open_archive(again) as second:
        for name in ("prompts.jsonl", "items.jsonl", "leaderboard.json", "leaderboard.csv"):
            assert first.content(name) == second.content(name), name
        assert [one.vote for one in first.records("ballots.jsonl") if not _who(one)] == [
            one.vote for one in second.records("ballots.jsonl") if not _who(one)
        ]


def _who(ballot: ArchivedBallot) -> bool:
    return bool(ballot.vote and ballot.vote.revisions)


def _rows(database: Database, query: str) -> list[tuple[object, ...]]:
    with database.reading() as connection:
        return [tuple(row) for row in connection.execute(text(query))]
