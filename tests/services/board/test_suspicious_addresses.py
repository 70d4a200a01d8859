"""Boards and tables with and without votes that came from one address at an implausible rate."""

import csv
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest

from arena.domain.accounts import AccountRole, AnnotatorId, Caller
from arena.domain.board import BoardFilter
from arena.domain.conversation import ModelKey
from arena.domain.errors import NotAllowed
from arena.domain.verdict import Verdict
from arena.domain.visibility import Visibility
from arena.services.board.categories import board_categories
from arena.services.board.details import detailed_board
from arena.services.board.leaderboard import Leaderboards, board_of
from arena.services.board.quality import quality_of
from arena.services.board.reading import read_board
from arena.services.board.rows import board_document
from arena.services.board.suspicious_addresses import AddressHashes, suspects
from arena.services.exports.columns import ExportTable
from arena.services.exports.exports import Exports
from arena.services.exports.options import ExportOptions
from arena.services.pseudonyms import Pseudonyms
from arena.statistics.win_rate import Pair, State
from arena.storage.accounts import annotator_names
from arena.storage.boards import CastCount
from arena.storage.database import Database
from tests.builders import NOON, seed_farm, seed_vote

ALL, WITHOUT = BoardFilter(), BoardFilter(without_one_address=True)
ALPHA = ModelKey("alpha")


def people(database: Database, *, annotators: int = 12, prompts: int = 40) -> None:
    """No address is known of them: alpha wins four of five, from either side."""
    with database.writing() as connection:
        for annotator in range(annotators):
            for prompt in range(prompts):
                loses, exchanged = (annotator + prompt) % 5 == 0, (annotator + prompt) % 2 == 0
                seed_vote(
                    connection,
                    Verdict.B_BETTER if loses != exchanged else Verdict.A_BETTER,
                    models=("beta", "alpha") if exchanged else ("alpha", "beta"),
                    annotator=f"person-{annotator}",
                    prompts=(f"Prompt {prompt}",),
                    at=NOON + timedelta(minutes=prompt),
                )


@pytest.fixture(scope="module")
def mixed_file(migrated_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """8 people with 2 votes each and a farm of 70 accounts with 140, all for the other model."""
    path = tmp_path_factory.mktemp("mixed") / "arena.sqlite3"
    shutil.copy(migrated_file, path)
    database = Database(f"sqlite:///{path}")
    people(database, annotators=8, prompts=2)
    seed_farm(database, verdict=Verdict.B_BETTER)
    database.close()
    return path


@pytest.fixture
def mixed(mixed_file: Path, tmp_path: Path) -> Iterator[Database]:
    """Return a copy of its own for each test."""
    path = tmp_path / "mixed.sqlite3"
    shutil.copy(mixed_file, path)
    database = Database(f"sqlite:///{path}")
    yield database
    database.close()


def test_a_farm_is_suspected_whole_and_nobody_else(mixed: Database) -> None:
    with mixed.reading() as connection:
        names = annotator_names(connection, suspects(connection)).values()
    assert set(names) == {f"farm-{number}" for number in range(70)}


def test_people_behind_one_address_are_not_suspected(database: Database) -> None:
    """30 accounts, five votes each in an hour."""
    for minute in range(0, 50, 10):
        seed_farm(
            database,
            accounts=30 if minute == 0 else 0,
            votes=0,
            at=NOON + timedelta(minutes=minute),
        )
        for account in range(30):
            at = NOON + timedelta(minutes=minute, seconds=20 * account)
            seed_vote(database, annotator=f"farm-{account}", at=at)
    with database.reading() as connection:
        assert suspects(connection) == frozenset()
        assert board_of(connection, ALL).suspect_votes == CastCount()


def test_a_board_counts_them_unless_it_is_asked_not_to_and_says_how_many(mixed: Database) -> None:
    with mixed.reading() as connection:
        counted, without = board_of(connection, ALL), board_of(connection, WITHOUT)

    assert counted.suspect_votes == without.suspect_votes == CastCount(140, 140, 70)
    assert (counted.votes, counted.counts_suspects) == (156, True)
    assert (without.votes, without.counts_suspects) == (16, False)
    assert counted.filter == ALL
    assert without.filter == WITHOUT
    assert without.battles[ALPHA].battles == 16


def test_what_is_said_follows_the_other_filters(mixed: Database) -> None:
    seed_farm(mixed, name="flagged", address="b2", votes=0)
    for number in range(70):
        seed_vote(mixed, annotator=f"flagged-{number}", recognised=True, category="math")
    math = BoardFilter(category="math")
    with mixed.reading() as connection:
        assert board_of(connection, math).suspect_votes == CastCount()
        every = BoardFilter(category="math", include_flagged=True)
        assert board_of(connection, every).suspect_votes == CastCount(70, 70, 70)
        later = BoardFilter(since=NOON + timedelta(seconds=30))
        assert board_of(connection, later).suspect_votes.votes == 70


@pytest.mark.parametrize("chosen", [ALL, WITHOUT])
def test_every_way_to_read_a_board_counts_the_same(mixed: Database, chosen: BoardFilter) -> None:
    with mixed.reading() as connection:
        board = board_of(connection, chosen)
        read = read_board(connection, chosen)
        quality = quality_of(connection, chosen)
        categories = board_categories(connection, chosen)

    assert read.board == quality.board == categories.board == board
    assert len(read.comparisons) == quality.comparisons == board.comparisons
    assert quality.turnout.annotators == (8 if chosen == WITHOUT else 78)
    (only,) = categories.by_category.values()
    assert only.board.votes == board.votes


def test_rankings_of_several_models_are_left_out_too(database: Database) -> None:
    three = ("alpha", "beta", "gamma")
    seed_farm(database, votes=0)
    for number in range(70):
        seed_vote(database, None, models=three, ranks=(1, 2, 3), annotator=f"farm-{number}")
    seed_vote(database, None, models=three, ranks=(1, 2, 3))
    with database.reading() as connection:
        without = board_of(connection, WITHOUT)
    assert without.suspect_votes == CastCount(70, 210, 70)
    assert (without.votes, without.comparisons) == (1, 3)


def test_nothing_is_established_while_they_are_counted(database: Database) -> None:
    people(database)
    pair = Pair(ALPHA, ModelKey("beta"))
    before = detailed_board(database, ALL).rates
    assert before.pairs[pair].state is State.ESTABLISHED
    seed_farm(database)

    rates = detailed_board(database, ALL).rates
    with database.reading() as connection:
        categories = board_categories(connection, ALL).by_category[""]
        clean = board_categories(connection, WITHOUT).by_category[""]

    for of in (rates.pairs, rates.pooled, rates.mean_over_opponents, categories.rates):
        assert {rate.state for rate in of.values()} == {State.PRELIMINARY}
    assert rates.pairs[pair].interval is not None
    assert detailed_board(database, WITHOUT).rates == before
    assert clean.rates[ALPHA].state is State.ESTABLISHED


def test_the_document_says_what_was_counted_and_what_left_out(mixed: Database) -> None:
    counted = board_document(detailed_board(mixed, ALL))
    without = board_document(detailed_board(mixed, WITHOUT))

    said = {"votes": 140, "annotators": 70}
    assert counted["one_address"] == said | {"counted": True}
    assert without["one_address"] == said | {"counted": False}
    assert counted["excluded"]["one_address"] == 0
    assert without["excluded"]["one_address"] == 140


def test_every_table_can_be_exported_without_them(mixed: Database) -> None:
    exports = Exports(mixed, pseudonyms=Pseudonyms(b"key"))

    def rows(table: ExportTable, *, without: bool) -> list[dict[str, str]]:
        file = b"".join(exports.file(table, ExportOptions(names=True, without_one_address=without)))
        return list(csv.DictReader(StringIO(file.decode(), newline="")))

    for table in ExportTable:
        whole, part = rows(table, without=False), rows(table, without=True)
        assert not any("farm" in row.get("annotator", "") for row in part), table
        if table is ExportTable.LEADERBOARD:
            assert [row["battles"] for row in part] == ["16", "16"]
        elif table is ExportTable.PAIRS:
            assert [row["decisive"] for row in part] == ["16", "16"]
        else:
            few = {ExportTable.REPLIES: 280, ExportTable.ANNOTATORS: 70, ExportTable.SCORES: 0}
            lost = few.get(table, 140)
            assert len(whole) - len(part) == lost, table


def test_accounts_and_replies_of_no_vote_stay_in_their_tables(mixed: Database) -> None:
    seed_farm(mixed, accounts=1, votes=0, name="quiet", address="c3")
    exports = Exports(mixed, pseudonyms=Pseudonyms(b"key"))
    file = exports.file(ExportTable.ANNOTATORS, ExportOptions(names=True, without_one_address=True))
    assert b"quiet-0" in b"".join(file)


class TestVotesPerAddress:
    """Who takes care to vote slowly is found by how much an address casts in all."""

    @pytest.fixture
    def rooms(self, database: Database) -> Database:
        """One person without an address, and rooms of 2 and 5 people with 2 and 20 votes."""
        seed_vote(database, annotator="alone")
        seed_farm(database, accounts=2, votes=2, name="small", address="a1")
        seed_farm(database, accounts=5, votes=10, name="large", address="b2")
        later = NOON + timedelta(hours=5)
        for number in range(10):
            seed_vote(database, annotator=f"large-{number % 5}", at=later)
        return database

    @pytest.mark.parametrize(
        ("most", "votes"), [(1, 1), (2, 3), (10, 3), (19, 3), (20, 23), (1000, 23), (None, 23)]
    )
    def test_addresses_above_the_number_are_left_out_with_all_their_votes(
        self, rooms: Database, most: int | None, votes: int
    ) -> None:
        chosen = BoardFilter(votes_per_address=most)
        with rooms.reading() as connection:
            board = board_of(connection, chosen)
            read = read_board(connection, chosen)
            quality = quality_of(connection, chosen)
            categories = board_categories(connection, chosen)
        assert board.votes == votes
        assert read.board == quality.board == categories.board == board
        assert len(read.comparisons) == votes
        assert board.filter == chosen
        assert suspects_of(rooms) == frozenset()

    def test_both_filters_together_leave_out_what_either_does(self, mixed: Database) -> None:
        seed_farm(mixed, accounts=2, votes=4, name="small", address="c3")
        both = BoardFilter(without_one_address=True, votes_per_address=3)
        with mixed.reading() as connection:
            board = board_of(connection, both)
            slow = board_of(connection, BoardFilter(votes_per_address=3))
        assert board.votes == 16
        assert board.suspect_votes == CastCount(), "they are left out by the other filter too"
        assert slow.votes == 16

    def test_admins_alone_may_ask_for_it(self, rooms: Database) -> None:
        """The next number may differ by the votes of one person."""
        boards = Leaderboards(rooms, visibility=Visibility.PUBLIC)
        chosen = BoardFilter(votes_per_address=2)
        ada = Caller(AnnotatorId(1), "ada", AccountRole.ANNOTATOR)
        for caller in (None, ada):
            with pytest.raises(NotAllowed):
                boards.board(caller, chosen)
        assert boards.board(replace(ada, role=AccountRole.ADMIN), chosen).votes == 3


def suspects_of(database: Database) -> frozenset[AnnotatorId]:
    with database.reading() as connection:
        return suspects(connection)


def test_a_hash_tells_addresses_apart_and_needs_the_key() -> None:
    hashes = AddressHashes(b"key")
    assert hashes.of("192.0.2.1") == hashes.of("192.0.2.1") != hashes.of("192.0.2.2")
    assert hashes.of("192.0.2.1") != AddressHashes(b"other").of("192.0.2.1")
    assert "192" not in str(hashes.of("192.0.2.1"))
    assert hashes.of("") is None
